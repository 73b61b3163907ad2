/** What a Vendure's own database holds of an order and of the stock, beyond what its API tells. */
import type { VendureLab } from '../vendure.ts'

type Rows = Pick<VendureLab, 'rows'>

/** On hand and allocated, by SKU. */
export type Stock = Readonly<Record<string, readonly [onHand: number, allocated: number]>>

export const readStock = async ({ rows }: Rows): Promise<Stock> =>
  Object.fromEntries(
    (
      await rows(
        `select sku, "stockOnHand" as on_hand, "stockAllocated" as allocated from stock_level
         join product_variant on product_variant.id = "productVariantId" order by sku`,
      )
    ).map(({ sku, on_hand, allocated }) => [sku, [on_hand, allocated]]),
  )

/** What is another now; nothing of what is the same. */
export const stockChange = (before: Stock, after: Stock): Stock =>
  Object.fromEntries(
    Object.entries(after).flatMap(([sku, [onHand, allocated]]) => {
      const [hadOnHand, hadAllocated] = before[sku] ?? [0, 0]
      return onHand === hadOnHand && allocated === hadAllocated
        ? []
        : [[sku, [onHand - hadOnHand, allocated - hadAllocated]]]
    }),
  )

export interface Books {
  readonly state: string
  readonly pieces: number
  /** `Settled 5572`, and what was refunded of it. */
  readonly payments: readonly string[]
  readonly fulfillments: readonly string[]
  readonly privateNotes: readonly string[]
  /** All that the buyer may read of its history. */
  readonly publicWords: string
  readonly cancellations: number
  /** Pieces that were released, or put back on hand, since it was placed. */
  readonly putBack: number
  /** States of the orders that it is split into, or is a part of. */
  readonly others: readonly string[]
}

export const readBooks = async ({ rows }: Rows, id: string): Promise<Books> => {
  const [order] = await rows(
    `select state, "aggregateOrderId" as aggregate,
       (select coalesce(sum(quantity), 0)::int from order_line where "orderId" = "order".id) as pieces
     from "order" where id = $1`,
    id,
  )
  const payments = await rows(
    `select state || ' ' || amount as text from payment where "orderId" = $1
     union all select 'refund ' || refund.state || ' ' || total from refund
       join payment on payment.id = "paymentId" where "orderId" = $1 order by 1`,
    id,
  )
  const fulfillments = await rows(
    `select state as text from fulfillment
     join order_fulfillments_fulfillment on "fulfillmentId" = fulfillment.id
     where "orderId" = $1 order by 1`,
    id,
  )
  const history = await rows(
    'select type, "isPublic" as is_public, data from history_entry where "orderId" = $1',
    id,
  )
  const [moved] = await rows(
    `select coalesce(sum(abs(stock_movement.quantity)), 0)::int as pieces from stock_movement
     join order_line on order_line.id = "orderLineId"
     where "orderId" = $1 and type in ('RELEASE', 'CANCELLATION')`,
    id,
  )
  const others = await rows(
    'select state as text from "order" where "aggregateOrderId" = $1 or id = $2',
    id,
    order.aggregate,
  )
  const texts = (found: readonly { readonly text: string }[]) => found.map(({ text }) => text)
  return {
    state: order.state,
    pieces: order.pieces,
    payments: texts(payments),
    fulfillments: texts(fulfillments),
    privateNotes: history
      .filter((entry) => entry.type === 'ORDER_NOTE' && !entry.is_public)
      .map(({ data }) => JSON.parse(data).note),
    publicWords: history
      .filter((entry) => entry.is_public)
      .map(({ data }) => data)
      .join('\n'),
    cancellations: history.filter(({ type }) => type === 'ORDER_CANCELLATION').length,
    putBack: moved.pieces,
    others: texts(others),
  }
}
