/**
 * A small stateful imitation of a Tryton server (JSON-RPC, as recorded on 6.0.29), so that demo,
 * tests and curl have something to cancel without an ERP.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { pause, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import {
  cancel,
  confirm,
  createSales,
  edit,
  type Entry,
  inOrderOfChange,
  isBehind,
  microsecondsOf,
  shownAs,
} from './sales.ts'

const SETTINGS = { database: 'sandbox', username: 'admin', password: 'tryton-sandbox', company: 1 }

/** Exactly these members make it a call. */
const Body = z.strictObject({
  id: z.union([z.number(), z.string()]),
  method: z.string(),
  params: z.array(z.unknown()),
})
type Body = z.infer<typeof Body>

/** An error of the business, or of the server: it comes with 200. */
class Fault extends Error {
  override readonly name = 'Fault'
  readonly error: readonly unknown[]
  constructor(...error: readonly unknown[]) {
    super(String(error[0]))
    this.error = error
  }
}
const userError = (message: string) => new Fault('UserError', [message, '', null])

const errorPage = (c: Context, status: 401 | 403, title: string) =>
  c.html(`<!doctype html>\n<html lang=en>\n<title>${status} ${title}</title>\n`, status)

const Id = z.union([z.number(), z.string()])
const Time = z.object({
  __class__: z.literal('datetime'),
  year: z.number(),
  month: z.number(),
  day: z.number(),
  hour: z.number(),
  minute: z.number(),
  second: z.number(),
  microsecond: z.number(),
})
const term = <T extends string, O extends string, V extends z.ZodType>(
  field: T,
  operator: O,
  value: V,
) => z.tuple([z.literal(field), z.literal(operator), value])
/** From a time on, or behind a row. */
const From = z.union([
  term('write_date', '>=', Time),
  z.tuple([
    z.literal('OR'),
    term('write_date', '>', Time),
    z.tuple([z.literal('AND'), term('write_date', '=', Time), term('id', '>', Id)]),
  ]),
])
/** What was changed, in its order. */
const Changed = z.tuple([z.literal('AND'), From, term('state', '=', z.string())])
const ByChange = z.tuple([
  z.tuple([z.literal('write_date'), z.literal('ASC')]),
  z.tuple([z.literal('id'), z.literal('ASC')]),
])
/** The filters that are imitated; others exist there, and are refused here rather than ignored. */
const Domain = z.union([
  z.tuple([term('id', '=', Id)]),
  z.tuple([z.literal('OR'), term('number', '=', z.string()), term('reference', '=', z.string())]),
])
const RpcContext = z.looseObject({
  company: z.number().optional(),
  _timestamp: z.record(z.string(), z.string()).optional(),
})
const Sort = z.array(z.tuple([z.string(), z.enum(['ASC', 'DESC'])])).nullable()
const paged = <T extends z.ZodType>(domain: T, sort: z.ZodType = Sort) =>
  z.tuple([domain, z.number(), z.number().nullable(), sort, z.array(z.string()), RpcContext])
const SearchSales = paged(Domain)
const SearchChanged = paged(Changed, ByChange)
const Cancel = z.tuple([z.array(Id), RpcContext])
const SearchNotes = paged(z.tuple([term('resource', '=', z.string())]))
const CreateNotes = z.tuple([
  z.array(z.strictObject({ resource: z.string(), message: z.string() })),
  RpcContext,
])
const Login = z.tuple([z.string(), z.looseObject({ password: z.string().optional() }), z.string()])

const read = <T extends z.ZodType>(shape: T, { params }: Body): z.output<T> => {
  // Recorded: the last parameter is the context, always.
  if (!RpcContext.safeParse(params.at(-1)).success) throw new Fault('Missing context argument', '')
  const { data, success } = shape.safeParse(params)
  if (!success) throw new Fault('not imitated', '')
  return data
}

/** What a method does, and its result. */
type Method = (body: Body) => unknown

