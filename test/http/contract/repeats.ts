/** Asked again: by key, by order, with other wishes, by somebody else, while open and after. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Client, clientOf, type Host, type Open, until } from '../host.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read'], stores: ['paris', 'london'] },
  { name: 'shop', key: 'rsk_shop', scopes: ['cancel', 'read'], stores: ['paris'] },
] as const

const answered = ({ status, headers }: Answer) => [
  status,
  headers.get('idempotent-replayed'),
  headers.get('rescind-deduplicated'),
]

export const repeats = (open: Open) =>
  describe('asked again', () => {
    let host: Host
    let erp: Client
    let shop: Client
    beforeAll(async () => {
      host = await open({ callers, stores: ['paris', 'london'] })
      erp = clientOf(host, 'rsk_erp')
      shop = clientOf(host, 'rsk_shop')
    })
    afterAll(() => host.close())
    const cancel = (ask: Client, body: object, key?: string, prefer?: string) =>
      ask(
        'POST',
        '/v1/cancellations',
        { store: 'paris', ...body },
        { ...(key !== undefined && { 'idempotency-key': key }), ...(prefer && { prefer }) },
      )
    const count = async (orderId: string) =>
      (await erp('GET', `/v1/cancellations?orderId=${orderId}`)).body.data.length

    it('same key and body: replayed; quoted or bare keys, members in any order', async () => {
      const orderId = 'order_open-same'
      const first = await cancel(erp, { orderId, restock: true, reason: null }, '"key-1"')
      expect(answered(first)).toEqual([201, null, null])
      for (const again of [
        await cancel(erp, { orderId, restock: true }, 'key-1'),
        await erp(
          'POST',
          '/v1/cancellations',
          '{ "restock" : true,\n"strict":false, ' +
            `"orderId":"${orderId}","target":"order","store":"paris"}`,
          { 'idempotency-key': '"key-1"' },
        ),
      ]) {
        expect(answered(again)).toEqual([200, 'true', null])
        expect(again.body).toEqual(first.body)
        expect(again.headers.get('location')).toBe(first.headers.get('location'))
      }
      expect([await count(orderId), host.platform('paris').cancels.get(orderId)]).toEqual([1, 1])
    })

    it.each([
      ['"a\\"b\\\\c"', null],
      ['x'.repeat(255), `"${'x'.repeat(255)}"`],
      ['a,b;c=/[]{}:@', '"a,b;c=/[]{}:@"'],
      ["!#$%&'*+-.^_`|~", '"!#$%&\'*+-.^_`|~"'],
    ])('the key %s, also written %s', async (one, other) => {
      const orderId = `order_open-key${one.length}`
      expect(answered(await cancel(erp, { orderId }, one))).toEqual([201, null, null])
      expect(answered(await cancel(erp, { orderId }, other ?? one))).toEqual([200, 'true', null])
    })

    it('same key, same body while it is open: joins the wait', async () => {
      const first = await cancel(erp, { orderId: 'order_slow-join' }, 'join', 'respond-async')
      const [now, later] = await Promise.all([
        cancel(erp, { orderId: 'order_slow-join' }, 'join', 'wait=0'),
        cancel(erp, { orderId: 'order_slow-join' }, 'join', 'wait=10'),
      ])
      expect(answered(first)).toEqual([202, null, null])
      expect(answered(now)).toEqual([202, 'true', null])
      expect(answered(later)).toEqual([200, 'true', null])
      expect([now.body.id, later.body.id]).toEqual([first.body.id, first.body.id])
    })

    it.each([
      ['another order', { orderId: 'order_open-reused-2' }],
      ['another wish', { restock: true }],
      ['another reason', { reason: 'other' }],
      ['another reasonCode', { reasonCode: 'fraud' }],
      ['another reference', { reference: 'other' }],
      ['strict', { strict: true }],
      ['another target', { target: 'transfer' }],
    ])('same key, %s: 422, nothing written, the earlier one named', async (_, other) => {
      const first = await cancel(erp, { orderId: 'order_open-reused' }, 'reused')
      const second = await cancel(erp, { orderId: 'order_open-reused', ...other }, 'reused')
      expect([second.status, second.body.code, second.body.cancellation]).toEqual([
        422,
        'idempotency-key-reused',
        first.headers.get('location'),
      ])
      expect([await count('order_open-reused'), await count('order_open-reused-2')]).toEqual([1, 0])
    })

    it('keys belong to a caller and a store', async () => {
      const mine = await cancel(erp, { orderId: 'order_open-k1' }, 'scoped')
      const theirs = await cancel(shop, { orderId: 'order_open-k2' }, 'scoped')
      const elsewhere = await cancel(erp, { store: 'london', orderId: 'order_open-k3' }, 'scoped')
      expect([answered(mine), answered(theirs), answered(elsewhere)]).toEqual([
        [201, null, null],
        [201, null, null],
        [201, null, null],
      ])
      expect(answered(await cancel(shop, { orderId: 'order_open-k1' }, 'fresh'))).toEqual([
        200,
        'true',
        'true',
      ])
    })

    it('no or another key, same order and wishes, any reason: the earlier record', async () => {
      const orderId = 'order_paid-dedup'
      const first = await cancel(erp, { orderId, restock: true, reason: 'first' }, 'dedup-1')
      const none = await cancel(erp, {
        orderId,
        restock: true,
        reason: 'second',
        reasonCode: 'staff',
        reference: 'x',
      })
      const other = await cancel(shop, { orderId, restock: true }, 'dedup-2')
      expect([answered(none), answered(other)]).toEqual([
        [200, 'true', 'true'],
        [200, 'true', 'true'],
      ])
      expect([none.body, other.body]).toEqual([first.body, first.body])
      expect(answered(await cancel(shop, { orderId, restock: true }, 'dedup-2'))).toEqual([
        200,
        'true',
        null,
      ])
      expect((await cancel(shop, { orderId, restock: false }, 'dedup-2')).body.code).toBe(
        'idempotency-key-reused',
      )
      expect([await count(orderId), host.platform('paris').cancels.get(orderId)]).toEqual([1, 1])
    })

    it('other wishes while it is open: 409 with a link', async () => {
      const first = await cancel(
        erp,
        { orderId: 'order_slow-conflict', restock: true },
        undefined,
        'respond-async',
      )
      for (const wishes of [
        { restock: false },
        {},
        { restock: true, notify: true },
        { restock: true, notify: true, message: 'x' },
      ]) {
        const { status, body } = await cancel(
          shop,
          { orderId: 'order_slow-conflict', ...wishes },
          'conflict',
        )
        expect([status, body.code, body.acted, body.cancellation]).toEqual([
          409,
          'cancellation-conflict',
          'no',
          first.headers.get('location'),
        ])
      }
      expect(await count('order_slow-conflict')).toBe(1)
    })

    it('other wishes, or the same, while it needs attention', async () => {
      const first = await cancel(erp, { orderId: 'order_400-after-refund-x' })
      expect(first.body.code).toBe('needs-attention')
      const same = await cancel(erp, { orderId: 'order_400-after-refund-x' })
      expect([...answered(same), same.body]).toEqual([409, 'true', 'true', first.body])
      const other = await cancel(erp, { orderId: 'order_400-after-refund-x', restock: true })
      expect([other.status, other.body.code, other.body.cancellation]).toEqual([
        409,
        'cancellation-conflict',
        first.headers.get('location'),
      ])
      expect(host.platform('paris').cancels.get('order_400-after-refund-x')).toBe(1)
    })

    it('other wishes after success: a new record, nothing sent; with strict 409', async () => {
      const orderId = 'order_paid-after'
      const first = await cancel(erp, { orderId, restock: true })
      const second = await cancel(
        erp,
        { orderId, restock: false, notify: true, message: 'x' },
        'after',
      )
      expect(answered(second)).toEqual([201, null, null])
      expect(second.body).toMatchObject({
        status: 'succeeded',
        alreadyCanceled: true,
        attempts: [],
      })
      expect(second.body.id).not.toBe(first.body.id)
      expect(second.body.effects).toMatchObject({
        order: { outcome: 'skipped' },
        restock: { outcome: 'withheld' },
        notify: { outcome: 'skipped' },
        message: { outcome: 'skipped' },
      })
      expect(
        answered(
          await cancel(erp, { orderId, restock: false, notify: true, message: 'x' }, 'after'),
        ),
      ).toEqual([200, 'true', null])
      const strict = await cancel(erp, { orderId, notify: true, strict: true })
      expect([strict.status, strict.body.code]).toEqual([409, 'cancellation-conflict'])
      expect(strict.body.cancellation).toMatch(/^\/v1\/cancellations\/can_/)
      expect([await count(orderId), host.platform('paris').cancels.get(orderId)]).toEqual([2, 1])
    })

    it('a refusal is replayed by its key, and is not in the way of a new request', async () => {
      const first = await cancel(erp, { orderId: 'order_fulfilled-again' }, 'refused')
      const replay = await cancel(erp, { orderId: 'order_fulfilled-again' }, 'refused')
      expect([...answered(replay), replay.body, replay.headers.get('location')]).toEqual([
        409,
        'true',
        null,
        first.body,
        first.headers.get('location'),
      ])
      const fresh = await cancel(erp, { orderId: 'order_fulfilled-again', restock: true })
      expect(answered(fresh)).toEqual([409, null, null])
      expect(fresh.headers.get('location')).not.toBe(first.headers.get('location'))
    })

    it('a retryable refusal starts again by its key, under its id; without it stays', async () => {
      const london = host.platform('london')
      const body = { store: 'london', orderId: 'order_open-credentials' }
      london.mood = 'refusing'
      const refused = await cancel(erp, body, 'again')
      expect([
        refused.status,
        refused.body.code,
        refused.body.retryable,
        refused.body.acted,
      ]).toEqual([502, 'platform-credentials', true, 'no'])
      expect((await cancel(erp, body, 'again')).status).toBe(502)
      london.mood = 'well'
      const done = await cancel(erp, body, 'again')
      expect([...answered(done), done.headers.get('location')]).toEqual([
        200,
        'true',
        null,
        refused.headers.get('location'),
      ])
      expect([await count(body.orderId), london.cancels.get(body.orderId)]).toEqual([1, 1])
    })

    it('a platform that is away: 202, tried until it is back', async () => {
      const london = host.platform('london')
      london.mood = 'away'
      const first = await cancel(
        erp,
        { store: 'london', orderId: 'order_paid-away' },
        undefined,
        'wait=1',
      )
      expect([first.status, first.body.status, first.body.attempts]).toEqual([202, 'accepted', []])
      expect(Number(first.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      london.mood = 'well'
      const { body } = await until(
        () => erp('GET', `/v1/cancellations/${first.body.id}`, undefined, { prefer: 'wait=5' }),
        (answer) => answer.body.final,
      )
      expect([body.status, london.cancels.get('order_paid-away')]).toEqual(['succeeded', 1])
    })

    it('a platform that is away past the deadline: rejected, expired, retryable', async () => {
      const brief = await open({
        callers,
        stores: ['paris', 'london'],
        // Enough for the second time, however busy the machine is.
        timing: { deadlineMs: 1_000 },
      })
      try {
        const ask = clientOf(brief, 'rsk_erp')
        brief.platform('paris').mood = 'away'
        const { status, body } = await cancel(
          ask,
          { orderId: 'order_paid-late' },
          'late',
          'wait=10',
        )
        expect([status, body.code, body.cause, body.retryable, body.acted]).toEqual([
          409,
          'order-not-cancelable',
          'expired',
          true,
          'no',
        ])
        brief.platform('paris').mood = 'well'
        // What was away is left alone for a moment.
        const read = async () =>
          (await ask('GET', '/v1/stores/paris/orders/order_paid-late')).status
        await expect.poll(read).toBe(200)
        expect(
          answered(await cancel(ask, { orderId: 'order_paid-late' }, 'late', 'wait=10')),
        ).toEqual([200, 'true', null])
      } finally {
        await brief.close()
      }
    })
  })
