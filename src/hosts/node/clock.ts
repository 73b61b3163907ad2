/** The clock on Node: looks for what is due, and now and then sweeps the ledger. */
import type { BatchDesk } from '../../gateway/batches/service.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { Teller } from '../../alerts/teller.ts'
import type { FullLedger } from '../../ledger/port.ts'
import type { Deliveries } from '../../gateway/deliveries/deliveries.ts'
import type { AuditTeller } from './audit.ts'
import type { OnFault } from './log.ts'

/** How often the clock looks for what is due. */
const TICK_MS = 250
const SWEEP_MS = 3_600_000

export interface Clock {
  /** Begins no turn any more. */
  readonly stop: () => void
  /** Resolves when what was begun is over: a turn, and a sweep. */
  readonly idle: () => Promise<void>
}

export interface ClockParts {
  readonly gateway: Pick<Gateway, 'tick' | 'forget'>
  readonly batches: Pick<BatchDesk, 'tick'>
  readonly deliveries: Pick<Deliveries, 'wake' | 'sweep'>
  readonly alerts: Pick<Teller, 'begin'>
  readonly ledger: Pick<FullLedger, 'sweep'>
  readonly audit: Pick<AuditTeller, 'daily'>
  readonly onFault: OnFault
}

export const startClock = ({
  gateway,
  batches,
  deliveries,
  alerts,
  ledger,
  audit,
  onFault,
}: ClockParts): Clock => {
  let stopped = false
  let sleeping: ReturnType<typeof setTimeout> | undefined
  const turn = async (): Promise<void> => {
    try {
      await gateway.tick('begun')
      await batches.tick()
      // Those whose time has come; a slow receiver is waited for by nobody.
      deliveries.wake([])
      alerts.begin()
    } catch (error) {
      onFault(error)
    }
    if (!stopped)
      sleeping = setTimeout(() => {
        ticking = turn()
      }, TICK_MS)
  }
  let ticking = turn()
  // What was taken out of the configuration is found by the first look without it.
  let swept = deliveries.sweep().catch(onFault)
  const sweeping = setInterval(() => {
    const both = Promise.all([ledger.sweep(), gateway.forget()])
    swept = both
      .then(() => {}, onFault)
      .then(deliveries.sweep)
      .then(audit.daily)
      .catch(onFault)
  }, SWEEP_MS)
  sweeping.unref()
  return {
    stop() {
      stopped = true
      clearTimeout(sleeping)
      clearInterval(sweeping)
    },
    idle: async () => {
      await Promise.all([ticking, swept])
    },
  }
}
