/**
 * A small stateful imitation of Shoplazza's order API, so that demo, tests and curl have something
 * to cancel without a shop.
 */
import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import type { CreateSandbox, Sandbox } from '../../../src/adapter/sandbox.ts'
import {
  type Deeds,
  pageSize,
  pause,
  readJson,
  recordDeeds,
  type RepeatSwitch,
} from '../../../src/adapter/sandbox-kit.ts'
import { cancel, createOrders, isModern, present, type SandboxOrder } from './orders.ts'

const SETTINGS = {
  shop: 'sandbox',
  accessToken: 'shoplazza-sandbox-token',
  apiVersion: '2022-01',
} as const

/** One refusal in the words of both generations: `[status, body]`. */
interface Failure {
  readonly legacy: readonly [ContentfulStatusCode, object]
  readonly modern: readonly [ContentfulStatusCode, object]
}

/** gRPC status numbers, as they shine through in the newer API. */
const GRPC = { DeadlineExceeded: 4, NotFound: 5, Aborted: 10 } as const

/** 500 with a gRPC word (page "HTTP status codes"); the body around the word is our guess. */
const grpc = (word: keyof typeof GRPC): Failure => ({
  legacy: [500, { errors: [word] }],
  modern: [500, { code: GRPC[word], message: word, details: [] }],
})

/**
 * 406 is "the order's state forbids it" (page "HTTP status codes"); body and the states that block
 * a cancel are our guess.
 */
const refusal = (sentence: string): Failure => ({
  legacy: [406, { errors: [sentence] }],
  modern: [406, { code: 'NotAcceptable', message: sentence }],
})

const FAILURES = {
  // Cancel page 2022-01: "Unauthorized" is listed under 400; 401 is on the page "HTTP status
  // codes".
  unauthorized: {
    legacy: [400, { error: 'Unauthorized' }],
    modern: [401, { code: 'Unauthorized', message: 'Access token is missing or invalid.' }],
  },
  // Order endpoints of 2022-01; the newer API answers so for metafields.
  notFound: {
    legacy: [404, { errors: ['Unable to find resource'] }],
    modern: [404, { code: GRPC.NotFound, message: 'data not found', details: [] }],
  },
  notAllowed: {
    legacy: [405, { error: 'Method Not Allowed' }],
    modern: [405, { code: 'MethodNotAllowed', message: 'Method not allowed.' }],
  },
  malformed: {
    legacy: [400, { error: 'Bad Request' }],
    modern: [400, { code: 'InvalidParameter', message: 'Request body is not valid JSON.' }],
  },
  // Shapes of the webhooks page (422 with a map) and of the 2025-06 order pages.
  badReason: {
    legacy: [422, { errors: { reason: ['must be a string'] } }],
    modern: [400, { code: 'InvalidParameter', message: 'Reason must be a string.' }],
  },
  throttled: {
    legacy: [429, { errors: ['Too Many Requests'] }],
    modern: [429, { code: 'TooManyRequests', message: 'Too many requests.' }],
  },
  // Cancel page 2022-01; its status is not stated there.
  inactive: {
    legacy: [400, { error: 'store is not active' }],
    modern: [400, { code: 'StoreNotActive', message: 'store is not active' }],
  },
  aborted: grpc('Aborted'),
  deadline: grpc('DeadlineExceeded'),
  alreadyCanceled: refusal('The order has already been canceled'),
  shipped: refusal('The order has been shipped and cannot be canceled'),
  finished: refusal('The order is finished and cannot be canceled'),
} satisfies Record<string, Failure>

const versionOf = (c: Context): string => c.req.path.split('/')[2] ?? ''

const fail = (c: Context, failure: Failure) => {
  const [status, body] = isModern(versionOf(c)) ? failure.modern : failure.legacy
  return c.json(body, status)
}

/** 2025-06 and later wrap every success; 2022-01 does not. */
const reply = (c: Context, data: object) =>
  c.json(isModern(versionOf(c)) ? { code: 'Success', message: '', data } : data)

const replyOrder = (c: Context, order: SandboxOrder) =>
  reply(c, { order: present(order, versionOf(c)) })

const CancelBody = z.object({ reason: z.string().nullish() })

/** What speaks against a cancel; the platform documents none of it. */
function objection(order: SandboxOrder): Failure | undefined {
  if (order.fulfillment === 'shipped') return FAILURES.shipped
  if (order.status === 'finished') return FAILURES.finished
  return undefined
}

export interface ShoplazzaSandbox extends Sandbox, Deeds {
  /**
   * `repeat`: what a second cancel does is unknown. `active: false`: the whole store answers "store
   * is not active".
   */
  readonly switches: RepeatSwitch & { active: boolean }
}

