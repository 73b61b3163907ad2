/**
 * An imitation of the Wix eCommerce Orders API that remembers: the demo and the tests talk to it as
 * to Wix itself.
 */
import { Hono, type Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { CreateSandbox, Sandbox } from '../../../src/adapter/sandbox.ts'
import { createOrders, STATES, type Entry, type Order } from './orders.ts'

// Sources are pages of dev.wix.com: "About Errors", "Create Access Token", "Make REST API Calls
// with an API Key", and of the Orders API "Get Order", "Search Orders", "Cancel Order", "Add
// Activities". Codes and limits are those of @wix/ecom's types.

const TOKEN_SECONDS = 14_400 // "Create Access Token": always four hours
const ID_LENGTH = 100
const PAGE_LENGTH = 100
const SITE_ID = '5173e000-0000-4000-8000-000000000001'
const APP_ID = 'a9900000-0000-4000-8000-000000000001'
const INSTANCE_ID = '1257a9ce-0000-4000-8000-000000000001'

export interface WixSandbox extends Sandbox {
  readonly settings: { readonly apiKey: string; readonly siteId: string }
  /** The other way in: these three buy an access token, as an app on one site does. */
  readonly oauth: {
    readonly appId: string
    readonly appSecret: string
    readonly instanceId: string
  }
  /** An API key that may read orders, but not change them. */
  readonly readOnly: { readonly apiKey: string; readonly siteId: string }
  /** What buyers were told, in order; the message is null where the cancel brought none. */
  readonly mails: readonly { readonly orderId: string; readonly message: string | null }[]
  /** How many access tokens were issued. */
  readonly tokens: number
  /** From now on no token issued so far is accepted. */
  expireTokens(): void
  /**
   * What becomes of a cancel of a canceled order. Not documented by Wix; here processed again
   * unless set to `refused`.
   */
  repeat: 'processed' | 'refused'
}

type ErrorStatus = 400 | 401 | 403 | 404 | 428 | 500

/**
 * "About Errors": every error body has these two members, and system errors have nothing in them.
 */
const failure = (status: ErrorStatus, message = '', details: object = {}) =>
  new HTTPException(status, { res: Response.json({ message, details }, { status }) })

const refusal = (status: ErrorStatus, code: string, description: string) =>
  failure(status, description, { applicationError: { code, description, data: {} } })

/** The names of `violatedRule` that Wix has for what zod found. */
const RULES: Readonly<Record<string, string>> = {
  'too_big string': 'MAX_LENGTH',
  'too_small string': 'MIN_LENGTH',
  'too_big array': 'MAX_SIZE',
  'too_small array': 'MIN_SIZE',
  'too_big number': 'MAX',
  'too_small number': 'MIN',
}

function violations(issue: z.core.$ZodIssue) {
  const paths =
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [...issue.path, key])
      : [issue.path]
  const threshold =
    issue.code === 'too_big'
      ? issue.maximum
      : issue.code === 'too_small'
        ? issue.minimum
        : undefined
  const violatedRule =
    issue.code === 'unrecognized_keys'
      ? 'FIELD_NOT_ALLOWED'
      : issue.code === 'invalid_value'
        ? 'INVALID_ENUM_VALUE'
        : issue.code === 'invalid_type' && issue.input === undefined
          ? 'REQUIRED_FIELD'
          : (RULES[`${issue.code} ${'origin' in issue ? issue.origin : ''}`] ?? 'VALIDATION')
  const data = threshold !== undefined && { data: { threshold: Number(threshold) } }
  return paths.map((path) => {
    const field = path
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .slice(1)
    return { field, description: issue.message, violatedRule, ...data }
  })
}

function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  const fieldViolations = result.error.issues.flatMap(violations)
  const message = fieldViolations
    .map(({ field, description }) => `${field}: ${description}`)
    .join('; ')
  throw failure(400, message, { validationError: { fieldViolations } })
}

/**
 * No body counts as an empty one; unknown members are ignored, as the order id that the SDK repeats
 * there.
 */
async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text()
  let body: unknown
  try {
    body = text === '' ? {} : JSON.parse(text)
  } catch {
    throw failure(400, 'The request body is not JSON.')
  }
  return validate(schema, body)
}

