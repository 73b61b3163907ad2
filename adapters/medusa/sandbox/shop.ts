/**
 * What the imitated Medusa does with an order, most of all when it is canceled: kept apart because
 * this is what the gateway must survive.
 */
import {
  activeChange,
  change,
  close,
  createOrder,
  edit,
  entry,
  EXAMPLES,
  now,
  round,
  sum,
} from './orders.ts'
import type { Actor, Change, Fields, Order, Run } from './orders.ts'

/** What a healthy cancel takes here; the real one took 130–880 ms. */
const WORK_MS = 20
/**
 * Two cancels that start within this time act as one and double the order; 100 ms apart they no
 * longer did (measured on 2.21.2).
 */
const RACE_MS = 50

/** One "no" in Medusa's words. */
export class Refusal extends Error {
  readonly status: 400 | 404
  readonly type: 'invalid_data' | 'not_allowed' | 'not_found'
  constructor(status: Refusal['status'], type: Refusal['type'], message: string) {
    super(message)
    this.status = status
    this.type = type
  }
}
const isCanceled = (order: Order) =>
  new Refusal(400, 'invalid_data', `Order with id ${order.id} has been canceled.`)
const hasActiveChange = (order: Order) =>
  new Refusal(
    400,
    'invalid_data',
    `Order (${order.id}) already has an existing active order change`,
  )
const notCancelable = (message: string) => new Refusal(400, 'not_allowed', message)

/**
 * No abort signal on purpose: Medusa goes on when the client has hung up (recorded:
 * timeout.after-get).
 */
const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

/** core-flows 2.21.2 `cancel-order.js`: money first, then the order; nothing locks. */
const work = async (order: Order, run: Run, actor: Actor): Promise<void> => {
  const { payment, refuses } = order
  const due = payment ? round(sum(payment.captures) - sum(payment.refunds)) : 0
  const voids = payment !== null && payment.captures.length === 0
  const refund = due > 0 ? entry('ref', due, order.version, actor.id) : null
  // Written before the provider is asked: a second cancel meanwhile finds nothing left to refund
  // and wins, this one gets 400 (measured).
  if (refund) payment?.refunds.push(refund)
  await pause(WORK_MS + (refund || voids ? order.providerMs : 0))

  if (payment && refund && refuses) payment.refunds.splice(payment.refunds.indexOf(refund), 1)
  else if (payment && refund) {
    payment.collectionRefunded = round(payment.collectionRefunded + due)
    if (sum(payment.captures) === payment.amount)
      Object.assign(payment, { collectionStatus: 'completed', completedAt: now() })
  } else if (payment && voids && !refuses) payment.voidedAt ??= now()
  if (order.opensEdit) {
    order.opensEdit = false
    order.changes.push(edit(order))
  }

  // By now the money has moved; these answer 400 all the same (recorded:
  // timeout-retry-while-running, cancel-captured-with-edit-pending).
  if (order.status === 'canceled') throw isCanceled(order)
  if (activeChange(order)) throw hasActiveChange(order)
  // Written for the request, not for its result: after a refused refund the summary lies (recorded:
  // cancel-provider-refuses-refund).
  if (refund) order.transactions.push(entry('ordtrx', -due, order.version, `pay_${order.serial}`))
  const twice = run.callers > 1
  close(order, twice || refuses ? 0 : due, twice ? 2 : 1)
}

export interface Shop {
  /** Per order: cancels that got past validation, whether or not they ended well. */
  readonly cancels: ReadonlyMap<string, number>
  all(): readonly Order[]
  /**
   * The order with this id; made on the spot when the id is `<example id>-<anything>` or `<example
   * id>_<anything>`.
   */
  peek(id: string): Order | undefined
  /** The same, or Medusa's 404. */
  find(id: string): Order
  cancel(order: Order, actor: Actor): Promise<void>
  /**
   * Merges metadata; `""` removes a key, `null` all (recorded: metadata-merge, metadata-unset;
   * `null`: measured).
   */
  update(order: Order, metadata: Fields | null | undefined, actor: Actor): void
  /**
   * Ends the open edit or transfer, whichever it is: Medusa's routes for the two do not tell them
   * apart (measured).
   */
  dropChange(order: Order, mayDrop: (change: Change) => boolean): void
}

export const openShop = (): Shop => {
  const orders = new Map<string, Order>()
  const cancels = new Map<string, number>()
  const longestFirst = Object.entries(EXAMPLES).sort(([a], [b]) => b.length - a.length)
  const peek = (id: string): Order | undefined => {
    const known = orders.get(id)
    if (known) return known
    const [, state] =
      longestFirst.find(
        ([name]) => id === name || id.startsWith(`${name}-`) || id.startsWith(`${name}_`),
      ) ?? []
    if (state) orders.set(id, createOrder(state, id, orders.size + 1))
    return orders.get(id)
  }
  for (const id of Object.keys(EXAMPLES)) peek(id)

  return {
    cancels,
    peek,
    all: () => [...orders.values()],
    find: (id) => {
      const order = peek(id)
      if (!order) throw new Refusal(404, 'not_found', `Order id not found: ${id}`)
      return order
    },
    cancel: async (order, actor) => {
      if (order.status === 'canceled') throw isCanceled(order)
      if (order.status === 'completed')
        throw notCancelable(
          'Cannot cancel a completed order. Please use the return process to handle refunds or ' +
            'exchanges.',
        )
      if (order.fulfilled && order.fulfilled !== 'canceled')
        throw notCancelable('All fulfillments must be canceled before canceling an order')
      cancels.set(order.id, (cancels.get(order.id) ?? 0) + 1)
      const rival = order.run
      if (rival && Date.now() - rival.startedAt < RACE_MS) {
        const place = (rival.callers += 1)
        await rival.done
        // recorded: concurrent-authorized-1 to -3 are 200, 200, 400
        if (place > 2) throw hasActiveChange(order)
        return
      }
      const run: Run = { startedAt: Date.now(), callers: 1, done: Promise.resolve() }
      order.run = run
      run.done = work(order, run, actor)
      try {
        await run.done
      } finally {
        if (order.run === run) order.run = null
      }
    },
    update: (order, metadata, actor) => {
      if (order.status === 'canceled') throw isCanceled(order)
      if (metadata === undefined) return
      const after =
        metadata &&
        Object.fromEntries(
          Object.entries({ ...order.metadata, ...metadata }).filter(([, value]) => value !== ''),
        )
      order.changes.push(
        change(
          order,
          'update_order',
          'confirmed',
          {
            action: 'UPDATE_ORDER_PROPERTIES',
            details: { new: metadata, old: order.metadata, type: 'metadata' },
          },
          { created_by: actor.id, confirmed_by: actor.id },
        ),
      )
      Object.assign(order, { metadata: after, updatedAt: now() })
    },
    dropChange: (order, mayDrop) => {
      if (order.status === 'canceled') throw isCanceled(order)
      const open = activeChange(order)
      if (!open)
        throw new Refusal(400, 'invalid_data', 'An active Order Change is required to proceed')
      if (!mayDrop(open))
        throw notCancelable('This customer is not allowed to cancel the transfer.')
      order.changes = order.changes.filter((kept) => kept !== open)
    },
  }
}
