/**
 * Holds the imitation of Mercur against exchanges recorded on real servers, so that what the
 * gateway learns on it is true.
 */
import { describe, expect, it } from 'vitest'
import { createSandbox, createSandboxV1, createSandboxV2 } from './index.ts'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import {
  asAdmin,
  asVendor,
  facts,
  login,
  names,
  replay,
  sameShape,
  send,
  state,
  type Json,
} from './replay.ts'

const start = { '1': createSandboxV1, '2': createSandboxV2 }

// What is refused, or read, and changes nothing: one recorded exchange each. Longer names of one
// version stand in its own list.
const alike = {
  order_open: [
    'admin-cancel-no-token',
    'admin-cancel-customer-token',
    'admin-cancel-vendor-token',
    'admin-cancel-bad-secret-key',
    'admin-cancel-unknown-order',
    'vendor-cancel-no-token',
    'vendor-cancel-customer-token',
    'vendor-cancel-admin-jwt',
    'vendor-cancel-admin-secret-key',
    'vendor-cancel-unknown-order',
    'vendor-cancel-other-seller',
    'transfer-cancel-never-requested',
    'store-order-cancel-route',
  ],
  order_fulfilled: ['admin-cancel-with-fulfillment', 'vendor-cancel-with-fulfillment'],
  order_transfer: [
    'transfer-cancel-no-token',
    'transfer-cancel-bad-token',
    'transfer-cancel-vendor-token',
    'transfer-cancel-no-publishable-key',
    'transfer-cancel-bad-publishable-key',
    'transfer-cancel-order-owner',
    'transfer-cancel-unknown-order',
    'admin-transfer-cancel-secret-key',
    'admin-transfer-cancel-no-token',
  ],
  set: ['admin-set-cancel-route', 'store-set-cancel-route'],
}

const own = {
  '1': {},
  '2': {
    order_open: [
      'admin-cancel-secret-key-rbac',
      'vendor-cancel-no-seller-header',
      'vendor-cancel-foreign-seller-header',
    ],
  },
}