export const createSandbox = ((): ShoplazzaSandbox => {
  const orders = createOrders()
  const deeds = recordDeeds()
  const switches: ShoplazzaSandbox['switches'] = { repeat: 'refused', active: true }
  const app = new Hono()

  app.notFound((c) => fail(c, FAILURES.notFound))

  app.use('/openapi/:version/*', async (c, next) => {
    // The vendor's command line reads `Request-Id` from every reply.
    c.header('Request-Id', crypto.randomUUID())
    if (!/^20\d\d-\d\d$/.test(versionOf(c))) return fail(c, FAILURES.notFound)
    if (c.req.header('Access-Token') !== SETTINGS.accessToken) return fail(c, FAILURES.unauthorized)
    if (!switches.active) return fail(c, FAILURES.inactive)
    return next()
  })

  /**
   * Pages "Order list" (2022-01: ids by comma, limit, page) and "List orders" (2025-06+: ids
   * repeated, page_size, cursor); any other parameter is ignored.
   */
  app.get('/openapi/:version/orders', (c) => {
    const version = versionOf(c)
    const several = (name: string): string[] =>
      (c.req.queries(name) ?? [])
        .flatMap((value) => value.split(','))
        .filter((value) => value !== '')
    const allowed = (name: string, value: string): boolean =>
      several(name).length === 0 || several(name).includes(value)
    const ids = several('ids')
    const keyword = isModern(version) ? (c.req.query('keyword') ?? '') : ''
    const found = (
      ids.length > 0 ? ids.flatMap((id) => orders.find(id) ?? []) : orders.all()
    ).filter(
      (order) =>
        allowed('status', order.status) &&
        allowed('financial_status', order.financial) &&
        allowed('fulfillment_status', order.fulfillment) &&
        (keyword === '' || order.number.includes(keyword) || order.id.includes(keyword)),
    )
    const size = pageSize(c.req.query(isModern(version) ? 'page_size' : 'limit'), 10, 250)
    const skip = isModern(version)
      ? Number.parseInt(c.req.query('cursor') ?? '0', 10) || 0
      : (pageSize(c.req.query('page'), 1, Number.MAX_SAFE_INTEGER) - 1) * size
    const page = found.slice(skip, skip + size).map((order) => present(order, version))
    const more = found.length > skip + size
    return reply(
      c,
      isModern(version)
        ? { orders: page, cursor: more ? String(skip + size) : '', has_more: more }
        : { orders: page },
    )
  })

  app.get('/openapi/:version/orders/number/:number', (c) => {
    const order = orders.all().find(({ number }) => number === c.req.param('number'))
    return order ? replyOrder(c, order) : fail(c, FAILURES.notFound)
  })

  app.get('/openapi/:version/orders/:id', (c) => {
    const order = orders.find(c.req.param('id'))
    return order ? replyOrder(c, order) : fail(c, FAILURES.notFound)
  })

  /**
   * Page "Cancel order": one optional `reason`; no flag for refund, restock or mail in any version.
   */
  app.post('/openapi/:version/orders/:id/cancel', async (c) => {
    const order = orders.find(c.req.param('id'))
    if (!order) return fail(c, FAILURES.notFound)
    if (order.throttles > 0) {
      order.throttles -= 1
      // Not documented; sent so that a client which honours it can be seen doing so.
      c.header('Retry-After', '1')
      return fail(c, FAILURES.throttled)
    }
    const json = await readJson(c.req.raw)
    if (json === undefined) return fail(c, FAILURES.malformed)
    const body = CancelBody.safeParse(json)
    if (!body.success) return fail(c, FAILURES.badReason)

    await pause(order.thinksMs ?? 0)
    if (order.fault === 'aborted') {
      order.fault = null
      return fail(c, FAILURES.aborted)
    }
    if (order.canceledAt !== null) {
      deeds.canceled(order.id)
      return switches.repeat === 'harmless'
        ? replyOrder(c, order)
        : fail(c, FAILURES.alreadyCanceled)
    }
    const against = objection(order)
    if (against) return fail(c, against)
    cancel(order, body.data.reason ?? null)
    deeds.canceled(order.id)
    return order.fault === 'deadline' ? fail(c, FAILURES.deadline) : replyOrder(c, order)
  })
  app.all('/openapi/:version/orders/:id/cancel', (c) => fail(c, FAILURES.notAllowed))

  const { cancels, mails, refunds } = deeds
  return { app, settings: SETTINGS, examples: orders.examples, cancels, mails, refunds, switches }
}) satisfies CreateSandbox
