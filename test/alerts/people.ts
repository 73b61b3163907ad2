/** Records, links and webhooks that need a person, and those who are told, with a clock of their own. */
import { onTestFinished } from 'vitest'
import type { Alert } from '../../src/alerts/alert.ts'
import { alertId } from '../../src/alerts/alert.ts'
import type { Message } from '../../src/alerts/kept.ts'
import type { Sent } from '../../src/alerts/schedule.ts'
import { createTeller } from '../../src/alerts/teller.ts'
import { afterOf, thingsOf } from '../../src/alerts/things.ts'
import type { Webhook } from '../../src/gateway/deliveries/webhook.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { money } from '../../src/model/money.ts'
import { problem } from '../../src/model/problem.ts'
import { openStore, type Store } from '../../src/connection/store.ts'
import { createPlatform } from '../gateway/platform.ts'
import { toy } from '../gateway/toy.ts'
import { order, record, request } from '../model/samples.ts'

export const START = Date.UTC(2026, 10, 21, 12)
export const MINUTE = 60_000

export const alertOf = (over: Partial<Alert> = {}): Alert => ({
  id: alertId(over.name ?? 'ops'),
  name: 'ops',
  channel: { kind: 'console' },
  stores: null,
  events: null,
  quietMs: 15 * MINUTE,
  ...over,
})

/** A record that needs a person since this time. */
export const puzzling = (
  name: string,
  at: number,
  over: Partial<Cancellation> = {},
  store = 'shop',
): Cancellation =>
  record({
    id: `can_${name.padStart(26, '0')}`,
    request: request({ store, orderId: name, reason: 'Ada Lovelace asked for it' }),
    status: 'needs_attention',
    revision: 2,
    wakeAt: null,
    createdAt: at,
    updatedAt: at,
    problem: problem('needs-attention', 'Nobody can tell what became of it.', { acted: 'unknown' }),
    order: order({ number: `#${name}` }, { total: money('59.00', 'USD') }),
    ...over,
  })

const storesOf = (names: readonly string[], sweepMs: number | null): ReadonlyMap<string, Store> => {
  const adapter = toy()
  const { transport } = createPlatform()
  return new Map(
    names.map((id) => [
      id,
      openStore(
        id,
        adapter,
        { baseUrl: 'http://toy.test', key: 'good-key-of-the-shop', webhookToken: 'token-of-it' },
        { transport, callTimeoutMs: 2_000, settleMs: 60_000, sweepMs, test: true },
      ),
    ]),
  )
}

export interface PeopleOptions {
  readonly alerts?: readonly Alert[]
  readonly ledger?: FullLedger
  readonly clock?: { now: number }
  readonly stores?: readonly string[]
  readonly webhooks?: readonly Webhook[]
  readonly sweepMs?: number | null
  readonly send?: (alert: Alert, message: Message) => Promise<Sent>
}

export interface Told {
  readonly at: number
  readonly alert: string
  readonly message: Message
}

/** Those who tell people over a ledger; what was sent is kept, unless it is sent for real. */
export const openPeople = (options: PeopleOptions = {}) => {
  const { clock = { now: START }, alerts = [alertOf()], webhooks = [], sweepMs = 60_000 } = options
  const now = () => clock.now
  const ledger = options.ledger ?? openMemoryLedger(now)
  const stores = storesOf(options.stores ?? ['shop', 'paris'], sweepMs)
  const gateway = createGateway({ ledger, stores, timing: timing(), now })
  const deps = { gateway, webhooks, ledger }
  const told: Told[] = []
  const results: Sent[] = []
  const faults: unknown[] = []
  const teller = createTeller({
    ledger,
    alerts,
    thingsOf: (alert) => thingsOf(deps, alert),
    afterOf: (alert, absent) => afterOf(deps, alert, absent),
    async send(alert, message) {
      told.push({ at: clock.now, alert: alert.name, message })
      return (await options.send?.(alert, message)) ?? { hasArrived: true, result: '200' }
    },
    now,
    random: () => 0,
    onSent: (_, sent) => void results.push(sent),
    onFault: (error) => void faults.push(error),
  })
  onTestFinished(() => teller.close())
  return {
    clock,
    ledger,
    gateway,
    teller,
    told,
    results,
    faults,
    /** Lets so much time pass, looking as the host's clock does, every so often. */
    async pass(ms: number, everyMs = 5_000) {
      for (const end = clock.now + ms; ;) {
        teller.begin()
        await teller.rest()
        if (clock.now >= end) return
        clock.now = Math.min(clock.now + everyMs, end)
      }
    },
    subjects: () => told.map(({ message }) => message.digest.subject),
  }
}
