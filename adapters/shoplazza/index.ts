/**
 * Shoplazza: cancels orders over its Admin OpenAPI, 2022-01 and 2025-06 to 2026-01. From its
 * documentation; no live call was made.
 */
import { z } from 'zod'
import {
  type Call,
  CallFailure,
  type CancelOperation,
  type CancelRequest,
  common,
  defineAdapter,
  type Fact,
  type Facts,
  failureOf,
  inPlainWords,
  type Look,
  path,
  type Platform,
  reasonText,
  sameText,
  secret,
  tolerant,
} from '../../src/adapter/index.ts'
import { isCanceled, isUnpaid, paymentAhead, paymentFact, toOrder } from './map.ts'
import { notices } from './notices.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

const DOCS = 'https://shoplazza.dev/reference/openapi2022-01ordersidcancel'
const ORDER_PAGE = 'https://shoplazza.dev/reference/order-4'
const STATUS_PAGE = 'https://shoplazza.dev/reference/http-status'
const RATE_PAGE = 'https://www.shoplazza.dev/docs/app/building-blocks/rest-api/rate-limits'
/** The vendor's own command line: the requests and replies of 2026-01, as data. */
const CLI = 'github.com/Shoplazza/shoplazza-cli@8a78f9d, internal/registry/cli_meta_v202601_en.json'

export const Settings = z.strictObject({
  ...common,
  /** What stands before `.myshoplaza.com`. */
  shop: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i, 'must be what stands before .myshoplaza.com'),
  accessToken: secret(),
  apiVersion: z.string().regex(/^20\d\d-\d\d$/, 'must be a version such as 2022-01'),
})
export type Settings = z.infer<typeof Settings>

/**
 * Of a call about one order: whose order its reply tells. Unknown parameters are ignored without a
 * word (the command line’s own notes say so).
 */
const about = (orderId: string) => ({ orderId, ids: ({ order }: wire.OrderReply) => [order.id] })

/** There is no parameter for mails, in any version; that none goes out is nowhere promised. */
const mailFact = (request: CancelRequest | null): Partial<Facts> =>
  request === null || request.notify === true
    ? {}
    : {
        notify: {
          done: 'unknown',
          basis: 'none',
          detail: 'Whether Shoplazza writes to the buyer by itself is not documented.',
        },
      }

const reasonFact = (
  request: CancelRequest,
  { cancel_reason: shown }: wire.Order,
  basis: Fact['basis'],
): Partial<Facts> => {
  const text = reasonText(request)
  if (text === null) return {}
  if (shown === undefined)
    return {
      reason: {
        done: 'unknown',
        basis: 'none',
        detail: 'The order does not tell its cancel_reason.',
      },
    }
  return {
    reason: sameText(shown, text)
      ? { done: 'yes', basis, detail: 'Kept as the order’s cancel_reason.' }
      : {
          done: 'failed',
          basis,
          detail:
            shown === null || shown.trim() === ''
              ? 'The order shows no cancel_reason.'
              : 'The order shows another cancel_reason.',
        },
  }
}

const COMPLETED = {
  cause: 'completed',
  detail: 'The order is finished and shows no sign of a cancellation.',
} as const

/** A look with the order as Shoplazza tells it, and how: by the cancel's reply, or read back. */
interface OrderLook extends Look {
  readonly found: { readonly order: wire.Order; readonly basis: 'reported' | 'confirmed' }
}

