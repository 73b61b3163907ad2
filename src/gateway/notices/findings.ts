/** What the look of a notice shows, written over records that nobody changed meanwhile. */
import { ulid } from 'ulid'
import { canonicalOf, type Look } from '../../adapter/contract.ts'
import type { Store } from '../../connection/store.ts'
import { accept, type Cancellation, isRunning } from '../../model/cancellation.ts'
import { skipped } from '../../model/effect.ts'
import { isConfirmed, type Notice } from '../../model/notice.ts'
import type { Order } from '../../model/order.ts'
import type { CancelRequest } from '../../model/request.ts'
import { type Event, transition } from '../../model/transitions.ts'
import { concludeCanceled } from '../workflow/conclude.ts'
import { isHeld, type Known, type NoticeDeps } from './known.ts'

/** An order that is in no link makes no record where it was canceled longer ago than this. */
const OLD_MS = 7 * 86_400_000

/** A request as nobody made it: a cancel without any wish. */
const unasked = (store: Store, orderId: string): CancelRequest => ({
  store: store.id,
  target: 'order',
  orderId,
  reason: null,
  reasonCode: null,
  notify: null,
  message: null,
  restock: null,
  refund: null,
  reference: null,
  strict: false,
})

/** Statuses and times: what else an order holds is nobody's here who did not ask for it. */
const statusesOf = (order: Order): Order => ({
  ...order,
  number: null,
  currency: null,
  totals: {
    subtotal: null,
    discount: null,
    shipping: null,
    tax: null,
    total: null,
    paid: null,
    refunded: null,
  },
  customer: null,
  lines: null,
  reason: null,
})

const isOld = ({ canceledAt }: Order, now: number): boolean =>
  canceledAt !== null && now - Date.parse(canceledAt) > OLD_MS

/** A record of what somebody canceled at the platform. */
const platformRecord = (
  { workflow, idSuffix }: NoticeDeps,
  store: Store,
  { order }: Look,
  link: string | undefined,
): Cancellation => {
  const now = workflow.now()
  const tail = idSuffix(store)
  // The order's one name, however the platform writes it.
  const request = unasked(store, canonicalOf(store.adapter, order.id))
  const draft = accept({
    id: `can_${ulid(now).slice(0, 26 - tail.length)}${tail}`,
    caller: '',
    platform: store.adapter.id,
    request,
    byCustomer: false,
    now,
    deadlineMs: 0,
    wakeAt: now,
    origin: 'platform',
    link,
  })
  return transition(draft, {
    type: 'succeed',
    at: now,
    via: 'reconciled',
    alreadyCanceled: true,
    effects: skipped(request),
    order: statusesOf(order),
  })
}

type Written = 'canceled' | 'reopened' | 'suspected' | 'nothing' | 'stale'

/** Moves a record on; false: somebody else wrote it meanwhile. */
const move = async (
  { workflow }: NoticeDeps,
  record: Cancellation,
  event: Event,
): Promise<boolean> => {
  const next = await workflow.records.save(record, transition(record, event))
  if (next) workflow.saved(next, record.status)
  return next !== null
}

const writeNew = async (
  deps: NoticeDeps,
  store: Store,
  { link }: Known,
  look: Look,
): Promise<Written> => {
  if (link === null && isOld(look.order, deps.workflow.now())) return 'nothing'
  const draft = platformRecord(deps, store, look, link ?? undefined)
  const { outcome, record } = await deps.workflow.records.claim(draft, null)
  if (outcome !== 'created') return 'stale'
  deps.onCreated(record)
  return 'canceled'
}

/** The order is canceled. */
export const writeCanceled = async (
  deps: NoticeDeps,
  store: Store,
  known: Known,
  look: Look,
): Promise<Written> => {
  const { records } = known
  const at = deps.workflow.now()
  const written: boolean[] = []
  for (const record of records) {
    const { status } = record
    if (status === 'in_doubt' || isRunning(record))
      written.push(await concludeCanceled(deps.workflow, store, record, look))
    else if (status === 'needs_attention')
      written.push(await move(deps, record, { type: 'refresh', at, order: look.order }))
    else if (status === 'succeeded' && record.reopenedAt !== undefined)
      written.push(await move(deps, record, { type: 'recancel', at, order: look.order }))
  }
  if (written.includes(false)) return 'stale'
  if (written.length > 0) return 'canceled'
  // Those that were refused stay so, and say nothing of what came after.
  return records.every(({ status }) => status === 'rejected')
    ? writeNew(deps, store, known, look)
    : 'nothing'
}

/** Of a record that holds its order as canceled: whether an open order would be news. */
const canReopen = ({ via, settledAt }: Cancellation, store: Store, now: number): boolean =>
  via !== 'operator' &&
  store.adapter.mayReopen?.can !== 'no' &&
  now >= (settledAt ?? now) + store.settleMs

/** The order is not canceled: where it is held to be, it may have been opened again. */
export const writeReopened = async (
  deps: NoticeDeps,
  store: Store,
  row: Notice,
  { records }: Known,
  look: Look,
): Promise<Written> => {
  const at = deps.workflow.now()
  const held = records.filter((record) => isHeld(record) && canReopen(record, store, at))
  if (held.length === 0) return 'nothing'
  if (!isConfirmed(row, 'reopened', at, store.settleMs)) return 'suspected'
  const event = { type: 'reopen', at, order: look.order } as const
  const written = await Promise.all(held.map((record) => move(deps, record, event)))
  return written.includes(false) ? 'stale' : 'reopened'
}
