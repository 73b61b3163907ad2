/** The audit log in SQL: a table that is only written at its end, and trimmed at its beginning. */
import type { Noted } from '../../model/audit.ts'
import type { AuditLine, AuditShelf, Seal } from '../audit.ts'
import type { ResultRow, Sql } from './database.ts'

/** How many entries are deleted at once: nobody else is served meanwhile. */
const TRIMMED_AT_ONCE = 50

/** Writes an entry, in the transaction of what it tells of. */
export const noteRow = (sql: Sql, noted: Noted | undefined): void => {
  if (!noted) return
  sql.run(
    'insert into audit (seq, at, body) select max(coalesce((select max(seq) from audit), 0), ' +
      '(select seq from audit_seal where one = 1)) + 1, ?, ?',
    noted.at,
    JSON.stringify(noted),
  )
}

const toLine = (found: ResultRow): AuditLine => ({
  seq: found['seq'] as number,
  noted: JSON.parse(found['body'] as string) as Noted,
  previous: found['previous'] as string | null,
  hash: found['hash'] as string | null,
})

const sealOf = (sql: Sql): Seal => {
  const [found] = sql.all('select seq, hash from audit_seal where one = 1')
  return { seq: found?.['seq'] as number, hash: found?.['hash'] as string }
}

const writeSeals = (sql: Sql, after: Seal, hashes: readonly string[]): void => {
  if (sealOf(sql).seq !== after.seq) return
  hashes.forEach((hash, index) =>
    sql.run(
      'update audit set previous = ?, hash = ? where seq = ?',
      hashes[index - 1] ?? after.hash,
      hash,
      after.seq + 1 + index,
    ),
  )
  sql.run(
    'update audit_seal set seq = ?, hash = ? where one = 1',
    after.seq + hashes.length,
    hashes.at(-1) ?? after.hash,
  )
}

/** Deletes from the beginning on, so that what is left is one piece whatever the clocks said. */
const trimRows = (sql: Sql, until: number): number => {
  const oldest = sql.all(
    'select seq, at from audit where seq <= (select seq from audit_seal where one = 1) ' +
      'order by seq limit ?',
    TRIMMED_AT_ONCE,
  )
  const kept = oldest.findIndex(({ at }) => (at as number) > until)
  const count = kept === -1 ? oldest.length : kept
  const last = oldest[count - 1]
  if (last) sql.run('delete from audit where seq <= ?', last['seq'] as number)
  return count
}

/** Opens the log of a migrated database. */
export const openSqlAudit = (sql: Sql): AuditShelf => ({
  append: (noted) => sql.commit(() => noted.forEach((one) => noteRow(sql, one))),
  lines: async (from, order, limit) =>
    sql
      .all(
        order === 'asc'
          ? 'select * from audit where seq > ? order by seq limit ?'
          : 'select * from audit where seq < ? order by seq desc limit ?',
        from,
        limit,
      )
      .map(toLine),
  sealed: async () => sealOf(sql),
  seal: (after, hashes) => sql.commit(() => writeSeals(sql, after, hashes)),
  trim: (until) => sql.commit(() => trimRows(sql, until)),
})
