/**
 * An imitation of Mercur that remembers, so that what cancels on a marketplace do to a shared
 * payment can be tried where it costs nothing.
 */
import type { Context } from 'hono'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { accounts, createApp, type Env, publishableKey } from './access.ts'
import { cancelTransfer, createCancels, json, refusal } from './cancel.ts'
import { refuseUnknown, writeMetadata } from './cancel.ts'
import { createOrders, type Order, type Purchase, type Version } from './orders.ts'
import { type Route, tell } from './tell.ts'

type Orders = ReturnType<typeof createOrders>
type App = ReturnType<typeof createApp>

const pageOf = <T>(c: Context, all: readonly T[], usual: number) => {
  const offset = Number(c.req.query('offset') ?? 0)
  const limit = Number(c.req.query('limit') ?? usual)
  return { rows: all.slice(offset, offset + limit), page: { count: all.length, offset, limit } }
}

/**
 * Another seller's order and none at all look alike, on each version in its own way:
 * {v1,v2}-vendor-cancel-other-seller, -unknown-order.
 */
const findFor = (c: Context<Env>, version: Version, { find }: Orders): Order => {
  const id = c.req.param('id') ?? ''
  const order = find(id)
  const isVendor = c.req.path.startsWith('/vendor')
  if (order && (!isVendor || order.told.seller.id === c.get('sellerId'))) return order
  if (!isVendor) throw refusal(404, 'not_found', `Order id not found: ${id}`)
  throw version === '1'
    ? refusal(403, 'not_allowed', 'You are not allowed to perform this action')
    : refusal(404, 'not_found', `Order with id: ${id} was not found`)
}

/**
 * As the Medusa inside: other filters are ignored without a word (recorded on 2.21.2:
 * list-200-unknown-filter-ignored), and a time that is none is an error (measured there).
 */
const list = (c: Context, version: Version, orders: readonly Order[]) => {
  const { q, fields, order = '', ...filters } = c.req.query()
  const { 'updated_at[$gte]': since = '1970-01-01', 'status[]': status } = filters
  if (Number.isNaN(Date.parse(since)))
    return json({ code: 'unknown_error', type: 'unknown_error', message: 'An unknown error' }, 500)
  const found = orders.filter(
    ({ told }) =>
      (q === undefined || String(told.display_id) === q || told.email.includes(q)) &&
      (status === undefined || told.status === status) &&
      Date.parse(told.updated_at) >= Date.parse(since),
  )
  const rising =
    order === 'updated_at'
      ? found.toSorted((a, b) => Date.parse(a.told.updated_at) - Date.parse(b.told.updated_at))
      : found
  const { rows, page } = pageOf(c, rising, 15)
  return json({ orders: rows.map((one) => tell(version, one, 'list', fields)), ...page })
}

const addOrders = (
  app: App,
  version: Version,
  book: Orders,
  { cancelStock, cancelOwn }: ReturnType<typeof createCancels>,
): void => {
  const known = (c: Context<Env>) => findFor(c, version, book)
  /** Does something with the order, then tells it. */
  const route = (
    at: `${'GET' | 'POST'} ${string}`,
    as: Route,
    act: (order: Order, c: Context<Env>) => unknown = () => {},
  ) => {
    const [method = '', path = ''] = at.split(' ')
    app.on(method, path, async (c) => {
      refuseUnknown(c.req.query(), ['fields'])
      const order = known(c)
      await act(order, c)
      return json({ order: tell(version, order, as, c.req.query('fields')) })
    })
  }
  const changes = (order: Order | undefined) => json({ order_changes: order?.changes ?? [] })
  const endTransfer = (order: Order, c: Context<Env>) => cancelTransfer(order, c.get('actor'))

  app.get('/admin/orders', (c) => list(c, version, [...book.orders.values()]))
  // An unknown order has none.
  app.get('/admin/orders/:id/changes', (c) => changes(book.find(c.req.param('id'))))
  app.get('/vendor/orders/:id/changes', (c) => changes(known(c)))
  route('GET /admin/orders/:id', 'get')
  route('GET /vendor/orders/:id', 'vendorGet')
  route('GET /store/orders/:id', 'store')
  route('POST /admin/orders/:id', 'deed', writeMetadata)
  route('POST /admin/orders/:id/cancel', 'deed', cancelStock)
  route('POST /vendor/orders/:id/cancel', 'vendorDeed', version === '1' ? cancelOwn : cancelStock)
  // A key is no user: v1-admin-transfer-cancel-secret-key.
  route('POST /admin/orders/:id/transfer/cancel', 'deed', endTransfer)
  route('POST /store/orders/:id/transfer/cancel', 'store', endTransfer)
}

/** 1.x calls a purchase an order set, 2.x an order group. */
const addPurchases = (app: App, version: Version, { purchases, find }: Orders): void => {
  const told = ({ id, orders }: Purchase) => ({
    id,
    orders: orders.map((order) => tell(version, order, 'set')),
  })
  app.get(version === '1' ? '/admin/order-sets' : '/admin/order-groups', (c) => {
    const orderId = c.req.query('order_id')
    const asked = orderId === undefined ? [...purchases.values()] : [find(orderId)?.purchase]
    const { rows, page } = pageOf(
      c,
      asked.flatMap((one) => one ?? []),
      50,
    )
    return json({ [version === '1' ? 'order_sets' : 'order_groups']: rows.map(told), ...page })
  })
  if (version === '1') return
  app.get('/admin/orders/:id/order-group', (c) => {
    const order = find(c.req.param('id'))
    if (order) return json({ order_group: told(order.purchase) })
    throw refusal(404, 'not_found', `Order group for order ${c.req.param('id')} was not found`)
  })
}

/** `processingMs`: how long a cancel is at work, so that two can meet. */
const open = (version: Version, { processingMs = 20 }: { readonly processingMs?: number } = {}) => {
  const book = createOrders(version)
  const work = createCancels(version, processingMs)
  const app = createApp(version)
  addOrders(app, version, book, work)
  addPurchases(app, version, book)
  const { admin, vendors } = accounts
  return {
    app,
    examples: book.examples,
    cancels: work.cancels,
    /** Per purchase: how many cancels began while another cancel of it was at work. */
    overlaps: work.overlaps,
    ...accounts,
    settings: { version, admin, vendor: vendors.alpha, publishableKey },
    /** Per payment: what was refunded, which may be more than was ever paid. */
    get refunded(): ReadonlyMap<string, number> {
      const collections = [...book.purchases.values()].map(({ collection }) => collection)
      return new Map(
        collections.flatMap(({ payments, refunded_amount: refunded }) =>
          payments.map(({ id }) => [id, refunded]),
        ),
      )
    },
  }
}
export type MercurSandbox = ReturnType<typeof open>
type Tuning = Parameters<typeof open>[1]

export const createSandboxV2 = ((tuning?: Tuning) => open('2', tuning)) satisfies CreateSandbox
/**
 * Mercur 1.5.3, the default: its vendor route is the one cancel that refunds a part, next to
 * admin's that loses it all.
 */
export const createSandboxV1 = ((tuning?: Tuning) => open('1', tuning)) satisfies CreateSandbox
export const createSandbox = createSandboxV1
