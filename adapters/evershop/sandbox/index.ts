/**
 * A small stateful imitation of an EverShop (REST and GraphQL, as recorded on 2.2.1), so that demo,
 * tests and curl have something to cancel without a shop.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { pause, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import { selectionOf, told } from './graphql.ts'
import { cancel, capture, createOrders, type Entry, refusal } from './orders.ts'

const SETTINGS = { email: 'admin@example.com', password: 'evershop-sandbox' }

const Query = z.object({
  query: z.string(),
  variables: z
    .object({
      uuid: z.string().optional(),
      filters: z
        .array(z.object({ key: z.string(), operation: z.literal('eq'), value: z.string() }))
        .optional(),
    })
    .optional(),
})

/** REST and GraphQL fail in one form. */
const fail = (c: Context, status: 400 | 401 | 500, message: string) =>
  c.json({ error: { status, message } }, status)

/** So many are listed at once. */
const PAGE = 20

const serveOrders = () => {
  const orders = createOrders()
  const deeds = recordDeeds()

  const query = async (c: Context) => {
    const { data } = Query.safeParse(await readJson(c.req.raw))
    const selection = data && selectionOf(data.query)
    if (!selection) return fail(c, 500, 'Syntax Error: Expected Name, found <EOF>.')
    const { uuid = '', filters = [] } = data.variables ?? {}
    // A filter that it does not know leaves nothing out (recorded: search).
    const found = orders
      .all()
      .map(({ order }) => order)
      .filter((order) =>
        filters.every(({ key, value }) => key !== 'number' || order.orderNumber === value),
      )
    const root = {
      order: orders.find(uuid)?.order ?? null,
      orders: { total: found.length, items: found.slice(0, PAGE) },
    }
    return c.json({ data: told(root, selection) })
  }

  const perform = async (entry: Entry, reason: string): Promise<string | null> => {
    await pause(entry.busyMs)
    const meanwhile = entry.meanwhile.shift()
    if (meanwhile === 'cancels') cancel(entry, 'by somebody else')
    const refused = refusal(entry)
    if (refused !== null) return refused
    cancel(entry, reason)
    deeds.canceled(entry.order.uuid)
    if (meanwhile === 'captures') capture(entry)
    return null
  }

  const cancelOrder = async (c: Context) => {
    const body = await readJson(c.req.raw)
    if (body === undefined) return fail(c, 500, 'Unexpected end of JSON input')
    const { data } = z.looseObject({ reason: z.unknown() }).safeParse(body)
    if (data?.reason === undefined) return fail(c, 400, "must have required property 'reason'")
    if (typeof data.reason !== 'string') return fail(c, 400, 'Reason is mandatory')
    const entry = orders.find(c.req.param('id') ?? '')
    if (!entry) return fail(c, 500, 'Order not found')
    const refused = await perform(entry, data.reason)
    return refused === null ? c.json({ data: {} }) : fail(c, 500, refused)
  }
  return { orders, deeds, query, cancelOrder }
}

export const createSandbox = (() => {
  const { orders, deeds, query, cancelOrder } = serveOrders()
  const tokens = new Set<string>()

  const app = new Hono()
  app.post('/api/user/tokens', async (c) => {
    const { data } = z
      .object({ email: z.literal(SETTINGS.email), password: z.literal(SETTINGS.password) })
      .safeParse(await readJson(c.req.raw))
    if (!data) return fail(c, 400, 'Invalid email or password')
    const accessToken = [1, 2, 3].map(() => btoa(crypto.randomUUID())).join('.')
    tokens.add(`Bearer ${accessToken}`)
    return c.json({ data: { accessToken, refreshToken: btoa(crypto.randomUUID()) } })
  })
  // Before anything that is asked, and also where there is no such order (recorded: auth).
  app.use('/api/*', async (c, next) =>
    tokens.has(c.req.header('authorization') ?? '') ? next() : fail(c, 401, 'Unauthorized'),
  )
  app.post('/api/admin/graphql', query)
  app.post('/api/orders/:id/cancel', cancelOrder)
  app.notFound((c) => c.html('<!DOCTYPE html><title>Page Not Found</title>', 404))
  return {
    app,
    settings: SETTINGS,
    examples: orders.examples,
    cancels: deeds.cancels,
    /** What became of an order beyond its words: the goods put back, the hold given up. */
    behind: (id: string) => {
      const { restocked = 0, voided = false } = orders.find(id) ?? {}
      return { restocked, voided }
    },
    /** From now on no token that was given out before is known. */
    endSessions: () => tokens.clear(),
  }
}) satisfies CreateSandbox
