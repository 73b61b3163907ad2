/**
 * Who acts on a Mercur, on which version, and what becomes of a store whose settings have it wrong:
 * nothing is sent.
 */
import { describe, expect, it } from 'vitest'
import { mercur } from './index.ts'
import { createSandboxV1, createSandboxV2 } from './sandbox/index.ts'
import { findOrders, preview, readOrder } from '../../src/gateway/read.ts'
import { asked, type Between, cancels, open, sandboxes } from './stores.fixture.ts'

describe('which version it is', () => {
  const counted =
    (paths: string[]): Between =>
    (request, pass) => {
      paths.push(`${request.method} ${new URL(request.url).pathname}`)
      return pass()
    }

  it.each([
    ['1', '/vendor/orders/order_paid/cancel'],
    ['2', '/admin/orders/order_paid/cancel'],
  ] as const)('%s is found out by asking, once for a store', async (version, path) => {
    const sandbox = sandboxes[version]()
    const paths: string[] = []
    const { admin, vendor } = sandbox.settings
    const opened = open(sandbox, { shop: { admin, vendor } }, { between: counted(paths) })
    const [paid, other] = await opened.together(['shop', 'order_paid'], ['shop', 'order_open'])
    expect([paid?.status, other?.status]).toEqual(['succeeded', 'succeeded'])
    expect(paths).toContain(`POST ${path}`)
    expect(paths.filter((one) => one === 'GET /admin/order-groups')).toHaveLength(1)
    expect(paths.filter((one) => one === 'GET /admin/order-sets').length).toBe(
      version === '1' ? 1 : 0,
    )
  })
  it('an answer that is none is not kept: the next one asks again', async () => {
    const sandbox = createSandboxV2()
    let down = true
    const opened = open(
      sandbox,
      { shop: { admin: sandbox.settings.admin } },
      {
        between: async (request, pass) =>
          down && request.url.includes('order-groups')
            ? new Response('<html></html>', { status: 502 })
            : pass(),
      },
    )
    await expect(readOrder(opened.store('shop'), 'order_open')).rejects.toMatchObject({
      problem: { code: 'platform-unavailable' },
    })
    down = false
    expect((await readOrder(opened.store('shop'), 'order_open')).order.id).toBe('order_open')
  })
  it('a refused login is not taken for a route that is missing', async () => {
    const sandbox = createSandboxV2()
    const { admin } = sandbox.settings
    expect(
      (
        await open(sandbox, { shop: { admin: { ...admin, password: 'wrong' } } }).cancel(
          'shop',
          'order_open',
        )
      ).problem,
    ).toMatchObject({ code: 'platform-credentials', retryable: true })
  })
  it('a host that is no Mercur is asked nothing further', async () => {
    const sandbox = createSandboxV2()
    const opened = open(
      sandbox,
      { shop: { admin: sandbox.settings.admin } },
      {
        between: async (request, pass) =>
          /order-(groups|sets)/.test(request.url)
            ? new Response('<html></html>', {
                status: 404,
                headers: { 'content-type': 'text/html' },
              })
            : pass(),
      },
    )
    expect(await opened.cancel('shop', 'order_open')).toMatchObject({
      status: 'accepted',
      attempts: [],
    })
    expect(cancels(sandbox)).toEqual({})
  })
  it('configured wrongly, nothing is sent: 1 on a 2.x', async () => {
    const sandbox = createSandboxV2()
    expect(
      (
        await open(sandbox, { shop: { ...sandbox.settings, version: '1' } }).cancel(
          'shop',
          'order_open',
        )
      ).problem,
    ).toMatchObject({ code: 'platform-credentials', acted: 'no' })
    const { admin } = sandbox.settings
    const opened = open(sandbox, { shop: { version: '1', admin } })
    expect(await opened.cancel('shop', 'order_open')).toMatchObject({
      status: 'accepted',
      attempts: [],
    })
    await expect(preview(opened.store('shop'), asked('order_open'), false)).rejects.toMatchObject({
      problem: { detail: expect.stringContaining('`version`') },
    })
    expect(cancels(sandbox)).toEqual({})
  })
  it('configured wrongly, nothing is sent: 2 on a 1.x', async () => {
    const sandbox = createSandboxV1()
    const { admin, vendor } = sandbox.settings
    expect(
      await open(sandbox, { shop: { version: '2', admin } }).cancel('shop', 'order_open'),
    ).toMatchObject({ status: 'accepted', attempts: [] })
    expect(
      (await open(sandbox, { shop: { version: '2', vendor } }).cancel('shop', 'order_open'))
        .problem,
    ).toMatchObject({ code: 'platform-credentials' })
    expect(cancels(sandbox)).toEqual({})
  })
  it('called 2.3 although the payment is linked to the order: shared, it is refused', async () => {
    const sandbox = createSandboxV2()
    const { admin } = sandbox.settings
    expect(
      (
        await open(sandbox, { shop: { version: '2.3', admin } }).cancel(
          'shop',
          'order_shared-authorized-a',
        )
      ).problem,
    ).toMatchObject({ cause: 'shared_payment' })
    expect(cancels(sandbox)).toEqual({})
  })
  it('2.3 promises nothing about the payment', () => {
    const of = (settings: object) =>
      mercur.narrow?.(
        mercur.settings.parse({
          baseUrl: 'https://mercur.example',
          admin: { secretKey: 'sk_x' },
          ...settings,
        }),
      ) ?? {}
    expect(of({ version: '2.3' })).toMatchObject({ payment: { can: 'unknown' } })
    expect(of({ version: '1' })).toEqual({})
    expect(of({ version: '2' })).toEqual({})
  })
})

