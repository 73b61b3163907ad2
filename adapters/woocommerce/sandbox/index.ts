/**
 * A small stateful imitation of WooCommerce's REST API (`wc/v3`), so that demo, tests and curl have
 * something to cancel without a shop.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { type DeedsBook, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import { AccessRefused, createAccess } from './access.ts'
import { addNote, createOrders, type Kept, refund, setStatus, ZONE_MS } from './orders.ts'

const SETTINGS = {
  consumerKey: 'ck_5a11d0b0c0ffee00000000000000000000000001',
  consumerSecret: 'cs_5a11d0b0c0ffee00000000000000000000000002',
}
const READ_ONLY = {
  consumerKey: 'ck_5a11d0b0c0ffee00000000000000000000000003',
  consumerSecret: 'cs_5a11d0b0c0ffee00000000000000000000000004',
}

const STATUSES = [
  'pending',
  'processing',
  'on-hold',
  'completed',
  'cancelled',
  'refunded',
  'failed',
  'checkout-draft',
  'packing',
] as const
const Status = z.enum(STATUSES)

/** Other members of an order can be changed too; here they are ignored. */
const Change = z.looseObject({ status: Status.optional() })
const NewNote = z.looseObject({ note: z.string(), customer_note: z.boolean().default(false) })
const NewRefund = z.looseObject({ amount: z.string().regex(/^\d+\.\d\d$/) })

const whole = (least: number, most: number, usual: number) =>
  z.coerce.number().int().min(least).max(most).default(usual)
/** As it takes a date: one with a zone is moved by the site's own, and so GMT no more. */
const When = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?$/)
  .transform((text) => {
    const isZoned = /(?:Z|[+-]\d\d:\d\d)$/.test(text)
    return isZoned ? Date.parse(text) + ZONE_MS : Date.parse(`${text.replace(' ', 'T')}Z`)
  })
const List = z.object({
  page: whole(1, 1e6, 1),
  per_page: whole(1, 100, 10),
  offset: z.coerce.number().int().min(0).optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
  orderby: z.enum(['date', 'modified', 'id']).default('date'),
  status: z.enum([...STATUSES, 'any', 'trash']).default('any'),
  search: z.string().optional(),
  modified_after: When.optional(),
  modified_before: When.optional(),
  dates_are_gmt: z.enum(['true', 'false']).default('false'),
  _fields: z.string().optional(),
})

const fault = (c: Context, status: 400 | 401 | 403 | 404, code: string, message: string) =>
  c.json({ code, message, data: { status } }, status)
const invalid = (c: Context, faulty: z.ZodError) =>
  fault(
    c,
    400,
    'rest_invalid_param',
    `Invalid parameter(s): ${faulty.issues.map(({ path }) => path.join('.')).join(', ')}`,
  )
const unknownOrder = (c: Context) =>
  fault(
    c,
    c.req.method === 'GET' ? 404 : 400,
    'woocommerce_rest_shop_order_invalid_id',
    'Invalid ID.',
  )

const changedAt = ({ order }: Kept, isGmt: boolean) =>
  Date.parse(`${isGmt ? order.date_modified_gmt : order.date_modified}Z`)

const listed = (all: readonly Kept[], query: z.output<typeof List>): Kept[] => {
  const { status, search, modified_after: after, modified_before: before } = query
  const isGmt = query.dates_are_gmt === 'true'
  const found = all.filter(
    (kept) =>
      (status === 'any' ? kept.order.status !== 'trash' : kept.order.status === status) &&
      (search === undefined || JSON.stringify(kept.order).includes(search)) &&
      (after === undefined || changedAt(kept, isGmt) > after) &&
      (before === undefined || changedAt(kept, isGmt) < before),
  )
  // Among those of one second the older order first: `modified ID`.
  if (query.orderby === 'modified') found.sort((a, b) => changedAt(a, true) - changedAt(b, true))
  if (query.order === 'desc') found.reverse()
  return found
}

/** A site may be asked for a few fields alone. */
const fieldsOf = (order: Kept['order'], fields: string | undefined): object => {
  const names = fields?.split(',')
  return names
    ? Object.fromEntries(Object.entries(order).filter(([name]) => names.includes(name)))
    : order
}

