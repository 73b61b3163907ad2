/** Idempotency keys in memory, for cancellations and batches alike. */
import type { Retention } from '../retention.ts'
import { isDigest, type Keys, repeatOf } from '../rules.ts'

export interface MemoryKeys<Bound> extends Keys<Bound> {
  /** Puts digests in the place of what is kept in plain words of what is bound to an id. */
  digest(id: string, digest: (text: string) => Promise<string>): Promise<number>
  /** Deletes those that have expired. */
  sweep(): void
}

/** Opens keys that are bound to what `find` finds. */
export const openMemoryKeys = <Bound>(
  now: () => number,
  { keysMs }: Retention,
  find: (id: string) => Bound | undefined,
): MemoryKeys<Bound> => {
  const kept = new Map<string, { id: string; fingerprint: string; expiresAt: number }>()
  return {
    earlier(key) {
      const found = kept.get(key.scope)
      const bound = found && found.expiresAt > now() ? find(found.id) : undefined
      return found && bound ? { outcome: repeatOf(key, found.fingerprint), bound } : null
    },
    bind({ scope, fingerprint }, id) {
      kept.set(scope, { id, fingerprint, expiresAt: now() + keysMs })
    },
    async digest(id, digest) {
      let count = 0
      for (const [scope, key] of kept) {
        if (key.id !== id || isDigest(key.fingerprint)) continue
        kept.set(scope, { ...key, fingerprint: await digest(key.fingerprint) })
        count += 1
      }
      return count
    },
    sweep() {
      const latest = now() + keysMs
      for (const [scope, key] of kept) {
        if (key.expiresAt <= now()) kept.delete(scope)
        else if (key.expiresAt > latest) kept.set(scope, { ...key, expiresAt: latest })
      }
    },
  }
}
