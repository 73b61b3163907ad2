/**
 * The manners every route of a pretended Mercur shares: Express's bodies and pages, Medusa's
 * logins, keys and strict queries.
 */
import { Hono, type Context } from 'hono'
import { z } from 'zod'
import { Refusal } from './cancel.ts'
import { owner, recipient, sellers } from './orders.ts'
import type { Version } from './orders.ts'

export interface Login {
  readonly email: string
  readonly password: string
}

interface Actor {
  readonly type: string
  readonly id: string
}

export type Env = { Variables: { actor: Actor; sellerId: string } }

export const admin = { email: 'admin@sandbox.test', password: 'sandbox-admin' }
export const vendors = {
  alpha: { email: 'alpha@sandbox.test', password: 'sandbox-alpha', sellerId: sellers.alpha.id },
  beta: { email: 'beta@sandbox.test', password: 'sandbox-beta', sellerId: sellers.beta.id },
}
export const customers = {
  owner: { email: owner.email, password: 'sandbox-carol' },
  recipient: { email: recipient.email, password: 'sandbox-dave' },
}
export const publishableKey = 'pk_sandbox_not_a_real_key'
export const secretKey = 'sk_sandbox_not_a_real_key'

const EXPRESS = {
  'access-control-allow-credentials': 'true',
  vary: 'Origin',
  'x-powered-by': 'Express',
}
export const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { ...EXPRESS, 'content-type': 'application/json; charset=utf-8' },
  })

const escape = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
/**
 * Express's own page: what tells a route that does not exist from an order that does not
 * (v1-admin-set-cancel-route).
 */
const noRoute = (method: string, path: string) =>
  new Response(
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n' +
      `<pre>Cannot ${method} ${escape(path)}</pre>\n</body>\n</html>\n`,
    {
      status: 404,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'",
        'x-content-type-options': 'nosniff',
        'x-powered-by': 'Express',
      },
    },
  )

const unrecognized = (names: readonly string[]) =>
  new Refusal(
    400,
    'invalid_data',
    `Invalid request: Unrecognized fields: ${names.map((name) => `'${name}'`).join(', ')}`,
  )

const Credentials = z.object({ email: z.string(), password: z.string() })

export const body = async <T>(c: Context<Env>, shape: z.ZodType<T>): Promise<T> => {
  const parsed = shape.safeParse(await c.req.json().catch(() => ({})))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw issue?.code === 'unrecognized_keys'
    ? unrecognized(issue.keys)
    : new Refusal(400, 'invalid_data', `Invalid request: ${issue?.message}`)
}

/**
 * Medusa validates the query of these routes strictly, and does nothing when it does not know a
 * name.
 */
export const fields = (c: Context<Env>) => {
  const unknown = Object.keys(c.req.query()).filter((name) => name !== 'fields')
  if (unknown.length > 0) throw unrecognized(unknown)
  return c.req.query('fields')
}

export const page = <T>(c: Context<Env>, all: readonly T[], usual: number) => {
  const offset = Number(c.req.query('offset') ?? 0)
  const limit = Number(c.req.query('limit') ?? usual)
  return { rows: all.slice(offset, offset + limit), tail: { count: all.length, offset, limit } }
}

/** `Basic sk_…` and `Basic base64(sk_…:)` are both taken (Medusa's authenticate-middleware). */
const basicKey = (credentials: string) => {
  if (credentials.startsWith('sk_')) return credentials
  try {
    return atob(credentials).split(':')[0]
  } catch {
    return undefined
  }
}

/**
 * An app that answers, logs in and turns away as Mercur does, and has no other routes yet; `actor`
 * says who asks on a surface that lets anyone in.
 */
