/** How Shopware cancels an order: the look, the one call, and what is told of its effects. */
import {
  type Aftermath,
  type Call,
  CallFailure,
  type CancelOperation,
  type CancelRequest,
  type Connection,
  type Fact,
  type Facts,
  failureOf,
  type Look,
  type Obstacle,
  type Order,
  path,
  type PaymentStatus,
  reasonText,
  sameText,
} from '../../src/adapter/index.ts'
import { isFrom, type Settings, versionOf } from './access.ts'
import { NO_COMMENT, RESTOCK_NOTE } from './capabilities.ts'
import { hasLeft, isCanceled, isCanceledState, paymentOf, toOrder } from './map.ts'
import * as wire from './wire.ts'

/** From 6.6 on, what is not named here comes as null. */
export const ASSOCIATIONS = {
  stateMachineState: {},
  currency: {},
  orderCustomer: {},
  lineItems: {},
  deliveries: { associations: { stateMachineState: {} } },
  transactions: { associations: { stateMachineState: {}, paymentMethod: {} } },
}

interface Found {
  /** What the shop says it runs; null: nothing that can be read. */
  readonly version: string | null
  /** What its history tells of the cancel, the newest first; null: nothing. */
  readonly cancels: readonly wire.Change[] | null
  /** Whether goods have left the house. */
  readonly hasLeft: boolean
}
interface OrderLook extends Look {
  readonly found: Found
}

const readOrder = async (
  connection: Connection<Settings>,
  orderId: string,
): Promise<wire.Order> => {
  const { data } = await connection.send({
    method: 'POST',
    path: path`/api/search/order`,
    body: { ids: [orderId], limit: 1, associations: ASSOCIATIONS },
    reply: wire.OrdersReply,
    about: { orderId, ids: (reply) => reply.data.map(({ id }) => id) },
  })
  const [order] = data
  if (!order) throw failureOf('order_not_found', '200 no order')
  return order
}

const MOST_CHANGES = 10

/** It only describes: without the right to read it, an order is canceled all the same. */
const mayNot = (error: unknown): null => {
  if (error instanceof CallFailure && error.failure.code === 'platform-credentials') return null
  throw error
}

/** The changes that led to canceled and were not taken back, the newest first. */
const readCancels = async (
  connection: Connection<Settings>,
  orderId: string,
): Promise<readonly wire.Change[]> => {
  const { data } = await connection.send({
    method: 'POST',
    path: path`/api/search/state-machine-history`,
    body: {
      limit: MOST_CHANGES,
      filter: [
        { type: 'equals', field: 'referencedId', value: orderId },
        { type: 'equals', field: 'referencedVersionId', value: wire.LIVE },
        { type: 'equals', field: 'entityName', value: 'order' },
      ],
      sort: [{ field: 'createdAt', order: 'DESC' }],
      associations: { toStateMachineState: {} },
    },
    reply: wire.HistoryReply,
    about: { orderId, ids: (reply) => reply.data.map(({ referencedId }) => referencedId) },
  })
  const other = data.findIndex(({ toStateMachineState }) => !isCanceledState(toStateMachineState))
  return other < 0 ? data : data.slice(0, other)
}

const WRONG_VERSION =
  'The store’s settings say that the shop runs 6.7, and the shop says that it is older: there a ' +
  'second cancel does harm. Nothing is sent until the settings are right.'

/** Said to be 6.7, where a second cancel is harmless, and not so. */
const isMistaken = (settings: Settings, version: string | null): boolean =>
  settings.version === '6.7' && isFrom(version, 6, 7) === false

const obstacle = (
  settings: Settings,
  { stateMachineState }: wire.Order,
  version: string | null,
): Obstacle | null => {
  if (isMistaken(settings, version)) return { cause: 'refused', detail: WRONG_VERSION }
  // Until then every state could be canceled.
  if (stateMachineState.technicalName === 'completed' && isFrom(version, 6, 7))
    return {
      cause: 'completed',
      detail: 'The order is completed; it would have to be opened again first.',
    }
  return null
}