const ROOT = '/wp-json/wc/v3/orders'

type Orders = ReturnType<typeof createOrders>

const serveOrders = (app: Hono, orders: Orders, deeds: DeedsBook): void => {
  app.get(ROOT, (c) => {
    const { data: query, error } = List.safeParse(c.req.query())
    if (!query) return invalid(c, error)
    const { page, per_page: size, offset = (page - 1) * size, _fields: fields } = query
    const found = listed(orders.all(), query)
    c.header('x-wp-total', String(found.length))
    c.header('x-wp-totalpages', String(Math.ceil(found.length / size)))
    return c.json(found.slice(offset, offset + size).map(({ order }) => fieldsOf(order, fields)))
  })
  app.get(`${ROOT}/:id`, (c) => {
    const kept = orders.find(c.req.param('id'))
    return kept ? c.json(kept.order) : unknownOrder(c)
  })
  app.on(['PUT', 'POST', 'PATCH'], `${ROOT}/:id`, async (c) => {
    const kept = orders.find(c.req.param('id'))
    if (!kept) return unknownOrder(c)
    const body = await readJson(c.req.raw)
    if (body === undefined) return fault(c, 400, 'rest_invalid_json', 'Invalid JSON body passed.')
    const { data, error } = Change.safeParse(body)
    if (!data) return invalid(c, error)
    if (data.status) await setStatus(kept, data.status, deeds)
    return c.json(kept.order)
  })
}

/** What has an address below the order's. */
const serveParts = (app: Hono, orders: Orders, deeds: DeedsBook): void => {
  app.get(`${ROOT}/:id/notes`, (c) => {
    const kept = orders.find(c.req.param('id'))
    return kept ? c.json(kept.notes) : unknownOrder(c)
  })
  app.post(`${ROOT}/:id/notes`, async (c) => {
    const kept = orders.find(c.req.param('id'))
    if (!kept) return fault(c, 404, 'woocommerce_rest_order_invalid_id', 'Invalid order ID.')
    const { data, error } = NewNote.safeParse(await readJson(c.req.raw))
    if (!data) return invalid(c, error)
    if (data.customer_note) deeds.mailed(kept.order.id)
    return c.json(addNote(kept, data.note, data.customer_note), 201)
  })
  // Moves money: nothing of ours may call it.
  app.post(`${ROOT}/:id/refunds`, async (c) => {
    const kept = orders.find(c.req.param('id'))
    if (!kept) return unknownOrder(c)
    const { data, error } = NewRefund.safeParse(await readJson(c.req.raw))
    if (!data) return invalid(c, error)
    refund(kept, data.amount, deeds)
    return c.json(kept.order.refunds[0], 201)
  })
}

const createApp = (orders: Orders, deeds: DeedsBook): Hono => {
  const callerOf = createAccess([
    { ...SETTINGS, mayWrite: true },
    { ...READ_ONLY, mayWrite: false },
  ])
  const app = new Hono()
  app.use('*', async (c, next) => {
    try {
      if ((await callerOf(c.req.raw)) !== 'guest') return await next()
      const deed = c.req.method === 'GET' ? 'view' : 'edit'
      return fault(c, 401, `woocommerce_rest_cannot_${deed}`, `Sorry, you cannot ${deed} this.`)
    } catch (error) {
      if (!(error instanceof AccessRefused)) throw error
      return fault(c, 401, error.code, error.message)
    }
  })
  serveOrders(app, orders, deeds)
  serveParts(app, orders, deeds)
  app.notFound((c) =>
    fault(c, 404, 'rest_no_route', 'No route was found matching the URL and request method.'),
  )
  return app
}

export const createSandbox = (() => {
  const orders = createOrders()
  const deeds = recordDeeds()
  return {
    app: createApp(orders, deeds),
    settings: SETTINGS,
    examples: orders.examples,
    cancels: deeds.cancels,
    /** A key that may only read. */
    readOnly: READ_ONLY,
    /** Who got a mail by a note, and what went back. */
    mails: deeds.mails,
    refunds: deeds.refunds,
    notesOf: (id: string) => orders.find(id)?.notes ?? [],
  }
}) satisfies CreateSandbox
