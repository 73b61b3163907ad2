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
    stores.map(({ id, adapter, settings, onDoubt, test, movedFrom, pace = adapter.pace }) => [
      id,
      openStore(id, adapter, settings, {
        ...line,
        callTimeoutMs: timing.callTimeoutMs,
        settleMs: configured.settleMs ?? timing.settleMs,
        onDoubt,
        test,
        movedFrom,
        gate: openGate({
          reserve: test ? undefined : (patienceMs) => reserve(id, pace, patienceMs),
        }),
      }),
    ]),
  )
