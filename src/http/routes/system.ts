/**
 * What a person or a machine reads about the gateway: health, the OpenAPI document, the reference
 * page, the problems.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { accepts } from 'hono/accepts'
import { html, raw } from 'hono/html'
import { LedgerUnavailable } from '../../ledger/port.ts'
import { Money } from '../../model/money.ts'
import { Customer, Order } from '../../model/order.ts'
import { Problem, PROBLEM_CODES, PROBLEMS, type ProblemCode, refuse } from '../../model/problem.ts'
import { CancelRequest, ItemDefaults } from '../../model/request.ts'
import type { Access } from '../auth.ts'
import { json, ProblemAnswer, problems } from '../answers.ts'
import type { App } from '../auth.ts'
import { BatchRequest } from './batches.ts'
import { ResolveRequest } from './cancellations.ts'
import { ErasureRequest } from './erasures.ts'
import { LinkRequest } from './links.ts'
import { SweepRequest } from './stores.ts'
import { ReplayRequest } from './webhooks.ts'

export const VERSION = '0.1.0'

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Rescind',
    version: VERSION,
    description:
      'One endpoint that cancels orders on any commerce platform, and says truthfully what ' +
      'became of them. 200 or 201 means canceled, 202 means not known yet, no 2xx ever means ' +
      'refused.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'This gateway' }],
  tags: [
    { name: 'Cancellations', description: 'Ask once, keep looking.' },
    { name: 'Batches', description: 'Many at once, each at its store’s pace.' },
    { name: 'Webhooks', description: 'Where this key is told what became of it.' },
    { name: 'Links', description: 'Orders of several stores that are one sale.' },
    { name: 'Stores', description: 'The merchant accounts a key may use.' },
    { name: 'Orders', description: 'Orders as they are now.' },
    { name: 'Audit', description: 'Who asked for what.' },
    { name: 'Platforms', description: 'What each platform can do, with sources.' },
    { name: 'Gateway', description: 'The gateway itself.' },
  ],
}

type Document = ReturnType<App['getOpenAPI31Document']>

/**
 * What the generator writes for a named shape that may be null; by JSON Schema's rules it forbids
 * null.
 */
const NO_NULL = /\{"allOf":\[(\{"\$ref":"[^"]+"\}),\{"type":\["object","null"\]\}\]\}/g

/** The OpenAPI 3.1 document of these routes. */
export const openApi = (app: App): Document =>
  JSON.parse(
    JSON.stringify(app.getOpenAPI31Document(DOCUMENT)).replaceAll(
      NO_NULL,
      '{"anyOf":[$1,{"type":"null"}]}',
    ),
  ) as Document

const STYLE = raw(`<style>
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:54rem;margin:0 auto;padding:1.5rem}
h2{margin-top:2.5rem;border-bottom:1px solid #8886}code,pre{font:0.9em ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;background:#8882;border-radius:.4rem}
details{margin:.75rem 0;padding:.5rem .75rem;border:1px solid #8886;border-radius:.4rem}
summary{cursor:pointer}.method{font-weight:700;text-transform:uppercase;margin-right:.5rem}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #8884;vertical-align:top}
</style>`)

const shell = (title: string, content: unknown) =>
  html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>${STYLE}
</head><body><main>${content}</main></body></html>`

interface Operation {
  readonly tags?: string[]
  readonly summary?: string
  readonly description?: string
  readonly parameters?: unknown[]
  readonly requestBody?: unknown
  readonly responses?: Record<string, { description?: string }>
}

const show = (value: unknown) => html`<pre>${JSON.stringify(value, null, 2)}</pre>`

/** What may be answered, by status. */
const answersHtml = ({ responses = {} }: Operation) =>
  Object.entries(responses).map(
    ([status, { description }]) =>
      html`<tr><td><code>${status}</code></td><td>${description ?? ''}</td></tr>`,
  )

const operationHtml = (method: string, path: string, operation: Operation) => html`<details>
<summary><span class="method">${method}</span><code>${path}</code>
${operation.summary ?? ''}</summary>
${operation.description ? html`<p>${operation.description}</p>` : ''}
${operation.parameters?.length ? html`<h4>Parameters</h4>${show(operation.parameters)}` : ''}
${operation.requestBody ? html`<h4>Body</h4>${show(operation.requestBody)}` : ''}
<h4>Answers</h4><table>${answersHtml(operation)}</table></details>`

const reference = (document: Document) => {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({
      method,
      path,
      operation,
    })),
  )
  const operationsOf = (tag: string) =>
    operations
      .filter(({ operation }) => operation.tags?.includes(tag))
      .map(({ method, path, operation }) => operationHtml(method, path, operation))
  const shapes = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) =>
      html`<details id="${name}"><summary><code>${name}</code></summary>${show(schema)}</details>`,
  )
  return shell(
    'Rescind: reference',
    html`<h1>Rescind ${VERSION}</h1><p>${DOCUMENT.info.description}</p>
<p>The same as a document for tools: <a href="/openapi.json">openapi.json</a>.
Every <a href="/problems/invalid-request">problem</a> has a page.</p>
${DOCUMENT.tags.map(
  ({ name, description }) => html`<h2>${name}</h2><p>${description}</p>${operationsOf(name)}`,
)}
<h2>Shapes</h2>${shapes}`,
  )
}

const problemPage = (code: ProblemCode) => {
  const { title, status, retryable, about } = PROBLEMS[code]
  const hope = retryable ? 'may be tried again' : 'trying again as it is will not help'
  const others = PROBLEM_CODES.map(
    (other) => html`<a href="/problems/${other}"><code>${other}</code></a> `,
  )
  return shell(
    title,
    html`<h1>${title}</h1><p><code>${code}</code>, HTTP ${status}, ${hope}</p><p>${about}</p>
<p>${others}</p>`,
  )
}

const page = {
  content: { 'text/html': { schema: z.string() } },
  description: 'A page that needs no other host.',
}
const open = { method: 'get' as const, tags: ['Gateway'], security: [] }

interface Routes {
  readonly app: App
  readonly access: Access
  readonly ready: () => Promise<void>
  readonly metrics?: (() => Promise<string>) | undefined
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
      summary: 'Metrics for Prometheus; on Node only',
      security: [{ key: [] }],
      description: 'For keys that reach every store. On Cloudflare Workers there are none: 404.',
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
          content: { ...json(ProblemAnswer, '').content, ...page.content },
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

const addReference = ({ app }: Routes): void => {
  let document: Document | undefined
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
      responses: { 200: page, ...problems },
    }),
    (c) => c.html(reference(get()), 200),
  )
  app.get('/', (c) => c.redirect('/docs'))
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
  CancelRequest,
  ItemDefaults,
  ResolveRequest,
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
