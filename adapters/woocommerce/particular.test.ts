/**
 * WooCommerce beyond the suite: which calls are made at all, notes that are written once, orders
 * found by a plugin's numbers, and a cancel over plain http, signed.
 */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { Settings } from './access.ts'
import { woocommerce } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { openShop } from './shop.fixture.ts'

interface Asked {
  readonly line: string
  readonly body: any
}
type Between = (asked: Asked, pass: () => Promise<Response>) => Promise<Response>

const start = (between: Between = (_, pass) => pass(), more: object = {}) => {
  const sandbox = createSandbox()
  const asked: Asked[] = []
  const settings = { ...sandbox.settings, baseUrl: 'https://shop.example', ...more }
  const transport = sandboxTransport(sandbox, async (request, pass) => {
    const text = await request.clone().text()
    const { pathname, search } = new URL(request.url)
    const one = {
      line: `${request.method} ${pathname}${search}`,
      body: text === '' ? null : JSON.parse(text),
    }
    asked.push(one)
    return between(one, pass)
  })
  const opened = openHarness(woocommerce, settings, transport, { callTimeoutMs: 5_000 })
  const lines = () => asked.map(({ line }) => line)
  return { ...opened, sandbox, asked, lines }
}
const ORDERS = '/wp-json/wc/v3/orders'
const WISHES = {
  reason: 'Wrong size ordered',
  notify: true,
  message: 'Sorry for that.',
  restock: true,
  refund: true,
}

describe('ids', () => {
  it.each([
    ['7', '7'],
    ['0018', '18'],
    ['9223372036854775807', '9223372036854775807'],
    ['92233720368547758070', null],
    ['0', null],
    ['-7', null],
    ['7.0', null],
    ['0x7', null],
    ['WEB-7', null],
    ['on-hold', 'on-hold'],
  ])('%s is %s', (id, spelled) => expect(woocommerce.canonicalId?.(id)).toBe(spelled))
})

describe('settings', () => {
  const keys = { baseUrl: 'https://shop.example', consumerKey: 'ck', consumerSecret: 'cs' }
  it('name the shop and both keys, and which statuses are canceled', () => {
    expect(Settings.parse(keys).cancelable).toEqual(['pending', 'processing', 'on-hold', 'failed'])
    const takes = (more: object) => Settings.safeParse({ ...keys, ...more }).success
    expect(takes({ cancelable: ['completed', 'packing', 'awaiting_stock'] })).toBe(true)
    for (const word of ['cancelled', 'trash', 'checkout-draft', 'Completed', 'wc pending', ''])
      expect(takes({ cancelable: [word] }), word).toBe(false)
    for (const name of ['baseUrl', 'consumerKey', 'consumerSecret'])
      expect(takes({ [name]: undefined }), name).toBe(false)
  })

  it('say where the order’s own page is', () => {
    const settings = Settings.parse({ ...keys, baseUrl: 'https://shop.example/site/' })
    const url = (id: string) => woocommerce.adminUrl?.(settings, { id } as never)
    expect(url('727')).toBe('https://shop.example/site/wp-admin/post.php?post=727&action=edit')
    expect(url('on-hold')).toBe(null)
  })
})

describe('what is called', () => {
  it('is the order, its status and its notes: nothing that moves money or deletes', async () => {
    const { cancel, asked, sandbox } = start()
    const byPlugins = ['plugin-refunds', 'plugin-ends-refunded']
    for (const { id } of sandbox.examples) await cancel({ orderId: id, ...WISHES })
    const kinds = asked.map(({ line }) => line.replace(/orders\/[\w-]+/, 'orders/ID'))
    expect([...new Set(kinds)].sort()).toEqual([
      `GET ${ORDERS}/ID`,
      `GET ${ORDERS}/ID/notes`,
      `POST ${ORDERS}/ID/notes`,
      `PUT ${ORDERS}/ID`,
    ])
    for (const { line, body } of asked)
      if (line.startsWith('PUT')) expect(body).toEqual({ status: 'cancelled' })
    expect(sandbox.refunds.map(({ orderId }) => orderId)).toEqual(byPlugins)
  })

  it('is canceled too what is completed in the instant between look and cancel', async () => {
    const { cancel, sandbox } = start(async ({ line }, pass) => {
      if (line.startsWith('PUT')) {
        const url = `https://shop.example${ORDERS}/paid`
        const { consumerKey, consumerSecret } = sandbox.settings
        const headers = { authorization: `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}` }
        const body = JSON.stringify({ status: 'completed' })
        await sandbox.app.fetch(new Request(url, { method: 'PUT', headers, body }))
      }
      return pass()
    })
    // WooCommerce has no precondition: the page says so.
    expect((await cancel({ orderId: 'paid' })).status).toBe('succeeded')
  })
})

