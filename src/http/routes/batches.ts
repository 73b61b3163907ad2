/** The endpoints of batches: take many at once, read how far they are, pause, resume, stop. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { type BatchView, type ItemView, MAX_ITEMS } from '../../gateway/batches/service.ts'
import { BATCH_STATUSES } from '../../model/batch.ts'
import { STATUSES } from '../../model/cancellation.ts'
import { LINE, Problem, refuse } from '../../model/problem.ts'
import { CancelRequest, ItemDefaults } from '../../model/request.ts'
import type { Access, Env } from '../auth.ts'
import { json, page, needs, problems } from '../answers.ts'
import type { App } from '../auth.ts'
import { bytesOf, invalid, isJson, limitBytes, mediaOf, readJson, readKey } from '../body.ts'
import { limit } from './cancellations.ts'
import { readCursor, toCursor } from '../cursor.ts'
import { type Draft, draftsOf, invalidItems, readCsv, takeItems } from '../../input/items.ts'
import { toCsv } from '../../input/result.ts'

const MAX_BODY_BYTES = 8 * 1024 * 1024
/** Rows that are read at once for a table. */
const CSV_PAGE = 500

const tags = ['Batches']
const time = () => z.iso.datetime().meta({ example: '2026-11-21T12:00:00.000Z' })

export const BatchRequest = z
  .strictObject({
    defaults: ItemDefaults.nullish(),
    items: z
      .array(CancelRequest)
      .min(1)
      .max(MAX_ITEMS)
      .meta({ description: 'What one cancellation each is asked with.' }),
    partial: z.boolean().nullish().meta({
      description: 'Take the valid items and list the others, in the place of taking none.',
    }),
  })
  .meta({ id: 'BatchRequest' })
/** Items are checked one by one, so that each mistake has its row. */
const Envelope = BatchRequest.extend({ items: z.array(z.unknown()).min(1) })

const count = () => z.number().int()
const BatchAnswer = z
  .object({
    id: z.string().meta({ example: 'bat_01KAK3J0X5T9V2W8Q6N4M7R1ZB' }),
    status: z.enum(BATCH_STATUSES),
    total: count(),
    counts: z
      .object({
        accepted: count(),
        sending: count(),
        in_doubt: count(),
        succeeded: count(),
        rejected: count(),
        needs_attention: count(),
      })
      .meta({
        description:
          'How many items are in each status; `accepted` are those whose turn has not come, too.',
      }),
    createdAt: time(),
    finishedAt: time().nullable(),
    remainingSeconds: count()
      .nullable()
      .meta({
        description:
          'An estimate from the pace of the last items, the slowest store deciding; null where ' +
          'nothing can be said.',
      }),
  })
  .meta({ id: 'Batch' })
const Refused = z.object({
  row: count(),
  line: LINE.optional(),
  column: z.string().optional(),
  pointer: z.string(),
  detail: z.string(),
})
const BatchTaken = BatchAnswer.extend({
  refused: z
    .array(Refused)
    .optional()
    .meta({ description: 'With `partial`: the mistakes of the items that were not taken.' }),
})
const ItemAnswer = z
  .object({
    row: count().meta({ description: '1 is the first item, or the first line of data.' }),
    store: z.string(),
    orderId: z.string(),
    reference: z.string().nullable(),
    status: z.enum(STATUSES),
    alreadyCanceled: z.boolean(),
    cancellation: z
      .string()
      .nullable()
      .meta({ description: 'Link to its cancellation, once it is one.' }),
    problem: Problem.nullable(),
  })
  .meta({ id: 'BatchItem' })

const Id = z.object({ id: z.string().meta({ example: 'bat_01KAK3J0X5T9V2W8Q6N4M7R1ZB' }) })
const Partial = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .default(false)
  .meta({ type: 'boolean', default: false })
const cursor = z.string().min(1).max(512).optional()

const iso = (ms: number) => new Date(ms).toISOString()
const toBatch = ({
  id,
  status,
  total,
  counts,
  createdAt,
  finishedAt,
  remainingSeconds,
}: BatchView) => ({
  id,
  status,
  total,
  counts,
  createdAt: iso(createdAt),
  finishedAt: finishedAt === null ? null : iso(finishedAt),
  remainingSeconds,
})

