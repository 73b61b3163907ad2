/**
 * A small stateful imitation of Adobe Commerce's REST API (from its published schema and its
 * source, 2.4), so that demo, tests and curl have something to cancel without a shop.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { pause, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import { createAccess, KEYS } from './access.ts'
import { canCancel, cancel, createOrders, type Entry, invoice, now } from './orders.ts'
import { NotSearchable, search } from './search.ts'

/** Store views there are. */
const STORES = ['default', 'all', 'german']

const NOT_FOUND = "The entity that was requested doesn't exist. Verify the entity and try again."
const NO_STORE = "The store that was requested wasn't found. Verify the store and try again."

const Body = z.object({
  statusHistory: z.object({
    comment: z.string(),
    status: z.string().nullish(),
    is_customer_notified: z.literal([0, 1]),
    is_visible_on_front: z.literal([0, 1]),
    parent_id: z.union([z.int(), z.string()]),
  }),
})

const refuse = (c: Context, status: 400 | 401 | 404 | 500, message: string, parameters?: object) =>
  c.json({ message, ...(parameters && { parameters }) }, status)

const serveOrders = () => {
  const orders = createOrders()
  const deeds = recordDeeds()

  /** What canCancel() lets through is canceled, and true whatever becomes of the order. */
  const cancelOrder = async (entry: Entry): Promise<boolean> => {
    const { order } = entry
    await pause(entry.busyMs ?? 0)
    if (entry.invoicedMeanwhile && !entry.hasWaited) {
      entry.hasWaited = true
      invoice(order)
    }
    if (order.state === 'canceled') deeds.canceled(order.entity_id)
    if (!canCancel(entry)) return false
    cancel(entry)
    deeds.canceled(order.entity_id)
    return true
  }

  /** It gives the order its own status, and none where it has none (before the fix of #34180). */
  const addComment = ({ order }: Entry, { statusHistory: told }: z.infer<typeof Body>) => {
    const status = told.status ?? null
    Object.assign(order, { status, updated_at: now() })
    order.status_histories.unshift({ ...told, status, created_at: now(), entity_name: 'order' })
    if (told.is_customer_notified === 1) deeds.mailed(order.entity_id)
  }
  return { orders, deeds, cancelOrder, addComment }
}

export const createSandbox = (() => {
  const { orders, deeds, cancelOrder, addComment } = serveOrders()
  const access = createAccess()
  const api = new Hono()
  const known = (c: Context) => orders.find(c.req.param('id') ?? '')

  api.use(async (c, next) => {
    const store = c.req.param('store')
    if (store !== undefined && !STORES.includes(store)) return refuse(c, 404, NO_STORE)
    const refused = await access(c.req.raw)
    if (!refused) return next()
    const { status, message } = refused
    const resources = { resources: 'Magento_Sales::sales' }
    return refuse(c, status, message, message.includes('%resources') ? resources : undefined)
  })
  api.get('/orders', (c) => {
    try {
      return c.json(
        search(
          orders.all().map(({ order }) => order),
          new URL(c.req.url).searchParams,
        ),
      )
    } catch (error) {
      if (!(error instanceof NotSearchable)) throw error
      const said = 'Internal Error. Details are available in Magento log file. Report ID: %1'
      return refuse(c, 500, said, ['webapi-6744a1c0'])
    }
  })
  api.get('/orders/:id', (c) => {
    const entry = known(c)
    return entry ? c.json(entry.order) : refuse(c, 404, NOT_FOUND)
  })
  api.post('/orders/:id/cancel', async (c) => {
    const entry = known(c)
    return entry ? c.json(await cancelOrder(entry)) : refuse(c, 404, NOT_FOUND)
  })
  api.post('/orders/:id/comments', async (c) => {
    const entry = known(c)
    const { data } = Body.safeParse(await readJson(c.req.raw))
    if (!data)
      return refuse(c, 400, '"%fieldName" is required. Enter and try again.', {
        fieldName: 'statusHistory',
      })
    if (!entry) return refuse(c, 404, NOT_FOUND)
    addComment(entry, data)
    return c.json(true)
  })

  const app = new Hono()
  app.route('/rest/V1', api)
  app.route('/rest/:store/V1', api)
  app.notFound((c) => refuse(c, 404, 'Request does not match any route.'))
  return {
    app,
    settings: KEYS,
    examples: orders.examples,
    cancels: deeds.cancels,
    mails: deeds.mails,
    /** An order as it is, to be looked at past the API. */
    orderOf: (id: string) => orders.find(id)?.order,
  }
}) satisfies CreateSandbox
