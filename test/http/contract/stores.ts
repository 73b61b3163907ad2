/** What is only read of stores: their orders, how each is, what its platform can. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf, type Host, type Open } from '../host.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
] as const

export const stores = (open: Open) =>
  describe('stores', () => {
    let host: Host
    let ask: Client
    beforeAll(async () => {
      host = await open({ callers, stores: ['paris', 'london'] })
      ask = clientOf(host, 'rsk_erp')
      await ask('GET', '/v1/stores/paris/orders/order_open')
    })
    afterAll(() => host.close())

    it('an order, live; with raw=true the platform’s own reply too', async () => {
      const order = await ask('GET', '/v1/stores/london/orders/order_paid-live')
      expect(order.status).toBe(200)
      expect(Object.keys(order.body)).toEqual([
        'id',
        'number',
        'status',
        'paymentStatus',
        'fulfillmentStatus',
        'currency',
        'totals',
        'customer',
        'lines',
        'reason',
        'canceledAt',
        'createdAt',
        'updatedAt',
        'native',
        'readAt',
        'adminUrl',
      ])
      expect(order.body).toMatchObject({
        id: 'order_paid-live',
        status: 'open',
        currency: 'USD',
        customer: { email: 'ada@sandbox.test' },
        native: { status: 'pending' },
      })
      expect(order.body.totals).toMatchObject({
        total: { amount: '51.3971', currency: 'USD' },
        paid: { amount: '51.3971' },
        refunded: { amount: '0.00' },
      })
      expect(order.body.lines[0]).toMatchObject({
        quantity: 2,
        unitPrice: { amount: '19.99', currency: 'USD' },
      })
      const {
        body: { raw, ...rest },
      } = await ask('GET', '/v1/stores/london/orders/order_paid-live?raw=true')
      expect(raw.order.id).toBe('order_paid-live')
      expect({ ...rest, readAt: '' }).toEqual({ ...order.body, readAt: '' })
      expect(
        'raw' in (await ask('GET', '/v1/stores/london/orders/order_paid-live?raw=false')).body,
      ).toBe(false)
      expect((await ask('GET', '/v1/stores/london/orders/order_nobody')).body.code).toBe(
        'order-not-found',
      )
    })

    it('orders by the number people see', async () => {
      const { body: order } = await ask('GET', '/v1/stores/london/orders/order_paid')
      const found = await ask('GET', `/v1/stores/london/orders?number=${order.number}`)
      expect([
        found.status,
        found.body.nextCursor,
        found.body.data.map(({ id }: any) => id),
      ]).toEqual([200, null, ['order_paid']])
      expect((await ask('GET', '/v1/stores/london/orders?number=4711')).body).toEqual({
        data: [],
        nextCursor: null,
      })
    })

    it('a store: when it answered, since when it does not, or refuses our credentials', async () => {
      const london = host.platform('london')
      const health = async () => (await ask('GET', '/v1/stores/london')).body.health
      const look = () => ask('GET', '/v1/stores/london/orders/order_paid')
      await look()
      const well = await health()
      expect(well).toMatchObject({
        failingSince: null,
        credentialsRefusedSince: null,
        breaker: 'closed',
        restMs: 0,
        waiting: 0,
      })
      expect(Math.abs(Date.now() - Date.parse(well.answeredAt))).toBeLessThan(60_000)
      try {
        london.mood = 'refusing'
        await look()
        const refused = await health()
        expect(Date.parse(refused.credentialsRefusedSince)).toBeGreaterThanOrEqual(
          Date.parse(well.answeredAt),
        )
        expect(refused).toMatchObject({ failingSince: null })
        london.mood = 'away'
        await look()
        const away = await health()
        expect(away).toMatchObject({
          answeredAt: refused.answeredAt,
          credentialsRefusedSince: refused.credentialsRefusedSince,
        })
        expect(Date.parse(away.failingSince)).toBeGreaterThanOrEqual(Date.parse(away.answeredAt))
        await look()
        expect((await health()).failingSince).toBe(away.failingSince)
      } finally {
        london.mood = 'well'
      }
      await look()
      expect(await health()).toMatchObject({ failingSince: null, credentialsRefusedSince: null })
    })

    it('stores: what they can, where their platform is, never a credential', async () => {
      const { body } = await ask('GET', '/v1/stores')
      expect(body).toMatchObject({
        nextCursor: null,
        data: [
          {
            id: 'paris',
            platform: 'medusa',
            test: true,
            links: { platform: '/v1/platforms/medusa' },
          },
          { id: 'london' },
        ],
      })
      const one = await ask('GET', '/v1/stores/paris')
      expect(one.body).toEqual({
        ...body.data[0],
        notices: {
          lastAt: null,
          waiting: 0,
          oldestDueAt: null,
          refused: 0,
          lastSweepAt: null,
          sweepFailingSince: null,
          silentSince: null,
        },
        health: {
          answeredAt: expect.any(String),
          failingSince: null,
          credentialsRefusedSince: null,
          breaker: 'closed',
          restMs: 0,
          waiting: 0,
          pace: null,
        },
      })
      expect(one.text).not.toMatch(
        /sk_sandbox|sandbox-password|pk_sandbox|admin@sandbox|127\.0\.0\.1/,
      )
      expect((await ask('GET', body.data[0].links.platform)).body.id).toBe('medusa')
    })

    it('platforms: every input with what it can and a source', async () => {
      const { body } = await ask('GET', '/v1/platforms')
      expect(body.nextCursor).toBeNull()
      expect(body.data.length).toBeGreaterThan(0)
      for (const platform of body.data) {
        expect(Object.keys(platform.capabilities)).toEqual([
          'order',
          'reason',
          'notify',
          'message',
          'restock',
          'payment',
          'transfer',
        ])
        for (const { can, source } of Object.values<any>(platform.capabilities))
          expect([can, source]).toEqual([
            expect.stringMatching(/^(choose|always|never|unknown)$/),
            expect.stringMatching(/./),
          ])
        expect((await ask('GET', `/v1/platforms/${platform.id}`)).body).toEqual(platform)
      }
      expect((await ask('GET', '/v1/platforms/no-such-shop')).body.code).toBe('not-found')
    })
  })
