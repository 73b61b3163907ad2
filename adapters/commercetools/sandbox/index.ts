/**
 * A small stateful imitation of commercetools' HTTP API and of its login, so that demo, tests and
 * curl have something to cancel without a project.
 */
import { type Context, Hono } from 'hono'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { pause, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import { asksToCancel, createOrders, type Entry, Refusal, shown, Update, update } from './orders.ts'
import { parsePredicate, parseSort } from './predicates.ts'

const PROJECT = 'sandbox'
const CLIENT = { clientId: 'sandbox-client', clientSecret: 'sandbox-secret' }
const SETTINGS = {
  projectKey: PROJECT,
  ...CLIENT,
  reasonField: 'cancelReason',
  reasonType: 'rescind',
}
/** Two days, as the imitation that is not ours tells it. */
const TOKEN_LIFE_S = 172_800
const SCOPES = ['manage_orders', 'view_orders', 'view_payments', 'view_types', 'view_states']

const fail = (
  c: Context,
  status: 400 | 401 | 404 | 409 | 504,
  error: { readonly code: string; readonly message: string },
  more: object = {},
) => c.json({ statusCode: status, message: error.message, errors: [error], ...more }, status)

const refuse = (c: Context, refusal: Refusal) => fail(c, refusal.status, refusal.error)

/** Errors of the login are told in OAuth's own form too (page "Errors", AuthErrorResponse). */
const failLogin = (c: Context, status: 400 | 401, code: string, message: string) =>
  fail(c, status, { code, message }, { error: code, error_description: message })

const openLogin = () => {
  const tokens = new Set<string>()
  let count = 0
  const login = async (c: Context) => {
    const { clientId, clientSecret } = CLIENT
    if (c.req.header('authorization') !== `Basic ${btoa(`${clientId}:${clientSecret}`)}`)
      return failLogin(
        c,
        401,
        'invalid_client',
        'Please provide valid client credentials using HTTP Basic Authentication.',
      )
    const isForm = /^application\/x-www-form-urlencoded\b/.test(c.req.header('content-type') ?? '')
    const form = new URLSearchParams(isForm ? await c.req.text() : '')
    const type = form.get('grant_type')
    if (type === null)
      return failLogin(c, 400, 'invalid_request', 'Missing required parameter: grant_type.')
    if (type !== 'client_credentials')
      return failLogin(c, 400, 'unsupported_grant_type', `Invalid parameter: grant_type: ${type}.`)
    const all = SCOPES.map((name) => `${name}:${PROJECT}`)
    const asked = form.get('scope')?.split(' ') ?? all
    const unknown = asked.find((one) => !all.includes(one))
    if (unknown) return failLogin(c, 400, 'invalid_scope', `Malformed parameter: scope: ${unknown}`)
    const token = `sandbox-token-${(count += 1)}`
    tokens.add(`Bearer ${token}`)
    return c.json({
      access_token: token,
      token_type: 'Bearer',
      expires_in: TOKEN_LIFE_S,
      scope: asked.join(' '),
    })
  }
  return { tokens, login }
}

const notFound = (c: Context, what: string) =>
  fail(c, 404, { code: 'ResourceNotFound', message: `The Resource with ${what} was not found.` })

const MOST_LISTED = 500
const MOST_PASSED_OVER = 10_000

/** A whole number of the query within bounds; NaN where it is none, or beyond. */
const whole = (text: string | undefined, usual: number, most: number): number => {
  const value = text === undefined ? usual : /^\d{1,9}$/.test(text) ? Number(text) : NaN
  return value <= most ? value : NaN
}

const list = (c: Context, all: readonly Entry[]) => {
  const limit = whole(c.req.query('limit'), 20, MOST_LISTED)
  const offset = whole(c.req.query('offset'), 0, MOST_PASSED_OVER)
  const filters = (c.req.queries('where') ?? []).map(parsePredicate)
  const sort = parseSort(c.req.queries('sort') ?? [])
  const invalid = (message: string) => fail(c, 400, { code: 'InvalidInput', message })
  if (Number.isNaN(limit) || Number.isNaN(offset)) return invalid('limit or offset is out of range')
  if (filters.includes(null)) return invalid('Malformed parameter: where')
  if (!sort) return invalid('Malformed parameter: sort')
  const found = all
    .filter(({ order }) => filters.every((filter) => filter?.(order)))
    .toSorted((one, other) => sort(one.order, other.order))
  const expand = c.req.queries('expand') ?? []
  const results = found.slice(offset, offset + limit).map((entry) => shown(entry, expand))
  return c.json({
    limit,
    offset,
    count: results.length,
    ...(c.req.query('withTotal') !== 'false' && { total: found.length }),
    results,
  })
}

export const createSandbox = (() => {
  const orders = createOrders()
  const deeds = recordDeeds()
  const { tokens, login } = openLogin()
  const expandOf = (c: Context) => c.req.queries('expand') ?? []

  const change = async (c: Context) => {
    const id = c.req.param('id') ?? ''
    const entry = orders.find(id)
    if (!entry) return notFound(c, `ID '${id}'`)
    const { data } = Update.safeParse(await readJson(c.req.raw))
    if (!data)
      return fail(c, 400, { code: 'InvalidInput', message: 'Request body is not as expected.' })
    await pause(entry.busyMs)
    const isCancel = asksToCancel(data)
    try {
      update(entry, data, CLIENT.clientId)
      if (isCancel) deeds.canceled(id)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      // Refused or not, a second one is a second destructive call.
      if (isCancel && entry.order.orderState === 'Cancelled') deeds.canceled(id)
      return refuse(c, error)
    }
    return c.json(shown(entry, expandOf(c)))
  }

  const app = new Hono()
  app.post('/oauth/token', login)
  app.use(`/${PROJECT}/*`, async (c, next) => {
    if (tokens.has(c.req.header('authorization') ?? '')) return next()
    return failLogin(c, 401, 'invalid_token', 'invalid_token')
  })
  app.get(`/${PROJECT}/orders`, (c) => list(c, orders.all()))
  app.get(`/${PROJECT}/orders/:id`, (c) => {
    const id = c.req.param('id')
    const [, number] = /^order-number=(.*)$/s.exec(id) ?? []
    const entry =
      number === undefined
        ? orders.find(id)
        : orders.all().find(({ order }) => order.orderNumber === number)
    if (!entry) return notFound(c, number === undefined ? `ID '${id}'` : `key '${number}'`)
    return c.json(shown(entry, expandOf(c)))
  })
  app.post(`/${PROJECT}/orders/:id`, change)
  app.notFound((c) => c.json({ statusCode: 404, message: 'URI not found' }, 404))
  return {
    app,
    settings: SETTINGS,
    examples: orders.examples,
    cancels: deeds.cancels,
    /** From now on no token that was given before is taken. */
    endTokens: () => tokens.clear(),
  }
}) satisfies CreateSandbox
