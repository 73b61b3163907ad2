/**
 * Mercur, a marketplace on Medusa: cancels one seller's order without touching the others' money
 * unseen. Measured on 1.5.3 and 2.1.5 (November 2026).
 */
import { CallFailure, defineAdapter, type Platform } from '../../src/adapter/index.ts'
import { authorize, openAccess, Settings } from './access.ts'
import { order } from './cancel.ts'
import { capabilities, DOCS, narrow, repeat } from './capabilities.ts'
import { errors } from './errors.ts'
import { notices } from './notices.ts'
import { purchaseOf } from './purchase.ts'
import { mayReopen, sweep } from './sweep.ts'
import { transfer } from './transfer.ts'
import * as wire from './wire.ts'

export { Settings }

const noAdmin = () =>
  new CallFailure({
    kind: 'refused',
    code: 'unsupported',
    cause: null,
    detail: 'Only an admin login finds orders by number; the store has a vendor’s.',
    result: 'not sent',
    upstream: null,
    retryAfterMs: null,
  })

export const mercur = defineAdapter<Settings>({
  id: 'mercur',
  name: 'Mercur',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  authorize,
  narrow,
  capabilities,
  repeat,
  errors,
  readError(body) {
    const error = wire.ErrorReply.safeParse(body)
    return { code: error.data?.type ?? null, message: error.data?.message ?? null }
  },
  pace: { perSecond: 10, burst: 20, source: 'self-hosted, no limit of its own; our default' },
  // Medusa's, on which Mercur stands: it goes on after the client has left, and a database outage
  // held calls for 60 to 120 s (Medusa 2.21.2, outage-*).
  settleMs: 180_000,
  lockKey: purchaseOf,
  order,
  transfer,
  notices,
  sweep,
  mayReopen,
  async find(connection, number) {
    if ((await openAccess(connection)).reader === 'vendor') throw noAdmin()
    const { ids, complete } = await wire.idsByNumber(connection, number, 'admin')
    return {
      orders: await Promise.all(
        ids.map(
          async (id) =>
            (
              await order.look(connection, id, {
                request: null,
                sent: false,
                byCustomer: false,
                memo: null,
              })
            ).order,
        ),
      ),
      complete,
    }
  },
})

export default {
  adapter: mercur,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
