/**
 * commercetools: cancels orders over the HTTP API, each bound to the version that was looked at.
 * From its documentation and types, and an imitation that is not ours; no live project was at hand.
 */
import {
  type Call,
  CallFailure,
  type CancelOperation,
  type CancelRequest,
  type Connection,
  defineAdapter,
  type Fact,
  type Facts,
  isPositive,
  type Look,
  minus,
  type Order,
  path,
  type Platform,
  reasonText,
  sameText,
} from '../../src/adapter/index.ts'
import { apiBase, authorize, expand, Settings } from './access.ts'
import { capabilities, KEPT, narrow, NO_MONEY } from './capabilities.ts'
import { errors, readError } from './errors.ts'
import {
  CANCELED,
  isCanceled,
  type Keeping,
  keepingOf,
  obstacle,
  reasonIn,
  toOrder,
} from './map.ts'
import { notices } from './notices.ts'
import { ERRORS, MOCK, ORDERS, TYPES } from './sources.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

export { Settings }

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
/** Words of the imitation's orders; what is an address of its own beside the orders is no id. */
const WORD = /^(?!(?:edits|import|quotes|search)$)[a-z]+(?:[-_][a-z\d]+)*$/

/** `order-number=…` in the place of an id is a number there, and could be another order. */
const canonicalId = (orderId: string): string | null =>
  UUID.test(orderId) ? orderId.toLowerCase() : WORD.test(orderId) ? orderId : null

/** What a cancel is bound to, and how it can carry a reason. */
interface Found {
  readonly version: number
  readonly keeping: Keeping
}
interface OrderLook extends Look {
  readonly found: Found & { readonly reason: string | null }
}

const NO_PLACE: Fact = {
  done: 'impossible',
  basis: 'documented',
  detail:
    'The order’s custom type does not show the field for the reason; another type would wipe its ' +
    'fields.',
}

const EXPORTED: Fact = {
  done: 'yes',
  basis: 'documented',
  detail: 'It was handed to another system (syncInfo), which a cancel here does not tell.',
}

/** The text that the settings let an order keep; null: there is none, or no field for any. */
const textOf = ({ reasonField }: Settings, request: CancelRequest | null): string | null =>
  request === null || reasonField === undefined ? null : reasonText(request)

const ahead = (
  { syncInfo }: wire.Order,
  keeping: Keeping,
  text: string | null,
): Partial<Facts> => ({
  ...((syncInfo ?? []).length > 0 && { order: EXPORTED }),
  ...(text !== null && keeping === null && { reason: NO_PLACE }),
})

const toLook = (
  order: wire.Order,
  settings: Settings,
  request: CancelRequest | null,
): OrderLook => {
  const done = isCanceled(order, settings)
  const keeping = keepingOf(order, settings)
  return {
    order: toOrder(order, settings),
    done,
    obstacle: done ? null : obstacle(order, settings),
    expect: ahead(order, keeping, textOf(settings, request)),
    found: { version: order.version, keeping, reason: reasonIn(order, settings) },
    raw: order,
  }
}

/** One order: what is asked about, and whose order the reply tells. */
const ofOrder = (settings: Settings, orderId: string) => ({
  path: path`/${settings.projectKey}/orders/${orderId}`,
  query: { expand: expand(settings) },
  reply: wire.Order,
  about: { orderId, ids: ({ id }: wire.Order) => [id] },
})

/** What keeps the reason; no action where there is none, or no place. */
const keep = ({ reasonField = '', reasonType }: Settings, keeping: Keeping, text: string) => {
  if (keeping === 'field') return [{ action: 'setCustomField', name: reasonField, value: text }]
  const type = { typeId: 'type', key: reasonType }
  return keeping === 'type'
    ? [{ action: 'setCustomType', type, fields: { [reasonField]: text } }]
    : []
}

/** All are done, or none (recorded: cancel-reason-without-type). */
const actions = (settings: Settings, keeping: Keeping, text: string | null): readonly object[] => [
  ...(text === null ? [] : keep(settings, keeping, text)),
  { action: 'changeOrderState', orderState: CANCELED },
  ...(settings.cancelState === undefined
    ? []
    : [{ action: 'transitionState', state: { typeId: 'state', key: settings.cancelState } }]),
]

