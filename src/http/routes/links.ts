/** The endpoints of links: which orders of which stores are one sale, and how they stand. */
import { createRoute, z } from '@hono/zod-openapi'
import type { LinkView, NewMember } from '../../gateway/links/service.ts'
import { STATUSES } from '../../model/cancellation.ts'
import { FOLLOWS, LINK_STATUSES } from '../../model/link.ts'
import { refuse } from '../../model/problem.ts'
import { ID_RULE, isOrderId } from '../../model/request.ts'
import { isSeen, isText, TEXT_RULE } from '../../model/text.ts'
import { json, page, needs, problems } from '../answers.ts'
import type { Access, App } from '../auth.ts'
import { limitBody, readBody } from '../body.ts'
import { limit } from './cancellations.ts'

const tags = ['Links']
const time = () => z.iso.datetime().meta({ example: '2026-11-21T12:00:00.000Z' })

const NAME_RULE = '1–128 visible characters without “/”'
const Name = z.object({ name: z.string().meta({ example: 'SO-4711', description: NAME_RULE }) })

const MAX_STAGE = 10
const nullable = <T extends z.ZodType>(type: T) =>
  type.nullish().transform((value): z.output<T> | null => value ?? null)

const MemberRequest = z
  .strictObject({
    store: z.string().min(1).max(128).meta({ example: 'erp' }),
    orderId: z
      .string()
      .refine(isOrderId, { message: ID_RULE })
      .meta({ example: 'SAL-ORD-0042', description: ID_RULE }),
    stage: nullable(z.number().int().min(1).max(MAX_STAGE)).meta({
      description:
        'Who is asked when: a later stage waits for the earlier. Left out: the store’s own, or ' +
        '2. Recommended: 1 who fulfils, 2 copies, 3 who holds the money.',
    }),
    notify: nullable(z.boolean()),
    message: nullable(z.string().min(1).max(1_000).refine(isText, `must be ${TEXT_RULE}`)),
    restock: nullable(z.boolean()),
    refund: nullable(z.boolean()),
  })
  .superRefine(({ message, notify }, context) => {
    if (message !== null && notify !== true)
      context.addIssue({
        code: 'custom',
        path: ['message'],
        message: 'only together with "notify": true',
      })
  })

export const LinkRequest = z
  .strictObject({
    members: z.array(MemberRequest).min(2).max(10),
    follow: z
      .enum(FOLLOWS)
      .nullish()
      .transform((value) => value ?? ('tell' as const))
      .meta({
        description:
          'Where a member is canceled at its platform: tell of it (default), or cancel the others.',
      }),
  })
  .meta({ id: 'LinkRequest' })

const MemberAnswer = z.object({
  store: z.string(),
  orderId: z.string(),
  stage: z.number().int(),
  notify: z.boolean().nullable(),
  message: z.string().nullable(),
  restock: z.boolean().nullable(),
  refund: z.boolean().nullable(),
  canceled: z.boolean().meta({ description: 'Whether it is held as canceled.' }),
  cancellation: z
    .object({ id: z.string(), status: z.enum(STATUSES) })
    .nullable()
    .meta({ description: 'Its last one.' }),
})

export const LinkAnswer = z
  .object({
    name: z.string().meta({ example: 'SO-4711' }),
    status: z.enum(LINK_STATUSES).meta({
      description:
        'canceling: a run is open; diverged: some are canceled and some are not, and nothing is ' +
        'under way.',
    }),
    revision: z.number().int(),
    follow: z.enum(FOLLOWS),
    members: z.array(MemberAnswer),
    createdAt: time(),
    updatedAt: time(),
  })
  .meta({ id: 'Link' })

const iso = (ms: number) => new Date(ms).toISOString()