const orderId = z.object({ id: z.string().min(1).max(ID_LENGTH) })

const cancelBody = z.object({
  sendOrderCanceledEmail: z.boolean().default(false),
  customMessage: z.string().min(1).max(1_000).nullish(),
  restockAllItems: z.boolean().default(false),
})

/**
 * Wix takes any activity; merchant comments are the ones meant for callers, and all that is
 * imitated.
 */
const activitiesBody = z.object({
  orderActivities: z
    .array(
      z.object({
        activityType: z.enum(['MERCHANT_COMMENT']),
        merchantComment: z.object({ message: z.string().min(1).max(5_000) }),
      }),
    )
    .min(1)
    .max(300),
})

const condition = z
  .union([
    z.string(),
    z.strictObject({ $eq: z.string() }),
    z.strictObject({ $in: z.array(z.string()) }),
  ])
  .transform((given) =>
    typeof given === 'string' ? [given] : '$in' in given ? given.$in : [given.$eq],
  )

/**
 * Other fields, operators, sorting and following cursors exist at Wix: refused here rather than
 * ignored.
 */
const searchBody = z.object({
  search: z
    .strictObject({
      filter: z
        .strictObject({
          number: condition,
          status: condition,
          paymentStatus: condition,
          fulfillmentStatus: condition,
        })
        .partial()
        .nullish(),
      cursorPaging: z
        .strictObject({ limit: z.int().min(1).max(PAGE_LENGTH).default(PAGE_LENGTH) })
        .nullish(),
    })
    .default({}),
})

const FILTERS = ['number', 'status', 'paymentStatus', 'fulfillmentStatus'] as const

const tokenBody = z.object({
  grant_type: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  instance_id: z.string(),
})

