/**
 * The orders of an imitated Wix site, so that a cancel changes something that a later read can see.
 */

/**
 * `catalogReference.appId` of Wix Stores: `restockAllItems` reaches no other catalog.
 * Source (as everywhere here: a page of dev.wix.com): Orders API, "Cancel Order".
 */
export const WIX_STORES_APP_ID = '215238eb-22a5-4c36-9e7b-e7c08025e04e'
/** Stands for any other app that brings a catalog of its own. */
const WORKSHOPS_APP_ID = '3f0c5b1e-0000-4000-8000-00000000ca7a'

const SLOW_MS = 1_500
const LATE_MS = 4_000
const FIRST_NUMBER = 10_101

/**
 * Money as Wix writes it: a decimal string whose digits are not normalised ("10", "10.0", "10.00").
 */
interface Price {
  readonly amount: string
  readonly formattedAmount: string
}

/**
 * `type` gives way to `activityType`; older entries have only the former. Source: Orders API,
 * "Order Object".
 */
interface Activity {
  readonly id: string
  readonly createdDate: string
  readonly type?: string
  readonly activityType?: string
  readonly merchantComment?: { readonly message: string }
}

interface LineItem {
  readonly id: string
  readonly catalogReference: { readonly catalogItemId: string; readonly appId: string }
  readonly quantity: number
  restockQuantity: number
  readonly [more: string]: unknown
}

/** Only what a cancel changes or decides by is spelled out. Source: Orders API, "Order Object". */
export interface Order {
  readonly id: string
  readonly number: string
  readonly createdDate: string
  updatedDate: string
  status: 'INITIALIZED' | 'APPROVED' | 'CANCELED' | 'PENDING' | 'REJECTED'
  readonly paymentStatus: 'NOT_PAID' | 'PAID' | 'PARTIALLY_PAID' | 'PENDING' | 'DECLINED'
  readonly fulfillmentStatus: 'NOT_FULFILLED' | 'FULFILLED' | 'PARTIALLY_FULFILLED'
  readonly balanceSummary: Readonly<
    Record<'balance' | 'paid' | 'refunded' | 'authorized' | 'pendingRefund' | 'pending', Price>
  >
  readonly lineItems: readonly LineItem[]
  readonly activities: Activity[]
  readonly [more: string]: unknown
}

interface Payment {
  readonly id: string
  readonly createdDate: string
  readonly updatedDate: string
  readonly amount: Price
  readonly refundDisabled: boolean
  readonly status: 'APPROVED' | 'AUTHORIZED' | 'PENDING' | 'DECLINED'
  readonly regularPaymentDetails: {
    readonly offlinePayment: boolean
    readonly status: Payment['status']
  }
}

export interface Entry {
  readonly order: Order
  readonly payments: readonly Payment[]
  /** How long the site is busy with a cancel of this order. */
  readonly processingMs: number
}

/**
 * One state an order can be in; `paid`, `authorized` and `pending` are parts of its total of 49.90.
 */
interface State extends Partial<Pick<Order, 'status' | 'paymentStatus' | 'fulfillmentStatus'>> {
  readonly id: string
  readonly says: string
  readonly paid?: string
  readonly authorized?: string
  readonly pending?: string
  readonly balance?: string
  readonly otherCatalog?: boolean
  readonly processingMs?: number
}

const PAID = { paymentStatus: 'PAID', paid: '49.9', balance: '0' } as const

/**
 * What each status means: Orders API, "Order Object". That a hold reads as APPROVED with a PENDING
 * payment is inferred from the words on `paymentStatus` there ("two-step payments"), the rest is
 * documented.
 */
