/**
 * Mercur, a marketplace on Medusa: cancels one seller's order without touching the others' money
 * unseen. Measured on 1.5.3 and 2.1.5 (November 2026).
 */
import {
  type Aftermath,
  CallFailure,
  type CancelRequest,
  type Capabilities,
  type Connection,
  type Context,
  defineAdapter,
  type CancelOperation,
  type Fact,
  type Facts,
  type Obstacle,
  path,
  reasonText,
  sameText,
  type Platform,
} from '../../src/adapter/index.ts'
import { accessOf, authorize, openAccess, Settings } from './access.ts'
import { mustTell, showsOpen } from '../medusa/map.ts'
import { isCanceled, purseOf, toOrder } from './map.ts'
import {
  isOpen,
  type Memo,
  obstacleOf,
  paymentAhead,
  paymentBehind,
  type Sight,
  watch,
} from './payment.ts'
import { countOrders, purchaseOf, readChanges, readOrder, seesChanges } from './purchase.ts'
import * as wire from './wire.ts'

export { Settings }

const V1 = 'recorded on Mercur 1.5.3, 2026-11-21'
const V2 = 'recorded on Mercur 2.1.5, 2026-11-21'
const BOTH = 'recorded on Mercur 1.5.3 (v1-) and 2.1.5 (v2-), 2026-11-21'
const MEDUSA = 'recorded on Medusa 2.21.2, 2026-11-21'
const SOURCE = 'github.com/mercurjs/mercur'
const DOCS = 'https://docs.mercurjs.com/references/api/vendor/orders/cancel-order'

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
const mailFact = (request: CancelRequest | null, version: string): Partial<Facts> =>
  version !== '1' || request === null || request.notify === true
    ? {}
    : {
        notify: {
          done: 'unknown',
          basis: 'none',
          detail:
            'Mercur 1’s resend package, where it is installed, mails buyer and seller by itself.',
        },
      }

