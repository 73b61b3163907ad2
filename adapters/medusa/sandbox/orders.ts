/**
 * The orders of the imitated Medusa: one that a real 2.21.2 told (recorded: get-200-fields-plus),
 * what each example and each cancel changes on it, and what each route tells of it.
 */
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
import examples from './examples.json' with { type: 'json' }
import recorded from './recorded.json' with { type: 'json' }

export type Fields = Readonly<Record<string, unknown>>
type Row = Fields & { readonly amount: number }

interface Payment {
  readonly canceled_at: string | null
  readonly captures: readonly Row[]
  readonly refunds: readonly Row[]
}
type Recorded = typeof recorded.order
interface Collection extends Omit<Recorded['payment_collections'][number], 'payments'> {
  readonly payments: readonly Payment[]
}
type Lists = 'credit_lines' | 'transactions' | 'fulfillments' | 'payment_collections'
/** All that Medusa tells of an order. */
interface Told extends Omit<Recorded, Lists | 'metadata'>, Fields {
  readonly metadata: Fields | null
  readonly credit_lines: readonly Row[]
  readonly transactions: readonly Row[]
  readonly fulfillments: readonly { readonly canceled_at: string | null }[]
  readonly payment_collections: readonly Collection[]
}

interface Example {
  readonly says: string
  /**
   * What an order in this state told otherwise (recorded: cancel-*.before-get, the lines of which
   * are told in cancel-400-shipped alone; draft-order-get-as-order).
   */
  readonly differs?: Fields
  /** It differs as that one does. */
  readonly like?: string
  readonly fulfillment?: string
  readonly changes?: readonly string[]
  readonly providerMs?: number
  /** The payment provider says no to the refund or the void. */
  readonly refuses?: boolean
  /** Somebody opens an order edit while the cancel is at work. */
  readonly opensEdit?: boolean
}

interface Change extends Fields {
  readonly status: string
  readonly actions: readonly { readonly reference_id: string | null }[]
}

export interface Order {
  readonly id: string
  readonly example: Example
  told: Told
  changes: readonly Change[]
  edited: boolean
  /** A cancel at work, with how many callers share it. */
  run: { readonly startedAt: number; callers: number; done: Promise<void> } | null
}

/** Customers of the shop; all have the same password. */
export const CUSTOMER_PASSWORD = 'customer-password'
export const ada = { id: recorded.order.customer_id, email: recorded.order.email }
export const grace = { id: 'cus_01SANDBOX000000000000GRACE', email: 'grace@sandbox.test' }

export const now = (): string => new Date().toISOString()
/** Medusa does not round to cents (recorded: get-200-default). */
export const round = (amount: number): number => Number(amount.toFixed(6))
export const sum = (rows: readonly Row[]): number =>
  round(rows.reduce((all, { amount }) => all + amount, 0))
/** Numbers, each with its exact twin: `amount` and `raw_amount`. */
export const exact = (numbers: Readonly<Record<string, number>>): Fields =>
  Object.fromEntries(
    Object.entries(numbers).flatMap(([name, value]) => [
      [name, value],
      [`raw_${name}`, { value: String(value), precision: 20 }],
    ]),
  )

/** Changes what `patch` names; in a list, what stands at the same place. */
const merge = <T>(base: T, patch: unknown): T => {
  const at = base as Fields | null
  if (Array.isArray(patch)) return patch.map((one, place) => merge(at?.[place], one)) as T
  if (typeof patch !== 'object' || patch === null) return patch as T
  const changed = Object.entries(patch).map(([name, value]) => [name, merge(at?.[name], value)])
  return { ...base, ...Object.fromEntries(changed) }
}
export const change = (order: Order, patch: Fields): void => {
  order.told = merge(order.told, { ...patch, updated_at: now() })
}

