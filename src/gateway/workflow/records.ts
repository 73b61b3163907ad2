/** Writes records, each with what its change owes to webhooks: in one write, or not at all. */
import type { Claim, Key, Lease, Ledger } from '../../ledger/port.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import type { Owed } from '../../model/delivery.ts'

/** What a change of a record owes; `before` is null where it is new. */
export type Owes = (before: Cancellation | null, next: Cancellation) => readonly Owed[]

export interface Records {
  /** Claims as the ledger does. */
  claim(draft: Cancellation, key: Key | null): Promise<Claim>
  /** Saves as the ledger does the state that follows on `before`. */
  save(
    before: Cancellation,
    next: Cancellation,
    lease?: Lease,
    keepUntil?: number,
  ): Promise<Cancellation | null>
}

/** `onOwed` is told of what was written. */
export const createRecords = (
  ledger: Ledger,
  owes: Owes,
  onOwed: (owed: readonly Owed[]) => void,
): Records => {
  const tell = (owed: readonly Owed[]) => {
    if (owed.length > 0) onOwed(owed)
  }
  return {
    async claim(draft, key) {
      const owed = owes(null, draft)
      const claim = await ledger.claim(draft, key, owed)
      if (claim.outcome === 'created') tell(owed)
      return claim
    },
    async save(before, next, lease, keepUntil) {
      const owed = owes(before, next)
      const saved = await ledger.save(next, lease, keepUntil, owed)
      if (saved) tell(owed)
      return saved
    },
  }
}
