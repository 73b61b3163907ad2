/**
 * Medusa v2: cancels orders and order-transfer requests over the admin and store APIs. Measured on
 * 2.21.2 (November 2026).
 */
import { z } from 'zod'
import {
  type Aftermath,
  common,
  type Connection,
  type Context,
  defineAdapter,
  type CancelOperation,
  type Fact,
  isPositive,
  type Look,
  minus,
  type Obstacle,
  type Order,
  path,
  reasonText,
  sameText,
  secret,
  type Platform,
} from '../../src/adapter/index.ts'
import { funds, isCanceled, isFulfilled, mustTell, showsOpen, toOrder } from './map.ts'
import * as wire from './wire.ts'

const LAB = 'recorded on Medusa 2.21.2, 2026-11-21'
const DOCS = 'https://docs.medusajs.com/api/admin#orders_postordersidcancel'

export const Settings = z
  .strictObject({
    ...common,
    baseUrl: common.baseUrl.unwrap(),
    secretKey: secret().optional(),
    email: z.string().min(1).optional(),
    password: secret().optional(),
    publishableKey: z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    /**
     * The metadata key that keeps the reason; its code lies beside it under the same name with
     * `_code`.
     */
    reasonKey: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .default('cancel_reason'),
  })
  .refine(
    ({ secretKey, email, password }) => secretKey || (email && password),
    'needs secretKey, or email and password',
  )
export type Settings = z.infer<typeof Settings>

const readOrder = async (connection: Connection<Settings>, orderId: string) =>
  (
    await connection.send({
      method: 'GET',
      path: path`/admin/orders/${orderId}`,
      query: { fields: wire.ORDER_FIELDS },
      reply: wire.OrderReply,
      about: { orderId, ids: wire.idOf },
    })
  ).order

const readChanges = async (connection: Connection<Settings>, orderId: string) =>
  (
    await connection.send({
      method: 'GET',
      path: path`/admin/orders/${orderId}/changes`,
      reply: wire.ChangesReply,
      about: { orderId, ids: wire.idsOf },
    })
  ).order_changes

const isOpen = ({ status }: wire.Change) => status === 'pending' || status === 'requested'

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

/** What canceling will do to the payment, from where the money is now. */
const paymentAhead = (order: wire.Order, { paymentStatus }: Order): Fact => {
  const { kept, held } = funds(order)
  if (!kept || !held) return untoldAhead(paymentStatus)
  if (isPositive(kept))
    return {
      done: 'yes',
      basis: 'documented',
      amount: kept,
      detail: 'Medusa refunds what was captured.',
    }
  if (isPositive(held))
    return {
      done: 'yes',
      basis: 'documented',
      amount: held,
      detail: 'Medusa voids the authorization.',
    }
  return { done: 'no', basis: 'documented', detail: 'Nothing to refund or void.' }
}

/** Whether the payments tell all that is in them. */
const isSeen = (order: wire.Order): boolean => {
  const { kept, held } = funds(order)
  return kept !== null && held !== null
}

/** Where the payments do not tell what is in them, Medusa's word for the order does. */
const untoldAhead = (status: Order['paymentStatus']): Fact => {
  if (status === 'paid' || status === 'partially_paid' || status === 'partially_refunded')
    return {
      done: 'yes',
      basis: 'documented',
      detail: 'Medusa refunds what was captured; it does not tell how much that is.',
    }
  if (status === 'authorized')
    return {
      done: 'yes',
      basis: 'documented',
      detail: 'Medusa voids the authorization; it does not tell of how much.',
    }
  return {
    done: 'unknown',
    basis: 'none',
    detail:
      'Medusa does not tell the order’s payments. What was captured it refunds, and what was ' +
      'authorized it voids.',
  }
}

