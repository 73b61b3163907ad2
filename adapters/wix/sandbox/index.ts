/**
 * An imitation of the Wix eCommerce Orders API that remembers: the demo and the tests talk to it as
 * to Wix itself.
 */
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { CreateSandbox, Sandbox } from '../../../src/adapter/sandbox.ts'
import { pause } from '../../../src/adapter/sandbox-kit.ts'
import { type Access, APP, createAccess, KEY, READING_KEY } from './access.ts'
import { failure, readBody, refusal, validate } from './errors.ts'
import { cancel, comment, createOrders, type Order, type Orders } from './orders.ts'

// Sources are pages of dev.wix.com on the Orders API: "Get Order", "Search Orders", "Cancel Order",
// "Add Activities". Codes and limits are those of @wix/ecom's types.

/** What a buyer was told; null where the cancel brought no message. */
interface Mail {
  readonly orderId: string
  readonly message: string | null
}

export interface WixSandbox extends Sandbox {
  readonly settings: typeof KEY
  /** The other way in: these three buy an access token, as an app on one site does. */
  readonly oauth: typeof APP
  /** An API key that may read orders, but not change them. */
  readonly readOnly: typeof READING_KEY
  readonly mails: readonly Mail[]
  /** How many access tokens were issued. */
  readonly tokens: number
  /** From now on no token issued so far is accepted. */
  expireTokens(): void
}

const OrderId = z.object({ id: z.string().min(1).max(100) })

const CancelBody = z.object({
  sendOrderCanceledEmail: z.boolean().default(false),
  customMessage: z.string().min(1).max(1_000).nullish(),
  restockAllItems: z.boolean().default(false),
})

/** Wix takes any activity; merchant comments are those for callers, and all that is imitated. */
const Comment = z.object({
  activityType: z.literal('MERCHANT_COMMENT'),
  merchantComment: z.object({ message: z.string().min(1).max(5_000) }),
})
const ActivitiesBody = z.object({ orderActivities: z.array(Comment) })

const Limit = z.int().min(1).max(100).default(100)

/** Page "Supported Filters and Sorting"; what is not imitated is refused rather than ignored. */
const Search = z.strictObject({
  filter: z
    .strictObject({
      number: z.strictObject({ $eq: z.string() }).optional(),
      status: z.strictObject({ $eq: z.string() }).optional(),
      updatedDate: z.strictObject({ $gte: z.iso.datetime() }).optional(),
    })
    .default({}),
  sort: z
    .tuple([z.strictObject({ fieldName: z.literal('updatedDate'), order: z.literal('ASC') })])
    .optional(),
  cursorPaging: z.strictObject({ limit: Limit }).default({ limit: 100 }),
})
type Search = z.output<typeof Search>

/** A cursor stands for the whole search: nothing else may come beside it. */
const Further = z.strictObject({
  cursorPaging: z.strictObject({ limit: Limit, cursor: z.string().min(1) }),
})
const SearchBody = z.object({ search: Search.default(Search.parse({})) })
const FurtherBody = z.object({ search: Further })

const hasCursor = (body: unknown): boolean =>
  typeof (body as z.input<typeof FurtherBody> | null)?.search?.cursorPaging?.cursor === 'string'

/** Cursors that were given, by what they stand for: they are opaque. */
const createCursors = () => {
  const places = new Map<string, { readonly search: Search; readonly offset: number }>()
  return {
    give(search: Search, offset: number): string {
      const cursor = crypto.randomUUID()
      places.set(cursor, { search, offset })
      return cursor
    },
    take(cursor: string) {
      const place = places.get(cursor)
      if (!place) throw refusal(400, 'INVALID_CURSOR', 'The cursor is not valid.')
      return place
    },
  }
}

/**
 * "Cancel Order" lists these three and nothing else; INITIALIZED and FULFILLED orders are therefore
 * canceled.
 */
function assertCancelable({ status, balanceSummary }: Order): void {
  if (status === 'PENDING')
    throw refusal(428, 'ORDER_IS_PENDING', 'The payment of this order is being processed.')
  if (status === 'REJECTED')
    throw refusal(428, 'ORDER_IS_REJECTED', 'The payment of this order failed.')
  if (Number(balanceSummary.authorized.amount) > 0)
    throw refusal(428, 'ORDER_HAS_AUTHORIZED_TRANSACTION', 'A payment is not captured yet.')
}

