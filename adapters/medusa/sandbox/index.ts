/**
 * A small stateful imitation of Medusa 2.21.2, so that demo and tests can cancel orders, and meet
 * Medusa's hazards, without a server.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { adminOrder, listedOrder, readOrder, storeOrder } from './fields.ts'
import { ada, CUSTOMER_PASSWORD, EXAMPLES, grace, SECRET_KEY_ID, USER_ID } from './orders.ts'
import type { Actor, Fields, Order } from './orders.ts'
import { openShop, Refusal } from './shop.ts'

const SETTINGS = {
  secretKey: 'sk_sandbox',
  email: 'admin@sandbox.test',
  password: 'sandbox-password',
  publishableKey: 'pk_sandbox',
} as const
/** Recorded: auth-200-session-create. */
const TOKEN_SECONDS = 86_400
const LIST_LIMIT = 15

type Environment = { Variables: { actor: Actor; body: Fields | undefined } }

const send = (c: Context, body: unknown, status: 200 | 400 | 401 | 404 | 500 = 200) =>
  c.body(JSON.stringify(body), status, {
    'content-type': 'application/json; charset=utf-8',
    'x-powered-by': 'Express',
  })
const invalid = (message: string) => new Refusal(400, 'invalid_data', message)
/** No `type`, no `code` (recorded: auth-401-none and its siblings). */
const unauthorized = (c: Context, message = 'Unauthorized') => send(c, { message }, 401)

/** Express answers what it does not know in HTML (recorded: unknown-route, cancel-wrong-method). */
const unknownRoute = (c: Context) => {
  const escaped = c.req.path.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
  const page = `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot ${c.req.method} ${escaped}</pre>\n</body>\n</html>\n`
  return c.body(page, 404, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
    'x-powered-by': 'Express',
  })
}

/**
 * Read before anything else, whoever sends it (recorded: cancel-body-malformed-json; that it comes
 * before 401: measured).
 */
