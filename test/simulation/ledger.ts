/**
 * The ledger as a process reaches it: every call of it is a step that somebody may die before, in
 * or after. What is written is held against the platform as it is written.
 */
import { type FullLedger, LedgerUnavailable } from '../../src/ledger/port.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { checkWrite } from './checks-records.ts'
import type { Process } from './simulation.ts'
import { callsOf, fault, orderOf, type World } from './world.ts'

type Method = (...values: unknown[]) => Promise<unknown>

/** A record that was written: by whom, and what it was. */
const wrote = (world: World, process: Process, next: Cancellation) => {
  const before = world.records.get(next.id) ?? null
  if (before && before.version >= next.version) return
  world.records.set(next.id, next)
  world.writes += 1
  if (next.resolution?.as === 'retry' && before?.status === 'needs_attention')
    world.retriedAt.set(next.id, world.simulation.now())
  if (next.status === 'sending' && before?.status !== 'sending') world.intents.set(next.id, process)
  world.simulation.note(
    `${process.name} writes ${next.id} ${next.version} ${next.status} ` +
      `${next.problem?.code ?? ''} ${next.attempts.map(({ result }) => result).join('|')}`,
  )
  checkWrite(world, before, next)
}

/** What a call of the ledger itself brought about. */
const told = (world: World, process: Process, name: string, result: unknown) => {
  if (name === 'save' && result) wrote(world, process, result as Cancellation)
  if (name !== 'claim') return
  const { outcome, record } = result as { outcome: string; record: Cancellation }
  if (outcome === 'created') wrote(world, process, record)
}

/** A cache that hides what was heard with a yes is no fault of whoever could not write that down. */
export const forgetCaches = (world: World, process: Process): void => {
  const { simulation, plan, calls, orders } = world
  for (const { stale, by } of orders.values())
    if (stale && by && by.process === process && calls.includes(by))
      stale.until = Math.min(
        stale.until,
        Math.max(simulation.now(), by.sentAt + plan.callTimeoutMs) + plan.settleMs - 1,
      )
}

/** Null: it goes through; else how it fails, and whether it was done all the same. */
const failure = ({ plan, simulation, isStormy }: World): 'before' | 'after' | null =>
  isStormy() && simulation.random.chance(plan.rates.ledger)
    ? simulation.random.pick(['before', 'after'] as const)
    : null

const callOf =
  (world: World, process: Process, name: string, method: Method, isMain: boolean): Method =>
  (...values) => {
    const { simulation, plan } = world
    const { random, after } = simulation
    if (!process.isAlive) return new Promise(() => {})
    const execute = async () => {
      const result = await method(...values)
      if (isMain) told(world, process, name, result)
      return result
    }
    const fails = failure(world)
    if (!fails && random.chance(plan.quickLedger)) return execute()
    return new Promise((resolve, reject) => {
      // A few milliseconds, and now and then as long as a network hesitates.
      const delay = () => (random.chance(0.02) ? random.between(50, 400) : random.between(0, 3))
      after(delay(), null, () => {
        if (fails) {
          fault(world, fails === 'before' ? 'ledger: refused' : 'ledger: reply lost')
          forgetCaches(world, process)
        }
        const done = fails === 'before' ? Promise.resolve(null) : execute()
        done.then(
          (result) =>
            after(delay(), process, () => (fails ? reject(broken(name, fails)) : resolve(result))),
          (error: unknown) => after(delay(), process, () => reject(error as Error)),
        )
      })
    })
  }

const broken = (name: string, fails: 'before' | 'after') =>
  new LedgerUnavailable(`the ledger failed to ${name}`, {
    written: fails === 'before' ? false : null,
  })

const reached = (world: World, process: Process, ledger: object, isMain: boolean): object =>
  Object.fromEntries(
    Object.entries(ledger).map(([name, member]) => [
      name,
      typeof member === 'object'
        ? reached(world, process, member as object, false)
        : callOf(world, process, name, member as Method, isMain),
    ]),
  )

export const openLedger = (world: World, process: Process): FullLedger =>
  reached(world, process, world.ledger, true) as FullLedger

/** Whether a call of this record may still cancel its order. */
export const mayStillLand = (world: World, record: Cancellation): boolean => {
  const order = orderOf(world, record)
  const now = world.simulation.now()
  return order !== undefined && callsOf(world, order).some((call) => now < call.mayLandUntil)
}
