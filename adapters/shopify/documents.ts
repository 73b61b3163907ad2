/** What is asked of Shopify, in GraphQL: each document is valid in the published schemas. */

const MONEY = 'fragment Money on MoneyBag { shopMoney { amount currencyCode } }'

/** Products are left out: their ids would cost a scope more. */
const ORDER = `fragment OrderParts on Order {
  id name cancelledAt cancelReason cancellation { staffNote } closed createdAt updatedAt
  currencyCode displayFinancialStatus displayFulfillmentStatus returnStatus canNotifyCustomer
  totalPriceSet { ...Money } subtotalPriceSet { ...Money } totalDiscountsSet { ...Money }
  totalShippingPriceSet { ...Money } totalTaxSet { ...Money } totalReceivedSet { ...Money }
  totalRefundedSet { ...Money } totalCapturableSet { ...Money }
  email phone customer { id displayName }
  transactions(first: 50) { id kind status amountSet { ...Money } }
  refunds(first: 5) { id refundLineItems(first: 30) { nodes { restockType } } }
  fulfillments(first: 20) { status }
  lineItems(first: 100) {
    nodes {
      id title sku quantity originalUnitPriceSet { ...Money } discountedTotalSet { ...Money }
    }
    pageInfo { hasNextPage }
  }
}
${MONEY}`

/** What is remembered of a cancel that Shopify is still at. */
export interface JobIds {
  readonly job: string | null
  readonly result: string | null
}

const READ = `query Order($id: ID!) { order(id: $id) { ...OrderParts } }
${ORDER}`

const READ_WITH_JOB = `query OrderAndJob($id: ID!, $job: ID!) {
  order(id: $id) { ...OrderParts }
  job(id: $job) { id done }
}
${ORDER}`

/** From 2026-10. Whether its id is the job's own, nobody has shown: both are asked for. */
const READ_WITH_RESULT = `query OrderAndJobResult($id: ID!, $job: ID!, $result: ID!) {
  order(id: $id) { ...OrderParts }
  job(id: $job) { id done }
  node(id: $result) { ... on OrderCancelJobResult { id done status errors { code field message } } }
}
${ORDER}`

/** The order, and in the same reply the job that may be at it. */
export const readOrder = (jobs: JobIds | null): string =>
  jobs === null ? READ : jobs.result === null ? READ_WITH_JOB : READ_WITH_RESULT

const cancelling = (jobs: string): string =>
  `mutation CancelOrder(
  $orderId: ID!, $reason: OrderCancelReason!, $restock: Boolean!, $notifyCustomer: Boolean!,
  $staffNote: String, $refundMethod: OrderCancelRefundMethodInput
) {
  orderCancel(
    orderId: $orderId, reason: $reason, restock: $restock, notifyCustomer: $notifyCustomer,
    staffNote: $staffNote, refundMethod: $refundMethod
  ) {
    ${jobs}
    orderCancelUserErrors { code field message }
  }
}`

export const CANCEL = cancelling('job { id done }')
export const CANCEL_WITH_RESULT = cancelling('job { id done } jobResult { id done status }')

export const FIND = `query FindOrders($query: String!) {
  orders(first: 5, query: $query) { nodes { id name } pageInfo { hasNextPage } }
}`

export const CHANGES = `query ChangedOrders($query: String!, $after: String) {
  orders(first: 100, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes { id cancelledAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}`