const parseBody = (text: string): Fields | undefined => {
  const start = text.trimStart()
  if (start === '') return undefined
  if (!/^[[{]/.test(start))
    throw invalid(`Unexpected token '${start[0]}', "${text}" is not valid JSON`)
  try {
    return JSON.parse(text) as Fields
  } catch (error) {
    // Newer runtimes than the recorded one add the line and the column.
    throw invalid(
      error instanceof Error
        ? error.message.replace(/ \(line \d+ column \d+\)$/, '')
        : 'Bad Request',
    )
  }
}

/** Recorded: cancel-query-unknown-param. */
const refuseUnknown = (found: Fields, known: readonly string[]): void => {
  const unknown = Object.keys(found).filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw invalid(`Invalid request: Unrecognized fields: '${unknown.join(', ')}'`)
}
const fieldsOf = (c: Context, known: readonly string[] = ['fields']): string | undefined => {
  refuseUnknown(c.req.queries(), known)
  return c.req.query('fields')
}

const Credentials = z.object({ email: z.string(), password: z.string() })
const Metadata = z.record(z.string(), z.unknown()).nullish()

/** A signed-looking token; clients may read its `exp`. */
const createToken = (actor: Actor): string => {
  const issued = Math.floor(Date.now() / 1000)
  const encode = (part: object) =>
    btoa(JSON.stringify(part)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  const claims = {
    actor_id: actor.id,
    actor_type: actor.type,
    auth_provider: 'emailpass',
    iat: issued,
    exp: issued + TOKEN_SECONDS,
  }
  return `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}.${crypto.randomUUID().replaceAll('-', '')}`
}

const isSecretKey = (credential: string): boolean => {
  // Raw, or base64 of `key:` (recorded: auth-200-basic-raw, auth-200-basic-base64).
  if (credential.startsWith('sk_')) return credential === SETTINGS.secretKey
  try {
    return atob(credential).replace(/:$/, '') === SETTINGS.secretKey
  } catch {
    return false
  }
}

/**
 * `id` and `status` as `id=a`, `id[]=a` or either repeated; every other filter is ignored
 * (recorded: list-200-unknown-filter-ignored).
 */
const matches = (c: Context, order: Order): boolean => {
  const full: Fields = { id: order.id, status: order.status, customer_id: order.customerId }
  const search = c.req.query('q')
  const found =
    search === undefined || order.email.includes(search) || String(order.displayId) === search
  return (
    found &&
    Object.entries(full).every(([name, value]) => {
      const wanted = [...(c.req.queries(name) ?? []), ...(c.req.queries(`${name}[]`) ?? [])]
      return wanted.length === 0 || wanted.some((one) => one === value)
    })
  )
}

const isUser = ({ type, id }: Actor) => type === 'user' && id !== ''

export const createSandbox: CreateSandbox = () => {
  const shop = openShop()
  const tokens = new Map<string, Actor>()
  const app = new Hono<Environment>()
  const bearer = (c: Context) => /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]

  app.onError((error, c) =>
    error instanceof Refusal
      ? send(c, { type: error.type, message: error.message }, error.status)
      : send(
          c,
          { code: 'unknown_error', type: 'unknown_error', message: 'An unknown error occurred.' },
          500,
        ),
  )
  app.notFound(unknownRoute)

  app.use(async (c, next) => {
    const json = c.req.header('content-type')?.includes('json') === true
    c.set('body', json ? parseBody(await c.req.text()) : undefined)
    await next()
  })
  app.use('/admin/*', async (c, next) => {
    const token = bearer(c)
    if (token?.startsWith('sk_'))
      return unauthorized(
        c,
        'A secret API key was passed as a Bearer token. Secret API keys must be sent using HTTP ' +
          'Basic authentication instead (Authorization: Basic <secret-api-key>).',
      )
    const basic = /^Basic (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]
    const actor: Actor | undefined =
      basic && isSecretKey(basic) ? { type: 'api-key', id: SECRET_KEY_ID } : tokens.get(token ?? '')
    if (!actor || (actor.type !== 'api-key' && !isUser(actor))) return unauthorized(c)
    c.set('actor', actor)
    await next()
  })
  app.use('/store/*', async (c, next) => {
    const key = c.req.header('x-publishable-api-key')
    if (!key)
      throw new Refusal(
        400,
        'not_allowed',
        'Publishable API key required in the request header: x-publishable-api-key. You can ' +
          'manage your keys in settings in the dashboard.',
      )
    if (key !== SETTINGS.publishableKey)
      throw new Refusal(
        400,
        'not_allowed',
        'A valid publishable key is required to proceed with the request',
      )
    await next()
  })

  app.get('/health', (c) =>
    c.body('OK', 200, { 'content-type': 'text/html; charset=utf-8', 'x-powered-by': 'Express' }),
  )

  app.post('/auth/:type{user|customer}/emailpass', (c) => {
    const type = c.req.param('type') === 'user' ? 'user' : 'customer'
    const { data } = Credentials.safeParse(c.get('body'))
    const admin = data?.email === SETTINGS.email && data.password === SETTINGS.password
    const customer = [ada, grace].find(
      ({ email }) => data?.email === email && data.password === CUSTOMER_PASSWORD,
    )
    if (!admin && !customer)
      return send(c, { type: 'unauthorized', message: 'Invalid email or password' }, 401)
    // A login of the wrong kind gets a token that opens nothing (measured).
    const actor: Actor = { type, id: (type === 'user' ? admin && USER_ID : customer?.id) || '' }
    const token = createToken(actor)
    tokens.set(token, actor)
    return send(c, { token })
  })

  app.get('/admin/orders', (c) => {
    for (const id of [...(c.req.queries('id') ?? []), ...(c.req.queries('id[]') ?? [])])
      shop.peek(id)
    const [limit = LIST_LIMIT, offset = 0] = ['limit', 'offset'].map((name) => {
      const given = c.req.query(name)
      if (given !== undefined && !/^\d+$/.test(given))
        throw invalid(
          `Invalid request: Expected type: 'number' for field '${name}', got: '${given}'`,
        )
      return given === undefined ? undefined : Number(given)
    })
    const found = shop.all().filter((order) => matches(c, order))
    const sorted = c.req.query('order')?.startsWith('-') ? found.toReversed() : found
    const orders = sorted
      .slice(offset, offset + limit)
      .map((order) => listedOrder(order, c.req.query('fields')))
    return send(c, { orders, count: found.length, offset, limit })
  })

  app.get('/admin/orders/:id', (c) => {
    const fields = fieldsOf(c)
    return send(c, { order: readOrder(shop.find(c.req.param('id')), fields) })
  })

  app.get('/admin/orders/:id/changes', (c) => {
    const asked = fieldsOf(c, ['fields', 'status', 'change_type'])?.split(',')
    const { status, change_type: type } = c.req.query()
    // An unknown order has no changes; no 404 (measured).
    const changes = shop.peek(c.req.param('id'))?.changes ?? []
    const found = changes.filter(
      (change) =>
        (status ?? change.status) === change.status &&
        (type ?? change.change_type) === change.change_type,
    )
    const told = (change: Fields) =>
      Object.fromEntries(Object.entries(change).filter(([name]) => asked?.includes(name) ?? true))
    return send(c, { order_changes: found.map(told) })
  })

  app.post('/admin/orders/:id', (c) => {
    const fields = fieldsOf(c)
    const body = c.get('body') ?? {}
    // The other four are taken and ignored: nothing here reads them.
    refuseUnknown(body, ['metadata', 'email', 'shipping_address', 'billing_address', 'locale'])
    const metadata = Metadata.safeParse(body['metadata'])
    if (!metadata.success)
      throw invalid(
        `Invalid request: Expected type: 'record' for field 'metadata', got: ` +
          `'${String(body['metadata'])}'`,
      )
    const order = shop.find(c.req.param('id'))
    shop.update(order, metadata.data, c.get('actor'))
    return send(c, { order: adminOrder(order, fields) })
  })

  app.post('/admin/orders/:id/cancel', async (c) => {
    const fields = fieldsOf(c)
    const order = shop.find(c.req.param('id'))
    await shop.cancel(order, c.get('actor'))
    return send(c, { order: adminOrder(order, fields) })
  })

  app.delete('/admin/order-edits/:id', (c) => {
    const order = shop.find(c.req.param('id'))
    shop.dropChange(order, () => true)
    return send(c, { id: order.id, object: 'order-edit', deleted: true })
  })

  app.post('/admin/orders/:id/transfer/cancel', (c) => {
    const fields = fieldsOf(c)
    const order = shop.find(c.req.param('id'))
    // A secret key is no `user`, so it is taken for a customer (recorded:
    // admin-transfer-cancel-secret-key).
    shop.dropChange(order, () => isUser(c.get('actor')))
    return send(c, { order: adminOrder(order, fields) })
  })

  app.post('/store/orders/:id/transfer/cancel', (c) => {
    const actor = tokens.get(bearer(c) ?? '')
    if (actor?.type !== 'customer' || actor.id === '') return unauthorized(c)
    const fields = fieldsOf(c)
    const order = shop.find(c.req.param('id'))
    shop.dropChange(order, ({ actions }) =>
      actions.some(
        ({ action, reference_id: by }) => action === 'TRANSFER_CUSTOMER' && by === actor.id,
      ),
    )
    return send(c, { order: storeOrder(order, fields) })
  })

  return {
    app,
    settings: SETTINGS,
    cancels: shop.cancels,
    examples: Object.entries(EXAMPLES).map(([id, { says }]) => ({ id, says })),
  }
}
