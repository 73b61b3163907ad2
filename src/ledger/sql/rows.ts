/** The rows of batches in SQL. */
import {
  type Batch,
  PHASES,
  type Phase,
  type Row,
  type RowState,
  type Tally,
  WAITING,
} from '../../model/batch.ts'
import type { Status } from '../../model/cancellation.ts'
import type { NewRow, RowQuery } from '../port.ts'
import { rankOf } from '../rules.ts'
import { nextTurnOfLoop, type ResultRow, type Sql } from './database.ts'

/**
 * Rows that are written by one statement: a Durable Object takes two megabytes in a value, and
 * nobody else is served meanwhile.
 */
const ROWS_AT_ONCE = 200

const REST = rankOf('rest')

/** The rank of a phase is what is written. */
const toPhase = (rank: ResultRow[string] | undefined): Phase => PHASES[rank as number] as Phase

export const toRow = (found: ResultRow): Row => ({
  batch: found['batch'] as string,
  row: found['number'] as number,
  phase: toPhase(found['phase']),
  status: found['status'] as Status,
  at: found['at'] as number,
  ...(JSON.parse(found['outcome'] as string) as Pick<
    RowState,
    'cancellation' | 'alreadyCanceled' | 'problem'
  >),
  request: JSON.parse(found['request'] as string) as Row['request'],
})

const outcomeOf = ({ cancellation, alreadyCanceled, problem }: Omit<RowState, 'at'>): string =>
  JSON.stringify({ cancellation, alreadyCanceled, problem })
const NO_OUTCOME = outcomeOf(WAITING)

export const insertRows = (sql: Sql, { id, createdAt }: Batch, rows: readonly NewRow[]): void => {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.slice(from, from + ROWS_AT_ONCE)
    sql.run(
      `insert into batch_rows (batch, number, store, phase, status, at, outcome, request)
       select ?, value ->> 0, value ->> 1, 0, 'accepted', ?, ?, value ->> 2 from json_each(?)`,
      id,
      createdAt,
      NO_OUTCOME,
      JSON.stringify(some.map(({ row, request }) => [row, request.store, JSON.stringify(request)])),
    )
  }
}

/** Writes a row's state, unless the row is in a later phase already. */
export const writeRow = (sql: Sql, { batch, row, ...state }: Row): void =>
  sql.run(
    'update batch_rows set phase = ?, status = ?, at = ?, outcome = ? where batch = ? ' +
      'and number = ? and phase <= ?',
    rankOf(state.phase),
    state.status,
    state.at,
    outcomeOf(state),
    batch,
    row,
    rankOf(state.phase),
  )

/** Writes a row at rest anew, its request too. */
export const rewriteRow = (sql: Sql, { batch, row, request, ...state }: Row): void =>
  sql.run(
    'update batch_rows set request = ?, outcome = ? where batch = ? and number = ?',
    JSON.stringify(request),
    outcomeOf(state),
    batch,
    row,
  )

/** Whether every row of a batch is at rest. */
export const isAtRest = (sql: Sql, id: string): boolean =>
  sql.all('select 1 from batch_rows where batch = ? and phase < ? limit 1', id, REST).length === 0

export const readRows = (sql: Sql, id: string, { status, limit, after = 0 }: RowQuery): Row[] => {
  const found =
    status === undefined
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
  return found.map(toRow)
}

/** Finds the next rows of a store that nobody took. */
export const waitingRows = (sql: Sql, id: string, store: string, limit: number): ResultRow[] =>
  sql.all(
    'select * from batch_rows where batch = ? and phase = 0 and store = ? and status = ' +
      "'accepted' order by number limit ?",
    id,
    store,
    limit,
  )

export const openRows = (sql: Sql, store: string): Row[] =>
  sql
    .all(
      'select * from batch_rows where store = ? and phase in (1, 2) order by batch, number',
      store,
    )
    .map(toRow)

/** Brings every waiting row into a state, some at once; others have their turn between. */
export const setWaitingRows = async (sql: Sql, id: string, state: RowState): Promise<void> => {
  const isAnyWaiting = () =>
    sql.all('select 1 from batch_rows where batch = ? and phase = 0 limit 1', id).length > 0
  while (isAnyWaiting()) {
    await sql.commit(() =>
      sql.run(
        'update batch_rows set phase = ?, status = ?, at = ?, outcome = ? where batch = ? ' +
          'and number in (select number from batch_rows where batch = ? and phase = 0 limit ?)',
        rankOf(state.phase),
        state.status,
        state.at,
        outcomeOf(state),
        id,
        id,
        ROWS_AT_ONCE,
      ),
    )
    await nextTurnOfLoop()
  }
}

export const talliesOf = (sql: Sql, id: string): Tally[] =>
  sql
    .all('select store, phase, status, count from batch_tallies where batch = ? and count > 0', id)
    .map((found) => ({
      store: found['store'] as string,
      phase: toPhase(found['phase']),
      status: found['status'] as Status,
      count: found['count'] as number,
    }))

/** When the last rows of a store came to rest, the latest first. */
export const recentTimes = (sql: Sql, store: string, limit: number): number[] =>
  sql
    .all(
      'select at from batch_rows where store = ? and phase = 3 and at > 0 ' +
        'order by at desc limit ?',
      store,
      limit,
    )
    .map((found) => found['at'] as number)
