/** The endpoints of cancellations: ask, preview, read, list, withdraw, resolve. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { CallerService, CancellationService } from '../../gateway/service.ts'
import { LedgerUnavailable } from '../../ledger/port.ts'
import { type Cancellation, isAtRest, RESOLUTIONS, STATUSES } from '../../model/cancellation.ts'
import { problem, refuse } from '../../model/problem.ts'
import { CancelRequest } from '../../model/request.ts'
import { isText, TEXT_RULE } from '../../model/text.ts'
import { steadyNow } from '../../model/time.ts'
import type { Access, Env } from '../auth.ts'
import {
  CancellationAnswer,
  json,
  linkTo,
  page,
  PreviewAnswer,
  problemOf,
  problems,
  toAnswer,
  toDelivery,
} from '../answers.ts'
import type { App } from '../auth.ts'
import {
  limitBody,
  type Preferred,
  readBody,
  readCustomerToken,
  readKey,
  readPrefer,
} from '../body.ts'
import { readCursor, toCursor } from '../cursor.ts'

const security = [{ key: [] }]
/**
 * A body by its name in the document; the handler reads it itself, after the checks that come
 * first.
 */
const body = (name: string) => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
  required: true,
})

const Prefer = z.string().optional().meta({
  description:
    '`wait=N` (seconds, at most 25), `respond-async`, or both: wait so long, then answer 202.',
  example: 'wait=15',
})
const AskHeaders = z.object({
  'idempotency-key': z.string().optional().meta({
    description: '1–255 visible ASCII characters, quoted or bare: the same request is done once.',
    example: '"9f1c2c1e-7b1d-4b57-9b8e-0c1f6a3d2e10"',
  }),
  prefer: Prefer,
  'rescind-customer-token': z.string().optional().meta({
    description: 'Transfers: the customer’s own token; used within this request and never kept.',
  }),
})
const Id = z.object({ id: z.string().meta({ example: 'can_01KAK3J0X5T9V2W8Q6N4M7R1ZB' }) })
/** RFC 3339, whose “T” and “Z” may be written small. */
export const instant = () =>
  z
    .string()
    .toUpperCase()
    .pipe(z.iso.datetime({ offset: true }))
    .transform((text) => Date.parse(text))
    .meta({ format: 'date-time', example: '2026-11-21T12:00:00Z' })
/** How many a page has. */
export const limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.number().int().min(1).max(100))
  .default(25)
  .meta({ type: 'integer', minimum: 1, maximum: 100, default: 25 })
const Filters = z.strictObject({
  store: z.string().min(1).optional(),
  orderId: z.string().min(1).optional(),
  status: z.enum(STATUSES).optional(),
  reference: z.string().min(1).optional(),
  batchId: z.string().min(1).optional(),
  createdAfter: instant().optional(),
  createdBefore: instant().optional(),
  updatedAfter: instant().optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
  limit,
  cursor: z.string().min(1).max(512).optional(),
})
export const ResolveRequest = z
  .strictObject({
    as: z.enum(RESOLUTIONS),
    note: z
      .string()
      .min(1)
      .max(1000)
      .refine(isText, `must be ${TEXT_RULE}`)
      .meta({ description: 'What was found, for the record.' }),
  })
  .meta({ id: 'ResolveRequest' })

const SENDING_RETRY_S = 2

/** The customer's own token, which only a transfer can have a use for. */
const tokenFor = (c: Context<Env>, target: CancelRequest['target']): string | null => {
  const token = readCustomerToken(c.req.header('rescind-customer-token'))
  if (token !== null && target !== 'transfer')
    refuse('invalid-request', 'A customer’s token is for transfers only.', {
      errors: [{ pointer: '/Rescind-Customer-Token', detail: 'only with "target": "transfer"' }],
    })
  return token
}

/**
 * The HTTP status follows the record: 200 or 201 canceled, 202 not known yet, no 2xx ever means
 * refused.
 */
