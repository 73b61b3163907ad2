/** Who asks: with keys and without, again when nothing is heard, and some take it back. */
import { LedgerUnavailable } from '../../src/ledger/port.ts'
import { ProblemError } from '../../src/model/problem.ts'
import type { CancelRequest } from '../../src/model/request.ts'
import { CRASH, type SimulatedGateway } from './gateways.ts'
import { violate, type World } from './world.ts'

/** What a caller was told of a record. */
export interface Answered {
  readonly id: string
  /** With its scope. */
  readonly key: string | null
  readonly how: 'created' | 'replayed' | 'deduplicated'
  readonly body: string
}

export interface Fleet {
  /** By place: who runs there now. */
  readonly gateways: SimulatedGateway[]
}

/** What one caller wants. */
interface Wish {
  readonly request: CancelRequest
  readonly caller: string
  readonly key: string | null
  readonly needsApproval: boolean
}

/** Does something at a gateway; nothing where nobody listens. */
export const visit = (
  { simulation }: World,
  { gateways }: Fleet,
  act: (at: SimulatedGateway) => Promise<unknown>,
  onFault: (error: unknown) => void = () => {},
): void => {
  const alive = gateways.filter(({ process }) => process.isAlive)
  if (alive.length === 0) return
  const at = simulation.random.pick(alive)
  simulation.after(simulation.random.between(0, 20), at.process, () => {
    act(at).catch(onFault)
  })
}

/** What may be answered to a caller. */
const isExplained = (error: unknown) =>
  error instanceof ProblemError || error instanceof LedgerUnavailable || error === CRASH

/** What a caller does once it was told of its record. */
const goOn = (world: World, fleet: Fleet, { id }: Answered, again: () => void) => {
  const { simulation, plan } = world
  const { random, after } = simulation
  if (random.chance(0.3))
    visit(world, fleet, ({ gateway }) => gateway.wait(id, random.between(0, 15_000)))
  if (random.chance(0.12))
    after(random.between(0, 30_000), null, () =>
      visit(world, fleet, ({ gateway }) => gateway.withdraw(id)),
    )
  if (random.chance(0.25)) after(random.between(0, plan.stormMs), null, again)
}

/** Asks, and asks again where nothing is heard. */
const ask = (world: World, fleet: Fleet, wish: Wish, answers: Answered[], turn = 0): void => {
  const { simulation } = world
  const { random, after, note } = simulation
  const { request, caller, key, needsApproval } = wish
  let isHeard = false
  const again = () => ask(world, fleet, wish, answers, turn + 1)
  visit(
    world,
    fleet,
    async ({ process, gateway }) => {
      const terms = { needsApproval }
      const { how, record } = await gateway.cancel(request, caller, key, null, null, terms)
      after(random.between(0, 50), null, () => {
        // The answer itself may be lost on its way, or with its process.
        if (!process.isAlive || (world.isStormy() && random.chance(0.1))) return
        isHeard = true
        const scope = key && `${caller} ${request.store} ${key}`
        const answered = { id: record.id, key: scope, how, body: JSON.stringify(request) }
        note(`${caller} is told ${how} ${record.id}`)
        answers.push(answered)
        if (turn < 4) goOn(world, fleet, answered, again)
      })
    },
    (error) => {
      if (error instanceof ProblemError) isHeard = true
      if (!isExplained(error))
        violate(world, `a caller was answered with ${String((error as Error).message)}`)
    },
  )
  after(random.between(3_000, 20_000), null, () => {
    if (!isHeard && turn < 6) again()
  })
}

const wishOf = (world: World, index: number): Wish => {
  const { plan, simulation } = world
  const { random } = simulation
  const { pick, chance } = random
  const order = pick(plan.orders)
  const linked = plan.links > 0 && chance(0.3) ? pick(['each', 'none'] as const) : undefined
  return {
    caller: pick(['erp', 'desk']),
    key: chance(0.6) ? (chance(0.15) ? 'shared' : `key-${index}`) : null,
    needsApproval: chance(0.06),
    request: {
      store: pick(order.stores),
      orderId: order.id,
      reason: chance(0.5) ? `because ${index}` : null,
      reasonCode: null,
      notify: chance(0.2) ? true : null,
      message: null,
      restock: chance(0.2) ? true : null,
      refund: null,
      strict: chance(0.1),
      reference: null,
      target: 'order',
      ...(linked && { linked }),
    },
  }
}

/** Everybody who asks in this world, over its storm; what they were told. */
export const startCallers = (world: World, fleet: Fleet): Answered[] => {
  const { plan, simulation } = world
  const { random, after } = simulation
  const answers: Answered[] = []
  const count = plan.orders.length + random.between(0, 3)
  for (let index = 0; index < count; index++) {
    const wish = wishOf(world, index)
    after(random.between(0, plan.stormMs * 0.8), null, () => ask(world, fleet, wish, answers))
    // Somebody else asks for the same at nearly the same time.
    if (random.chance(0.25))
      after(random.between(0, plan.stormMs), null, () =>
        ask(world, fleet, { ...wish, caller: 'other' }, answers),
      )
  }
  return answers
}
