/** The one endpoint: what is asked, what is answered, and that the status never lies. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf, type Host, type Open } from '../host.ts'

const FIELDS = (
  'id status final revision origin requestedBy ' +
  'link causedBy waitingFor approval reopenedAt store ' +
  'platform target orderId reference batchId reason reasonCode notify message restock refund ' +
  'strict alreadyCanceled via effects order problem attempts createdAt updatedAt settledAt'
).split(' ')
const store = 'sandbox-medusa'

export const asking = (open: Open) =>
  describe('POST /v1/cancellations', () => {
    let host: Host
    let ask: Client
    beforeAll(async () => {
      host = await open()
      ask = clientOf(host)
    })
    afterAll(() => host.close())
    const cancel = (body: object, headers?: Record<string, string>) =>
      ask('POST', '/v1/cancellations', { store, ...body }, headers)

    it('201: canceled by this request; the whole record, and its address', async () => {
      const { status, headers, body } = await cancel({
        orderId: 'order_paid',
        reason: 'Wrong quantity ordered',
        reasonCode: 'customer',
        notify: true,
        message: 'Sorry',
        restock: false,
        reference: 'SO-4711',
      })
      expect(status).toBe(201)
      expect(headers.get('content-type')).toBe('application/json')
      expect(headers.get('location')).toBe(`/v1/cancellations/${body.id}`)
      expect([
        headers.get('idempotent-replayed'),
        headers.get('rescind-deduplicated'),
        headers.get('preference-applied'),
        headers.get('retry-after'),
      ]).toEqual([null, null, null, null])
      expect(Object.keys(body)).toEqual(FIELDS)
      expect(body).toMatchObject({
        id: expect.stringMatching(/^can_[0-9A-HJKMNP-TV-Z]{26}$/),
        status: 'succeeded',
        final: true,
        store,
        platform: 'medusa',
        target: 'order',
        orderId: 'order_paid',
        reference: 'SO-4711',
        reason: 'Wrong quantity ordered',
        reasonCode: 'customer',
        notify: true,
        message: 'Sorry',
        restock: false,
        strict: false,
        alreadyCanceled: false,
        requestedBy: { caller: 'local', key: null },
        via: 'reply',
        problem: null,
        effects: {
          order: { asked: true, honored: true, outcome: 'applied', basis: 'confirmed' },
          reason: { asked: true, honored: true, outcome: 'applied', basis: 'confirmed' },
          notify: { asked: true, honored: false, outcome: 'unsupported' },
          message: { asked: true, honored: false, outcome: 'unsupported' },
          restock: { asked: false, honored: false, outcome: 'forced' },
          payment: {
            asked: null,
            honored: null,
            outcome: 'automatic',
            amount: { amount: '51.3971', currency: 'USD' },
          },
        },
        order: {
          id: 'order_paid',
          status: 'canceled',
          paymentStatus: 'refunded',
          customer: null,
          reason: 'Wrong quantity ordered',
          native: { status: 'canceled' },
        },
        attempts: [{ call: 'POST /admin/orders/order_paid/cancel', result: '200' }],
      })
      expect((await ask('GET', headers.get('location') ?? '')).body).toEqual(body)
    })

    it('what is left out, and what is null, is no wish', async () => {
      const bare = await cancel({ orderId: 'order_open-bare' })
      const nothing = {
        reason: null,
        reasonCode: null,
        notify: null,
        message: null,
        restock: null,
        strict: null,
        reference: null,
        target: null,
      }
      const nulls = await cancel({ orderId: 'order_open-null', ...nothing })
      expect([bare.status, nulls.status]).toEqual([201, 201])
      for (const { body } of [bare, nulls])
        expect(body).toMatchObject({ ...nothing, strict: false, target: 'order' })
      const { order, payment, ...others } = bare.body.effects
      expect([order.outcome, payment.outcome]).toEqual(['applied', 'automatic'])
      for (const effect of Object.values<any>(others))
        expect(effect).toMatchObject({ asked: null, honored: null })
      expect(nulls.body.effects).toEqual(bare.body.effects)
    })

    it('202 with Retry-After and Location at once for respond-async, and for wait=0', async () => {
      for (const prefer of ['respond-async', 'Respond-Async, wait=0', 'wait=0', 'foo, wait="0"']) {
        const { status, headers, body } = await cancel(
          { orderId: `order_slow-${prefer.replaceAll(/\W/g, '')}` },
          { prefer },
        )
        expect([prefer, status, body.status, body.final, body.settledAt]).toEqual([
          prefer,
          202,
          'accepted',
          false,
          null,
        ])
        expect(headers.get('location')).toBe(`/v1/cancellations/${body.id}`)
        expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
        expect(headers.get('preference-applied')).toMatch(
          /^(respond-async|wait=0|respond-async, wait=0)$/,
        )
        for (const effect of Object.values<any>(body.effects))
          expect(effect.outcome).toBe('pending')
      }
    })

    it('202 when the wait is over; GET with a wait holds until it is final', async () => {
      const { status, headers, body } = await cancel(
        { orderId: 'order_paid-wait_2500ms' },
        { prefer: 'wait=1' },
      )
      expect([status, body.final, headers.get('preference-applied')]).toEqual([
        202,
        false,
        'wait=1',
      ])
      expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
      const at = `/v1/cancellations/${body.id}`
      const now = await ask('GET', at)
      expect([now.status, now.body.final, now.headers.get('preference-applied')]).toEqual([
        200,
        false,
        null,
      ])
      const later = await ask('GET', at, undefined, { prefer: 'wait=25' })
      expect([later.status, later.body.status, later.headers.get('preference-applied')]).toEqual([
        200,
        'succeeded',
        'wait=25',
      ])
    })

    it('respond-async with a wait: so long, only then 202 (RFC 7240, 4.3); a GET too', async () => {
      const quick = await cancel(
        { orderId: 'order_slow-both' },
        { prefer: 'respond-async, wait=10' },
      )
      expect([quick.status, quick.headers.get('preference-applied')]).toEqual([201, 'wait=10'])
      const slow = await cancel(
        { orderId: 'order_paid-both-wait_2500ms' },
        { prefer: 'wait=1, respond-async' },
      )
      expect([slow.status, slow.body.final, slow.headers.get('preference-applied')]).toEqual([
        202,
        false,
        'respond-async, wait=1',
      ])
      const later = await ask('GET', `/v1/cancellations/${slow.body.id}`, undefined, {
        prefer: 'respond-async, wait=25',
      })
      expect([later.status, later.body.status, later.headers.get('preference-applied')]).toEqual([
        200,
        'succeeded',
        'wait=25',
      ])
    })

    it.each([
      ['wait="7"', 'wait=7'],
      ['wait=7; why="a, wait=1"', 'wait=7'],
      ['x="a, wait=1", wait=7', 'wait=7'],
      ['x="\\", wait=1", wait=7', 'wait=7'],
      ['handling=lenient, , Wait = 7 , wait=3', 'wait=7'],
      ['wait', null],
      ['wait=""', null],
      ['respond-async;x=y', null],
      ['"wait=7"', null],
      ['wait=7, respond-async, respond-async', 'wait=7'],
      ['wait=99999999999999999999', 'wait=25'],
      ['wait=1.5', null],
      ['wait=', null],
      [',', null],
    ])('Prefer: %s is applied to what is settled as %s', async (prefer, applied) => {
      const { status, headers } = await cancel({ orderId: 'order_open-preferred' }, { prefer })
      expect([status === 200 || status === 201, headers.get('preference-applied')]).toEqual([
        true,
        applied,
      ])
    })

    it.each([
      ['wait=99', 'wait=25'],
      ['wait=3', 'wait=3'],
      ['WAIT = 2', 'wait=2'],
      ['return=minimal', null],
      ['wait=soon', null],
      ['wait=-1', null],
    ])('Prefer: %s is applied as %s', async (prefer, applied) => {
      const { status, headers } = await cancel(
        { orderId: `order_open-${prefer.replaceAll(/\W/g, '')}` },
        { prefer },
      )
      expect([status, headers.get('preference-applied')]).toEqual([201, applied])
    })

    it.each([
      ['order_fulfilled', 409, 'order-not-cancelable', 'fulfilled'],
      ['order_completed', 409, 'order-not-cancelable', 'completed'],
      ['order_open-change', 409, 'order-not-cancelable', 'open_change'],
      ['order_nobody', 404, 'order-not-found', undefined],
      ['nobody', 404, 'order-not-found', undefined],
    ])('%s: refused, %i %s, and the refusal is on record', async (orderId, status, code, cause) => {
      const answer = await cancel({ orderId, restock: true, notify: false })
      expect([
        answer.status,
        answer.body.code,
        answer.body.cause,
        answer.body.retryable,
        answer.body.acted,
      ]).toEqual([status, code, cause, false, 'no'])
      const at = answer.headers.get('location')
      expect([answer.body.cancellation, answer.body.instance]).toEqual([at, at])
      const { status: read, body: record } = await ask('GET', at ?? '')
      expect([read, record.status, record.final, record.alreadyCanceled]).toEqual([
        200,
        'rejected',
        true,
        false,
      ])
      expect(record.problem).toEqual(answer.body)
      expect(record.effects).toMatchObject({
        order: { outcome: 'skipped' },
        restock: { outcome: 'skipped' },
        notify: { asked: false, outcome: 'withheld' },
        payment: { outcome: 'withheld' },
      })
      expect(record.attempts).toEqual([])
    })

    it('strict: refused beforehand, 422, a pointer per wish; the order untouched', async () => {
      const { status, headers, body } = await cancel({
        orderId: 'order_paid-strict',
        notify: true,
        message: 'Sorry',
        restock: false,
        reasonCode: 'fraud',
        strict: true,
      })
      expect([status, body.code, body.acted]).toEqual([422, 'unsupported', 'no'])
      expect(body.errors.map(({ pointer }: any) => pointer).sort()).toEqual([
        '/message',
        '/notify',
        '/restock',
      ])
      expect((await ask('GET', headers.get('location') ?? '')).body).toMatchObject({
        status: 'rejected',
        strict: true,
        attempts: [],
      })
      expect((await ask('GET', `/v1/stores/${store}/orders/order_paid-strict`)).body).toMatchObject(
        { status: 'open', paymentStatus: 'paid' },
      )
      expect(
        (
          await cancel({
            orderId: 'order_paid-strict',
            restock: true,
            reasonCode: 'fraud',
            strict: true,
          })
        ).status,
      ).toBe(201)
    })

    it('409 needs-attention where money moved and the order stayed open', async () => {
      const { status, headers, body } = await cancel({ orderId: 'order_400-after-refund' })
      expect([status, body.code, body.acted, body.retryable]).toEqual([
        409,
        'needs-attention',
        'yes',
        false,
      ])
      expect(body.upstream).toMatchObject({ status: 400 })
      const { body: record } = await ask('GET', headers.get('location') ?? '')
      expect(record).toMatchObject({
        status: 'needs_attention',
        final: false,
        settledAt: null,
        order: { status: 'open', paymentStatus: 'refunded' },
      })
      expect(record.problem).toEqual(body)
    })

    it('canceled already at the platform: succeeded, nothing sent', async () => {
      const { status, body } = await cancel({
        orderId: 'order_canceled',
        restock: true,
        notify: false,
      })
      expect([status, body.status, body.alreadyCanceled, body.via, body.attempts]).toEqual([
        201,
        'succeeded',
        true,
        'reconciled',
        [],
      ])
      expect(body.effects).toMatchObject({
        order: { outcome: 'skipped' },
        restock: { outcome: 'skipped', honored: false },
        notify: { outcome: 'withheld' },
        payment: { outcome: 'withheld' },
      })
    })

    it('a reasonCode alone is written as its label', async () => {
      const { body } = await cancel({ orderId: 'order_open-label', reasonCode: 'inventory' })
      expect(body).toMatchObject({
        reason: null,
        reasonCode: 'inventory',
        order: { reason: 'Out of stock' },
        effects: { reason: { asked: true, outcome: 'applied' } },
      })
    })

    it.each([
      'application/json',
      'application/json; charset=utf-8',
      'application/json;charset=UTF-8',
      'application/json ; charset="utf-8"',
      'APPLICATION/JSON',
      'application/json;',
      'application/json; charset=latin1',
    ])('Content-Type: %s', async (type) => {
      expect(
        (
          await cancel(
            { orderId: `order_open-${btoa(type).replaceAll('/', '_')}` },
            { 'content-type': type },
          )
        ).status,
      ).toBe(201)
    })

    it('lengths are inclusive, and everything in Unicode comes back as it was', async () => {
      const text = {
        reason: `“Größe”\n👍 ${'x'.repeat(489)}`,
        message: 'é'.repeat(1000),
        reference: '№'.repeat(128),
        notify: true,
      }
      expect([text.reason.length, text.message.length, text.reference.length]).toEqual([
        500, 1000, 128,
      ])
      const { status, body } = await cancel({ orderId: `order_open-${'z'.repeat(117)}`, ...text })
      expect(status).toBe(201)
      expect(body).toMatchObject({ ...text, orderId: `order_open-${'z'.repeat(117)}` })
    })
  })
