/** BigCommerce beyond the suite: ids, the staff notes, the quota, and poor replies. */
import { describe, expect, it } from 'vitest'
import { CallFailure } from '../../src/adapter/index.ts'
import { findOrders } from '../../src/gateway/read.ts'
import { createLockKeys } from '../../src/gateway/workflow/lock-keys.ts'
import { openHarness, sandboxTransport } from '../../src/testing/index.ts'
import { bigcommerce, Settings } from './index.ts'
import { toOrder } from './map.ts'
import { replacement } from './notes.ts'
import { createSandbox } from './sandbox/index.ts'
import * as wire from './wire.ts'

type Sandbox = ReturnType<typeof createSandbox>
interface Sent {
  readonly method: string
  readonly path: string
  readonly body: any
}
type Between = (sent: Sent, pass: () => Promise<Response>, sandbox: Sandbox) => Promise<Response>

const start = (between: Between = (_, pass) => pass(), onDoubt?: 'ask' | 'resend') => {
  const sandbox = createSandbox()
  const calls: Sent[] = []
  const settings = { ...sandbox.settings, baseUrl: 'https://bigcommerce.example' }
  const opened = openHarness(
    bigcommerce,
    settings,
    sandboxTransport(sandbox, async (request, pass) => {
      const text = await request.clone().text()
      const sent = {
        method: request.method,
        path: new URL(request.url).pathname,
        body: text === '' ? null : JSON.parse(text),
      }
      calls.push(sent)
      return between(sent, pass, sandbox)
    }),
    { ...(onDoubt && { onDoubt }) },
  )
  const puts = () => calls.filter(({ method }) => method === 'PUT')
  return { ...opened, sandbox, calls, puts }
}

describe('ids', () => {
  it.each([
    ['100', '100'],
    ['999999999999999999', '999999999999999999'],
    ['1234567890123456789', null],
    ['0100', null],
    ['0', null],
    ['-1', null],
    ['1.0', null],
    ['١٢', null],
    ['WEB-7', null],
    ['open-7', 'open-7'],
  ])('%s is %s', (id, spelled) => expect(bigcommerce.canonicalId?.(id)).toBe(spelled))

  it.each(['acme.mybigcommerce.com', 'stores/acme', 'a-b', '', 'x'.repeat(33)])(
    '“%s” is no store hash',
    (storeHash) => expect(Settings.safeParse({ storeHash, accessToken: 'x' }).success).toBe(false),
  )

  it('lead to the order in the admin, but for words', () => {
    const settings = Settings.parse({ storeHash: 'K9acme', accessToken: 'x' })
    const urlOf = (id: string) => bigcommerce.adminUrl?.(settings, { id } as never)
    expect(urlOf('100')).toBe('https://store-k9acme.mybigcommerce.com/manage/orders/100')
    expect(urlOf('open')).toBe(null)
    expect(bigcommerce.merchant?.(settings)).toBe('k9acme')
  })
})

describe('orders of one number', () => {
  it('of two merchants do not wait for one another', async () => {
    const lockKey = createLockKeys()
    const lockOf = (storeHash: string) => {
      const settings = { storeHash, accessToken: 'x' }
      const { store } = openHarness(bigcommerce, settings, () => Promise.reject(new Error('none')))
      return lockKey(store, store.client, '100')
    }
    expect(await lockOf('k9acme')).not.toBe(await lockOf('k9other'))
    expect(await lockOf('k9acme')).toBe(await lockOf('K9ACME'))
  })
})

