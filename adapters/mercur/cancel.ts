/** Cancels one seller's order: the reason before it, and what became of mail and payment. */
import {
  type Aftermath,
  type CancelRequest,
  type Connection,
  type CancelOperation,
  type Fact,
  type Facts,
  path,
  reasonText,
  sameText,
} from '../../src/adapter/index.ts'
import { accessOf, openAccess, type Settings } from './access.ts'
import { mustTell, showsOpen } from '../medusa/map.ts'
import { isCanceled, purseOf, toOrder } from './map.ts'
import {
  type Memo,
  obstacleOf,
  type OrderLook,
  paymentAhead,
  paymentBehind,
  type Sight,
  watch,
} from './payment.ts'
import { countOrders, readChanges, readOrder, seesChanges } from './purchase.ts'
import * as wire from './wire.ts'

const reasonKeys = ({ reasonKey }: Settings) => [reasonKey, `${reasonKey}_code`] as const

/**
 * Writing `""` takes a key away; keys that are not named stay. Mercur leaves Medusa's route alone.
 */
const writeMetadata = (
  connection: Connection<Settings>,
  orderId: string,
  metadata: Readonly<Record<string, unknown>>,
) =>
  connection.send({
    method: 'POST',
    path: path`/admin/orders/${orderId}`,
    query: { fields: 'id' },
    body: { metadata },
    as: 'admin',
    reply: wire.NoteReply,
    about: { orderId, ids: wire.idOf },
  })

const versionIn = (settings: Settings, memo: unknown) => {
  const version = settings.version ?? (memo as Memo | null)?.version
  if (!version) throw new Error('a cancel without a look before it')
  return version
}

const reasonFact = ({ request, look, settings }: Aftermath<Settings>): { reason?: Fact } => {
  const text = reasonText(request)
  if (text === null) return {}
  return {
    reason: sameText(look.order.reason, text)
      ? {
          done: 'yes',
          basis: 'confirmed',
          detail: `Kept in the order’s metadata as ${settings.reasonKey}.`,
        }
      : { done: 'failed', basis: 'confirmed', detail: 'The order’s metadata does not hold it.' },
  }
}

/**
 * Mercur 1's own resend package, where it is installed, mails buyer and seller on every cancel:
 * nobody can hold it back, or see it.
 */
const mailFact = (request: CancelRequest | null, version: string): Partial<Facts> => {
  if (request === null) return {}
  const impossible = { done: 'impossible', basis: 'documented' } as const
  if (version !== '1')
    return {
      notify: {
        ...impossible,
        detail: 'Mercur 2 sends no mail by itself, and cannot be asked for one.',
      },
    }
  const detail =
    'Mercur 1’s resend package, where it is installed, mails buyer and seller by itself.'
  return {
    notify:
      request.notify === true
        ? { ...impossible, detail: `No mail can be asked for. ${detail}` }
        : { done: 'unknown', basis: 'none', detail },
  }
}

export const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request, sent, memo }) {
    const { settings } = connection
    const access = await openAccess(connection)
    const past = memo as Memo | null
    const found = await readOrder(connection, access, orderId)
    const done = isCanceled(found.order)
    const asked = request !== null && !done && !found.foreign
    if (asked) mustTell(found.order)
    // A purchase never gains or loses an order.
    const orders = past ? past.orders : await countOrders(connection, access, orderId)
    const changes =
      asked && seesChanges(access) ? await readChanges(connection, access, orderId) : []
    const sight: Sight = { ...found, orders, changes }
    const purse = purseOf(found.order, access.version)
    const money = sent ? watch(past, purse) : undefined
    const note = Object.fromEntries(
      reasonKeys(settings).map((key) => [key, found.order.metadata?.[key] ?? '']),
    )
    return {
      order: toOrder(found.order, orders, access.version, settings.reasonKey),
      done,
      found: sight,
      raw: sight,
      obstacle: obstacleOf(sight, access, settings),
      expect: { payment: paymentAhead(sight, access), ...mailFact(request, access.version) },
      ...(money && { money }),
      memo: { version: access.version, orders, purse, note: past?.note ?? note } satisfies Memo,
    }
  },
  // The metadata is frozen once the order is canceled (Medusa 2.21.2, metadata-set-after-cancel),
  // so the reason goes first.
  async prepare(connection, { request, settings }) {
    const { reader } = await openAccess(connection)
    const [reason, code] = reasonKeys(settings)
    if (reader === 'admin')
      await writeMetadata(connection, request.orderId, {
        [reason]: reasonText(request) ?? '',
        ...(request.reasonCode && { [code]: request.reasonCode }),
      })
  },
  async undo(connection, { request, memo }) {
    const { reader } = await openAccess(connection)
    const note = (memo as Memo | null)?.note
    if (reader === 'admin' && note) await writeMetadata(connection, request.orderId, note)
  },
  cancel({ request: { orderId }, settings, memo }) {
    const { actor } = accessOf(settings, versionIn(settings, memo))
    return {
      method: 'POST',
      path:
        actor === 'admin'
          ? path`/admin/orders/${orderId}/cancel`
          : path`/vendor/orders/${orderId}/cancel`,
      as: actor,
      reply: wire.CancelReply,
      about: { orderId, ids: wire.idOf },
    }
  },
  says: (_, reply) => !showsOpen(wire.CancelReply.safeParse(reply).data?.order.status),
  facts(aftermath) {
    const { look, memo, settings, request } = aftermath
    if (memo === null) return {}
    const payment = paymentBehind(
      look.found,
      look.done,
      memo as Memo,
      aftermath.before.paymentStatus,
    )
    return {
      payment,
      ...mailFact(request, versionIn(settings, memo)),
      ...(accessOf(settings, versionIn(settings, memo)).reader === 'admin' &&
        reasonFact(aftermath)),
    }
  },
}