const linkOf = (cancellation: string | null) =>
  cancellation === null ? null : `/v1/cancellations/${cancellation}`
const toItem = ({ row, request, status, alreadyCanceled, cancellation, problem }: ItemView) => {
  const link = linkOf(cancellation)
  return {
    row,
    store: request.store,
    orderId: request.orderId,
    reference: request.reference,
    status,
    alreadyCanceled,
    cancellation: link,
    problem:
      problem && link !== null ? { ...problem, instance: link, cancellation: link } : problem,
  }
}

/** A page of at most `limit`, of which one more was asked for, and where the next begins. */
const pageOf = <T>(
  found: readonly T[],
  most: number,
  place: (last: T) => { readonly at: number; readonly id: string },
) => {
  const data = found.slice(0, most)
  const last = found.length > most ? data.at(-1) : undefined
  return { data, nextCursor: last === undefined ? null : toCursor(place(last)) }
}

interface Routes {
  readonly app: App
  readonly access: Access
}

/** Leads on to the next page. */
const next = (c: Context<Env>, nextCursor: string | null) => {
  if (nextCursor === null) return
  const query = new URLSearchParams({ ...c.req.query(), cursor: nextCursor })
  c.header('link', `<${c.req.path}?${query.toString()}>; rel="next"`)
}

/** The items of a batch as they were sent, in JSON or as CSV. */
const readBatch = async (c: Context<Env>) => {
  const media = mediaOf(c, {
    'application/json': isJson,
    'text/csv': (type) =>
      /^text\/csv[ \t]*(;[ \t]*(charset="?utf-?(8|16(le|be)?)"?|header=present)[ \t]*)*$/i.test(
        type ?? '',
      ),
  })
  const parsed = Envelope.safeParse(
    media === 'text/csv' ? { items: readCsv(await bytesOf(c)).drafts } : await readJson(c),
  )
  const { items, defaults, partial } = parsed.success ? parsed.data : invalid(parsed.error)
  if (items.length > MAX_ITEMS)
    refuse('too-large', `A batch may have at most ${MAX_ITEMS} items.`, {
      errors: [
        { pointer: '/items', detail: `has ${items.length} items, and may have ${MAX_ITEMS}` },
      ],
    })
  const drafts = media === 'text/csv' ? (items as Draft[]) : draftsOf(items)
  return { drafts, defaults, partial }
}

const BatchBody = {
  content: {
    'application/json': { schema: { $ref: '#/components/schemas/BatchRequest' } },
    'text/csv': {
      schema: {
        type: 'string',
        description:
          'The first line names the columns: the fields of one cancellation. An empty cell is ' +
          'left out. UTF-8, or UTF-16 with its mark; commas, semicolons or tabs.',
      },
    },
  },
  required: true,
} as const

const addCreateBatch = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/batches',
      operationId: 'createBatch',
      tags,
      summary: 'Cancel many orders',
      ...needs('cancel'),
      description:
        'At most 10,000 items and 8 MiB. Each item becomes an ordinary cancellation, at its ' +
        'store’s pace; what is refused then is told by its item.',
      middleware: [access('cancel'), limitBytes(MAX_BODY_BYTES, '8 MiB')] as const,
      request: {
        headers: z.object({
          'idempotency-key': z
            .string()
            .optional()
            .meta({ description: 'As for one cancellation, scoped to the caller.' }),
        }),
        query: z.strictObject({ partial: Partial }),
        body: BatchBody,
      },
      responses: { 202: json(BatchTaken, 'Written down, all of it.'), ...problems },
    }),
    async (c) => {
      const { drafts, defaults, partial } = await readBatch(c)
      const key = readKey(c.req.header('idempotency-key'))
      const service = c.get('service')
      const { rows, mistakes } = takeItems(drafts, defaults ?? {}, (id) => service.store(id).id)
      const takesSome = (partial ?? false) || c.req.valid('query').partial
      if (mistakes.length > 0 && !(takesSome && rows.length > 0)) invalidItems(mistakes)
      const { batch, how } = await c.get('batches').create(
        rows.map(({ request }) => request),
        key,
        rows.map(({ row }) => row),
      )
      c.header('location', `/v1/batches/${batch.id}`)
      if (how === 'replayed') c.header('idempotent-replayed', 'true')
      return c.json(
        {
          ...toBatch(batch),
          ...(takesSome && { refused: [...mistakes] as z.infer<typeof Refused>[] }),
        },
        202,
      )
    },
  )
}

