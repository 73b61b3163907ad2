/**
 * The purchases a pretended Mercur opens with: one payment, an order per seller, each as a real one
 * told it (recorded: v1- and v2-admin-order-get, v1-vendor-order-get, v1-admin-set-get), and what
 * changes on them.
 */
import purchases from './purchases.json' with { type: 'json' }
import recorded from './recorded.json' with { type: 'json' }

/** 1 = Mercur 1.5.3 on Medusa 2.11.3, 2 = Mercur 2.1.5 on Medusa 2.13.4. */
export type Version = '1' | '2'
export type Fields = Readonly<Record<string, unknown>>

const { alpha, beta } = recorded.orders
const { captured, authorized } = recorded.collections
const PAYMENT_ID = captured.payments[0]?.id ?? ''

interface Told extends Omit<typeof alpha, 'metadata' | 'credit_lines'> {
  metadata: Fields | null
  credit_lines: readonly Fields[]
}
interface Collection extends Omit<typeof captured, 'payments'> {
  readonly payments: readonly [
    {
      readonly id: string
      readonly captured_at: string | null
      canceled_at: string | null
      refunds: readonly Fields[]
    },
  ]
}
interface Change extends Fields {
  status: string
  readonly actions: readonly { readonly reference_id: string | null }[]
}
export interface Purchase {
  readonly id: string
  readonly orders: Order[]
  readonly collection: Collection
  readonly payment: Collection['payments'][0]
}
export interface Order {
  readonly id: string
  readonly purchase: Purchase
  readonly told: Told
  changes: readonly Change[]
}

interface Scene {
  /** Ids, and what to know before canceling. The first is alpha's, the second beta's. */
  readonly orders: Readonly<Record<string, string>>
  readonly captured?: boolean
  readonly only?: string
  readonly differs?: Fields
  readonly change?: string
  readonly canceled?: boolean
}

export const owner = { id: alpha.customer_id, email: alpha.email }
export const recipient = { id: 'cus_sandbox_dave', email: 'dave@sandbox.test' }
export const sellers = { alpha: alpha.seller.id, beta: beta.seller.id }

export const now = (): string => new Date().toISOString()
/** A recorded piece, with other words and numbers in the place of its own. */
const copy = <T>(piece: unknown, own: Readonly<Record<string, string | number>>): T =>
  JSON.parse(
    JSON.stringify(piece, (_, one: unknown) =>
      typeof one === 'object' ? one : (own[String(one)] ?? one),
    ),
  ) as T

/** Recorded on Medusa 2.21.2: transfer-changes, order-changes-after, order-changes-cancel-type. */
export const openChange = (order: Order, kind: string): Change => {
  const change = recorded.changes[kind as keyof typeof recorded.changes]
  const version = order.told.version + 1
  const opened = { ...copy<Change>(change, { [alpha.id]: order.id }), version }
  order.changes = [...order.changes, opened]
  return opened
}
export const isOpen = ({ status }: Change): boolean => status !== 'confirmed'

export const refundable = ({ payment, collection }: Purchase): number =>
  payment.captured_at === null ? 0 : collection.amount - collection.refunded_amount
