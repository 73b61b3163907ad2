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
import type { FullLedger } from '../../ledger/port.ts'
import type { Cancellation, Status } from '../../model/cancellation.ts'
import { type EndingKey, gaugesText, type Moment, MOST_COUNTED } from '../gauges.ts'

export interface Metrics {
  /** What to tell it of, as the options of the gateway's parts are called. */
  readonly onSaved: (record: Cancellation, before: Status | null) => void
  readonly observe: NonNullable<ClientOptions['observe']>
  readonly onRequest: (entry: RequestLog) => void
  /** How what was heard of a store ended: a word from a closed list. */
  readonly onNotice: (store: string, outcome: string) => void
  /** How a configuration was taken that was read anew, and whether what stands there runs now. */
  readonly onReload: (result: 'applied' | 'unchanged' | 'refused', isCurrent: boolean) => void
  /** A message to people was tried. */
  readonly onAlert: (alert: string, hasArrived: boolean) => void
  /** The same ledger, whose operations are timed and whose failures are counted. */
  readonly timed: <T extends object>(ledger: T) => T
  /** The text, with what this ledger and these stores tell at this moment. */
  readonly text: (
    ledger: Pick<FullLedger, 'figures' | 'deliveries' | 'notices' | 'links'>,
    stores: ReadonlyMap<string, Pick<Store, 'health'>>,
    webhooks?: readonly Webhook[],
    keys?: readonly EndingKey[],
    alerts?: readonly Alert[],
  ) => Promise<string>
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

const tellOf = async (
  ledger: Parameters<Metrics['text']>[0],
  stores: readonly string[],
  webhooks: readonly Webhook[],
  alerts: readonly Alert[],
): Promise<NonNullable<Moment['told']>> => {
  const [deliveries, notices, diverged, told] = await Promise.all([
    Promise.all(
      webhooks.map(async (webhook) => {
        const { enabled, failingSince } = await healthOf(ledger, webhook)
        const owed = await ledger.deliveries.owedOf(webhook.id, MOST_COUNTED)
        return { caller: webhook.caller, webhook: webhook.name, enabled, failingSince, ...owed }
      }),
    ),
    Promise.all(stores.map(async (store) => [store, await ledger.notices.of(store)] as const)),
    ledger.links.count('diverged', MOST_COUNTED),
    Promise.all(
      alerts.map(async (alert) => {
        const { failingSince } = await alertHealth(ledger, alert)
        return { alert: alert.name, failingSince }
      }),
    ),
  ])
  return { deliveries, notices: new Map(notices), diverged, alerts: told }
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
  reloads: new Counter({
    name: 'rescind_config_reloads_total',
    help: 'Configurations that were read while it runs: applied, unchanged or refused',
    labelNames: ['result'],
    registers,
  }),
  alerts: new Counter({
    name: 'rescind_alert_messages_total',
    help: 'Messages to people that were tried, by how that ended',
    labelNames: ['alert', 'outcome'],
    registers,
  }),
  current: new Gauge({
    name: 'rescind_config_current',
    help: '0: what stands in the configuration file is not what runs',
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
  counters.current.set(1)
  return {
    onSaved({ request, platform, status }, before) {
      if (status !== before) cancellations.inc({ store: request.store, platform, status })
    },
    observe: ({ platform, method, result, ms }) =>
      calls.observe({ platform, method, result: classOf(result) }, ms / 1000),
    onRequest: ({ method, route, status }) =>
      requests.inc({ method: METHODS.includes(method) ? method : 'other', route, status }),
    onNotice: (store, outcome) => counters.notices.inc({ store, outcome }),
    onReload(result, isCurrent) {
      counters.reloads.inc({ result })
      counters.current.set(isCurrent ? 1 : 0)
    },
    onAlert: (alert, hasArrived) =>
      counters.alerts.inc({ alert, outcome: hasArrived ? 'arrived' : 'failed' }),
    timed: (ledger) => timed(ledger, counters),
    async text(ledger, stores, webhooks = [], keys = [], alerts = []) {
      const ids = [...stores.keys()]
      const [figures, told] = await Promise.all([
        ledger.figures(ids).catch(() => null),
        tellOf(ledger, ids, webhooks, alerts).catch(() => null),
      ])
      const health = new Map([...stores].map(([id, store]) => [id, store.health()]))
      const current = gaugesText({
        now: now(),
        wall: Date.now(),
        stores: health,
        figures,
        told,
        keys,
      })
      const [counted, ofProcess] = [await register.metrics(), await processMetrics().metrics()]
      return [counted, current, ofProcess].join('\n')
    },
  }
}