const addListBatches = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/batches',
      operationId: 'listBatches',
      tags,
      summary: 'List batches, the newest first',
      ...needs('read'),
      middleware: [access('read')] as const,
      request: { query: z.strictObject({ limit, cursor }) },
      responses: {
        200: json(page(BatchAnswer), 'A page; `Link: rel="next"` leads on.'),
        ...problems,
      },
    }),
    async (c) => {
      const { limit: most, cursor: from } = c.req.valid('query')
      const found = await c.get('batches').list({
        limit: most + 1,
        after: from === undefined ? undefined : readCursor(from).id,
      })
      const { data, nextCursor } = pageOf(found, most, ({ createdAt, id }) => ({
        at: createdAt,
        id,
      }))
      next(c, nextCursor)
      return c.json({ data: data.map(toBatch), nextCursor }, 200)
    },
  )
}

const addGetBatch = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/batches/{id}',
      operationId: 'getBatch',
      tags,
      summary: 'Get a batch, and how far it is',
      ...needs('read'),
      middleware: [access('read')] as const,
      request: { params: Id },
      responses: { 200: json(BatchAnswer, 'The batch.'), ...problems },
    }),
    async (c) => c.json(toBatch(await c.get('batches').get(c.req.valid('param').id)), 200),
  )
}

const addListBatchItems = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/batches/{id}/items',
      operationId: 'listBatchItems',
      tags,
      summary: 'List what became of its items',
      ...needs('read'),
      description: 'A page in JSON; all of it to `Accept: text/csv`.',
      middleware: [access('read')] as const,
      request: {
        params: Id,
        query: z.strictObject({ status: z.enum(STATUSES).optional(), limit, cursor }),
      },
      responses: {
        200: {
          ...json(page(ItemAnswer), 'In the order of their rows.'),
          content: { ...json(page(ItemAnswer), '').content, 'text/csv': { schema: z.string() } },
        },
        ...problems,
      },
    }),
    async (c) => {
      const batches = c.get('batches')
      const { id } = await batches.get(c.req.valid('param').id)
      const { status, limit: most, cursor: from } = c.req.valid('query')
      if (
        accepts(c, {
          header: 'Accept',
          supports: ['application/json', 'text/csv'],
          default: 'application/json',
        }) === 'text/csv'
      ) {
        const table = toCsv((after) => batches.items(id, { status, limit: CSV_PAGE, after }))
        return c.body(table, 200, {
          'content-type': 'text/csv; charset=utf-8',
          'content-disposition': `attachment; filename="${id}.csv"`,
        }) as never
      }
      const found = await batches.items(id, {
        status,
        limit: most + 1,
        after: from === undefined ? undefined : readCursor(from).at,
      })
      const { data, nextCursor } = pageOf(found, most, ({ row }) => ({ at: row, id }))
      next(c, nextCursor)
      return c.json({ data: data.map(toItem), nextCursor }, 200)
    },
  )
}

const addActions = ({ app, access }: Routes): void => {
  const actions = {
    pause: 'Pause a batch',
    resume: 'Resume a batch',
    stop: 'Stop a batch',
  } as const
  for (const [action, summary] of Object.entries(actions) as [keyof typeof actions, string][]) {
    app.openapi(
      createRoute({
        method: 'post',
        path: `/v1/batches/{id}/${action}`,
        operationId: `${action}Batch`,
        tags,
        summary,
        ...needs('cancel'),
        middleware: [access('cancel')] as const,
        request: { params: Id },
        responses: { 200: json(BatchAnswer, 'The batch as it is now.'), ...problems },
      }),
      async (c) => {
        return c.json(toBatch(await c.get('batches')[action](c.req.valid('param').id)), 200)
      },
    )
  }
}

export const addBatches = (routes: Routes): void => {
  addCreateBatch(routes)
  addListBatches(routes)
  addGetBatch(routes)
  addListBatchItems(routes)
  addActions(routes)
}
