/** One transaction of several jobs: what they ask is sent together, and what they write. */
import { unsure } from '../rules.ts'
import {
  type Connection,
  failedAtCommit,
  isAnswer,
  type Session,
  withoutValues,
} from './connection.ts'
import { type Locks, type ResultRow, type Statement, statement, type Work } from './work.ts'

/**
 * What holds for this transaction only, as a pooler between wants it: who waits for a lock does so
 * for less long than an answer is waited for, and who stops in the middle is not waited for.
 */
const BEGIN =
  'begin isolation level read committed; set local lock_timeout = 4000; ' +
  'set local idle_in_transaction_session_timeout = 5000'

/**
 * In the order of their numbers, so that two transactions never wait for each other; each to the
 * end of the transaction.
 */
const LOCK =
  'select count(pg_advisory_xact_lock(number)) as locked from (select distinct ' +
  'hashtextextended(name, 0) as number from unnest(?::text[]) as name order by 1) as locks'

export interface Job {
  readonly locks: Locks
  readonly work: () => Work<unknown>
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/** Jobs without a lock in common run side by side; each comes after those that it has one with. */
const wavesOf = (jobs: readonly Job[]): Job[][] => {
  const waves: Job[][] = []
  const next = new Map<string, number>()
  for (const job of jobs) {
    const at = Math.max(0, ...job.locks.map((lock) => next.get(lock) ?? 0))
    ;(waves[at] ??= []).push(job)
    for (const lock of job.locks) next.set(lock, at + 1)
  }
  return waves
}

interface Running {
  readonly job: Job
  readonly work: Work<unknown>
  asks: readonly Statement[]
}

/** What a job threw itself: the connection knows nothing of it. */
class JobFailed extends Error {}

/** Runs one on until it asks or is done; what it writes is put behind what was written before. */
const advance = (
  running: Running,
  found: readonly ResultRow[][],
  writes: Statement[],
  results: Map<Job, unknown>,
): boolean => {
  try {
    for (let step = running.work.next(found); ; step = running.work.next([])) {
      if (step.done) {
        results.set(running.job, step.value)
        return false
      }
      if ('asks' in step.value) {
        running.asks = step.value.asks
        return true
      }
      writes.push(step.value.writes)
    }
  } catch (cause) {
    throw new JobFailed('a job failed', { cause })
  }
}

/** Whoever waits for it is told; where nobody does any more, nobody has to be. */
const handled = <Result>(sent: Promise<Result>): Promise<Result> => {
  sent.catch(() => {})
  return sent
}

/** Commits behind what was sent; an error of the server before is its no to the commit, too. */
const finish = async (session: Session, before: readonly Promise<unknown>[]) => {
  const outcomes = await Promise.allSettled([...before, session.command('commit')])
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failedAtCommit(failed.reason as Error)
  if (session.isUnconfirmed()) throw unsure(new Error('no standby confirmed the commit'))
}

/** Runs all in one transaction; where it fails the error tells whether they may be written. */
const runAll = async (session: Session, schema: string, jobs: readonly Job[]) => {
  const results = new Map<Job, unknown>()
  const send = (one: Statement) => handled(session.send(one))
  const names = [...new Set(jobs.flatMap(({ locks }) => locks))].map((name) => `${schema} ${name}`)
  let sent: Promise<unknown>[] = [handled(session.command(BEGIN))]
  if (names.length > 0) sent.push(send(statement(LOCK, names)))
  let writes: Statement[] = []
  /** Sends what was written until now, behind everything that was sent before. */
  const flush = (): Promise<unknown>[] => {
    const some = [...sent, ...writes.map(send)]
    ;[sent, writes] = [[], []]
    return some
  }
  for (const wave of wavesOf(jobs)) {
    let active = wave
      .map((job): Running => ({ job, work: job.work(), asks: [] }))
      .filter((running) => advance(running, [], writes, results))
    while (active.length > 0) {
      const before = flush()
      const asked = active.map(({ asks }) => Promise.all(asks.map(send)))
      const [found] = await Promise.all([Promise.all(asked), Promise.all(before)])
      active = active.filter((running, index) =>
        advance(running, found[index] ?? [], writes, results),
      )
    }
  }
  await finish(session, flush())
  return results
}

export type Outcome =
  | { readonly results: Map<Job, unknown> }
  /** `isLost`: the connection is gone, or never was. */
  | { readonly error: Error; readonly isLost: boolean }

/** Runs all on a connection of its own, which is given back clean or not at all. */
export const attempt = async (
  connection: Connection,
  schema: string,
  jobs: readonly Job[],
): Promise<Outcome> => {
  let session: Session
  try {
    session = await connection.session()
  } catch (error) {
    return { error: error as Error, isLost: true }
  }
  try {
    const results = await runAll(session, schema, jobs)
    session.end(false)
    return { results }
  } catch (thrown) {
    const isOurs = thrown instanceof JobFailed
    const error = isOurs ? (thrown.cause as Error) : withoutValues(thrown)
    const isLost = !isOurs && !isAnswer(error)
    const isClean =
      !isLost &&
      (await session.command('rollback').then(
        () => true,
        () => false,
      ))
    session.end(!isClean)
    if (!isClean) connection.onLost()
    return { error, isLost }
  }
}