function findOrder(orders: Orders, given: string) {
  const entry = orders.find(validate(OrderId, { id: given }).id)
  if (!entry) throw refusal(404, 'ORDER_NOT_FOUND', 'There is no order with this id.')
  return entry
}

function serveReads(app: Hono, access: Access, orders: Orders): void {
  app.get('/ecom/v1/orders/:id', (c) => {
    access.authorize(c, 'read')
    return c.json({ order: findOrder(orders, c.req.param('id')).order })
  })

  const cursors = createCursors()
  app.post('/ecom/v1/orders/search', async (c) => {
    access.authorize(c, 'read')
    const body = await c.req.raw
      .clone()
      .json()
      .catch(() => undefined)
    if (!hasCursor(body)) {
      const { search } = await readBody(c, SearchBody)
      return c.json(pageOf(orders, search, 0, search.cursorPaging.limit, cursors))
    }
    const { cursor, limit } = (await readBody(c, FurtherBody)).search.cursorPaging
    const { search, offset } = cursors.take(cursor)
    return c.json(pageOf(orders, search, offset, limit, cursors))
  })
}

/** Newest first, and never an INITIALIZED one ("Supported Filters and Sorting"). */
function pageOf(
  orders: Orders,
  search: Search,
  offset: number,
  limit: number,
  cursors: ReturnType<typeof createCursors>,
) {
  const { number, status, updatedDate } = search.filter
  const newestFirst = orders.all().toReversed()
  const found = newestFirst
    .map(({ order }) => order)
    .filter(
      (order) =>
        order.status !== 'INITIALIZED' &&
        (!number || order.number === number.$eq) &&
        (!status || order.status === status.$eq) &&
        (!updatedDate || Date.parse(order.updatedDate) >= Date.parse(updatedDate.$gte)),
    )
  const sorted = search.sort
    ? found.toSorted((a, b) => Date.parse(a.updatedDate) - Date.parse(b.updatedDate))
    : found
  const end = offset + limit
  const page = sorted.slice(offset, end)
  const hasNext = end < sorted.length
  const next = hasNext ? { next: cursors.give(search, end) } : {}
  return { orders: page, metadata: { count: page.length, cursors: next, hasNext } }
}

/** `canceled` hears of each cancel, and of the mail where there is one. */
function serveWrites(
  app: Hono,
  access: Access,
  orders: Orders,
  canceled: (orderId: string, mail: Mail | null) => void,
): void {
  app.post('/ecom/v1/orders/:id/cancel', async (c) => {
    access.authorize(c, 'modify')
    const { sendOrderCanceledEmail, customMessage, ...wishes } = await readBody(c, CancelBody)
    const { order, busyMs } = findOrder(orders, c.req.param('id'))
    // Whoever called may be gone by then; the cancel lands all the same.
    await pause(busyMs)
    assertCancelable(order)
    cancel(order, wishes.restockAllItems)
    const mail = { orderId: order.id, message: customMessage ?? null }
    canceled(order.id, sendOrderCanceledEmail ? mail : null)
    return c.json({ order })
  })

  app.post('/ecom/v1/orders/:id/activities/add', async (c) => {
    access.authorize(c, 'modify')
    const { orderActivities } = await readBody(c, ActivitiesBody)
    const { order } = findOrder(orders, c.req.param('id'))
    const messages = orderActivities.map(({ merchantComment }) => merchantComment.message)
    const activityIds = comment(order, messages)
    return c.json({ order, activityIds })
  })
}

export const createSandbox = ((): WixSandbox => {
  const [app, access, orders] = [new Hono(), createAccess(), createOrders()]
  const cancels = new Map<string, number>()
  const mails: Mail[] = []
  let requests = 0
  app.use(async (c, next) => {
    await next()
    c.res.headers.set('X-Wix-Request-Id', `${Date.now()}.${++requests}`)
  })
  app.notFound(() => failure(404).getResponse())
  app.onError((error) => (error instanceof HTTPException ? error : failure(500)).getResponse())
  app.post('/oauth2/token', (c) => access.issue(c))
  serveReads(app, access, orders)
  serveWrites(app, access, orders, (orderId, mail) => {
    cancels.set(orderId, (cancels.get(orderId) ?? 0) + 1)
    if (mail) mails.push(mail)
  })
  return {
    app,
    settings: KEY,
    oauth: APP,
    readOnly: READING_KEY,
    examples: orders.examples,
    cancels,
    mails,
    get tokens() {
      return access.issued()
    },
    expireTokens: access.expireTokens,
  }
}) satisfies CreateSandbox