describe('notes', () => {
  const ours = (notes: readonly { note: string; customer_note: boolean }[]) =>
    notes
      .filter(({ note }) => !note.startsWith('Order status'))
      .map(({ note, customer_note: customer }) => [note, customer])

  it('are one for staff and one that is mailed to the customer', async () => {
    const { cancel, sandbox } = start()
    const { effects } = await cancel({ orderId: 'paid', ...WISHES })
    expect(effects).toMatchObject({
      reason: { outcome: 'applied' },
      message: { outcome: 'applied' },
      notify: { outcome: 'applied' },
      restock: { outcome: 'applied', basis: 'reported' },
      payment: { outcome: 'unsupported', amount: { amount: '46.41', currency: 'EUR' } },
    })
    expect(ours(sandbox.notesOf('paid'))).toEqual([
      ['Sorry for that.', true],
      ['Wrong size ordered', false],
    ])
    expect(sandbox.mails).toEqual(['paid'])
  })

  it('are not written again by whoever comes after a crash, backslashes or not', async () => {
    const { store, sandbox } = start()
    const request = {
      ...WISHES,
      orderId: 'open',
      reason: 'Label C:\\new \\ torn',
      message: '50\\%',
    }
    const order = { native: { status: 'pending' } }
    const aftermath = { request: { reasonCode: null, ...request }, before: order }
    const after = () => woocommerce.order.after?.(store.client, aftermath as never)
    expect(await after()).toMatchObject({
      reason: { done: 'partial', basis: 'reported' },
      message: { done: 'partial', basis: 'reported' },
      notify: { done: 'yes' },
    })
    expect(await after()).toMatchObject({
      reason: { done: 'yes', basis: 'confirmed' },
      message: { done: 'yes', basis: 'confirmed' },
      notify: { done: 'yes' },
    })
    expect(sandbox.notesOf('open')).toHaveLength(2)
    expect(sandbox.mails).toEqual(['open'])
  })

  // From `open`, which is pending, WooCommerce has no other mail to the buyer.
  it.each(['paid', 'open'])(
    'of %s whose answer is lost are not sent again, and told as unknown',
    async (orderId) => {
      const { cancel, sandbox, lines } = start(async ({ line }, pass) => {
        const reply = await pass()
        if (line.startsWith('POST')) throw new TypeError('fetch failed')
        return reply
      })
      const { status, effects } = await cancel({ orderId, ...WISHES })
      expect(status).toBe('succeeded')
      expect([effects.reason.outcome, effects.message.outcome, effects.notify.outcome]).toEqual([
        'unverified',
        'unverified',
        'unverified',
      ])
      expect(sandbox.mails).toEqual([orderId])
      expect(lines().filter((line) => line.startsWith('POST'))).toHaveLength(2)
    },
  )

  it('are written of what only a look shows to be canceled, and of no other’s cancel', async () => {
    let isLost = true
    const { cancel, rest, sandbox } = start(async ({ line }, pass) => {
      const reply = await pass()
      if (line.startsWith('PUT') && isLost) {
        isLost = false
        throw new TypeError('fetch failed')
      }
      return reply
    })
    const { id } = await cancel({ orderId: 'paid', ...WISHES })
    const record = await rest(id)
    expect([record.status, record.alreadyCanceled]).toEqual(['succeeded', false])
    expect(ours(sandbox.notesOf('paid'))).toHaveLength(2)
    await cancel({ orderId: 'canceled', ...WISHES })
    expect(ours(sandbox.notesOf('canceled'))).toEqual([])
    expect(sandbox.mails).toEqual(['paid'])
  })
})

