/** One world from one seed: its storm, the calm after it, and what was found. */
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { isAtRest } from '../../src/model/cancellation.ts'
import type { Thing } from '../gateway/platform.ts'
import { type Answered, type Fleet, startCallers } from './callers.ts'
import { checkEnd } from './checks-end.ts'
import { holdStill, judgeFault, kill, newProcess, startGateway } from './gateways.ts'
import { install } from './globals.ts'
import { startPeople } from './people.ts'
import { type OrderPlan, type Plan, planOf } from './plan.ts'
import { openRandom } from './random.ts'
import { openSimulation, type Process, type Simulation, T0 } from './simulation.ts'
import { keyOf, type SimulatedOrder, violate, type World } from './world.ts'

export interface Outcome {
  readonly seed: number
  /** Of all that happened: the same seed, the same digest. */
  readonly digest: string
  readonly violations: readonly string[]
  readonly faults: ReadonlyMap<string, number>
  readonly steps: number
  readonly records: number
  readonly calls: number
  readonly virtualMs: number
}

const placed = ({ id, purchase, account }: OrderPlan): [string, SimulatedOrder] => {
  const thing: Thing = {
    id,
    number: id,
    purchase,
    state: 'open',
    shipped: false,
    paid: 100,
    refunded: 0,
    note: null,
    activities: [],
    mails: 0,
    restocked: false,
    transfer: null,
    changedAt: T0,
    canceledAt: null,
  }
  return [keyOf(account.name, id), { account, thing, stale: null, canceledBy: null, by: null }]
}

/** A world with nobody in it yet. */
const openWorld = (
  plan: Plan,
  simulation: Simulation,
  onDeath: (process: Process) => void,
): World => {
  let isAtTheEnd = false
  const clockOf = (now: number) => T0 + now
  const ledger = openMemoryLedger(() => (isAtTheEnd ? 1e15 : clockOf(simulation.now())))
  const world: World = {
    plan,
    simulation,
    ledger,
    orders: new Map(plan.orders.map(placed)),
    calls: [],
    records: new Map(),
    intents: new Map(),
    retriedAt: new Map(),
    faults: new Map(),
    violations: [],
    isStormy: () => simulation.now() < plan.stormMs,
    stormUntil: 0,
    absentMs: 0,
    writes: 0,
    clockOf,
    async atTheEndOfTime(ask) {
      isAtTheEnd = true
      try {
        // Memory answers before it returns; nobody else's turn comes between.
        return await ((asked) => {
          isAtTheEnd = false
          return asked
        })(ask())
      } finally {
        isAtTheEnd = false
      }
    },
    onFault: (process, error) => judgeFault(world)(process, error),
    onDeath,
  }
  return world
}

/** Nothing is under way, and nobody is waited for. */
const isQuiet = async (world: World): Promise<boolean> => {
  const { ledger, records, plan } = world
  const isOver = [...records.values()].every(
    ({ status }) => isAtRest(status) && status !== 'needs_attention',
  )
  if (!isOver || (await ledger.batches.unfinished()).length > 0) return false
  const links = await ledger.links.list({ limit: 100 })
  if (links.some(({ run, dueAt }) => run?.isOpen || dueAt !== null)) return false
  // What is heard of a platform that does not come back is looked at for ever.
  const names = plan.stores.filter(({ account }) => account.name !== plan.lost).map(({ id }) => id)
  const rows = await world.atTheEndOfTime(() => ledger.notices.due(names, 100))
  return rows.length === 0
}

/** So long may the calm last before what is not at rest is lost. */
const patienceOf = ({ timing, settleMs }: Plan) =>
  5 * (timing.giveUpMs + timing.deadlineMs) + 20 * settleMs + 3_600_000

const calm = async (world: World, simulation: Simulation) => {
  const { plan } = world
  const end = plan.stormMs + patienceOf(plan)
  await simulation.runUntil(() => false, plan.stormMs + 1_000)
  for (let slice = 2_000; simulation.now() < end; slice = Math.min(2 * slice, 300_000)) {
    await simulation.runUntil(() => false, Math.min(end, simulation.now() + slice))
    if (await isQuiet(world)) return
  }
}

/** Kills or holds still before any step, as the seed says. */
const meetChance = (world: World, process: Process) => {
  const { plan, simulation, isStormy } = world
  if (!isStormy()) return
  if (simulation.random.chance(plan.rates.crash)) kill(world, process, 'crash: between two steps')
  else if (simulation.random.chance(plan.rates.still))
    holdStill(world, process, 'between two steps')
}

/** Starts somebody in the place of who died, at once or when every lease has run out. */
const restart = (world: World, fleet: Fleet, process: Process) => {
  const { simulation, plan, isStormy } = world
  const { random, after } = simulation
  const place = fleet.gateways.findIndex((one) => one.process === process)
  const most = random.chance(0.7) ? 5_000 : plan.timing.longestCallMs + plan.settleMs
  const awayMs = isStormy() ? random.between(10, most) : 10
  world.absentMs += awayMs
  after(awayMs, null, () => {
    const next = newProcess(`gateway${place}`)
    simulation.note(`${next.name} starts again`)
    fleet.gateways[place] = startGateway(world, next)
  })
}

const live = async (world: World, fleet: Fleet, simulation: Simulation): Promise<void> => {
  for (let place = 0; place < world.plan.gateways; place++)
    fleet.gateways.push(startGateway(world, newProcess(`gateway${place}`)))
  const answers: Answered[] = startCallers(world, fleet)
  startPeople(world, fleet)
  await calm(world, simulation)
  await checkEnd(world, answers)
}

/** Runs one world to its end. */
export const simulate = async (seed: number, tell?: (line: string) => void): Promise<Outcome> => {
  const plan = planOf(seed, openRandom(seed))
  const fleet: Fleet = { gateways: [] }
  const simulation = openSimulation({ seed, onStep: (process) => meetChance(world, process), tell })
  const world = openWorld(plan, simulation, (process) => restart(world, fleet, process))
  const uninstall = install({
    steady: simulation.now,
    wall: () => T0 + simulation.now() + (simulation.current()?.wallOffsetMs ?? 0),
    float: simulation.random.float,
    setTimeout: (run, ms) => simulation.after(ms, simulation.current(), run),
    clearTimeout: (timer) => {
      if (timer) simulation.cancel(timer as ReturnType<Simulation['after']>)
    },
  })
  // In a process of its own it would be the end of it.
  const onUnhandled = (error: unknown) =>
    violate(world, `a rejection that nobody handles: ${String((error as Error).message)}`)
  process.on('unhandledRejection', onUnhandled)
  try {
    await live(world, fleet, simulation)
  } catch (error) {
    violate(world, `the world broke: ${String((error as Error).message)}`)
  } finally {
    process.off('unhandledRejection', onUnhandled)
    uninstall()
  }
  return {
    seed,
    digest: simulation.digest(),
    violations: world.violations,
    faults: world.faults,
    steps: simulation.steps(),
    records: world.records.size,
    calls: world.calls.length,
    virtualMs: simulation.now(),
  }
}
