/**
 * Metrics of a gateway on Node, in Prometheus' text: what its records do, how platforms, ledger and
 * callers fare. No order, no person, no label without bounds.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Alert } from '../../alerts/alert.ts'
import { alertHealth } from '../../alerts/teller.ts'
import type { ClientOptions } from '../../connection/client.ts'
import type { Store } from '../../connection/store.ts'
import type { RequestLog } from '../../http/app.ts'
import { healthOf } from '../../gateway/deliveries/sender.ts'
import type { Webhook } from '../../gateway/deliveries/webhook.ts'
import type { Figures, FullLedger, Listening, Pending } from '../../ledger/port.ts'
import type { Cancellation, Status } from '../../model/cancellation.ts'
import type { Health } from '../../model/delivery.ts'

export interface Metrics {
  /** What to tell it of, as the options of the gateway's parts are called. */
  readonly onSaved: (record: Cancellation, before: Status | null) => void
  readonly observe: NonNullable<ClientOptions['observe']>
  readonly onRequest: (entry: RequestLog) => void
  /** How what was heard of a store ended: a word from a closed list. */
  readonly onNotice: (store: string, outcome: string) => void
  /** A message to people was tried. */
  readonly onAlert: (alert: string, hasArrived: boolean) => void
  /** The same ledger, whose operations are timed and whose failures are counted. */
  readonly timed: <T extends object>(ledger: T) => T
  /** The text, with what this ledger and these stores tell at this moment. */
  readonly text: (
    ledger: Pick<FullLedger, 'figures' | 'deliveries' | 'notices' | 'links'>,
    stores: ReadonlyMap<string, Pick<Store, 'health'>>,
    webhooks?: readonly Webhook[],
    alerts?: readonly Alert[],
  ) => Promise<string>
}

/** A scrape counts no further: that it is so many is all that anybody must know. */
const MOST_COUNTED = 10_000

/** What else the ledger tells at this moment. */
interface Told {
  readonly deliveries: readonly (Pending & { readonly webhook: Webhook; readonly health: Health })[]
  /** By store. */
  readonly notices: ReadonlyMap<string, Listening>
  readonly diverged: number
  readonly alerts: readonly { readonly alert: Alert; readonly health: Health }[]
}

const CALL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40]
const LEDGER_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const NAMELESS = {
  timeout: 'timeout',
  'connection lost': 'connection_lost',
  'reply too large': 'too_large',
} as const

/** `2xx` and its like, or a word from a closed list. */
const classOf = (result: string): string => {
  if (/^[1-5]\d\d\b/.test(result)) return `${result[0]}xx`
  return result.startsWith('not sent')
    ? 'not_sent'
    : (NAMELESS[result as keyof typeof NAMELESS] ?? 'other')
}

/** Memory, processor, event loop: they are the process's, however many gateways run in it. */
let ofProcess: Registry | undefined
const processMetrics = (): Registry => {
  if (!ofProcess) collectDefaultMetrics({ register: (ofProcess = new Registry()) })
  return ofProcess
}

const ageOf = (at: number | null, now: number) => (at === null ? 0 : Math.max(0, now - at) / 1000)

/** What a ledger's records are like at this moment. */
const addFigures = (
  registers: Registry[],
  figures: Figures,
  stores: Iterable<string>,
  now: number,
): void => {
  const open = new Gauge({
    name: 'rescind_cancellations_open',
    help: 'Cancellations that are not final',
    labelNames: ['status'],
    registers,
  })
  for (const [status, count] of Object.entries(figures.counts)) open.set({ status }, count)
  const age = (at: number | null) => ageOf(at, now)
  const oldest = new Gauge({
    name: 'rescind_oldest_seconds',
    help: 'For how long the oldest has been in doubt, and a person has been waited for; 0: none',
    labelNames: ['status'],
    registers,
  })
  oldest.set({ status: 'in_doubt' }, age(figures.oldestDoubtAt))
  oldest.set({ status: 'needs_attention' }, age(figures.oldestAttentionAt))
  const lag = new Gauge({
    name: 'rescind_ledger_lag_seconds',
    help: 'How far past its wake-up time a store’s first due record is; 0: none is due',
    labelNames: ['store'],
    registers,
  })
  for (const [index, store] of [...stores].entries())
    lag.set({ store }, age(figures.nextDueAt[index] ?? null))
}