describe.each(['1', '2'] as const)('%s refuses as recorded', (version) => {
  const shared = version === '1' ? 'order_shared-a' : 'order_shared-authorized-a'
  for (const [id, cases] of [...Object.entries(alike), ...Object.entries(own[version])]) {
    it.each(cases)(`${id}: %s`, async (name) => {
      const sandbox = start[version]()
      await replay(
        sandbox,
        `v${version}-${name}`,
        id === 'set' ? `${version === '1' ? 'ordset' : 'og'}_shared` : id,
      )
      expect([...sandbox.cancels]).toEqual([])
    })
  }
  it('reads orders and purchases as recorded', async () => {
    const sandbox = start[version]()
    for (const route of ['admin-order-get', 'vendor-order-get', 'store-order-get'])
      await replay(sandbox, `v${version}-${route}`, shared)
    const purchase = shared
      .replace('order_', version === '1' ? 'ordset_' : 'og_')
      .replace(/-a$/, '')
    const { ours, theirs } = await replay(sandbox, `v${version}-admin-set-list-by-order`, shared)
    const found = ({ order_group: group, order_sets: sets }: Json): Json => group ?? sets[0]
    expect(names(ours)).toEqual(names(theirs))
    expect(found(ours)['orders'].map(facts)).toEqual(found(theirs)['orders'].map(facts))
    for (const [place, order] of found(theirs)['orders'].entries())
      sameShape(found(ours)['orders'][place], order)
    expect(found(ours)['id']).toBe(purchase)
  })
  it('cancels a transfer for whom it was meant, and for admin', async () => {
    const sandbox = start[version]()
    await replay(sandbox, `v${version}-transfer-cancel-success`, 'order_transfer', 'shape only')
    await replay(sandbox, `v${version}-transfer-cancel-twice`, 'order_transfer')
    await replay(sandbox, `v${version}-admin-transfer-cancel-jwt`, 'order_transfer_2', 'shape only')
    await replay(sandbox, `v${version}-admin-transfer-cancel-jwt-twice`, 'order_transfer_2')
    expect(
      (await send(sandbox, 'GET', '/admin/orders/order_transfer/changes', await asAdmin(sandbox)))
        .body,
    ).toEqual({ order_changes: [] })
  })
  it('cancels a completed order', async () => {
    const sandbox = start[version]()
    await replay(
      sandbox,
      `v${version}-vendor-cancel-completed-order`,
      'order_completed',
      'shape only',
    )
  })
  it("knows nothing of the other version's purchases: an HTML 404, not a JSON one", async () => {
    const sandbox = start[version]()
    const [theirs, ours] =
      version === '1' ? ['order-groups', 'order-sets'] : ['order-sets', 'order-groups']
    const missing = await send(sandbox, 'GET', `/admin/${theirs}?limit=1`, await asAdmin(sandbox))
    expect([missing.status, missing.type, missing.body]).toEqual([
      404,
      'text/html; charset=utf-8',
      expect.stringContaining(`<pre>Cannot GET /admin/${theirs}</pre>`),
    ])
    const here = await send(sandbox, 'GET', `/admin/${ours}?limit=1`, await asAdmin(sandbox))
    expect(here.body).toMatchObject({
      [ours.replace('-', '_')]: [{ id: expect.any(String) }],
      limit: 1,
      offset: 0,
    })
  })
  it('lets nobody in with the wrong password or as the wrong kind of actor', async () => {
    const sandbox = start[version]()
    const wrong = await send(
      sandbox,
      'POST',
      '/auth/user/emailpass',
      { 'content-type': 'application/json' },
      { ...sandbox.settings.admin, password: 'x' },
    )
    expect(wrong).toMatchObject({
      status: 401,
      body: { type: 'unauthorized', message: 'Invalid email or password' },
    })
    const other = await login(
      sandbox,
      version === '1' ? 'member' : 'seller',
      sandbox.settings.vendor,
    )
    expect(
      await send(sandbox, 'GET', '/vendor/orders/order_open', { authorization: other }),
    ).toMatchObject({ status: 401, body: { message: 'Unauthorized' } })
    // a token, but nobody's
    const buyer = { authorization: await login(sandbox, 'user', sandbox.customers.owner) }
    expect(await send(sandbox, 'GET', '/admin/orders/order_open', buyer)).toMatchObject({
      status: 401,
      body: { message: 'Unauthorized' },
    })
  })
  it('tells open changes, writes metadata that merges, and freezes it once canceled', async () => {
    const sandbox = start[version]()
    const admin = { ...(await asAdmin(sandbox)), 'content-type': 'application/json' }
    const edit = await send(sandbox, 'GET', '/admin/orders/order_open-change/changes', admin)
    expect(edit.body.order_changes).toMatchObject([{ change_type: 'edit', status: 'pending' }])
    expect(
      (await send(sandbox, 'GET', '/vendor/orders/order_transfer/changes', await asVendor(sandbox)))
        .body.order_changes,
    ).toMatchObject([
      {
        change_type: 'transfer',
        status: 'requested',
        actions: [{ action: 'TRANSFER_CUSTOMER', reference: 'customer' }],
      },
    ])
    const write = (metadata: Json) =>
      send(sandbox, 'POST', '/admin/orders/order_open', admin, { metadata })
    expect((await write({ a: '1', b: '2' })).body.order.metadata).toEqual({ a: '1', b: '2' })
    expect((await write({ a: '' })).body.order).toMatchObject({ metadata: { b: '2' }, version: 1 })
    expect(
      (await send(sandbox, 'POST', '/admin/orders/order_open', admin, { cancel_reason: 'x' })).body,
    ).toEqual({
      type: 'invalid_data',
      message: "Invalid request: Unrecognized fields: 'cancel_reason'",
    })
    expect(
      (await send(sandbox, 'POST', '/admin/orders/order_open/cancel?reason=x', admin)).status,
    ).toBe(400)
    expect(sandbox.cancels.get('order_open')).toBeUndefined()
    expect(
      (
        await send(
          sandbox,
          'POST',
          '/admin/orders/order_open/cancel?fields=%2Bcanceled_at,%2Bpayment_status',
          admin,
        )
      ).body.order,
    ).toMatchObject({ status: 'canceled', canceled_at: expect.any(String), metadata: { b: '2' } })
    expect(await write({ c: '3' })).toMatchObject({
      status: 400,
      body: { message: 'Order with id order_open has been canceled.' },
    })
  })
  it('an open edit: admin is refused with the money already moved', async () => {
    const sandbox = start[version]()
    const reply = await send(
      sandbox,
      'POST',
      '/admin/orders/order_open-change/cancel',
      await asAdmin(sandbox),
    )
    expect(reply.body.message).toBe(
      'Order (order_open-change) already has an existing active order change',
    )
    expect(await state(sandbox, 'order_open-change')).toMatchObject({
      orders: [{ status: 'pending' }],
      canceled: version === '2',
      refunds: version === '1' ? [45] : [],
    })
  })
  it('goes on canceling when the client has gone', async () => {
    const sandbox = start[version]({ processingMs: 30 })
    const gone = new AbortController()
    const call = sandbox.app.fetch(
      new Request('http://mercur.test/vendor/orders/order_paid/cancel', {
        method: 'POST',
        headers: await asVendor(sandbox),
        signal: gone.signal,
      }),
    )
    gone.abort()
    expect((await state(sandbox, 'order_paid')).orders).toMatchObject([{ status: 'pending' }])
    await call
    expect((await state(sandbox, 'order_paid')).orders).toMatchObject([{ status: 'canceled' }])
    expect(sandbox.refunded.get('pay_paid')).toBe(45)
  })
})