export const createApp = (version: Version) => {
  const vendorType = version === '1' ? 'seller' : 'member'
  const logins: readonly (Login & Actor)[] = [
    { ...admin, type: 'user', id: 'user_sandbox' },
    { ...vendors.alpha, type: vendorType, id: 'mem_sandbox_alpha' },
    { ...vendors.beta, type: vendorType, id: 'mem_sandbox_beta' },
    { ...customers.owner, type: 'customer', id: owner.id },
    { ...customers.recipient, type: 'customer', id: recipient.id },
  ]
  const memberships: Readonly<Record<string, string>> = {
    mem_sandbox_alpha: sellers.alpha.id,
    mem_sandbox_beta: sellers.beta.id,
  }
  const tokens = new Map<string, Actor>()
  const app = new Hono<Env>()

  app.onError((error) =>
    error instanceof Refusal
      ? json(
          {
            ...(error.status === 500 ? { code: error.type } : {}),
            ...(error.type === undefined ? {} : { type: error.type }),
            message: error.message,
          },
          error.status,
        )
      : json(
          { code: 'unknown_error', type: 'unknown_error', message: 'An unknown error occurred.' },
          500,
        ),
  )
  app.notFound((c) => noRoute(c.req.method, new URL(c.req.url).pathname))

  app.use(async (c, next) => {
    // Express's body parser comes before everything else: medusa 2.21.2, recorded:
    // cancel-body-malformed-json
    const text = c.req.header('content-type')?.includes('json') === true ? await c.req.text() : ''
    try {
      if (text !== '') JSON.parse(text)
    } catch (error) {
      throw new Refusal(400, 'invalid_data', error instanceof Error ? error.message : '')
    }
    await next()
  })

  const actor = (c: Context<Env>, type: string): Actor | undefined => {
    const [scheme, credentials = ''] = (c.req.header('authorization') ?? '').split(' ')
    if (scheme === 'Basic')
      return type === 'user' && basicKey(credentials) === secretKey
        ? { type: 'api-key', id: 'apk_sandbox' }
        : undefined
    const found = scheme === 'Bearer' ? tokens.get(credentials) : undefined
    return found !== undefined && found.type === type && found.id !== '' ? found : undefined
  }
  const authenticate = (c: Context<Env>, type: string): Actor => {
    const found = actor(c, type)
    // {v1,v2}-admin-cancel-vendor-token and their like
    if (found === undefined) throw new Refusal(401, undefined, 'Unauthorized')
    c.set('actor', found)
    return found
  }

  // One identity for all kinds of actor: whose kind it is not gets a token nothing accepts
  // (Medusa's generate-jwt-token.js).
  app.post('/auth/:type/emailpass', async (c) => {
    const given = Credentials.safeParse(await c.req.json().catch(() => ({}))).data
    const login = logins.find(
      (one) => one.email === given?.email && one.password === given.password,
    )
    // medusa 2.21.2, recorded: auth-login-401
    if (login === undefined) throw new Refusal(401, 'unauthorized', 'Invalid email or password')
    const type = c.req.param('type')
    const claims = {
      actor_id: login.type === type ? login.id : '',
      actor_type: type,
      auth_identity_id: `authid_${login.id}`,
      jti: tokens.size,
      exp: Math.floor(Date.now() / 1000) + 86_400,
    }
    const token = [{ alg: 'HS256', typ: 'JWT' }, claims]
      .map((part) =>
        btoa(JSON.stringify(part)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_'),
      )
      .concat('sandbox')
      .join('.')
    tokens.set(token, { type, id: claims.actor_id })
    return json({ token })
  })

  app.use('/admin/*', async (c, next) => {
    authenticate(c, 'user')
    await next()
  })
  // Mercur 2 switches Medusa's RBAC on and a key has no role: v2-admin-cancel-secret-key-rbac. Its
  // own order-groups routes name no policy.
  if (version === '2')
    app.use('/admin/orders/*', async (c, next) => {
      if (c.get('actor').type === 'api-key') throw new Refusal(403, 'forbidden', 'Forbidden')
      await next()
    })
  app.use('/vendor/*', async (c, next) => {
    const own = memberships[authenticate(c, vendorType).id] ?? ''
    const named = version === '1' ? own : (c.req.header('x-seller-id') ?? '')
    if (named === '')
      throw new Refusal(400, 'not_allowed', 'x-seller-id header is required for vendor routes')
    if (named !== own)
      throw new Refusal(400, 'not_allowed', 'You are not a member of this seller account')
    c.set('sellerId', own)
    await next()
  })
  app.use('/store/*', async (c, next) => {
    const key = c.req.header('x-publishable-api-key')
    if (key === undefined)
      throw new Refusal(
        400,
        'not_allowed',
        'Publishable API key required in the request header: x-publishable-api-key.' +
          ' You can manage your keys in settings in the dashboard.',
      )
    if (key !== publishableKey)
      throw new Refusal(
        400,
        'not_allowed',
        'A valid publishable key is required to proceed with the request',
      )
    await next()
  })

  return { app, actor, authenticate }
}
