/** The stores of a configuration, each with its own pace and breaker. */
import { openGate } from '../connection/gate.ts'
import { openStore, type Store, type StoreOptions } from '../connection/store.ts'
import type { Configuration } from './configuration.ts'
import type { Timing } from '../gateway/workflow/timing.ts'
import type { Ledger } from '../ledger/port.ts'

export interface StoresOptions extends Pick<StoreOptions, 'transport' | 'observe'> {
  readonly timing: Timing
  /** Pace is shared by all who share the ledger. */
  readonly reserve: Ledger['reserve']
}

export const openStores = (
  { stores, timing: configured }: Configuration,
  { timing, reserve, ...line }: StoresOptions,
): ReadonlyMap<string, Store> =>
  new Map(
    stores.map(({ id, adapter, settings, pace = adapter.pace, sweep, ...others }) => [
      id,
      openStore(id, adapter, settings, {
        ...line,
        ...others,
        callTimeoutMs: timing.callTimeoutMs,
        settleMs: configured.settleMs ?? timing.settleMs,
        pace: others.test ? undefined : pace,
        sweepMs: sweep === false ? null : (sweep?.everyMs ?? timing.sweepMs),
        gate: openGate({
          reserve: others.test ? undefined : (patienceMs) => reserve(id, pace, patienceMs),
        }),
      }),
    ]),
  )
