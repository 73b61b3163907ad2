/**
 * The audit log over what a ledger keeps of it. An entry is numbered where it is written, in the
 * same write as what it tells of, and sealed with its hash later: a transaction need not wait for a
 * digest, and whoever seals first comes to the same hashes as anybody else.
 */
import { type AuditEntry, hashOfEntry, NO_HASH, type Noted } from '../model/audit.ts'

/** The last entry of a chain that has its hash. */
export interface Seal {
  readonly seq: number
  readonly hash: string
}

export const NO_SEAL: Seal = { seq: 0, hash: NO_HASH }

/** An entry as a ledger keeps it; without hashes until it is sealed. */
export interface AuditLine {
  readonly seq: number
  readonly noted: Noted
  readonly previous: string | null
  readonly hash: string | null
}

/** What a ledger must offer. */
export interface AuditShelf {
  /** Writes entries down, each with the next number. */
  append(noted: readonly Noted[]): Promise<void>
  /** Entries beyond a number: above it, or below it and the newest first. */
  lines(from: number, order: 'asc' | 'desc', limit: number): Promise<AuditLine[]>
  sealed(): Promise<Seal>
  /** Writes the hashes of what follows on a seal, unless somebody else did. */
  seal(after: Seal, hashes: readonly string[]): Promise<void>
  /** Deletes a few of the oldest that are sealed and not newer than a time; how many. */
  trim(until: number): Promise<number>
}

/** How far a chain goes. */
export interface AuditHead extends Seal {
  readonly chain: string
  /** The oldest entry that is kept; null: none is. */
  readonly first: number | null
}

export interface AuditQuery {
  /** The entry beyond which to go on. */
  readonly from: number
  readonly order: 'asc' | 'desc'
  readonly limit: number
}

/**
 * Promises, each proved by `test/ledger/suite.ts` on every ledger:
 * - what a method resolved with survives `kill -9` (memory excepted);
 * - numbers have no gaps and none is given twice, whoever writes at once;
 * - what is read is sealed: it follows on the hash before, and is never written again.
 */
export interface AuditLedger {
  append(noted: readonly Noted[]): Promise<void>
  read(query: AuditQuery): Promise<AuditEntry[]>
  /** Seals what is not; the end of the chain. */
  head(): Promise<AuditHead>
}

/** So many entries are sealed in one write. */
const SEALED_AT_ONCE = 200

const toEntry = (
  chain: string,
  { seq, noted }: AuditLine,
  previous: string,
): Omit<AuditEntry, 'hash'> => ({
  ...noted,
  chain,
  seq,
  at: new Date(noted.at).toISOString(),
  previous,
})

const sealAll = async (shelf: AuditShelf, chain: string): Promise<Seal> => {
  for (;;) {
    const seal = await shelf.sealed()
    const lines = await shelf.lines(seal.seq, 'asc', SEALED_AT_ONCE)
    if (lines.length === 0) return seal
    const hashes: string[] = []
    for (const line of lines)
      hashes.push(await hashOfEntry(toEntry(chain, line, hashes.at(-1) ?? seal.hash)))
    await shelf.seal(seal, hashes)
  }
}

export const openAudit = (shelf: AuditShelf, chain = 'gateway'): AuditLedger => ({
  append: (noted) => shelf.append(noted),
  async read({ from, order, limit }) {
    const { seq } = await sealAll(shelf, chain)
    const beyond = order === 'desc' ? Math.min(from, seq + 1) : from
    const lines = await shelf.lines(beyond, order, limit)
    // What was written since then comes with the next page.
    return lines.flatMap((line) =>
      line.seq > seq || line.previous === null || line.hash === null
        ? []
        : [{ ...toEntry(chain, line, line.previous), hash: line.hash }],
    )
  },
  async head() {
    const seal = await sealAll(shelf, chain)
    const [first] = await shelf.lines(0, 'asc', 1)
    return { chain, first: first?.seq ?? null, ...seal }
  },
})

/**
 * Deletes what is older than a time, sealed first, so that the oldest that is left names the one
 * before it.
 */
export const trimAudit = async (
  audit: AuditLedger,
  shelf: AuditShelf,
  until: number,
): Promise<void> => {
  await audit.head()
  while ((await shelf.trim(until)) > 0);
}