const serveSales = () => {
  const sales = createSales()
  const deeds = recordDeeds()
  const known = (id: string | number): Entry => {
    const found = sales.find(String(id))
    if (!found)
      throw userError(
        `You are not allowed to read records "${id}" of "Sale" because of at least one of these ` +
          'rules:\nUser in companies',
      )
    return found
  }

  const page = (
    found: readonly Entry[],
    offset: number,
    limit: number | null,
    fields: readonly string[],
  ) =>
    found.slice(offset, offset + (limit ?? found.length)).map(({ sale }) => shownAs(sale, fields))

  const searchChanged: Method = (body) => {
    const [[, from, [, , state]], offset, limit, , fields] = read(SearchChanged, body)
    const found = inOrderOfChange(sales.all()).filter(({ sale }) => {
      if (sale.state !== state || !sale.write_date) return false
      return from[0] === 'OR'
        ? isBehind(sale, from[1][2], String(from[2][2][2]))
        : microsecondsOf(sale.write_date) >= microsecondsOf(from[2])
    })
    return page(found, offset, limit, fields)
  }

  const search: Method = (body) => {
    if (Changed.safeParse(body.params[0]).success) return searchChanged(body)
    const [domain, offset, limit, , fields] = read(SearchSales, body)
    const found =
      domain[0] === 'OR'
        ? sales
            .all()
            .filter(({ sale }) => sale.number === domain[1][2] || sale.reference === domain[2][2])
        : [sales.find(String(domain[0][2])) ?? []].flat()
    return page(found, offset, limit, fields)
  }

  const cancelSales: Method = async (body) => {
    const [ids, context] = read(Cancel, body)
    for (const entry of ids.map(known)) {
      const { sale } = entry
      await pause(entry.busyMs)
      // What somebody does there while the cancel is on its way.
      const meanwhile = entry.meanwhile.shift()
      if (meanwhile === 'edits') edit(sale)
      if (meanwhile === 'confirms') confirm(sale)
      if (sale.state === 'cancelled') deeds.canceled(sale.id)
      // Recorded: what the table of transitions does not allow is passed over, and not even the
      // precondition is looked at.
      if (sale.state !== 'draft' && sale.state !== 'quotation') continue
      const bound = context._timestamp?.[`sale.sale,${sale.id}`] ?? sale._timestamp
      if (bound !== sale._timestamp)
        throw new Fault('ConcurrencyException', 'Records were modified in the meanwhile')
      cancel(sale)
      deeds.canceled(sale.id)
    }
    return null
  }
  return { sales, deeds, known, search, cancelSales }
}

/** Notes of any record; there is one only where its sale is. */
const serveNotes = (known: (id: string) => Entry) => {
  const notes: { readonly id: number; readonly resource: string; readonly message: string }[] = []
  const search: Method = (body) => {
    const [[[, , resource]], offset, limit] = read(SearchNotes, body)
    const found = notes.filter((note) => note.resource === resource).toReversed()
    return found.slice(offset, offset + (limit ?? found.length))
  }
  const create: Method = (body) =>
    read(CreateNotes, body)[0].map((note) => {
      known(note.resource.replace(/^sale\.sale,/, ''))
      return notes.push({ id: notes.length + 1, ...note })
    })
  return { notes, search, create }
}

export const createSandbox = (() => {
  const { sales, deeds, known, search, cancelSales } = serveSales()
  const notes = serveNotes(known)
  const sessions = new Set<string>()
  const methods: Readonly<Record<string, Method>> = {
    'model.res.user.get_preferences': () => ({ company: 1, company_filter: 'one', language: 'en' }),
    'model.sale.sale.search_read': search,
    'model.sale.sale.cancel': cancelSales,
    'model.ir.note.search_read': notes.search,
    'model.ir.note.create': notes.create,
  }

  const login = (c: Context, body: Body) => {
    const { data } = Login.safeParse(body.params)
    if (data && data[1].password === undefined)
      return { error: ['LoginException', ['password', `Password for ${data[0]}`, 'password']] }
    if (data?.[0] !== SETTINGS.username || data[1].password !== SETTINGS.password)
      return errorPage(c, 401, 'Unauthorized')
    const session = crypto.randomUUID().replaceAll('-', '').repeat(2)
    sessions.add(`Session ${btoa(`${SETTINGS.username}:1:${session}`)}`)
    return { result: [1, session] }
  }
  const call = async (method: Method, body: Body) => {
    try {
      return { result: await method(body) }
    } catch (error) {
      if (error instanceof Fault) return { error: error.error }
      throw error
    }
  }

  const app = new Hono()
  app.post(`/${SETTINGS.database}/`, async (c) => {
    const { data: body } = Body.safeParse(await readJson(c.req.raw))
    if (!body) return c.text('Unable to read JSON request', 400)
    if (body.method === 'common.db.login') {
      const told = login(c, body)
      return told instanceof Response ? told : c.json({ id: body.id, ...told })
    }
    if (!sessions.has(c.req.header('authorization') ?? '')) return c.text('', 401)
    const method = methods[body.method]
    if (!method) return errorPage(c, 403, 'Forbidden')
    return c.json({ id: body.id, ...(await call(method, body)) })
  })
  return {
    app,
    settings: SETTINGS,
    examples: sales.examples,
    cancels: deeds.cancels,
    notes: notes.notes,
    /** From now on no session that was opened before is known. */
    endSessions: () => sessions.clear(),
  }
}) satisfies CreateSandbox
