/** Requests, orders and records for the tests of the model and the gateway, plain or at random. */
import fc from 'fast-check'
import { accept, type Cancellation, RESOLUTIONS } from '../../src/model/cancellation.ts'
import type { Event } from '../../src/model/transitions.ts'
import { type Facts, pending, UNKNOWN } from '../../src/model/effect.ts'
import { money } from '../../src/model/money.ts'
import type { Order } from '../../src/model/order.ts'
import { problem } from '../../src/model/problem.ts'
import { type CancelRequest, REASON_CODES } from '../../src/model/request.ts'

export const request = (over: Partial<CancelRequest> = {}): CancelRequest => ({
  store: 'shop',
  orderId: 'open',
  reason: null,
  reasonCode: null,
  notify: null,
  message: null,
  restock: null,
  strict: false,
  reference: null,
  target: 'order',
  ...over,
})

export const order = (over: Partial<Order> = {}, totals: Partial<Order['totals']> = {}): Order => ({
  id: 'open',
  number: '10012',
  status: 'open',
  paymentStatus: 'paid',
  fulfillmentStatus: 'unfulfilled',
  currency: 'USD',
  totals: {
    subtotal: money('100', 'USD'),
    discount: null,
    shipping: null,
    tax: null,
    total: money('100', 'USD'),
    paid: money('100', 'USD'),
    refunded: money('0', 'USD'),
    ...totals,
  },
  customer: { id: 'cus_1', email: 'ada@example.com', name: 'Ada', phone: null },
  lines: [
    {
      id: 'line_1',
      title: 'Tea',
      sku: null,
      productId: null,
      variantId: null,
      quantity: 1,
      unitPrice: money('100', 'USD'),
      total: money('100', 'USD'),
    },
  ],
  reason: null,
  canceledAt: null,
  createdAt: null,
  updatedAt: null,
  native: { status: 'open', paymentStatus: 'paid', fulfillmentStatus: 'none' },
  readAt: '2026-11-21T12:00:00.000Z',
  ...over,
})

export const record = (over: Partial<Cancellation> = {}): Cancellation => ({
  ...accept({
    id: 'can_1',
    caller: 'erp',
    platform: 'toy',
    request: request(),
    byCustomer: false,
    now: 1_000,
    deadlineMs: 3_600_000,
    wakeAt: 3_000,
  }),
  ...over,
})

export const facts = (over: Partial<Facts> = {}): Facts => ({ ...UNKNOWN, ...over })

const wish = fc.constantFrom(true, false, null)

export const anyRequest: fc.Arbitrary<CancelRequest> = fc.record({
  store: fc.constantFrom('shop', 'other'),
  orderId: fc.constantFrom('open', 'paid'),
  reason: fc.constantFrom(null, 'Wrong quantity'),
  reasonCode: fc.constantFrom(null, ...REASON_CODES),
  notify: wish,
  message: fc.constantFrom(null, 'Sorry'),
  restock: wish,
  strict: fc.boolean(),
  reference: fc.constantFrom(null, 'SO-1'),
  target: fc.constantFrom('order', 'transfer'),
})

const anyProblem = fc.constantFrom(
  problem('order-not-cancelable', 'no', { cause: 'refused' }),
  problem('platform-credentials', 'who?'),
  problem('order-not-cancelable', 'late', { cause: 'expired', retryable: true }),
  problem('needs-attention', 'look', { acted: 'unknown' }),
)
const anyOrder = fc.constantFrom(order(), order({ status: 'canceled' }))
const anyResult = fc.record({ result: fc.constantFrom('200', '409', 'timeout'), ms: fc.nat(1_000) })
const effects = pending(request())

/** Events in any order and of any kind: most are not allowed where they come. Times only grow. */
export const anyEvents: fc.Arbitrary<Event[]> = fc
  .array(
    fc.oneof(
      fc.record({
        type: fc.constant('send' as const),
        call: fc.constant('POST /cancel'),
        order: anyOrder,
        memo: fc.constantFrom(null, 'first', 'second'),
        wakeAt: fc.constant(9),
      }),
      fc.record({
        type: fc.constant('unsent' as const),
        wakeAt: fc.constant(9),
        result: anyResult,
      }),
      fc.record({
        type: fc.constant('doubt' as const),
        wakeAt: fc.constant(9),
        result: fc.option(anyResult, { nil: undefined }),
        refusal: fc.option(anyProblem, { nil: undefined }),
      }),
      fc.record({
        type: fc.constant('wait' as const),
        wakeAt: fc.constant(9),
        unchanged: fc.boolean(),
      }),
      fc.record({
        type: fc.constant('succeed' as const),
        via: fc.constantFrom('reply' as const, 'reconciled' as const),
        alreadyCanceled: fc.boolean(),
        effects: fc.constant(effects),
        order: anyOrder,
        result: fc.option(anyResult, { nil: undefined }),
      }),
      fc.record({
        type: fc.constant('reject' as const),
        via: fc.constantFrom('reply' as const, null),
        problem: anyProblem,
        effects: fc.constant(effects),
        order: fc.option(anyOrder),
        result: fc.option(anyResult, { nil: undefined }),
      }),
      fc.record({
        type: fc.constant('escalate' as const),
        problem: anyProblem,
        effects: fc.constant(effects),
        order: fc.option(anyOrder),
        result: fc.option(anyResult, { nil: undefined }),
      }),
      fc.record({
        type: fc.constant('resolve' as const),
        as: fc.constantFrom(...RESOLUTIONS),
        note: fc.constant('seen'),
        by: fc.constant('ops'),
        effects: fc.constant(effects),
        problem: fc.option(anyProblem),
        deadlineAt: fc.constant(99),
      }),
      fc.record({
        type: fc.constant('restart' as const),
        wakeAt: fc.constant(9),
        deadlineAt: fc.constant(99),
        byCustomer: fc.boolean(),
      }),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((events) => events.map((event, index): Event => ({ ...event, at: 2_000 + index })))
