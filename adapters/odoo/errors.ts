/** What Odoo's errors mean, in both of its APIs, and where each was seen or read. */
import type { ErrorRule, Said } from '../../src/adapter/index.ts'
import { HTTP, JSON2, PROBE, TRANSACTION } from './sources.ts'

/** JSON-RPC answers every failure with 200, so the name of the exception decides there. */
const named = (
  name: string,
  statuses: readonly number[],
  means: ErrorRule['means'],
  source: string,
): ErrorRule[] => statuses.map((status) => ({ status, code: name, means, source }))

const UNDONE = `${TRANSACTION}: what a method raises ends its transaction, which is rolled back`

/**
 * Texts are translated, so none is read. What has another name, or none, is doubt under 200 and
 * 500: nobody knows how far it got (a field that is not there is a 500 in JSON-2).
 */
export const errors: readonly ErrorRule[] = [
  ...named('odoo.exceptions.UserError', [200, 422], 'refused', `${UNDONE}; 422: ${HTTP}`),
  ...named('odoo.exceptions.ValidationError', [200, 422], 'refused', `${UNDONE}; 422: ${PROBE}`),
  ...named('odoo.exceptions.RedirectWarning', [200], 'refused', UNDONE),
  // Of any record: whether it is the order that is gone, the look tells.
  ...named('odoo.exceptions.MissingError', [200, 404], 'refused', `${UNDONE}; 404: ${PROBE}`),
  ...named('odoo.exceptions.AccessDenied', [200, 403], 'credentials', `${UNDONE}; 403: ${HTTP}`),
  ...named('odoo.exceptions.AccessError', [200, 403], 'credentials', `${UNDONE}; 403: ${HTTP}`),
  {
    status: 401,
    code: 'werkzeug.exceptions.Unauthorized',
    means: 'credentials',
    source: `${PROBE}: a wrong key`,
  },
  {
    status: 422,
    code: 'werkzeug.exceptions.UnprocessableEntity',
    means: 'refused',
    source: `${JSON2}: arguments that the method does not take; it was not called`,
  },
  ...named('odoo.exceptions.LockError', [200, 409], 'not_processed', `${UNDONE}; 409: ${HTTP}`),
  ...['SerializationFailure', 'LockNotAvailable', 'DeadlockDetected'].flatMap((name) =>
    named(
      `psycopg2.errors.${name}`,
      [200, 500],
      'not_processed',
      `${TRANSACTION}: rolled back, tried five times and then given up; 500: ${HTTP}`,
    ),
  ),
]

type Members = Readonly<Record<string, unknown>>

const membersOf = (value: unknown): Members | null =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Members) : null

/** The name of a class, with its modules before it; nothing else is passed on. */
const NAME = /^[A-Za-z_][\w.]{0,99}$/

const codeOf = (exception: Members | null): string =>
  typeof exception?.['name'] === 'string' && NAME.test(exception['name'])
    ? exception['name']
    : 'error'

/**
 * `{ error: { data: { name, … } } }` in JSON-RPC, `{ name, message, arguments, … }` in JSON-2. The
 * texts are left out: they hold paths of the server, names of customers and a traceback.
 */
export const readError = (body: unknown): Said => {
  const said = membersOf(body)
  if (said?.['error'] !== undefined)
    return { code: codeOf(membersOf(membersOf(said['error'])?.['data'])), message: null }
  // A dialog has a name too.
  const isException = typeof said?.['message'] === 'string' && Array.isArray(said['arguments'])
  return { code: isException ? codeOf(said) : null, message: null }
}
