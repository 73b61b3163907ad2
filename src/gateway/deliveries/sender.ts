/**
 * Sends what webhooks are owed, each at its own schedule: a receiver that is slow or gone holds up
 * itself and nothing else.
 */
import type { FullLedger, Lease } from '../../ledger/port.ts'
import type { Transport } from '../../connection/transport.ts'
import { type Delivery, type Health, newHealth, type Tried } from '../../model/delivery.ts'
import { attemptOf, type Outcome } from './attempt.ts'
import { afterFailure, afterSuccess, MOST_TRIES } from './schedule.ts'
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
  /** Sends what is due; resolves when nothing is under way. */
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

/** What a try makes of its row. */
const stateAfter = (row: Delivery, outcome: Outcome, health: Health): Tried => {
  if (outcome.kind === 'delivered') return 'delivered'
  // Others passed since: the receiver does not want this one.
  const isRefused = row.tries + 1 >= MOST_TRIES && (health.lastSuccessAt ?? 0) > row.at
  return outcome.kind === 'given up' || isRefused ? 'failed' : 'owed'
}

/** The health after a round: one that passed shows that the receiver is there. */
const healthAfter = (
  { now, random }: SenderDeps,
  health: Health,
  outcomes: readonly Outcome[],
): Health => {
  const passed = outcomes.find(({ kind }) => kind !== 'failed')
  if (passed) return afterSuccess(health, passed.result, now())
  const failed = outcomes.find((outcome) => outcome.kind === 'failed')
  return failed ? afterFailure(health, failed, now(), random()) : health
}

/** Tries these rows side by side, and writes down how each ended. */
const sendRows = async (
  deps: SenderDeps,
  webhook: Webhook,
  rows: readonly Delivery[],
  health: Health,
): Promise<readonly Outcome[]> => {
  const { ledger, now } = deps
  const transport = deps.transportFor(webhook)
  return Promise.all(
    rows.map(async (row) => {
      const id = `evt_${row.subject}_${row.revision}`
      const outcome = await attemptOf(transport, webhook, id, row.body, now())
      await ledger.deliveries.settle(row, stateAfter(row, outcome, health), outcome.result, now())
      deps.onTried(webhook, row, outcome)
      return outcome
    }),
  )
}

const disabled = async (deps: SenderDeps, webhook: Webhook, health: Health): Promise<void> => {
  const { ledger, webhooks, now } = deps
  await ledger.deliveries.owe(disabledBy(webhooks, webhook, health.version, now()))
  deps.onDisabled(webhook, health)
}

/** Sends while the lease lasts; when to come back, Infinity where nothing is owed. */
const sendOwed = async (deps: SenderDeps, webhook: Webhook, lease: Lease): Promise<number> => {
  const { ledger, now } = deps
  for (;;) {
    const health = await healthOf(ledger, webhook)
    if (!health.enabled) return Infinity
    if (health.nextAt > now()) return health.nextAt
    const rows = await ledger.deliveries.next(webhook.id, health.failures > 0 ? 1 : AT_ONCE)
    if (rows.length === 0) return Infinity
    if (lease.until - now() < LEASE_LEFT_MS) return now()
    const outcomes = await sendRows(deps, webhook, rows, health)
    const next = await ledger.deliveries.saveHealth(webhook.id, healthAfter(deps, health, outcomes))
    // Somebody switched it on meanwhile: what was found then counts, and is read again.
    if (next && !next.enabled) await disabled(deps, webhook, next)
  }
}

export const createSender = (deps: SenderDeps): Sender => {
  const { ledger, webhooks, now, onFault } = deps
  const dueAt = new Map(webhooks.map(({ id }) => [id, 0]))
  const running = new Map<string, Promise<void>>()
  let isClosed = false

  const work = async (webhook: Webhook): Promise<void> => {
    dueAt.set(webhook.id, now() + IDLE_MS)
    const lease = await ledger.hold(`webhook:${webhook.id}`, LEASE_MS)
    if (!lease) {
      // Whoever holds it may not have seen what we were woken for.
      dueAt.set(webhook.id, now() + HELD_MS)
      return
    }
    try {
      const at = await sendOwed(deps, webhook, lease)
      // What was woken meanwhile stays due.
      dueAt.set(webhook.id, Math.min(dueAt.get(webhook.id) ?? 0, Math.max(at, now())))
    } finally {
      await ledger.release(lease)
    }
  }
  const begin = (): void => {
    if (isClosed) return
    for (const webhook of webhooks) {
      const { id } = webhook
      if (running.has(id) || (dueAt.get(id) ?? 0) > now()) continue
      const done = work(webhook)
        .catch(onFault)
        .finally(() => {
          running.delete(id)
          begin()
        })
      running.set(id, done)
    }
  }
  const rest = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running.values())
  }
  return {
    wake(ids) {
      for (const id of ids) if (dueAt.has(id)) dueAt.set(id, 0)
      begin()
    },
    async tick() {
      begin()
      await rest()
    },
    async close() {
      isClosed = true
      await rest()
    },
  }
}
