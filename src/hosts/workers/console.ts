/**
 * The gateway on Cloudflare Workers with the pages for people: the API of index.ts, the same
 * objects behind it, and the console under `/console`. An entry of its own, so that the API stays
 * small.
 */
import { createConsole, MIN_SECRET } from '../../console/index.ts'
import { logger } from './log.ts'
import { createWorker } from './worker.ts'

export type { Bindings } from './context.ts'
export { Account } from './object.ts'

/**
 * How long an open page waits between two looks at least: each asks every object that keeps a
 * ledger.
 */
const LOOK_MS = 3_000

export default createWorker(({ bindings, ...parts }) => {
  const given = bindings['RESCIND_SESSION_SECRET']
  // No isolate can make one of its own: the next request comes to another.
  const secret = typeof given === 'string' && given.length >= MIN_SECRET ? given : null
  if (parts.callers !== null && secret === null)
    logger(bindings)(
      'error',
      `the console needs the secret RESCIND_SESSION_SECRET, at least ${MIN_SECRET} characters`,
      {},
    )
  return createConsole({ ...parts, secret, lookMs: LOOK_MS, isAlone: false })
})