const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request, sent }) {
    const raw = await connection.send({
      method: 'GET',
      path: path`/openapi/${connection.settings.apiVersion}/orders/${orderId}`,
      reply: wire.OrderReply,
      about: about(orderId),
    })
    const found = raw.order
    const seen = toOrder(found)
    const done = isCanceled(found)
    return {
      order: seen,
      done,
      found: { order: found, basis: 'confirmed' },
      raw,
      // Finished since our call, without a sign: that may be our cancel of a paid order, so it is
      // no proof of the contrary.
      obstacle: found.status === 'finished' && !done && !sent ? COMPLETED : null,
      expect: {
        ...paymentAhead(seen, request),
        ...mailFact(request),
      },
    }
  },
  cancel: ({ settings, request }) => {
    const reason = reasonText(request)
    return {
      method: 'POST',
      path: path`/openapi/${settings.apiVersion}/orders/${request.orderId}/cancel`,
      // Never without a body: 400 "the Content-Type header was not set to application/json" (page
      // "HTTP status").
      body: reason === null ? {} : { reason },
      reply: wire.OrderReply,
      about: about(request.orderId),
    } satisfies Call<wire.OrderReply> as Call<unknown>
  },
  read({ before }, reply) {
    const { order: found } = reply as wire.OrderReply
    const from = before.native.status
    if (!isCanceled(found, from)) return null
    // Where money is at stake only a later read shows whether it stayed; but a later read lacks
    // what `from` proves.
    if (!isUnpaid(before) && isCanceled(found)) return null
    return {
      order: toOrder(found, from),
      done: true,
      obstacle: null,
      found: { order: found, basis: 'reported' },
      raw: reply,
    }
  },
  says({ before }, reply) {
    const { status, native } = toOrder((reply as wire.OrderReply).order, before.native.status)
    return status === 'canceled' || (status === 'unknown' && native.status !== before.native.status)
  },
  facts({ request, before, look }) {
    const { order: found, basis } = look.found
    return {
      payment: paymentFact(before, look.order, basis),
      ...reasonFact(request, found, basis),
      ...mailFact(request),
    }
  },
}

/**
 * What shines through of the services behind the API: page "HTTP status", 500; the numbers are
 * gRPC's own.
 */
const GRPC = tolerant.words({
  4: 'DeadlineExceeded',
  5: 'NotFound',
  10: 'Aborted',
  12: 'Unimplemented',
  16: 'Unauthenticated',
})
const GRPC_WORD = new RegExp(`\\b(?:${[...GRPC.values()].join('|')})\\b`)

const sentences = (errors: string | string[]): string =>
  typeof errors === 'string' ? errors : errors.join(', ')

/** `errors` as a sentence, a list of them, or lists by field: `reason: must be a string`. */
const said = ({ errors, error, message }: z.infer<typeof wire.ErrorReply>): string | null => {
  if (typeof errors === 'string' || Array.isArray(errors)) return sentences(errors)
  if (errors)
    return Object.entries(errors)
      .map(([field, faults]) => `${field}: ${sentences(faults)}`)
      .join('; ')
  return error ?? message ?? null
}

