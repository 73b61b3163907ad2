/** Batches in SQL: tables beside those of the cancellations, in the same database. */
import { type Batch, PHASES, type Phase, type Row, type RowState } from '../../model/batch.ts'
import type { Status } from '../../model/cancellation.ts'
import { type BatchLedger, batchScope, type FullLedger, type NewRow } from '../rules.ts'
import { KEY_LIFE_MS, RECORD_LIFE_MS } from '../port.ts'
import { inPortions, openSqlLedger, rest, type Row as Found, type Sql, type Value } from './sql.ts'

/**
 * Rows that are written by one statement: a Durable Object takes two megabytes in a value, and
 * nobody else is served meanwhile.
 */
const ROWS_AT_ONCE = 200

/** The place in PHASES is what is written: a later phase is a greater number. */
const phase = (name: Phase): number => PHASES.indexOf(name)
const REST = phase('rest')

const toBatch = (found: Found): Batch => ({
  ...(JSON.parse(found['body'] as string) as Batch),
  version: found['version'] as number,
})

const toRow = (found: Found): Row => ({
  batch: found['batch'] as string,
  row: found['number'] as number,
  phase: PHASES[found['phase'] as number] as Phase,
  status: found['status'] as Status,
  at: found['at'] as number,
  ...(JSON.parse(found['outcome'] as string) as Pick<
    RowState,
    'cancellation' | 'alreadyCanceled' | 'problem'
  >),
  request: JSON.parse(found['request'] as string) as Row['request'],
})

const outcomeOf = ({ cancellation, alreadyCanceled, problem }: RowState): string =>
  JSON.stringify({ cancellation, alreadyCanceled, problem })
const NO_OUTCOME = outcomeOf({
  phase: 'waiting',
  status: 'accepted',
  at: 0,
  cancellation: null,
  alreadyCanceled: false,
  problem: null,
})