const unknown = (detail: string): Fact => ({ done: 'unknown', basis: 'none', detail })

const CANCELABLE = ['open', 'in_progress']

const orderAhead = (order: wire.Order, { version, hasLeft: left }: Found): Fact | null => {
  const { technicalName } = order.stateMachineState
  if (isCanceled(order)) return null
  if (!CANCELABLE.includes(technicalName) && isFrom(version, 6, 7) !== false)
    return unknown(
      `Whether this shop cancels an order in the state ${technicalName} is for its own rules to say.`,
    )
  return left
    ? {
        done: 'yes',
        basis: 'documented',
        detail: 'Goods of it have left the house, which Shopware does not look at.',
      }
    : null
}

const LEFT = ' So are pieces that have left the house.'
/** Up to 6.5 what can be sold is worked out anew, and the stock is not touched. */
const OLDER =
  'What can be sold is worked out anew; the number in stock stays, but for shops that took the ' +
  'newer handling early.'

const restockAhead = ({ version, hasLeft: left }: Found): Fact => ({
  done: 'yes',
  basis: 'documented',
  detail: isFrom(version, 6, 6) === false ? OLDER : RESTOCK_NOTE + (left ? LEFT : ''),
})

/** Here an extension that hears of the cancel would have money to move. */
const HELD: readonly PaymentStatus[] = [
  'pending',
  'authorized',
  'partially_paid',
  'paid',
  'unknown',
]
/** Shopware's own ways to pay: by invoice, in advance, in cash. They move nothing. */
const OWN_HANDLER = 'Shopware\\Core\\'

const paymentAhead = (order: wire.Order, { paymentStatus }: Order): Fact | null => {
  const handler = paymentOf(order)?.paymentMethod?.handlerIdentifier
  if (!HELD.includes(paymentStatus) || handler?.startsWith(OWN_HANDLER)) return null
  return unknown(
    'It is paid through an extension, which may void or refund the payment once the order is ' +
      'canceled; Shopware itself does neither.',
  )
}

/** From 6.7.10 on there is one for certain; in which release it came, nobody has shown. */
const keepsComment = (version: string | null): boolean | null =>
  isFrom(version, 6, 7, 10) ? true : isFrom(version, 6, 7) === false ? false : null

/** Where PHP’s strip_tags sees a tag: what is behind it is left out. */
const TAG = /<\S/

const reasonAhead = (request: CancelRequest, version: string | null): Fact | null => {
  const text = reasonText(request)
  if (text === null) return null
  const keeps = keepsComment(version)
  if (keeps === false) return { done: 'impossible', basis: 'documented', detail: NO_COMMENT }
  if (keeps === null) return unknown('Not every version of 6.7 keeps a comment of a cancel.')
  return TAG.test(text)
    ? { done: 'partial', basis: 'documented', detail: 'What looks like HTML in it is left out.' }
    : null
}

const expected = (
  order: wire.Order,
  canonical: Order,
  found: Found,
  request: CancelRequest | null,
): Partial<Facts> => {
  const canceling = orderAhead(order, found)
  const payment = paymentAhead(order, canonical)
  const reason = request && reasonAhead(request, found.version)
  return {
    restock: restockAhead(found),
    ...(canceling && { order: canceling }),
    ...(payment && { payment }),
    ...(reason && { reason }),
  }
}