export const voidPayment = ({ payment }: Purchase): void => {
  payment.canceled_at ??= now()
}
/** An order's summary follows what is booked on it, which need not be all that happened. */
const book = ({ told: { summary } }: Order, amount: number): void => {
  summary.transaction_total += amount
  summary.pending_difference -= amount
  summary[amount > 0 ? 'paid_total' : 'refunded_total'] += Math.abs(amount)
}
export const refund = (order: Order, amount: number, isBooked: boolean): void => {
  const { collection, payment } = order.purchase
  const own = { [PAYMENT_ID]: payment.id }
  payment.refunds = [...payment.refunds, { ...copy<Fields>(recorded.rows.refund, own), amount }]
  collection.refunded_amount += amount
  if (isBooked) book(order, -amount)
}
export const close = ({ told }: Order): void => {
  Object.assign(told, { status: 'canceled', canceled_at: now(), updated_at: now() })
}
/** Medusa's own last step. */
export const closeWithCredit = (order: Order, amount: number): void => {
  const { id, told, purchase } = order
  const { summary } = told
  const own = { [alpha.id]: id, [captured.id]: purchase.collection.id }
  const row = { ...copy<Fields>(recorded.rows.credit_line, own), amount }
  told.credit_lines = [...told.credit_lines, { ...row, subtotal: amount, total: amount }]
  told.version += 1
  told.total -= amount
  told.credit_line_total += amount
  told.credit_line_subtotal += amount
  summary.credit_line_total += amount
  summary.accounting_total -= amount
  summary.current_order_total -= amount
  summary.pending_difference -= amount
  purchase.collection.status = 'canceled'
  close(order)
}
/** Mercur 1's: its own part of the payment (`split_order_payment`), and no credit line. */
export const refundPart = (order: Order): void => {
  const { split_order_payment: part, original_total: amount } = order.told
  refund(order, amount, true)
  Object.assign(part, { status: 'refunded', refunded_amount: amount })
  close(order)
}

const openPurchase = (scene: Scene, name: string, version: Version): Purchase => {
  // 1.5.3 captures every payment as the order is placed (v1-observations, "fresh purchase").
  const from = version === '1' || scene.captured ? captured : authorized
  const collection = copy<Collection>(from, {
    [captured.id]: `pay_col_${name}`,
    [PAYMENT_ID]: `pay_${name}`,
    [captured.amount]: Object.keys(scene.orders).length > 1 ? captured.amount : alpha.total,
  })
  const id = `${version === '1' ? 'ordset' : 'og'}_${name}`
  return { id, orders: [], collection, payment: collection.payments[0] }
}
/** What happened to the order before anybody looks. */
const prepare = (order: Order, { change, canceled }: Scene, version: Version): void => {
  if (change) openChange(order, change)
  if (!canceled) return
  if (version === '1') return refundPart(order)
  voidPayment(order.purchase)
  closeWithCredit(order, 0)
}

export const createOrders = (version: Version) => {
  const orders = new Map<string, Order>()
  const bought = new Map<string, Purchase>()
  const scenes = Object.entries<Scene>(purchases).filter(
    ([, { only }]) => (only ?? version) === version,
  )
  const examples = scenes.flatMap(([, scene]) =>
    Object.entries(scene.orders).map(([id, says]) => ({ id, says })),
  )
  const open = (name: string, scene: Scene, suffix: string) => {
    const purchase = openPurchase(scene, name + suffix, version)
    bought.set(purchase.id, purchase)
    for (const [place, example] of Object.keys(scene.orders).entries()) {
      const id = example + suffix
      const from = place === 0 ? alpha : beta
      const own = { [from.id]: id, [captured.id]: purchase.collection.id }
      const told = Object.assign(copy<Told>(from, own), scene.differs, {
        display_id: orders.size + 1,
        created_at: now(),
        updated_at: now(),
      })
      const order: Order = { id, purchase, told, changes: [] }
      orders.set(id, order)
      purchase.orders.push(order)
      // The whole capture is booked on one order of the purchase (v1-observations).
      if (place === 0) book(order, purchase.collection.captured_amount)
      prepare(order, scene, version)
    }
  }
  for (const [name, scene] of scenes) open(name, scene, '')

  const find = (id: string): Order | undefined => {
    const [example = ''] = examples
      .map((one) => one.id)
      .filter((one) => id.startsWith(one) && /^[-_]./s.test(id.slice(one.length)))
      .sort((one, other) => other.length - one.length)
    const [name = '', scene] = scenes.find(([, one]) => example in one.orders) ?? []
    if (scene && !orders.has(id)) open(name, scene, id.slice(example.length))
    return orders.get(id)
  }
  return { orders, purchases: bought, examples, find }
}
