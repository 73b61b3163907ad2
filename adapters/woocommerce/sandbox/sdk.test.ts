/**
 * Proves the imitated WooCommerce on its own JavaScript client, over sockets: what that does here
 * with its keys, by OAuth 1.0a or over TLS, it would do at a shop.
 */
import { Agent } from 'node:https'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CERTIFICATE, Client, type ClientOptions, openShop, type Shop } from '../shop.fixture.ts'

let shop: Shop
afterEach(() => shop.close())

const connect = (more: Partial<ClientOptions> = {}) =>
  new Client({ url: shop.url, version: 'wc/v3', ...shop.sandbox.settings, ...more })

/** What their client rejects with: the answer, as axios has it. */
const refused = (status: number, code: string) => ({ response: { status, data: { code } } })

const TLS = { axiosConfig: { httpsAgent: new Agent({ ca: CERTIFICATE }) } }

describe.each<['http' | 'https', string, Partial<ClientOptions>]>([
  ['http', 'signed by OAuth 1.0a', {}],
  ['https', 'with Basic', TLS],
  ['https', 'with its keys in the query', { ...TLS, queryStringAuth: true }],
])('over %s, %s', (protocol, _, options) => {
  beforeEach(async () => {
    shop = await openShop(protocol)
  })
  const client = () => connect(options)

  test('reads an order', async () => {
    const { data, status } = await client().get('orders/paid')
    expect(status).toBe(200)
    expect(data).toMatchObject({ id: 'paid', status: 'processing', total: '46.41' })
  })

  test('cancels an order, twice without harm', async () => {
    const { data } = await client().put('orders/paid', { status: 'cancelled' })
    expect(data).toMatchObject({ status: 'cancelled' })
    const keys = data.line_items.flatMap((line: any) => line.meta_data.map(({ key }: any) => key))
    expect(keys).not.toContain('_reduced_stock')
    expect((await client().put('orders/paid', { status: 'cancelled' })).status).toBe(200)
    expect(shop.sandbox.cancels.get('paid')).toBe(2)
    expect(shop.sandbox.notesOf('paid')).toHaveLength(1)
  })

  test('lists what changed, page by page, and says how many there are', async () => {
    const query = { orderby: 'modified', order: 'asc', dates_are_gmt: 'true', per_page: '3' }
    const first = await client().get('orders', query)
    const second = await client().get('orders', { ...query, offset: '2' })
    expect(first.data).toHaveLength(3)
    expect(Number(first.headers['x-wp-total'])).toBe(shop.sandbox.examples.length - 1)
    expect(second.data[0]).toEqual(first.data[2])
    const { data } = await client().get('orders', { search: 'Lindgren', _fields: 'id,number' })
    expect(Object.keys(data[0])).toEqual(['id', 'number'])
    expect((await client().get('orders', { search: "Nº 7 & (x)! 100%'" })).data).toEqual([])
  })

  test('writes a note to the customer, which is mailed', async () => {
    const sent = { note: 'Sorry – it is gone.', customer_note: true }
    const { data, status } = await client().post('orders/open/notes', sent)
    expect([status, data]).toEqual([201, expect.objectContaining(sent)])
    expect((await client().get('orders/open/notes')).data).toEqual([data])
    expect(shop.sandbox.mails).toEqual(['open'])
  })

  test('understands that there is no such order, no such status, no such route', async () => {
    const gone = 'woocommerce_rest_shop_order_invalid_id'
    await expect(client().get('orders/nobody')).rejects.toMatchObject(refused(404, gone))
    await expect(client().put('orders/nobody', { status: 'cancelled' })).rejects.toMatchObject(
      refused(400, gone),
    )
    await expect(client().put('orders/open', { status: 'gone' })).rejects.toMatchObject(
      refused(400, 'rest_invalid_param'),
    )
    await expect(client().get('parcels')).rejects.toMatchObject(refused(404, 'rest_no_route'))
  })

  test('is refused with another secret, and with a key that may only read', async () => {
    const code = 'woocommerce_rest_authentication_error'
    await expect(
      connect({ ...options, consumerSecret: 'cs_another' }).get('orders/open'),
    ).rejects.toMatchObject(refused(401, code))
    const reader = connect({ ...options, ...shop.sandbox.readOnly })
    expect((await reader.get('orders/open')).status).toBe(200)
    await expect(reader.put('orders/open', { status: 'cancelled' })).rejects.toMatchObject(
      refused(401, code),
    )
    expect(shop.sandbox.cancels.size).toBe(0)
  })
})

describe('a key that is not known', () => {
  test.each([
    ['http', 'woocommerce_rest_authentication_error'],
    // Over TLS it is no error: the request goes on as a guest's.
    ['https', 'woocommerce_rest_cannot_view'],
  ] as const)('over %s is %s', async (protocol, code) => {
    shop = await openShop(protocol)
    const stranger = connect({ ...TLS, consumerKey: 'ck_another' })
    await expect(stranger.get('orders/open')).rejects.toMatchObject(refused(401, code))
  })
})