export const STATES: readonly State[] = [
  { id: 'open', says: 'To be paid offline, nothing shipped.' },
  { id: 'paid', says: 'Paid in full: a cancel leaves the money where it is.', ...PAID },
  {
    id: 'authorized',
    says: 'A card is held, not charged: refused while it is.',
    paymentStatus: 'PENDING',
    authorized: '49.90',
  },
  {
    id: 'pending',
    says: 'Its payment is in process: refused for now.',
    status: 'PENDING',
    paymentStatus: 'PENDING',
    pending: '49.90',
  },
  {
    id: 'rejected',
    says: 'Its pending payment failed: refused for good.',
    status: 'REJECTED',
    paymentStatus: 'DECLINED',
  },
  {
    id: 'fulfilled',
    says: 'Shipped already, which Wix does not mind.',
    ...PAID,
    fulfillmentStatus: 'FULFILLED',
  },
  { id: 'canceled', says: 'Canceled before, never refunded.', ...PAID, status: 'CANCELED' },
  {
    id: 'initialized',
    says: 'Checkout not finished: found by id, not by number.',
    status: 'INITIALIZED',
  },
  {
    id: 'mixed-catalog',
    says: 'One of two items is from Wix Stores: only that one is restocked.',
    ...PAID,
    otherCatalog: true,
  },
  {
    id: 'partially-paid',
    says: 'A deposit is paid: a cancel keeps it.',
    paymentStatus: 'PARTIALLY_PAID',
    paid: '20.0',
    balance: '29.90',
  },
  { id: 'slow', says: 'A cancel takes a second and a half.', ...PAID, processingMs: SLOW_MS },
  {
    id: 'late',
    says: 'A cancel takes four seconds and lands even if nobody waits.',
    ...PAID,
    processingMs: LATE_MS,
  },
]
const LONGEST_FIRST = STATES.toSorted((a, b) => b.id.length - a.id.length)

const price = (amount: string): Price => ({
  amount,
  formattedAmount: `€${Number(amount).toFixed(2)}`,
})

function lineItem(
  position: number,
  name: string,
  appId: string,
  quantity: number,
  each: string,
  together: string,
): LineItem {
  return {
    id: `00000000-0000-4000-8000-00000000000${position}`,
    productName: { original: name, translated: name },
    catalogReference: { catalogItemId: `7e570000-0000-4000-8000-00000000000${position}`, appId },
    quantity,
    refundQuantity: 0,
    restockQuantity: 0,
    itemType: { preset: appId === WIX_STORES_APP_ID ? 'PHYSICAL' : 'SERVICE' },
    price: price(each),
    priceBeforeDiscounts: price(each),
    totalDiscount: price('0'),
    totalPriceBeforeTax: price(together),
    totalPriceAfterTax: price(together),
    paymentOption: 'FULL_PAYMENT_ONLINE',
  }
}

function createOrder(
  id: string,
  state: State,
  number: string,
  createdDate: string,
  newId: () => string,
): Order {
  const activity = (type: string): Activity => ({ id: newId(), createdDate, type })
  return {
    id,
    number,
    createdDate,
    updatedDate: createdDate,
    status: state.status ?? 'APPROVED',
    paymentStatus: state.paymentStatus ?? 'NOT_PAID',
    fulfillmentStatus: state.fulfillmentStatus ?? 'NOT_FULFILLED',
    currency: 'EUR',
    buyerLanguage: 'en',
    buyerInfo: { contactId: 'b0b00000-0000-4000-8000-000000000001', email: 'buyer@shop.example' },
    lineItems: [
      lineItem(1, 'Linen apron', WIX_STORES_APP_ID, 1, '32.50', '32.5'),
      state.otherCatalog
        ? lineItem(2, 'Seat at the candle workshop', WORKSHOPS_APP_ID, 2, '6.25', '12.5')
        : lineItem(2, 'Beeswax candle', WIX_STORES_APP_ID, 2, '6.25', '12.50'),
    ],
    priceSummary: {
      subtotal: price('45'),
      shipping: price('4.9'),
      tax: price('0.0'),
      discount: price('0'),
      total: price('49.90'),
      totalAdditionalFees: price('0.00'),
    },
    balanceSummary: {
      balance: price(state.balance ?? '49.90'),
      paid: price(state.paid ?? '0'),
      refunded: price('0'),
      authorized: price(state.authorized ?? '0'),
      pendingRefund: price('0'),
      pending: price(state.pending ?? '0'),
    },
    activities: [
      activity('ORDER_PLACED'),
      ...(state.status === 'CANCELED' ? [activity('ORDER_CANCELED')] : []),
    ],
    channelInfo: { type: 'WEB' },
    archived: false,
    seenByAHuman: true,
  }
}

