/** Cancels an order of Medusa's: what stands against it, the reason before it, and what it did. */
import {
  type Aftermath,
  type Connection,
  type CancelOperation,
  type Fact,
  type Obstacle,
  path,
  reasonText,
  sameText,
} from '../../src/adapter/index.ts'
import { isOpen, readChanges, readOrder, type Settings } from './access.ts'
import { isCanceled, isFulfilled, mustTell, showsOpen, toOrder } from './map.ts'
import { isSeen, type OrderLook, paymentAhead, paymentBehind } from './payment.ts'
import * as wire from './wire.ts'

const obstacle = (order: wire.Order, changes: readonly wire.Change[]): Obstacle | null => {
  if (order.status === 'completed')
    return {
      cause: 'completed',
      detail: 'The order is completed; Medusa asks for a return instead.',
    }
  if (isFulfilled(order))
    return {
      cause: 'fulfilled',
      detail:
        'The order has a fulfillment; Medusa cancels only once all fulfillments are canceled.',
    }
  // Medusa would void or refund the payment, then refuse (cancel-captured-with-edit-pending).
  if (changes.some(isOpen))
    return {
      cause: 'open_change',
      detail:
        'An order edit, return or transfer is open; Medusa would move the money and then ' +
        'refuse. Close it first.',
    }
  return null
}

const reasonKeys = ({ reasonKey }: Settings) => [reasonKey, `${reasonKey}_code`] as const

/**
 * Writing `""` takes a key away; keys that are not named stay (recorded: metadata-merge,
 * metadata-unset).
 */
const writeMetadata = (
  connection: Connection<Settings>,
  orderId: string,
  metadata: Record<string, unknown>,
) =>
  connection.send({
    method: 'POST',
    path: path`/admin/orders/${orderId}`,
    query: { fields: 'id' },
    body: { metadata },
    reply: wire.NoteReply,
    about: { orderId, ids: wire.idOf },
  })

export const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request, sent, memo }) {
    const found = await readOrder(connection, orderId)
    const done = isCanceled(found)
    const asked = request !== null && !done
    if (asked) mustTell(found)
    const changes = asked ? await readChanges(connection, orderId) : []
    const order = toOrder(found, connection.settings.reasonKey)
    return {
      order,
      done,
      obstacle: obstacle(found, changes),
      found,
      raw: { order: found },
      expect: { payment: paymentAhead(found, order) },
      ...(sent && !isSeen(found) && { money: 'unseen' as const }),
      // What was there before our first note, also where the request starts over.
      memo:
        memo ??
        Object.fromEntries(
          reasonKeys(connection.settings).map((key) => [key, found.metadata?.[key] ?? '']),
        ),
    }
  },
  // The metadata is frozen once the order is canceled (recorded: metadata-set-after-cancel), so the
  // reason goes first.
  async prepare(connection, { request, settings }) {
    const [reason, code] = reasonKeys(settings)
    await writeMetadata(connection, request.orderId, {
      [reason]: reasonText(request) ?? '',
      ...(request.reasonCode && { [code]: request.reasonCode }),
    })
  },
  async undo(connection, { request, memo }) {
    // `null` would take all of the metadata away (measured).
    if (reasonText(request) !== null && memo !== null)
      await writeMetadata(connection, request.orderId, memo as Record<string, unknown>)
  },
  cancel: ({ request: { orderId } }) => ({
    method: 'POST',
    path: path`/admin/orders/${orderId}/cancel`,
    reply: wire.CancelReply,
    about: { orderId, ids: wire.idOf },
  }),
  says: (_, reply) => !showsOpen(wire.CancelReply.safeParse(reply).data?.order.status),
  facts: (aftermath) => ({ payment: paymentBehind(aftermath), ...reasonFact(aftermath) }),
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