const order: CancelOperation<Settings> = {
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
      look.raw as Sight,
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

const transferObstacle = (
  found: wire.Order,
  changes: readonly wire.Change[],
  own: boolean,
  { publishableKey, admin }: Settings,
): Obstacle | null => {
  if (!changes.some((change) => change.change_type === 'transfer' && isOpen(change)))
    return { cause: 'nothing_pending', detail: 'No transfer request is pending for this order.' }
  // v1-transfer-cancel-after-vendor-cancel.
  if (isCanceled(found))
    return {
      cause: 'refused',
      detail: 'The order is canceled; its transfer request cannot be canceled any more.',
    }
  if (own && !publishableKey)
    return {
      cause: 'refused',
      detail: 'The store’s settings hold no publishableKey, which a customer’s request needs.',
    }
  // A key is no user: v1-admin-transfer-cancel-secret-key 400, v2-admin-transfer-cancel-secret-key
  // 403.
  if (!own && !admin?.email)
    return {
      cause: 'refused',
      detail:
        'Without the customer’s token this needs an admin user’s login in the store’s settings; ' +
        'a secret key cannot do it.',
    }
  return null
}

const transfer: CancelOperation<Settings> = {
  async look(connection, orderId, { sent, byCustomer, memo }) {
    const { settings } = connection
    const access = await openAccess(connection)
    const found = (await readOrder(connection, { ...access, actor: access.reader }, orderId)).order
    const changes = await readChanges(connection, access, orderId)
    const asked = (memo as { change?: string } | null)?.change
    const left = changes.find(({ id }) => id === asked)
    // A canceled request leaves no trace (observations of both: the row is deleted, its status
    // stays); an accepted one stays.
    const done = sent && asked !== undefined && left === undefined
    const settled =
      left && !isOpen(left)
        ? ({
            cause: 'nothing_pending',
            detail: `The transfer request is ${left.status ?? 'settled'}.`,
          } as const)
        : null
    const open = changes.find((change) => change.change_type === 'transfer' && isOpen(change))
    return {
      order: toOrder(found, null, access.version, settings.reasonKey),
      done,
      raw: { order: found, changes },
      obstacle: settled ?? transferObstacle(found, changes, byCustomer, settings),
      ...(open && { memo: { change: open.id } }),
    }
  },
  // Both tell the order and nothing of the transfer ({v1,v2}-transfer-cancel-success,
  // -admin-transfer-cancel-jwt).
  cancel: ({ request: { orderId }, byCustomer }: Context<Settings>) => ({
    method: 'POST',
    path: byCustomer
      ? path`/store/orders/${orderId}/transfer/cancel`
      : path`/admin/orders/${orderId}/transfer/cancel`,
    as: byCustomer ? 'customer' : 'admin',
    reply: wire.CancelReply,
    about: { orderId, ids: wire.idOf },
  }),
}

const noAdmin = () =>
  new CallFailure({
    kind: 'refused',
    code: 'unsupported',
    cause: null,
    detail: 'Only an admin login finds orders by number; the store has a vendor’s.',
    result: 'not sent',
    upstream: null,
    retryAfterMs: null,
  })

/** What a version or a missing login changes. */
const narrow = (settings: Settings): Partial<Capabilities> => {
  const { version } = settings
  return {
    ...(version === '2.3' && {
      payment: {
        can: 'unknown',
        note:
          'The payment is linked to the cart only, so a cancel should neither refund nor ' +
          'void. Never measured: refund apart.',
        source:
          `${SOURCE}@v2.3.1: ` +
          'packages/core/src/workflows/cart/workflows/complete-cart-with-split-orders.ts',
      } as const,
    }),
    ...(accessOf(settings, version ?? '2').reader === 'vendor' && {
      reason: {
        can: 'never',
        note: 'Only an admin may write an order’s metadata; the store has a vendor’s login alone.',
        source: `${SOURCE}@v1.5.3 and @v2.1.5: api/vendor/orders has no route that updates an order`,
      } as const,
    }),
  }
}

export const mercur = defineAdapter<Settings>({
  id: 'mercur',
  name: 'Mercur',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  authorize,
  narrow,
  capabilities: {
    order: {
      can: 'choose',
      note: 'On 1.x by the vendor, else by the admin; a purchase is canceled order by order.',
      source:
        `${BOTH}: v1-vendor-cancel-success, v1-admin-cancel-success, ` +
        'v2-admin-cancel-success, v2-vendor-cancel-success-one-seller',
    },
    reason: {
      can: 'choose',
      buyerVisible: 'no',
      note: 'Kept in the order’s metadata, written before the cancel; needs an admin login.',
      source:
        `${MEDUSA}: metadata-set-before, metadata-set-after-cancel; Mercur keeps that ` +
        `route (${SOURCE}@v1.5.3 and @v2.1.5)`,
    },
    notify: {
      can: 'never',
      note:
        'No way to ask for it, or to hold it back. Mercur 2 sends no mail by itself; Mercur ' +
        '1’s resend package, where it is installed, mails buyer and seller on every cancel.',
      source:
        `${SOURCE}@v2.1.5: no subscriber of order.canceled; @v1.5.3: ` +
        'packages/modules/resend/src/subscribers/notification-buyer-cancel-order.ts',
    },
    message: {
      can: 'never',
      note: 'No mail of ours to carry it.',
      source: `${SOURCE}@v1.5.3 and @v2.1.5: the cancel routes read no body`,
    },
    restock: {
      can: 'always',
      note: 'The order’s reservations are released.',
      source: `${BOTH}: v1-observations, v2-observations`,
    },
    payment: {
      can: 'always',
      note:
        '1.x by the vendor: refunds the order’s own part. Otherwise the payment of the ' +
        'whole purchase is refunded or voided. From 2.3 on (unmeasured): untouched.',
      source:
        `${BOTH}: v1-vendor-cancel-success, v1-admin-cancel-one-of-two, ` +
        'v2-admin-cancel-one-of-two, v2-vendor-cancel-captured-shared-payment',
    },
    transfer: {
      can: 'choose',
      note: 'By the customer’s token, or by an admin user’s login.',
      source: `${BOTH}: v1-, v2-transfer-cancel-success, v1-, v2-admin-transfer-cancel-jwt`,
    },
  },
  repeat: {
    effect: 'refused',
    source:
      `${BOTH}: v1-vendor-cancel-twice, v1-admin-cancel-one-of-two-third, ` +
      'v2-vendor-cancel-twice, v2-admin-cancel-one-of-two-retry',
  },
  errors: [
    { status: 401, means: 'credentials', source: `${BOTH}: v1-, v2-admin-cancel-no-token` },
    {
      status: 403,
      code: 'forbidden',
      means: 'credentials',
      source: `${V2}: v2-admin-cancel-secret-key-rbac`,
    },
    {
      status: 403,
      message: /not allowed to perform this action/,
      means: 'order_not_found',
      source: `${V1}: v1-vendor-cancel-other-seller, v1-vendor-cancel-unknown-order`,
    },
    {
      status: 404,
      code: 'not_found',
      means: 'order_not_found',
      source: `${BOTH}: v1-, v2-admin-cancel-unknown-order, v2-vendor-cancel-unknown-order`,
    },
    {
      status: 400,
      message: /x-seller-id header is required|not a member of this seller account/,
      means: 'credentials',
      source: `${V2}: v2-vendor-cancel-no-seller-header, v2-vendor-cancel-foreign-seller-header`,
    },
    {
      status: 400,
      message: /publishable (API )?key/i,
      means: 'credentials',
      source: `${BOTH}: v1-, v2-transfer-cancel-no-publishable-key, -bad-publishable-key`,
    },
    {
      status: 400,
      message: /has been canceled/,
      means: 'already_canceled',
      source: `${BOTH}: v1-vendor-cancel-twice, v2-vendor-cancel-twice`,
    },
    {
      status: 400,
      message: /Cannot cancel a completed order/,
      means: 'completed',
      source: `${MEDUSA}: cancel-400-completed (Mercur 2.2 and later stand on such a Medusa)`,
    },
    {
      status: 400,
      message: /All fulfillments must be canceled/,
      means: 'fulfilled',
      source:
        `${BOTH}: v1-, v2-vendor-cancel-with-fulfillment, v1-, ` +
        'v2-admin-cancel-with-fulfillment',
    },
    {
      status: 400,
      message: /already has an existing active order change/,
      means: 'open_change',
      source: `${BOTH}: v1-, v2-admin-cancel-order-while-transfer-pending`,
    },
    {
      status: 400,
      message: /Invalid refund amount/,
      means: 'payment_pending',
      source: `${V1}: v1-vendor-cancel-split-payment-not-captured`,
    },
    {
      status: 400,
      message: /refund amount greater than the refundable amount/,
      means: 'shared_payment',
      source: `${V1}: v1-vendor-cancel-after-admin-cancelled-sibling`,
    },
    {
      status: 400,
      message: /An active Order Change is required/,
      means: 'nothing_pending',
      source: `${BOTH}: v1-, v2-transfer-cancel-never-requested, -twice`,
    },
    {
      status: 400,
      message: /not allowed to cancel the transfer/,
      means: 'refused',
      source: `${BOTH}: v1-, v2-transfer-cancel-order-owner`,
    },
    ...wire.ASKS_AGAIN,
    {
      status: 500,
      means: 'doubt',
      source:
        `${BOTH}: v1-admin-cancel-one-of-two, v2-vendor-cancel-captured-shared-payment: ` +
        'the whole purchase was refunded',
    },
  ],
  readError(body) {
    const error = wire.ErrorReply.safeParse(body)
    return { code: error.data?.type ?? null, message: error.data?.message ?? null }
  },
  pace: { perSecond: 10, burst: 20, source: 'self-hosted, no limit of its own; our default' },
  // Medusa's, on which Mercur stands: it goes on after the client has left, and a database outage
  // held calls for 60 to 120 s (Medusa 2.21.2, outage-*).
  settleMs: 180_000,
  lockKey: purchaseOf,
  order,
  transfer,
  async find(connection, number) {
    if ((await openAccess(connection)).reader === 'vendor') throw noAdmin()
    const { ids, complete } = await wire.idsByNumber(connection, number, 'admin')
    return {
      orders: await Promise.all(
        ids.map(
          async (id) =>
            (
              await order.look(connection, id, {
                request: null,
                sent: false,
                byCustomer: false,
                memo: null,
              })
            ).order,
        ),
      ),
      complete,
    }
  },
})

export default {
  adapter: mercur,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
