/** Writes records, each with what its change owes to webhooks: in one write, or not at all. */
import type { Claim, FullLedger, Key, Lease } from '../../ledger/port.ts'
import type { Noted } from '../../model/audit.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import { eventOf, type Owed } from '../../model/delivery.ts'
import { holds, type LinkStatus } from '../../model/link.ts'

/**
 * What a change of a record owes; `before` is null where it is new. `link`: how the link is that
 * the record names.
 */
export type Owes = (
  before: Cancellation | null,
  next: Cancellation,
  link: LinkStatus | null,
) => readonly Owed[]

export interface Records {
  /** Claims as the ledger does; `noted`: its entry of the audit log. */
  claim(draft: Cancellation, key: Key | null, noted?: Noted): Promise<Claim>
  /** Saves as the ledger does the state that follows on `before`. */
  save(
    before: Cancellation,
    next: Cancellation,
    lease?: Lease,
    keepUntil?: number,
    noted?: Noted,
  ): Promise<Cancellation | null>
}

/** `onOwed` is told of what was written. */
export const createRecords = (
  ledger: FullLedger,
  owes: Owes,
  onOwed: (owed: readonly Owed[]) => void,
): Records => {
  const tell = (owed: readonly Owed[]) => {
    if (owed.length > 0) onOwed(owed)
  }
  const owedFor = async (before: Cancellation | null, next: Cancellation) => {
    const { link } = next
    // Only what is told of a linked order needs to know how its link is.
    const known = link !== undefined && eventOf(before, next) && (await ledger.links.get(link))
    return owes(before, next, known && holds(known, next.request) ? known.status : null)
  }
  return {
    async claim(draft, key, noted) {
      const owed = await owedFor(null, draft)
      const claim = await ledger.claim(draft, key, owed, noted)
      if (claim.outcome === 'created') tell(owed)
      return claim
    },
    async save(before, next, lease, keepUntil, noted) {
      const owed = await owedFor(before, next)
      const saved = await ledger.save(next, lease, keepUntil, owed, noted)
      if (saved) tell(owed)
      return saved
    },
  }
}
