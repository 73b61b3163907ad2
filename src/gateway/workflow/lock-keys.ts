/** Which lock an order shares: its own, or that of what it shares its fate with. */
import { canonicalOf } from '../../adapter/contract.ts'
import type { Store } from '../../connection/store.ts'

/** How many lock keys are remembered. */
const LOCK_KEYS = 10_000

export type LockKey = (store: Store, client: Store['client'], spelling: string) => Promise<string>

/** Resolved once a store and order, since it never changes. */
export const createLockKeys = (): LockKey => {
  const lockKeys = new Map<string, string>()
  return async (store, client, spelling) => {
    const shared = store.adapter.lockKey
    const orderId = canonicalOf(store.adapter, spelling)
    if (!shared) return JSON.stringify([store.account, orderId])
    // By merchant too: a store may lead elsewhere while the process runs.
    const name = JSON.stringify([store.id, store.identity, orderId])
    const known =
      lockKeys.get(name) ?? JSON.stringify([store.account, await shared(client, orderId)])
    if (lockKeys.size >= LOCK_KEYS) lockKeys.clear()
    lockKeys.set(name, known)
    return known
  }
}
