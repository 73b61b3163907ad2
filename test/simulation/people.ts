/** Who acts beside the callers: people at the platform, operators, approvers, clocks, batches. */
import { awaitsApproval } from '../../src/model/approval.ts'
import { isFinal } from '../../src/model/cancellation.ts'
import { type Fleet, visit } from './callers.ts'
import { HOOK_TOKEN } from './gateways.ts'
import { mayStillLand } from './ledger.ts'
import { becomeCanceled } from './platform.ts'
import {
  changeOrder,
  fault,
  isCanceled,
  orderOf,
  type SimulatedOrder,
  shownOf,
  type World,
} from './world.ts'

/** The platform tells of an order; or somebody does who has the token, and lies. */
const tell = (world: World, fleet: Fleet, order: SimulatedOrder) => {
  const { plan, simulation } = world
  const { random, after } = simulation
  const body = new TextEncoder().encode(
    JSON.stringify({ type: 'order.canceled', data: { orderId: order.thing.id } }),
  )
  for (const { id } of plan.stores.filter(({ account }) => account === order.account))
    for (let times = random.pick([0, 1, 1, 2]); times > 0; times--)
      after(random.between(0, 5_000), null, () =>
        visit(world, fleet, ({ gateway }) =>
          gateway.hooks.receive(id, HOOK_TOKEN, {
            body,
            headers: new Headers(),
            query: new URLSearchParams(),
          }),
        ),
      )
}

/** Somebody at the platform cancels, or ships, or only tells of it. */
const meddle = (world: World, fleet: Fleet) => {
  const { simulation, orders } = world
  const { random, now, note } = simulation
  const order = random.pick([...orders.values()])
  const { thing } = order
  const act = random.pick(['cancel', 'cancel', 'ship', 'lie'] as const)
  if (thing.job === 'running' || isCanceled(order) || thing.shipped) return
  fault(world, `somebody: ${act}`)
  note(`somebody does ${act} to ${thing.id}`)
  if (act === 'cancel') becomeCanceled(world, order, null)
  if (act === 'ship') changeOrder(order, now(), { shipped: true })
  if (act !== 'ship') tell(world, fleet, order)
}

/** Once nothing can land any more and no cache hides it, a person says what there is to be seen. */
const operate = (world: World, fleet: Fleet) => {
  const { simulation, records, retriedAt } = world
  const { random, now } = simulation
  for (const record of records.values()) {
    if (awaitsApproval(record) && !isFinal(record.status) && random.chance(0.3))
      visit(world, fleet, ({ gateway }) =>
        random.chance(0.7)
          ? gateway.approve(record.id, 'boss', null)
          : gateway.decline(record.id, 'boss', 'no'),
      )
    const order = orderOf(world, record)
    if (record.status !== 'needs_attention' || !order || mayStillLand(world, record)) continue
    if (shownOf(order, now()) !== order.thing || order.thing.job === 'running') continue
    const mayRetry = !retriedAt.has(record.id) && random.chance(0.5)
    const as = mayRetry ? 'retry' : isCanceled(order) ? 'canceled' : 'not_canceled'
    visit(world, fleet, ({ gateway }) => gateway.resolve(record.id, as, 'looked at', 'operator'))
  }
}

const startOperators = (world: World, fleet: Fleet) => {
  const { random, after } = world.simulation
  const turn = () => {
    operate(world, fleet)
    after(random.between(5_000, 60_000), null, turn)
  }
  after(random.between(5_000, 60_000), null, turn)
}

/** Sets the wall clock of a process by minutes or hours, ahead or back. */
const setClock = (world: World, { gateways }: Fleet) => {
  const { random, note } = world.simulation
  const { process } = random.pick(gateways)
  process.wallOffsetMs = random.pick([-3_600_000, -60_000, 60_000, 3_600_000, 86_400_000])
  fault(world, process.wallOffsetMs < 0 ? 'clock set back' : 'clock set ahead')
  note(`the clock of ${process.name} is set by ${process.wallOffsetMs}`)
}

const startBatches = (world: World, fleet: Fleet) => {
  const { plan, simulation } = world
  const { random, after } = simulation
  const { chance, pick, between } = random
  for (let batch = 0; batch < plan.batches; batch++) {
    const items = plan.orders
      .filter(() => chance(0.5))
      .map(({ id, stores }) => ({ store: pick(stores), orderId: id }))
      .map((place) => ({
        ...place,
        reason: null,
        reasonCode: null,
        notify: null,
        message: null,
        restock: null,
        refund: null,
        strict: false,
        reference: null,
        target: 'order' as const,
      }))
    if (items.length === 0) continue
    const at = between(0, plan.stormMs / 2)
    for (const turn of [0, 1])
      after(at + turn * 10_000, null, () =>
        visit(world, fleet, ({ batches }) => batches.create(items, 'erp', `batch-${batch}`)),
      )
    if (!chance(0.4)) continue
    const act = pick(['stop', 'pause'] as const)
    const each = (does: 'stop' | 'pause' | 'resume') => () =>
      visit(world, fleet, async ({ batches }) => {
        for (const { id } of await world.ledger.batches.unfinished()) await batches[does](id)
      })
    after(at + between(500, 20_000), null, each(act))
    if (act === 'pause') for (const ms of [40_000, 200_000]) after(at + ms, null, each('resume'))
  }
}

/** An order of each of some stores is one sale. */
const startLinks = (world: World, fleet: Fleet) => {
  const { plan, simulation } = world
  const { random, after } = simulation
  if (plan.links === 0) return
  const members = plan.stores.flatMap(({ id }, index) => {
    const orders = plan.orders.filter(({ stores }) => stores.includes(id))
    const order = orders[index % Math.max(1, orders.length)]
    if (!order) return []
    return [
      {
        store: id,
        orderId: order.id,
        stage: random.between(1, 2),
        notify: null,
        message: null,
        restock: null,
      },
    ]
  })
  // Two stores on one account may not name one order twice here: that is one order.
  const distinct = members.filter(
    (one, index) => members.findIndex(({ orderId }) => orderId === one.orderId) === index,
  )
  const follow = random.pick(['tell', 'cancel'] as const)
  if (distinct.length < 2) return
  for (const ms of [0, 5_000])
    after(ms, null, () =>
      visit(world, fleet, async ({ gateway }) =>
        gateway.links?.put('SO-1', distinct, follow, 'erp'),
      ),
    )
}

/** Everybody but the callers. */
export const startPeople = (world: World, fleet: Fleet): void => {
  const { plan, simulation, isStormy } = world
  const { random, after, now } = simulation
  for (let times = random.between(0, 3); times > 0; times--)
    after(random.between(0, plan.stormMs), null, () => meddle(world, fleet))
  for (let times = 0; times < 4; times++)
    if (random.chance(plan.rates.clock))
      after(random.between(0, plan.stormMs), null, () => {
        if (isStormy()) setClock(world, fleet)
      })
  for (let times = plan.rates.storms; times > 0; times--)
    after(random.between(0, plan.stormMs), null, () => {
      fault(world, 'a storm of 429 and 503')
      world.stormUntil = now() + random.between(1_000, 20_000)
    })
  startOperators(world, fleet)
  startBatches(world, fleet)
  startLinks(world, fleet)
}
