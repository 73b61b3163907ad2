/**
 * The states that an order can be in when somebody asks to cancel it. Those of goods and of cash
 * are reached through the API; those of cards, which only a provider makes, are written down.
 */
import type { EvershopLab } from './index.ts'
import { customerEmail, type Placed, type Purchase } from './shop.ts'

type Recipe = (lab: EvershopLab) => Promise<Placed>

const itemsOf = ({ sql }: EvershopLab, { id }: Placed) =>
  sql('select order_item_id, qty from order_item where order_item_order_id = $1 order by 1', [id])

/** Ships every piece, or one. */
export const ship = async (lab: EvershopLab, order: Placed, one = false): Promise<void> => {
  const items = await itemsOf(lab, order)
  await lab.admin('POST', `/orders/${order.uuid}/shipments`, {
    carrier: 'custom',
    tracking_number: 'TRACK-1',
    items: one ? [{ ...items[0], qty: 1 }] : items,
  })
}

const eachShipment = async (lab: EvershopLab, { id }: Placed, what: string): Promise<void> => {
  const shipments = await lab.sql('select uuid from shipment where shipment_order_id = $1', [id])
  for (const { uuid } of shipments) await lab.admin('POST', `/shipments/${uuid}/${what}`, {})
}

const pay = (lab: EvershopLab, { uuid }: Placed) =>
  lab.admin('POST', '/cod/captures', { order_id: uuid })

const bought =
  (
    purchase?: Purchase,
    ...steps: readonly ((lab: EvershopLab, order: Placed) => Promise<unknown>)[]
  ): Recipe =>
  async (lab) => {
    const order = await lab.checkout(purchase)
    for (const step of steps) await step(lab, order)
    return order
  }

const shipAll = (lab: EvershopLab, order: Placed) => ship(lab, order)
const shipOne = (lab: EvershopLab, order: Placed) => ship(lab, order, true)
const deliver = (lab: EvershopLab, order: Placed) => eachShipment(lab, order, 'markDelivered')
const takeBack = (lab: EvershopLab, order: Placed) => eachShipment(lab, order, 'cancel')

/** An order with this payment; its transaction is the intent, or a word that leads nowhere. */
const card =
  (
    method: 'stripe' | 'paypal',
    payment: string,
    status: string,
    transaction: 'requires_capture' | 'succeeded' | 'broken' | 'elsewhere' | null,
  ): Recipe =>
  async (lab) => {
    const order = await lab.checkout()
    await lab.sql(
      'update "order" set payment_method = $2, payment_status = $3, status = $4 ' +
        'where order_id = $1',
      [order.id, method, payment, status],
    )
    if (transaction !== null)
      await lab.sql(
        'insert into payment_transaction (payment_transaction_order_id, transaction_id, amount, ' +
          "payment_action, transaction_type) select order_id, $2, grand_total, 'authorize', " +
          '\'online\' from "order" where order_id = $1',
        [order.id, transaction === 'elsewhere' ? 'auth_1' : lab.stripe.intent(transaction)],
      )
    return order
  }

const inYen: Recipe = async (lab) => {
  await lab.admin('POST', '/settings', { storeCurrency: 'JPY' })
  try {
    return await lab.checkout()
  } finally {
    await lab.admin('POST', '/settings', { storeCurrency: 'USD' })
  }
}

export const recipes = {
  pending: bought(),
  pending_customer: bought({ customer: customerEmail }),
  coupon: bought({ coupon: 'TEN' }),
  taxed: bought({ items: [['LAMP', 2]] }),
  untracked: bought({ items: [['STICKER', 3]] }),
  digital: bought({ items: [['EBOOK', 1]] }),
  jpy: inYen,
  paid: bought({}, pay),
  partially_shipped: bought({}, shipOne),
  shipped: bought({}, shipAll),
  shipped_paid: bought({}, shipAll, pay),
  partially_delivered: bought({}, shipOne, deliver),
  delivered: bought({}, shipAll, deliver),
  completed: bought({}, pay, shipAll, deliver),
  shipment_canceled: bought({}, shipAll, takeBack),
  shipment_partially_canceled: bought({}, shipOne, takeBack),
  canceled: bought({}, (lab, { uuid }) =>
    lab.admin('POST', `/orders/${uuid}/cancel`, { reason: 'canceled in the shop' }),
  ),
  stripe_authorized: card('stripe', 'stripe_authorized', 'processing', 'requires_capture'),
  stripe_authorized_refusing: card('stripe', 'stripe_authorized', 'processing', 'broken'),
  stripe_authorized_no_transaction: card('stripe', 'stripe_authorized', 'processing', null),
  stripe_captured: card('stripe', 'stripe_captured', 'processing', 'succeeded'),
  stripe_failed: card('stripe', 'stripe_failed', 'new', 'succeeded'),
  stripe_refunded: card('stripe', 'stripe_refunded', 'closed', 'succeeded'),
  stripe_partial_refunded: card('stripe', 'stripe_partial_refunded', 'processing', 'succeeded'),
  paypal_authorized: card('paypal', 'paypal_authorized', 'processing', 'elsewhere'),
  paypal_captured: card('paypal', 'paypal_captured', 'processing', 'elsewhere'),
  paypal_captured_no_transaction: card('paypal', 'paypal_captured', 'processing', null),
} satisfies Record<string, Recipe>

export type OrderState = keyof typeof recipes
