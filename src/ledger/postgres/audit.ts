/**
 * The audit log in PostgreSQL. What is written has a place; numbers are given when the log is next
 * read, to all that is committed by then, under one lock: so they have no gaps, and no write waits
 * for another's.
 */
import type { Noted } from '../../model/audit.ts'
import type { AuditLine, AuditShelf, Seal } from '../audit.ts'
import type { PostgresDeps } from './deps.ts'
import { ask, lockOf, type ResultRow, run, type Work } from './work.ts'

const TRIMMED_AT_ONCE = 50
const NUMBERED_AT_ONCE = 1_000

/** Writes an entry, in the transaction of what it tells of. */
export function* note(noted: Noted | undefined): Work<void> {
  if (noted)
    yield* run('insert into @audit (at, body) values (?, ?)', noted.at, JSON.stringify(noted))
}

const toLine = (found: ResultRow): AuditLine => ({
  seq: found['seq'] as number,
  noted: JSON.parse(found['body'] as string) as Noted,
  previous: found['previous'] as string | null,
  hash: found['hash'] as string | null,
})

const SEAL = 'select seq, hash from @audit_seal'
const toSeal = ([found]: readonly ResultRow[]): Seal => ({
  seq: found?.['seq'] as number,
  hash: found?.['hash'] as string,
})

/** Numbers what has no number yet, behind everything that has. */
function* giveNumbers(): Work<void> {
  yield* run(
    `with last as (
      select greatest((select max(seq) from @audit), (select seq from @audit_seal)) as seq
    ), fresh as (
      select place, row_number() over (order by place) as number from (
        select place from @audit where seq is null order by place limit ?) as found
    )
    update @audit as entry set seq = last.seq + fresh.number from last, fresh
    where entry.place = fresh.place`,
    NUMBERED_AT_ONCE,
  )
}

function* writeSeals(after: Seal, hashes: readonly string[]): Work<void> {
  if (toSeal(yield* ask(SEAL)).seq !== after.seq) return
  yield* run(
    'update @audit as entry set previous = sealed.previous, hash = sealed.hash from ' +
      'unnest(?::float8[], ?::text[], ?::text[]) as sealed(seq, previous, hash) where ' +
      'entry.seq = sealed.seq',
    hashes.map((_, index) => after.seq + 1 + index),
    hashes.map((_, index) => hashes[index - 1] ?? after.hash),
    hashes,
  )
  yield* run(
    'update @audit_seal set seq = ?, hash = ?',
    after.seq + hashes.length,
    hashes.at(-1) ?? after.hash,
  )
}

/** Deletes from the beginning on, so that what is left is one piece whatever the clocks said. */
function* trim(until: number): Work<number> {
  const oldest = yield* ask(
    'select seq, at from @audit where seq <= (select seq from @audit_seal) order by seq limit ?',
    TRIMMED_AT_ONCE,
  )
  const kept = oldest.findIndex(({ at }) => (at as number) > until)
  const count = kept === -1 ? oldest.length : kept
  const last = oldest[count - 1]
  if (last) yield* run('delete from @audit where seq <= ?', last['seq'] as number)
  return count
}

/** Opens the log of a migrated schema. */
export const openPostgresAudit = ({ read, commit }: PostgresDeps): AuditShelf => ({
  append: (noted) =>
    commit([], function* () {
      for (const one of noted) yield* note(one)
    }),
  lines: async (from, order, limit) =>
    (
      await read(
        order === 'asc'
          ? 'select * from @audit where seq > ? order by seq limit ?'
          : 'select * from @audit where seq < ? order by seq desc limit ?',
        from,
        limit,
      )
    ).map(toLine),
  async sealed() {
    const [fresh] = await read('select 1 as one from @audit where seq is null limit 1')
    if (fresh) await commit([lockOf.audit], giveNumbers)
    return toSeal(await read(SEAL))
  },
  seal: (after, hashes) => commit([lockOf.audit], () => writeSeals(after, hashes)),
  trim: (until) => commit([lockOf.audit], () => trim(until)),
})
