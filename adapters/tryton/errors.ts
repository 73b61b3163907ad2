/** What Tryton's errors mean, and where each was seen or read. */
import type { ErrorRule } from '../../src/adapter/index.ts'

/** A real server on loopback; `recordings/` holds what it answered. */
export const LAB = 'recorded on Tryton 6.0.29 with sale 6.0.10, 2026-11-29'
export const SOURCE = 'trytond 6.0.29'

/**
 * Errors of the business come with 200, as `error: [name, …]`; their texts are translated, so the
 * name alone decides. Of what has another name, or none, nobody knows how far it got.
 */
export const errors: readonly ErrorRule[] = [
  {
    status: 401,
    means: 'credentials',
    source: `${LAB}: errors-auth; no session, or one that is over, and a wrong password`,
  },
  {
    status: 200,
    code: 'ConcurrencyException',
    means: 'not_processed',
    source: `${LAB}: cancel-if-unchanged; the sale changed since the look, and nothing was done`,
  },
  {
    status: 200,
    code: 'LoginException',
    means: 'credentials',
    source: `${SOURCE}, exceptions.py: the login wants more than a password`,
  },
  {
    status: 200,
    code: 'UserError',
    means: 'refused',
    source: `${LAB}: unknown-id; ${SOURCE}, protocols/dispatcher.py: raised before the commit`,
  },
  {
    status: 200,
    code: 'UserWarning',
    means: 'refused',
    source: `${SOURCE}, exceptions.py: asks a person to confirm, and has done nothing until then`,
  },
]
