/** Cancels an order of Adobe Commerce: what a look shows, the cancel, and the comments after it. */
import {
  type Aftermath,
  CallFailure,
  type CancelOperation,
  type Connection,
  type Fact,
  type Facts,
  type Look,
  path,
  reasonText,
  sameText,
} from '../../src/adapter/index.ts'
import { inStore, type Settings } from './access.ts'
import { factsOf, halfCanceled, KEPT, MAILED, obstacle } from './effects.ts'
import { canceledOf, heldOf, isCanceled, toOrder } from './map.ts'
import * as wire from './wire.ts'

/** How much of the order was canceled before any cancel of ours. */
interface Memo {
  readonly canceled: number
}
interface OrderLook extends Look {
  readonly found: wire.Order
  readonly memo: Memo
}

const readOrder = (connection: Connection<Settings>, orderId: string): Promise<wire.Order> =>
  connection.send({
    method: 'GET',
    path: inStore(connection.settings, path`/V1/orders/${orderId}`),
    reply: wire.Order,
    about: { orderId, ids: ({ entity_id: id }) => [id] },
  })

/** A comment, and whether the buyer gets it as a mail. */
interface Comment {
  readonly text: string
  readonly isMailed: boolean
}

const isWritten = ({ status_histories: comments }: wire.Order, { text, isMailed }: Comment) =>
  comments?.some(
    ({ comment, is_customer_notified: notified }) =>
      sameText(comment, text) && (!isMailed || notified === true),
  ) ?? false

/** Without the order's own status a comment sets it to another, or to none (magento2#34180). */
const write = async (
  connection: Connection<Settings>,
  order: wire.Order,
  { text, isMailed }: Comment,
): Promise<void> => {
  const statusHistory = {
    comment: text,
    status: order.status,
    is_customer_notified: isMailed ? 1 : 0,
    is_visible_on_front: 0,
    parent_id: Number.isNaN(Number(order.entity_id)) ? order.entity_id : Number(order.entity_id),
  }
  await connection.send({
    method: 'POST',
    path: inStore(connection.settings, path`/V1/orders/${order.entity_id}/comments`),
    body: { statusHistory },
    reply: wire.CommentReply,
  })
}

/** What a comment came to: one that an earlier try wrote is not written, nor mailed, again. */
const comment = async (
  connection: Connection<Settings>,
  order: wire.Order,
  one: Comment,
): Promise<Fact> => {
  const told = one.isMailed ? MAILED : KEPT
  if (isWritten(order, one)) return { ...told, basis: 'confirmed' }
  if (!order.status)
    return {
      done: 'failed',
      basis: 'confirmed',
      detail: 'Not written: the order tells no status, and a comment without one takes it away.',
    }
  try {
    await write(connection, order, one)
    return { ...told, basis: 'reported' }
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    const { kind, result } = error.failure
    return {
      done: kind === 'doubt' ? 'unknown' : 'failed',
      basis: 'reported',
      detail: `The order is canceled, but writing the comment ended with: ${result}.`,
    }
  }
}

/** The reason for the staff; the message for the buyer, by mail. */
const comments = async (
  connection: Connection<Settings>,
  { request, look: { found } }: Aftermath<Settings, OrderLook>,
): Promise<Partial<Facts>> => {
  const reason = reasonText(request)
  const kept = reason === null ? null : { text: reason, isMailed: false }
  const mailed = request.message === null ? null : { text: request.message, isMailed: true }
  const reasonFact = kept && (await comment(connection, found, kept))
  const mailFact = mailed && (await comment(connection, found, mailed))
  return {
    ...(reasonFact && { reason: reasonFact }),
    ...(mailFact && { message: mailFact, notify: mailFact }),
  }
}

export const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request, sent, memo }) {
    const { settings } = connection
    const found = await readOrder(connection, orderId)
    const done = isCanceled(found)
    const before = (memo as Memo | null) ?? { canceled: canceledOf(found) }
    const half = sent ? halfCanceled(found, before.canceled) : null
    return {
      order: toOrder(found),
      done,
      obstacle: obstacle(found, settings),
      expect: factsOf(request, found, false),
      memo: before,
      ...(half !== null && { changed: half }),
      // The provider voids a hold before anything is saved (Order.php, cancel), so that an order
      // which is still open says nothing of it.
      ...(sent && !done && heldOf(found) && { money: 'unseen' as const }),
      found,
      raw: found,
    }
  },
  cancel: ({ settings, request: { orderId } }) => ({
    method: 'POST',
    path: inStore(settings, path`/V1/orders/${orderId}/cancel`),
    reply: wire.CancelReply,
  }),
  // It says the same where it canceled what was not invoiced and left the order open.
  says: () => false,
  after: comments,
  facts: ({ request, look: { found } }) => factsOf(request, found, true),
}
