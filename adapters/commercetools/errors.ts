/** What commercetools' errors mean: the first one's code decides, never its words. */
import type { ErrorRule } from '../../src/adapter/index.ts'
import { AUTHORIZATION, ERRORS, MOCK, TYPES } from './sources.ts'
import * as wire from './wire.ts'

/**
 * Of a cancel that carries a reason nothing else can be wrong so: the other values are a word of
 * the platform’s own and the key of a state. An update is done whole or not at all.
 */
const aboutReason: readonly ErrorRule[] = ['ReferencedResourceNotFound type', 'InvalidField'].map(
  (code) => ({
    status: 400,
    code,
    means: 'reason_refused',
    source: `${TYPES}: ${code.split(' ')[0]}Error; ${MOCK}: cancel-reason-without-type`,
  }),
)

export const errors: readonly ErrorRule[] = [
  {
    status: 401,
    means: 'credentials',
    source: `${AUTHORIZATION}: invalid_token, invalid_client; ${MOCK}: errors-auth`,
  },
  {
    status: 403,
    code: 'insufficient_scope',
    means: 'credentials',
    source: `${TYPES}: InsufficientScopeError`,
  },
  {
    status: 404,
    code: 'ResourceNotFound',
    means: 'order_not_found',
    source: `${TYPES}: ResourceNotFoundError; ${MOCK}: get-unknown, cancel-unknown`,
  },
  {
    status: 409,
    code: 'ConcurrentModification',
    means: 'not_processed',
    source:
      `${TYPES}: OrderUpdate.version, ConcurrentModificationError; ${MOCK}: ` +
      'cancel-wrong-version; the order changed since the look, and nothing was done',
  },
  ...[400, 409].map((status): ErrorRule => ({
    status,
    code: 'PendingOperation',
    means: 'not_processed',
    source: `${TYPES}: PendingOperationError, another operation must end before this can succeed`,
  })),
  ...aboutReason,
  {
    status: 400,
    code: 'InvalidOperation',
    means: 'refused',
    source: `${TYPES}: InvalidOperationError; ${ERRORS}: not in a state for the operation`,
  },
]

/** Reads code and message; of a reference that leads nowhere the code says to what. */
export function readError(body: unknown): { code: string | null; message: string | null } {
  const { data } = wire.ErrorReply.safeParse(body)
  const [first] = data?.errors ?? []
  const code = first?.code ?? data?.error ?? null
  return {
    code: code === 'ReferencedResourceNotFound' && first?.typeId ? `${code} ${first.typeId}` : code,
    message: data?.message ?? first?.message ?? data?.error_description ?? null,
  }
}