export const shoplazza = defineAdapter<Settings>({
  id: 'shoplazza',
  name: 'Shoplazza',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl, shop }) => baseUrl ?? `https://${shop.toLowerCase()}.myshoplaza.com`,
  merchant: ({ shop }) => shop.toLowerCase(),
  authorize: async ({ settings }) => ({ 'access-token': settings.accessToken }),
  capabilities: {
    order: {
      can: 'choose',
      note: 'A paid order may be called finished afterwards.',
      source: `${DOCS}; ${ORDER_PAGE}`,
    },
    reason: {
      can: 'choose',
      buyerVisible: 'unknown',
      note: 'Sent as reason; the order gives it back as cancel_reason.',
      source: `${DOCS}; ${CLI}: order-cancel`,
    },
    notify: {
      can: 'never',
      note:
        'No version has a parameter for it; whether Shoplazza writes to the buyer by itself ' +
        'is not documented.',
      source: `${DOCS}; ${CLI}: order-cancel`,
    },
    message: {
      can: 'never',
      note: 'No version has a field for it.',
      source: `${DOCS}; ${CLI}: order-cancel`,
    },
    restock: {
      can: 'unknown',
      note:
        'No version has a parameter for it, and whether the API restocks by itself is not ' +
        'documented: look at the inventory.',
      source:
        `${DOCS}; the admin asks: ` +
        'https://helpcenter.shoplazza.com/hc/en-us/articles/6559015786009',
    },
    payment: {
      can: 'never',
      note:
        'The cancel has no parameter for it and refunds are calls of their own, so ' +
        'presumably nothing is refunded; the report says what the order shows afterwards.',
      source: `${DOCS}; ${CLI}: order-refund-record-create`,
    },
    transfer: {
      can: 'never',
      note: 'There are no order transfers.',
      source: `${CLI}: no such command`,
    },
  },
  repeat: { effect: 'unknown', source: `${DOCS} does not say what a second cancel does` },
  errors: [
    // 406 is what the state of the order forbids; 2026-01 answers business rules with 500
    // (https://www.shoplazza.dev/api/202601/openapi).
    ...inPlainWords(`${STATUS_PAGE}: 400 and 422 are about the request, 406 about the order`, {
      canceled: [400, 406, 422, 500],
      reason: [400, 422],
      again: [400, 406, 409, 422],
    }),
    {
      status: 400,
      message: /unauthori[sz]ed|access.?token|credential/i,
      means: 'credentials',
      source:
        `${DOCS}: "Unauthorized" stands under 400; ${STATUS_PAGE}: 400 also for missing ` +
        'or invalid credentials',
    },
    {
      status: 400,
      message: /store is not active/i,
      means: 'credentials',
      source:
        `${DOCS}: {"error":"store is not active"}, its status not stated; the store’s ` +
        'owner must act',
    },
    { status: 401, means: 'credentials', source: `${STATUS_PAGE}: 401` },
    {
      status: 403,
      message: /./,
      means: 'credentials',
      source: `${STATUS_PAGE}: 403, the scope is missing`,
    },
    {
      status: 404,
      message: /./,
      means: 'order_not_found',
      source: `${DOCS}: 404 "Unable to find resource"`,
    },
    {
      status: 406,
      means: 'refused',
      source: `${STATUS_PAGE}: 406, what the state of the order forbids`,
    },
    {
      status: 422,
      message: /^\w+: /,
      means: 'refused',
      source:
        'SPZ Admin API 2022.01 (https://www.shoplazza.dev/api/202201/openapi): 422 ' +
        '{"errors":{"field":["…"]}} names the field',
    },
    {
      status: 422,
      means: 'doubt',
      source: `${STATUS_PAGE}: 422 also for an internal error, in rare cases`,
    },
    {
      status: 429,
      means: 'not_processed',
      source: `${STATUS_PAGE}: 429 "The request was not accepted"; ${RATE_PAGE}`,
    },
    {
      status: 500,
      code: 'NotFound',
      means: 'order_not_found',
      source: `${STATUS_PAGE}: 500 with a gRPC word`,
    },
    {
      status: 500,
      code: 'Unimplemented',
      means: 'refused',
      source: `${STATUS_PAGE}: 500 with a gRPC word`,
    },
    {
      status: 500,
      code: 'Unauthenticated',
      means: 'credentials',
      source: `${STATUS_PAGE}: 500 with a gRPC word`,
    },
    // Aborted, DeadlineExceeded, and every business rule of 2026-01
    // (https://www.shoplazza.dev/api/202601/openapi).
    {
      status: 500,
      means: 'doubt',
      source: `${STATUS_PAGE}: 500 does not tell whether it was done`,
    },
  ],
  readError(body) {
    const { data } = wire.ErrorReply.safeParse(body)
    const message = data ? said(data) : null
    const code = data?.code ?? null
    return { code: GRPC.get(code) ?? GRPC_WORD.exec(message ?? '')?.[0] ?? code, message }
  },
  pace: {
    perSecond: 2,
    burst: 40,
    source: `${RATE_PAGE}: 40 at once and 2 a second per app and store`,
  },
  // No page bounds a call. A 500 "DeadlineExceeded" shows that the services behind the API may go
  // on after it has answered; three times the 60 s after which gateways usually give up.
  settleMs: 180_000,
  order,
  notices,
  sweep,
  mayReopen,
  async find(connection, number) {
    // Page "Order details by number" takes it without the # that people see.
    const bare = number.replace(/^#/, '')
    if (!/^[\w-]+$/.test(bare)) return { orders: [], complete: true }
    try {
      const reply = await connection.send({
        method: 'GET',
        path: path`/openapi/${connection.settings.apiVersion}/orders/number/${bare}`,
        reply: wire.OrderReply,
      })
      const found = toOrder(reply.order)
      // Another number's order says nothing of this one.
      if (found.number?.replace(/^#/, '') !== bare) throw failureOf('doubt', '200 another order')
      return { orders: [found], complete: true }
    } catch (error) {
      if (error instanceof CallFailure && error.failure.code === 'order-not-found')
        return { orders: [], complete: true }
      throw error
    }
  },
})

export default {
  adapter: shoplazza,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
