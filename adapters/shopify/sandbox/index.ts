/**
 * A small stateful imitation of Shopify's GraphQL Admin API (as recorded on 2026-04, and by the
 * schemas of 2025-10 to 2026-10), so that demo, tests and curl have something to cancel.
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { pause, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
import { execute, QueryError, type Shape, undefinedField } from './graphql.ts'
import { createJobs } from './jobs.ts'
import { cancel, createOrders, type Entry, globalId, type Order, refusalOf } from './orders.ts'

const SETTINGS = { shop: 'sandbox', apiVersion: '2026-10', accessToken: 'shopify-sandbox-token' }
/** Of an app, which gets a token of a day. */
const APP = { clientId: 'shopify-sandbox-app', clientSecret: 'shopify-sandbox-secret' }

const VERSIONS = ['2025-10', '2026-01', '2026-04', '2026-07', '2026-10'] as const
const [OLDEST] = VERSIONS
/** A version that is not served is answered by the oldest that is. */
const answering = (asked: string): string => VERSIONS.find((one) => one === asked) ?? OLDEST

const Body = z.looseObject({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
})

const CancelArgs = z.strictObject({
  orderId: z.string(),
  reason: z.enum(['CUSTOMER', 'DECLINED', 'FRAUD', 'INVENTORY', 'OTHER', 'STAFF']),
  restock: z.boolean(),
  notifyCustomer: z.boolean().nullish(),
  staffNote: z.string().nullish(),
  refund: z.boolean().nullish(),
  refundMethod: z.strictObject({ originalPaymentMethodsRefund: z.boolean() }).nullish(),
})
const ById = z.strictObject({ id: z.string() })
const OrdersArgs = z.strictObject({
  first: z.number().int().min(1).max(250),
  after: z.string().nullish(),
  query: z.string(),
  sortKey: z.enum(['PROCESSED_AT', 'UPDATED_AT']).default('PROCESSED_AT'),
})

const read = <T extends z.ZodType>(shape: T, args: unknown): z.output<T> => {
  const { data, success } = shape.safeParse(args)
  if (!success) throw new QueryError('argumentLiteralsIncompatible', 'not imitated: arguments')
  return data
}

/** What a cancel answers with; from 2026-10 on with one more. */
const PAYLOAD: readonly string[] = ['job', 'orderCancelUserErrors', 'userErrors']

const LONGEST_NOTE = 255

const keyOf = (id: string): string => {
  const [, key] = /^gid:\/\/shopify\/Order\/(.+)$/.exec(id) ?? []
  if (key === undefined)
    throw new QueryError('INVALID_VARIABLE', 'Variable $id of type ID! was provided invalid value')
  return key
}

const userError = (field: string[] | null, message: string, code = 'INVALID'): Shape => ({
  __typename: 'OrderCancelPayload',
  job: null,
  jobResult: null,
  orderCancelUserErrors: [{ field, message, code }],
  userErrors: [{ field, message }],
})

/** Somebody else was first: their cancel ends by itself. */
const yieldTo = (entry: Entry, ms: number): void => {
  entry.isBusy = true
  void pause(ms).then(() => {
    entry.isBusy = false
    cancel(entry, { reason: 'STAFF', staffNote: null, restock: false, refund: false })
  })
}

type Asked = z.output<typeof CancelArgs>

/** What is wrong with the arguments alone; null: nothing. */
const refuseArgs = ({ refund, refundMethod, staffNote }: Asked) => {
  if (typeof refund === 'boolean' && refundMethod)
    return userError(
      ['refund'],
      'Only one of the arguments `refund` or `refund_method` is allowed.',
    )
  if ([...(staffNote ?? '')].length > LONGEST_NOTE)
    return userError(
      ['staffNote'],
      `Staff note is too long. Maximum length is ${LONGEST_NOTE} characters.`,
    )
  return null
}

const serveOrders = () => {
  const orders = createOrders()
  const deeds = recordDeeds()
  const jobs = createJobs(deeds.canceled)
  const orderCancel = (args: unknown): Shape => {
    const asked = read(CancelArgs, args)
    const entry = orders.find(keyOf(asked.orderId))
    if (!entry) return userError(['orderId'], 'Order does not exist', 'NOT_FOUND')
    if (entry.throttled-- > 0) throw new QueryError('THROTTLED', 'Throttled')
    const wrong = refuseArgs(asked)
    if (wrong) return wrong
    const { somebodyMs } = entry.state
    if (somebodyMs !== undefined && !entry.isBusy && entry.order.cancelledAt === null)
      yieldTo(entry, somebodyMs)
    const refusal = refusalOf(entry)
    if (refusal !== null) return userError(entry.isBusy ? null : ['orderId'], refusal)
    const { id, result } = jobs.begin(entry, {
      reason: asked.reason,
      staffNote: asked.staffNote ?? null,
      restock: asked.restock,
      refund: asked.refundMethod?.originalPaymentMethodsRefund ?? asked.refund ?? false,
    })
    if (asked.notifyCustomer) deeds.mailed(entry.key)
    return {
      __typename: 'OrderCancelPayload',
      // As they are told before a job has run.
      job: { id, done: false },
      jobResult: { id: result, done: false, status: 'STARTED', errors: [], order: null },
      orderCancelUserErrors: [],
      userErrors: [],
    }
  }
  return { orders, deeds, jobs, orderCancel }
}

/** Where an order stands by its last change, as a page's cursor. */
const placeOf = ({ order }: Entry): string => `${order.updatedAt} ${order.id}`

