/**
 * An imitation of Mercur that remembers, so that what cancels on a marketplace do to a shared
 * payment can be tried where it costs nothing.
 */
import type { Context } from 'hono'
import { z } from 'zod'
import type { CreateSandbox, Sandbox } from '../../../src/adapter/sandbox.ts'
import { cancelTransfer, createCancels, Refusal, writeMetadata } from './cancel.ts'
import {
  admin,
  body,
  createApp,
  customers,
  fields,
  json,
  page,
  publishableKey,
  secretKey,
  vendors,
} from './http.ts'
import type { Env, Login } from './http.ts'
import { createOrders, owner, sum } from './orders.ts'
import type { Order, Version } from './orders.ts'
import { orderChange, orderGroup, orderSet, show, views } from './views.ts'

export interface MercurSandbox extends Sandbox {
  readonly settings: {
    readonly version: Version
    readonly admin: Login
    readonly vendor: Login & { readonly sellerId: string }
    readonly publishableKey: string
  }
  /**
   * The two sellers: alpha owns every example but the second order of a shared purchase, which is
   * beta's.
   */
  readonly vendors: Readonly<Record<'alpha' | 'beta', Login & { readonly sellerId: string }>>
  /** Who bought everything, and to whom `order_transfer` would move. */
  readonly customers: Readonly<Record<'owner' | 'recipient', Login>>
  /**
   * Opens the admin routes of 1.x as `Basic`; 2.x knows it and forbids it whatever needs a role.
   */
  readonly secretKey: string
  /** Per purchase: how many cancels began while another cancel of the same purchase was at work. */
  readonly overlaps: ReadonlyMap<string, number>
  /** Per payment: what was refunded, which may be more than was ever paid. */
  readonly refunded: ReadonlyMap<string, number>
}

export interface Tuning {
  /** How long a cancel is at work, so that two can meet. */
  readonly processingMs?: number
}

