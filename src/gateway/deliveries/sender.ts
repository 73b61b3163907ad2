/**
 * Sends what webhooks are owed, each at its own schedule: a receiver that is slow or gone holds up
 * itself and nothing else.
 */
import type { FullLedger } from '../../ledger/port.ts'
import type { Transport } from '../../connection/transport.ts'
import { type Delivery, type Health, newHealth, type Tried } from '../../model/delivery.ts'
import { deliveryId } from '../../model/event.ts'
import { attemptOf, type Outcome } from './attempt.ts'
import { createRefusals, type Refusals } from './refusals.ts'
import { afterTries, isAsWell, isRefused } from './schedule.ts'
import { disabledBy, type Webhook } from './webhook.ts'

/** So many tries of one webhook at a time; while it fails, one. */
const AT_ONCE = 4
/** One process sends to a webhook, so long at a stretch; a try takes a quarter of it. */
const LEASE_MS = 60_000
const LEASE_LEFT_MS = 20_000
/** How often a webhook that nobody woke is asked for: another process may have gone in between. */
const IDLE_MS = 30_000
/** How soon it is tried again where another process sends. */
const HELD_MS = 1_000

export interface SenderDeps {
  readonly ledger: Pick<FullLedger, 'hold' | 'release' | 'deliveries'>
  readonly webhooks: readonly Webhook[]
  readonly transportFor: (webhook: Webhook) => Transport
  readonly now: () => number
  readonly random: () => number
  /** Told of every try, for log and metrics. */
  readonly onTried: (webhook: Webhook, delivery: Delivery, outcome: Outcome) => void
  readonly onDisabled: (webhook: Webhook, health: Health) => void
  readonly onFault: (error: unknown) => void
}

export interface Sender {
  /** Says that these webhooks are owed something. */
  wake(ids: Iterable<string>): void
  /**
   * Begins to send what is due; resolves when nothing is under way. A clock does not wait for that,
   * which a slow receiver may put off for long.
   */
  tick(): Promise<void>
  /** Begins nothing more, and waits for what is under way. */
  close(): Promise<void>
}

/** A webhook's health; a changed URL is another receiver, which has not failed yet. */
export const healthOf = async (
  { deliveries }: Pick<FullLedger, 'deliveries'>,
  { id, url }: Webhook,
): Promise<Health> => {
  const known = await deliveries.health(id)
  return known?.url === url ? known : { ...newHealth(url), version: known?.version ?? 0 }
}

/** One webhook as this process works on it. */
interface Queue {
  readonly webhook: Webhook
  readonly refusals: Refusals
  /** When it is to be asked for. */
  dueAt: number
  running: Promise<void> | null
  /** Of the health that was last saved here. */
  version: number
}

/** Everything that this process sends. */
interface Sending extends SenderDeps {
  readonly queues: ReadonlyMap<string, Queue>
  isClosed: boolean
}

/** What a try makes of its row. */
const stateAfter = (row: Delivery, outcome: Outcome, health: Health): Tried => {
  if (outcome.kind === 'delivered') return 'delivered'
  return outcome.kind === 'given up' || isRefused(row, health) ? 'failed' : 'owed'
}

/** What is tried now, side by side; where nothing is, when something will be: Infinity, unknown. */
const rowsOf = async (
  { ledger, now }: Sending,
  { webhook, refusals }: Queue,
  { failures }: Health,
): Promise<readonly Delivery[] | number> => {
  const most = failures > 0 ? 1 : AT_ONCE
  const owed = await ledger.deliveries.next(webhook.id, most + refusals.size)
  const ready = owed.filter((row) => refusals.until(row) <= now()).slice(0, most)
  return ready.length > 0 ? ready : Math.min(Infinity, ...owed.map(refusals.until))
}

/** Writes down how a try ended. */
const settleRow = async (
  { ledger, now, onTried }: Sending,
  { webhook, refusals }: Queue,
  { row, outcome }: { readonly row: Delivery; readonly outcome: Outcome },
  health: Health,
): Promise<Outcome> => {
  const state = stateAfter(row, outcome, health)
  await ledger.deliveries.settle(row, state, outcome.result, now())
  if (state !== 'owed') refusals.forget(row)
  else if (health.failures === 0) refusals.add(row, now())
  onTried(webhook, row, outcome)
  return outcome
}

