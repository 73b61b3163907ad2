/**
 * What people do with a record: withdraw it, resolve it; and transfers, in which the customer acts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CUSTOMER_PASSWORD, grace, ada } from '../../../adapters/medusa/sandbox/orders.ts'
import { type Client, clientOf, type Host, ORIGIN, type Open, until } from '../host.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
] as const
const idOf = ({ body }: { body: any }): string => body.cancellation?.split('/').at(-1) ?? body.id

export const people = (open: Open) =>
  describe('withdraw, resolve, transfers', () => {
    let host: Host
    let ask: Client
    beforeAll(async () => {
      host = await open({ callers, stores: ['paris'] })
      ask = clientOf(host, 'rsk_erp')
    })
    afterAll(() => host.close())
    const cancel = (body: object, headers?: Record<string, string>) =>
      ask('POST', '/v1/cancellations', body, headers)
    const read = async (id: string) => (await ask('GET', `/v1/cancellations/${id}`)).body

    it('withdraw: takes back what was not sent', async () => {
      const paris = host.platform('paris')
      paris.mood = 'away'
      const id = idOf(
        await cancel(
          { orderId: 'order_paid-withdrawn', restock: true },
          { prefer: 'respond-async', 'idempotency-key': 'withdrawn' },
        ),
      )
      const { status, body } = await ask('POST', `/v1/cancellations/${id}/withdraw`)
      expect([status, body.id, body.status, body.final, body.via]).toEqual([
        200,
        id,
        'rejected',
        true,
        null,
      ])
      expect(body.problem).toMatchObject({
        code: 'order-not-cancelable',
        cause: 'withdrawn',
        retryable: false,
        acted: 'no',
        cancellation: `/v1/cancellations/${id}`,
      })
      expect(body.effects).toMatchObject({
        order: { outcome: 'skipped' },
        restock: { outcome: 'skipped' },
      })
      paris.mood = 'well'
      expect(
        (
          await cancel(
            { orderId: 'order_paid-withdrawn', restock: true },
            { 'idempotency-key': 'withdrawn' },
          )
        ).body.cause,
      ).toBe('withdrawn')
      const again = await ask('POST', `/v1/cancellations/${id}/withdraw`)
      expect([again.status, again.body.code, again.body.cancellation]).toEqual([
        409,
        'not-withdrawable',
        `/v1/cancellations/${id}`,
      ])
      expect(paris.cancels.has('order_paid-withdrawn')).toBe(false)
      expect((await cancel({ orderId: 'order_paid-withdrawn' })).status).toBe(201)
    })

    it('withdraw: too late for what is settled, under way or needs attention', async () => {
      const done = idOf(await cancel({ orderId: 'order_open-done' }))
      const slow = await cancel({ orderId: 'order_slow-late' }, { prefer: 'wait=1' })
      const torn = idOf(await cancel({ orderId: 'order_400-after-refund-withdraw' }))
      for (const id of [done, idOf(slow), torn]) {
        const { status, body } = await ask('POST', `/v1/cancellations/${id}/withdraw`)
        expect([status, body.code]).toEqual([409, 'not-withdrawable'])
      }
      expect((await ask('POST', '/v1/cancellations/can_nobody/withdraw')).body.code).toBe(
        'cancellation-not-found',
      )
    })

    it.each([
      [
        'canceled',
        'succeeded',
        null,
        {
          order: { outcome: 'applied', basis: 'none' },
          restock: { outcome: 'unverified', honored: null },
          payment: { outcome: 'automatic', basis: 'confirmed' },
        },
      ],
      [
        'not_canceled',
        'rejected',
        'order-not-cancelable',
        {
          order: {
            outcome: 'failed',
            basis: 'confirmed',
            detail: 'A person says that it is not canceled.',
          },
          restock: { outcome: 'skipped' },
          payment: { outcome: 'automatic', basis: 'confirmed' },
        },
      ],
    ])(
      'resolve as %s: %s, by whom and why, and the refund that was seen stays',
      async (as, becomes, code, effects) => {
        const id = idOf(await cancel({ orderId: `order_400-after-refund-${as}`, restock: true }))
        const { status, body } = await ask('POST', `/v1/cancellations/${id}/resolve`, {
          as,
          note: 'Seen in the dashboard 👀',
        })
        expect([
          status,
          body.id,
          body.status,
          body.final,
          body.via,
          body.problem?.code ?? null,
        ]).toEqual([200, id, becomes, true, 'operator', code])
        expect(body.resolution).toEqual({
          as,
          note: 'Seen in the dashboard 👀',
          by: 'erp',
          key: null,
          at: body.settledAt,
        })
        expect(body.effects).toMatchObject(effects)
        if (code) expect(body.problem.acted).toBe('yes')
        expect(await read(id)).toEqual(body)
        const again = await ask('POST', `/v1/cancellations/${id}/resolve`, {
          as: 'retry',
          note: 'x',
        })
        expect([again.status, again.body.code, again.body.cancellation]).toEqual([
          409,
          'cancellation-conflict',
          `/v1/cancellations/${id}`,
        ])
        const same = await cancel({ orderId: `order_400-after-refund-${as}`, restock: true })
        expect(same.headers.get('rescind-deduplicated')).toBe(as === 'canceled' ? 'true' : null)
      },
    )

    it('resolve as retry: accepted again, and it looks first', async () => {
      const [orderId, paris] = ['order_400-after-refund-retry', host.platform('paris')]
      const id = idOf(await cancel({ orderId }))
      const retry = async () => {
        const { status, body } = await ask('POST', `/v1/cancellations/${id}/resolve`, {
          as: 'retry',
          note: 'edit closed',
        })
        expect([
          status,
          body.id,
          body.status,
          body.final,
          body.problem,
          body.resolution.as,
        ]).toEqual([200, id, 'accepted', false, null, 'retry'])
        return (
          await until(
            () => ask('GET', `/v1/cancellations/${id}`, undefined, { prefer: 'wait=5' }),
            (answer) => answer.body.status !== 'accepted',
          )
        ).body
      }
      // The edit that came in between is still open: nothing is sent, and the money that moved
      // stays said.
      expect(await retry()).toMatchObject({
        status: 'needs_attention',
        problem: { cause: 'open_change' },
      })
      expect(paris.cancels.get(orderId)).toBe(1)
      await paris.fetch(
        new Request(`${ORIGIN}/admin/order-edits/${orderId}`, {
          method: 'DELETE',
          headers: { authorization: `Basic ${btoa('sk_sandbox:')}` },
        }),
      )
      expect(await retry()).toMatchObject({ status: 'succeeded', order: { status: 'canceled' } })
      expect(paris.cancels.get(orderId)).toBe(2)
    })

    it('resolve: only what needs attention', async () => {
      const done = idOf(await cancel({ orderId: 'order_open-resolved' }))
      const { status, body } = await ask('POST', `/v1/cancellations/${done}/resolve`, {
        as: 'canceled',
        note: 'x',
      })
      expect([status, body.code]).toEqual([409, 'cancellation-conflict'])
      expect(
        (await ask('POST', '/v1/cancellations/can_nobody/resolve', { as: 'canceled', note: 'x' }))
          .body.code,
      ).toBe('cancellation-not-found')
    })

    describe('transfers', () => {
      const login = async (email: string): Promise<string> => {
        const response = await host.platform('paris').fetch(
          new Request(`${ORIGIN}/auth/customer/emailpass`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ email, password: CUSTOMER_PASSWORD }),
          }),
        )
        return ((await response.json()) as { token: string }).token
      }

      it('without a token: by the store’s admin login; then the order is cancelable', async () => {
        const orderId = 'order_transfer-admin'
        expect((await cancel({ orderId })).body.cause).toBe('open_change')
        const preview = await ask('POST', '/v1/cancellations/preview', {
          orderId,
          target: 'transfer',
        })
        expect([preview.status, preview.body.cancelable, preview.body.target]).toEqual([
          200,
          true,
          'transfer',
        ])
        const { status, body } = await cancel({
          orderId,
          target: 'transfer',
          reason: 'x',
          notify: true,
          restock: false,
        })
        expect([status, body.status, body.target, body.order.status]).toEqual([
          201,
          'succeeded',
          'transfer',
          'open',
        ])
        for (const [name, effect] of Object.entries<any>(body.effects))
          expect(effect.outcome, name).toBe(name === 'order' ? 'applied' : 'not_applicable')
        expect((await cancel({ orderId })).status).toBe(201)
      })

      it('with the customer’s token: used, and found nowhere afterwards', async () => {
        const token = await login(ada.email)
        const answer = await cancel(
          { orderId: 'order_transfer-customer', target: 'transfer' },
          { 'rescind-customer-token': token },
        )
        expect([answer.status, answer.body.attempts.map(({ call }: any) => call)]).toEqual([
          201,
          ['POST /store/orders/order_transfer-customer/transfer/cancel'],
        ])
        for (const { text } of [
          answer,
          await ask('GET', `/v1/cancellations/${answer.body.id}`),
          await ask('GET', '/v1/cancellations'),
        ])
          expect(text).not.toContain(token)
      })

      it('with the token of somebody else, or of nobody: refused, and found nowhere', async () => {
        for (const [token, code] of [
          [await login(grace.email), 'order-not-cancelable'],
          ['nobodys-token', 'platform-credentials'],
        ] as const) {
          const answer = await cancel(
            { orderId: `order_transfer-${code}`, target: 'transfer' },
            { 'rescind-customer-token': token },
          )
          expect([answer.status, answer.body.code, answer.body.acted]).toEqual([
            code === 'platform-credentials' ? 502 : 409,
            code,
            'no',
          ])
          const record = await ask('GET', answer.headers.get('location') ?? '')
          expect(record.body.status).toBe('rejected')
          expect(answer.text + record.text).not.toContain(token)
        }
      })

      it('nothing pending: refused; a settled transfer does not block a later one', async () => {
        const { status, body } = await cancel({
          orderId: 'order_open-transfer',
          target: 'transfer',
        })
        expect([status, body.code, body.cause]).toEqual([
          409,
          'order-not-cancelable',
          'nothing_pending',
        ])
        const first = await cancel(
          { orderId: 'order_transfer-twice', target: 'transfer' },
          { 'idempotency-key': 'twice' },
        )
        const later = await cancel({ orderId: 'order_transfer-twice', target: 'transfer' })
        expect([
          first.status,
          later.status,
          later.body.cause,
          later.headers.get('rescind-deduplicated'),
        ]).toEqual([201, 409, 'nothing_pending', null])
        expect(
          (
            await cancel(
              { orderId: 'order_transfer-twice', target: 'transfer' },
              { 'idempotency-key': 'twice' },
            )
          ).status,
        ).toBe(200)
      })

      it('a token for an order, or one that is no token: 400', async () => {
        for (const path of ['/v1/cancellations', '/v1/cancellations/preview']) {
          for (const [body, token] of [
            [{ orderId: 'order_open-token' }, 'x'],
            [{ orderId: 'order_open-token', target: 'transfer' }, 'two words'],
            [{ orderId: 'order_open-token', target: 'transfer' }, ''],
          ] as const) {
            const answer = await ask('POST', path, body, { 'rescind-customer-token': token })
            expect([answer.status, answer.body.errors?.[0].pointer]).toEqual([
              400,
              '/Rescind-Customer-Token',
            ])
          }
        }
        expect((await ask('GET', '/v1/cancellations?orderId=order_open-token')).body.data).toEqual(
          [],
        )
      })
    })
  })