const addStores = (registers: Registry[], stores: Parameters<Metrics['text']>[1]): void => {
  const breaker = new Gauge({
    name: 'rescind_store_breaker',
    help: 'A store’s circuit breaker: 0 closed, 1 trying again, 2 open',
    labelNames: ['store'],
    registers,
  })
  const waiting = new Gauge({
    name: 'rescind_store_waiting',
    help: 'Calls that wait for a store’s pace',
    labelNames: ['store'],
    registers,
  })
  const resting = new Gauge({
    name: 'rescind_store_resting_seconds',
    help:
      'For how long a store is still left alone: its breaker is open, or its platform asked ' +
      'for a rest',
    labelNames: ['store'],
    registers,
  })
  for (const [store, { health }] of stores) {
    const { breaker: standing, waiting: calls, restMs } = health()
    breaker.set({ store }, ['closed', 'half-open', 'open'].indexOf(standing))
    waiting.set({ store }, calls)
    resting.set({ store }, restMs / 1000)
  }
}

/** What is to be told, and what was heard. */
const addTold = (registers: Registry[], told: Told, now: number): void => {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `rescind_${name}`, help, labelNames, registers })
  const ofWebhook = (name: string, help: string) =>
    gauge(`webhook_${name}`, help, 'caller', 'webhook')
  const pending = ofWebhook('pending', 'Of how many subjects it is still owed the newest state')
  const oldest = ofWebhook('oldest_seconds', 'How old the oldest change is that it is owed')
  const failing = ofWebhook('failing_seconds', 'For how long every try has failed; 0: none has')
  const enabled = ofWebhook('enabled', '0: switched off, after a 410 or five days of failures')
  for (const { webhook, health, ...owed } of told.deliveries) {
    const labels = { caller: webhook.caller, webhook: webhook.name }
    pending.set(labels, owed.pending)
    oldest.set(labels, ageOf(owed.oldestPendingAt, now))
    failing.set(labels, ageOf(health.failingSince, now))
    enabled.set(labels, health.enabled ? 1 : 0)
  }
  const waiting = gauge('notices_waiting', 'Orders that are due for a look, now or later', 'store')
  const longest = gauge('notices_oldest_seconds', 'For how long the first of them waits', 'store')
  for (const [store, heard] of told.notices) {
    waiting.set({ store }, heard.waiting)
    longest.set({ store }, ageOf(heard.oldestAt, now))
  }
  const untold = gauge(
    'alert_failing_seconds',
    'For how long every message to these people has failed; 0: none has',
    'alert',
  )
  for (const { alert, health } of told.alerts)
    untold.set({ alert: alert.name }, ageOf(health.failingSince, now))
  gauge('links_diverged', 'Links of which some orders are canceled and some are not').set(
    told.diverged,
  )
}

const tellOf = async (
  ledger: Parameters<Metrics['text']>[0],
  stores: readonly string[],
  webhooks: readonly Webhook[],
  alerts: readonly Alert[],
): Promise<Told> => {
  const [deliveries, notices, diverged, told] = await Promise.all([
    Promise.all(
      webhooks.map(async (webhook) => ({
        webhook,
        health: await healthOf(ledger, webhook),
        ...(await ledger.deliveries.owedOf(webhook.id, MOST_COUNTED)),
      })),
    ),
    Promise.all(stores.map(async (store) => [store, await ledger.notices.of(store)] as const)),
    ledger.links.count('diverged', MOST_COUNTED),
    Promise.all(alerts.map(async (alert) => ({ alert, health: await alertHealth(ledger, alert) }))),
  ])
  return { deliveries, notices: new Map(notices), diverged, alerts: told }
}

