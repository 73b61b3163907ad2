/**
 * A small stateful imitation of a Shopware shop's Admin API, as its schema and source tell it, so
 * that demo, tests and curl have something to cancel without a shop.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { pause, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import { Criteria, search } from './criteria.ts'
import { cancel, complete, createOrders, type Entry, type Shop } from './orders.ts'

const INTEGRATION = { accessKeyId: 'SWIASANDBOX', secretAccessKey: 'shopware-sandbox-secret' }

const LoginBody = z.object({
  grant_type: z.literal('client_credentials'),
  client_id: z.literal(INTEGRATION.accessKeyId),
  client_secret: z.literal(INTEGRATION.secretAccessKey),
})

/** Members that it does not know are ignored, as there. */
const CancelBody = z.object({
  sendMail: z.unknown().default(true),
  documentIds: z.array(z.string()).default([]),
  mediaIds: z.array(z.string()).default([]),
  internalComment: z.string().nullish(),
})

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  500: 'Internal Server Error',
} as const
type Status = keyof typeof TITLES

const fail = (c: Context, status: Status, code: string, detail: string, parameters: object = {}) =>
  c.json(
    {
      errors: [
        { status: String(status), code, title: TITLES[status], detail, meta: { parameters } },
      ],
    },
    status,
  )

/** The OAuth server's own errors: a title and a hint, and nothing else (ErrorResponseFactory). */
const denied = (c: Context, code: string, title: string, detail: string | null) =>
  c.json({ errors: [{ code, status: '401', title, detail }] }, 401)

const unknownOrder = (c: Context, id: string) =>
  fail(
    c,
    400,
    'SYSTEM__STATE_MACHINE_INVALID_ENTITY_ID',
    `Unable to read entity "order" with id "${id}".`,
    { entityName: 'order', entityId: id },
  )

const illegal = (c: Context, { order }: Entry) =>
  fail(
    c,
    400,
    'SYSTEM__ILLEGAL_STATE_TRANSITION',
    `Illegal transition "cancel" from state "${order.stateId}". Possible transitions are: reopen`,
    {
      transition: 'cancel',
      // The state's id, not its name.
      currentState: order.stateId,
      possibleTransitionsString: 'reopen',
      possibleTransitions: ['reopen'],
    },
  )

const numbersOf = (version: string): number[] => version.split('.').map(Number)
const isFrom = (version: string, ...than: readonly number[]): boolean => {
  const parts = numbersOf(version)
  const at = than.findIndex((part, index) => part !== parts[index])
  return at < 0 || (parts[at] ?? 0) > (than[at] ?? 0)
}

const serveOrders = (shop: Shop) => {
  const orders = createOrders()
  const deeds = recordDeeds()

  const searchIn = (rows: (ids: readonly string[]) => readonly object[]) => async (c: Context) => {
    const { data, error } = Criteria.safeParse(await readJson(c.req.raw))
    return data
      ? c.json(search(rows(data.ids ?? []), data))
      : fail(c, 400, 'FRAMEWORK__INVALID_FILTER_QUERY', error.message)
  }
  const searchOrders = searchIn((ids) => {
    // An order that is asked for may come to be by that.
    for (const id of ids) orders.find(id)
    return orders.all().map(({ order }) => order)
  })
  const searchHistory = searchIn(() => orders.all().flatMap(({ history }) => history))

  const perform = (c: Context, entry: Entry, body: z.output<typeof CancelBody>) => {
    const { id } = entry.order
    const end = cancel(entry, shop, body.internalComment ?? null)
    if (end === 'illegal') return illegal(c, entry)
    deeds.canceled(id)
    if (end === 'done') {
      if (entry.fault === 'stock')
        return fail(c, 500, '0', 'An exception occurred while executing a query')
      if (body.sendMail !== false) deeds.mailed(id)
    }
    return c.json(entry.order.stateMachineState)
  }

  const cancelOrder = async (c: Context) => {
    const id = c.req.param('id') ?? ''
    const entry = orders.find(id)
    if (!entry) return unknownOrder(c, id)
    const { data: body } = CancelBody.safeParse(await readJson(c.req.raw))
    if (!body) return fail(c, 400, '0', 'Unexpected value')
    await pause(entry.busyMs)
    if (entry.fault === 'privilege')
      return fail(
        c,
        403,
        'FRAMEWORK__MISSING_PRIVILEGE_ERROR',
        JSON.stringify({ message: 'Missing privilege', missingPrivileges: ['order:update'] }),
      )
    const meanwhile = entry.meanwhile.shift()
    if (meanwhile === 'cancels') cancel(entry, shop, 'by somebody else')
    if (meanwhile === 'completes') complete(entry)
    return perform(c, entry, body)
  }
  return { orders, deeds, searchOrders, searchHistory, cancelOrder }
}

/** `version`: what the shop runs, which is what it says of itself. */
export const createSandbox = ((version = '6.7.10.1') => {
  const { orders, deeds, searchOrders, searchHistory, cancelOrder } = serveOrders({
    isStrict: isFrom(version, 6, 7),
    keepsComments: isFrom(version, 6, 7, 10),
  })
  const tokens = new Set<string>()

  const app = new Hono()
  app.post('/api/oauth/token', async (c) => {
    if (!LoginBody.safeParse(await readJson(c.req.raw)).success)
      return denied(c, '4', 'Client authentication failed', null)
    const access_token = [1, 2, 3].map(() => btoa(crypto.randomUUID())).join('.')
    tokens.add(`Bearer ${access_token}`)
    return c.json({ token_type: 'Bearer', expires_in: 600, access_token })
  })
  app.use('/api/*', async (c, next) =>
    tokens.has(c.req.header('authorization') ?? '')
      ? next()
      : denied(
          c,
          '9',
          'The resource owner or authorization server denied the request.',
          'Access token could not be verified',
        ),
  )
  app.get('/api/_info/version', (c) => c.json({ version }))
  app.post('/api/search/order', searchOrders)
  app.post('/api/search/state-machine-history', searchHistory)
  app.post('/api/_action/order/:id/state/cancel', cancelOrder)
  app.notFound((c) => c.html('<!DOCTYPE html><title>Page not found</title>', 404))
  return {
    app,
    settings: { ...INTEGRATION, version: version.split('.').slice(0, 2).join('.') },
    examples: orders.examples,
    cancels: deeds.cancels,
    mails: deeds.mails,
    /** What became of an order beyond its state: the goods, and how often history tells of it. */
    behind: (id: string) => {
      const { stock = 0, history = [] } = orders.find(id) ?? {}
      return { stock, changes: history.length }
    },
    /** From now on no token that was given out before is known. */
    endTokens: () => tokens.clear(),
  }
}) satisfies CreateSandbox
