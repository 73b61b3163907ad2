/** What Saleor's errors mean, and where each was read. Most of them come with 200. */
import type { ErrorRule, Said } from '../../src/adapter/index.ts'
import { code, ERRORS } from './sources.ts'
import * as wire from './wire.ts'

/** A token of no app is nobody's: what asks for a permission is denied. */
const DENIED: readonly Omit<ErrorRule, 'status'>[] = [
  { code: 'PermissionDenied', means: 'credentials', source: `${ERRORS}#query-level-errors` },
  // Of a person's token, which is none of an app's.
  ...['ExpiredSignatureError', 'InvalidSignatureError', 'InvalidTokenError'].map((one) => ({
    code: one,
    means: 'credentials' as const,
    source: code('core/auth_backend.py, core/jwt.py, graphql/utils/__init__.py (format_error)'),
  })),
]

const NO_ORDER = /^Invalid ID: /
const MISSING: readonly Omit<ErrorRule, 'status'>[] = [
  {
    code: 'NOT_FOUND',
    means: 'order_not_found',
    source: code('graphql/core/mutations.py, get_node_or_error'),
  },
  ...['GRAPHQL_ERROR', 'GraphQLError'].map((one) => ({
    code: one,
    message: NO_ORDER,
    means: 'order_not_found' as const,
    source: code('graphql/core/utils/__init__.py, from_global_id_or_error'),
  })),
]

export const errors: readonly ErrorRule[] = [
  ...[...DENIED, ...MISSING].map((rule) => ({ status: 200, ...rule })),
  {
    // One code for all that is in the way, also that it is canceled already.
    status: 200,
    code: 'CANNOT_CANCEL_ORDER',
    means: 'refused',
    source: code('graphql/order/mutations/order_cancel.py, clean_order_cancel'),
  },
  {
    status: 400,
    code: 'QueryCostError',
    means: 'not_processed',
    source: code('graphql/views.py, execute_graphql_request: before anything is executed'),
  },
  {
    status: 400,
    message: /./,
    means: 'doubt',
    source: code('graphql/views.py, execute_graphql_request: so ends what fails on the way, too'),
  },
]

/** An error that says nothing is one all the same. */
const UNSAID = 'an error without a message'

/**
 * An error at a part of a mutation's reply is none of the mutation: what was asked for is done
 * before its reply is made.
 */
const isPartOfReply = (path: readonly unknown[] | null | undefined): boolean =>
  path !== null && path !== undefined && path.length > 1 && /^order[A-Z]/.test(String(path[0]))

/** Reads the error that counts, wherever it stands; both null: there is none. */
export const readError = (body: unknown): Said => {
  const { errors: top, data } = wire.ErrorReply.safeParse(body).data ?? {}
  const [query] = top ?? []
  if (query) {
    const { message, path, extensions } = query
    return isPartOfReply(path)
      ? { code: null, message: `${path?.join('.')}: ${message ?? UNSAID}` }
      : {
          code: extensions?.exception?.code ?? extensions?.code ?? null,
          message: message ?? UNSAID,
        }
  }
  const [own] = Object.values(data ?? {}).flatMap((result) => result?.errors ?? [])
  return own
    ? { code: own.code ?? null, message: own.message ?? UNSAID }
    : { code: null, message: null }
}