/** Made anew for every scrape: what could not be read is not there, rather than as it once was. */
const snapshot = (
  figures: Figures | null,
  told: Told | null,
  stores: Parameters<Metrics['text']>[1],
  now: number,
): Registry => {
  const register = new Registry()
  if (figures) addFigures([register], figures, stores.keys(), now)
  if (told) addTold([register], told, now)
  addStores([register], stores)
  return register
}

/** What is counted and timed while the process runs. */
const countersIn = (registers: Registry[]) => ({
  cancellations: new Counter({
    name: 'rescind_cancellations_total',
    help: 'Cancellations that came into a status',
    labelNames: ['store', 'platform', 'status'],
    registers,
  }),
  calls: new Histogram({
    name: 'rescind_platform_call_seconds',
    help: 'Calls to platforms',
    labelNames: ['platform', 'method', 'result'],
    buckets: CALL_SECONDS,
    registers,
  }),
  operations: new Histogram({
    name: 'rescind_ledger_operation_seconds',
    help: 'The ledger’s operations, done or failed',
    labelNames: ['operation'],
    buckets: LEDGER_SECONDS,
    registers,
  }),
  failures: new Counter({
    name: 'rescind_ledger_failures_total',
    help: 'Operations that the ledger could not do',
    labelNames: ['operation'],
    registers,
  }),
  notices: new Counter({
    name: 'rescind_notices_total',
    help: 'What was heard of stores’ orders, by how it ended',
    labelNames: ['store', 'outcome'],
    registers,
  }),
  alerts: new Counter({
    name: 'rescind_alert_messages_total',
    help: 'Messages to people that were tried, by how that ended',
    labelNames: ['alert', 'outcome'],
    registers,
  }),
  requests: new Counter({
    name: 'rescind_http_requests_total',
    help: 'Requests by the pattern of their route',
    labelNames: ['method', 'route', 'status'],
    registers,
  }),
})

type Counters = ReturnType<typeof countersIn>

/** A ledger's members, and those of what it holds beside, as `batches.claim`. */
const timed = <T extends object>(
  ledger: T,
  counters: Pick<Counters, 'operations' | 'failures'>,
  of = '',
): T =>
  Object.fromEntries(
    Object.entries(ledger).map(([name, member]) => {
      const operation = of + name
      if (typeof member === 'object')
        return [name, timed(member as object, counters, `${operation}.`)]
      return [
        name,
        async (...values: never[]) => {
          const end = counters.operations.startTimer({ operation })
          try {
            return await (member as (...values: never[]) => Promise<unknown>)(...values)
          } catch (error) {
            counters.failures.inc({ operation })
            throw error
          } finally {
            end()
          }
        },
      ]
    }),
  ) as T

export const openMetrics = (now: () => number = Date.now): Metrics => {
  const register = new Registry()
  const counters = countersIn([register])
  const { cancellations, calls, requests } = counters
  return {
    onSaved({ request, platform, status }, before) {
      if (status !== before) cancellations.inc({ store: request.store, platform, status })
    },
    observe: ({ platform, method, result, ms }) =>
      calls.observe({ platform, method, result: classOf(result) }, ms / 1000),
    onRequest: ({ method, route, status }) =>
      requests.inc({ method: METHODS.includes(method) ? method : 'other', route, status }),
    onNotice: (store, outcome) => counters.notices.inc({ store, outcome }),
    onAlert: (alert, hasArrived) =>
      counters.alerts.inc({ alert, outcome: hasArrived ? 'arrived' : 'failed' }),
    timed: (ledger) => timed(ledger, counters),
    async text(ledger, stores, webhooks = [], alerts = []) {
      const ids = [...stores.keys()]
      const [figures, told] = await Promise.all([
        ledger.figures(ids).catch(() => null),
        tellOf(ledger, ids, webhooks, alerts).catch(() => null),
      ])
      const current = snapshot(figures, told, stores, now())
      const texts = await Promise.all(
        [register, current, processMetrics()].map((one) => one.metrics()),
      )
      return texts.join('\n')
    },
  }
}
