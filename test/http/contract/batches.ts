/**
 * Batches: everything or nothing of what is sent, every mistake by row and column, each item an
 * ordinary cancellation.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf, type Host, type Open } from '../host.ts'
import { callers, csv, orders, send, done, items, everything } from './batch-calls.ts'

export const batches = (open: Open) =>
  describe('batches', () => {
    let host: Host
    let erp: Client
    let shop: Client
    beforeAll(async () => {
      host = await open({ callers, stores: ['paris', 'rome'] })
      erp = clientOf(host, 'rsk_erp')
      shop = clientOf(host, 'rsk_shop')
    })
    afterAll(() => host.close())

    it('202, written down; then each item is a cancellation, found by its batch', async () => {
      await erp('POST', '/v1/cancellations', {
        store: 'paris',
        orderId: 'order_400-after-refund-b6',
      })
      const list = [
        { store: 'paris', orderId: 'order_paid-b1', reference: 'SO-1', reason: 'Own words' },
        { store: 'rome', orderId: 'order_open-b2', restock: null },
        { store: 'paris', orderId: 'order_fulfilled-b3' },
        { store: 'rome', orderId: 'order_canceled-b4' },
        { store: 'paris', orderId: 'order_none' },
        { store: 'paris', orderId: 'order_400-after-refund-b6', notify: true },
        { store: 'paris', orderId: 'order_paid-b1' },
      ]
      const taken = await send(erp, {
        defaults: { reason: 'Out of stock', notify: false, restock: true },
        items: list,
      })
      expect([taken.status, taken.headers.get('location'), taken.body.refused]).toEqual([
        202,
        `/v1/batches/${taken.body.id}`,
        undefined,
      ])
      expect(taken.body).toMatchObject({
        id: expect.stringMatching(/^bat_[0-9A-HJKMNP-TV-Z]{26}$/),
        status: 'running',
        total: 7,
        finishedAt: null,
        remainingSeconds: expect.any(Number),
      })
      const { body } = await done(erp, taken.body.id)
      expect(body).toMatchObject({
        status: 'finished',
        total: 7,
        counts: {
          accepted: 0,
          sending: 0,
          in_doubt: 0,
          succeeded: 4,
          rejected: 3,
          needs_attention: 0,
        },
        remainingSeconds: 0,
      })
      const rows = await items(erp, body.id)
      expect(
        rows.map(({ row, status, alreadyCanceled, problem }: any) => [
          row,
          status,
          alreadyCanceled,
          problem?.code,
          problem?.cause,
        ]),
      ).toEqual([
        [1, 'succeeded', false, undefined, undefined],
        [2, 'succeeded', false, undefined, undefined],
        [3, 'rejected', false, 'order-not-cancelable', 'fulfilled'],
        [4, 'succeeded', true, undefined, undefined],
        [5, 'rejected', false, 'order-not-found', undefined],
        [6, 'rejected', false, 'cancellation-conflict', undefined],
        [7, 'succeeded', false, undefined, undefined],
      ])
      expect([rows[6].cancellation, rows[5].cancellation, rows[5].problem.cancellation]).toEqual([
        rows[0].cancellation,
        null,
        expect.stringMatching(/^\/v1\/cancellations\/can_/),
      ])
      const found = (await erp('GET', `/v1/cancellations?batchId=${body.id}&order=asc`)).body.data
      expect(found.every(({ batchId }: any) => batchId === body.id)).toBe(true)
      const record = (await erp('GET', rows[0].cancellation)).body
      expect(record).toMatchObject({
        batchId: body.id,
        orderId: 'order_paid-b1',
        reference: 'SO-1',
        reason: 'Own words',
        notify: false,
        restock: true,
        status: 'succeeded',
      })
      expect((await erp('GET', rows[1].cancellation)).body).toMatchObject({
        reason: 'Out of stock',
        restock: true,
      })
      expect(host.platform('paris').cancels.get('order_paid-b1')).toBe(1)
    })

    it('an Idempotency-Key makes one batch; another body under it is refused', async () => {
      const key = { 'idempotency-key': 'night-1' }
      const first = await send(erp, { items: orders('k', 2, 'paris') }, key)
      const again = await send(
        erp,
        {
          partial: false,
          items: orders('k', 2, 'paris').map((item) => ({ ...item, strict: false })),
        },
        key,
      )
      expect([
        again.status,
        again.body.id,
        first.headers.get('idempotent-replayed'),
        again.headers.get('idempotent-replayed'),
      ]).toEqual([202, first.body.id, null, 'true'])
      const other = await send(erp, { items: orders('k', 3, 'paris') }, key)
      expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused'])
      expect((await send(shop, { items: orders('k', 3) }, key)).status).toBe(202)
    })

    it('422 with every mistake by row and column, and nothing taken', async () => {
      const before = await everything(erp)
      const { status, body } = await send(erp, {
        items: [
          { store: 'paris', orderId: 'order_paid-x' },
          { store: 'paris', orderId: 'a/b' },
          { store: 'paris', orderId: 'x', restok: true, notify: 'yes' },
          'order_x',
          { store: 'oslo', orderId: 'x' },
          { orderId: 'x' },
          { store: 'paris', orderId: 'x', message: 'no mail' },
        ],
      })
      expect([status, body.code, body.detail]).toEqual([
        422,
        'invalid-items',
        '6 items are not valid; nothing was taken.',
      ])
      expect(body.errors.map(({ row, column, pointer }: any) => [row, column, pointer])).toEqual([
        [2, 'orderId', '/items/1/orderId'],
        [3, 'notify', '/items/2/notify'],
        [3, 'restok', '/items/2/restok'],
        [4, undefined, '/items/3'],
        [5, 'store', '/items/4/store'],
        [6, 'store', '/items/5/store'],
        [7, 'message', '/items/6/message'],
      ])
      for (const { detail } of body.errors) expect(detail).toMatch(/^\S.{5,}/)
      expect(await everything(erp)).toBe(before)
      expect(host.platform('paris').cancels.has('order_paid-x')).toBe(false)
    })

    it('partial: good ones under their row numbers, others listed; if none, nothing', async () => {
      const taken = await send(erp, {
        partial: true,
        items: [
          { store: 'nowhere', orderId: 'x' },
          { store: 'paris', orderId: 'order_paid-part' },
        ],
      })
      expect([taken.status, taken.body.total, taken.body.refused]).toEqual([
        202,
        1,
        [{ row: 1, column: 'store', pointer: '/items/0/store', detail: expect.any(String) }],
      ])
      expect((await items(erp, taken.body.id)).map(({ row }: any) => row)).toEqual([2])
      expect((await send(erp, { partial: true, items: [{ orderId: '' }] })).body.code).toBe(
        'invalid-items',
      )
    })

    it('the checks come in their order, and what is no batch is told where', async () => {
      const eyes = clientOf(host, 'rsk_eyes')
      const codes = async (...asked: Promise<{ status: number; body: any }>[]) =>
        (await Promise.all(asked)).map(({ status, body }) => [
          status,
          body.code,
          body.errors?.[0]?.pointer,
        ])
      expect(
        await codes(
          send(clientOf(host), { items: [] }),
          send(eyes, { items: [] }),
          send(erp, 'x', { 'content-type': 'text/plain' }),
          send(erp, 'x', { 'content-type': 'text/csv; charset=iso-8859-1' }),
          send(erp, '{'),
          send(erp, { items: [] }),
          send(erp, { items: orders('z', 10_001, 'paris') }),
          send(erp, { items: orders('z', 1, 'paris'), defaults: { orderId: 'x' } }),
          send(erp, { items: orders('z', 1, 'paris'), defaults: { notify: 'no' } }),
          send(erp, { items: orders('z', 1, 'paris') }, { 'idempotency-key': 'a b' }),
          send(erp, { items: orders('z', 1, 'paris') }, {}, '?partial=maybe'),
        ),
      ).toEqual([
        [401, 'unauthenticated', undefined],
        [403, 'forbidden', undefined],
        [415, 'unsupported-media-type', undefined],
        [415, 'unsupported-media-type', undefined],
        [400, 'invalid-request', ''],
        [400, 'invalid-request', '/items'],
        [413, 'too-large', '/items'],
        [400, 'invalid-request', '/defaults/orderId'],
        [400, 'invalid-request', '/defaults/notify'],
        [400, 'invalid-request', '/Idempotency-Key'],
        [400, 'invalid-request', '/partial'],
      ])
      expect((await send(erp, new Uint8Array(8 * 1024 * 1024 + 1))).body.code).toBe('too-large')
      for (const table of [
        `orderId,store\n${'x,paris\n'.repeat(10_001)}`,
        `orderId\n${'\n'.repeat(1_000_000)}x`,
      ])
        expect((await send(erp, table, csv)).body.code).toBe('too-large')
    })

    it('a caller sees its own batches, one for all stores all, and others nothing', async () => {
      const own = (await send(shop, { items: orders('own', 1) })).body.id
      const foreign = (await send(erp, { items: orders('foreign', 1, 'rome') })).body.id
      const idsOf = async (ask: Client) =>
        (await ask('GET', '/v1/batches?limit=100')).body.data.map(({ id }: any) => id)
      expect((await idsOf(shop)).includes(foreign)).toBe(false)
      expect(await idsOf(erp)).toEqual(expect.arrayContaining([own, foreign]))
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/items'],
        ['POST', '/pause'],
        ['POST', '/resume'],
        ['POST', '/stop'],
      ] as const) {
        for (const id of [foreign, 'bat_nobody'])
          expect((await shop(method, `/v1/batches/${id}${path}`)).body.code, path).toBe('not-found')
      }
      expect((await shop('GET', `/v1/batches/${own}`)).body.total).toBe(1)
      expect((await items(shop, own))[0].store).toBe('rome')
      const refused = await send(shop, { items: [{ store: 'paris', orderId: 'x' }] })
      expect([refused.body.code, refused.body.errors[0].column]).toEqual(['invalid-items', 'store'])
      expect((await clientOf(host, 'rsk_eyes')('POST', `/v1/batches/${own}/stop`)).status).toBe(403)
    })

    it('pages: of batches the newest first, of items by row and by status', async () => {
      const first = await erp('GET', '/v1/batches?limit=2')
      const second = await erp(
        'GET',
        `/v1/batches?limit=100&cursor=${encodeURIComponent(first.body.nextCursor)}`,
      )
      const ids = [...first.body.data, ...second.body.data].map(({ id }: any) => id)
      expect([first.headers.get('link'), ids]).toEqual([
        expect.stringMatching(/^<\/v1\/batches\?limit=2&cursor=[^>]+>; rel="next"$/),
        [...new Set(ids)].sort().toReversed(),
      ])
      const {
        body: { id },
      } = await send(erp, { items: orders('page', 7, 'rome') })
      await done(erp, id)
      const rows: number[] = []
      for (
        let path: string | null = `/v1/batches/${id}/items?limit=3&status=succeeded`;
        path !== null;
      ) {
        const { body, headers } = await erp('GET', path)
        rows.push(...body.data.map(({ row }: any) => row))
        path = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? null
      }
      expect(rows).toEqual([1, 2, 3, 4, 5, 6, 7])
      expect(await items(erp, id, '&status=rejected')).toEqual([])
      expect((await erp('GET', `/v1/batches/${id}/items?cursor=x`)).body.code).toBe(
        'invalid-request',
      )
      expect((await erp('GET', `/v1/batches/${id}/items?status=lost`)).body.errors[0].pointer).toBe(
        '/status',
      )
    })

    it('pause, resume, stop', async () => {
      const paris = host.platform('paris')
      paris.mood = 'away'
      const {
        body: { id },
      } = await send(erp, { items: orders('stop', 9, 'paris') })
      const act = async (action: string) => {
        const { status, body } = await erp('POST', `/v1/batches/${id}/${action}`)
        return [status, body.status === status ? body.code : body.status]
      }
      expect([await act('pause'), await act('pause')]).toEqual([
        [200, 'paused'],
        [200, 'paused'],
      ])
      expect((await erp('GET', `/v1/batches/${id}`)).body).toMatchObject({
        status: 'paused',
        remainingSeconds: null,
      })
      expect([
        await act('resume'),
        await act('stop'),
        await act('resume'),
        await act('pause'),
      ]).toEqual([
        [200, 'running'],
        [200, 'stopped'],
        [409, 'cancellation-conflict'],
        [409, 'cancellation-conflict'],
      ])
      const { body } = await done(erp, id)
      expect(body).toMatchObject({ status: 'stopped', counts: { accepted: 0, rejected: 9 } })
      for (const { problem } of await items(erp, id))
        expect(problem).toMatchObject({
          code: 'order-not-cancelable',
          cause: 'withdrawn',
          acted: 'no',
        })
      expect(await act('stop')).toEqual([200, 'stopped'])
      paris.mood = 'well'
      expect(
        (await erp('POST', '/v1/cancellations', { store: 'paris', orderId: 'order_paid-stop0' }))
          .status,
      ).toBe(201)
    })

    it('what a person resolves later shows with its item', async () => {
      const {
        body: { id },
      } = await send(erp, { items: [{ store: 'paris', orderId: 'order_400-after-refund-batch' }] })
      expect((await done(erp, id)).body).toMatchObject({
        status: 'finished',
        counts: { needs_attention: 1 },
      })
      const [{ cancellation, problem }] = await items(erp, id)
      expect(problem).toMatchObject({
        code: 'needs-attention',
        acted: 'yes',
        cancellation,
        instance: cancellation,
      })
      await erp('POST', `${cancellation}/resolve`, {
        as: 'canceled',
        note: 'Seen in the dashboard',
      })
      expect((await erp('GET', `/v1/batches/${id}`)).body).toMatchObject({
        status: 'finished',
        counts: { needs_attention: 0, succeeded: 1 },
      })
      expect(await items(erp, id)).toMatchObject([
        { status: 'succeeded', problem: null, cancellation },
      ])
    })

    it('what is refused of a batch is told for every row, and in measure', async () => {
      const bad = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`m${index}`, 1]))
      const list = [...orders('many', 1, 'paris'), ...Array.from({ length: 2_000 }, () => bad)]
      const { status, body } = await send(erp, { items: list, partial: true })
      expect([status, body.total, new Set(body.refused.map(({ row }: any) => row)).size]).toEqual([
        202, 1, 2_000,
      ])
      expect(body.refused.length).toBeLessThan(3_100)
      const none = await send(erp, { items: list.slice(1) })
      expect([none.status, none.body.errors.length, none.body.detail]).toEqual([
        422,
        1_000,
        expect.stringMatching(
          RegExp(
            '^2000 items are not valid; nothing was taken[.] ' +
              'The first 1000 of [0-9]+ mistakes are listed[.]$',
          ),
        ),
      ])
    })
  })
