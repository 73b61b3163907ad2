/**
 * Rows that a receiver refused while it was well: each waits for itself, or it would take the turns
 * of those that pass, and be given up within seconds for what an hour would have mended. Kept in
 * memory: who knows nothing of a refusal only tries once too often.
 */
import type { Delivery } from '../../model/delivery.ts'
import { pauseAfter } from './schedule.ts'

/** Of one webhook; with more the receiver is hardly well, and its own schedule does. */
const MOST = 100

interface Refusal {
  readonly revision: number
  readonly count: number
  readonly until: number
}

export interface Refusals {
  readonly size: number
  add(row: Delivery, now: number): void
  /** When it may be tried again; zero: now. */
  until(row: Delivery): number
  forget(row: Delivery): void
  clear(): void
}

export const createRefusals = (): Refusals => {
  const bySubject = new Map<string, Refusal>()
  const find = ({ subject, revision }: Delivery): Refusal | null => {
    const refusal = bySubject.get(subject)
    return refusal?.revision === revision ? refusal : null
  }
  return {
    get size() {
      return bySubject.size
    },
    add(row, now) {
      const count = find(row)?.count ?? 0
      const { subject, revision } = row
      bySubject.delete(subject)
      bySubject.set(subject, { revision, count: count + 1, until: now + pauseAfter(count) })
      if (bySubject.size > MOST) bySubject.delete(bySubject.keys().next().value as string)
    },
    until: (row) => find(row)?.until ?? 0,
    forget: ({ subject }) => void bySubject.delete(subject),
    clear: () => bySubject.clear(),
  }
}