const answer = (c: Context<Env>, record: Cancellation, created: boolean, now: number) => {
  c.header('location', linkTo(record))
  if (record.status === 'succeeded') return c.json(toAnswer(record), created ? 201 : 200)
  if (!isAtRest(record.status)) {
    // While the platform is being asked its answer may come at any moment, long before the lease
    // ends.
    const seconds = Math.ceil(((record.wakeAt ?? now) - now) / 1000)
    c.header(
      'retry-after',
      String(
        Math.max(1, record.status === 'sending' ? Math.min(seconds, SENDING_RETRY_S) : seconds),
      ),
    )
    return c.json(toAnswer(record), 202)
  }
  const found = problemOf(record) ?? problem('internal', 'The record lacks its problem.')
  c.set('code', found.code)
  return c.json(found, found.status as ContentfulStatusCode, {
    'content-type': 'application/problem+json',
  })
}

const tellApplied = (
  c: Context<Env>,
  record: Cancellation,
  applied: Preferred['applied'],
): void => {
  const told = applied(!isAtRest(record.status))
  if (told !== null) c.header('preference-applied', told)
}

/**
 * The record once it is at rest, or time is up. It is written down: a ledger that fails now takes
 * nothing back.
 */
const held = async (
  service: CallerService,
  record: Cancellation,
  waitMs: number,
  signal: AbortSignal,
): Promise<Cancellation> => {
  try {
    return await service.wait(record, waitMs, signal)
  } catch (error) {
    if (error instanceof LedgerUnavailable) return record
    throw error
  }
}

interface Routes {
  readonly app: App
  readonly gateway: CancellationService
  readonly access: Access
  /** Aborted when the gateway is about to leave: whoever waits is answered with what is known. */
  readonly leaving?: AbortSignal | undefined
}

/** How long it matters that somebody waits. */
const patience = (c: Context<Env>, leaving: AbortSignal | undefined): AbortSignal =>
  leaving ? AbortSignal.any([c.req.raw.signal, leaving]) : c.req.raw.signal

const addCancel = ({ app, access, gateway, leaving }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/cancellations',
      operationId: 'cancel',
      tags: ['Cancellations'],
      summary: 'Cancel an order, or an order transfer',
      security,
      description: '200 or 201 means canceled, 202 means not known yet; no 2xx ever means refused.',
      middleware: [access('cancel'), limitBody] as const,
      request: { headers: AskHeaders, body: body('CancelRequest') },
      responses: {
        200: json(CancellationAnswer, 'Canceled, by an earlier request.'),
        201: json(CancellationAnswer, 'Canceled.'),
        202: json(
          CancellationAnswer,
          'Written down; not known yet. `Retry-After` says when to look.',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const { store, ...rest } = await readBody(c, CancelRequest)
      const service = c.get('service')
      const key = readKey(c.req.header('idempotency-key'))
      const token = tokenFor(c, rest.target)
      const { waitMs, applied } = readPrefer(c.req.header('prefer'), gateway.timing.waitMs)
      const asked = await service.cancel({ ...rest, store }, key, token)
      const record =
        isAtRest(asked.record.status) || waitMs === 0
          ? asked.record
          : await held(service, asked.record, waitMs, patience(c, leaving))
      tellApplied(c, record, applied)
      if (asked.how !== 'created') c.header('idempotent-replayed', 'true')
      if (asked.how === 'deduplicated') c.header('rescind-deduplicated', 'true')
      return answer(c, record, asked.how === 'created', steadyNow()) as never
    },
  )
}

