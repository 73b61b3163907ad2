/** Odoo's own webhooks, which nobody signs: they come to the address with the token. */
import { describe, expect, it } from 'vitest'
import { readTokenNotice } from '../../src/connection/notices.ts'
import { odoo, Settings } from './index.ts'

describe('a webhook that nobody signed', () => {
  const TOKEN = 'a-token_of.32~characters-or-more'
  const settings = Settings.parse({
    baseUrl: 'https://erp.example',
    database: 'acme',
    version: '18',
    username: 'gateway@example.com',
    apiKey: 'k',
    webhookToken: TOKEN,
  })
  const read = (body: object) =>
    readTokenNotice(odoo, settings, TOKEN, {
      body: new TextEncoder().encode(JSON.stringify(body)),
      headers: new Headers(),
      query: new URLSearchParams(),
    })
  const rule = { _action: 'Tell the gateway(#31)', _id: 7, _model: 'sale.order', id: 7 }

  it.each([
    ['a cancellation', { ...rule, state: 'cancel' }, 'order.canceled', true],
    ['a change', { ...rule, state: 'sale' }, 'sale.order', false],
    ['a change whose state was not chosen', rule, 'sale.order', false],
  ])('tells of %s', async (_, body, topic, namesCancellation) =>
    expect(await read(body)).toEqual({
      kind: 'accepted',
      topic,
      namesCancellation,
      orderIds: ['7'],
    }),
  )
  it('is nothing where it is about another model, whatever its ids', async () =>
    expect(await read({ ...rule, _model: 'stock.picking' })).toEqual({
      kind: 'ignored',
      because: 'no order',
    }))
  it('may be somebody’s own', async () =>
    expect(await read({ data: { orderId: '7' } })).toMatchObject({ orderIds: ['7'] }))
})
