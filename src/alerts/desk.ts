/** What may be seen of alerts: how each is, and what its people were told last. */
import type { FullLedger } from '../ledger/port.ts'
import type { DeliveryState } from '../model/delivery.ts'
import type { Digest } from '../messages/digest.ts'
import type { Alert, Channel } from './alert.ts'
import { keptIn } from './kept.ts'
import { alertHealth, rowOf } from './teller.ts'

export interface AlertView extends Pick<Alert, 'name' | 'stores' | 'events' | 'quietMs'> {
  readonly channel: Channel['kind']
  /** How many people get it by mail; null: those who read a chat. */
  readonly addresses: number | null
  readonly failingSince: number | null
  readonly lastResult: string | null
  /** When it is tried again; zero: at once. */
  readonly nextAt: number
  /** Null: nothing was told yet. */
  readonly message: {
    readonly digest: Digest
    readonly at: number
    readonly state: DeliveryState
    readonly arrivedAt: number | null
  } | null
}

export interface AlertDesk {
  /** Alerts of whose stores these are all; null: of every alert. Never where they lead. */
  list(stores: readonly string[] | null): Promise<readonly AlertView[]>
}

const isWithin = (alert: Alert, stores: readonly string[] | null): boolean =>
  stores === null || (alert.stores?.every((store) => stores.includes(store)) ?? false)

const viewOf = async (ledger: Pick<FullLedger, 'deliveries'>, alert: Alert): Promise<AlertView> => {
  const [health, row] = await Promise.all([alertHealth(ledger, alert), rowOf(ledger, alert)])
  const kept = keptIn(row)
  const { name, stores, events, quietMs, channel } = alert
  const { failingSince, lastResult, nextAt } = health
  return {
    name,
    stores,
    events,
    quietMs,
    channel: channel.kind,
    addresses: channel.kind === 'mail' ? channel.to.length : null,
    failingSince,
    lastResult,
    nextAt,
    message: row &&
      kept && {
        digest: kept.message.digest,
        at: kept.message.at,
        state: row.state,
        arrivedAt: row.deliveredAt,
      },
  }
}

export const createDesk = (
  ledger: Pick<FullLedger, 'deliveries'>,
  alerts: readonly Alert[],
): AlertDesk => ({
  list: (stores) =>
    Promise.all(
      alerts.filter((alert) => isWithin(alert, stores)).map((alert) => viewOf(ledger, alert)),
    ),
})

/** Where nobody is told of anything. */
export const NO_ALERTS: AlertDesk = { list: async () => [] }
