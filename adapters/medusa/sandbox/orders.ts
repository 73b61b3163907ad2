/**
 * The orders of the imitated Medusa: one example per state that a canceler can meet, and any number
 * more of each on demand.
 */

/** Who acts; Medusa's names. A login of the wrong kind gets a token for nobody: `id` is empty. */
export interface Actor {
  readonly type: 'api-key' | 'user' | 'customer'
  readonly id: string
}

export type Fields = Record<string, unknown>

/** A capture, refund, credit line or transaction. */
export interface Entry {
  readonly id: string
  readonly amount: number
  readonly at: string
  /** Who made it; of a transaction: what it books. */
  readonly from: string
  readonly version: number
}

/**
 * A payment and the collection around it; Medusa keeps the amounts of both, and after a crash or a
 * race they differ.
 */
interface Payment {
  readonly amount: number
  readonly captures: readonly Entry[]
  readonly refunds: Entry[]
  voidedAt: string | null
  collectionStatus: 'authorized' | 'completed' | 'canceled'
  collectionRefunded: number
  completedAt: string | null
}

export interface Change extends Fields {
  readonly change_type: 'edit' | 'transfer' | 'update_order' | 'credit_line' | null
  readonly status: 'pending' | 'requested' | 'confirmed'
  readonly actions: readonly { readonly action: string; readonly reference_id: string | null }[]
}

interface State {
  readonly says: string
  readonly status?: 'completed' | 'archived' | 'draft' | 'canceled'
  readonly captured?: number
  readonly refunded?: number
  readonly fulfilled?: 'packed' | 'shipped' | 'delivered' | 'canceled'
  readonly guest?: true
  readonly change?: 'edit' | 'transfer'
  /** The payment provider says no to the refund or the void. */
  readonly refuses?: true
  readonly providerMs?: number
  /** Somebody opens an order edit while the cancel is at work. */
  readonly opensEdit?: true
}

/** A cancel at work, with how many callers share it. */
export interface Run {
  readonly startedAt: number
  callers: number
  done: Promise<void>
}

export interface Order {
  readonly id: string
  /** The tail of all ids inside this order. */
  readonly serial: string
  readonly displayId: number
  readonly customerId: string
  readonly createdAt: string
  readonly quantity: number
  readonly payment: Payment | null
  readonly fulfilled: State['fulfilled']
  readonly credits: Entry[]
  readonly transactions: Entry[]
  readonly providerMs: number
  readonly refuses: boolean
  opensEdit: boolean
  changes: Change[]
  status: 'pending' | 'completed' | 'archived' | 'draft' | 'canceled'
  email: string
  version: number
  updatedAt: string
  canceledAt: string | null
  metadata: Fields | null
  /** How many times the line item and the shipping are listed: 2 after two cancels at once. */
  listed: number
  run: Run | null
}

const UNIT = 19.99
const SHIPPING = 7.5
const TAX = 0.0825
/**
 * 2 × 19.99 + 7.50, plus 8.25 % tax: Medusa does not round to cents (recorded: get-200-default).
 */
const TOTAL = 51.3971

export const EXAMPLES: Readonly<Record<string, State>> = {
  order_open: {
    says: 'Pending; 51.3971 USD authorized, not captured: canceling voids the payment.',
  },
  order_paid: { captured: TOTAL, says: 'Pending and paid: canceling refunds 51.3971 USD.' },
  order_authorized: { guest: true, says: 'Like order_open, but ordered by a guest.' },
  'order_partially-paid': {
    captured: 5,
    says: 'Pending; 5.00 of 51.3971 USD captured: canceling refunds these 5.00.',
  },
  'order_partially-refunded': {
    captured: TOTAL,
    refunded: 5,
    says: 'Paid, 5.00 USD refunded already: canceling refunds the other 46.3971.',
  },
  order_refunded: {
    captured: TOTAL,
    refunded: TOTAL,
    says: 'Paid and fully refunded, still pending: canceling moves no money.',
  },
  order_fulfilled: {
    fulfilled: 'packed',
    says: 'Packed: refused until the fulfillment is canceled.',
  },
  order_shipped: { fulfilled: 'shipped', says: 'Shipped: refused.' },
  order_delivered: { fulfilled: 'delivered', says: 'Delivered: refused.' },
  'order_fulfillment-canceled': {
    fulfilled: 'canceled',
    says: 'Its only fulfillment was canceled, so it can be canceled.',
  },
  order_completed: { status: 'completed', says: 'Completed: refused.' },
  order_archived: { status: 'archived', says: 'Archived: canceled all the same.' },
  order_draft: { status: 'draft', says: 'A draft without payment: canceled all the same.' },
  order_canceled: { status: 'canceled', says: 'Canceled before: a second cancel is refused.' },
  'order_open-change': {
    captured: TOTAL,
    change: 'edit',
    says: 'Paid, with an order edit pending: Medusa refunds, then answers 400 and leaves it open.',
  },
  order_transfer: {
    guest: true,
    change: 'transfer',
    says: 'A customer asked for its transfer: Medusa voids the payment, then answers 400.',
  },
  'order_refund-refused': {
    captured: TOTAL,
    refuses: true,
    says: 'The payment provider refuses the refund; Medusa cancels and answers 200.',
  },
  'order_void-refused': {
    refuses: true,
    says: 'The payment provider refuses the void; Medusa cancels and answers 200.',
  },
  order_slow: {
    captured: TOTAL,
    providerMs: 1500,
    says: 'Paid; the payment provider takes 1.5 s to refund.',
  },
  order_late: {
    providerMs: 4000,
    says: 'Authorized; the void takes 4 s, goes on without the client, and lands.',
  },
  'order_400-after-refund': {
    captured: TOTAL,
    opensEdit: true,
    says: 'Paid; an edit is opened in mid-cancel: refunded, then 400, still open.',
  },
}

