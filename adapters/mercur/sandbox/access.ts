/**
 * The manners every route of a pretended Mercur shares: Express's pages, Medusa's logins, keys and
 * strict queries.
 */
import { type Context, Hono } from 'hono'
import { readJson } from '../../../src/adapter/sandbox-kit.ts'
import { json, notAllowed, refusal } from './cancel.ts'
import { type Fields, owner, recipient, sellers, type Version } from './orders.ts'

/** `actor`: a customer's id, or Medusa's name of another kind of actor. */
export type Env = { Variables: { actor: string; sellerId: string } }

export const publishableKey = 'pk_sandbox_not_a_real_key'
export const accounts = {
  admin: { email: 'admin@sandbox.test', password: 'sandbox-admin' },
  /** Alpha owns every example but the second order of a shared purchase, which is beta's. */
  vendors: {
    alpha: { email: 'alpha@sandbox.test', password: 'sandbox-alpha', sellerId: sellers.alpha },
    beta: { email: 'beta@sandbox.test', password: 'sandbox-beta', sellerId: sellers.beta },
  },
  /** Who bought everything, and to whom `order_transfer` would move. */
  customers: {
    owner: { email: owner.email, password: 'sandbox-carol' },
    recipient: { email: recipient.email, password: 'sandbox-dave' },
  },
  /** Opens the admin routes of 1.x as `Basic`; 2.x forbids it whatever needs a role. */
  secretKey: 'sk_sandbox_not_a_real_key',
}

/**
 * Express's own page: what tells a route that does not exist from an order that does not
 * (v1-admin-set-cancel-route).
 */
const noRoute = ({ req, html }: Context) =>
  html(
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n' +
      // As it was sent: Hono's own `path` is decoded, and would be read as HTML.
      `</head>\n<body>\n<pre>Cannot ${req.method} ${new URL(req.url).pathname}</pre>\n</body>\n` +
      '</html>\n',
    404,
    { 'content-security-policy': "default-src 'none'" },
  )

interface Login {
  readonly email: string
  readonly password: string
  readonly type: string
  readonly actor: string
  readonly sellerId?: string
}
const loginsOf = (version: Version): readonly Login[] => {
  const { admin, vendors, customers } = accounts
  const member = version === '1' ? 'seller' : 'member'
  return [
    { ...admin, type: 'user', actor: 'user' },
    { ...vendors.alpha, type: member, actor: member },
    { ...vendors.beta, type: member, actor: member },
    { ...customers.owner, type: 'customer', actor: owner.id },
    { ...customers.recipient, type: 'customer', actor: recipient.id },
  ]
}

/** An app that answers, logs in and turns away as Mercur does, and has no other routes yet. */
export const createApp = (version: Version): Hono<Env> => {
  const app = new Hono<Env>()
  const tokens = new Map<string, Omit<Login, 'email' | 'password'>>([
    [`Basic ${btoa(`${accounts.secretKey}:`)}`, { type: 'user', actor: 'api-key' }],
  ])
  /** {v1,v2}-admin-cancel-vendor-token and their like. */
  const authenticate = (c: Context<Env>, type: string) => {
    const found = tokens.get(c.req.header('authorization') ?? '')
    if (found?.type !== type) throw refusal(401, undefined, 'Unauthorized')
    c.set('actor', found.actor)
    return found
  }

  app.notFound(noRoute)
  // One identity for all kinds of actor: whose kind it is not gets a token nothing accepts
  // (Medusa's generate-jwt-token.js).
  app.post('/auth/:type/emailpass', async (c) => {
    const { email, password } = ((await readJson(c.req.raw)) ?? {}) as Fields
    const login = loginsOf(version).find((one) => one.email === email && one.password === password)
    // medusa 2.21.2, recorded: auth-login-401
    if (!login) throw refusal(401, 'unauthorized', 'Invalid email or password')
    const token = crypto.randomUUID()
    if (login.type === c.req.param('type')) tokens.set(`Bearer ${token}`, login)
    return json({ token })
  })
  app.use('/admin/*', async (c, next) => {
    authenticate(c, 'user')
    // Mercur 2 switches Medusa's RBAC on and a key has no role: v2-admin-cancel-secret-key-rbac.
    // Its own order-groups routes name no policy.
    if (version === '2' && c.get('actor') === 'api-key' && c.req.path.startsWith('/admin/orders'))
      throw refusal(403, 'forbidden', 'Forbidden')
    await next()
  })
  app.use('/vendor/*', async (c, next) => {
    const { sellerId = '' } = authenticate(c, version === '1' ? 'seller' : 'member')
    const named = version === '1' ? sellerId : c.req.header('x-seller-id')
    if (!named) throw notAllowed('x-seller-id header is required for vendor routes')
    if (named !== sellerId) throw notAllowed('You are not a member of this seller account')
    c.set('sellerId', sellerId)
    await next()
  })
  app.use('/store/*', async (c, next) => {
    const key = c.req.header('x-publishable-api-key')
    if (key !== publishableKey)
      throw notAllowed(
        key
          ? 'A valid publishable key is required to proceed with the request'
          : 'Publishable API key required in the request header: x-publishable-api-key. You can ' +
              'manage your keys in settings in the dashboard.',
      )
    if (c.req.method === 'POST') authenticate(c, 'customer')
    await next()
  })
  return app
}