/** Opens the batches of a migrated database. */
export const openSqlBatches = (sql: Sql, now: () => number = Date.now): BatchLedger => {
  const one = (id: string): Batch | null => {
    const [found] = sql.all('select version, body from batches where id = ?', id)
    return found ? toBatch(found) : null
  }
  const isDone = (id: string) =>
    sql.all('select 1 from batch_rows where batch = ? and phase < ? limit 1', id, REST).length === 0
  const save = (next: Batch): Batch | null => {
    const saved = { ...next, version: next.version + 1 }
    const written = sql.all(
      'update batches set version = ?, finished_at = ?, body = ? where id = ? and version = ? ' +
        'returning id',
      saved.version,
      saved.finishedAt,
      JSON.stringify(saved),
      next.id,
      next.version,
    )
    return written.length === 1 ? saved : null
  }
  const insert = (id: string, at: number, rows: readonly NewRow[]) => {
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      sql.run(
        `insert into batch_rows (batch, number, store, phase, status, at, outcome, request)
         select ?, value ->> 0, value ->> 1, 0, 'accepted', ?, ?, value ->> 2 from json_each(?)`,
        id,
        at,
        NO_OUTCOME,
        JSON.stringify(
          rows
            .slice(from, from + ROWS_AT_ONCE)
            .map(({ row, request }) => [row, request.store, JSON.stringify(request)]),
        ),
      )
    }
  }
  const write = ({ batch, row, ...state }: Row) =>
    sql.run(
      'update batch_rows set phase = ?, status = ?, at = ?, outcome = ? where batch = ? ' +
        'and number = ? and phase <= ?',
      phase(state.phase),
      state.status,
      state.at,
      outcomeOf(state),
      batch,
      row,
      phase(state.phase),
    )

  return {
    create: (batch, rows, key) =>
      sql.commit(() => {
        const scope = key && batchScope(key)
        const [used] =
          scope === null
            ? []
            : sql.all(
                'select id, fingerprint from keys where scope = ? and expires_at > ?',
                scope,
                now(),
              )
        const bound = used ? one(used['id'] as string) : null
        if (key && used && bound)
          return {
            outcome: used['fingerprint'] === key.fingerprint ? 'replayed' : 'key_reused',
            batch: bound,
          }
        sql.run(
          'insert into batches (id, version, caller, finished_at, body) values (?, ?, ?, ?, ?)',
          batch.id,
          batch.version,
          batch.caller,
          batch.finishedAt,
          JSON.stringify(batch),
        )
        insert(batch.id, batch.createdAt, rows)
        if (key && scope !== null)
          sql.run(
            'insert or replace into keys (scope, id, fingerprint, expires_at) values (?, ?, ?, ?)',
            scope,
            batch.id,
            key.fingerprint,
            now() + KEY_LIFE_MS,
          )
        return { outcome: 'created', batch }
      }),
    get: async (id) => one(id),
    save: (next) => sql.commit(() => save(next)),
    // Asked before, because it is asked often and a transaction costs a write.
    finish: async (next) =>
      isDone(next.id) ? sql.commit(() => (isDone(next.id) ? save(next) : null)) : null,
    list: async ({ caller, limit, after }) => {
      const conditions: [string, Value][] = [
        ...(caller === null ? [] : [['caller = ?', caller] as [string, Value]]),
        ...(after === undefined ? [] : [['id < ?', after] as [string, Value]]),
      ]
      const where =
        conditions.length === 0 ? '' : `where ${conditions.map(([text]) => text).join(' and ')}`
      return sql
        .all(
          `select version, body from batches ${where} order by id desc limit ?`,
          ...conditions.map(([, value]) => value),
          limit,
        )
        .map(toBatch)
    },
    unfinished: async () =>
      sql
        .all('select version, body from batches where finished_at is null order by id')
        .map(toBatch),
    rows: async (id, { status, limit, after = 0 }) =>
      (status === undefined
        ? sql.all(
            'select * from batch_rows where batch = ? and number > ? order by number limit ?',
            id,
            after,
            limit,
          )
        : sql.all(
            'select * from batch_rows where batch = ? and status = ? and number > ? order by ' +
              'number limit ?',
            id,
            status,
            after,
            limit,
          )
      ).map(toRow),
    take: async (id, store, limit) => {
      const next = () =>
        sql.all(
          'select * from batch_rows where batch = ? and phase = 0 and store = ? and status = ' +
            "'accepted' order by number limit ?",
          id,
          store,
          limit,
        )
      if (next().length === 0) return []
      return sql.commit(() => {
        if (one(id)?.status !== 'running') return []
        const taken = next().map((found) => ({
          ...toRow(found),
          phase: 'taken' as const,
          at: now(),
        }))
        taken.forEach(write)
        return taken
      })
    },
    open: async (store) =>
      sql
        .all(
          'select * from batch_rows where store = ? and phase in (1, 2) order by batch, number',
          store,
        )
        .map(toRow),
    mark: (rows) => sql.commit(() => rows.forEach(write)),
    drop: async (id, state) => {
      while (
        sql.all('select 1 from batch_rows where batch = ? and phase = 0 limit 1', id).length > 0
      ) {
        await sql.commit(() =>
          sql.run(
            'update batch_rows set phase = ?, status = ?, at = ?, outcome = ? where batch = ? ' +
              'and number in (select number from batch_rows where batch = ? and phase = 0 limit ?)',
            phase(state.phase),
            state.status,
            state.at,
            outcomeOf(state),
            id,
            id,
            ROWS_AT_ONCE,
          ),
        )
        await rest()
      }
    },
    tallies: async (id) =>
      sql
        .all(
          'select store, phase, status, count from batch_tallies where batch = ? and count > 0',
          id,
        )
        .map((found) => ({
          store: found['store'] as string,
          phase: PHASES[found['phase'] as number] as Phase,
          status: found['status'] as Status,
          count: found['count'] as number,
        })),
    recent: async (store, limit) =>
      sql
        .all(
          'select at from batch_rows where store = ? and phase = 3 and at > 0 order by at desc limit ?',
          store,
          limit,
        )
        .map((found) => found['at'] as number),
    async sweep() {
      // A batch goes at once, so that none is seen with some of its rows only; they follow, after a
      // crash too.
      const until = now() - RECORD_LIFE_MS
      await sql.commit(() => {
        sql.run(
          "insert into meta (name, value) select 'forgotten ' || id, 0 from batches where " +
            'finished_at <= ?',
          until,
        )
        sql.run('delete from batches where finished_at <= ?', until)
      })
      for (const { name, id } of sql.all(
        "select name, substr(name, 11) as id from meta where name > 'forgotten ' and name < " +
          "'forgotten!'",
      )) {
        await inPortions(
          sql,
          'delete from batch_rows where batch = ? and number in (select number from batch_rows ' +
            'where batch = ? limit ?) returning 1',
          id as string,
          id as string,
        )
        await sql.commit(() => {
          sql.run('delete from batch_tallies where batch = ?', id as string)
          sql.run('delete from meta where name = ?', name as string)
        })
      }
    },
  }
}

/**
 * Opens all that a migrated database keeps. What a sweep has left over when the ledger is closed
 * goes with the next one.
 */
export const openFullSqlLedger = (sql: Sql, now: () => number = Date.now): FullLedger => {
  const [ledger, batches] = [openSqlLedger(sql, now), openSqlBatches(sql, now)]
  let isClosed = false
  return {
    ...ledger,
    batches,
    async sweep() {
      const wasClosed = isClosed
      try {
        await ledger.sweep()
        await batches.sweep()
      } catch (error) {
        if (isClosed === wasClosed) throw error
      }
    },
    async close() {
      isClosed = true
      await ledger.close()
    },
  }
}