export const createSandbox = (() => {
  const settings = { apiKey: 'fake-wix-key', siteId: SITE_ID }
  const readOnly = { apiKey: 'fake-wix-reading-key', siteId: SITE_ID }
  const oauth = { appId: APP_ID, appSecret: 'fake-wix-secret', instanceId: INSTANCE_ID }
  const orders = createOrders()
  const cancels = new Map<string, number>()
  const mails: { orderId: string; message: string | null }[] = []
  const tokens = new Map<string, number>()
  let issued = 0
  let requests = 0

  /**
   * "About Errors": 401 for an unknown caller. A known one without site header or permission gets a
   * 403, seen to be blank.
   */
  function authorize(c: Context, permission: 'read' | 'modify'): void {
    const given = c.req.header('authorization') ?? ''
    const expires = tokens.get(given.replace(/^Bearer /i, ''))
    if (expires !== undefined && expires > Date.now()) return
    const known = given === settings.apiKey || given === readOnly.apiKey
    if (!known) throw refusal(401, 'UNAUTHENTICATED', 'Unknown or expired credentials.')
    if (c.req.header('wix-site-id') !== SITE_ID) throw failure(403)
    if (permission === 'modify' && given === readOnly.apiKey) throw failure(403)
  }

  function findOrder(id: string): Entry {
    const entry = orders.find(validate(orderId, { id }).id)
    if (!entry) throw refusal(404, 'ORDER_NOT_FOUND', 'There is no order with this id.')
    return entry
  }

  /**
   * "Cancel Order" lists these three and nothing else; INITIALIZED and FULFILLED orders are
   * therefore canceled.
   */
  function assertCancelable({ status, balanceSummary }: Order): void {
    if (status === 'PENDING')
      throw refusal(428, 'ORDER_IS_PENDING', 'The payment of this order is being processed.')
    if (status === 'REJECTED')
      throw refusal(428, 'ORDER_IS_REJECTED', 'The payment of this order failed.')
    if (Number(balanceSummary.authorized.amount) > 0) {
      throw refusal(
        428,
        'ORDER_HAS_AUTHORIZED_TRANSACTION',
        'A payment of this order is authorized and not captured.',
      )
    }
    // The code is borrowed from the Orders API's status update: none is documented for a repeated
    // cancel.
    if (status === 'CANCELED' && sandbox.repeat === 'refused')
      throw refusal(428, 'STATUS_ALREADY_SET', 'This order is canceled.')
  }

  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.res.headers.set('X-Wix-Request-Id', `${Date.now()}.${String(++requests).padStart(6, '0')}`)
  })
  app.notFound(() => failure(404).getResponse())
  app.onError((error) => (error instanceof HTTPException ? error : failure(500)).getResponse())

  /**
   * Errors have the form of RFC 6749, section 5.2; which one a foreign instance gets is not
   * documented.
   */
  app.post('/oauth2/token', async (c) => {
    const refuse = (status: 400 | 401, error: string, error_description: string) =>
      c.json({ error, error_description }, status)
    const body = tokenBody.safeParse(await c.req.json().catch(() => undefined))
    c.header('Cache-Control', 'no-store')
    if (!body.success)
      return refuse(
        400,
        'invalid_request',
        `Needed, as JSON: ${Object.keys(tokenBody.shape).join(', ')}.`,
      )
    const { grant_type, client_id, client_secret, instance_id } = body.data
    if (grant_type !== 'client_credentials')
      return refuse(400, 'unsupported_grant_type', 'Only client_credentials is imitated.')
    if (client_id !== oauth.appId || client_secret !== oauth.appSecret)
      return refuse(401, 'invalid_client', 'Unknown app or wrong secret.')
    if (instance_id !== oauth.instanceId)
      return refuse(400, 'invalid_grant', 'The app is not installed there.')
    issued += 1
    const token = `fake-token-${issued}-${crypto.randomUUID()}`
    tokens.set(token, Date.now() + TOKEN_SECONDS * 1_000)
    return c.json({ access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS })
  })

  app.get('/ecom/v1/orders/:id', (c) => {
    authorize(c, 'read')
    return c.json({ order: findOrder(c.req.param('id')).order })
  })

  app.get('/ecom/v1/payments/orders/:id', (c) => {
    authorize(c, 'read')
    const { order, payments } = findOrder(c.req.param('id'))
    return c.json({ orderTransactions: { orderId: order.id, payments, refunds: [] } })
  })

  app.post('/ecom/v1/orders/search', async (c) => {
    authorize(c, 'read')
    const { filter, cursorPaging } = (await readBody(c, searchBody)).search
    const found = orders.search((order) =>
      FILTERS.every((field) => filter?.[field]?.includes(order[field]) ?? true),
    )
    const page = found.slice(0, cursorPaging?.limit ?? PAGE_LENGTH)
    return c.json({
      orders: page,
      metadata: { count: page.length, cursors: {}, hasNext: page.length < found.length },
    })
  })

  app.post('/ecom/v1/orders/:id/cancel', async (c) => {
    authorize(c, 'modify')
    const wishes = await readBody(c, cancelBody)
    const { order, processingMs } = findOrder(c.req.param('id'))
    // Whoever called may be gone by then; the cancel lands all the same.
    if (processingMs > 0) await new Promise((resolve) => setTimeout(resolve, processingMs))
    assertCancelable(order)
    orders.cancel(order, wishes.restockAllItems)
    cancels.set(order.id, (cancels.get(order.id) ?? 0) + 1)
    if (wishes.sendOrderCanceledEmail)
      mails.push({ orderId: order.id, message: wishes.customMessage ?? null })
    return c.json({ order })
  })

  app.post('/ecom/v1/orders/:id/activities/add', async (c) => {
    authorize(c, 'modify')
    const { orderActivities } = await readBody(c, activitiesBody)
    const { order } = findOrder(c.req.param('id'))
    const activityIds = orders.comment(
      order,
      orderActivities.map((activity) => activity.merchantComment.message),
    )
    return c.json({ order, activityIds })
  })

  const sandbox: WixSandbox = {
    app,
    settings,
    oauth,
    readOnly,
    examples: STATES.map(({ id, says }) => ({ id, says })),
    cancels,
    mails,
    get tokens() {
      return issued
    },
    expireTokens: () => tokens.clear(),
    repeat: 'processed',
  }
  return sandbox
}) satisfies CreateSandbox
