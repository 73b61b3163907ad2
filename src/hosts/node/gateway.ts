/** The gateway on Node with its batches: it tells log and metrics what becomes of its records. */
import type { Logger } from 'pino'
import type { CallerConfig } from '../../config/configuration.ts'
import type { Store } from '../../connection/store.ts'
import { createBatches } from '../../gateway/batches/service.ts'
import { createGateway } from '../../gateway/gateway.ts'
import type { Keys } from '../../http/keys.ts'
import type { Failpoint } from '../../gateway/workflow/run.ts'
import type { Timing } from '../../gateway/workflow/timing.ts'
import type { FullLedger } from '../../ledger/port.ts'
import type { Retention } from '../../ledger/retention.ts'
import { steadyNow } from '../../model/time.ts'
import type { Deliveries } from '../../gateway/deliveries/deliveries.ts'
import { type OnFault, recordFields } from './log.ts'
import type { Metrics } from './metrics.ts'

export interface GatewayParts {
  readonly ledger: FullLedger
  readonly stores: ReadonlyMap<string, Store>
  readonly timing: Timing
  readonly retention: Retention
  readonly log: Logger
  readonly metrics: Metrics
  readonly onFault: OnFault
  readonly deliveries: Deliveries
  readonly keys: Pick<Keys, 'callers'>
  readonly failpoint?: ((name: Failpoint) => void) | undefined
}

/** The stores that a caller reaches as the configuration is now; null: all. */
const reachOf = (
  callers: readonly CallerConfig[] | null,
  caller: string,
): readonly string[] | null => {
  if (callers === null) return null
  const stores = callers.find(({ name }) => name === caller)?.stores ?? []
  return stores.includes('*') ? null : stores
}

export const openGateway = ({
  ledger,
  stores,
  timing,
  retention,
  log,
  metrics,
  onFault,
  deliveries,
  keys,
  failpoint,
}: GatewayParts) => {
  const gateway = createGateway({
    ledger,
    stores,
    timing,
    retention,
    now: steadyNow,
    owes: deliveries.owes,
    onOwed: deliveries.onOwed,
    owesOfLink: deliveries.owesOfLink,
    reachOf: (caller) => reachOf(keys.callers(), caller),
    mustBeApproved: (caller) =>
      keys.callers()?.some(({ name, approval }) => name === caller && approval === 'required') ??
      false,
    notices: {
      isListening: deliveries.isListening,
      owesOf: deliveries.owesOf,
      onNotice: (store, outcome) => {
        metrics.onNotice(store.id, outcome)
        if (outcome === 'sweep failed') log.warn({ store: store.id }, outcome)
        else log.debug({ store: store.id, outcome }, 'notice')
      },
    },
    ...(failpoint && { failpoint }),
    onSaved: (record, before) => {
      metrics.onSaved(record, before)
      if (record.status === 'needs_attention') log.warn(recordFields(record), 'needs attention')
      else log.info(recordFields(record), 'saved')
      batches.onRecordSaved(record)
    },
    onFault: (error, record) => onFault(error, record ? recordFields(record) : {}),
  })
  const batches = createBatches({
    ledger: ledger.batches,
    gateway,
    now: steadyNow,
    owes: deliveries.owesOfBatch,
    onOwed: deliveries.onOwed,
    onFault: (error) => onFault(error),
  })
  return { gateway, batches }
}
