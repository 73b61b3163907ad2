/** What is only read of cancellations: lists and their pages, previews. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Client, clientOf, type Host, type Open } from '../host.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
] as const
const pause = (ms: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

export const reading = (open: Open) =>
  describe('reading', () => {
    let host: Host
    let ask: Client
    let records: any[]
    beforeAll(async () => {
      host = await open({ callers, stores: ['paris', 'london'] })
      ask = clientOf(host, 'rsk_erp')
      const bodies = [
        { store: 'paris', orderId: 'order_open-1', reference: 'A' },
        { store: 'paris', orderId: 'order_400-after-refund', reference: 'B' },
        { store: 'london', orderId: 'order_open-1', reference: 'A' },
        { store: 'paris', orderId: 'order_fulfilled' },
        { store: 'london', orderId: 'order_open-2', reference: 'é&=+' },
      ]
      records = []
      for (const body of bodies) {
        await ask('POST', '/v1/cancellations', body)
        records.push(
          (await ask('GET', `/v1/cancellations?orderId=${body.orderId}&store=${body.store}`)).body
            .data[0],
        )
        await pause(5)
      }
      await ask('POST', `/v1/cancellations/${records[1].id}/resolve`, {
        as: 'canceled',
        note: 'seen',
      })
    })
    afterAll(() => host.close())
    const list = async (query: string) => (await ask('GET', `/v1/cancellations?${query}`)).body
    const numbers = (found: { data: any[] }) =>
      found.data.map(({ id }) => records.findIndex((record) => record.id === id))
    const at = (index: number, name: 'createdAt' | 'updatedAt' = 'createdAt') =>
      encodeURIComponent(records[index][name])

    describe('GET /v1/cancellations', () => {
      it.each([
        ['', [4, 3, 2, 1, 0]],
        ['order=desc', [4, 3, 2, 1, 0]],
        ['order=asc', [0, 1, 2, 3, 4]],
        ['store=london', [4, 2]],
        ['orderId=order_open-1', [2, 0]],
        ['orderId=order_open-1&store=paris', [0]],
        ['status=succeeded', [4, 2, 1, 0]],
        ['status=rejected', [3]],
        ['status=accepted', []],
        ['reference=A', [2, 0]],
        ['reference=%C3%A9%26%3D%2B', [4]],
        ['reference=a', []],
        ['limit=2', [4, 3]],
        ['limit=100', [4, 3, 2, 1, 0]],
      ])('?%s', async (query, expected) => expect(numbers(await list(query))).toEqual(expected))

      it('time filters are exclusive, and take any offset', async () => {
        expect(numbers(await list(`createdAfter=${at(2)}`))).toEqual([4, 3])
        expect(numbers(await list(`createdBefore=${at(2)}`))).toEqual([1, 0])
        expect(numbers(await list(`createdAfter=${at(1)}&createdBefore=${at(3)}`))).toEqual([2])
        const shifted = new Date(Date.parse(records[2].createdAt) + 7_200_000)
          .toISOString()
          .replace('Z', '+02:00')
        for (const same of [shifted, records[2].createdAt.toLowerCase()])
          expect(numbers(await list(`createdAfter=${encodeURIComponent(same)}`))).toEqual([4, 3])
      })

      it('updatedAfter sorts by update', async () => {
        expect(numbers(await list(`updatedAfter=${at(0, 'updatedAt')}`))).toEqual([1, 4, 3, 2])
        expect(numbers(await list(`updatedAfter=${at(0, 'updatedAt')}&order=asc`))).toEqual([
          2, 3, 4, 1,
        ])
        const resolved = (await ask('GET', `/v1/cancellations/${records[1].id}`)).body.updatedAt
        expect(numbers(await list(`updatedAfter=${encodeURIComponent(resolved)}`))).toEqual([])
      })

      it.each([
        '',
        'order=asc',
        'store=paris',
        'updatedAfter=2020-01-01T00:00:00Z',
        'reference=A',
        'order=asc&createdAfter=2020-01-01T00%3A00%3A00%2B01%3A00',
      ])('pages of ?%s, by Link and by cursor', async (query) => {
        const whole = numbers(await list(query))
        for (const follow of ['link', 'cursor'] as const) {
          const met: number[] = []
          let next: string | null = `/v1/cancellations?${query}&limit=1`
          while (next !== null) {
            const answer: Answer = await ask('GET', next)
            expect(answer.body.data.length).toBeLessThanOrEqual(1)
            met.push(...numbers(answer.body))
            const link = answer.headers.get('link')
            expect(link === null).toBe(answer.body.nextCursor === null)
            const linked =
              link === null
                ? null
                : (/^<(\/v1\/cancellations\?[^>]+)>; rel="next"$/.exec(link)?.[1] ?? 'malformed')
            next =
              follow === 'link' || answer.body.nextCursor === null
                ? linked
                : `/v1/cancellations?${query}&limit=1` +
                  `&cursor=${encodeURIComponent(answer.body.nextCursor)}`
          }
          expect(met).toEqual(whole)
        }
      })

      it('a list is what its records are one by one', async () => {
        const { data, nextCursor } = await list('')
        expect(nextCursor).toBeNull()
        for (const record of data)
          expect((await ask('GET', `/v1/cancellations/${record.id}`)).body).toEqual(record)
      })
    })

    it.each(['can_01KAK3J0X5T9V2W8Q6N4M7R1ZB', 'x', '%00', '%F0%9F%91%8D', '__proto__', 'preview'])(
      'GET /v1/cancellations/%s: 404',
      async (id) => {
        const { status, body } = await ask('GET', `/v1/cancellations/${id}`)
        expect([status, body.code]).toEqual([404, 'cancellation-not-found'])
      },
    )

    describe('POST /v1/cancellations/preview', () => {
      const preview = (body: object) =>
        ask('POST', '/v1/cancellations/preview', { store: 'london', ...body })

      it('cancelable: what would become of every effect, and the order', async () => {
        const { status, headers, body } = await preview({
          orderId: 'order_paid',
          notify: false,
          restock: true,
          reason: 'x',
        })
        expect([status, headers.get('location')]).toEqual([200, null])
        expect(Object.keys(body).sort()).toEqual([
          'alreadyCanceled',
          'cancelable',
          'effects',
          'order',
          'orderId',
          'platform',
          'problem',
          'store',
          'target',
        ])
        expect(body).toMatchObject({
          store: 'london',
          platform: 'medusa',
          target: 'order',
          orderId: 'order_paid',
          cancelable: true,
          alreadyCanceled: false,
          problem: null,
          order: { status: 'open', paymentStatus: 'paid' },
        })
        expect(body.effects).toMatchObject({
          order: { asked: true, outcome: 'applied', basis: 'documented' },
          reason: { asked: true, outcome: 'applied', honored: true },
          notify: { asked: false, outcome: 'withheld', honored: true },
          restock: { asked: true, outcome: 'applied', honored: true },
          payment: {
            asked: null,
            outcome: 'automatic',
            amount: { amount: '51.3971', currency: 'USD' },
          },
        })
      })

      it('not cancelable: the cause', async () => {
        const { status, body } = await preview({ orderId: 'order_fulfilled', restock: true })
        expect([
          status,
          body.cancelable,
          body.alreadyCanceled,
          body.problem.code,
          body.problem.cause,
        ]).toEqual([200, false, false, 'order-not-cancelable', 'fulfilled'])
        expect(body.effects).toMatchObject({
          order: { outcome: 'skipped' },
          restock: { outcome: 'skipped' },
          payment: { outcome: 'withheld' },
        })
      })

      it('already canceled', async () => {
        const { status, body } = await preview({ orderId: 'order_canceled' })
        expect([
          status,
          body.cancelable,
          body.alreadyCanceled,
          body.problem,
          body.order.status,
        ]).toEqual([200, false, true, null, 'canceled'])
      })

      it('a strict refusal is 200 with the problem', async () => {
        const { status, body } = await preview({
          orderId: 'order_paid',
          notify: true,
          strict: true,
        })
        expect([
          status,
          body.cancelable,
          body.problem.code,
          body.problem.errors.map(({ pointer }: any) => pointer),
        ]).toEqual([200, false, 'unsupported', ['/notify']])
      })

      it('an unknown order is its 404; a platform away 503, one refusing us 502', async () => {
        expect((await preview({ orderId: 'order_nobody' })).body).toMatchObject({
          status: 404,
          code: 'order-not-found',
        })
        for (const [mood, status, code, wait] of [
          ['away', 503, 'platform-unavailable', '1'],
          ['refusing', 502, 'platform-credentials', null],
        ] as const) {
          host.platform('london').mood = mood
          for (const answer of [
            await preview({ orderId: 'order_paid' }),
            await ask('GET', '/v1/stores/london/orders/order_paid'),
            await ask('GET', '/v1/stores/london/orders?number=1'),
          ]) {
            expect([
              answer.status,
              answer.body.code,
              answer.body.retryable,
              answer.headers.get('retry-after'),
            ]).toEqual([status, code, true, wait])
          }
        }
        host.platform('london').mood = 'well'
      })

      it('touched nothing and wrote nothing', async () => {
        expect(
          host
            .platform('london')
            .calls.filter((call) => !call.startsWith('GET ') && !/order_open-|\/auth\//.test(call)),
        ).toEqual([])
        expect(numbers(await list('store=london'))).toEqual([4, 2])
      })
    })
  })
