/**
 * The purchases a pretended Mercur opens with: one payment, an order per seller, so that what
 * cancels share can be seen.
 */
import type { Example } from '../../../src/adapter/sandbox.ts'

/** 1 = Mercur 1.5.3 on Medusa 2.11.3, 2 = Mercur 2.1.5 on Medusa 2.13.4. */
export type Version = '1' | '2'

export interface Seller {
  readonly id: string
  readonly name: string
}

export interface Change {
  readonly type: 'transfer' | 'edit' | 'update_order' | 'credit_line'
  status: 'pending' | 'requested' | 'confirmed'
  readonly version: number
  readonly by: string | null
  readonly at: string
  readonly action: {
    readonly name: string
    readonly reference: string
    readonly referenceId: string
  } | null
}

export interface Payment {
  readonly id: string
  readonly collectionId: string
  readonly amount: number
  /** The collection's status, which a refund alone does not change. */
  status: 'authorized' | 'completed' | 'canceled'
  readonly capturedAt: string | null
  canceledAt: string | null
  readonly refunds: { readonly amount: number; readonly by: string | null; readonly at: string }[]
}

export interface Purchase {
  readonly id: string
  readonly number: number
  readonly at: string
  readonly orders: Order[]
  readonly payment: Payment
}

export interface Order {
  readonly id: string
  readonly number: number
  readonly seller: Seller
  readonly purchase: Purchase
  readonly at: string
  readonly unitPrice: number
  readonly shipping: number
  status: 'pending' | 'completed' | 'canceled'
  version: number
  updatedAt: string
  canceledAt: string | null
  fulfilledAt: string | null
  metadata: Record<string, unknown> | null
  /** Mercur 1: what its own part of the shared payment (`split_order_payment`) has given back. */
  splitRefunded: number
  changes: Change[]
  readonly credits: { readonly amount: number; readonly at: string }[]
  /** Booked capture and refunds; `summed` is false where the order's summary never hears of it. */
  readonly transactions: {
    readonly amount: number
    readonly at: string
    readonly summed: boolean
  }[]
}

export const sellers = {
  alpha: { id: 'sel_sandbox_alpha', name: 'alpha store' },
  beta: { id: 'sel_sandbox_beta', name: 'beta store' },
} as const satisfies Record<string, Seller>

export const owner = {
  id: 'cus_sandbox_carol',
  email: 'carol@sandbox.test',
  first_name: 'Carol',
} as const
export const recipient = {
  id: 'cus_sandbox_dave',
  email: 'dave@sandbox.test',
  first_name: 'Dave',
} as const

export const ordered = (order: Order): number => order.unitPrice * 2 + order.shipping
export const sum = (list: readonly { readonly amount: number }[]): number =>
  list.reduce((all, one) => all + one.amount, 0)
export const isOpen = (change: Change): boolean => change.status !== 'confirmed'

export const now = (): string => new Date().toISOString()

interface Scene {
  readonly name: string
  readonly orders: Readonly<Record<string, string>>
  readonly captured?: true
  readonly only?: Version
  readonly prepare?: (order: Order, version: Version) => void
}

export const openChange = (
  order: Order,
  change: Pick<Change, 'type' | 'status' | 'by' | 'action'>,
): Change => {
  const opened = { ...change, version: order.version + 1, at: now() }
  order.changes.push(opened)
  return opened
}