const addPreview = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/cancellations/preview',
      operationId: 'preview',
      tags: ['Cancellations'],
      summary: 'What would become of it; touches nothing',
      security,
      middleware: [access('read'), limitBody] as const,
      request: {
        headers: AskHeaders.pick({ 'rescind-customer-token': true }),
        body: body('CancelRequest'),
      },
      responses: { 200: json(PreviewAnswer, 'What a cancel would find and do.'), ...problems },
    }),
    async (c) => {
      const { store: id, ...rest } = await readBody(c, CancelRequest)
      const byCustomer = tokenFor(c, rest.target) !== null
      const service = c.get('service')
      const store = service.store(id)
      const found = await service.preview({ ...rest, store: store.id }, byCustomer)
      return c.json(
        { store: store.id, platform: store.adapter.id, target: rest.target, ...found },
        200,
      )
    },
  )
}

const addListCancellations = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/cancellations',
      operationId: 'listCancellations',
      tags: ['Cancellations'],
      summary: 'List cancellations',
      security,
      middleware: [access('read')] as const,
      request: { query: Filters },
      responses: {
        200: json(page(CancellationAnswer), 'A page; `Link: rel="next"` leads on.'),
        ...problems,
      },
    }),
    async (c) => {
      const { store, cursor, ...filters } = c.req.valid('query')
      const after = cursor === undefined ? undefined : readCursor(cursor)
      const query = { ...filters, limit: filters.limit + 1, store, after }
      const records = await c.get('service').list(query)
      const data = records.slice(0, filters.limit)
      const last = records.length > filters.limit ? data.at(-1) : undefined
      const nextCursor = last
        ? toCursor({
            at: filters.updatedAfter === undefined ? last.createdAt : last.updatedAt,
            id: last.id,
          })
        : null
      if (nextCursor !== null) {
        const next = new URLSearchParams({ ...c.req.query(), cursor: nextCursor })
        c.header('link', `</v1/cancellations?${next.toString()}>; rel="next"`)
      }
      return c.json({ data: data.map(toAnswer), nextCursor }, 200)
    },
  )
}

const addGetCancellation = ({ app, access, leaving }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/cancellations/{id}',
      operationId: 'getCancellation',
      tags: ['Cancellations'],
      summary: 'One cancellation',
      security,
      middleware: [access('read')] as const,
      request: { params: Id, headers: z.object({ prefer: Prefer }) },
      responses: { 200: json(CancellationAnswer, 'The record, whatever its status.'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param')
      const service = c.get('service')
      let record = await service.get(id)
      const { waitMs, applied } = readPrefer(c.req.header('prefer'), 0)
      if (waitMs > 0 && !isAtRest(record.status))
        record = await service.wait(record, waitMs, patience(c, leaving))
      tellApplied(c, record, applied)
      const told = await c.get('webhooks').of(record.id)
      return c.json({ ...toAnswer(record), ...(told && { deliveries: told.map(toDelivery) }) }, 200)
    },
  )
}

const addWithdraw = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/cancellations/{id}/withdraw',
      operationId: 'withdraw',
      tags: ['Cancellations'],
      summary: 'Take back what was not sent',
      security,
      middleware: [access('cancel')] as const,
      request: { params: Id },
      responses: { 200: json(CancellationAnswer, 'Withdrawn.'), ...problems },
    }),
    async (c) => {
      return c.json(toAnswer(await c.get('service').withdraw(c.req.valid('param').id)), 200)
    },
  )
}

const addResolve = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/cancellations/{id}/resolve',
      operationId: 'resolve',
      tags: ['Cancellations'],
      summary: 'A person closes what needs attention',
      security,
      middleware: [access('operate'), limitBody] as const,
      request: { params: Id, body: body('ResolveRequest') },
      responses: { 200: json(CancellationAnswer, 'Closed, or accepted again.'), ...problems },
    }),
    async (c) => {
      const { as, note } = await readBody(c, ResolveRequest)
      const { id } = c.req.valid('param')
      return c.json(toAnswer(await c.get('service').resolve(id, as, note)), 200)
    },
  )
}

export const addCancellations = (routes: Routes): void => {
  addCancel(routes)
  addPreview(routes)
  addListCancellations(routes)
  addGetCancellation(routes)
  addWithdraw(routes)
  addResolve(routes)
}
