/**
 * A small stateful imitation of BigCommerce's V2 orders, so that demo, tests and curl have
 * something to cancel without a store.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox, Sandbox } from '../../../src/adapter/sandbox.ts'
import {
  type Deeds,
  type DeedsBook,
  pause,
  readJson,
  recordDeeds,
} from '../../../src/adapter/sandbox-kit.ts'
import {
  CANCELED,
  createOrders,
  LABELS,
  listOf,
  present,
  rfc2822,
  type SandboxOrder,
} from './orders.ts'

const SETTINGS = {
  storeHash: 'sandbox',
  accessToken: 'bigcommerce-sandbox-token',
} as const

export interface BigCommerceSandbox extends Omit<Sandbox, keyof Deeds>, Deeds {
  /** `mails`: whether the store’s settings have buyers written to when a status changes. */
  readonly switches: { mails: boolean }
  /** What the staff wrote, as it stands now. */
  notes(orderId: string): string | undefined
  /** Somebody of the staff writes in the control panel, over what stands there. */
  write(orderId: string, notes: string): void
}

/** The form of 404_Resp in the OpenAPI document; of other errors none is documented. */
const fail = (c: Context, status: 400 | 401 | 404, message: string) =>
  c.json([{ status, message }], status)
const NOT_FOUND = 'The requested resource was not found.'

/** Those members of order_Put that are imitated; all others are taken and passed over. */
const Put = z.looseObject({
  status_id: z
    .int()
    .min(0)
    .max(LABELS.length - 1)
    .optional(),
  staff_notes: z.string().max(65_535).optional(),
})

/** Page "Orders", "Changing order status": any status is set, and none is refused. */
const change = (
  { id, fields }: SandboxOrder,
  { status_id, staff_notes }: z.infer<typeof Put>,
  deeds: DeedsBook,
  mails: boolean,
): void => {
  if (status_id === CANCELED) deeds.canceled(id)
  if (mails && status_id !== undefined && status_id !== fields.status_id) deeds.mailed(id)
  Object.assign(fields, {
    ...(status_id !== undefined && { status_id }),
    ...(staff_notes !== undefined && { staff_notes }),
    date_modified: rfc2822(Date.now()),
  })
}

const throttle = (c: Context) => {
  c.header('X-Rate-Limit-Requests-Left', '0')
  c.header('X-Rate-Limit-Time-Reset-Ms', '1500')
  return c.body(null, 429)
}

const answerPut = async (c: Context, order: SandboxOrder, deeds: DeedsBook, mails: boolean) => {
  const { fault } = order
  if (fault === 'throttled') {
    order.fault = undefined
    return throttle(c)
  }
  const { data, error } = Put.safeParse(await readJson(c.req.raw))
  if (!data) return fail(c, 400, `The field '${error.issues[0]?.path.join('.')}' is invalid.`)
  await pause(order.busyMs)
  change(order, data, deeds, mails)
  return fault === 'gateway' ? c.text('Bad Gateway', 502) : c.json(present(order, false))
}

export const createSandbox = ((): BigCommerceSandbox => {
  const [app, orders, deeds] = [new Hono(), createOrders(), recordDeeds()]
  const { cancels, mails, refunds } = deeds
  const switches = { mails: true }
  const base = '/stores/:hash/v2'

  app.notFound((c) => fail(c, 404, NOT_FOUND))
  app.use('/stores/:hash/*', async (c, next) => {
    c.header('X-Rate-Limit-Time-Window-Ms', '30000')
    c.header('X-Rate-Limit-Time-Reset-Ms', '15000')
    c.header('X-Rate-Limit-Requests-Quota', '150')
    c.header('X-Rate-Limit-Requests-Left', '149')
    if (c.req.param('hash') !== SETTINGS.storeHash) return fail(c, 404, NOT_FOUND)
    if (c.req.header('X-Auth-Token') !== SETTINGS.accessToken)
      return fail(c, 401, 'The token is not known.')
    return next()
  })

  app.get(`${base}/order_statuses`, (c) =>
    c.json(LABELS.map((name, id) => ({ id, name, system_label: name, custom_label: name }))),
  )
  app.get(`${base}/orders`, (c) => {
    const found = listOf(orders, c.req.query())
    if (!found) return fail(c, 400, 'A parameter is invalid.')
    return found.length === 0
      ? c.body(null, 204)
      : c.json(found.map((order) => present(order, false)))
  })
  app.get(`${base}/orders/:id`, (c) => {
    const order = orders.find(c.req.param('id'))
    const { include, consignment_structure: structure } = c.req.query()
    const whole = include === 'consignments.line_items' && structure === 'object'
    return order ? c.json(present(order, whole)) : fail(c, 404, NOT_FOUND)
  })
  app.put(`${base}/orders/:id`, async (c) => {
    const order = orders.find(c.req.param('id'))
    return order ? answerPut(c, order, deeds, switches.mails) : fail(c, 404, NOT_FOUND)
  })

  return {
    app,
    settings: SETTINGS,
    examples: orders.examples,
    cancels,
    mails,
    refunds,
    switches,
    notes: (orderId) => orders.find(orderId)?.fields.staff_notes,
    write(orderId, notes) {
      const order = orders.find(orderId)
      if (order) order.fields.staff_notes = notes
    },
  }
}) satisfies CreateSandbox
