/**
 * A small stateful imitation of Shoplazza's order API, so that demo, tests and curl have something
 * to cancel without a shop.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox, Sandbox } from '../../../src/adapter/sandbox.ts'
import {
  type Deeds,
  type DeedsBook,
  pageSize,
  pause,
  readJson,
  recordDeeds,
} from '../../../src/adapter/sandbox-kit.ts'
import { type Failure, FAILURES } from './errors.ts'
import { cancel, createOrders, isModern, present, type SandboxOrder } from './orders.ts'

const SETTINGS = {
  shop: 'sandbox',
  accessToken: 'shoplazza-sandbox-token',
  apiVersion: '2022-01',
} as const

export interface ShoplazzaSandbox extends Omit<Sandbox, keyof Deeds>, Deeds {
  /** Not `active`: the whole store answers "store is not active". */
  readonly switches: { active: boolean }
}

const versionOf = (c: Context): string => c.req.path.split('/')[2] ?? ''

const fail = (c: Context, failure: Failure) => {
  const [status, body] = isModern(versionOf(c)) ? failure.modern : failure.legacy
  return c.json(body, status)
}

/** 2025-06 and later wrap every success; 2022-01 does not. */
const reply = (c: Context, order: SandboxOrder | undefined) => {
  if (!order) return fail(c, FAILURES.notFound)
  const data = { order: present(order, versionOf(c)) }
  return c.json(isModern(versionOf(c)) ? { code: 'Success', message: '', data } : data)
}

const listOf = (c: Context, all: readonly SandboxOrder[]): SandboxOrder[] => {
  const { updated_at_min: min, updated_at_max: max, status, ids } = c.req.query()
  const from = min === undefined ? -Infinity : Date.parse(min)
  const to = max === undefined ? Infinity : Date.parse(max)
  return all.filter(({ id, fields }) => {
    const at = Date.parse(fields.updated_at)
    return (
      at >= from &&
      at <= to &&
      (status === undefined || fields.status === status) &&
      (ids === undefined || ids.split(',').includes(id))
    )
  })
}

/**
 * Page "Order List" of 2022-01: `limit` and `page`. Later (the vendor's command line): `page_size`
 * and `cursor`. What has another name is ignored without a word, so that 10 come.
 */
const list = (c: Context, all: readonly SandboxOrder[]) => {
  const found = listOf(c, all)
  const version = versionOf(c)
  const { limit, page, page_size: asked, cursor } = c.req.query()
  const size = pageSize(isModern(version) ? asked : limit, 10, 250)
  const numbered = (pageSize(page, 1, Number.MAX_SAFE_INTEGER) - 1) * size
  // Opaque at Shoplazza; here it names the last order of the page before.
  const start = isModern(version) ? found.findIndex(({ id }) => id === cursor) + 1 : numbered
  const rows = found.slice(start, start + size)
  const orders = rows.map((order) => present(order, version))
  if (!isModern(version)) return c.json({ count: found.length, orders })
  const has_more = start + size < found.length
  const data = { orders, cursor: rows.at(-1)?.id ?? '', has_more }
  return c.json({ code: 'Success', message: '', data })
}

const CancelBody = z.object({ reason: z.string().nullish() })

/** What speaks against a cancel; the platform documents none of it. */
function objection({ fields }: SandboxOrder): Failure | undefined {
  if (fields.canceled_at !== null) return FAILURES.alreadyCanceled
  if (fields.fulfillment_status === 'shipped') return FAILURES.shipped
  if (fields.status === 'finished') return FAILURES.finished
  return undefined
}

/**
 * Page "Cancel order": one optional `reason`; no flag for refund, restock or mail in any version.
 */
async function answerCancel(c: Context, order: SandboxOrder, deeds: DeedsBook) {
  if (order.fault === 'throttled') {
    order.fault = undefined
    // Not documented; sent so that a client which honours it can be seen doing so.
    c.header('Retry-After', '1')
    return fail(c, FAILURES.throttled)
  }
  const json = await readJson(c.req.raw)
  if (json === undefined) return fail(c, FAILURES.malformed)
  const body = CancelBody.safeParse(json)
  if (!body.success) return fail(c, FAILURES.badReason)
  await pause(order.busyMs)
  if (order.fault === 'aborted') {
    order.fault = undefined
    return fail(c, FAILURES.aborted)
  }
  const against = objection(order)
  if (!against || against === FAILURES.alreadyCanceled) deeds.canceled(order.id)
  if (against) return fail(c, against)
  cancel(order, body.data.reason ?? null)
  return order.fault === 'deadline' ? fail(c, FAILURES.deadline) : reply(c, order)
}

export const createSandbox = ((): ShoplazzaSandbox => {
  const [app, orders, deeds] = [new Hono(), createOrders(), recordDeeds()]
  const switches = { active: true }

  app.notFound((c) => fail(c, FAILURES.notFound))
  app.use('/openapi/:version/*', async (c, next) => {
    // The vendor's command line reads `Request-Id` from every reply.
    c.header('Request-Id', crypto.randomUUID())
    if (!/^20\d\d-\d\d$/.test(versionOf(c))) return fail(c, FAILURES.notFound)
    if (c.req.header('Access-Token') !== SETTINGS.accessToken) return fail(c, FAILURES.unauthorized)
    return switches.active ? next() : fail(c, FAILURES.inactive)
  })

  app.get('/openapi/:version/orders/number/:number', (c) => {
    const { number } = c.req.param()
    return reply(
      c,
      orders.all().find((order) => order.number === number),
    )
  })
  app.get('/openapi/:version/orders', (c) => list(c, orders.all()))
  app.get('/openapi/:version/orders/:id', (c) => reply(c, orders.find(c.req.param('id'))))
  app.post('/openapi/:version/orders/:id/cancel', async (c) => {
    const order = orders.find(c.req.param('id'))
    return order ? answerCancel(c, order, deeds) : fail(c, FAILURES.notFound)
  })

  const { cancels, mails, refunds } = deeds
  return { app, settings: SETTINGS, examples: orders.examples, cancels, mails, refunds, switches }
}) satisfies CreateSandbox
