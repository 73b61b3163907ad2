/** The gateways of a world, each a process that dies, is held still, and is started again. */
import { openGate } from '../../src/connection/gate.ts'
import { openStore, type Store } from '../../src/connection/store.ts'
import { createBatches } from '../../src/gateway/batches/service.ts'
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts'
import type { Failpoint } from '../../src/gateway/workflow/run.ts'
import type { AnyAdapter } from '../../src/adapter/platform.ts'
import { toy, type Toy } from '../gateway/toy.ts'
import { forgetCaches, openLedger } from './ledger.ts'
import { openTransport } from './network.ts'
import type { AccountPlan, StorePlan } from './plan.ts'
import type { Process } from './simulation.ts'
import { fault, violate, type World } from './world.ts'

export const HOOK_TOKEN = 'token-of-the-shop-in-the-address-of-its-hook'
export const CRASH = new Error('the process is gone')
/** How often the clock looks for what is due. */
const TICK_MS = 250
/** Where nothing has moved for long, and nothing is due. */
const LONGEST_TICK_MS = 60_000

export interface SimulatedGateway {
  readonly process: Process
  readonly gateway: Gateway
  readonly batches: ReturnType<typeof createBatches>
}

const adapters = new Map<string, AnyAdapter>()
/** The toy, whose cancel says of which order its reply must be. */
const adapterOf = (options: Toy): AnyAdapter => {
  const name = JSON.stringify(options)
  const known = adapters.get(name)
  if (known) return known
  const made = toy(options) as AnyAdapter
  const { order } = made
  const ids = (reply: unknown) => [(reply as { id?: unknown } | null)?.id]
  const adapter = {
    ...made,
    order: {
      ...order,
      cancel(context: Parameters<typeof order.cancel>[0]) {
        const { orderId } = context.request
        return { ...order.cancel(context), about: { orderId, ids } }
      },
    },
  } as AnyAdapter
  adapters.set(name, adapter)
  return adapter
}

const baseUrlOf = ({ name }: AccountPlan) => `http://${name}.test`

const openStores = (
  world: World,
  process: Process,
  ledger: ReturnType<typeof openLedger>,
): ReadonlyMap<string, Store> =>
  new Map(
    world.plan.stores.map(({ id, account }: StorePlan) => {
      const { callTimeoutMs, settleMs, sweepMs } = world.plan
      const settings = {
        baseUrl: baseUrlOf(account),
        key: 'good-key-of-the-shop',
        webhookToken: HOOK_TOKEN,
      }
      const store = openStore(id, adapterOf(account.toy), settings, {
        transport: openTransport(world, process, account.name),
        callTimeoutMs,
        settleMs,
        sweepMs,
        test: true,
        onDoubt: account.onDoubt,
        gate: openGate({
          reserve: (patienceMs) => ledger.reserve(account.name, account.pace, patienceMs),
        }),
      })
      return [id, store] as const
    }),
  )

export const kill = (world: World, process: Process, how: string): void => {
  fault(world, how)
  world.simulation.note(`${process.name} dies: ${how}`)
  process.isAlive = false
  forgetCaches(world, process)
  world.onDeath(process)
}

/** Kills the process at this failpoint, or holds it still, as the seed says. */
const failpointOf = (world: World, process: Process) => (name: Failpoint) => {
  const { plan, simulation, isStormy } = world
  if (!isStormy()) return
  if (simulation.random.chance(4 * plan.rates.crash)) {
    kill(world, process, `crash: when ${name}`)
    throw CRASH
  }
  if (simulation.random.chance(4 * plan.rates.still)) holdStill(world, process, `when ${name}`)
}

/** Held still for a moment, or for longer than every lease. */
export const holdStill = (world: World, process: Process, when: string): void => {
  const { plan, simulation } = world
  const { longestCallMs } = plan.timing
  const ms = simulation.random.chance(0.5)
    ? simulation.random.between(10, plan.callTimeoutMs)
    : simulation.random.between(plan.callTimeoutMs, 2 * longestCallMs + plan.settleMs)
  fault(world, `held still: ${when}`)
  simulation.note(`${process.name} is held still for ${ms}`)
  process.stillUntil = simulation.now() + ms
  world.absentMs += ms
  forgetCaches(world, process)
}

/** When the next thing is due, whoever is asked; null: nothing is. */
const nextDueAt = async (world: World): Promise<number | null> => {
  const { ledger, plan } = world
  const names = plan.stores.map(({ id }) => id)
  const [{ nextDueAt: ofRecords }, links, batches, rows] = await Promise.all([
    ledger.figures(names),
    ledger.links.list({ limit: 100 }),
    ledger.batches.unfinished(),
    world.atTheEndOfTime(() => ledger.notices.due(names, 100)),
  ])
  const times = [
    ...ofRecords,
    ...links.map(({ dueAt }) => dueAt),
    ...rows.map(({ dueAt }) => dueAt),
    ...(batches.length > 0 ? [world.clockOf(world.simulation.now()) + 2_000] : []),
  ].filter((at) => at !== null)
  return times.length === 0 ? null : Math.min(...times)
}

/** The clock of a gateway, which turns less often where nothing moves. */
const startClock = (world: World, { process, gateway, batches }: SimulatedGateway) => {
  const { simulation } = world
  let [idle, seen] = [0, 0]
  const turn = async () => {
    try {
      await gateway.tick('begun')
      await batches.tick()
    } catch (error) {
      world.onFault(process, error)
    }
    idle = world.writes === seen ? idle + 1 : 0
    seen = world.writes
    const dueAt = await nextDueAt(world)
    const wait = dueAt === null ? LONGEST_TICK_MS : dueAt - world.clockOf(simulation.now())
    const least = TICK_MS * 2 ** Math.min(idle, 5)
    simulation.after(Math.min(Math.max(wait, least), LONGEST_TICK_MS), process, () => void turn())
  }
  simulation.after(simulation.random.between(0, TICK_MS), process, () => void turn())
}

/** Starts a process of a gateway over what the ledger holds. */
export const startGateway = (world: World, process: Process): SimulatedGateway => {
  const { plan, simulation } = world
  const now = () => world.clockOf(simulation.now())
  const ledger = openLedger(world, process)
  const onFault = (error: unknown) => world.onFault(process, error)
  const gateway = createGateway({
    ledger,
    stores: openStores(world, process, ledger),
    timing: plan.timing,
    now,
    random: simulation.random.float,
    failpoint: failpointOf(world, process),
    onSaved: (record) => batches.onRecordSaved(record),
    onFault,
    notices: { isListening: () => true },
  })
  const batches = createBatches({ ledger: ledger.batches, gateway, now, onFault })
  const started = { process, gateway, batches }
  startClock(world, started)
  return started
}

export const newProcess = (name: string): Process => ({
  name,
  isAlive: true,
  stillUntil: 0,
  wallOffsetMs: 0,
})

/** A fault of ours that nothing in the world explains. */
export const judgeFault =
  (world: World) =>
  (process: Process, error: unknown): void => {
    if (!process.isAlive || error === CRASH) return
    const name = (error as Error | null)?.name ?? ''
    if (name === 'LedgerUnavailable') return
    violate(world, `a fault of ours: ${String((error as Error | null)?.message ?? error)}`)
  }
