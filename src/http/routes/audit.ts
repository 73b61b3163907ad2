/** The endpoints of the audit log: its entries page by page, as lines, and how far it goes. */
import { createRoute, z } from '@hono/zod-openapi'
import type { CallerAudit } from '../../gateway/audit/caller.ts'
import { AUDIT_ACTIONS, AUDIT_VIAS, type AuditEntry } from '../../model/audit.ts'
import { json, needs, page, problems, time } from '../answers.ts'
import type { Access, App } from '../auth.ts'
import { readCursor, toCursor } from '../cursor.ts'

const tags = ['Audit']
const ALL = 'For keys that reach every store.'

const EntryAnswer = z
  .object({
    chain: z.string(),
    seq: z.number().int(),
    at: time(),
    by: z.object({ caller: z.string().nullable(), key: z.string().nullable() }),
    via: z.enum(AUDIT_VIAS),
    action: z.enum(AUDIT_ACTIONS),
    store: z.string().nullable(),
    subject: z.record(z.string(), z.string()),
    outcome: z.string().meta({
      description: '`asked`, `done`, `replayed`, `deduplicated`, or the code of a problem.',
    }),
    requestId: z.string().nullable(),
    previous: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' })

/** `first`: the oldest entry that is kept, null where none is; `seq`: the last, or 0. */
const HeadAnswer = z
  .object({
    chain: z.string(),
    first: z.number().int().nullable(),
    seq: z.number().int(),
    hash: z.string(),
  })
  .meta({ id: 'AuditHead' })

const MOST = 500
const whole = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
const Query = z.strictObject({
  chain: z.string().min(1).max(512).optional(),
  after: whole.optional().meta({ type: 'integer', minimum: 0 }),
  limit: whole
    .pipe(z.number().int().min(1).max(MOST))
    .default(100)
    .meta({ type: 'integer', minimum: 1, maximum: MOST, default: 100 }),
  cursor: z.string().min(1).max(1_024).optional(),
})

interface Routes {
  readonly app: App
  readonly access: Access
}

const toAnswer = ({ subject, ...entry }: AuditEntry): z.input<typeof EntryAnswer> => ({
  ...entry,
  subject: { ...subject },
})

/** The next entries, chain after chain. */
const readOn = async (
  audit: CallerAudit,
  { chain, after = 0, limit, cursor }: z.output<typeof Query>,
): Promise<AuditEntry[]> => {
  const heads = await audit.heads()
  const place = cursor === undefined ? null : readCursor(cursor)
  const meant = heads
    .map((head) => head.chain)
    .filter((name) => (chain === undefined || name === chain) && !(place && name < place.id))
  const found: AuditEntry[] = []
  for (const name of meant) {
    if (found.length === limit) break
    const from = place ? (name === place.id ? place.at : 0) : after
    found.push(...(await audit.read(name, { from, order: 'asc', limit: limit - found.length })))
  }
  return found
}

const addListAudit = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/audit',
      operationId: 'listAudit',
      tags,
      summary: 'Who asked for what',
      ...needs('operate'),
      description: ALL,
      middleware: [access('operate')] as const,
      request: { query: Query },
      responses: { 200: json(page(EntryAnswer), 'A page.'), ...problems },
    }),
    async (c) => {
      const query = c.req.valid('query')
      const found = await readOn(c.get('service').audit, query)
      const last = found.length === query.limit ? found.at(-1) : undefined
      const nextCursor = last ? toCursor({ at: last.seq, id: last.chain }) : null
      return c.json({ data: found.map(toAnswer), nextCursor }, 200)
    },
  )
}

const addAuditHeads = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/audit/heads',
      operationId: 'getAuditHeads',
      tags,
      summary: 'How far it goes',
      ...needs('operate'),
      description: ALL,
      middleware: [access('operate')] as const,
      responses: { 200: json(page(HeadAnswer), 'All of them.'), ...problems },
    }),
    async (c) => c.json({ data: await c.get('service').audit.heads(), nextCursor: null }, 200),
  )
}

/** A stream of lines; one that fails breaks off, so that nobody takes it for the whole. */
export const auditLines = (
  pages: AsyncIterable<readonly AuditEntry[]>,
): ReadableStream<Uint8Array> => {
  const iterator = pages[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done) return controller.close()
      const lines = value.map((entry) => `${JSON.stringify(toAnswer(entry))}\n`).join('')
      controller.enqueue(encoder.encode(lines))
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}

const addExportAudit = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/audit/export',
      operationId: 'exportAudit',
      tags,
      summary: 'A line an entry',
      ...needs('operate'),
      description: ALL,
      middleware: [access('operate')] as const,
      responses: {
        200: {
          content: { 'application/x-ndjson': { schema: z.string() } },
          description: 'An entry a line.',
        },
        ...problems,
      },
    }),
    async (c) =>
      c.body(auditLines(await c.get('service').audit.pages()), 200, {
        'content-type': 'application/x-ndjson',
      }) as never,
  )
}

export const addAudit = (routes: Routes): void => {
  addListAudit(routes)
  addAuditHeads(routes)
  addExportAudit(routes)
}