export const { credit_line: creditLine, refund, transaction } = recorded.rows
/** Recorded: transfer-changes, order-changes-after; edits and fulfillments: measured on 2.21.2. */
export const addChange = (order: Order, kind: string, version: number, action: Fields = {}) => {
  const added: Change = recorded.changes[kind as keyof typeof recorded.changes]
  const actions = added.actions.map(() => ({ version, ...action }))
  order.changes = [...order.changes, merge(added, { version, order_id: order.id, actions })]
}
/** What blocks a cancel after the money has moved: an edit begun or a transfer asked for. */
export const activeChange = ({ changes }: Order): Change | undefined =>
  changes.find(({ status }) => status !== 'confirmed')

const EXAMPLES: Readonly<Record<string, Example>> = examples

const createOrder = (example: Example, id: string, number: number): Order => {
  const { differs = EXAMPLES[example.like ?? '']?.differs, changes = [] } = example
  const at = now()
  const own = { id, display_id: number, created_at: at, updated_at: at }
  const order: Order = {
    id,
    example,
    told: merge<Told>(recorded.order, { ...differs, ...own }),
    changes: [],
    edited: false,
    run: null,
  }
  for (const [place, kind] of changes.entries()) addChange(order, kind, place + 2)
  return order
}
export const openOrders = () => createOrderBook(EXAMPLES, createOrder)

/** `value` reduced to `paths`; rows keep their id (recorded: get-200-fields-by-name). */
const narrow = (value: unknown, paths: readonly (readonly string[])[]): unknown => {
  if (Array.isArray(value)) return value.map((one) => narrow(one, [...paths, ['id']]))
  if (typeof value !== 'object' || value === null || paths.some(([head]) => head === undefined))
    return value
  const told = Object.entries(value).flatMap(([name, inner]) => {
    const deeper = paths.filter(([head]) => head === name).map(([, ...rest]) => rest)
    return deeper.length > 0 ? [[name, narrow(inner, deeper)]] : []
  })
  return Object.fromEntries(told)
}

/** core-flows 2.21.2 `getLastPaymentStatus`, for the one collection that there is. */
const paymentStatus = ({
  told: {
    payment_collections: [collection],
  },
}: Order): string => {
  if (!collection) return 'not_paid'
  const { captured_amount: captured, refunded_amount: refunded, amount, status } = collection
  if (refunded > 0) return refunded === captured ? 'refunded' : 'partially_refunded'
  if (captured === 0) return status
  return captured === amount && status !== 'canceled' ? 'captured' : 'partially_captured'
}

const { admin, list, read, store } = recorded.fields
const ROUTES = {
  /** Without the two statuses, whatever is asked (recorded: cancel-query-fields). */
  deed: { usual: admin, always: [], statuses: false },
  /** With what the statuses are computed from (recorded: get-200-fields-only). */
  get: { usual: admin, always: read, statuses: true },
  /** Recorded: transfer-cancel-200. */
  store: { usual: store, always: read, statuses: true },
  /** Recorded: list-200-canceled. */
  list: { usual: list, always: ['id', 'status', 'version', 'items'], statuses: true },
} as const

/**
 * The order as a route tells it. Of `fields`, `+a` and `*relation` add to the usual, one bare name
 * replaces it; unknown ones are ignored.
 */
export const tell = (order: Order, route: keyof typeof ROUTES, fields = ''): Fields => {
  const { usual, always, statuses } = ROUTES[route]
  const wishes = fields.split(',')
  const names = [...(wishes.some((wish) => /^\w/.test(wish)) ? [] : usual), ...always, ...wishes]
  const paths = names.map((name) => name.replace(/^[+* ]/, '').split('.'))
  // The recorded order's id stands in its lines, too.
  const text = JSON.stringify(narrow(order.told, paths), (_, one: unknown) =>
    one === recorded.order.id ? order.id : one,
  )
  return {
    ...JSON.parse(text),
    ...(statuses && {
      payment_status: paymentStatus(order),
      fulfillment_status: order.example.fulfillment ?? 'not_fulfilled',
    }),
  }
}
