/** What EverShop's errors mean, and where each was seen or read. */
import type { ErrorRule } from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

/** A real server on loopback, its payment providers imitated; `recordings/` holds what it said. */
export const LAB = 'recorded on EverShop 2.2.1, 2026-11-30'
export const SOURCE = '@evershop/evershop 2.2.1'

/**
 * Every refusal is 500, so the text alone decides. Of any other text nobody knows how far it got:
 * Stripe's hold is given up before the database commits (recorded: fails-late-after-void).
 */
export const errors: readonly ErrorRule[] = [
  {
    status: 401,
    message: /^(?:Unauthorized|Invalid token|Token has expired)$/,
    means: 'credentials',
    source: `${LAB}: auth; a token that is over is told so too (modules/auth)`,
  },
  {
    status: 400,
    message: /^Invalid email or password$/,
    means: 'credentials',
    source: `${LAB}: auth`,
  },
  {
    status: 429,
    message: /^Too many requests\./,
    means: 'not_processed',
    source: `${LAB}: rate; turned away before anything else, the order as it was`,
  },
  {
    status: 500,
    message: /^(?:Order not found$|invalid input syntax for type uuid: )/,
    means: 'order_not_found',
    source: `${LAB}: ids`,
  },
  {
    status: 500,
    message: /^Order is not cancelable at this status$/,
    means: 'refused',
    source: `${LAB}: cancel-paid, cancel-delivered; asked before anything is done`,
  },
  {
    status: 500,
    message: /^Order is already (?:canceled|closed)$/,
    means: 'refused',
    source: `${SOURCE}, modules/oms/bootstrap.js: thrown before a provider is asked, rolled back`,
  },
]

export const readError = (body: unknown) => ({
  code: null,
  message: wire.ErrorReply.safeParse(body).data?.error.message ?? null,
})
