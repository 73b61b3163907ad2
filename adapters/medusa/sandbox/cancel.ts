/**
 * What the imitated Medusa does with an order, most of all when it is canceled: kept apart because
 * this is what the gateway must survive.
 */
import { HTTPException } from 'hono/http-exception'
import { pause } from '../../../src/adapter/sandbox-kit.ts'
import { activeChange, addChange, change, creditLine, exact, now } from './orders.ts'
import { type Fields, type Order, refund, round, sum, transaction } from './orders.ts'

/** What a healthy cancel takes here; the real one took 130–880 ms. */
const WORK_MS = 20
/**
 * Two cancels that start within this time act as one and double the order; 100 ms apart they no
 * longer did (measured on 2.21.2).
 */
const RACE_MS = 50

export const json = (body: unknown, status = 200): Response =>
  Response.json(body, { status, headers: { 'content-type': 'application/json; charset=utf-8' } })
/** One "no" in Medusa's words. */
export const refusal = (status: 400 | 401 | 404, type: string | undefined, message: string) =>
  new HTTPException(status, { message, res: json({ type, message }, status) })
export const invalid = (message: string) => refusal(400, 'invalid_data', message)
export const notAllowed = (message: string) => refusal(400, 'not_allowed', message)
const canceled = ({ id }: Order) => invalid(`Order with id ${id} has been canceled.`)
const changing = ({ id }: Order) =>
  invalid(`Order (${id}) already has an existing active order change`)

/** Medusa's sums follow the transactions and the credit lines, not the payments. */
const tally = ({ told }: Order): Fields => {
  const { transactions, credit_lines: credits, original_total: total, items } = told
  const paid = sum(transactions.filter(({ amount }) => amount > 0))
  const kept = sum(transactions)
  const credited = sum(credits)
  const last = credits.at(-1)?.amount ?? 0
  const current = round(total / items.length - credited)
  return {
    total: round(total - credited),
    credit_line_total: credited,
    credit_line_subtotal: credited,
    summary: exact({
      paid_total: paid,
      refunded_total: round(paid - kept),
      accounting_total: current,
      credit_line_total: last,
      transaction_total: kept,
      pending_difference: round(total - credited - kept),
      current_order_total: current,
      original_order_total: round(current + last),
    }),
  }
}

/** Lists and counts everything twice (recorded: concurrent-authorized.after-get). */
const double = ({ told }: Order): Fields => {
  const totals = Object.entries(told).flatMap(([name, value]) =>
    typeof value === 'number' && name.endsWith('total') ? [[name, round(value * 2)]] : [],
  )
  const { items, shipping_methods: methods } = told
  return {
    ...Object.fromEntries(totals),
    items: [...items, ...items],
    shipping_methods: [...methods, ...methods],
  }
}

/** The last step of a cancel; two at once each write their own credit line. */
const close = (order: Order, credit: number, times: 1 | 2): void => {
  const { told } = order
  const version = told.version + 1
  const reference_id = told.payment_collections[0]?.id ?? null
  const line = {
    ...creditLine,
    ...exact({ amount: credit, subtotal: credit, total: credit }),
    reference_id,
    metadata: { created_in_version: version },
  }
  const lines = Array.from({ length: times }, () => line)
  for (const { amount } of lines)
    addChange(order, 'credit_line', version, { reference_id, ...exact({ amount }) })
  change(order, {
    version,
    status: 'canceled',
    canceled_at: now(),
    payment_collections: told.payment_collections.map(() => ({ status: 'canceled' })),
    credit_lines: [...told.credit_lines, ...lines].map((one) => ({ ...one, version })),
    // A new version copies the unit price into the detail (recorded: cancel-200-captured).
    items: told.items.map(({ unit_price }) => ({ detail: { version, ...exact({ unit_price }) } })),
    shipping_methods: told.shipping_methods.map(() => ({ detail: { version } })),
  })
  if (times === 2) change(order, double(order))
  change(order, tally(order))
}

