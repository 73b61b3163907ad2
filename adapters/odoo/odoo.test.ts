/**
 * Odoo against the suite that every platform passes, once in each of its APIs: the imitation of 18
 * is called by JSON-RPC, that of 19 by JSON-2.
 */
import { describe } from 'vitest'
import { testAdapter } from '../../src/testing/index.ts'
import { odoo } from './index.ts'
import { createSandboxOf } from './sandbox/index.ts'

const folder = new URL('.', import.meta.url)
/** A case says by itself where it is played on another version. */
const settings = {
  baseUrl: 'https://odoo.example',
  database: 'acme',
  version: '19' as const,
  apiKey: 'case-api-key',
}
const orders = {
  open: 'open',
  paid: 'paid',
  canceled: 'canceled',
  refused: ['delivered', 'invoiced', 'invoice-paid', 'authorized', 'locked'],
  missing: 'nobody',
}
const statusFields = ['state', 'invoice_status', 'delivery_status', 'payment_state']

describe.each(['18', '19'] as const)('%s', (version) =>
  testAdapter({ adapter: odoo, createSandbox: async () => createSandboxOf(version) }, folder, {
    settings,
    orders,
    statusFields,
  }),
)