describe('who acts', () => {
  it('a secret key opens 1.x and no order of 2.x', async () => {
    for (const [version, problem] of [
      ['1', null],
      ['2', 'platform-credentials'],
    ] as const) {
      const sandbox = sandboxes[version]()
      const record = await open(sandbox, {
        shop: { version, admin: { secretKey: sandbox.secretKey } },
      }).cancel('shop', 'order_paid')
      expect(record.problem?.code ?? null).toBe(problem)
    }
  })
  it('2.x with a key and a vendor: the vendor', async () => {
    const sandbox = createSandboxV2()
    const record = await open(sandbox, {
      shop: {
        version: '2',
        admin: { secretKey: sandbox.secretKey },
        vendor: sandbox.settings.vendor,
      },
    }).cancel('shop', 'order_paid')
    expect([record.status, record.attempts[0]?.call]).toEqual([
      'succeeded',
      'POST /vendor/orders/order_paid/cancel',
    ])
  })
  it('1.x with an admin and a vendor: another seller’s order is named, not canceled', async () => {
    const sandbox = createSandboxV1()
    const opened = open(sandbox, { shop: sandbox.settings })
    expect((await opened.cancel('shop', 'order_shared-b')).problem).toMatchObject({
      cause: 'refused',
      detail: expect.stringContaining('another seller'),
    })
    expect((await readOrder(opened.store('shop'), 'order_shared-b')).order).toMatchObject({
      id: 'order_shared-b',
      status: 'open',
      totals: { total: { amount: '66.00' } },
    })
    expect(cancels(sandbox)).toEqual({})
  })
  it('finds by the number people see', async () => {
    for (const version of ['1', '2'] as const) {
      const sandbox = sandboxes[version]()
      const opened = open(sandbox, { shop: sandbox.settings })
      const { order } = await readOrder(opened.store('shop'), 'order_paid')
      expect(
        (await findOrders(opened.store('shop'), order.number ?? '')).map(
          ({ id, paymentStatus }) => [id, paymentStatus],
        ),
      ).toEqual([['order_paid', 'paid']])
      expect(await findOrders(opened.store('shop'), '4711')).toEqual([])
    }
  })
  it.each([
    ['neither admin nor vendor', {}],
    ['an admin without a password', { admin: { email: 'a@lab.test' } }],
    ['an empty admin', { version: '1', admin: {} }],
    ['a vendor alone and no version', { vendor: { email: 'v@lab.test', password: 'x' } }],
    [
      'a vendor of 2.x without a seller',
      { version: '2', vendor: { email: 'v@lab.test', password: 'x' } },
    ],
    ['a version that nobody knows', { version: '3', admin: { secretKey: 'sk_x' } }],
    ['another word for accept', { admin: { secretKey: 'sk_x' }, sharedPayment: true }],
    ['something unknown', { admin: { secretKey: 'sk_x' }, somethingElse: 1 }],
  ])('settings are refused: %s', (_name, settings) => {
    expect(
      mercur.settings.safeParse({ baseUrl: 'https://mercur.example', ...settings }).success,
    ).toBe(false)
    expect(
      mercur.settings.safeParse({
        baseUrl: 'https://mercur.example',
        version: '1',
        admin: { secretKey: 'sk_x' },
      }).success,
    ).toBe(true)
  })
})
