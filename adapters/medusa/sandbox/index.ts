/**
 * A small stateful imitation of Medusa 2.21.2, so that demo and tests can cancel orders, and meet
 * Medusa's hazards, without a server.
 */
import { type Context, Hono } from 'hono'
import { readJson } from '../../../src/adapter/sandbox-kit.ts'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { cancelOrder, dropChange, invalid, json } from './cancel.ts'
import { notAllowed, refusal, updateMetadata } from './cancel.ts'
import { ada, CUSTOMER_PASSWORD, type Fields, grace, openOrders, tell } from './orders.ts'
import type { Order } from './orders.ts'

const SETTINGS = {
  secretKey: 'sk_sandbox',
  email: 'admin@sandbox.test',
  password: 'sandbox-password',
  publishableKey: 'pk_sandbox',
} as const
const LIST_LIMIT = 15

/** A customer's id, or Medusa's name of another kind of actor. */
type Env = { Variables: { actor: string } }

const LOGINS = [
  { type: 'user', ...SETTINGS, actor: 'user' },
  { type: 'customer', ...ada, password: CUSTOMER_PASSWORD, actor: ada.id },
  { type: 'customer', ...grace, password: CUSTOMER_PASSWORD, actor: grace.id },
]

/** Logs in and turns away. */
const guard = (app: Hono<Env>): void => {
  // Raw, or base64 of `key:` (recorded: auth-200-basic-raw, auth-200-basic-base64).
  const actors = new Map([
    [`Basic ${SETTINGS.secretKey}`, 'api-key'],
    [`Basic ${btoa(`${SETTINGS.secretKey}:`)}`, 'api-key'],
  ])
  app.post('/auth/:type/emailpass', async (c) => {
    const { email, password } = ((await readJson(c.req.raw)) ?? {}) as Fields
    const login = LOGINS.find((one) => one.email === email && one.password === password)
    if (!login) throw refusal(401, 'unauthorized', 'Invalid email or password')
    const token = crypto.randomUUID()
    // A login of the wrong kind gets a token that opens nothing (measured).
    if (login.type === c.req.param('type')) actors.set(`Bearer ${token}`, login.actor)
    return json({ token })
  })
  app.use('/:surface{admin|store}/*', async (c, next) => {
    const store = c.req.param('surface') === 'store'
    if (store && c.req.header('x-publishable-api-key') !== SETTINGS.publishableKey)
      throw notAllowed('A valid publishable key is required to proceed with the request')
    const actor = actors.get(c.req.header('authorization') ?? '')
    // No `type` (recorded: auth-401-none and its siblings).
    if (!actor || store !== actor.startsWith('cus_')) throw refusal(401, undefined, 'Unauthorized')
    c.set('actor', actor)
    await next()
  })
}

/** Recorded: cancel-query-unknown-param, update-order-status. */
const refuseUnknown = (found: object, known: readonly string[]): void => {
  const unknown = Object.keys(found).filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw invalid(`Invalid request: Unrecognized fields: '${unknown.join(', ')}'`)
}

/** Other filters are ignored (recorded: list-200-unknown-filter-ignored). */
const list = (c: Context, orders: readonly Order[]): Response => {
  const { q, order = '', fields, ...page } = c.req.query()
  const limit = Number(page['limit'] ?? LIST_LIMIT)
  const offset = Number(page['offset'] ?? 0)
  // Only with its `$` (measured), and 500 for what is no date (measured).
  const since = page['updated_at[$gte]'] ?? '1970-01-01'
  if (Number.isNaN(Date.parse(since)))
    return json({ code: 'unknown_error', type: 'unknown_error', message: 'An unknown error' }, 500)
  const status = page['status[]']
  const found = orders.filter(
    ({ told: { email, display_id: number, updated_at: at, ...told } }) =>
      (q === undefined || email.includes(q) || String(number) === q) &&
      (status === undefined || told.status === status) &&
      Date.parse(at) >= Date.parse(since),
  )
  const rising = order.endsWith('updated_at')
    ? found.toSorted((a, b) => Date.parse(a.told.updated_at) - Date.parse(b.told.updated_at))
    : found
  const sorted = order.startsWith('-') ? rising.toReversed() : rising
  const rows = sorted.slice(offset, offset + limit).map((one) => tell(one, 'list', fields))
  return json({ orders: rows, count: found.length, offset, limit })
}

export const createSandbox: CreateSandbox = () => {
  const book = openOrders()
  const cancels = new Map<string, number>()
  const app = new Hono<Env>()
  guard(app)
  /** Does something with the order, then tells it. */
  const route = (
    method: 'get' | 'post',
    path: string,
    act: (order: Order, c: Context<Env>) => void | Promise<void>,
  ) =>
    app[method](path, async (c) => {
      refuseUnknown(c.req.query(), ['fields'])
      const id = c.req.param('id') ?? ''
      const order = book.find(id)
      if (!order) throw refusal(404, 'not_found', `Order id not found: ${id}`)
      await act(order, c)
      const as = method === 'get' ? 'get' : path.startsWith('/store') ? 'store' : 'deed'
      return json({ order: tell(order, as, c.req.query('fields')) })
    })

  app.get('/health', (c) => c.html('OK'))
  app.get('/admin/orders', (c) => list(c, book.all()))
  // An unknown order has no changes; no 404 (measured).
  app.get('/admin/orders/:id/changes', (c) =>
    json({ order_changes: book.find(c.req.param('id'))?.changes ?? [] }),
  )
  route('get', '/admin/orders/:id', () => {})
  route('post', '/admin/orders/:id', async (order, c) => {
    const { metadata, ...others } = ((await readJson(c.req.raw)) ?? {}) as Fields
    // Taken and ignored: nothing here reads them.
    refuseUnknown(others, ['email', 'shipping_address', 'billing_address', 'locale'])
    if (metadata !== undefined) updateMetadata(order, metadata as Fields | null)
  })
  route('post', '/admin/orders/:id/cancel', (order) => cancelOrder(order, cancels))
  // A secret key is no `user`, so it is taken for a customer (recorded:
  // admin-transfer-cancel-secret-key).
  for (const surface of ['admin', 'store'])
    route('post', `/${surface}/orders/:id/transfer/cancel`, (order, c) =>
      dropChange(order, c.get('actor')),
    )
  app.delete('/admin/order-edits/:id', (c) => {
    const order = book.find(c.req.param('id'))
    if (order) dropChange(order, 'user')
    return json({ id: c.req.param('id'), object: 'order-edit', deleted: true })
  })
  return { app, settings: SETTINGS, cancels, examples: book.examples }
}