describe('the staff notes', () => {
  const REASON = 'Größe\r\nfalsch'

  it('keep what stands there to the byte, and have the reason once', async () => {
    const { cancel, sandbox, puts } = start()
    const before = sandbox.notes('noted')
    const { effects } = await cancel({ orderId: 'noted', reason: REASON })
    expect(effects.reason).toMatchObject({ outcome: 'applied', basis: 'reported' })
    expect(sandbox.notes('noted')).toBe(`${before}\n${REASON}`)
    expect(puts().map(({ body }) => Object.keys(body))).toEqual([['status_id', 'staff_notes']])
  })

  it('are not touched without a reason', async () => {
    const { cancel, sandbox, puts } = start()
    const before = sandbox.notes('noted')
    await cancel({ orderId: 'noted', notify: true, refund: false })
    expect(sandbox.notes('noted')).toBe(before)
    expect(puts().map(({ body }) => body)).toEqual([{ status_id: 5 }])
  })

  it('that are full stay as they are, and the order is canceled', async () => {
    const { cancel, sandbox, puts } = start()
    const before = sandbox.notes('notes-full')
    const record = await cancel({ orderId: 'notes-full', reason: REASON })
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' }, reason: { outcome: 'failed' } },
    })
    expect(record.effects.reason.detail).toContain('are full')
    expect(sandbox.notes('notes-full')).toBe(before)
    expect(puts().map(({ body }) => body)).toEqual([{ status_id: 5 }])
  })

  it('that are full refuse a strict request beforehand', async () => {
    const { cancel, puts } = start()
    const record = await cancel({ orderId: 'notes-full', reason: REASON, strict: true })
    expect(record.problem?.code).toBe('unsupported')
    expect(puts()).toEqual([])
  })

  it('are read again before a second try: what was written meanwhile is kept', async () => {
    const { cancel, rest, sandbox, puts } = start((sent, pass, { write }) => {
      // Somebody writes while the first try finds the quota used up.
      if (
        sent.method === 'PUT' &&
        'staff_notes' in sent.body &&
        !sent.body.staff_notes.includes('Call')
      )
        write('throttled', 'Call before delivery.')
      return pass()
    })
    const { id } = await cancel({ orderId: 'throttled', reason: REASON })
    expect((await rest(id)).effects.reason.outcome).toBe('applied')
    expect(puts().map(({ body }) => body.staff_notes)).toEqual([
      REASON,
      `Call before delivery.\n${REASON}`,
    ])
    expect(sandbox.notes('throttled')).toBe(`Call before delivery.\n${REASON}`)
  })

  it('lose what is written between the look and the write, which nothing prevents', async () => {
    const { cancel, sandbox } = start((sent, pass, { write }) => {
      if (sent.method === 'PUT') write('noted', 'Written in the same instant.')
      return pass()
    })
    const before = sandbox.notes('noted')
    const record = await cancel({ orderId: 'noted', reason: REASON })
    expect(record.effects.reason.outcome).toBe('applied')
    expect(sandbox.notes('noted')).toBe(`${before}\n${REASON}`)
  })

  it('have the reason once where the cancel is sent again after doubt', async () => {
    let lost = 0
    const { cancel, rest, sandbox, puts } = start(async (sent, pass, { write }) => {
      if (sent.method !== 'PUT' || lost++ > 0) return pass()
      // Its notes were written, and its status was not.
      write('open', sent.body.staff_notes)
      return new Response('Bad Gateway', { status: 502 })
    }, 'resend')
    const { id } = await cancel({ orderId: 'open', reason: REASON })
    expect(await rest(id)).toMatchObject({
      status: 'succeeded',
      effects: { reason: { outcome: 'applied' } },
    })
    expect(puts().map(({ body }) => Object.keys(body))).toEqual([
      ['status_id', 'staff_notes'],
      ['status_id'],
    ])
    expect(sandbox.notes('open')).toBe(REASON)
    expect(sandbox.cancels.get('open')).toBe(1)
  })

  it('are read back where the reply was lost', async () => {
    const { cancel, rest, sandbox } = start()
    const { id } = await cancel({ orderId: 'unanswered', reason: REASON })
    expect(await rest(id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      effects: { reason: { outcome: 'applied', basis: 'confirmed' } },
    })
    expect(sandbox.notes('unanswered')).toBe(REASON)
  })

  it.each([
    ['', 'Late', 'Late'],
    ['One', 'Late', 'One\nLate'],
    ['One\n', 'Late', 'One\nLate'],
    ['One\r\n', 'Late', 'One\r\nLate'],
    [' ', 'Late', ' \nLate'],
    ['Late', 'Late', null],
    ['One\r\nLate \r\nTwo', 'Late', 'One\r\nLate \r\nTwo\nLate'],
    ['One\nLate', 'Late', null],
    ['One\nToo\nLate\nTwo', 'Too\r\nLate', null],
    ['Gro\u0308\u00dfe', 'Gr\u00f6\u00dfe', null],
    ['x'.repeat(65_530), 'Late', `${'x'.repeat(65_530)}\nLate`],
    ['x'.repeat(65_530), 'Later', null],
    // As bytes, which are more than characters.
    ['ü'.repeat(32_766), 'Late', null],
    [null, 'Late', null],
    ['One', null, null],
  ])('put together, %#', (notes, text, whole) => expect(replacement(notes, text)).toBe(whole))
})