/** Writes down how the webhook is, and tells the caller's others where it is switched off. */
const saveHealth = async (
  sending: Sending,
  queue: Queue,
  health: Health,
  outcomes: readonly Outcome[],
): Promise<void> => {
  const { ledger, webhooks, now, random, onDisabled } = sending
  const { webhook } = queue
  const next = afterTries(health, outcomes, now(), random())
  if (isAsWell(health, next)) return
  // Owed first: were it lost between the two, nobody would ever be told.
  const told = next.enabled ? [] : disabledBy(webhooks, webhook, now(), now())
  if (told.length > 0) await ledger.deliveries.owe(told)
  const saved = await ledger.deliveries.saveHealth(webhook.id, next)
  wake(
    sending,
    told.map((one) => one.webhook),
  )
  // Null: somebody switched it on meanwhile. That counts, and is read again.
  if (!saved) return
  queue.version = saved.version
  if (!saved.enabled) onDisabled(webhook, saved)
}

/**
 * Tries these rows side by side, and writes down together how they ended: one commit for all of
 * them. A fault of one is thrown when all are over.
 */
const sendRows = async (
  sending: Sending,
  queue: Queue,
  rows: readonly Delivery[],
  health: Health,
): Promise<void> => {
  const { webhook } = queue
  const transport = sending.transportFor(webhook)
  const tries = rows.map(async (row) => ({
    row,
    outcome: await attemptOf(transport, webhook, deliveryId(row), row.body, sending.now()),
  }))
  await Promise.allSettled(tries)
  const ends = await Promise.allSettled(
    tries.map(async (tried) => settleRow(sending, queue, await tried, health)),
  )
  const outcomes = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  if (outcomes.length > 0) await saveHealth(sending, queue, health, outcomes)
  const fault = ends.find((end) => end.status === 'rejected')
  if (fault) throw fault.reason
}

/** Sends until the lease nears its end; when to come back, Infinity where nothing is owed. */
const sendOwed = async (sending: Sending, queue: Queue, until: number): Promise<number> => {
  const { ledger, now } = sending
  while (!sending.isClosed) {
    const health = await healthOf(ledger, queue.webhook)
    // Somebody else wrote it: it was switched on, and then all that is owed goes out.
    if (health.version !== queue.version) queue.refusals.clear()
    queue.version = health.version
    if (!health.enabled) return Infinity
    if (health.nextAt > now()) return health.nextAt
    const rows = await rowsOf(sending, queue, health)
    if (typeof rows === 'number') return rows
    if (until - now() < LEASE_LEFT_MS) return now()
    await sendRows(sending, queue, rows, health)
  }
  return Infinity
}

const work = async (sending: Sending, queue: Queue): Promise<void> => {
  const { ledger, now } = sending
  queue.dueAt = now() + IDLE_MS
  // By this clock, which need not be the ledger's.
  const until = now() + LEASE_MS
  const lease = await ledger.hold(`webhook:${queue.webhook.id}`, LEASE_MS)
  if (!lease) {
    // Whoever holds it may not have seen what we were woken for.
    queue.dueAt = now() + HELD_MS
    return
  }
  try {
    const at = await sendOwed(sending, queue, until)
    // What was woken meanwhile stays due.
    queue.dueAt = Math.min(queue.dueAt, Math.max(at, now()))
  } finally {
    await ledger.release(lease)
  }
}

/** Begins with every webhook that is due and not under way. */
const begin = (sending: Sending): void => {
  const { queues, now, onFault } = sending
  for (const queue of queues.values()) {
    if (sending.isClosed || queue.running || queue.dueAt > now()) continue
    queue.running = work(sending, queue)
      .catch(onFault)
      .finally(() => {
        queue.running = null
        begin(sending)
      })
  }
}

const wake = (sending: Sending, ids: Iterable<string>): void => {
  for (const id of ids) {
    const queue = sending.queues.get(id)
    if (queue) queue.dueAt = 0
  }
  begin(sending)
}

const rest = async ({ queues }: Sending): Promise<void> => {
  for (;;) {
    const running = [...queues.values()].flatMap((queue) => queue.running ?? [])
    if (running.length === 0) return
    await Promise.all(running)
  }
}

export const createSender = (deps: SenderDeps): Sender => {
  const queueOf = (webhook: Webhook): Queue => ({
    webhook,
    refusals: createRefusals(),
    dueAt: 0,
    running: null,
    version: 0,
  })
  const queues = new Map(deps.webhooks.map((webhook) => [webhook.id, queueOf(webhook)]))
  const sending: Sending = { ...deps, queues, isClosed: false }
  // One for all who wait: a clock asks several times a second, and a slow receiver takes long.
  let resting: Promise<void> | null = null
  return {
    wake: (ids) => wake(sending, ids),
    tick() {
      begin(sending)
      resting ??= rest(sending).finally(() => {
        resting = null
      })
      return resting
    },
    async close() {
      sending.isClosed = true
      await rest(sending)
    },
  }
}
