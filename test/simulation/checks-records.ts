/** What must hold of a record at the moment at which it is written. */
import { type Cancellation, isAtRest, isFinal } from '../../src/model/cancellation.ts'
import {
  callsOf,
  type Destructive,
  isCanceled,
  orderOf,
  type SimulatedOrder,
  violate,
  type World,
} from './world.ts'

const HAPPENED: readonly string[] = ['applied', 'automatic', 'forced', 'partial']
const KNOWN: readonly string[] = ['confirmed', 'reported']

const callsOfRecord = (world: World, order: SimulatedOrder, { id }: Cancellation): Destructive[] =>
  callsOf(world, order).filter(({ record }) => record === id)

/** What holds of every record, whatever happened. */
const checkShape = (world: World, before: Cancellation | null, next: Cancellation) => {
  const { status } = next
  if ((next.wakeAt === null) !== isAtRest(status))
    violate(
      world,
      `a record that is ${status} ${next.wakeAt === null ? 'never wakes' : 'wakes'}`,
      next,
    )
  if ((next.settledAt === null) !== !isFinal(status))
    violate(world, 'a record is settled and not final, or the other way round', next)
  if (before && next.version !== before.version + 1)
    violate(world, 'a version of a record was written twice, or left out', next)
  if (before?.status === 'succeeded' && status !== 'succeeded')
    violate(world, 'a record that had succeeded was undone', next)
  if (before?.status === 'rejected' && status !== 'rejected' && !before.problem?.retryable)
    violate(world, 'a record was started over that had ended for good', next)
  if (before && next.attempts.length < before.attempts.length)
    violate(world, 'an attempt was forgotten', next)
  if (next.reopenedAt !== undefined && !world.plan.hasLongCaches)
    violate(world, 'an order is said to be open again that nobody opened', next)
}

/** One cancellation per order of a store: another may begin when the one before is over. */
const checkAlone = (world: World, next: Cancellation) => {
  const isSame = ({ request }: Cancellation) =>
    request.store === next.request.store && request.orderId === next.request.orderId
  const isOpen = (record: Cancellation) =>
    record.id !== next.id && !isFinal(record.status) && isSame(record)
  if (!isFinal(next.status) && [...world.records.values()].some(isOpen))
    violate(world, 'two cancellations of one order are open at once', next)
}

const checkSucceeded = (world: World, order: SimulatedOrder, next: Cancellation) => {
  if (!isCanceled(order))
    return violate(world, 'a record succeeded whose order is not canceled', next)
  const own = callsOfRecord(world, order, next)
  if (next.alreadyCanceled) {
    if (own.some(({ didCancel }) => didCancel))
      violate(world, 'an order was canceled by this record, which says that it was before', next)
    return
  }
  // A call of which nothing was heard is taken for the deed, be it somebody else's; and some
  // platforms say yes to a second one too.
  const isPresumed =
    own.some(({ heard }) => heard !== 'no' && heard !== 'unsent') ||
    next.attempts.some(({ result }) => result === null)
  if (!own.some(({ didCancel }) => didCancel) && !isPresumed)
    violate(world, 'a record says that it canceled an order which somebody else canceled', next)
}

/** Nothing was changed by us, it says. */
const checkNothingDone = (world: World, order: SimulatedOrder, next: Cancellation) => {
  const own = callsOfRecord(world, order, next)
  if (own.some(({ didCancel }) => didCancel))
    violate(
      world,
      `a record is ${next.status} with acted “no”, and its call canceled the order`,
      next,
    )
}

const checkSomethingDone = (world: World, order: SimulatedOrder, next: Cancellation) => {
  const own = callsOfRecord(world, order, next)
  if (order.canceledBy !== 'us' && !own.some(({ heard }) => heard === 'yes'))
    violate(world, 'a record says that something changed, and nothing did', next)
}

/** Each effect that is said to be known is so. */
const checkEffects = (world: World, { thing }: SimulatedOrder, next: Cancellation) => {
  const { effects } = next
  const isSaid = (name: 'payment' | 'restock' | 'reason') =>
    HAPPENED.includes(effects[name].outcome) && KNOWN.includes(effects[name].basis)
  if (isSaid('payment') && thing.refunded === 0)
    violate(world, 'a refund is told of that never was', next)
  if (effects.payment.basis === 'confirmed' && !isSaid('payment') && thing.refunded > 0)
    violate(world, 'a refund that was is denied', next)
  if (isSaid('restock') && !thing.restocked) violate(world, 'goods are told of as put back', next)
  if (
    effects.reason.asked &&
    isSaid('reason') &&
    thing.note === null &&
    thing.activities.length === 0
  )
    violate(world, 'a reason is told of as written that is not there', next)
}

/** An end that comes later than the gateway promises. */
const checkTime = (world: World, next: Cancellation) => {
  const { plan, absentMs, simulation } = world
  const { giveUpMs, deadlineMs, longestCallMs } = plan.timing
  const slack = absentMs + 2 * longestCallMs + 3 * plan.settleMs + 60_000
  const wasSent = next.attempts.some(({ unsent }) => !unsent)
  const end = next.deadlineAt + (wasSent ? giveUpMs - deadlineMs : 0)
  if (world.clockOf(simulation.now()) > end + slack)
    violate(world, `a record came to rest as ${next.status} later than is promised`, next)
}

/** Holds a record as it is written against what is so. */
export const checkWrite = (world: World, before: Cancellation | null, next: Cancellation): void => {
  checkShape(world, before, next)
  if (before === null) checkAlone(world, next)
  const order = orderOf(world, next)
  if (!order || !isAtRest(next.status) || next.via === 'operator') return
  if (before && isAtRest(before.status)) return
  checkTime(world, next)
  if (next.status === 'succeeded') {
    checkSucceeded(world, order, next)
    checkEffects(world, order, next)
  }
  if (next.status === 'rejected' && next.problem?.upstream?.code === 'already_canceled')
    violate(world, 'a record was refused against the word that its order is canceled', next)
  if (next.problem?.acted === 'no') checkNothingDone(world, order, next)
  if (next.problem?.acted === 'yes') checkSomethingDone(world, order, next)
}

/** A call landed: no record may have ended that says the contrary. */
export const checkLanding = (world: World, call: Destructive): void => {
  const record = world.records.get(call.record ?? '')
  if (!record || !isAtRest(record.status) || record.via === 'operator') return
  if (record.problem?.acted === 'no')
    violate(world, 'a call canceled its order after its record had ended with acted “no”', record)
}