describe('a payment plugin', () => {
  it('that leads the order on to refunded leaves it to a person, with what moved', async () => {
    const { cancel, rest, sandbox } = start()
    const record = await rest((await cancel({ orderId: 'plugin-ends-refunded' })).id)
    expect(record).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
      effects: { payment: { amount: { amount: '46.41', currency: 'EUR' } } },
    })
    expect(sandbox.cancels.get('plugin-ends-refunded')).toBe(1)
  })
})

describe('the buyer', () => {
  const customerOf = async (id: string) => {
    const view = { request: null, sent: false, byCustomer: false, memo: null }
    return (await woocommerce.order.look(start().store.client, id, view)).order.customer
  }
  it('is a person with an account, or a company without', async () => {
    expect(await customerOf('paid')).toEqual({
      id: '41',
      email: 'ada@example.com',
      name: 'Ada Lindgren',
      phone: '+49 40 1234567',
    })
    expect(await customerOf('guest')).toEqual({
      id: null,
      email: null,
      name: 'Kontor GmbH',
      phone: null,
    })
  })
})

describe('stock', () => {
  it('is looked at again where the reply still shows it taken', async () => {
    const { cancel, lines } = start()
    const { effects } = await cancel({ orderId: 'stock-stays', restock: true })
    expect(effects.restock).toMatchObject({ outcome: 'failed', basis: 'confirmed' })
    expect(lines()).toEqual(
      ['GET', 'PUT', 'GET'].map((method) => `${method} ${ORDERS}/stock-stays`),
    )
  })
})

describe('an order by its number', () => {
  const found = (rows: unknown) => start(async () => Response.json(rows))
  const row = (id: number, number: string) => ({ id, status: 'processing', number })

  it('is the one that has it, and none that is like it', async () => {
    const { store, lines } = found([row(8, 'WEB-17'), row(9, 'WEB-170'), row(17, '17')])
    const find = (number: string) => woocommerce.find?.(store.client, number)
    expect(await find('#WEB-17')).toMatchObject({ orders: [{ id: '8' }], complete: true })
    expect(await find('17')).toMatchObject({ orders: [{ id: '17' }] })
    expect(await find('7')).toMatchObject({ orders: [] })
    expect(lines()[0]).toBe(`GET ${ORDERS}?per_page=100&search=WEB-17`)
  })

  it('may be behind a hundred that a search brings', async () => {
    const rows = Array.from({ length: 100 }, (_, index) => row(index + 1, `1${index}`))
    expect(await woocommerce.find?.(found(rows).store.client, '7')).toEqual({
      orders: [],
      complete: false,
    })
  })
})

describe.each([
  ['over plain http, signed', (url: string) => url],
  ['where the gateway serves the imitation', (url: string) => `${url}/sandbox/woocommerce`],
])('%s', (_, baseUrl) => {
  it('an order is found, canceled, noted and listed, through sockets', async () => {
    const shop = await openShop('http')
    try {
      // The prefix is the gateway’s, which takes it off.
      const transport = fetchTransport((url, init) =>
        fetch(url.replace('/sandbox/woocommerce', ''), init),
      )
      const settings = { ...shop.sandbox.settings, baseUrl: baseUrl(shop.url) }
      const { cancel, store } = openHarness(woocommerce, settings, transport, {
        callTimeoutMs: 10_000,
      })
      const since = Date.now() - 60_000
      expect((await cancel({ orderId: 'paid', ...WISHES })).effects).toMatchObject({
        order: { outcome: 'applied' },
        reason: { outcome: 'applied' },
        message: { outcome: 'applied' },
      })
      expect(await woocommerce.find?.(store.client, '1002')).toMatchObject({
        orders: [{ id: 'paid', status: 'canceled' }],
      })
      const page = { since, until: Date.now() + 60_000, cursor: null }
      const { orders } = await woocommerce.sweep!.changed(store.client, page)
      expect(orders.map(({ id }) => id)).toContain('paid')
      expect(shop.asked.join()).not.toMatch(/oauth|consumer/)
      const stranger = { ...settings, consumerSecret: 'cs_another' }
      const other = openHarness(woocommerce, stranger, transport, { callTimeoutMs: 10_000 })
      expect((await other.cancel({ orderId: 'open' })).problem?.code).toBe('platform-credentials')
      expect(shop.sandbox.cancels.get('open')).toBe(undefined)
    } finally {
      await shop.close()
    }
  })
})