/** What canceling did to the payment: the order before it against the payments after it. */
const paymentBehind = ({ before, look }: Aftermath<Settings>): Fact => {
  const { kept, held, voided, refunded } = funds((look.raw as { order: wire.Order }).order)
  if (!kept || !held || !voided || !refunded) return untoldBehind(before, look.order)
  const returned = before.totals.refunded
    ? minus(refunded, before.totals.refunded)
    : NOTHING_BACK.includes(before.paymentStatus)
      ? refunded
      : null
  const left = isPositive(kept) ? kept : held
  if (look.done && isPositive(left)) {
    const partly = isPositive(returned) || isPositive(voided)
    return {
      done: partly ? 'partial' : 'failed',
      basis: 'confirmed',
      amount: left,
      detail:
        `The payment provider refused: ${left.amount} ${left.currency} ` +
        `${isPositive(kept) ? 'were not refunded' : 'are still held'}.`,
    }
  }
  if (returned && isPositive(returned))
    return { done: 'yes', basis: 'confirmed', amount: returned, detail: 'Refunded by Medusa.' }
  if (isPositive(voided) && before.paymentStatus !== 'voided')
    return {
      done: 'yes',
      basis: 'confirmed',
      amount: voided,
      detail: 'The authorization was voided by Medusa.',
    }
  if (!returned && isPositive(refunded))
    return {
      done: 'unknown',
      basis: 'none',
      detail:
        'Medusa did not tell beforehand what was refunded already, so how much went back with ' +
        'this cancel cannot be told.',
    }
  return { done: 'no', basis: 'confirmed' }
}

/** As long as an order is called one of these, nothing of it was refunded. */
const NOTHING_BACK: readonly Order['paymentStatus'][] = [
  'unpaid',
  'pending',
  'authorized',
  'partially_paid',
  'paid',
]

/**
 * `refunded` comes from what was refunded, unlike `canceled`; of how much it does not tell
 * (core-flows 2.21.2, order/utils/aggregate-status.js).
 */
const untoldBehind = (before: Order, { paymentStatus }: Order): Fact =>
  paymentStatus === 'refunded' && before.paymentStatus !== 'refunded'
    ? {
        done: 'yes',
        basis: 'reported',
        detail: 'Medusa calls the order refunded; it does not tell the amounts.',
      }
    : {
        done: 'unknown',
        basis: 'none',
        detail: 'Medusa does not tell the order’s payments, so what became of them cannot be told.',
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

const order: CancelOperation<Settings> = {
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

const transferObstacle = (
  changes: readonly wire.Change[],
  own: boolean,
  settings: Settings,
): Obstacle | null => {
  if (!changes.some((change) => change.change_type === 'transfer' && isOpen(change)))
    return { cause: 'nothing_pending', detail: 'No transfer request is pending for this order.' }
  if (own && !settings.publishableKey)
    return {
      cause: 'refused',
      detail: 'The store’s settings hold no publishableKey, which a customer’s request needs.',
    }
  // A secret key is no user: 400 "This customer is not allowed…" (recorded:
  // admin-transfer-cancel-secret-key).
  if (!own && !(settings.email && settings.password))
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
    const [found, changes] = [
      await readOrder(connection, orderId),
      await readChanges(connection, orderId),
    ]
    const asked = (memo as { change?: string } | null)?.change
    const left = changes.find(({ id }) => id === asked)
    // A canceled request leaves no trace (recorded: transfer-changes-after-cancel); an accepted or
    // declined one stays.
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
      order: toOrder(found, connection.settings.reasonKey),
      done,
      raw: { order: found, order_changes: changes },
      obstacle: settled ?? transferObstacle(changes, byCustomer, connection.settings),
      ...(open && { memo: { change: open.id } }),
    } satisfies Look
  },
  // Both tell the order and nothing of the transfer (recorded: transfer-cancel-200,
  // admin-transfer-cancel-jwt-200).
  cancel: ({ request: { orderId }, byCustomer }: Context<Settings>) => ({
    method: 'POST',
    path: byCustomer
      ? path`/store/orders/${orderId}/transfer/cancel`
      : path`/admin/orders/${orderId}/transfer/cancel`,
    as: byCustomer ? 'customer' : 'user',
    reply: wire.CancelReply,
    about: { orderId, ids: wire.idOf },
  }),
}

/** Medusa's tokens last a day (its default `jwtExpiresIn`). */
const TOKEN_LIFE_MS = 86_400_000

const login = (connection: Connection<Settings>) =>
  connection.token('user', async () => {
    const { email, password } = connection.settings
    const { token } = await connection.send({
      method: 'POST',
      path: path`/auth/user/emailpass`,
      body: { email, password },
      as: 'none',
      reply: wire.TokenReply,
    })
    return { token, expiresInMs: TOKEN_LIFE_MS }
  })

