/** The rows of batches in PostgreSQL. */
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
import { type Condition, type PostgresDeps, valuesOf, when, where } from './deps.ts'
import { lockOf, type ResultRow, run, type Statement, statement, type Work } from './work.ts'

/** Rows that are written by one statement. */
const ROWS_AT_ONCE = 1_000

const REST = rankOf('rest')

export const toRow = (found: ResultRow): Row => ({
  batch: found['batch'] as string,
  row: found['number'] as number,
  // The rank of a phase is what is written.
  phase: PHASES[found['phase'] as number] as Phase,
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

export function* insertRows({ id, createdAt }: Batch, rows: readonly NewRow[]): Work<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.slice(from, from + ROWS_AT_ONCE)
    yield* run(
      'insert into @batch_rows (batch, number, store, phase, status, at, outcome, request) ' +
        "select ?, number, store, 0, 'accepted', ?, ?, request from unnest(?::int[], ?::text[], " +
        '?::text[]) as rows(number, store, request)',
      id,
      createdAt,
      NO_OUTCOME,
      some.map(({ row }) => row),
      some.map(({ request }) => request.store),
      some.map(({ request }) => JSON.stringify(request)),
    )
  }
}

/** The last of the same row that is not behind another of it. */
const lastOfEach = (rows: readonly Row[]): Row[] => {
  const last = new Map<string, Row>()
  for (const row of rows) {
    const place = JSON.stringify([row.batch, row.row])
    const other = last.get(place)
    if (!other || rankOf(other.phase) <= rankOf(row.phase)) last.set(place, row)
  }
  return [...last.values()]
}

/** Writes the states of rows, unless they are in a later phase already. */
export function* writeRows(rows: readonly Row[]): Work<void> {
  const some = lastOfEach(rows)
  yield* run(
    'update @batch_rows as known set phase = next.phase, status = next.status, at = next.at, ' +
      'outcome = next.outcome from unnest(?::text[], ?::int[], ?::int[], ?::text[], ?::float8[], ' +
      '?::text[]) as next(batch, number, phase, status, at, outcome) where known.batch = ' +
      'next.batch and known.number = next.number and known.phase <= next.phase',
    some.map(({ batch }) => batch),
    some.map(({ row }) => row),
    some.map(({ phase }) => rankOf(phase)),
    some.map(({ status }) => status),
    some.map(({ at }) => at),
    some.map(outcomeOf),
  )
}

/** Writes rows at rest anew, their requests too. */
export function* rewriteRows(rows: readonly Row[]): Work<void> {
  for (const { batch, row, request, ...state } of rows)
    yield* run(
      'update @batch_rows set request = ?, outcome = ? where batch = ? and number = ?',
      JSON.stringify(request),
      outcomeOf(state),
      batch,
      row,
    )
}

export const batchLocks = (rows: readonly Row[]): string[] => [
  ...new Set(rows.map(({ batch }) => lockOf.batch(batch))),
]

/** Asks for a row of a batch that is not at rest. */
export const askUnrest = (id: string): Statement =>
  statement('select 1 as one from @batch_rows where batch = ? and phase < ? limit 1', id, REST)

export const readRows = async (
  { read }: PostgresDeps,
  id: string,
  { status, limit, after = 0 }: RowQuery,
): Promise<Row[]> => {
  const conditions: Condition[] = [
    ['batch = ?', id],
    ['number > ?', after],
    ...when(status !== undefined, ['status = ?', status as string]),
  ]
  const found = await read(
    `select * from @batch_rows ${where(conditions)} order by number limit ?`,
    ...valuesOf(conditions),
    limit,
  )
  return found.map(toRow)
}

/** Asks for the next rows of a store that nobody took. */
export const askWaiting = (id: string, store: string, limit: number): Statement =>
  statement(
    'select * from @batch_rows where batch = ? and phase = 0 and store = ? and ' +
      "status = 'accepted' order by number limit ?",
    id,
    store,
    limit,
  )

export const openRows = async ({ read }: PostgresDeps, store: string): Promise<Row[]> =>
  (
    await read(
      'select * from @batch_rows where store = ? and phase in (1, 2) order by batch, number',
      store,
    )
  ).map(toRow)

/** Brings every waiting row into a state, some at once. */
export const setWaitingRows = async (
  { commit, read }: PostgresDeps,
  id: string,
  state: RowState,
): Promise<void> => {
  const isAnyWaiting = async () =>
    (await read('select 1 as one from @batch_rows where batch = ? and phase = 0 limit 1', id))
      .length > 0
  while (await isAnyWaiting())
    await commit([lockOf.batch(id)], () =>
      run(
        'update @batch_rows set phase = ?, status = ?, at = ?, outcome = ? where batch = ? ' +
          'and number in (select number from @batch_rows where batch = ? and phase = 0 limit ?)',
        rankOf(state.phase),
        state.status,
        state.at,
        outcomeOf(state),
        id,
        id,
        ROWS_AT_ONCE,
      ),
    )
}

/** Counted when it is asked for: a batch has ten thousand rows at most, and an index. */
export const talliesOf = async ({ read }: PostgresDeps, id: string): Promise<Tally[]> =>
  (
    await read(
      'select store, phase, status, count(*)::int as count from @batch_rows where batch = ? ' +
        'group by store, phase, status order by phase, store, status',
      id,
    )
  ).map((found) => ({
    store: found['store'] as string,
    phase: PHASES[found['phase'] as number] as Phase,
    status: found['status'] as Status,
    count: found['count'] as number,
  }))

/** When the last rows of a store came to rest, the latest first. */
export const recentTimes = async (
  { read }: PostgresDeps,
  store: string,
  limit: number,
): Promise<number[]> =>
  (
    await read(
      'select at from @batch_rows where store = ? and phase = 3 and at > 0 order by at desc ' +
        'limit ?',
      store,
      limit,
    )
  ).map((found) => found['at'] as number)