// Medusa's AdminUpdateOrder, both versions; 2.1.5 adds the locale.
const Update = z
  .strictObject({
    email: z.unknown(),
    shipping_address: z.unknown(),
    billing_address: z.unknown(),
    locale: z.unknown(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
  })
  .partial()
const notFound = (order: string) => new Refusal(404, 'not_found', `Order id not found: ${order}`)

function open(version: Version, { processingMs = 20 }: Tuning = {}): MercurSandbox {
  const { orders, purchases, examples, find } = createOrders(version)
  const { cancels, overlaps, cancelStock, cancelOwn } = createCancels(version, processingMs)
  const view = views(version)
  const { app, actor, authenticate } = createApp(version)

  const known = (c: Context<Env>): Order => {
    const id = c.req.param('id') ?? ''
    const order = find(id)
    if (order === undefined) throw notFound(id)
    return order
  }
  /**
   * Another seller's order and none at all look alike, on each version in its own way:
   * {v1,v2}-vendor-cancel-other-seller, -unknown-order.
   */
  const owned = (c: Context<Env>): Order => {
    const id = c.req.param('id') ?? ''
    const order = find(id)
    if (order !== undefined && order.seller.id === c.get('sellerId')) return order
    throw version === '1'
      ? new Refusal(403, 'not_allowed', 'You are not allowed to perform this action')
      : new Refusal(404, 'not_found', `Order with id: ${id} was not found`)
  }
  const changes = (c: Context<Env>, order: Order | undefined) => {
    const wished = (name: string) => [
      ...(c.req.queries(name) ?? []),
      ...(c.req.queries(`${name}[]`) ?? []),
    ]
    const [types, statuses] = [wished('change_type'), wished('status')]
    return json({
      order_changes:
        order?.changes
          .map((change, index) => orderChange(order, change, index))
          .filter(
            (change) =>
              (types.length === 0 || types.includes(change.change_type)) &&
              (statuses.length === 0 || statuses.includes(change.status)),
          ) ?? [],
    })
  }

  app.get('/admin/orders', (c) => {
    // other filters are ignored without a word: medusa 2.21.2, recorded:
    // list-200-unknown-filter-ignored
    const { id, q } = c.req.query()
    const found =
      id === undefined ? [...orders.values()] : [find(id)].filter((order) => order !== undefined)
    const { rows, tail } = page(
      c,
      found.filter(
        (order) => q === undefined || String(order.number) === q || owner.email.includes(q),
      ),
      15,
    )
    return json({
      orders: rows.map((order) => show(order, view.adminList, c.req.query('fields'))),
      ...tail,
    })
  })
  app.get('/admin/orders/:id', (c) => {
    const asked = fields(c)
    return json({ order: show(known(c), view.adminGet, asked) })
  })
  // an unknown order has none
  app.get('/admin/orders/:id/changes', (c) => changes(c, find(c.req.param('id'))))
  app.post('/admin/orders/:id', async (c) => {
    const { metadata } = await body(c, Update)
    const asked = fields(c)
    const order = known(c)
    writeMetadata(order, metadata ?? {}, c.get('actor').id)
    return json({ order: show(order, view.admin, asked) })
  })
  app.post('/admin/orders/:id/cancel', async (c) => {
    const asked = fields(c)
    const order = known(c)
    await cancelStock(order, c.get('actor').id)
    return json({ order: show(order, view.admin, asked) })
  })
  app.post('/admin/orders/:id/transfer/cancel', (c) => {
    const asked = fields(c)
    const order = known(c)
    cancelTransfer(order, c.get('actor')) // a key is no user: v1-admin-transfer-cancel-secret-key
    return json({ order: show(order, view.admin, asked) })
  })

  app.get('/vendor/orders/:id', (c) => {
    const asked = fields(c)
    return json({ order: show(owned(c), view.vendorGet, asked) })
  })
  app.get('/vendor/orders/:id/changes', (c) => {
    if (version === '2') fields(c)
    return changes(c, owned(c))
  })
  app.post('/vendor/orders/:id/cancel', async (c) => {
    const asked = fields(c)
    const order = owned(c)
    await (version === '1' ? cancelOwn(order) : cancelStock(order, c.get('sellerId')))
    return json({ order: show(order, view.vendor, asked) })
  })

  app.get('/store/orders/:id', (c) => {
    const asked = fields(c)
    return json({ order: show(known(c), view.store, asked) })
  })
  app.post('/store/orders/:id/transfer/cancel', (c) => {
    const customer = authenticate(c, 'customer')
    const asked = fields(c)
    const order = known(c)
    cancelTransfer(order, customer)
    return json({ order: show(order, view.store, asked) })
  })
  if (version === '1') {
    // No owner and no login is asked for, and an unknown set is an empty 200:
    // v1-store-set-get-no-token, v1-store-set-get-unknown.
    const bySet = (c: Context<Env>, surface: 'adminSet' | 'storeSet') => {
      const set = purchases.get(c.req.param('id') ?? '')
      return json(set === undefined ? {} : { order_set: orderSet(set, view[surface]) })
    }
    app.get('/admin/order-sets/:id', (c) => bySet(c, 'adminSet'))
    app.get('/store/order-set/:id', (c) => bySet(c, 'storeSet'))
    app.get('/admin/order-sets', (c) => {
      const orderId = c.req.query('order_id')
      const order = orderId === undefined ? undefined : find(orderId)
      const { rows, tail } = page(
        c,
        orderId === undefined
          ? [...purchases.values()]
          : order === undefined
            ? []
            : [order.purchase],
        50,
      )
      return json({ order_sets: rows.map((set) => orderSet(set, view.adminSet)), ...tail })
    })
    app.get('/store/order-set', (c) => {
      // nobody logged in is an error nobody foresaw: v1-store-set-list-no-token
      const customer = actor(c, 'customer')
      if (customer === undefined)
        throw new Refusal(500, 'unknown_error', 'An unknown error occurred.')
      const { rows, tail } = page(c, customer.id === owner.id ? [...purchases.values()] : [], 50)
      return json({ order_sets: rows.map((set) => orderSet(set, view.storeSet)), ...tail })
    })
  } else {
    const groups = (
      c: Context<Env>,
      surface: typeof view.group | undefined,
      all = [...purchases.values()],
    ) => {
      const { rows, tail } = page(c, all, 50)
      return json({ order_groups: rows.map((group) => orderGroup(group, surface)), ...tail })
    }
    app.get('/admin/order-groups', (c) => groups(c, view.group))
    app.get('/admin/order-groups/:id', (c) => {
      const group = purchases.get(c.req.param('id'))
      if (group === undefined)
        throw new Refusal(404, 'not_found', `OrderGroup id not found: ${c.req.param('id')}`)
      return json({ order_group: orderGroup(group, view.group) })
    })
    app.get('/admin/orders/:id/order-group', (c) => {
      const order = find(c.req.param('id'))
      if (order === undefined)
        throw new Refusal(
          404,
          'not_found',
          `Order group for order ${c.req.param('id')} was not found`,
        )
      return json({ order_group: orderGroup(order.purchase, view.group) })
    })
    app.get('/store/order-groups', (c) =>
      groups(c, undefined, authenticate(c, 'customer').id === owner.id ? undefined : []),
    )
    app.get('/store/order-groups/:id', (c) => {
      const group =
        authenticate(c, 'customer').id === owner.id ? purchases.get(c.req.param('id')) : undefined
      if (group === undefined)
        throw new Refusal(
          404,
          'not_found',
          `Order group with id ${c.req.param('id')} was not found`,
        )
      return json({ order_group: orderGroup(group) })
    })
  }

  return {
    app,
    examples,
    cancels,
    overlaps,
    vendors,
    customers,
    secretKey,
    settings: { version, admin, vendor: vendors.alpha, publishableKey },
    get refunded() {
      return new Map(
        [...purchases.values()].map(({ payment }) => [payment.id, sum(payment.refunds)]),
      )
    },
  }
}

export const createSandboxV2 = ((tuning?: Tuning) => open('2', tuning)) satisfies CreateSandbox
/**
 * Mercur 1.5.3, the default: its vendor route is the one cancel that refunds a part, next to
 * admin's that loses it all.
 */
export const createSandboxV1 = ((tuning?: Tuning) => open('1', tuning)) satisfies CreateSandbox
export const createSandbox = createSandboxV1
