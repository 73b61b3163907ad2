/**
 * Holds the imitated Medusa against exchanges recorded on a real 2.21.2: the same request, the same
 * answer, field by field.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ada, CUSTOMER_PASSWORD, grace } from './orders.ts'
import { comparable, start } from './replay.ts'

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'Date'],
      shouldAdvanceTime: true,
      advanceTimeDelta: 5,
    }),
)
afterEach(() => void vi.useRealTimers())

describe('canceling: before, answer, after, as recorded', () => {
  it.each([
    ['order_open', 'cancel-200-authorized'],
    ['order_paid', 'cancel-200-captured'],
    ['order_authorized', 'cancel-200-guest'],
    ['order_partially-paid', 'cancel-200-partially-captured'],
    ['order_partially-refunded', 'cancel-200-partially-refunded'],
    ['order_refunded', 'cancel-200-refunded'],
    ['order_fulfilled', 'cancel-400-fulfilled'],
    ['order_shipped', 'cancel-400-shipped'],
    ['order_delivered', 'cancel-400-delivered'],
    ['order_fulfillment-canceled', 'cancel-200-fulfillment-canceled'],
    ['order_completed', 'cancel-400-completed'],
    ['order_archived', 'cancel-200-archived'],
    ['order_open-change', 'cancel-captured-with-edit-pending'],
    ['order_transfer', 'cancel-with-transfer-requested'],
    ['order_void-refused', 'cancel-provider-refuses-cancel'],
    ['order_refund-refused', 'cancel-provider-refuses-refund'],
  ])('%s: %s', async (id, name) => {
    const { replay, sandbox } = start()
    await replay(`${name}.before-get`, id)
    const { status, body } = await replay(name, id)
    await replay(`${name}.after-get`, id)
    const began = status === 200 || (body as { type: string }).type === 'invalid_data'
    expect(sandbox.cancels.get(id)).toBe(began ? 1 : undefined)
  })

  it('a draft', async () => {
    const { replay } = start()
    await replay('draft-order-get-as-order', 'order_draft')
    await replay('cancel-draft-order', 'order_draft')
  })

  it.each([
    ['order_open', 'cancel-400-already-canceled'],
    ['order_canceled', 'cancel-400-already-canceled'],
    ['order_open', 'cancel-idempotency-key-2'],
  ])('a second time: %s', async (id, name) => {
    const { replay, cancel, sandbox } = start()
    if (id === 'order_open') await cancel(id)
    await replay(name, id)
    expect(sandbox.cancels.get(id)).toBe(id === 'order_open' ? 1 : undefined)
  })

  it('the way out of a pending edit: drop it, cancel again', async () => {
    for (const id of ['order_open-change', 'order_400-after-refund']) {
      const { replay, cancel, sandbox } = start()
      expect((await cancel(id)).status).toBe(400)
      await replay('recover-delete-edit', id)
      await replay('recover-cancel-again', id)
      await replay('recover-cancel-again.after-get', id)
      expect(sandbox.cancels.get(id)).toBe(2)
    }
  })

  it('an edit opened in mid-cancel: nothing to see before, refunded and open after', async () => {
    const { send, replay, look } = start()
    const id = 'order_400-after-refund'
    expect((await send('GET', `/admin/orders/${id}/changes`)).body).toEqual({ order_changes: [] })
    await replay('cancel-captured-with-edit-pending.before-get', id)
    await replay('cancel-captured-with-edit-pending', id)
    await replay('cancel-captured-with-edit-pending.after-get', id)
    expect((await send('GET', `/admin/orders/${id}/changes`)).body).toMatchObject({
      order_changes: [{ change_type: 'edit', status: 'pending' }],
    })
    expect(await look(id)).toMatchObject({ status: 'pending', payment_status: 'refunded' })
  })

  it.each([
    'cancel-body-reason',
    'cancel-body-empty-object',
    'cancel-body-empty-with-json-content-type',
    'cancel-body-text',
    'cancel-query-fields',
    'cancel-query-fields-plus',
    'cancel-query-fields-unknown',
    'cancel-idempotency-key-1',
  ])('%s', async (name) => {
    const { replay, sandbox } = start()
    await replay(name, 'order_open')
    if (name === 'cancel-query-fields-unknown') await replay(`${name}.after-get`, 'order_open')
    expect(sandbox.cancels.get('order_open')).toBe(1)
  })

  it.each([
    'cancel-query-unknown-param',
    'cancel-404-unknown-id',
    'cancel-404-garbage-id',
    'get-404',
    'auth-401-none',
    'auth-401-bad-secret-key',
    'auth-401-publishable-key-only',
  ])('nothing done: %s', async (name) => {
    const { replay, sandbox, look } = start()
    await replay(name, 'order_open')
    expect((await look('order_open')).status).toBe('pending')
    expect(sandbox.cancels.size).toBe(0)
  })
})

describe('time', () => {
  it('a slow provider: pending until it is done; a retry waits and is refused', async () => {
    const { cancel, replay, look, sandbox } = start()
    const first = cancel('order_late')
    await vi.advanceTimersByTimeAsync(400)
    expect((await look('order_late')).status).toBe('pending')
    const retry = replay('timeout-retry-while-running', 'order_late')
    await vi.advanceTimersByTimeAsync(3_000)
    expect((await look('order_late')).status).toBe('pending')
    await vi.advanceTimersByTimeAsync(2_000)
    expect((await first).status).toBe(200)
    await retry
    await replay('timeout.after-get', 'order_late')
    expect(sandbox.cancels.get('order_late')).toBe(2)
  })

  it('a slow refund: its row is there at once, a retry has nothing left and wins', async () => {
    const { cancel, look } = start()
    const first = cancel('order_slow')
    await vi.advanceTimersByTimeAsync(800)
    const during = await look('order_slow')
    expect(during).toMatchObject({ status: 'pending', payment_status: 'captured' })
    expect(during.payment_collections[0]?.payments[0]?.refunds).toHaveLength(1)
    expect(await cancel('order_slow')).toMatchObject({ status: 200 })
    expect(await look('order_slow')).toMatchObject({
      status: 'canceled',
      payment_status: 'partially_captured',
      total: 51.3971,
    })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await first).toMatchObject({
      status: 400,
      body: { message: 'Order with id order_slow has been canceled.' },
    })
    expect(await look('order_slow')).toMatchObject({
      status: 'canceled',
      payment_status: 'refunded',
      credit_lines: [{ amount: 0 }],
      payment_collections: [{ status: 'completed' }],
    })
  })

  it('two at once both get 200 and double the order, a third gets 400', async () => {
    const { replay, sandbox } = start()
    await Promise.all(
      [1, 2, 3].map((place) => replay(`concurrent-authorized-${place}`, 'order_open')),
    )
    await replay('concurrent-authorized.after-get', 'order_open')
    expect(sandbox.cancels.get('order_open')).toBe(3)
  })

  it('two at once on a paid order: refunded once, listed twice (measured)', async () => {
    const { cancel, look } = start()
    expect(
      (await Promise.all([cancel('order_paid'), cancel('order_paid')])).map(({ status }) => status),
    ).toEqual([200, 200])
    const order = await look('order_paid')
    expect(order).toMatchObject({
      status: 'canceled',
      payment_status: 'refunded',
      total: 102.7942,
      summary: { pending_difference: 102.7942, current_order_total: 51.3971 },
    })
    expect(order.items).toHaveLength(2)
    expect(order.payment_collections[0]?.payments[0]?.refunds).toHaveLength(1)
  })

  it('an id can say how long its provider takes', async () => {
    const { cancel, look } = start()
    const running = cancel('order_paid-1_700ms')
    await vi.advanceTimersByTimeAsync(600)
    expect((await look('order_paid-1_700ms')).status).toBe('pending')
    await vi.advanceTimersByTimeAsync(200)
    expect((await running).status).toBe(200)
  })
})

describe('reading, metadata, changes', () => {
  it.each([
    'get-200-default',
    'get-200-fields-plus',
    'get-200-fields-star',
    'get-200-fields-only',
    'get-200-fields-by-name',
    'auth-200-basic-base64',
    'auth-200-basic-raw',
    'auth-200-jwt',
    'list-200-unknown-filter-ignored',
    'list-200-search-email',
    'outage-health-200',
    'auth-login-401',
  ])('%s', async (name) => {
    await start().replay(name, 'order_open')
  })

  it('lists page by page, either way round', async () => {
    const { send } = start()
    const list = async (query: string) =>
      (
        (await send('GET', `/admin/orders?fields=id&${query}`)).body as {
          orders: readonly { id: string }[]
        }
      ).orders.map(({ id }) => id)
    expect(await list('offset=1&limit=2')).toEqual(['order_paid', 'order_authorized'])
    expect(await list('order=-display_id&limit=1')).toEqual(['order_400-after-refund'])
    expect(await list('q=2')).toEqual(['order_paid'])
  })

  it('metadata: merged, unset by an empty string, kept by the cancel, then frozen', async () => {
    const { replay, send } = start()
    for (const name of [
      'metadata-set-before',
      'metadata-merge',
      'metadata-unset',
      'metadata-then-cancel',
      'metadata-set-after-cancel',
      'update-order-unknown-field',
      'update-order-status',
      'order-changes-after',
    ])
      await replay(name, 'order_open')
    expect(
      (await send('POST', '/admin/orders/order_paid', undefined, '{"metadata":{}}')).status,
    ).toBe(200)
  })

  it('tells of a note what is asked for, and no more', async () => {
    await start().replay('metadata-fields', 'order_open')
  })

  it('changes of a fulfillment have no type; an unknown order has none (measured)', async () => {
    const { send } = start()
    expect((await send('GET', '/admin/orders/order_shipped/changes')).body).toMatchObject({
      order_changes: [
        { change_type: null, status: 'confirmed', actions: [{ action: 'FULFILL_ITEM' }] },
        { change_type: null, version: 3, actions: [{ action: 'SHIP_ITEM' }] },
      ],
    })
    expect(await send('GET', '/admin/orders/nobody/changes')).toMatchObject({
      status: 200,
      body: { order_changes: [] },
    })
  })
})

describe('who may', () => {
  it('tokens: a customer, a stranger and nobody are no admin', async () => {
    const { replay, customer, login, sandbox, send } = start()
    await replay('auth-401-customer-jwt', 'order_open', await customer())
    await replay('auth-401-bad-jwt', 'order_open', 'Bearer aaa.bbb.ccc')
    await replay('auth-401-bad-secret-key-base64', 'order_open', `Basic ${btoa('sk_BADBAD:')}`)
    await replay('auth-401-empty-bearer', 'order_open', 'Bearer')
    const wrongKind = await login('user', { email: ada.email, password: CUSTOMER_PASSWORD })
    await replay('auth-401-customer-jwt', 'order_open', wrongKind)
    expect(await send('GET', '/admin/nothing-here', {})).toMatchObject({ status: 401 })
    expect(sandbox.cancels.size).toBe(0)
  })

  it('a customer cancels her transfer, nobody else does', async () => {
    const { replay, customer } = start()
    await replay('transfer-cancel-400-nothing-to-cancel', 'order_authorized')
    await replay('transfer-changes', 'order_transfer')
    await replay('transfer-cancel-400-bad-publishable-key', 'order_transfer')
    await replay('transfer-cancel-401-no-token', 'order_transfer')
    await replay('transfer-cancel-400-other-customer', 'order_transfer', await customer(grace))
    for (const name of [
      'transfer-cancel-404',
      'transfer-cancel-200',
      'transfer-cancel-400-twice',
      'transfer-changes-after-cancel',
    ])
      await replay(name, 'order_transfer')
  })

  it('an admin user cancels a transfer, a secret key cannot', async () => {
    const { replay } = start()
    for (const name of ['secret-key', '401', 'jwt-200', 'jwt-400-none', '404'])
      await replay(`admin-transfer-cancel-${name}`, 'order_transfer')
  })

  it('canceling the order leaves the transfer open', async () => {
    const { replay } = start()
    await replay('cancel-order-with-transfer-requested', 'order_transfer')
    await replay('transfer-cancel-after-order-cancel', 'order_transfer')
  })
})

describe('examples', () => {
  it('every one is there, says something, and has brothers on demand', async () => {
    const { sandbox, look } = start()
    for (const { id, says } of sandbox.examples) {
      expect(says).toMatch(/^[A-Z].+\.$/)
      const { id: _, ...example } = comparable(await look(id), id, undefined) as Record<
        string,
        unknown
      >
      for (const more of [`${id}-a`, `${id}_17`])
        expect(comparable(await look(more), more, undefined)).toMatchObject(example)
    }
  })

  it('the longest example wins; other ids are unknown', async () => {
    const { send, look } = start()
    expect((await look('order_partially-refunded-1')).payment_status).toBe('partially_refunded')
    expect((await look('order_open-changed')).payment_status).toBe('authorized')
    for (const id of ['order_', 'order_opened', 'open', 'order_nothing-1'])
      expect((await send('GET', `/admin/orders/${id}`)).status).toBe(404)
    expect(
      await send('POST', `/admin/orders/${encodeURIComponent('order_x/../y?z')}/cancel`),
    ).toMatchObject({ status: 404, body: { message: 'Order id not found: order_x/../y?z' } })
  })

  it('each sandbox starts afresh', async () => {
    await start().cancel('order_open')
    expect((await start().look('order_open')).status).toBe('pending')
  })
})
