/**
 * A small stateful imitation of an Odoo with `sale` and `sale_stock`, in both of its APIs, so that
 * demo, tests and curl have something to cancel without an ERP. It answers as the source says.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { pause, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import { Fault, searchCount, searchRead } from './database.ts'
import {
  cancel,
  createOrders,
  deliver,
  type Entry,
  lock,
  type Row,
  type Version,
} from './orders.ts'

const DATABASE = 'sandbox'
const USERNAME = 'gateway@example.com'
const API_KEY = 'odoo-sandbox-key'
const UID = 6

const fault = (name: string, message: string) => new Fault(`odoo.exceptions.${name}`, message)

/** What no client may repeat. */
const TRACEBACK = 'Traceback (most recent call last):\n  File "/opt/odoo/odoo/http.py", line 1'
const shownAs = ({ name, message }: Fault) => ({
  name,
  message,
  arguments: [message],
  context: {},
  debug: TRACEBACK,
})

const Ids = z.array(z.union([z.string(), z.number()]))
const Cancel = z.strictObject({
  ids: Ids,
  context: z.looseObject({ disable_cancel_warning: z.boolean().optional() }).default({}),
})
const Post = z.strictObject({
  ids: Ids,
  body: z.string(),
  message_type: z.literal('comment'),
  subtype_xmlid: z.enum(['mail.mt_note', 'mail.mt_comment']),
})
const FieldsGet = z.strictObject({
  allfields: z.array(z.string()).optional(),
  attributes: z.array(z.string()).optional(),
})

const read = <T extends z.ZodType>(shape: T, args: unknown): z.output<T> => {
  const { data, success } = shape.safeParse(args)
  if (!success) throw new Fault('builtins.TypeError', 'got an unexpected keyword argument')
  return data
}

/** Opened by `action_cancel` of 16 to 18 for whatever is no draft; by a merchant's module in 19. */
const dialog = (model: string) => ({
  name: 'Cancel Sales Order',
  type: 'ir.actions.act_window',
  res_model: model,
  view_mode: 'form',
  target: 'new',
  context: {},
})

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** What a method does with its named arguments, and its result. */
type Method = (args: unknown) => unknown

/** What a cancel of one order meets: a dialog; null: it was canceled. */
const cancelOne = async (
  entry: Entry,
  version: Version,
  isUnasked: boolean,
): Promise<object | null> => {
  const { order } = entry
  await pause(entry.busyMs)
  const event = entry.meanwhile.shift()
  if (event === 'locks') lock(entry, version)
  if (event === 'delivers') deliver(entry)
  if (event === 'collides')
    throw new Fault('psycopg2.errors.SerializationFailure', 'could not serialize access')
  if (order['locked'] === true) throw fault('UserError', 'You cannot cancel a locked order.')
  if (event === 'asks') return dialog('x_sale.cancel.reason')
  const hasWizard = version !== '19' && order['state'] !== 'draft'
  if (hasWizard && !isUnasked) return dialog('sale.order.cancel')
  cancel(entry)
  return null
}

const serveOrders = (version: Version) => {
  const orders = createOrders(version)
  const deeds = recordDeeds()
  const known = (id: string | number): Entry => {
    const found = orders.find(String(id))
    if (!found) throw fault('MissingError', `Record does not exist: sale.order(${id},)`)
    return found
  }
  const cancelOrders: Method = async (args) => {
    const { ids, context } = read(Cancel, args)
    for (const entry of ids.map(known)) {
      const asked = await cancelOne(entry, version, context.disable_cancel_warning === true)
      if (asked) return asked
      deeds.canceled(entry.order.id)
    }
    return true
  }
  const fieldsGet: Method = (args) => {
    const { allfields } = read(FieldsGet, args)
    const has = Object.keys(orders.all()[0]?.order ?? {})
    return Object.fromEntries(
      has
        .filter((name) => allfields === undefined || allfields.includes(name))
        .map((name) => [name, { type: 'char' }]),
    )
  }
  /** An order is there on demand, once it is asked for. */
  const searchOrders: Method = (args) => {
    const term = (args as { domain?: unknown[] }).domain?.[0]
    if (Array.isArray(term) && term[0] === 'id') orders.find(String(term[2]))
    return searchRead(
      orders.all().map(({ order }) => order),
      args,
    )
  }
  return { orders, deeds, known, cancelOrders, fieldsGet, searchOrders }
}

