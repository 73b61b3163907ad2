/** Orders in every state that an order of Vendure's can be in, made as a shopper and a clerk do. */
import { type Ask, ERROR, login, openShopper } from './api.ts'
import { buyer, type Shop } from './shop.ts'

export interface OrderContext {
  readonly url: string
  readonly shop: Shop
  readonly admin: Ask
}
interface Made {
  readonly id: string
  readonly code: string
}
interface Whole extends Made {
  readonly lines: readonly { readonly id: string; readonly quantity: number }[]
  readonly payments: readonly { readonly id: string; readonly amount: number }[]
  readonly fulfillments: readonly { readonly id: string }[]
}

interface Purchase {
  readonly items?: readonly (readonly [sku: string, quantity: number])[]
  /** Signed in, so that the order can be read by its buyer. */
  readonly signedIn?: boolean
  readonly pays?: 'authorizes' | 'settles' | 'refunds-slowly'
  readonly coupon?: string
  readonly currency?: string
  readonly until?: 'cart' | 'payment'
}

const ADDRESS = {
  fullName: 'Ada Lovelace',
  streetLine1: '1 Engine St',
  city: 'Austin',
  postalCode: '73301',
  countryCode: 'US',
}
const GUEST = { firstName: 'Grace', lastName: 'Hopper' }

/** A shopper's cart. */
const fillCart = async (ask: Ask, { variants }: Shop, { items, coupon }: Purchase) => {
  let order: Made = { id: '', code: '' }
  for (const [sku, quantity] of items ?? USUAL)
    order = await ask(
      `mutation ($id: ID!, $quantity: Int!) {
        addItemToOrder(productVariantId: $id, quantity: $quantity) {
          __typename ... on Order { id code } ${ERROR}
        }
      }`,
      { id: variants[sku], quantity },
    )
  if (coupon)
    await ask(
      `mutation ($code: String!) { applyCouponCode(couponCode: $code) { __typename ${ERROR} } }`,
      { code: coupon },
    )
  return order
}
const USUAL: NonNullable<Purchase['items']> = [
  ['MUG', 2],
  ['TEE', 1],
]

/** Who gets it, where and how: all that comes before the payment. */
const address = async (ask: Ask, { shipping }: Shop, email: string | null) => {
  if (email !== null)
    await ask(
      `mutation ($input: CreateCustomerInput!) {
        setCustomerForOrder(input: $input) { __typename ${ERROR} }
      }`,
      { input: { ...GUEST, emailAddress: email } },
    )
  await ask(
    `mutation ($input: CreateAddressInput!) {
      setOrderShippingAddress(input: $input) { __typename ${ERROR} }
    }`,
    { input: ADDRESS },
  )
  await ask(
    `mutation ($id: [ID!]!) {
      setOrderShippingMethod(shippingMethodId: $id) { __typename ${ERROR} }
    }`,
    { id: [shipping] },
  )
  await ask(
    `mutation { transitionOrderToState(state: "ArrangingPayment") { __typename ${ERROR} } }`,
  )
}

const buy = async ({ url, shop }: OrderContext, purchase: Purchase = {}): Promise<Made> => {
  const { signedIn, currency, until, pays } = purchase
  const token = signedIn ? await login(`${url}/shop-api`, buyer.email, buyer.password) : null
  const ask = openShopper(url, { token, ...(currency && { currency }) })
  const order = await fillCart(ask, shop, purchase)
  if (until === 'cart') return order
  await address(ask, shop, signedIn ? null : `guest-${order.code.toLowerCase()}@lab.test`)
  if (until === 'payment') return order
  await ask(
    `mutation ($input: PaymentInput!) {
      addPaymentToOrder(input: $input) { __typename ${ERROR} }
    }`,
    { input: { method: pays ?? 'settles', metadata: {} } },
  )
  return order
}

const whole = ({ admin }: OrderContext, { id }: Made): Promise<Whole> =>
  admin(
    `query ($id: ID!) {
      order(id: $id) { id code lines { id quantity } payments { id amount } fulfillments { id } }
    }`,
    { id },
  )

export const lead = ({ admin }: Pick<OrderContext, 'admin'>, id: string, state: string) =>
  admin(
    `mutation ($id: ID!, $state: String!) {
      transitionOrderToState(id: $id, state: $state) { __typename ${ERROR} }
    }`,
    { id, state },
  )

const leadFulfillment = ({ admin }: OrderContext, id: string | undefined, state: string) =>
  admin(
    `mutation ($id: ID!, $state: String!) {
      transitionFulfillmentToState(id: $id, state: $state) { __typename ${ERROR} }
    }`,
    { id, state },
  )

/** Everything, or one piece of the first line. */
const fulfill = async (context: OrderContext, state: string | null, isWhole = true) => {
  const order = await buy(context)
  const { lines } = await whole(context, order)
  const all = lines.map(({ id, quantity }) => ({ orderLineId: id, quantity }))
  await context.admin(
    `mutation ($input: FulfillOrderInput!) {
      addFulfillmentToOrder(input: $input) { __typename ${ERROR} }
    }`,
    {
      input: {
        lines: isWhole ? all : [{ orderLineId: lines[0]?.id, quantity: 1 }],
        handler: {
          code: 'manual-fulfillment',
          arguments: [
            { name: 'method', value: 'Post' },
            { name: 'trackingCode', value: '1' },
          ],
        },
      },
    },
  )
  const { fulfillments } = await whole(context, order)
  if (state === 'Delivered') await leadFulfillment(context, fulfillments[0]?.id, 'Shipped')
  if (state !== null) await leadFulfillment(context, fulfillments[0]?.id, state)
  return order
}

