/**
 * What a gateway is like at this moment, in Prometheus' text: the same names on every host. No
 * order, no person, no label without bounds.
 */
import type { StoreHealth } from '../connection/health.ts'
import type { Figures, Listening, Pending } from '../ledger/port.ts'

/** A scrape counts no further: that it is so many is all that anybody must know. */
export const MOST_COUNTED = 10_000

export interface OwedTo extends Pending {
  readonly caller: string
  readonly webhook: string
  readonly enabled: boolean
  readonly failingSince: number | null
}

/** A key of a caller, by its name if it has one; `expiresAt` null: it has no end. */
export interface EndingKey {
  readonly caller: { readonly name: string; readonly key?: string | null }
  readonly expiresAt: number | null
}

export interface Moment {
  readonly now: number
  /** How the calls of each store go. */
  readonly stores: ReadonlyMap<string, Pick<StoreHealth, 'breaker' | 'waiting' | 'restMs'>>
  /** Of the stores in their order. Null: it cannot be read, and is not there. */
  readonly figures: Figures | null
  /** What is to be told, and what was heard; null as above. */
  readonly told: {
    readonly deliveries: readonly OwedTo[]
    readonly notices: ReadonlyMap<string, Pick<Listening, 'waiting' | 'oldestAt'>>
    readonly diverged: number
    /** People who are told; left out: nobody is here. */
    readonly alerts?: readonly { readonly alert: string; readonly failingSince: number | null }[]
  } | null
  /** The calendar, by which keys end. */
  readonly wall: number
  readonly keys: readonly EndingKey[]
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** A gauge with its samples; none of them: its name alone. */
const gauge = (name: string, help: string, samples: readonly Sample[]): string =>
  [
    `# HELP rescind_${name} ${help}`,
    `# TYPE rescind_${name} gauge`,
    ...samples.map(([labels, value]) => {
      const all = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
      return `rescind_${name}${all.length === 0 ? '' : `{${all.join(',')}}`} ${value}`
    }),
    '',
  ].join('\n')

const ageOf = (at: number | null, now: number) => (at === null ? 0 : Math.max(0, now - at) / 1000)

const figuresText = (figures: Figures, stores: readonly string[], now: number): string[] => [
  gauge(
    'cancellations_open',
    'Cancellations that are not final',
    Object.entries(figures.counts).map(([status, count]) => [{ status }, count]),
  ),
  gauge(
    'approvals_awaited',
    'Cancellations that wait for somebody’s approval; they are accepted, and open',
    [[{}, figures.awaitingApproval]],
  ),
  gauge(
    'oldest_seconds',
    'For how long the oldest has been in doubt, and a person has been waited for; 0: none',
    [
      [{ status: 'in_doubt' }, ageOf(figures.oldestDoubtAt, now)],
      [{ status: 'needs_attention' }, ageOf(figures.oldestAttentionAt, now)],
    ],
  ),
  gauge(
    'ledger_lag_seconds',
    'How far past its wake-up time a store’s first due record is; 0: none is due',
    stores.map((store, index) => [{ store }, ageOf(figures.nextDueAt[index] ?? null, now)]),
  ),
]

const toldText = (
  { deliveries, notices, diverged, alerts }: NonNullable<Moment['told']>,
  now: number,
): string[] => {
  const ofWebhooks = (name: string, help: string, valueOf: (owed: OwedTo) => number) =>
    gauge(
      `webhook_${name}`,
      help,
      deliveries.map((owed) => [{ caller: owed.caller, webhook: owed.webhook }, valueOf(owed)]),
    )
  const heard = [...notices]
  return [
    ofWebhooks(
      'pending',
      'Of how many subjects it is still owed the newest state',
      ({ pending }) => pending,
    ),
    ofWebhooks('oldest_seconds', 'How old the oldest change is that it is owed', (owed) =>
      ageOf(owed.oldestPendingAt, now),
    ),
    ofWebhooks('failing_seconds', 'For how long every try has failed; 0: none has', (owed) =>
      ageOf(owed.failingSince, now),
    ),
    ofWebhooks('enabled', '0: switched off, after a 410 or five days of failures', ({ enabled }) =>
      Number(enabled),
    ),
    gauge(
      'notices_waiting',
      'Orders that are due for a look, now or later',
      heard.map(([store, { waiting }]) => [{ store }, waiting]),
    ),
    gauge(
      'notices_oldest_seconds',
      'For how long the first of them waits',
      heard.map(([store, { oldestAt }]) => [{ store }, ageOf(oldestAt, now)]),
    ),
    ...(alerts
      ? [
          gauge(
            'alert_failing_seconds',
            'For how long every message to these people has failed; 0: none has',
            alerts.map(({ alert, failingSince }) => [{ alert }, ageOf(failingSince, now)]),
          ),
        ]
      : []),
    gauge('links_diverged', 'Links of which some orders are canceled and some are not', [
      [{}, diverged],
    ]),
  ]
}

const storesText = (stores: Moment['stores']): string[] => {
  const all = [...stores]
  return [
    gauge(
      'store_breaker',
      'A store’s circuit breaker: 0 closed, 1 trying again, 2 open',
      all.map(([store, { breaker }]) => [
        { store },
        ['closed', 'half-open', 'open'].indexOf(breaker),
      ]),
    ),
    gauge(
      'store_waiting',
      'Calls that wait for a store’s pace',
      all.map(([store, { waiting }]) => [{ store }, waiting]),
    ),
    gauge(
      'store_resting_seconds',
      'For how long a store is still left alone: its breaker is open, or its platform asked for ' +
        'a rest',
      all.map(([store, { restMs }]) => [{ store }, restMs / 1000]),
    ),
  ]
}

const keysText = (keys: Moment['keys'], wall: number): string =>
  gauge(
    'key_expires_seconds',
    'How long a key is still taken; below 0: it has expired. Keys without an end: none',
    keys.flatMap(({ caller, expiresAt }): Sample[] =>
      expiresAt === null
        ? []
        : [[{ caller: caller.name, key: caller.key ?? '' }, (expiresAt - wall) / 1000]],
    ),
  )

/** Made anew for every scrape: what could not be read is not there, rather than as it once was. */
export const gaugesText = ({ now, wall, stores, figures, told, keys }: Moment): string =>
  [
    ...(figures ? figuresText(figures, [...stores.keys()], now) : []),
    ...(told ? toldText(told, now) : []),
    ...storesText(stores),
    keysText(keys, wall),
  ].join('\n')