const serve = (version: Version) => {
  const { orders, deeds, known, ...of } = serveOrders(version)
  const messages: Row[] = []
  const post: Method = (args) => {
    const { ids, body, message_type, subtype_xmlid } = read(Post, args)
    const posted = ids.map((id) => {
      known(id)
      // 16 takes a text for HTML.
      const html = `<p>${version === '16' ? body : escaped(body)}</p>`
      const message = { id: messages.length + 401, model: 'sale.order', res_id: id, message_type }
      messages.push({ ...message, body: html, subtype_xmlid })
      return message.id
    })
    return version === '19' ? posted : posted[0]
  }
  const searchAll =
    (rowsOf: (entry: Entry) => readonly Row[]): Method =>
    (args) =>
      searchRead(orders.all().flatMap(rowsOf), args)

  const methods: Readonly<Record<string, Method>> = {
    'sale.order/fields_get': of.fieldsGet,
    'sale.order/search_read': of.searchOrders,
    'sale.order/search_count': (args) =>
      searchCount(
        orders.all().map(({ order }) => order),
        args,
      ),
    'sale.order/action_cancel': of.cancelOrders,
    'sale.order/message_post': post,
    'sale.order.line/search_read': searchAll(({ lines }) => lines),
    'stock.picking/search_read': searchAll(({ pickings }) => pickings),
    'account.move/search_read': searchAll(({ invoices }) => invoices),
    'payment.transaction/search_read': searchAll(({ transactions }) => transactions),
    'mail.message/search_read': (args) => searchRead(messages, args),
  }
  return { examples: orders.examples, deeds, messages, methods }
}

/** The result, or what was raised: whoever calls says how that is told. */
const perform = async (method: Method | undefined, args: unknown): Promise<unknown> => {
  try {
    if (!method) throw new Fault('werkzeug.exceptions.NotFound', 'The method does not exist')
    return await method(args)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}

const Rpc = z.object({
  jsonrpc: z.literal('2.0'),
  method: z.literal('call'),
  id: z.number(),
  params: z.object({ service: z.string(), method: z.string(), args: z.array(z.unknown()) }),
})

/** Positional arguments of a method, by the names that JSON-2 gives them. */
const namedIn = (method: string, positional: readonly unknown[], named: unknown): unknown => {
  const names = method.startsWith('search_') ? ['domain', 'fields'] : ['ids']
  return {
    ...Object.fromEntries(positional.map((value, index) => [names[index], value])),
    ...(named as object),
  }
}

type Methods = ReturnType<typeof serve>['methods']

const answerRpc = async (
  methods: Methods,
  { service, method, args }: z.infer<typeof Rpc>['params'],
) => {
  const [database, user, key, model, name, positional, named] = args
  if (service === 'common' && method === 'authenticate')
    return database === DATABASE && user === USERNAME && key === API_KEY && UID
  if (database !== DATABASE || user !== UID || key !== API_KEY)
    return fault('AccessDenied', 'Access Denied')
  const given = namedIn(String(name), (positional ?? []) as unknown[], named ?? {})
  return perform(methods[`${String(model)}/${String(name)}`], given)
}

/** UserError and its kin have a status of their own, exceptions of HTTP theirs; the rest is 500. */
const STATUSES: Readonly<Record<string, 401 | 403 | 404 | 422>> = {
  'odoo.exceptions.UserError': 422,
  'odoo.exceptions.MissingError': 404,
  'odoo.exceptions.AccessError': 403,
  'werkzeug.exceptions.NotFound': 404,
  'werkzeug.exceptions.Unauthorized': 401,
  'builtins.TypeError': 422,
}
const answerJson2 = (c: Context, result: unknown) =>
  result instanceof Fault
    ? c.json(shownAs(result), STATUSES[result.name] ?? 500)
    : c.json(result as object)

export const createSandboxOf = (version: Version) => {
  const { examples, deeds, messages, methods } = serve(version)
  const app = new Hono()
  app.post('/jsonrpc', async (c) => {
    const { data: body } = Rpc.safeParse(await readJson(c.req.raw))
    if (!body) return c.text('Bad Request', 400)
    const result = await answerRpc(methods, body.params)
    const answer =
      result instanceof Fault
        ? { error: { code: 200, message: 'Odoo Server Error', data: shownAs(result) } }
        : { result }
    return c.json({ jsonrpc: '2.0', id: body.id, ...answer })
  })
  if (version === '19')
    app.post('/json/2/:model/:method', async (c) => {
      const isOurs = c.req.header('authorization') === `bearer ${API_KEY}`
      if (!isOurs || c.req.header('x-odoo-database') !== DATABASE)
        return answerJson2(c, new Fault('werkzeug.exceptions.Unauthorized', 'Invalid apikey'))
      const { model, method } = c.req.param()
      return answerJson2(c, await perform(methods[`${model}/${method}`], await readJson(c.req.raw)))
    })
  return {
    app,
    settings: {
      database: DATABASE,
      version,
      apiKey: API_KEY,
      ...(version !== '19' && { username: USERNAME }),
    },
    examples,
    cancels: deeds.cancels,
    messages,
  }
}

export const createSandbox = (() => createSandboxOf('19')) satisfies CreateSandbox
