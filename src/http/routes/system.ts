/**
 * What a person or a machine reads about the gateway: health, the OpenAPI document, the reference
 * page, the problems.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { accepts } from 'hono/accepts'
import { LedgerUnavailable } from '../../ledger/port.ts'
import { Money } from '../../model/money.ts'
import { Customer, Order } from '../../model/order.ts'
import { Problem, PROBLEM_CODES, PROBLEMS, refuse } from '../../model/problem.ts'
import { CancelRequest, ItemDefaults } from '../../model/request.ts'
import type { Access } from '../auth.ts'
import {
  ApprovalAnswer,
  json,
  LinkMark,
  needs,
  ProblemAnswer,
  problems,
  RequestedBy,
} from '../answers.ts'
import type { App } from '../auth.ts'
import { type Document, openApi } from '../reference/document.ts'
import { problemPage, reference, SHEET } from '../reference/page.ts'
import { STYLE } from '../reference/sheet.ts'
import { BatchRequest } from './batches.ts'
import { ErasureRequest } from './erasures.ts'
import { ApproveRequest, DeclineRequest, ResolveRequest } from './cancellations.ts'
import { LinkRequest } from './links.ts'
import { SweepRequest } from './stores.ts'
import { ReplayRequest } from './webhooks.ts'

const aPage = {
  content: { 'text/html': { schema: z.string() } },
  description: 'A page that needs no other host.',
}
const open = { method: 'get' as const, tags: ['Gateway'], security: [] }

interface Routes {
  readonly app: App
  readonly access: Access
  readonly ready: () => Promise<void>
  readonly metrics?: (() => Promise<string>) | undefined
  /** Whether there are pages for people under `/console`. */
  readonly hasConsole: boolean
}

const addGetHealth = ({ app }: Routes): void => {
  app.openapi(
    createRoute({
      ...open,
      path: '/healthz',
      operationId: 'getHealth',
      summary: 'Alive',
      responses: {
        200: json(z.object({ status: z.enum(['ok']) }), 'The process answers.'),
        ...problems,
      },
    }),
    (c) => c.json({ status: 'ok' as const }, 200),
  )
}

const addGetReadiness = ({ app, ready }: Routes): void => {
  app.openapi(
    createRoute({
      ...open,
      path: '/readyz',
      operationId: 'getReadiness',
      summary: 'Able to accept',
      responses: {
        200: json(z.object({ status: z.enum(['ready']) }), 'The ledger takes writes.'),
        ...problems,
      },
    }),
    async (c) => {
      try {
        await ready()
      } catch (cause) {
        throw new LedgerUnavailable('not ready', { cause })
      }
      return c.json({ status: 'ready' as const }, 200)
    },
  )
}

const addGetMetrics = ({ app, access, metrics }: Routes): void => {
  app.openapi(
    createRoute({
      ...open,
      path: '/metrics',
      operationId: 'getMetrics',
      summary: 'Metrics for Prometheus',
      ...needs('read'),
      description:
        'For keys that reach every store. On Cloudflare Workers what its objects tell at this ' +
        'moment; what a process counts while it runs is not there.',
      middleware: [access('read')] as const,
      responses: {
        200: {
          content: { 'text/plain': { schema: z.string() } },
          description: 'Prometheus’ text format, 0.0.4.',
        },
        ...problems,
      },
    }),
    async (c) => {
      if (c.get('caller').stores !== null)
        refuse('forbidden', 'Metrics tell of every store, and this key does not reach them all.')
      if (!metrics) return refuse('not-found', 'There are no metrics here.')
      return c.text(await metrics(), 200, {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      })
    },
  )
}

const addGetProblem = ({ app }: Routes): void => {
  app.openapi(
    createRoute({
      ...open,
      path: '/problems/{code}',
      operationId: 'getProblem',
      summary: 'A problem explained: where its `type` leads',
      request: { params: z.object({ code: z.string().meta({ example: 'order-not-cancelable' }) }) },
      responses: {
        200: {
          ...json(ProblemAnswer, 'To a client that accepts JSON; to any other a page.'),
          content: { ...json(ProblemAnswer, '').content, ...aPage.content },
        },
        ...problems,
      },
    }),
    (c) => {
      const code =
        z.enum(PROBLEM_CODES).safeParse(c.req.valid('param').code).data ??
        refuse('not-found', 'There is no such problem.')
      return accepts(c, {
        header: 'Accept',
        supports: ['text/html', 'application/json'],
        default: 'text/html',
      }) === 'application/json'
        ? c.json({ type: `/problems/${code}`, code, ...PROBLEMS[code] }, 200)
        : c.html(problemPage(code), 200)
    },
  )
}

/** Whether it is a person with a browser who asks, and no program. */
const isBrowser = (accept: string | undefined): boolean => /\btext\/html\b/i.test(accept ?? '')

const addReference = ({ app, hasConsole }: Routes): void => {
  let document: Document | undefined
  let page: string | undefined
  const get = () => (document ??= openApi(app))
  app.openapi(
    createRoute({
      ...open,
      path: '/openapi.json',
      operationId: 'getDocument',
      summary: 'This document',
      responses: { 200: json(z.looseObject({}), 'OpenAPI 3.1.'), ...problems },
    }),
    (c) => c.json(get() as never, 200),
  )
  app.openapi(
    createRoute({
      ...open,
      path: '/docs',
      operationId: 'getReference',
      summary: 'The reference',
      responses: { 200: aPage, ...problems },
    }),
    async (c) => c.html((page ??= String(await reference(get()))), 200),
  )
  app.get(SHEET, (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }))
  app.get('/', (c) =>
    c.redirect(hasConsole && isBrowser(c.req.header('accept')) ? '/console' : '/docs'),
  )
}

export const addPages = (routes: Routes): void => {
  addGetHealth(routes)
  addGetReadiness(routes)
  addGetMetrics(routes)
  addGetProblem(routes)
  addReference(routes)
}

/**
 * Shapes that are generated first and as they are; else the generator takes the “or null” of one
 * place for the shape's own.
 */
const SHAPES = [
  Money,
  Customer,
  Order,
  Problem,
  LinkMark,
  RequestedBy,
  ApprovalAnswer,
  CancelRequest,
  ItemDefaults,
  ResolveRequest,
  ApproveRequest,
  DeclineRequest,
  BatchRequest,
  ReplayRequest,
  SweepRequest,
  LinkRequest,
  ErasureRequest,
] as const

/** Registers what the document needs beside the routes. */
export const describe = (app: App): void => {
  for (const shape of SHAPES) {
    const meta = shape.meta() as { readonly id: string }
    app.openAPIRegistry.register(meta.id, shape.meta(meta))
  }
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'A caller’s key: `rsk_…`',
  })
}
