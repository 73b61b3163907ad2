/**
 * A small stateful imitation of ERPNext on Frappe (REST, version 1), so that demo, tests and curl
 * have something to cancel without an ERP.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { pause, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import { page, type Row } from './list.ts'
import { cancel, createOrders, type Entry, happens, Raised, ZONE } from './orders.ts'

const SETTINGS = { apiKey: 'erpnext-sandbox-key', apiSecret: 'erpnext-sandbox-secret' }

/** Statuses of exceptions.py; a refusal of the business has one that a version moved. */
const STATUSES = {
  AuthenticationError: 401,
  PermissionError: 403,
  DoesNotExistError: 404,
} as const
/** What a database says no to is no ValidationError. */
const CRASHES = ['OperationalError']

/** The save that cancels; what else a save may change is not imitated. */
const Save = z.strictObject({ docstatus: z.literal(2), modified: z.string() })
const Cancel = z.strictObject({ doctype: z.literal('Sales Order'), name: z.string() })
const Comment = z.strictObject({
  comment_type: z.literal('Comment'),
  reference_doctype: z.literal('Sales Order'),
  reference_name: z.string(),
  content: z.string(),
})

const asked = <T extends z.ZodType>(shape: T, body: unknown): z.output<T> => {
  const { data, success } = shape.safeParse(body)
  if (!success) throw new Raised('ValidationError', 'not imitated')
  return data
}

/** The document types whose rows name an order, and the field that does. */
const POINTERS: Readonly<Record<string, string>> = {
  'Delivery Note': 'against_sales_order',
  'Sales Invoice': 'sales_order',
}

export interface Kept extends z.output<typeof Comment> {
  readonly name: string
  readonly creation: string
}

const serveOrders = () => {
  const orders = createOrders()
  const deeds = recordDeeds()
  const known = (name: string): Entry => {
    // MariaDB compares names without their case.
    const found =
      orders.find(name) ??
      orders.all().find(({ order }) => order.name.toLowerCase() === name.toLowerCase())
    if (!found) throw new Raised('DoesNotExistError', `Sales Order ${name} not found`)
    return found
  }
  const cancelOrder = async (name: string, modified: string | null) => {
    const entry = known(name)
    await pause(entry.busyMs)
    happens(entry)
    cancel(entry, modified, deeds)
    return entry.order
  }
  const rowsOf = (doctype: string): Row[] | null => {
    if (doctype === 'Sales Order') return orders.all().map(({ order }) => order)
    const field = POINTERS[doctype]
    if (!field) return null
    return orders
      .all()
      .flatMap(({ order, documents }) =>
        documents
          .filter((one) => one.doctype === doctype)
          .map((one) => ({ ...one, [field]: order.name, modified: order.modified })),
      )
  }
  return { orders, deeds, known, cancelOrder, rowsOf }
}

const serveComments = (known: (name: string) => Entry) => {
  const comments: Kept[] = []
  return {
    comments,
    create(body: unknown): Kept {
      const comment = asked(Comment, body)
      known(comment.reference_name)
      const kept = {
        ...comment,
        name: `comment-${comments.length + 1}`,
        creation: new Date().toISOString(),
      }
      comments.push(kept)
      return kept
    },
    rows: () => comments.map((one): Row => ({ ...one, modified: one.creation })),
  }
}

const refused = (c: Context, { type, message }: Raised, refusal: 417 | 409) => {
  const status = CRASHES.includes(type) ? 500 : (STATUSES[type as keyof typeof STATUSES] ?? refusal)
  return c.json(
    {
      exc_type: type,
      exception: `frappe.exceptions.${type}: ${message}`,
      exc: JSON.stringify([`Traceback (most recent call last):\n  File "apps/frappe/app.py"`]),
      _server_messages: JSON.stringify([JSON.stringify({ message, raise_exception: 1 })]),
    },
    status,
  )
}

/** `refusal`: 417, or 409 as a later version has it. */
export const createSandbox = ((refusal: 417 | 409 = 417) => {
  const { orders, deeds, known, cancelOrder, rowsOf } = serveOrders()
  const comments = serveComments(known)

  const app = new Hono()
  app.onError((error, c) => {
    if (error instanceof Raised) return refused(c, error, refusal)
    throw error
  })
  app.use('*', async (c, next) => {
    const { apiKey, apiSecret } = SETTINGS
    if (c.req.header('authorization') !== `token ${apiKey}:${apiSecret}`)
      throw new Raised('AuthenticationError', '')
    await next()
  })
  app.get('/api/method/frappe.client.get_time_zone', (c) =>
    c.json({ message: { time_zone: ZONE } }),
  )
  app.post('/api/method/frappe.client.cancel', async (c) => {
    const { name } = asked(Cancel, await readJson(c.req.raw))
    return c.json({ message: await cancelOrder(name, null) })
  })
  app.get('/api/resource/:doctype', (c) => {
    const doctype = c.req.param('doctype')
    const rows = doctype === 'Comment' ? comments.rows() : rowsOf(doctype)
    if (!rows) throw new Raised('PermissionError', `No permission for ${doctype}`)
    return c.json({ data: page(rows, c.req.query()) })
  })
  app.post('/api/resource/Comment', async (c) =>
    c.json({ data: comments.create(await readJson(c.req.raw)) }),
  )
  app.get('/api/resource/Sales Order/:name', (c) =>
    c.json({ data: known(c.req.param('name')).order }),
  )
  app.put('/api/resource/Sales Order/:name', async (c) => {
    const { modified } = asked(Save, await readJson(c.req.raw))
    return c.json({ data: await cancelOrder(c.req.param('name'), modified) })
  })
  return {
    app,
    settings: SETTINGS,
    examples: orders.examples,
    cancels: deeds.cancels,
    comments: comments.comments,
  }
}) satisfies CreateSandbox