describe('examples', () => {
  it.each(['1', '2'] as const)(
    '%s lists orders that are there, and makes more of their kind',
    async (version) => {
      const sandbox = start[version]()
      const admin = await asAdmin(sandbox)
      const get = async (id: string) =>
        (await send(sandbox, 'GET', `/admin/orders/${id}`, admin)).body.order
      for (const { id } of sandbox.examples)
        expect(facts(await get(`${id}_new`)), id).toEqual(facts(await get(id)))
      for (const id of ['order_open-change_x', 'order_open-change-x']) {
        expect(
          (await send(sandbox, 'GET', `/admin/orders/${id}/changes`, admin)).body.order_changes,
          id,
        ).toMatchObject([{ change_type: 'edit' }])
      }
      const [one, other] = [await get('order_shared-a_x'), await get('order_shared-b_x')]
      expect(one.payment_collections[0].id).toBe(other.payment_collections[0].id)
      expect(one.payment_collections[0].id).not.toBe(
        (await get('order_shared-a')).payment_collections[0].id,
      )
      expect(await send(sandbox, 'GET', '/admin/orders/order_unheard', admin)).toMatchObject({
        status: 404,
        body: { type: 'not_found', message: 'Order id not found: order_unheard' },
      })
      expect(
        (await send(sandbox, 'GET', `/admin/orders?q=${one.display_id}`, admin)).body.orders.map(
          ({ id }: Json) => id,
        ),
      ).toEqual(['order_shared-a_x'])
    },
  )
  it('starts afresh each time, and as 1.5.3 where nothing else is said', async () => {
    const fresh: ReturnType<CreateSandbox> = createSandbox()
    expect(fresh.settings).toMatchObject({ version: '1' })
    expect(createSandbox).toBe(createSandboxV1)
    await send(createSandboxV1(), 'POST', '/vendor/orders/order_paid/cancel')
    expect([...fresh.cancels]).toEqual([])
  })
})