const reasonFact = (
  { found }: Pick<OrderLook, 'found'>,
  text: string,
  basis: Fact['basis'],
): Fact => {
  if (sameText(found.reason, text)) return { done: 'yes', basis, detail: KEPT }
  return found.keeping === null
    ? NO_PLACE
    : { done: 'failed', basis, detail: 'The order does not show it.' }
}

/** Code of the merchant may give money back once the state is another; null: nothing is known. */
const paymentFact = (before: Order, now: Order, basis: Fact['basis']): Fact | null => {
  const { paid, refunded } = now.totals
  const back = minus(refunded, before.totals.refunded)
  if (back && isPositive(back))
    return {
      done: 'yes',
      basis,
      amount: back,
      detail: 'Refunded meanwhile, and not by commercetools itself.',
    }
  const left = minus(paid, refunded)
  if (!left || !isPositive(left)) return null
  return { done: 'no', basis, detail: `${left.amount} ${left.currency} stay paid. ${NO_MONEY}` }
}

const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request }) {
    const { settings } = connection
    const found = await connection.send({ method: 'GET', ...ofOrder(settings, orderId) })
    return toLook(found, settings, request)
  },
  cancel({ settings, request, found }) {
    const { version, keeping } = found as Found
    return {
      method: 'POST',
      ...ofOrder(settings, request.orderId),
      // Another version: ConcurrentModification, and nothing is done (recorded:
      // cancel-wrong-version).
      body: { version, actions: actions(settings, keeping, textOf(settings, request)) },
    } satisfies Call<wire.Order> as Call<unknown>
  },
  // The reply is the order as it is now: proof, if it says so.
  read({ settings, request }, reply) {
    const look = toLook(reply as wire.Order, settings, request)
    return look.done ? look : null
  },
  says: ({ settings }, reply) => isCanceled(reply as wire.Order, settings),
  facts({ settings, request, before, reply, look }) {
    const basis = reply === null ? 'confirmed' : 'reported'
    const text = textOf(settings, request)
    const payment = paymentFact(before, look.order, basis)
    return {
      ...(text !== null && { reason: reasonFact(look, text, basis) }),
      ...(payment && { payment }),
    }
  },
}

/** By the number, which one order has and keeps (`orderNumber` in the types). */
const find = async (connection: Connection<Settings>, number: string) => {
  const { settings } = connection
  try {
    const found = await connection.send({
      method: 'GET',
      path: path`/${settings.projectKey}/orders/order-number=${number}`,
      query: { expand: expand(settings) },
      reply: wire.Order,
    })
    const isIt = sameText(found.orderNumber, number)
    return { orders: isIt ? [toOrder(found, settings)] : [], complete: isIt }
  } catch (error) {
    if (!(error instanceof CallFailure) || error.failure.code !== 'order-not-found') throw error
    return { orders: [], complete: true }
  }
}

export const commercetools = defineAdapter<Settings>({
  id: 'commercetools',
  name: 'commercetools',
  docs: `${ORDERS}#change-orderstate`,
  settings: Settings,
  baseUrl: apiBase,
  merchant: ({ projectKey }) => projectKey,
  canonicalId,
  authorize,
  capabilities,
  narrow,
  repeat: {
    effect: 'harmless',
    source:
      `${TYPES}: OrderUpdate.version, a second one meets another version and does nothing; ` +
      `${MOCK}: cancel-again-stale-version, cancel-again-current-version: it changes nothing, ` +
      'not even the version',
  },
  errors,
  readError,
  pace: {
    perSecond: 10,
    burst: 5,
    source: `${ERRORS}: 502 and 503 ask to back off, no limit of requests is named; our default`,
  },
  // A request lasts a minute at most (docs.commercetools.com/api/error-handling).
  settleMs: 60_000,
  order,
  find,
  notices,
  sweep,
  mayReopen,
})

export default {
  adapter: commercetools,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