/** Asks the payment provider for what was captured, or to void what was only authorized. */
const moveMoney = async (order: Order): Promise<number> => {
  const [collection] = order.told.payment_collections
  const [payment] = collection?.payments ?? []
  const { captures = [], refunds = [] } = payment ?? {}
  const due = round(sum(captures) - sum(refunds))
  const { refuses, providerMs = 0 } = order.example
  // `order_paid_250ms` is an order_paid whose payment provider takes 250 ms.
  const takesMs = Number(/[-_](\d{1,5})ms$/.exec(order.id)?.[1] ?? providerMs)
  const voids = payment !== undefined && captures.length === 0
  const set = (changed: Fields) => refuses || change(order, { payment_collections: [changed] })
  // Written before the provider is asked: a second cancel meanwhile finds nothing left to refund
  // and wins, this one gets 400 (measured).
  const row = { ...refund, ...exact({ amount: due }) }
  if (due > 0) set({ payments: [{ refunds: [...refunds, row] }] })
  await pause(WORK_MS + (due > 0 || voids ? takesMs : 0))
  if (voids) set({ payments: [{ canceled_at: payment.canceled_at ?? now() }] })
  if (due > 0)
    set({
      ...exact({ refunded_amount: round((collection?.refunded_amount ?? 0) + due) }),
      ...(sum(captures) === collection?.amount && { status: 'completed', completed_at: now() }),
    })
  return due
}

/** core-flows 2.21.2 `cancel-order.js`: money first, then the order; nothing locks. */
const work = async (order: Order, run: { readonly callers: number }): Promise<void> => {
  const due = await moveMoney(order)
  if (order.example.opensEdit && !order.edited) addChange(order, 'edit', order.told.version + 1)
  order.edited = true
  // By now the money has moved; these answer 400 all the same (recorded:
  // timeout-retry-while-running, cancel-captured-with-edit-pending).
  if (order.told.status === 'canceled') throw canceled(order)
  if (activeChange(order)) throw changing(order)
  const { transactions, version } = order.told
  // Written for the request, not for its result: after a refused refund the summary lies (recorded:
  // cancel-provider-refuses-refund).
  const booked = { ...transaction, version, ...exact({ amount: -due }) }
  if (due > 0) change(order, { transactions: [...transactions, booked] })
  const twice = run.callers > 1
  close(order, twice || order.example.refuses ? 0 : due, twice ? 2 : 1)
}

export const cancelOrder = async (order: Order, cancels: Map<string, number>): Promise<void> => {
  const { told, run: rival } = order
  if (told.status === 'canceled') throw canceled(order)
  if (told.status === 'completed')
    throw notAllowed(
      'Cannot cancel a completed order. Please use the return process to handle refunds or ' +
        'exchanges.',
    )
  if (told.fulfillments.some(({ canceled_at: at }) => at === null))
    throw notAllowed('All fulfillments must be canceled before canceling an order')
  cancels.set(order.id, (cancels.get(order.id) ?? 0) + 1)
  if (rival && Date.now() - rival.startedAt < RACE_MS) {
    const place = (rival.callers += 1)
    await rival.done
    // recorded: concurrent-authorized-1 to -3 are 200, 200, 400
    if (place > 2) throw changing(order)
    return
  }
  const run = { startedAt: Date.now(), callers: 1, done: Promise.resolve() }
  order.run = run
  run.done = work(order, run)
  try {
    await run.done
  } finally {
    if (order.run === run) order.run = null
  }
}

/** Merges; `""` removes a key, `null` all (recorded: metadata-merge, -unset; `null`: measured). */
export const updateMetadata = (order: Order, written: Fields | null): void => {
  if (order.told.status === 'canceled') throw canceled(order)
  const { metadata: old, version } = order.told
  const kept = Object.entries({ ...old, ...written }).filter(([, value]) => value !== '')
  addChange(order, 'update_order', version, { details: { new: written, old, type: 'metadata' } })
  order.told = { ...order.told, metadata: written && Object.fromEntries(kept), updated_at: now() }
}

/**
 * Ends the open edit or transfer, whichever it is: Medusa's routes for the two do not tell them
 * apart (measured). `actor`: a customer's id, or Medusa's name of another kind of actor.
 */
export const dropChange = (order: Order, actor: string): void => {
  if (order.told.status === 'canceled') throw canceled(order)
  const open = activeChange(order)
  if (!open) throw invalid('An active Order Change is required to proceed')
  if (actor !== 'user' && open.actions.every(({ reference_id }) => reference_id !== actor))
    throw notAllowed('This customer is not allowed to cancel the transfer.')
  order.changes = order.changes.filter((kept) => kept !== open)
}
