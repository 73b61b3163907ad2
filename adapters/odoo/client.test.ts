/** The imitation under a client that is not ours, over HTTP: what it takes for Odoo. */
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, missing, openClient } from './client.fixture.ts'
import { createSandboxOf } from './sandbox/index.ts'

if (missing) process.stdout.write(`odoo: ${missing}\n\n`)

describe.skipIf(missing)('a client of others, by JSON-RPC', () => {
  const sandbox = createSandboxOf('17')
  const { database: db, username, apiKey } = sandbox.settings
  let server: ReturnType<typeof serve>
  const open = (key: string): Client => {
    const { port } = server.address() as AddressInfo
    return openClient({ baseUrl: 'http://127.0.0.1', port, db, username, apiKey: key })
  }

  beforeAll(
    () =>
      new Promise<void>((resolve) => {
        server = serve({ fetch: sandbox.app.fetch, hostname: '127.0.0.1', port: 0 }, () =>
          resolve(),
        )
      }),
  )
  afterAll(() => void server.close())

  it('logs in, finds orders, and knows their fields', async () => {
    const client = open(apiKey)
    expect((await client.connect()).uid).toBe(6)
    const fields = ['name', 'state', 'locked', 'write_date', 'partner_id']
    const domain = ['|', ['name', '=', 'S00001'], ['client_order_ref', '=', 'WEB-1002']]
    expect(await client.searchRead('sale.order', domain, fields, { order: 'id asc' })).toEqual([
      expect.objectContaining({ id: 'open', name: 'S00001', state: 'sale', locked: false }),
      expect.objectContaining({ id: 'paid', partner_id: [14, 'Erika Beispiel'] }),
    ])
    expect(await client.getFields('sale.order')).toMatchObject({ locked: {}, picking_ids: {} })
  })

  it('falls for the dialog, which it hands on as a result, and cancels with the key', async () => {
    const client = open(apiKey)
    await client.connect()
    const cancel = (named?: object) =>
      client.call_kw('sale.order', 'action_cancel', [['paid']], named)
    expect(await cancel()).toMatchObject({ res_model: 'sale.order.cancel' })
    expect(sandbox.cancels.size).toBe(0)
    expect(await cancel({ context: { disable_cancel_warning: true } })).toBe(true)
    expect(sandbox.cancels.get('paid')).toBe(1)
    const note = { body: 'Ordered twice', message_type: 'comment', subtype_xmlid: 'mail.mt_note' }
    expect(await client.call_kw('sale.order', 'message_post', [['paid']], note)).toBe(401)
  })

  it('is told of a refusal by its text, and takes a wrong key for a login of nobody', async () => {
    const client = open(apiKey)
    await client.connect()
    await expect(
      client.call_kw('sale.order', 'action_cancel', [['locked']], {
        context: { disable_cancel_warning: true },
      }),
    ).rejects.toThrow('locked order')
    expect((await open('wrong').connect()).uid).toBe(false)
  })
})
