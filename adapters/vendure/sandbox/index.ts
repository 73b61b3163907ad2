/**
 * A small stateful imitation of Vendure's Admin API (GraphQL, as recorded on 3.7.3), so that demo,
 * tests and curl have something to cancel without a shop. Of an order it always tells the same
 * fields, whichever are asked for.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { type DeedsBook, pause, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import { cancelLines, createOrders, type Kept, lead } from './orders.ts'

const SETTINGS = { apiKey: 'sandbox-key-id:sandbox-key-secret' }
const ACCOUNT = { username: 'superadmin', password: 'vendure-sandbox' }
const CHANNEL = 'sandbox-channel'

/** The first field of an operation, and the name that its result gets. */
const FIELD = /^[^{]{0,200}\{\s{0,20}(?:(\w{1,50})\s{0,5}:\s{0,5})?(\w{1,50})/

const Body = z.looseObject({ query: z.string(), variables: z.looseObject({}).nullish() })

/** Thrown at an operation: it comes with 200, and nothing was done. */
class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: string | null
  constructor(message: string, code: string | null) {
    super(message)
    this.code = code
  }
}

/** A refusal that is a result, and takes nothing back. */
const refusal = (typename: string, errorCode: string, message: string, more: object = {}) => ({
  __typename: typename,
  errorCode,
  message,
  ...more,
})
const NOTHING_LEFT = refusal(
  'EmptyOrderLineSelectionError',
  'EMPTY_ORDER_LINE_SELECTION_ERROR',
  'At least one OrderLine must be specified',
)
const noTransition = (from: string, transitionError?: string) => {
  const message = `Cannot transition Order from "${from}" to "Cancelled"`
  return refusal('OrderStateTransitionError', 'ORDER_STATE_TRANSITION_ERROR', message, {
    transitionError: transitionError ?? message,
  })
}

const Changed = z.strictObject({
  skip: z.int().min(0),
  take: z.int().min(1).max(1000),
  filter: z.strictObject({
    state: z.strictObject({ eq: z.string() }),
    updatedAt: z.strictObject({
      between: z.strictObject({ start: z.iso.datetime(), end: z.iso.datetime() }),
    }),
  }),
  sort: z.strictObject({ updatedAt: z.literal('ASC') }),
})
const ByCode = z.strictObject({
  take: z.int().min(1).max(1000),
  filter: z.strictObject({ code: z.strictObject({ eq: z.string() }) }),
})
/** The filters that are imitated; others exist there, and are refused here rather than ignored. */
const List = z.strictObject({ options: z.union([Changed, ByCode]) })
const Cancel = z.strictObject({
  input: z.strictObject({
    orderId: z.string(),
    cancelShipping: z.boolean().default(false),
    reason: z.string().optional(),
  }),
})
const Note = z.strictObject({
  input: z.strictObject({ id: z.string(), note: z.string(), isPublic: z.boolean() }),
})
const One = z.strictObject({ id: z.string() })
const Login = z.strictObject({ username: z.string(), password: z.string() })

const read = <T extends z.ZodType>(shape: T, variables: unknown): z.output<T> => {
  const { data, success } = shape.safeParse(variables)
  if (!success) throw new Fault('not imitated', 'BAD_USER_INPUT')
  return data
}

/** What a field of the API answers. */
type Field = (variables: unknown) => unknown
type Orders = ReturnType<typeof createOrders>

const knownIn =
  (orders: Orders) =>
  (id: string): Kept => {
    const found = orders.find(id)
    if (!found) throw new Fault(`No Order with the id "${id}" could be found`, 'ENTITY_NOT_FOUND')
    return found
  }

const serveReads = (orders: Orders): Readonly<Record<string, Field>> => ({
  order: (variables) => orders.find(read(One, variables).id)?.order ?? null,
  orders(variables) {
    const { options } = read(List, variables)
    const all = orders.all().map(({ order }) => order)
    const { filter } = options
    if ('code' in filter) {
      const items = all.filter(({ code }) => code === filter.code.eq)
      return { totalItems: items.length, items }
    }
    const { start, end } = filter.updatedAt.between
    const [from, to] = [Date.parse(start), Date.parse(end)]
    const found = all
      .filter(({ state }) => state === filter.state.eq)
      .filter(({ updatedAt }) => Date.parse(updatedAt) >= from && Date.parse(updatedAt) <= to)
      .toSorted((one, other) => Date.parse(one.updatedAt) - Date.parse(other.updatedAt))
      .map(({ id, state, updatedAt }) => ({ id, state, updatedAt }))
    const { skip, take } = options as z.output<typeof Changed>
    return { totalItems: found.length, items: found.slice(skip, skip + take) }
  },
})

const serveCancel =
  (known: (id: string) => Kept, deeds: DeedsBook): Field =>
  async (variables) => {
    const { orderId, cancelShipping } = read(Cancel, variables).input
    const { order, busyMs, meanwhile } = known(orderId)
    await pause(busyMs)
    const what = meanwhile.shift()
    if (what === 'locks') throw new Fault('deadlock detected', null)
    if (what === 'modifies') lead(order, 'Modifying')
    if (order.state === 'Cancelled') deeds.canceled(order.id)
    // Recorded: a cart keeps its lines.
    if (!order.active) {
      if (order.lines.every(({ quantity }) => quantity === 0)) return NOTHING_LEFT
      cancelLines(order, cancelShipping)
      deeds.canceled(order.id)
    }
    if (!order.nextStates.includes('Cancelled')) return noTransition(order.state)
    if (what === 'vetoes') return noTransition(order.state, 'The warehouse has packed this order')
    lead(order, 'Cancelled')
    return { __typename: 'Order', ...order }
  }

const serveWrites = (
  known: (id: string) => Kept,
  deeds: DeedsBook,
): Readonly<Record<string, Field>> => ({
  cancelOrder: serveCancel(known, deeds),
  transitionOrderToState(variables) {
    const { order } = known(read(One, variables).id)
    if (!order.nextStates.includes('Cancelled')) return noTransition(order.state)
    if (order.lines.some(({ quantity }) => quantity > 0))
      return noTransition(order.state, 'unless all OrderItems are cancelled')
    lead(order, 'Cancelled')
    deeds.canceled(order.id)
    return { __typename: 'Order', ...order }
  },
  addNoteToOrder(variables) {
    const { id, note, isPublic } = read(Note, variables).input
    const { order } = known(id)
    const createdAt = new Date().toISOString()
    order.history.items.unshift({ type: 'ORDER_NOTE', isPublic, createdAt, data: { note } })
    return { id }
  },
})

/** The settings of the server stand in every query beside what else it asks for. */
const GLOBAL = {
  globalSettings: { trackInventory: true, serverConfig: { moneyStrategyPrecision: 2 } },
}

export const createSandbox = (() => {
  const orders = createOrders()
  const deeds = recordDeeds()
  const fields = { ...serveReads(orders), ...serveWrites(knownIn(orders), deeds) }
  const sessions = new Set<string>()

  const login = (c: Context, variables: unknown) => {
    const { username, password } = read(Login, variables)
    if (username !== ACCOUNT.username || password !== ACCOUNT.password)
      return refusal(
        'InvalidCredentialsError',
        'INVALID_CREDENTIALS_ERROR',
        'The provided credentials are invalid',
      )
    const token = crypto.randomUUID().replaceAll('-', '').repeat(2)
    sessions.add(`Bearer ${token}`)
    c.header('vendure-auth-token', token)
    return { __typename: 'CurrentUser', id: '1' }
  }

  const perform = async (c: Context, field: string, variables: unknown) => {
    if (field === 'login') return login(c, variables)
    const channel = c.req.header('vendure-token') ?? CHANNEL
    if (channel !== CHANNEL)
      throw new Fault(`No Channel with the token "${channel}" could be found`, 'CHANNEL_NOT_FOUND')
    const isKnown =
      sessions.has(c.req.header('authorization') ?? '') ||
      c.req.header('vendure-api-key') === SETTINGS.apiKey
    if (!isKnown)
      throw new Fault('You are not currently authorized to perform this action', 'FORBIDDEN')
    return fields[field]?.(variables)
  }

  const app = new Hono()
  app.post('/admin-api', async (c) => {
    const { data: body } = Body.safeParse(await readJson(c.req.raw))
    const [, alias, field] = FIELD.exec(body?.query ?? '') ?? []
    if (!body || !field || (field !== 'login' && !fields[field])) {
      const message = `Cannot query field "${field ?? ''}" on type "Query".`
      const extensions = { code: 'GRAPHQL_VALIDATION_FAILED' }
      return c.json({ errors: [{ message, extensions }] }, 400)
    }
    const name = alias ?? field
    try {
      const result = await perform(c, field, body.variables ?? {})
      const more = body.query.includes('globalSettings') ? GLOBAL : {}
      return c.json({ data: { [name]: result, ...more } })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const { message, code } = error
      const extensions = code === null ? {} : { extensions: { code } }
      return c.json({ errors: [{ message, path: [name], ...extensions }], data: null })
    }
  })
  return {
    app,
    settings: SETTINGS,
    examples: orders.examples,
    cancels: deeds.cancels,
    /** Whom a login knows, as settings have it. */
    account: ACCOUNT,
    /** From now on no session that was opened before is known. */
    endSessions: () => sessions.clear(),
  }
}) satisfies CreateSandbox
