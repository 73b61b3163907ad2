/**
 * Tells people what needs them: one message for all that is new, then nothing for a while. Of all
 * gateways on one ledger one tells, and what it tells is written down before it goes out.
 */
import { ulid } from 'ulid'
import type { FullLedger } from '../ledger/port.ts'
import type { Known, Solved, Thing } from '../messages/digest.ts'
import { type Delivery, type Health, newHealth } from '../model/delivery.ts'
import type { Alert } from './alert.ts'
import {
  dueOf,
  type Kept,
  keptAfter,
  keptIn,
  memoryOf,
  type Memory,
  type Message,
  quietUntil,
  type Sorted,
  sorted,
} from './kept.ts'
import { afterSending, type Sent } from './schedule.ts'

/** How often what needs people is looked at. */
const LOOK_MS = 10_000
/** One process tells so long at a stretch: a try takes half of it at most. */
const LEASE_MS = 60_000

export interface TellerDeps {
  readonly ledger: Pick<FullLedger, 'hold' | 'release' | 'deliveries'>
  readonly alerts: readonly Alert[]
  readonly thingsOf: (alert: Alert) => Promise<readonly Thing[]>
  readonly afterOf: (
    alert: Alert,
    absent: readonly Known[],
  ) => Promise<{ readonly solved: readonly Solved[]; readonly waiting: readonly Known[] }>
  /** Tries once; resolves within half a minute. */
  readonly send: (alert: Alert, message: Message) => Promise<Sent>
  readonly now: () => number
  readonly random: () => number
  readonly onSent: (alert: Alert, sent: Sent) => void
  readonly onFault: (error: unknown) => void
}

export interface Teller {
  /** Begins with every alert that is due and not under way. */
  begin(): void
  /** Resolves when nothing is under way. */
  rest(): Promise<void>
  close(): Promise<void>
}

