/** The endpoints of cancellations that are written down: read, list, withdraw, resolve. */
import { createRoute, z } from '@hono/zod-openapi'
import { markOf } from '../../gateway/links/caller.ts'
import { isAtRest, ORIGINS, RESOLUTIONS, STATUSES } from '../../model/cancellation.ts'
import { isText, TEXT_RULE } from '../../model/text.ts'
import {
  CancellationAnswer,
  json,
  page,
  needs,
  problems,
  toAnswer,
  toDelivery,
} from '../answers.ts'
import { limitBody, readBody, readPrefer } from '../body.ts'
import { readCursor, toCursor } from '../cursor.ts'
import { addAsking, body, patience, Prefer, type Routes, tellApplied } from './cancel.ts'

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
  origin: z.enum(ORIGINS).optional(),
  approval: z.enum(['awaited']).optional().meta({
    description: 'Only what waits for somebody’s approval.',
  }),
  link: z.string().min(1).max(128).optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
  limit,
  cursor: z.string().min(1).max(512).optional(),
})
const note = (description: string) =>
  z.string().min(1).max(1000).refine(isText, `must be ${TEXT_RULE}`).meta({ description })
export const ResolveRequest = z
  .strictObject({ as: z.enum(RESOLUTIONS), note: note('What was found, for the record.') })
  .meta({ id: 'ResolveRequest' })
export const ApproveRequest = z
  .strictObject({ note: note('For the record.').nullish() })
  .meta({ id: 'ApproveRequest' })
export const DeclineRequest = z
  .strictObject({ note: note('Why, for the record.') })
  .meta({ id: 'DeclineRequest' })

const addListCancellations = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/cancellations',
      operationId: 'listCancellations',
      tags: ['Cancellations'],
      summary: 'List cancellations',
      ...needs('read'),
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
      const links = await c.get('service').links.ofAll(data)
      const told = data.map((one, index) => toAnswer(one, markOf(links[index] ?? null)))
      return c.json({ data: told, nextCursor }, 200)
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
      summary: 'Get a cancellation',
      ...needs('read'),
      middleware: [access('read')] as const,
      request: { params: Id, headers: z.object({ prefer: Prefer }) },
      responses: { 200: json(CancellationAnswer, 'The record, whatever its status.'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param')
      const service = c.get('service')
      let record = await service.get(id)
      const { waitMs, applied } = readPrefer(c.req.header('prefer'), 0)
      if (waitMs > 0 && !(isAtRest(record.status) && record.link === undefined))
        record = await service.wait(record, waitMs, patience(c, leaving))
      tellApplied(c, record, applied)
      const told = await c.get('webhooks').of(record.id)
      const deliveries = told && { deliveries: told.map(toDelivery) }
      const link = markOf(await service.links.of(record))
      return c.json({ ...toAnswer(record, link), ...deliveries }, 200)
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
      summary: 'Withdraw a cancellation',
      ...needs('cancel'),
      middleware: [access('cancel')] as const,
      request: { params: Id },
      responses: { 200: json(CancellationAnswer, 'Withdrawn.'), ...problems },
    }),
    async (c) => {
      const service = c.get('service')
      const record = await service.withdraw(c.req.valid('param').id)
      return c.json(toAnswer(record, markOf(await service.links.of(record))), 200)
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
      summary: 'Resolve a cancellation',
      ...needs('operate'),
      middleware: [access('operate'), limitBody] as const,
      request: { params: Id, body: body('ResolveRequest') },
      responses: { 200: json(CancellationAnswer, 'Closed, or accepted again.'), ...problems },
    }),
    async (c) => {
      const { as, note } = await readBody(c, ResolveRequest)
      const { id } = c.req.valid('param')
      const service = c.get('service')
      const record = await service.resolve(id, as, note)
      return c.json(toAnswer(record, markOf(await service.links.of(record))), 200)
    },
  )
}

const addApprove = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/cancellations/{id}/approve',
      operationId: 'approve',
      tags: ['Cancellations'],
      summary: 'Let what waits for approval be sent',
      ...needs('approve'),
      middleware: [access('approve'), limitBody] as const,
      request: { params: Id, body: body('ApproveRequest') },
      responses: { 200: json(CancellationAnswer, 'Approved; it goes its way.'), ...problems },
    }),
    async (c) => {
      const { note = null } = await readBody(c, ApproveRequest)
      const service = c.get('service')
      const record = await service.approve(c.req.valid('param').id, note)
      return c.json(toAnswer(record, markOf(await service.links.of(record))), 200)
    },
  )
}

const addDecline = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/cancellations/{id}/decline',
      operationId: 'decline',
      tags: ['Cancellations'],
      summary: 'End what waits for approval; nothing is sent',
      ...needs('approve'),
      middleware: [access('approve'), limitBody] as const,
      request: { params: Id, body: body('DeclineRequest') },
      responses: { 200: json(CancellationAnswer, 'Declined.'), ...problems },
    }),
    async (c) => {
      const { note } = await readBody(c, DeclineRequest)
      const service = c.get('service')
      const record = await service.decline(c.req.valid('param').id, note)
      return c.json(toAnswer(record, markOf(await service.links.of(record))), 200)
    },
  )
}

export const addCancellations = (routes: Routes): void => {
  addAsking(routes)
  addListCancellations(routes)
  addGetCancellation(routes)
  addWithdraw(routes)
  addResolve(routes)
  addApprove(routes)
  addDecline(routes)
}