// What a purchase looks like when it is opened; 1.5.3 captures every payment as the order is placed
// (v1-observations, "fresh purchase").
const scenes: readonly Scene[] = [
  {
    name: 'open',
    orders: {
      order_open:
        'One seller, just placed: canceling voids the authorization, or refunds it on 1.x, ' +
        'which captures at once.',
    },
  },
  {
    name: 'paid',
    orders: { order_paid: 'One seller, captured: canceling refunds 45.00 EUR.' },
    captured: true,
  },
  {
    name: 'shared',
    captured: true,
    orders: {
      'order_shared-a':
        'Its 45.00 and a sibling of 66.00 EUR share one captured payment: only the 1.x vendor ' +
        'route refunds this part alone.',
      'order_shared-b':
        'The sibling: another seller owns it, the same payment of 111.00 EUR paid for it.',
    },
  },
  {
    name: 'shared-authorized',
    only: '2',
    orders: {
      'order_shared-authorized-a':
        'Shares one authorization with its sibling: canceling it voids the payment of both.',
      'order_shared-authorized-b':
        'The sibling: another seller owns it, the same authorization covers it.',
    },
  },
  {
    name: 'fulfilled',
    orders: { order_fulfilled: 'Packed: refused until its fulfillment is canceled.' },
    prepare: (order) => {
      order.fulfilledAt = order.at
      order.version = 2
    },
  },
  {
    name: 'completed',
    orders: { order_completed: 'Completed: Mercur cancels it all the same.' },
    prepare: (order) => {
      order.status = 'completed'
    },
  },
  {
    name: 'canceled',
    orders: { order_canceled: 'Canceled already.' },
    prepare: (order, version) => {
      const at = order.at
      Object.assign(order, { status: 'canceled', canceledAt: at })
      const { payment } = order.purchase
      if (version === '2') {
        Object.assign(payment, { status: 'canceled', canceledAt: at })
        order.version = 2
        return void order.credits.push({ amount: 0, at })
      }
      payment.refunds.push({ amount: payment.amount, by: null, at })
      order.transactions.push({ amount: -payment.amount, at, summed: true })
      order.splitRefunded = payment.amount
    },
  },
  {
    name: 'open-change',
    orders: {
      'order_open-change':
        'An order edit is open: canceling as admin moves the money and is then refused.',
    },
    prepare: (order) =>
      void openChange(order, { type: 'edit', status: 'pending', by: 'user_sandbox', action: null }),
  },
  {
    name: 'transfer',
    orders: {
      order_transfer:
        'A transfer to another customer is requested: it can be canceled apart from the order.',
    },
    prepare: (order) =>
      void openChange(order, {
        type: 'transfer',
        status: 'requested',
        by: recipient.id,
        action: { name: 'TRANSFER_CUSTOMER', reference: 'customer', referenceId: recipient.id },
      }),
  },
]

export const createOrders = (version: Version) => {
  const orders = new Map<string, Order>()
  const purchases = new Map<string, Purchase>()
  const known = scenes.filter((scene) => (scene.only ?? version) === version)
  const examples: Example[] = known.flatMap((scene) =>
    Object.entries(scene.orders).map(([id, says]) => ({ id, says })),
  )

  const open = (scene: Scene, suffix: string) => {
    const at = now()
    const ids = Object.keys(scene.orders)
    const captured = version === '1' || scene.captured === true
    const payment: Payment = {
      id: `pay_${scene.name}${suffix}`,
      collectionId: `pay_col_${scene.name}${suffix}`,
      amount: ids.length > 1 ? 111 : 45,
      status: captured ? 'completed' : 'authorized',
      capturedAt: captured ? at : null,
      canceledAt: null,
      refunds: [],
    }
    const purchase: Purchase = {
      id: `${version === '1' ? 'ordset' : 'og'}_${scene.name}${suffix}`,
      number: purchases.size + 1,
      at,
      orders: [],
      payment,
    }
    purchases.set(purchase.id, purchase)
    for (const [index, id] of ids.entries()) {
      const order: Order = {
        id: id + suffix,
        number: orders.size + 1,
        seller: index === 0 ? sellers.alpha : sellers.beta,
        purchase,
        at,
        unitPrice: index === 0 ? 20 : 30,
        shipping: index === 0 ? 5 : 6,
        status: 'pending',
        version: 1,
        updatedAt: at,
        canceledAt: null,
        fulfilledAt: null,
        metadata: null,
        splitRefunded: 0,
        changes: [],
        credits: [],
        // The whole capture is booked on one order of the purchase (v1-observations, "fresh
        // purchase").
        transactions: captured && index === 0 ? [{ amount: payment.amount, at, summed: true }] : [],
      }
      orders.set(order.id, order)
      purchase.orders.push(order)
      scene.prepare?.(order, version)
    }
  }
  for (const scene of known) open(scene, '')

  const find = (id: string): Order | undefined => {
    const example = examples
      .filter((one) => /^[-_]./s.test(id.slice(one.id.length)) && id.startsWith(one.id))
      .sort((one, other) => other.id.length - one.id.length)[0]
    const scene = orders.has(id)
      ? undefined
      : known.find((one) => example !== undefined && example.id in one.orders)
    if (scene !== undefined && example !== undefined) open(scene, id.slice(example.id.length))
    return orders.get(id)
  }

  return { orders, purchases, examples, find }
}