/** Where an alert goes, as far as another place has not failed yet: never the place itself. */
export const placeOf = async ({ channel }: Alert): Promise<string> => {
  const bytes = new TextEncoder().encode(JSON.stringify(channel))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return [...new Uint8Array(digest).subarray(0, 16)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}

/** The row that an alert's people are told from; null: nothing was told yet. */
export const rowOf = async (
  { deliveries }: Pick<FullLedger, 'deliveries'>,
  { id, name }: Alert,
): Promise<Delivery | null> =>
  (await deliveries.of(subjectOf(name))).find(({ webhook }) => webhook === id) ?? null

const subjectOf = (name: string): string => `alert_${name}`

export const alertHealth = async (
  { deliveries }: Pick<FullLedger, 'deliveries'>,
  alert: Alert,
): Promise<Health> => {
  const place = await placeOf(alert)
  const health = await deliveries.health(alert.id)
  return health?.url === place ? health : { ...newHealth(place), version: health?.version ?? 0 }
}

const eventOf = ({ told, before }: Kept) => (told[0] ?? before[0])?.event ?? 'webhook.test'

/** Writes the message down; null: another process wrote its own, which counts. */
const owe = async (
  { ledger, now }: TellerDeps,
  alert: Alert,
  row: Delivery | null,
  kept: Kept,
): Promise<Delivery | null> => {
  const body = JSON.stringify(kept)
  const revision = (row?.revision ?? 0) + 1
  const owed = { webhook: alert.id, subject: subjectOf(alert.name), revision, at: now() }
  await ledger.deliveries.owe([{ ...owed, type: eventOf(kept), body }])
  const written = await rowOf(ledger, alert)
  return written?.revision === revision && written.body === body ? written : null
}

/** Says nothing of what people need not know any more: what was not told is out of date. */
const withdraw = async ({ ledger, now }: TellerDeps, row: Delivery | null): Promise<void> => {
  if (row?.state !== 'owed') return
  const { webhook, subject, type } = row
  const owed = { webhook, subject, type, revision: row.revision + 1, body: null, at: now() }
  await ledger.deliveries.owe([owed])
}

/** Forgets what an alert is no longer about, without a word: that is solved for nobody. */
const forget = async (
  deps: TellerDeps,
  alert: Alert,
  row: Delivery,
  told: readonly Known[],
): Promise<void> => {
  const kept = await owe(deps, alert, row, { ...(keptIn(row) as Kept), told })
  const { lastResult, deliveredAt } = row
  if (kept)
    await deps.ledger.deliveries.settle(
      kept,
      'delivered',
      lastResult ?? '',
      deliveredAt ?? deps.now(),
    )
}

/** How it stands with an alert. */
interface Look {
  readonly health: Health
  readonly row: Delivery | null
  readonly memory: Memory
  /** Null: nothing is told now, whatever there is. */
  readonly things: Sorted | null
  /** When there may be something to do. */
  readonly dueAt: number
}

const lookAt = async (deps: TellerDeps, alert: Alert): Promise<Look> => {
  const { ledger, now } = deps
  const [health, row] = await Promise.all([alertHealth(ledger, alert), rowOf(ledger, alert)])
  const memory = memoryOf(row)
  const restsUntil = Math.max(health.nextAt, quietUntil(memory, alert.quietMs, now()))
  if (restsUntil > now()) return { health, row, memory, things: null, dueAt: restsUntil }
  const things = sorted(memory, await deps.thingsOf(alert))
  const at = dueOf(things, now())
  // What is owed is withdrawn where there is nothing to say any more.
  return { health, row, memory, things, dueAt: at === Infinity && row?.state === 'owed' ? 0 : at }
}

/** The row as it is to be sent now; null: nothing is. */
const rowToSend = async (
  deps: TellerDeps,
  alert: Alert,
  { row, memory }: Look,
  { fresh, absent, ...things }: Sorted,
): Promise<Delivery | null> => {
  const { now } = deps
  const { solved, waiting } = await deps.afterOf(alert, absent)
  const found = { fresh, waiting: [...things.waiting, ...waiting], solved }
  if (fresh.length === 0 && (found.waiting.length > 0 || solved.length === 0)) {
    await withdraw(deps, row)
    if (row?.state === 'delivered' && waiting.length < absent.length)
      await forget(deps, alert, row, [...things.waiting, ...waiting])
    return null
  }
  const before = row?.state === 'owed' ? keptIn(row) : null
  const kept = keptAfter(before, memory, found, ulid(now()), now())
  if (row?.state === 'owed' && row.body === JSON.stringify(kept)) return row
  return owe(deps, alert, row, kept)
}

/** Tells what is to be told; for who holds the lease alone. */
const tell = async (deps: TellerDeps, alert: Alert): Promise<void> => {
  const { ledger, now, random, onSent } = deps
  const look = await lookAt(deps, alert)
  if (look.things === null || look.dueAt > now()) return
  const row = await rowToSend(deps, alert, look, look.things)
  if (row === null) return
  const sent = await deps.send(alert, (keptIn(row) as Kept).message)
  await ledger.deliveries.settle(row, sent.hasArrived ? 'delivered' : 'owed', sent.result, now())
  const health = afterSending(look.health, sent, now(), random())
  await ledger.deliveries.saveHealth(alert.id, health)
  onSent(alert, sent)
}

interface Task {
  readonly alert: Alert
  dueAt: number
  running: Promise<void> | null
}

const work = async (deps: TellerDeps, task: Task): Promise<void> => {
  const { ledger, now } = deps
  task.dueAt = now() + LOOK_MS
  // A lease is written, twice: none is taken for nothing.
  const { dueAt } = await lookAt(deps, task.alert)
  if (dueAt > now()) {
    // What is due later may become due sooner: something new, or another gateway's message.
    task.dueAt = Math.min(dueAt, task.dueAt)
    return
  }
  const lease = await ledger.hold(`alert:${task.alert.id}`, LEASE_MS)
  if (!lease) return
  try {
    await tell(deps, task.alert)
  } finally {
    await ledger.release(lease)
  }
}

export const createTeller = (deps: TellerDeps): Teller => {
  const tasks = deps.alerts.map((alert): Task => ({ alert, dueAt: 0, running: null }))
  let isClosed = false
  const rest = async () => {
    await Promise.all(tasks.map(({ running }) => running))
  }
  return {
    begin() {
      for (const task of tasks) {
        if (isClosed || task.running || task.dueAt > deps.now()) continue
        task.running = work(deps, task)
          .catch(deps.onFault)
          .finally(() => {
            task.running = null
          })
      }
    },
    rest,
    async close() {
      isClosed = true
      await rest()
    },
  }
}
