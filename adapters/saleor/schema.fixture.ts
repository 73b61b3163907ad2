/**
 * The part of Saleor's schema that is asked for, written down by hand: no package of the registry
 * has the whole of any version that is current (@saleor/sdk 0.7.0 has types of 3.0). Each type says
 * by which file of Saleor's source it was written; `saleor/graphql/schema.graphql` of 3.21.69,
 * 3.22.67 and 3.23.28 has every one of these fields, arguments and words alike.
 */
import { buildSchema } from 'graphql'

export const schema = buildSchema(`
scalar DateTime
scalar Decimal

# graphql/order/schema.py
type Query {
  order(id: ID, externalReference: String): Order
  orders(
    sortBy: OrderSortingInput, filter: OrderFilterInput, channel: String,
    before: String, after: String, first: Int, last: Int
  ): OrderCountableConnection
}
type Mutation {
  orderCancel(id: ID!): OrderCancel
  orderNoteAdd(order: ID!, input: OrderNoteInput!): OrderNoteAdd
}

# graphql/order/mutations/order_cancel.py, graphql/core/types/common.py
type OrderCancel { order: Order errors: [OrderError!]! }
type OrderError { field: String message: String code: OrderErrorCode! }

# order/error_codes.py: of its words those that a cancel can meet
enum OrderErrorCode { CANNOT_CANCEL_ORDER GRAPHQL_ERROR INVALID NOT_FOUND REQUIRED }

# graphql/order/mutations/order_note_add.py, order_note_common.py
input OrderNoteInput { message: String! }
type OrderNoteAdd { order: Order event: OrderEvent errors: [OrderNoteAddError!]! }
type OrderNoteAddError { field: String message: String code: OrderNoteAddErrorCode }
enum OrderNoteAddErrorCode { GRAPHQL_ERROR REQUIRED }

# graphql/order/types.py
type Order {
  id: ID!
  number: String!
  status: OrderStatus!
  paymentStatus: PaymentChargeStatusEnum!
  created: DateTime!
  updatedAt: DateTime!
  user: User
  userEmail: String
  billingAddress: Address
  total: TaxedMoney!
  undiscountedTotal: TaxedMoney!
  subtotal: TaxedMoney!
  shippingPrice: TaxedMoney!
  totalAuthorized: Money!
  totalCharged: Money!
  totalRefunded: Money!
  totalRefundPending: Money!
  fulfillments: [Fulfillment!]!
  lines: [OrderLine!]!
  events: [OrderEvent!]!
}
type Fulfillment { id: ID! status: FulfillmentStatus! }
type OrderLine {
  id: ID!
  productName: String!
  productSku: String
  productVariantId: String
  quantity: Int!
  unitPrice: TaxedMoney!
  totalPrice: TaxedMoney!
  allocations: [Allocation!]
}
type OrderEvent {
  id: ID!
  date: DateTime
  type: OrderEventsEnum
  message: String
  emailType: OrderEventsEmailsEnum
}

# graphql/warehouse/types.py, graphql/account/types.py
type Allocation { id: ID! quantity: Int! }
type User { id: ID! }
type Address { firstName: String! lastName: String! phone: String }

# graphql/core/types/money.py
type TaxedMoney { currency: String! gross: Money! net: Money! tax: Money! }
type Money { currency: String! amount: Float! }

# order/__init__.py, payment/__init__.py
enum OrderStatus {
  DRAFT UNCONFIRMED UNFULFILLED PARTIALLY_FULFILLED PARTIALLY_RETURNED RETURNED FULFILLED CANCELED
  EXPIRED
}
enum FulfillmentStatus {
  FULFILLED REFUNDED RETURNED REPLACED REFUNDED_AND_RETURNED CANCELED WAITING_FOR_APPROVAL
}
enum PaymentChargeStatusEnum {
  NOT_CHARGED PENDING PARTIALLY_CHARGED FULLY_CHARGED PARTIALLY_REFUNDED FULLY_REFUNDED REFUSED
  CANCELLED
}
# of their words those that are read, and one of the others
enum OrderEventsEnum { PLACED CANCELED EMAIL_SENT NOTE_ADDED }
enum OrderEventsEmailsEnum { ORDER_CANCEL ORDER_CONFIRMATION }

# graphql/order/filters.py, sorters.py, enums.py, graphql/core/types/filter_input.py
input OrderFilterInput {
  status: [OrderStatusFilter!]
  updatedAt: DateTimeRangeInput
  numbers: [String!]
  ids: [ID!]
}
enum OrderStatusFilter {
  READY_TO_FULFILL READY_TO_CAPTURE UNFULFILLED UNCONFIRMED PARTIALLY_FULFILLED FULFILLED CANCELED
}
input DateTimeRangeInput { gte: DateTime lte: DateTime }
input OrderSortingInput { direction: OrderDirection! field: OrderSortField! }
enum OrderDirection { ASC DESC }
enum OrderSortField { NUMBER CREATED_AT LAST_MODIFIED_AT }

# graphql/core/connection.py
type OrderCountableConnection {
  pageInfo: PageInfo!
  edges: [OrderCountableEdge!]!
  totalCount: Int
}
type OrderCountableEdge { node: Order! cursor: String! }
type PageInfo {
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
  endCursor: String
}
`)
