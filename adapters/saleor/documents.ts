/** What is asked of Saleor, in GraphQL: each document is valid in the schemas of 3.21 to 3.23. */

/** Everything of it is told to an app that may manage orders, and needs no other permission. */
const ORDER = `fragment OrderParts on Order {
  id number status paymentStatus created updatedAt
  userEmail user { id } billingAddress { firstName lastName phone }
  total { currency gross { amount } tax { amount } }
  undiscountedTotal { gross { amount } } subtotal { gross { amount } }
  shippingPrice { gross { amount } }
  totalAuthorized { amount } totalCharged { amount }
  totalRefunded { amount } totalRefundPending { amount }
  fulfillments { status }
  lines {
    id productName productSku productVariantId quantity
    unitPrice { gross { amount } } totalPrice { gross { amount } } allocations { quantity }
  }
  events { date type message emailType }
}`

export const READ = `query Order($id: ID!) { order(id: $id) { ...OrderParts } }
${ORDER}`

export const CANCEL = `mutation CancelOrder($id: ID!) {
  orderCancel(id: $id) { order { ...OrderParts } errors { field message code } }
}
${ORDER}`

export const NOTE = `mutation AddNote($id: ID!, $message: String!) {
  orderNoteAdd(order: $id, input: { message: $message }) {
    order { id } errors { field message code }
  }
}`

/** By `filter`: `where`, which is to replace it, is not in 3.21. */
export const FIND = `query FindOrders($number: String!) {
  orders(first: 5, filter: { numbers: [$number] }) {
    edges { node { ...OrderParts } } pageInfo { hasNextPage }
  }
}
${ORDER}`

export const CHANGES = `query ChangedOrders($from: DateTime!, $to: DateTime!, $after: String) {
  orders(
    first: 100, after: $after,
    filter: { status: [CANCELED], updatedAt: { gte: $from, lte: $to } },
    sortBy: { field: LAST_MODIFIED_AT, direction: ASC }
  ) {
    edges { node { id status updatedAt } } pageInfo { hasNextPage endCursor }
  }
}`
