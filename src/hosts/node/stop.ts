/**
 * What a stop does, in its order: takes nothing new, finishes what was begun, gets the answers out,
 * closes what was opened.
 */
import type { BatchDesk } from '../../gateway/batches/service.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { FullLedger } from '../../ledger/port.ts'
import type { Alerts } from './alerts.ts'
import type { AuditTeller } from './audit.ts'
import type { Clock } from './clock.ts'
import type { Deliveries } from '../../gateway/deliveries/deliveries.ts'
import { type openServer, within } from './server.ts'
import type { OnFault } from './log.ts'
import type { ConnectedStores } from './stores.ts'

/** How long a stop waits for a client to read its answer, and for each thing that is closed. */
export const GRACE_MS = 10_000

/** What those who wait inside the gateway listen to. */
export interface Endings {
  /** A stop began: pages that wait are answered now. */
  readonly closing: AbortController
  /** What was begun is over: callers who wait are answered now. */
  readonly leaving: AbortController
}

export interface StopParts {
  /** What looks at the configuration, and at the calendar. */
  readonly watches: readonly { readonly stop: () => void }[]
  readonly clock: Clock
  readonly server: ReturnType<typeof openServer>
  readonly endings: Endings
  readonly batches: Pick<BatchDesk, 'close'>
  readonly gateway: Pick<Gateway, 'close'>
  readonly deliveries: Pick<Deliveries, 'close'>
  readonly alerts: Pick<Alerts, 'close'>
  readonly connected: Pick<ConnectedStores, 'close'>
  readonly ledger: Pick<FullLedger, 'close'>
  readonly audit: Pick<AuditTeller, 'tell'>
  readonly onFault: OnFault
  /** The longest that what was begun can take. */
  readonly longestCallMs: number
}

export const stop = async ({
  watches,
  clock,
  server,
  endings,
  batches,
  gateway,
  deliveries,
  alerts,
  connected,
  ledger,
  audit,
  onFault,
  longestCallMs,
}: StopParts): Promise<void> => {
  for (const watch of watches) watch.stop()
  clock.stop()
  server.stop()
  endings.closing.abort()
  // What was begun is finished, or written down as begun; what waits is on the disk and goes on at
  // the next start.
  await within(longestCallMs, batches.close().then(gateway.close).then(clock.idle))
  endings.leaving.abort()
  await server.close(GRACE_MS)
  await within(GRACE_MS, Promise.all([deliveries.close(), alerts.close()]))
  await within(GRACE_MS, connected.close())
  await within(GRACE_MS, audit.tell().catch(onFault))
  await within(GRACE_MS, ledger.close())
}