/** Source: Order Transactions API, "List Transactions For Single Order". */
function createPayments(order: Order, newId: () => string): Payment[] {
  const { paid, authorized, pending, balance } = order.balanceSummary
  const payment = (status: Payment['status'], amount: Price): Payment => ({
    id: newId(),
    createdDate: order.createdDate,
    updatedDate: order.createdDate,
    amount,
    refundDisabled: false,
    status,
    regularPaymentDetails: { offlinePayment: false, status },
  })
  return [
    ...(Number(paid.amount) > 0 ? [payment('APPROVED', paid)] : []),
    ...(Number(authorized.amount) > 0 ? [payment('AUTHORIZED', authorized)] : []),
    ...(Number(pending.amount) > 0 ? [payment('PENDING', pending)] : []),
    ...(order.paymentStatus === 'DECLINED' ? [payment('DECLINED', balance)] : []),
  ]
}

/**
 * A site with one order in every state; `<state>-<anything>` and `<state>_<anything>` come into
 * being when asked for.
 */
export function createOrders() {
  const entries = new Map<string, Entry>()
  let ids = 0
  const newId = (): string => `1d000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`

  const add = (id: string, state: State, createdDate: Date): Entry => {
    const order = createOrder(
      id,
      state,
      String(FIRST_NUMBER + entries.size),
      createdDate.toISOString(),
      newId,
    )
    const entry = {
      order,
      payments: createPayments(order, newId),
      processingMs: state.processingMs ?? 0,
    }
    entries.set(id, entry)
    return entry
  }
  for (const [minute, state] of STATES.entries())
    add(state.id, state, new Date(Date.UTC(2026, 4, 4, 9, minute)))

  return {
    find(id: string): Entry | undefined {
      const state = LONGEST_FIRST.find(
        (one) => id.startsWith(one.id) && /^[-_]./s.test(id.slice(one.id.length)),
      )
      return entries.get(id) ?? (state && add(id, state, new Date()))
    },

    /**
     * Newest first and never an INITIALIZED one. Source: Orders API, "Search Orders" and "Supported
     * Filters and Sorting".
     */
    search(matches: (order: Order) => boolean): Order[] {
      const oldestFirst = [...entries.values()].map((entry) => entry.order)
      return oldestFirst
        .toReversed()
        .filter((order) => order.status !== 'INITIALIZED' && matches(order))
    },

    /**
     * Never touches money. A repeat does everything again, the worst it could do: what Wix does is
     * not documented.
     */
    cancel(order: Order, restockAllItems: boolean): void {
      const now = new Date().toISOString()
      order.status = 'CANCELED'
      order.updatedDate = now
      order.activities.push({
        id: newId(),
        createdDate: now,
        type: 'ORDER_CANCELED',
        activityType: 'ORDER_CANCELED',
      })
      for (const item of order.lineItems) {
        if (restockAllItems && item.catalogReference.appId === WIX_STORES_APP_ID)
          item.restockQuantity += item.quantity
      }
    },

    /** Source: Orders API, "Add Activities". */
    comment(order: Order, messages: readonly string[]): string[] {
      const now = new Date().toISOString()
      const kind = { type: 'MERCHANT_COMMENT', activityType: 'MERCHANT_COMMENT' }
      const added = messages.map((message): Activity => ({
        id: newId(),
        createdDate: now,
        ...kind,
        merchantComment: { message },
      }))
      order.activities.push(...added)
      order.updatedDate = now
      return added.map((activity) => activity.id)
    },
  }
}