const refund = async (context: OrderContext, order: Made, amount?: number) => {
  const [payment] = (await whole(context, order)).payments
  // The fields that are deprecated too: without them 3.7.3 asks the provider, and then fails.
  const fields = { lines: [], shipping: 0, adjustment: 0, reason: 'lab' }
  await context.admin(
    `mutation ($input: RefundOrderInput!) { refundOrder(input: $input) { __typename ${ERROR} } }`,
    { input: { ...fields, paymentId: payment?.id, amount: amount ?? payment?.amount } },
  )
  return order
}

const modify = async (context: OrderContext, order: Made, quantity: number, refunds: boolean) => {
  const { lines, payments } = await whole(context, order)
  await lead(context, order.id, 'Modifying')
  await context.admin(
    `mutation ($input: ModifyOrderInput!) { modifyOrder(input: $input) { __typename ${ERROR} } }`,
    {
      input: {
        dryRun: false,
        orderId: order.id,
        adjustOrderLines: [{ orderLineId: lines[0]?.id, quantity }],
        ...(refunds && { refund: { paymentId: payments[0]?.id, reason: 'less' } }),
      },
    },
  )
  return order
}

const then = async (context: OrderContext, making: Promise<Made>, state: string) => {
  const order = await making
  await lead(context, order.id, state)
  return order
}

const draft = async ({ admin, shop }: OrderContext): Promise<Made> => {
  const order = await admin('mutation { createDraftOrder { id code } }')
  await admin(
    `mutation ($id: ID!, $input: AddItemToDraftOrderInput!) {
      addItemToDraftOrder(orderId: $id, input: $input) { __typename ${ERROR} }
    }`,
    { id: order.id, input: { productVariantId: shop.variants['MUG'], quantity: 2 } },
  )
  return order
}

export const cancelByHand = (admin: Ask, orderId: string, more: object = {}): Promise<any> =>
  admin(
    `mutation ($input: CancelOrderInput!) {
      cancelOrder(input: $input) { __typename ... on Order { state } ${ERROR} }
    }`,
    { input: { orderId, ...more } },
  )

const MAKE = {
  cart: (context) => buy(context, { until: 'cart' }),
  cart_at_payment: (context) => buy(context, { until: 'payment' }),
  draft,
  draft_empty: ({ admin }) => admin('mutation { createDraftOrder { id code } }'),
  authorized: (context) => buy(context, { pays: 'authorizes' }),
  authorized_signed_in: (context) => buy(context, { pays: 'authorizes', signedIn: true }),
  settled: (context) => buy(context),
  settled_signed_in: (context) => buy(context, { signedIn: true }),
  coupon: (context) => buy(context, { coupon: 'TEN' }),
  untracked: (context) => buy(context, { items: [['GIFT', 1]] }),
  yen: (context) => buy(context, { currency: 'JPY' }),
  refunded_part: async (context) => refund(context, await buy(context), 500),
  refunded: async (context) => refund(context, await buy(context)),
  refund_pending: async (context) =>
    refund(context, await buy(context, { pays: 'refunds-slowly' })),
  payment_canceled: async (context) => {
    const order = await buy(context, { pays: 'authorizes' })
    const [payment] = (await whole(context, order)).payments
    await context.admin(`mutation ($id: ID!) { cancelPayment(id: $id) { __typename ${ERROR} } }`, {
      id: payment?.id,
    })
    return order
  },
  line_canceled: async (context) => {
    const order = await buy(context)
    const [line] = (await whole(context, order)).lines
    const lines = [{ orderLineId: line?.id, quantity: 1 }]
    await cancelByHand(context.admin, order.id, { lines, reason: 'one less' })
    return order
  },
  modified: async (context) =>
    then(context, modify(context, await buy(context), 1, true), 'PaymentSettled'),
  owing: async (context) =>
    then(context, modify(context, await buy(context), 5, false), 'ArrangingAdditionalPayment'),
  modifying: (context) => then(context, buy(context), 'Modifying'),
  modifying_changed: async (context) => modify(context, await buy(context), 5, false),
  authorized_modifying: (context) =>
    then(context, buy(context, { pays: 'authorizes' }), 'Modifying'),
  fulfillment_pending: (context) => fulfill(context, null),
  fulfillment_pending_part: (context) => fulfill(context, null, false),
  fulfillment_canceled: (context) => fulfill(context, 'Cancelled'),
  shipped: (context) => fulfill(context, 'Shipped'),
  shipped_part: (context) => fulfill(context, 'Shipped', false),
  delivered: (context) => fulfill(context, 'Delivered'),
  delivered_part: (context) => fulfill(context, 'Delivered', false),
  aggregate: (context) =>
    buy(context, {
      items: [
        ['LAMP', 2],
        ['MUG', 1],
      ],
    }),
  seller: async (context) => {
    const { id } = await buy(context, {
      items: [
        ['LAMP', 2],
        ['MUG', 1],
      ],
    })
    const { sellerOrders } = await context.admin(
      'query ($id: ID!) { order(id: $id) { sellerOrders { id code } } }',
      { id },
    )
    return sellerOrders[0]
  },
  canceled: async (context) => {
    const order = await buy(context)
    await cancelByHand(context.admin, order.id, { cancelShipping: true })
    return order
  },
} satisfies Record<string, (context: OrderContext) => Promise<Made>>
export type OrderState = keyof typeof MAKE

export const makeOrder = (context: OrderContext, state: OrderState): Promise<Made> =>
  MAKE[state](context)