it('a reply that shows the order as it was is no word that it is canceled', async () => {
  let passedOver = 0
  const { cancel, rest, sandbox, puts } = start(
    (sent, pass) =>
      sent.method === 'PUT' && passedOver++ === 0
        ? Promise.resolve(Response.json({ id: 'open', status_id: 11, items_shipped: 0 }))
        : pass(),
    'resend',
  )
  const { id } = await cancel({ orderId: 'open' })
  expect((await rest(id)).status).toBe('succeeded')
  expect([puts().length, sandbox.cancels.get('open')]).toEqual([2, 1])
})

it('a reason that is refused as it is written does not hold up the cancel', async () => {
  const { cancel, rest, sandbox, puts } = start((sent, pass) =>
    sent.method === 'PUT' && 'staff_notes' in sent.body
      ? Promise.resolve(
          Response.json([{ status: 400, message: "The field 'staff_notes' is invalid." }], {
            status: 400,
          }),
        )
      : pass(),
  )
  const before = sandbox.notes('noted')
  const { id } = await cancel({ orderId: 'noted', reason: 'Ordered twice' })
  const record = await rest(id)
  expect(record).toMatchObject({
    status: 'succeeded',
    effects: { order: { outcome: 'applied' }, reason: { outcome: 'failed' } },
  })
  expect(puts().map(({ body }) => Object.keys(body))).toEqual([
    ['status_id', 'staff_notes'],
    ['status_id'],
  ])
  expect(sandbox.notes('noted')).toBe(before)
})

describe('the quota', () => {
  const turnedAway = (headers: Record<string, string>) =>
    start(async () => new Response(null, { status: 429, headers }))
      .store.client.send({ method: 'GET', path: '/x' as never, reply: wire.Order })
      .catch((error: unknown) => (error as CallFailure).failure)

  it('is waited for as long as its header says', async () => {
    expect(await turnedAway({ 'X-Rate-Limit-Time-Reset-Ms': '15000' })).toMatchObject({
      kind: 'unsent',
      code: 'platform-throttled',
      retryAfterMs: 15_000,
    })
    expect(
      await turnedAway({ 'X-Rate-Limit-Time-Reset-Ms': '15000', 'Retry-After': '3' }),
    ).toMatchObject({ retryAfterMs: 3_000 })
  })

  it.each(['', 'soon', '-1', '1e3', '15000, 15000'])('“%s” says nothing', async (value) =>
    expect(await turnedAway({ 'X-Rate-Limit-Time-Reset-Ms': value })).toMatchObject({
      kind: 'unsent',
      retryAfterMs: null,
    }),
  )

  it('is told by every reply, and waited for by none but a 429', async () => {
    const { store } = start(async () =>
      Response.json([{ status: 423, message: 'Locked' }], {
        status: 423,
        headers: { 'X-Rate-Limit-Time-Reset-Ms': '15000' },
      }),
    )
    const failing = store.client.send({ method: 'GET', path: '/x' as never, reply: wire.Order })
    await expect(failing).rejects.toMatchObject({
      failure: { kind: 'unsent', code: 'platform-unavailable', retryAfterMs: null },
    })
  })
})