/** The searches that are imitated; others are refused here rather than ignored. */
const matching = (query: string): ((order: Order) => boolean) => {
  const [, name] = /^name:"((?:[^"\\]|\\.)*)"$/.exec(query) ?? []
  if (name !== undefined) {
    const plain = name.replaceAll(/\\(.)/g, '$1')
    return (order) => order.name.replace('#', '') === plain.replace('#', '')
  }
  const [, since] = /^updated_at:>='([^']+)' AND status:cancelled$/.exec(query) ?? []
  if (since === undefined) throw new QueryError('INVALID_SEARCH', 'not imitated: this search')
  return (order) => order.cancelledAt !== null && Date.parse(order.updatedAt) >= Date.parse(since)
}

const serveSearch = (all: () => readonly Entry[]) => (args: unknown) => {
  const { first, after, query } = read(OrdersArgs, args)
  const isMeant = matching(query)
  const found = all()
    .filter((entry) => isMeant(entry.order) && (!after || placeOf(entry) > after))
    .toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
  const page = found.slice(0, first)
  const last = page.at(-1)
  return {
    nodes: page.map(({ order }) => order),
    pageInfo: { hasNextPage: found.length > first, endCursor: last ? placeOf(last) : null },
  }
}

const BUCKET = { maximumAvailable: 2000, currentlyAvailable: 1990, restoreRate: 100 }
const costOf = (isThrottled: boolean) => ({
  cost: {
    requestedQueryCost: 10,
    actualQueryCost: isThrottled ? null : 10,
    throttleStatus: { ...BUCKET, ...(isThrottled && { currentlyAvailable: 0 }) },
  },
})

/** Answers a document from these roots, as the version that is asked for has them. */
const serveDocuments = (
  isKnown: (token: string) => boolean,
  rootsOf: (version: string) => Record<string, Shape>,
) => {
  const answer = async (c: Context) => {
    const version = answering(c.req.param('version') ?? '')
    c.header('x-shopify-api-version', version)
    if (!isKnown(c.req.header('x-shopify-access-token') ?? ''))
      return c.json({ errors: '[API] Invalid API key or access token' }, 401)
    const { data: body } = Body.safeParse(await readJson(c.req.raw))
    if (!body) return c.json({ errors: 'Bad Request' }, 400)
    try {
      const data = await execute(body.query, body.variables ?? {}, rootsOf(version))
      return c.json({ data, extensions: costOf(false) })
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      const { message, code } = error
      return c.json({
        errors: [{ message, extensions: { code } }],
        extensions: costOf(code === 'THROTTLED'),
      })
    }
  }

  return answer
}

/** Gives tokens of a day to the app: as JSON, or as the form of OAuth. */
const serveLogins = (remember: (token: string) => void) => {
  const login = async (c: Context) => {
    const isForm = c.req.header('content-type')?.includes('form') ?? false
    const asked = isForm
      ? Object.fromEntries(new URLSearchParams(await c.req.text()))
      : ((await readJson(c.req.raw)) as Record<string, unknown> | undefined)
    if (asked?.['grant_type'] !== 'client_credentials')
      return c.json({ error: 'unsupported_grant_type' }, 400)
    if (asked['client_id'] !== APP.clientId || asked['client_secret'] !== APP.clientSecret)
      return c.json({ error: 'invalid_client' }, 401)
    const token = `shpat_${crypto.randomUUID().replaceAll('-', '')}`
    remember(token)
    return c.json({ access_token: token, scope: 'write_orders', expires_in: 86_399 })
  }

  return login
}

export const createSandbox = (() => {
  const { orders, deeds, jobs, orderCancel } = serveOrders()
  const tokens = new Set([SETTINGS.accessToken])
  const search = serveSearch(orders.all)
  const rootsOf = (version: string): Record<string, Shape> => ({
    query: {
      __typename: 'QueryRoot',
      order: (args: unknown) => orders.find(keyOf(read(ById, args).id))?.order ?? null,
      job: (args: unknown) => jobs.job(read(ById, args).id),
      node: (args: unknown) => jobs.result(read(ById, args).id),
      orders: search,
    },
    mutation: {
      __typename: 'Mutation',
      orderCancel: (args: unknown, asked: readonly string[]): Shape => {
        const known = version >= '2026-10' ? [...PAYLOAD, 'jobResult'] : PAYLOAD
        // A document is checked before anything is done.
        const unknown = asked.find((name) => !known.includes(name))
        if (unknown !== undefined) throw undefinedField(unknown, 'OrderCancelPayload')
        return orderCancel(args)
      },
    },
  })

  const app = new Hono()
  const isKnown = (token: string) => tokens.has(token)
  app.post('/admin/api/:version/graphql.json', serveDocuments(isKnown, rootsOf))
  app.post(
    '/admin/oauth/access_token',
    serveLogins((token) => void tokens.add(token)),
  )
  return {
    app,
    settings: SETTINGS,
    examples: orders.examples,
    cancels: deeds.cancels,
    mails: deeds.mails,
    appSettings: APP,
    taken: jobs.taken,
    planFor: jobs.planFor,
    endAll: jobs.endAll,
    /** Whether a cancel of the order is at work. */
    isBusy: (key: string): boolean => orders.find(key)?.isBusy ?? false,
    /** From now on no token that was given out before is known. */
    endTokens: () => tokens.clear(),
    globalId,
  }
}) satisfies CreateSandbox
