/**
 * A small stateful imitation of Saleor's API (GraphQL, as its source of 3.22 has it), so that demo,
 * tests and curl have something to cancel without a shop. It knows the variables of this gateway's
 * documents, and of an order tells always the same fields, whichever are asked for.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { type DeedsBook, pause, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import { canCancel, cancel, createOrders, fulfill, type Kept, note, type Order } from './orders.ts'

const SETTINGS = { appToken: 'sandbox-app-token' }

/** The first field of an operation. */
const FIELD = /^[^{]{0,200}\{\s{0,20}(\w{1,50})/

const Body = z.looseObject({ query: z.string(), variables: z.looseObject({}).nullish() })

/** An error of GraphQL itself: the class of an exception there is its code. */
class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: string
  readonly path: readonly string[]
  constructor(message: string, code: string, path: readonly string[]) {
    super(message)
    this.code = code
    this.path = path
  }
}

const One = z.strictObject({ id: z.string() })
const Note = z.strictObject({ id: z.string(), message: z.string() })
const ByNumber = z.strictObject({ number: z.string() })
const Time = z.iso.datetime({ offset: true })
const Changed = z.strictObject({ from: Time, to: Time, after: z.string().nullable() })

const read = <T extends z.ZodType>(shape: T, variables: unknown, field: string): z.output<T> => {
  const { data, success } = shape.safeParse(variables)
  if (!success) throw new Fault('not imitated', 'GraphQLError', [field])
  return data
}

/** The refusal of a mutation, which has done nothing. */
const refusal = (field: string, message: string, code: string) => ({
  order: null,
  errors: [{ field, message, code }],
})

const keyOf = (id: string): string | null => {
  try {
    const text = atob(id)
    return text.startsWith('Order:') ? text.slice('Order:'.length) : null
  } catch {
    return null
  }
}

const PAGE = 100

/** Where an order stands in the list: the time it changed, and of one time its number. */
const rank = ({ updatedAt, number }: Order): [string, number] => [updatedAt, Number(number)]
const compare = ([at, number]: [string, number], [other, than]: [string, number]): number =>
  at === other ? number - than : at < other ? -1 : 1

const cursorOf = (order: Order): string =>
  btoa(JSON.stringify([order.updatedAt, order.status.toLowerCase(), order.number]))
const afterOf = (cursor: string): [string, number] => {
  const [at, , number] = JSON.parse(atob(cursor)) as [string, string, string]
  return [at, Number(number)]
}

/** What a field of the API answers. */
type Field = (variables: unknown) => unknown
type Orders = ReturnType<typeof createOrders>

const listByNumber = (orders: Orders, variables: unknown) => {
  const { number } = read(ByNumber, variables, 'orders')
  const found = orders.all().filter(({ order }) => order.number === number)
  return {
    edges: found
      .filter(({ order }) => order.status !== 'DRAFT')
      .map(({ order: node }) => ({ node })),
    pageInfo: { hasNextPage: false },
  }
}

const listChanged = (orders: Orders, variables: unknown) => {
  const { from, to, after } = read(Changed, variables, 'orders')
  const [first, last] = [Date.parse(from), Date.parse(to)]
  const found = orders
    .all()
    .map(({ order }) => order)
    .filter(({ status }) => status === 'CANCELED')
    .filter(({ updatedAt }) => Date.parse(updatedAt) >= first && Date.parse(updatedAt) <= last)
    .toSorted((one, other) => compare(rank(one), rank(other)))
    .filter((order) => after === null || compare(rank(order), afterOf(after)) > 0)
  const page = found.slice(0, PAGE)
  const end = page.at(-1)
  return {
    edges: page.map(({ id, status, updatedAt }) => ({ node: { id, status, updatedAt } })),
    pageInfo: { hasNextPage: found.length > PAGE, endCursor: end ? cursorOf(end) : null },
  }
}

const serveReads = (orders: Orders, deeds: DeedsBook): Readonly<Record<string, Field>> => ({
  order(variables) {
    const { id } = read(One, variables, 'order')
    const key = keyOf(id)
    if (key === null)
      throw new Fault(`Invalid ID: ${id}. Expected: Order.`, 'GraphQLError', ['order'])
    const kept = orders.find(key)
    if (kept?.mailIsDue) {
      kept.mailIsDue = false
      note(kept.order, 'EMAIL_SENT', { emailType: 'ORDER_CANCEL' })
      deeds.mailed(key)
    }
    return kept?.order ?? null
  },
  orders: (variables) =>
    ByNumber.safeParse(variables).success
      ? listByNumber(orders, variables)
      : listChanged(orders, variables),
})

const serveWrites = (orders: Orders, deeds: DeedsBook): Readonly<Record<string, Field>> => {
  const known = (id: string): Kept | ReturnType<typeof refusal> => {
    const key = keyOf(id)
    if (key === null) return refusal('id', `Invalid ID: ${id}. Expected: Order.`, 'GRAPHQL_ERROR')
    const message = `Couldn't resolve to a node: ${id}`
    return orders.find(key) ?? refusal('id', message, 'NOT_FOUND')
  }
  return {
    async orderCancel(variables) {
      const kept = known(read(One, variables, 'orderCancel').id)
      if ('errors' in kept) return kept
      const { key, order, busyMs, meanwhile } = kept
      await pause(busyMs)
      if (meanwhile === 'fulfilled') fulfill(kept)
      if (order.status === 'CANCELED') deeds.canceled(key)
      if (meanwhile === 'canceled' && canCancel(order)) cancel(kept)
      if (!canCancel(order))
        return refusal('order', "This order can't be canceled.", 'CANNOT_CANCEL_ORDER')
      cancel(kept)
      deeds.canceled(key)
      return { order, errors: [] }
    },
    orderNoteAdd(variables) {
      const { id, message } = read(Note, variables, 'orderNoteAdd')
      const kept = known(id)
      if ('errors' in kept) return kept
      note(kept.order, 'NOTE_ADDED', { message: message.trim() })
      return { order: { id: kept.order.id }, errors: [] }
    },
  }
}

const DENIED = 'To access this path, you need one of the following permissions: MANAGE_ORDERS'

export const createSandbox = (() => {
  const orders = createOrders()
  const deeds = recordDeeds()
  const fields = { ...serveReads(orders, deeds), ...serveWrites(orders, deeds) }

  const app = new Hono()
  app.post('/graphql/', async (c) => {
    const { data: body } = Body.safeParse(await readJson(c.req.raw))
    const field = FIELD.exec(body?.query ?? '')?.[1] ?? ''
    const answer = fields[field]
    if (!body || !answer) {
      const message = `Cannot query field "${field}" on type "Query".`
      const extensions = { exception: { code: 'GraphQLError' } }
      return c.json({ errors: [{ message, extensions }] }, 400)
    }
    try {
      // An order itself is told to anybody, its history is not.
      if (c.req.header('authorization') !== `Bearer ${SETTINGS.appToken}`)
        throw new Fault(DENIED, 'PermissionDenied', field === 'order' ? [field, 'events'] : [field])
      return c.json({ data: { [field]: await answer(body.variables ?? {}) } })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const { message, code, path } = error
      return c.json({
        errors: [{ message, path, extensions: { exception: { code } } }],
        data: { [field]: null },
      })
    }
  })
  return {
    app,
    settings: SETTINGS,
    examples: orders.examples,
    cancels: deeds.cancels,
    mails: deeds.mails,
    /** The notes of an order, as its history has them. */
    notes: (key: string) =>
      (orders.find(key)?.order.events ?? [])
        .filter(({ type }) => type === 'NOTE_ADDED')
        .map(({ message }) => message),
    globalId: (key: string) => btoa(`Order:${key}`),
  }
}) satisfies CreateSandbox
