/**
 * Drafts, states and a clock for the ledger tests. States are set by hand: a ledger keeps records,
 * it does not judge them.
 */
import { onTestFinished } from 'vitest'
import type { Claim, FullLedger, Key, Ledger, Lease, Query } from '../../src/ledger/port.ts'
import type { LedgerOptions } from '../../src/ledger/retention.ts'
import { accept, type Cancellation, type Status } from '../../src/model/cancellation.ts'
import type { CancelRequest } from '../../src/model/request.ts'

/**
 * Opens an empty ledger; `beside` opens another on the same data, as a second process would, or the
 * same one with other settings.
 */
export type Open = (
  now: () => number,
  options?: LedgerOptions,
) => Promise<{
  readonly ledger: FullLedger
  readonly beside?: (options?: LedgerOptions) => Promise<FullLedger>
}>

export const START = Date.UTC(2026, 0, 1)
export const DAY = 86_400_000

export interface Bench {
  readonly ledger: FullLedger
  /** Another handle on the same data where there can be one, else the same. */
  readonly other: FullLedger
  readonly clock: { now: number }
}

export const setUp = async (open: Open): Promise<Bench> => {
  const clock = { now: START }
  const { ledger, beside } = await open(() => clock.now)
  const other = beside ? await beside() : ledger
  onTestFinished(async () => {
    await ledger.close()
    if (other !== ledger) await other.close()
  })
  return { ledger, other, clock }
}

let last = 0
export const newId = (): string => `can_${String(++last).padStart(8, '0')}`

export interface Wish extends Partial<CancelRequest> {
  readonly id?: string
  readonly caller?: string
  readonly at?: number
}

/** A record as it is claimed. By default each is for an order of its own, due at once. */
export const draft = ({
  id = newId(),
  caller = 'erp',
  at = START,
  ...request
}: Wish = {}): Cancellation =>
  accept({
    id,
    caller,
    platform: 'medusa',
    byCustomer: false,
    now: at,
    deadlineMs: 3_600_000,
    wakeAt: at,
    request: {
      store: 'paris',
      orderId: `order_${id}`,
      reason: null,
      reasonCode: null,
      notify: null,
      message: null,
      restock: null,
      strict: false,
      reference: null,
      target: 'order',
      ...request,
    },
  })

const WAITS: readonly Status[] = ['accepted', 'sending', 'in_doubt']

/** The same record in another status, as the gateway would write it. */
export const become = (
  record: Cancellation,
  status: Status,
  at = record.updatedAt,
): Cancellation => ({
  ...record,
  status,
  updatedAt: at,
  settledAt: status === 'succeeded' || status === 'rejected' ? at : null,
  wakeAt: WAITS.includes(status) ? at : null,
})

export const key = (value: string, fingerprint = 'v1', caller = 'erp'): Key => ({
  caller,
  value,
  fingerprint,
})

/** Claims what must be free. */
export const claim = async (
  ledger: Ledger,
  record: Cancellation,
  by: Key | null = null,
): Promise<Cancellation> => {
  const claimed = await ledger.claim(record, by)
  if (claimed.outcome !== 'created')
    throw new Error(`expected to create, but it was ${claimed.outcome}`)
  return claimed.record
}

/** Saves what must not be stale. */
export const save = async (
  ledger: Ledger,
  record: Cancellation,
  lease?: Lease,
  keepUntil?: number,
): Promise<Cancellation> => {
  const saved = await ledger.save(record, lease, keepUntil)
  if (!saved) throw new Error('expected to save, but it was stale')
  return saved
}

/** A record that was claimed and then came into a status. */
export const standing = async (
  ledger: Ledger,
  wish: Wish,
  status: Status,
  by: Key | null = null,
): Promise<Cancellation> => {
  const claimed = await claim(ledger, draft(wish), by)
  return status === 'accepted' ? claimed : save(ledger, become(claimed, status))
}

/** Takes a lock that must be free. */
export const take = async (
  ledger: Ledger,
  record: Cancellation,
  lockKey: string,
  ttlMs = 1_000,
): Promise<Lease> => {
  const lease = await ledger.lease(record, lockKey, ttlMs)
  if (typeof lease === 'string') throw new Error(`expected a lease, but it was ${lease}`)
  return lease
}

export const query = (wishes: Partial<Query> = {}): Query => ({
  stores: null,
  order: 'asc',
  limit: 100,
  ...wishes,
})
export const ids = (records: readonly Cancellation[]): string[] => records.map(({ id }) => id)
export const everything = async (ledger: Ledger): Promise<string[]> =>
  ids(await ledger.list(query({ limit: 10_000 })))

/** How often each outcome occurs. */
export const tally = (
  outcomes: readonly (Claim | Lease | string | null)[],
): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) {
    const name =
      outcome === null
        ? 'null'
        : typeof outcome === 'string'
          ? outcome
          : 'outcome' in outcome
            ? outcome.outcome
            : 'lease'
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** Names that trip maps, quoting, patterns, hash tags and encodings. */
export const ODD = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '0',
  '-0',
  'null',
  'all',
  '*',
  '?',
  '%',
  '_',
  '[a]',
  '{rescind}',
  '{}',
  '}{',
  ':',
  'order:1',
  '"',
  "'",
  '\\',
  '","',
  '",\\"',
  "';--",
  '$1',
  ' ',
  '\t\n',
  '\u0000',
  'a\u0000b',
  'ä',
  'a\u0308',
  '注文',
  '😀',
  '\u{10ffff}',
  '\u2028',
  'x'.repeat(128),
]
/** What a key composed by joining would have between its parts. */
export const SEPARATORS = [',', ':', '|', '/', ' ', '","', '\u0000', '\n']