export const toLink = ({ link, standings }: LinkView): z.input<typeof LinkAnswer> => ({
  name: link.name,
  status: link.status,
  revision: link.revision,
  follow: link.follow,
  members: standings.map(({ member, state, record }) => ({
    ...member,
    refund: member.refund ?? null,
    canceled: state === 'canceled',
    cancellation: record && { id: record.id, status: record.status },
  })),
  createdAt: iso(link.createdAt),
  updatedAt: iso(link.updatedAt),
})

/** A name as it may be: it stands in an address. */
const nameOf = (name: string): string =>
  name.length >= 1 && name.length <= 128 && !name.includes('/') && isSeen(name)
    ? name
    : refuse('invalid-request', 'This cannot be the name of a link.', {
        errors: [{ pointer: '/name', detail: NAME_RULE }],
      })

interface Routes {
  readonly app: App
  readonly access: Access
}

const addPut = ({ app, access }: Routes): void => {
  const body = { 'application/json': { schema: { $ref: '#/components/schemas/LinkRequest' } } }
  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/links/{name}',
      operationId: 'putLink',
      tags,
      summary: 'Say which orders are one sale',
      ...needs('cancel'),
      description:
        'An order is in one link at most. The same body again changes nothing; another is ' +
        'refused while the orders are being canceled. Every member is looked at: a link that ' +
        'comes too late is diverged from the start.',
      middleware: [access('cancel'), limitBody] as const,
      request: { params: Name, body: { content: body, required: true } },
      responses: {
        200: json(LinkAnswer, 'The link was there, and is so now.'),
        201: json(LinkAnswer, 'A new link.'),
        ...problems,
      },
    }),
    async (c) => {
      const { members, follow } = await readBody(c, LinkRequest)
      const name = nameOf(c.req.valid('param').name)
      const asked = members as readonly NewMember[]
      const { isNew, ...view } = await c.get('service').links.put(name, asked, follow)
      return c.json(toLink(view), isNew ? 201 : 200)
    },
  )
}

const addGet = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/links/{name}',
      operationId: 'getLink',
      tags,
      summary: 'Get a link, and how its orders stand',
      ...needs('read'),
      middleware: [access('read')] as const,
      request: { params: Name },
      responses: { 200: json(LinkAnswer, 'The link.'), ...problems },
    }),
    async (c) => {
      const name = nameOf(c.req.valid('param').name)
      return c.json(toLink(await c.get('service').links.get(name)), 200)
    },
  )
}

const Filters = z.strictObject({
  store: z.string().min(1).max(128).optional(),
  orderId: z.string().refine(isOrderId, { message: ID_RULE }).optional(),
  status: z.enum(LINK_STATUSES).optional(),
  limit,
  cursor: z.string().min(1).max(128).optional().meta({ description: 'The name to go on after.' }),
})

const addList = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/links',
      operationId: 'listLinks',
      tags,
      summary: 'List links, by name',
      ...needs('read'),
      description: 'Those of which the key reaches every store; a page may have fewer than asked.',
      middleware: [access('read')] as const,
      request: { query: Filters },
      responses: { 200: json(page(LinkAnswer), 'A page.'), ...problems },
    }),
    async (c) => {
      const { cursor, ...query } = c.req.valid('query')
      const found = await c.get('service').links.list({ ...query, after: cursor })
      return c.json({ data: found.links.map(toLink), nextCursor: found.next }, 200)
    },
  )
}

const addDelete = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/links/{name}',
      operationId: 'deleteLink',
      tags,
      summary: 'Forget that orders are one sale',
      ...needs('cancel'),
      description: 'Nothing is canceled; refused while they are being canceled.',
      middleware: [access('cancel')] as const,
      request: { params: Name },
      responses: { 204: { description: 'Gone.' }, ...problems },
    }),
    async (c) => {
      await c.get('service').links.delete(nameOf(c.req.valid('param').name))
      return c.body(null, 204)
    },
  )
}

export const addLinks = (routes: Routes): void => {
  addPut(routes)
  addList(routes)
  addGet(routes)
  addDelete(routes)
}
