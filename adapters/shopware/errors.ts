/** What Shopware's errors mean. */
import type { ErrorRule, Said } from '../../src/adapter/index.ts'
import { ERRORS, EXCEPTIONS, LOCKER, REGISTRY } from './sources.ts'
import * as wire from './wire.ts'

/**
 * 401, and 403 with words, mean credentials everywhere. The code decides: a sentence is for people.
 */
export const errors: readonly ErrorRule[] = [
  {
    status: 400,
    code: 'SYSTEM__ILLEGAL_STATE_TRANSITION',
    means: 'refused',
    source: `${EXCEPTIONS}; ${REGISTRY}: thrown before anything is written`,
  },
  {
    status: 400,
    code: 'SYSTEM__STATE_MACHINE_INVALID_ENTITY_ID',
    means: 'order_not_found',
    source: `${EXCEPTIONS}; ${REGISTRY}: the order is read first`,
  },
  {
    status: 400,
    code: 'FRAMEWORK__INVALID_UUID',
    means: 'order_not_found',
    source: 'github.com/shopware/shopware, src/Core/Framework/Uuid: what is no id is no order’s',
  },
  ...[400, 404, 405, 409, 412, 422].map((status) => ({
    status,
    means: 'doubt' as const,
    source:
      `${REGISTRY}: stock, flows and extensions follow once the state is written, and ${ERRORS} ` +
      `passes on what they throw; the lock’s own code nobody has shown (${LOCKER})`,
  })),
]

/** Reads the first error: its detail, or for a login its title alone (ErrorResponseFactory). */
export const readError = (body: unknown): Said => {
  const [first] = wire.ErrorReply.safeParse(body).data?.errors ?? []
  return { code: first?.code ?? null, message: first?.detail || first?.title || null }
}