/** Whether a text is another one without some of its letters. */
const isPartOf = (part: string, whole: string): boolean => {
  let at = 0
  for (const letter of part) {
    at = whole.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}

/** What the history tells of the reason; null: nothing that can be believed. */
const reasonOf = (text: string, { version, cancels }: Found): Fact | null => {
  if (!cancels?.length) return cancels ? unknown('Its history tells of no cancel.') : null
  const comments = cancels.flatMap(({ internalComment }) => internalComment ?? [])
  if (comments.some((one) => sameText(one, text)))
    return {
      done: 'yes',
      basis: 'confirmed',
      detail: 'Kept as the internal comment of the change of state.',
    }
  const rest = TAG.test(text) ? comments.find((one) => isPartOf(one.trim(), text)) : undefined
  if (rest !== undefined)
    return {
      done: 'partial',
      basis: 'confirmed',
      detail: `What looks like HTML was left out; “${rest}” is kept.`,
    }
  return comments.length === 0 && !keepsComment(version)
    ? { done: 'impossible', basis: 'confirmed', detail: NO_COMMENT }
    : { done: 'failed', basis: 'confirmed', detail: 'No cancel in its history has this reason.' }
}

const restockOf = (found: Found): Fact =>
  found.cancels && found.cancels.length > 1
    ? {
        done: 'unknown',
        basis: 'reported',
        detail:
          `Its history tells of ${found.cancels.length} cancels, one after the other. A further one may ` +
          'have put the goods back once more, or taken them out again: look at the stock.',
      }
    : restockAhead(found)

const KEPT = 'Shopware left the payment as it was; an extension may still act on it.'
const BY_AN_EXTENSION = 'An extension for payments did so; Shopware itself does not.'

/** What became of the money, by the payment that counts before and after. */
const paymentFact = (before: Order, { paymentStatus, totals, native }: Order): Fact => {
  if (paymentStatus === before.paymentStatus && paymentStatus !== 'unknown')
    return { done: 'no', basis: 'confirmed', detail: KEPT }
  const told = (done: Fact['done'], amount: Order['totals']['total'] = null): Fact => ({
    done,
    basis: 'confirmed',
    detail: BY_AN_EXTENSION,
    ...(amount && { amount }),
  })
  if (paymentStatus === 'refunded') return told('yes', totals.refunded)
  if (paymentStatus === 'partially_refunded') return told('partial')
  if (paymentStatus === 'voided' && before.paymentStatus === 'authorized')
    return told('yes', before.totals.total)
  if (paymentStatus === 'voided' && before.paymentStatus === 'unpaid') return told('no')
  return unknown(`Shopware has the payment as ${native.paymentStatus ?? 'nothing'}: look at it.`)
}

const lookAt = (
  settings: Settings,
  order: wire.Order,
  { version, cancels }: Pick<Found, 'version' | 'cancels'>,
  { request, sent }: { readonly request: CancelRequest | null; readonly sent: boolean },
): OrderLook => {
  const canonical = toOrder(order, cancels)
  const done = isCanceled(order)
  const found: Found = { version, cancels, hasLeft: hasLeft(order) }
  return {
    order: canonical,
    done,
    obstacle: done ? null : obstacle(settings, order, version),
    expect: expected(order, canonical, found, request),
    // A refusal by what the settings got wrong says nothing of a call that went out before.
    ...(sent && isMistaken(settings, version) && { money: 'unseen' as const }),
    found,
    raw: order,
  }
}

export const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, view) {
    const found = await readOrder(connection, orderId)
    const version = await versionOf(connection)
    // Before 6.6 the history names its order in another way.
    const isTold = isCanceled(found) && isFrom(version, 6, 6)
    const cancels = isTold ? await readCancels(connection, orderId).catch(mayNot) : null
    return lookAt(connection.settings, found, { version, cancels }, view)
  },
  cancel({ request }) {
    const text = reasonText(request)
    return {
      method: 'POST',
      path: path`/api/_action/order/${request.orderId}/state/cancel`,
      // Whatever is not `false` itself sends the mail, and so does leaving it out.
      body: {
        sendMail: request.notify ?? false,
        documentIds: [],
        mediaIds: [],
        ...(text !== null && { internalComment: text }),
      },
      reply: wire.State,
    } satisfies Call<wire.State> as Call<unknown>
  },
  // It tells the state that the order has now, and nothing of the order.
  says: (_, reply) => isCanceledState(reply as wire.State),
  facts({ request, before, look }: Aftermath<Settings, OrderLook>) {
    const payment = paymentFact(before, look.order)
    if (!look.done) return { payment }
    const text = reasonText(request)
    const told = text === null ? null : reasonOf(text, look.found)
    const reason = told ?? reasonAhead(request, look.found.version)
    return { payment, restock: restockOf(look.found), ...(reason && { reason }) }
  },
}
