/**
 * Medusa v2: cancels orders and order-transfer requests over the admin and store APIs. Measured on
 * 2.21.2 (November 2026).
 */
import { defineAdapter, type Platform } from '../../src/adapter/index.ts'
import { authorize, readOrder, Settings } from './access.ts'
import { order } from './cancel.ts'
import { capabilities, DOCS, mayReopen, repeat } from './capabilities.ts'
import { errors } from './errors.ts'
import { toOrder } from './map.ts'
import { notices } from './notices.ts'
import { sweep } from './sweep.ts'
import { transfer } from './transfer.ts'
import * as wire from './wire.ts'

export { Settings }

export const medusa = defineAdapter<Settings>({
  id: 'medusa',
  name: 'Medusa',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  authorize,
  capabilities,
  repeat,
  // The dashboard is a part of the server, at /app unless that is set otherwise
  // (docs.medusajs.com/learn/configurations/medusa-config, admin.path).
  adminUrl: ({ baseUrl }, { id }) => `${baseUrl}/app/orders/${encodeURIComponent(id)}`,
  errors,
  readError(body) {
    const error = wire.ErrorReply.safeParse(body)
    return { code: error.data?.type ?? null, message: error.data?.message ?? null }
  },
  pace: { perSecond: 10, burst: 20, source: 'self-hosted, no limit of its own; our default' },
  // The server goes on after the client has left, and a database outage held calls for 60 to 120 s
  // (outage-*).
  settleMs: 180_000,
  order,
  transfer,
  notices,
  sweep,
  mayReopen,
  async find(connection, number) {
    const { ids, complete } = await wire.idsByNumber(connection, number)
    const found = await Promise.all(ids.map((id) => readOrder(connection, id)))
    return { orders: found.map((one) => toOrder(one, connection.settings.reasonKey)), complete }
  },
})

export default {
  adapter: medusa,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
