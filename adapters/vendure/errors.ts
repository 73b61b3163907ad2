/** What Vendure's errors mean, and where each was seen or read. */
import { z } from 'zod'
import type { ErrorRule } from '../../src/adapter/index.ts'

/** A real server on loopback, with PostgreSQL; `recordings/` holds what it answered. */
export const LAB = 'recorded on Vendure 3.7.3, 2026-11-30'
export const DOCS = 'https://docs.vendure.io/reference/graphql-api/admin/mutations#cancelorder'

/**
 * Refusals and failures come with 200. What was thrown at the operation itself rolled everything
 * back; a refusal as a result did not (recorded: cancel-modifying, refused-by-process), so that
 * every one is looked into.
 */
export const errors: readonly ErrorRule[] = [
  {
    status: 200,
    code: 'FORBIDDEN',
    means: 'credentials',
    source: `${LAB}: no credentials, bad ones, or without the permission; nothing tells which`,
  },
  {
    status: 200,
    code: 'INVALID_CREDENTIALS_ERROR',
    means: 'credentials',
    source: `${LAB}: login-refused`,
  },
  {
    status: 200,
    code: 'CHANNEL_NOT_FOUND',
    means: 'credentials',
    source: `${LAB}: unknown-channel; the store’s settings name a channel that is not there`,
  },
  {
    status: 200,
    code: 'ENTITY_NOT_FOUND',
    means: 'order_not_found',
    source: `${LAB}: cancel-unknown-id`,
  },
  {
    status: 404,
    message: /^Cannot POST /,
    means: 'credentials',
    source: `${LAB}: no-api-there; the store’s settings name a path that is not there`,
  },
  {
    status: 200,
    message: /^deadlock detected$/,
    means: 'not_processed',
    source:
      `${LAB}: deadlock; https://www.postgresql.org/docs/current/explicit-locking.html, ` +
      '13.3.4: one of the transactions is aborted, and Vendure rolled it back',
  },
  {
    status: 200,
    code: 'EMPTY_ORDER_LINE_SELECTION_ERROR',
    means: 'refused',
    source: `${LAB}: cancel-twice; no piece is left, whether the order is canceled or not`,
  },
  {
    status: 200,
    code: 'ORDER_STATE_TRANSITION_ERROR',
    means: 'refused',
    source: `${LAB}: cancel-modifying, refused-by-process; its lines are canceled all the same`,
  },
]

const Thrown = z.looseObject({
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])).nullish(),
  extensions: z.looseObject({ code: z.string().nullish() }).nullish(),
})
const Body = z.looseObject({
  errors: z.array(z.unknown()).nullish(),
  data: z.record(z.string(), z.unknown()).nullish(),
  /** Of the HTTP server around it, as where there is no such address. */
  message: z.string().nullish(),
})
const Refusal = z.looseObject({
  errorCode: z.string(),
  message: z.string().nullish(),
  /** A shop's own word why it lets no such order be canceled. */
  transitionError: z.string().nullish(),
})

const thrown = (error: unknown) => {
  const { message, path, extensions } = Thrown.safeParse(error).data ?? {}
  // Of a part of the reply: what was asked for may be done all the same.
  return path && path.length > 1
    ? { code: null, message: `${path.join('.')}: ${message}` }
    : { code: extensions?.code ?? null, message: message ?? 'an error without a message' }
}

export const readError = (body: unknown): { code: string | null; message: string | null } => {
  const { errors, data, message } = Body.safeParse(body).data ?? {}
  if (errors && errors.length > 0) return thrown(errors[0])
  for (const result of Object.values(data ?? {})) {
    const refusal = Refusal.safeParse(result).data
    if (refusal)
      return {
        code: refusal.errorCode,
        message: refusal.transitionError ?? refusal.message ?? null,
      }
  }
  return { code: null, message: data ? null : (message ?? null) }
}