/** Customers of the shop; all have the same password. */
export const CUSTOMER_PASSWORD = 'customer-password'
export const ada = { id: 'cus_01SANDBOX0000000000000ADA1', email: 'ada@sandbox.test' }
export const grace = { id: 'cus_01SANDBOX000000000000GRACE', email: 'grace@sandbox.test' }
export const guest = { id: 'cus_01SANDBOX000000000000GUEST', email: 'guest@sandbox.test' }
export const SECRET_KEY_ID = 'apk_01SANDBOX00000000000000KEY'
export const USER_ID = 'user_01SANDBOX00000000000000BOB'
export const customerOf = (order: Order) =>
  [ada, grace].find(({ id }) => id === order.customerId) ?? guest

export const round = (amount: number): number => Number(amount.toFixed(6))
export const sum = (entries: readonly { readonly amount: number }[]): number =>
  round(entries.reduce((all, { amount }) => all + amount, 0))
export const now = (): string => new Date().toISOString()
/** 26 characters like Medusa's own ids (ULID: time, then chance). */
const ulid = (): string => {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  const time = Array.from(
    { length: 10 },
    (_, place) => alphabet[Math.floor(Date.now() / 32 ** (9 - place)) % 32],
  )
  const chance = Array.from(
    crypto.getRandomValues(new Uint8Array(16)),
    (byte) => alphabet[byte % 32],
  )
  return [...time, ...chance].join('')
}
export const entry = (
  prefix: string,
  amount: number,
  version: number,
  from = SECRET_KEY_ID,
): Entry => ({ id: `${prefix}_${ulid()}`, amount, at: now(), from, version })

/** The order's prices, before captures, refunds and credit lines. */
export const pricesOf = (order: Order) => {
  const items = round(UNIT * order.quantity)
  const prices = {
    unit: UNIT,
    rate: TAX * 100,
    items,
    itemTax: round(items * TAX),
    shipping: SHIPPING,
    shippingTax: round(SHIPPING * TAX),
  }
  return {
    ...prices,
    net: round(items + SHIPPING),
    total: round(items + prices.itemTax + SHIPPING + prices.shippingTax),
  }
}
/**
 * What was captured, what was paid and refunded according to the bookkeeping, and what is credited.
 */
export const sumsOf = (order: Order) => ({
  captured: sum(order.payment?.captures ?? []),
  paid: sum(order.transactions.filter(({ amount }) => amount > 0)),
  refunded: -sum(order.transactions.filter(({ amount }) => amount < 0)),
  credited: sum(order.credits),
  lastCredit: order.credits.at(-1)?.amount ?? 0,
})

/** Recorded: transfer-changes, order-changes-after; an edit: measured on 2.21.2. */
export const change = (
  order: Order,
  type: Change['change_type'],
  status: Change['status'],
  action: Fields | null,
  more: Fields = {},
): Change => {
  const id = `ordch_${ulid()}`
  const parents = { return_id: null, claim_id: null, exchange_id: null }
  const applied = status === 'confirmed'
  const common = {
    order_id: order.id,
    ...parents,
    version: type === 'update_order' ? order.version : order.version + 1,
    internal_note: null,
    created_at: now(),
    updated_at: now(),
  }
  const step = action && {
    id: `ordchact_${ulid()}`,
    ...common,
    ordering: order.changes.length + 1,
    action: '',
    reference: null,
    reference_id: null,
    details: {},
    applied,
    order_change_id: id,
    raw_amount: null,
    deleted_at: null,
    amount: null,
    ...action,
  }
  return {
    id,
    ...common,
    change_type: type,
    status,
    description: null,
    created_by: null,
    requested_by: null,
    requested_at: null,
    confirmed_by: null,
    confirmed_at: applied ? now() : null,
    declined_by: null,
    declined_reason: null,
    declined_at: null,
    canceled_by: null,
    canceled_at: null,
    metadata: null,
    carry_over_promotions: null,
    no_notification: null,
    ...more,
    actions: step ? [step] : [],
  }
}
const creditLine = (order: Order, amount: number): Change =>
  change(order, 'credit_line', 'confirmed', {
    action: 'CREDIT_LINE_ADD',
    reference: 'payment_collection',
    reference_id: order.payment && `pay_col_${order.serial}`,
    amount,
    raw_amount: { value: String(amount), precision: 20 },
  })