export const medusa = defineAdapter<Settings>({
  id: 'medusa',
  name: 'Medusa',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  async authorize(connection, as) {
    const { secretKey, publishableKey } = connection.settings
    if (as === 'customer')
      return {
        authorization: `Bearer ${connection.customerToken ?? ''}`,
        'x-publishable-api-key': publishableKey ?? '',
      }
    if (as === 'user' || !secretKey) return { authorization: `Bearer ${await login(connection)}` }
    return { authorization: `Basic ${btoa(`${secretKey}:`)}` }
  },
  capabilities: {
    order: { can: 'choose', source: `${DOCS}; ${LAB}` },
    reason: {
      can: 'choose',
      buyerVisible: 'no',
      note: 'Kept in the order’s metadata, written before the cancel; there is no field for it.',
      source: `${LAB}: metadata-set-before, metadata-set-after-cancel`,
    },
    notify: {
      can: 'never',
      note: 'Medusa emits an event and sends no mail by itself.',
      source: `${LAB}: no subscriber in @medusajs/medusa sends one`,
    },
    message: {
      can: 'never',
      note: 'There is no mail to carry it.',
      source: `${LAB}: no subscriber in @medusajs/medusa sends one`,
    },
    restock: {
      can: 'always',
      note: 'Medusa releases the order’s reservations.',
      source: `${LAB}: cancel-200-authorized`,
    },
    payment: {
      can: 'always',
      note: 'Medusa refunds what was captured and voids what was authorized.',
      source: `${LAB}: cancel-200-captured, cancel-200-authorized`,
    },
    transfer: {
      can: 'choose',
      note: 'By the customer’s token, or by an admin user’s login.',
      source: `${LAB}: transfer-cancel-200, admin-transfer-cancel-jwt-200`,
    },
  },
  repeat: { effect: 'refused', source: `${LAB}: cancel-400-already-canceled` },
  errors: [
    {
      status: 401,
      means: 'credentials',
      source: `${LAB}: auth-401-none; a dead database answers the same (outage-secret-key-401)`,
    },
    {
      status: 404,
      code: 'not_found',
      means: 'order_not_found',
      source: `${LAB}: cancel-404-unknown-id`,
    },
    {
      status: 400,
      message: /has been canceled/,
      means: 'already_canceled',
      source: `${LAB}: cancel-400-already-canceled`,
    },
    {
      status: 400,
      message: /Cannot cancel a completed order/,
      means: 'completed',
      source: `${LAB}: cancel-400-completed`,
    },
    {
      status: 400,
      message: /All fulfillments must be canceled/,
      means: 'fulfilled',
      source: `${LAB}: cancel-400-fulfilled`,
    },
    {
      status: 400,
      message: /already has an existing active order change/,
      means: 'open_change',
      source: `${LAB}: cancel-captured-with-edit-pending`,
    },
    {
      status: 400,
      message: /An active Order Change is required/,
      means: 'nothing_pending',
      source: `${LAB}: transfer-cancel-400-nothing-to-cancel`,
    },
    {
      status: 400,
      message: /not allowed to cancel the transfer/,
      means: 'refused',
      source: `${LAB}: transfer-cancel-400-other-customer`,
    },
    // Whoever loses a race is told no while the winner cancels.
    {
      status: 400,
      message: /refund amount greater than the refundable amount/,
      means: 'doubt',
      source: `${LAB}: concurrent-captured-1, -2`,
    },
    ...wire.ASKS_AGAIN,
  ],
  readError(body) {
    const error = wire.ErrorReply.safeParse(body)
    return { code: error.data?.type ?? null, message: error.data?.message ?? null }
  },
  pace: { perSecond: 10, burst: 20, source: 'self-hosted, no limit of its own; our default' },
  // The server goes on after the client has left, and a database outage held calls for 60 to 120 s
  // (outage-*).
  settleMs: 180_000,
  order,
  transfer,
  async find(connection, number) {
    const { ids, complete } = await wire.idsByNumber(connection, number)
    const found = await Promise.all(ids.map((id) => readOrder(connection, id)))
    return { orders: found.map((one) => toOrder(one, connection.settings.reasonKey)), complete }
  },
})

export default {
  adapter: medusa,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
