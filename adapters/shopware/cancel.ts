/** How Shopware cancels an order: the look, and the one call. */
import {
  type Aftermath,
  type Call,
  CallFailure,
  type CancelOperation,
  type CancelRequest,
  type Connection,
  failureOf,
  type Look,
  type Obstacle,
  path,
  reasonText,
} from '../../src/adapter/index.ts'
import { isFrom, type Settings, versionOf } from './access.ts'
import { expected, type Found, paymentFact, reasonAhead, reasonOf, restockOf } from './effects.ts'
import { hasLeft, isCanceled, isCanceledState, toOrder } from './map.ts'
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

/**
 * It only describes: without the right to read it, or where its fields have other names (400), an
 * order is canceled all the same.
 */
const mayNot = (error: unknown): null => {
  const failure = error instanceof CallFailure ? error.failure : null
  if (failure?.code === 'platform-credentials' || failure?.result === '400') return null
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

/** Held to be harmless when it comes twice, and of a version that nobody has shown to be so. */
const isUnshown = (settings: Settings, version: string | null): boolean =>
  settings.version === '6.7' && !(isFrom(version, 6, 7) && isFrom(version, 6, 8) === false)

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
    // Nothing is sent again there; and a refusal by what the settings got wrong says nothing of a
    // call that went out before.
    ...(sent && isUnshown(settings, version) && { money: 'unseen' as const }),
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