export const edit = (order: Order): Change => change(order, 'edit', 'pending', null)
const transfer = (order: Order): Change =>
  change(
    order,
    'transfer',
    'requested',
    {
      action: 'TRANSFER_CUSTOMER',
      reference: 'customer',
      reference_id: ada.id,
      details: { token: crypto.randomUUID(), original_email: order.email },
    },
    { description: 'it is mine', created_by: ada.id, requested_by: ada.id, requested_at: now() },
  )
/** Measured; their `change_type` is null. */
const FULFILLING = {
  packed: ['FULFILL_ITEM'],
  shipped: ['FULFILL_ITEM', 'SHIP_ITEM'],
  delivered: ['FULFILL_ITEM', 'SHIP_ITEM', 'DELIVER_ITEM'],
  canceled: ['FULFILL_ITEM', 'CANCEL_ITEM_FULFILLMENT'],
} as const
const fulfill = (order: Order, action: string): Change =>
  change(
    order,
    null,
    'confirmed',
    {
      action,
      reference: 'fulfillment',
      reference_id: `ful_${order.serial}`,
      details: { quantity: order.quantity, reference_id: `ordli_${order.serial}` },
    },
    { created_by: action === 'FULFILL_ITEM' || action === 'SHIP_ITEM' ? USER_ID : null },
  )

/** What blocks a cancel after the money has moved: an edit begun or a transfer asked for. */
export const activeChange = (order: Order): Change | undefined =>
  order.changes.find(({ status }) => status !== 'confirmed')

/**
 * The last step of a cancel; two at once each write their own copy (recorded:
 * concurrent-authorized.after-get).
 */
export const close = (order: Order, credit: number, times: number): void => {
  for (let time = 0; time < times; time++) {
    order.changes.push(creditLine(order, credit))
    order.credits.push(entry('ordcl', credit, order.version + 1))
  }
  if (order.payment) order.payment.collectionStatus = 'canceled'
  Object.assign(order, {
    version: order.version + 1,
    status: 'canceled',
    canceledAt: now(),
    updatedAt: now(),
    listed: times,
  })
}

export const createOrder = (state: State, id: string, displayId: number): Order => {
  const { captured = 0, refunded = 0, status, fulfilled } = state
  const customer = state.guest ? guest : ada
  const captures = captured > 0 ? [entry('capt', captured, 1)] : []
  const refunds = refunded > 0 ? [entry('ref', refunded, 1)] : []
  const whole = captured === TOTAL
  const order: Order = {
    id,
    displayId,
    serial: ulid(),
    customerId: customer.id,
    email: customer.email,
    createdAt: now(),
    updatedAt: now(),
    canceledAt: null,
    quantity: status === 'draft' ? 1 : 2,
    metadata: null,
    status: status === 'canceled' ? 'pending' : (status ?? 'pending'),
    fulfilled,
    payment:
      status === 'draft'
        ? null
        : {
            amount: TOTAL,
            captures,
            refunds,
            voidedAt: null,
            collectionRefunded: refunded,
            collectionStatus: whole ? 'completed' : 'authorized',
            completedAt: whole ? now() : null,
          },
    transactions: [
      ...captures.map((line) => entry('ordtrx', line.amount, 1, line.id)),
      ...refunds.map((line) => entry('ordtrx', -line.amount, 1, line.id)),
    ],
    credits: refunds.map(({ amount }) => entry('ordcl', amount, 2)),
    version: 1,
    // `order_paid_250ms` is an order_paid whose payment provider takes 250 ms.
    providerMs: Number(/[-_](\d{1,5})ms$/.exec(id)?.[1] ?? state.providerMs ?? 0),
    refuses: state.refuses ?? false,
    opensEdit: state.opensEdit ?? false,
    changes: [],
    listed: 1,
    run: null,
  }
  const happen = (made: Change) => {
    order.changes.push(made)
    order.version += 1
  }
  for (const action of fulfilled ? FULFILLING[fulfilled] : []) happen(fulfill(order, action))
  if (refunded > 0) happen(creditLine(order, refunded))
  if (state.change) order.changes.push(state.change === 'edit' ? edit(order) : transfer(order))
  if (status === 'canceled') {
    if (order.payment) order.payment.voidedAt = now()
    close(order, 0, 1)
  }
  return order
}
