/** What must hold at the moment at which a destructive call leaves a gateway. */
import type { Cancellation } from '../../src/model/cancellation.ts'
import type { Process } from './simulation.ts'
import {
  accountOf,
  callsOf,
  type Destructive,
  isCanceled,
  keyOf,
  orderOf,
  type SimulatedOrder,
  violate,
  type World,
} from './world.ts'

const isOf = (world: World, order: SimulatedOrder, { request }: Cancellation): boolean =>
  accountOf(world, request.store) === order.account && request.orderId === order.thing.id

/** A call may still land that shares its fate with this order: with it, or with its purchase. */
const landing = (
  world: World,
  order: SimulatedOrder,
  record: Cancellation | null,
): Destructive | undefined => {
  const now = world.simulation.now()
  const shares = ({ order: other }: Destructive) =>
    other === order ||
    (order.account.toy.purchases === true &&
      other.account === order.account &&
      other.thing.purchase === order.thing.purchase)
  return world.calls.find(
    (call) =>
      call.heard !== 'unsent' &&
      shares(call) &&
      now < call.mayLandUntil &&
      // A job of another record keeps its lock until the next look at it, and no longer.
      !(call.heard === 'running' && call.record !== record?.id),
  )
}

/** The intent of this process, and nobody else's since. */
const intentOf = (world: World, process: Process, order: SimulatedOrder): Cancellation | null => {
  const own = [...world.records.values()].find(
    (record) =>
      record.status === 'sending' &&
      record.running === undefined &&
      record.attempts.at(-1)?.result === null &&
      world.intents.get(record.id) === process &&
      isOf(world, order, record),
  )
  return own ?? null
}

/** Whether a platform like this may be sent a second one after doubt. */
const mayRepeat = ({ account: { toy, onDoubt } }: SimulatedOrder): boolean =>
  toy.repeat === 'refused' ||
  toy.repeat === 'harmless' ||
  (toy.repeat === 'unknown' && onDoubt === 'resend')

/** Earlier calls of the order that speak against a further one. */
const forbidding = (
  world: World,
  order: SimulatedOrder,
  record: Cancellation | null,
): Destructive | undefined =>
  callsOf(world, order).find((call) => {
    const isClosed = call.record !== null && call.record !== record?.id
    const retried = world.retriedAt.get(call.record ?? '') ?? -1
    // A person looked since, or another request asks after an end that was looked at.
    if (isClosed || retried >= call.sentAt) return false
    if (call.heard === 'yes') return record?.word !== undefined
    return (call.heard === 'doubt' || call.heard === null) && !mayRepeat(order)
  })

/** Members of its link whose turn is before it, and that are not canceled. */
const beforeItsTurn = async (world: World, record: Cancellation): Promise<boolean> => {
  const { store, orderId } = record.request
  const link = await world.ledger.links.of(store, orderId)
  if (link?.name !== record.link || !link?.run?.isOpen || link.run.linked !== 'all') return false
  const own = link.members.find((one) => one.store === store && one.orderId === orderId)
  return link.members
    .filter(({ stage }) => stage < (own?.stage ?? 0))
    .some((member) => {
      const order = world.orders.get(keyOf(accountOf(world, member.store).name, member.orderId))
      return order !== undefined && !isCanceled(order)
    })
}

/** Holds a cancel that leaves now against every promise; the record that it is of. */
export const checkSending = (
  world: World,
  process: Process,
  order: SimulatedOrder,
): string | null => {
  const { id } = order.thing
  const record = intentOf(world, process, order)
  if (!record) violate(world, 'a cancel left without a written intent of its own')
  const attempts = [...world.records.values()]
    .filter((one) => isOf(world, order, one))
    .reduce((sum, one) => sum + one.attempts.length, 0)
  const calls = callsOf(world, order).length + 1
  if (calls > attempts) violate(world, 'more cancels left than attempts are written down')
  const other = landing(world, order, record)
  if (other) violate(world, 'a cancel left while an earlier one could still land')
  const forbidden = forbidding(world, order, record)
  if (forbidden)
    violate(
      world,
      forbidden.heard === 'yes'
        ? 'a cancel left after the platform’s own yes'
        : 'a cancel was sent again after doubt, where a second may do harm',
    )
  if (record) {
    if (record.approval?.state === 'awaited') violate(world, 'a cancel left that nobody approved')
    if (record.waitsForLink) violate(world, 'a cancel left before its turn in its link')
    void beforeItsTurn(world, record).then((isEarly) => {
      if (isEarly) violate(world, 'a cancel of a link left before its stage')
    })
    if (orderOf(world, record) !== order) violate(world, `a cancel of ${id} left for another order`)
  }
  return record?.id ?? null
}
