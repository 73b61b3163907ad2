/** The operations that Vendure's Admin API is asked, all of them, and what is asked of an order. */

/** So many entries of an order's history are looked through, the newest first. */
const MOST_ENTRIES = 100

/** `sort` has one field: by two the server sorts in the order of its schema (sorted-by-two). */
const ORDER_FIELDS = `fragment OrderFields on Order {
  id code type state active nextStates currencyCode orderPlacedAt createdAt updatedAt
  subTotal shipping total totalWithTax
  customer { id firstName lastName emailAddress phoneNumber }
  aggregateOrder { code state }
  sellerOrders { code state }
  lines {
    id quantity orderPlacedQuantity unitPriceWithTax discountedLinePriceWithTax
    productVariant { id sku name productId trackInventory }
  }
  discounts { amountWithTax }
  payments { state amount refunds { state total } }
  fulfillments { state lines { quantity } }
  modifications { id }
  history(options: {
    take: ${MOST_ENTRIES}, sort: { createdAt: DESC },
    filter: { type: { in: ["ORDER_NOTE", "ORDER_CANCELLATION", "ORDER_STATE_TRANSITION"] } }
  }) { items { type isPublic createdAt data } }
}`

const SERVER = 'globalSettings { trackInventory serverConfig { moneyStrategyPrecision } }'
const REFUSAL = '... on ErrorResult { errorCode message }'
const TRANSITION_REFUSAL = '... on OrderStateTransitionError { transitionError }'

export const LOGIN = `mutation Login($username: String!, $password: String!) {
  login(username: $username, password: $password) {
    __typename ... on CurrentUser { id } ${REFUSAL}
  }
}`

export const ORDER = `query Order($id: ID!) {
  order(id: $id) { ...OrderFields }
  ${SERVER}
}
${ORDER_FIELDS}`

export const FIND = `query Find($options: OrderListOptions!) {
  orders(options: $options) { totalItems items { ...OrderFields } }
  ${SERVER}
}
${ORDER_FIELDS}`

export const CHANGED = `query Changed($options: OrderListOptions!) {
  orders(options: $options) { totalItems items { id state updatedAt } }
}`

/** `canceled`, like that of the next: one reply for both. */
export const CANCEL = `mutation Cancel($input: CancelOrderInput!) {
  canceled: cancelOrder(input: $input) {
    __typename ...OrderFields ${REFUSAL} ${TRANSITION_REFUSAL}
  }
}
${ORDER_FIELDS}`

export const TRANSITION = `mutation Transition($id: ID!) {
  canceled: transitionOrderToState(id: $id, state: "Cancelled") {
    __typename ...OrderFields ${REFUSAL} ${TRANSITION_REFUSAL}
  }
}
${ORDER_FIELDS}`

export const NOTE = `mutation Note($input: AddNoteToOrderInput!) {
  addNoteToOrder(input: $input) { id }
}`
