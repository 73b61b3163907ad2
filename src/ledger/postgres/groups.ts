/**
 * Group commit: what is asked for in one tick, and while the connections are busy, is one
 * transaction, with one write to the server's disk.
 */
import { type Connection, isCollision } from './connection.ts'
import { attempt, type Job } from './transaction.ts'
import type { Database } from './work.ts'

/** Transactions of this process at once. */
const LANES = 4
/** Each lock takes a place in a table that all sessions of the server share. */
const MOST_JOBS = 32
/** Of a group that failed, so many are run alone at once: one that waits holds up few. */
const ALONE_AT_ONCE = 2
/** How often one is tried again where the server undid it because of others. */
const RETRIES = 4

/**
 * A connection that a pooler or a restart had closed: it broke before anything was committed, and
 * at once.
 */
const mayTryAgain = ({ message, written }: Error & { written?: null }): boolean =>
  written !== null && /terminated|ECONNRESET|EPIPE|not queryable/.test(message)

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

export interface Groups extends Pick<Database, 'commit'> {
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

/** Runs the jobs of one group, and tells each how it ended. */
const openRunning = (connection: Connection, schema: string, fit: () => Promise<unknown>) => {
  /** Runs one alone: so it is rejected for its own error only. */
  const runAlone = async (job: Job): Promise<void> => {
    for (let tries = 0; ; tries++) {
      const outcome = await attempt(connection, schema, [job])
      if ('results' in outcome) return job.resolve(outcome.results.get(job) as never)
      if (!isCollision(outcome.error) || tries === RETRIES) return job.reject(outcome.error)
      await wait(Math.random() * 20 * 2 ** tries)
    }
  }

  const runGroup = async (jobs: readonly Job[]): Promise<void> => {
    const rejectAll = (error: unknown) => {
      for (const job of jobs) job.reject(error)
    }
    try {
      await fit()
    } catch (error) {
      return rejectAll(error)
    }
    let outcome = await attempt(connection, schema, jobs)
    if ('error' in outcome && outcome.isLost && mayTryAgain(outcome.error))
      outcome = await attempt(connection, schema, jobs)
    if ('results' in outcome) {
      for (const job of jobs) job.resolve(outcome.results.get(job) as never)
      return
    }
    const { error, isLost } = outcome
    if (isLost || (jobs.length === 1 && !isCollision(error))) return rejectAll(error)
    // The server undid all of them: nothing of any was written.
    for (let from = 0; from < jobs.length; from += ALONE_AT_ONCE)
      await Promise.all(jobs.slice(from, from + ALONE_AT_ONCE).map(runAlone))
  }
  return runGroup
}

/** Opens the group commit; `fit` rejects where the server is not to be written to. */
export const openGroups = (
  connection: Connection,
  schema: string,
  fit: () => Promise<unknown>,
): Groups => {
  const runGroup = openRunning(connection, schema, fit)
  let waiting: Job[] = []
  let isAsked = false
  const lanes = new Set<Promise<void>>()

  const start = (): void => {
    isAsked = false
    while (waiting.length > 0 && lanes.size < LANES) {
      const jobs = waiting.slice(0, MOST_JOBS)
      waiting = waiting.slice(MOST_JOBS)
      const lane = runGroup(jobs).finally(() => {
        lanes.delete(lane)
        start()
      })
      lanes.add(lane)
    }
  }

  return {
    commit: (locks, work) =>
      new Promise((resolve, reject) => {
        waiting.push({ locks, work, resolve, reject })
        if (isAsked) return
        isAsked = true
        setImmediate(start)
      }),
    async settled() {
      while (lanes.size > 0 || waiting.length > 0) {
        await Promise.all(lanes)
        await wait(0)
      }
    },
  }
}