describe('errors', () => {
  it.each([
    [[{ status: 404, message: 'Not there.' }], 'Not there.'],
    [
      { status: 403, title: 'A scope is missing', type: 'about:blank', errors: {} },
      'A scope is missing',
    ],
    [[{ status: 400 }], null],
    [[{ message: ' ' }], null],
    [[], null],
    ['Forbidden', null],
    [null, null],
    [{ error: 'other' }, null],
  ])('%j say %j', (body, message) =>
    expect(bigcommerce.readError(body)).toEqual({ code: null, message }),
  )
})

describe('a search', () => {
  it.each([
    ['paid', ['paid']],
    ['#paid', ['paid']],
    ['nobody', []],
    ['0000', []],
    ['100 OR 1', []],
  ])('%s finds %j', async (number, ids) => {
    const found = await findOrders(start().store, number)
    expect(found.map(({ id }) => id)).toEqual(ids)
  })

  it('fails where the platform does', async () => {
    const { store } = start(async () => new Response('', { status: 500 }))
    await expect(findOrders(store, '100')).rejects.toThrow()
  })
})

describe('an order as it is told', () => {
  const LEAST = { id: 7, status_id: 11, items_shipped: 0 }

  it.each(['id', 'status_id', 'items_shipped'])('is none without its %s', (name) =>
    expect(wire.Order.safeParse({ ...LEAST, [name]: undefined }).success).toBe(false),
  )
  it.each([
    { status_id: '5' },
    { items_shipped: '0' },
    { is_deleted: 'false' },
    { staff_notes: ['x'] },
    { payment_status: 3 },
  ])('is none where what decides is of another form: %j', (changed) =>
    expect(wire.Order.safeParse({ ...LEAST, ...changed }).success).toBe(false),
  )
  it.each([
    [{ customer_id: 64 }, { id: '64', email: null, name: null, phone: null }],
    [{ customer_id: 0 }, null],
    [{ customer_id: 0, billing_address: [] }, null],
    [
      {
        customer_id: 0,
        billing_address: {
          first_name: 'Maya',
          last_name: '',
          email: 'maya@example.com',
          phone: '',
        },
      },
      { id: null, email: 'maya@example.com', name: 'Maya', phone: null },
    ],
  ])('has the buyer, who may be a guest: %j', (told, customer) =>
    expect(toOrder(wire.Order.parse({ ...LEAST, ...told })).customer).toEqual(customer),
  )
  it('tells all its lines or none', () => {
    const line = { id: 1, name: 'Mug', quantity: '2' }
    const with_ = (shipping: unknown) =>
      wire.Order.parse({
        ...LEAST,
        consignments: { pickups: [], shipping, downloads: [], email: { gift_certificates: [] } },
      }).consignments
    expect(with_([{ line_items: [line] }, { line_items: [line] }])).toHaveLength(2)
    expect(with_([{ line_items: [line, { url: 'https://x.example', resource: '/x' }] }])).toBe(null)
    expect(with_([{ line_items: { url: 'https://x.example' } }])).toBe(null)
  })
  it.each([
    ['Thu, 18 Jun 2026 14:33:48 +0000', Date.UTC(2026, 5, 18, 14, 33, 48)],
    ['18 Jun 2026 14:33:48 +0200', Date.UTC(2026, 5, 18, 12, 33, 48)],
    ['2026-06-18T14:33:48Z', null],
    ['18 Jun 2026 14:33:48', null],
    ['18 Foo 2026 14:33:48 +0000', null],
    ['', null],
    [null, null],
  ])('was at %j', (text, ms) => expect(wire.millisecondsOf(text)).toBe(ms))
})
