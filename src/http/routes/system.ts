/** What a person or a machine reads about the gateway: health, metrics, the problems. */
import { createRoute, z } from '@hono/zod-openapi'
import { accepts } from 'hono/accepts'
import { LedgerUnavailable } from '../../ledger/port.ts'
import { PROBLEM_CODES, PROBLEMS, refuse } from '../../model/problem.ts'
import type { Access } from '../auth.ts'
import { aPage, json, needs, open, ProblemAnswer, problems } from '../answers.ts'
import type { App } from '../auth.ts'
import { problemPage } from '../reference/page.ts'
import { addReference } from './reference.ts'

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

export const addPages = (routes: Routes): void => {
  addGetHealth(routes)
  addGetReadiness(routes)
  addGetMetrics(routes)
  addGetProblem(routes)
  addReference(routes)
}
