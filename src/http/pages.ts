/** What a person or a machine reads about the gateway: health, the OpenAPI document, the reference page, the problems. */
import { z } from '@hono/zod-openapi'
import { html, raw } from 'hono/html'
import { LedgerUnavailable } from '../ledger/ledger.ts'
import { PROBLEM_CODES, PROBLEMS, type ProblemCode, refuse } from '../model/problem.ts'
import type { App } from './app.ts'

export const VERSION = '0.1.0'

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Rescind', version: VERSION,
    description: 'One endpoint that cancels orders on any commerce platform, and says truthfully what became of them. 200 or 201 means canceled, 202 means not known yet, no 2xx ever means refused.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'This gateway' }],
  tags: [
    { name: 'Cancellations', description: 'Ask once, keep looking.' },
    { name: 'Stores', description: 'The merchant accounts a key may use.' },
    { name: 'Orders', description: 'Orders as they are now.' },
    { name: 'Platforms', description: 'What each platform can do, with sources.' },
  ],
}

type Document = ReturnType<App['getOpenAPI31Document']>

/** The OpenAPI 3.1 document of these routes. */
export const openApi = (app: App): Document => app.getOpenAPI31Document(DOCUMENT)

const STYLE = raw(`<style>
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:54rem;margin:0 auto;padding:1.5rem}
h2{margin-top:2.5rem;border-bottom:1px solid #8886}code,pre{font:0.9em ui-monospace,monospace}pre{overflow:auto;padding:.75rem;background:#8882;border-radius:.4rem}
details{margin:.75rem 0;padding:.5rem .75rem;border:1px solid #8886;border-radius:.4rem}summary{cursor:pointer}.method{font-weight:700;text-transform:uppercase;margin-right:.5rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #8884;vertical-align:top}</style>`)

const shell = (title: string, content: unknown) => html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>${STYLE}</head><body><main>${content}</main></body></html>`

interface Operation { readonly tags?: string[], readonly summary?: string, readonly description?: string, readonly parameters?: unknown[], readonly requestBody?: unknown, readonly responses?: Record<string, { description?: string }> }

const show = (value: unknown) => html`<pre>${JSON.stringify(value, null, 2)}</pre>`

const operationHtml = (method: string, path: string, operation: Operation) => html`<details><summary><span class="method">${method}</span><code>${path}</code> ${operation.summary ?? ''}</summary>
${operation.description ? html`<p>${operation.description}</p>` : ''}
${operation.parameters?.length ? html`<h4>Parameters</h4>${show(operation.parameters)}` : ''}
${operation.requestBody ? html`<h4>Body</h4>${show(operation.requestBody)}` : ''}
<h4>Answers</h4><table>${Object.entries(operation.responses ?? {}).map(([status, { description }]) => html`<tr><td><code>${status}</code></td><td>${description ?? ''}</td></tr>`)}</table></details>`

const reference = (document: Document) => {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) => Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({ method, path, operation })))
  return shell('Rescind: reference', html`<h1>Rescind ${VERSION}</h1><p>${DOCUMENT.info.description}</p>
<p>The same as a document for tools: <a href="/openapi.json">openapi.json</a>. Every <a href="/problems/invalid-request">problem</a> has a page.</p>
${DOCUMENT.tags.map((tag) => html`<h2>${tag.name}</h2><p>${tag.description}</p>${operations.filter(({ operation }) => operation.tags?.includes(tag.name)).map(({ method, path, operation }) => operationHtml(method, path, operation))}`)}
<h2>Shapes</h2>${Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => html`<details id="${name}"><summary><code>${name}</code></summary>${show(schema)}</details>`)}`)
}

const problemPage = (code: ProblemCode) => {
  const { title, status, retryable, about } = PROBLEMS[code]
  return shell(title, html`<h1>${title}</h1><p><code>${code}</code>, HTTP ${status}, ${retryable ? 'may be tried again' : 'trying again as it is will not help'}</p><p>${about}</p>
<p>${PROBLEM_CODES.map((other) => html`<a href="/problems/${other}"><code>${other}</code></a> `)}</p>`)
}

export const addPages = (app: App, ready: () => Promise<void>): void => {
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    try {
      await ready()
    } catch (cause) {
      throw new LedgerUnavailable('not ready', { cause })
    }
    return c.json({ status: 'ready' })
  })
  app.get('/problems/:code', (c) => {
    const code = z.enum(PROBLEM_CODES).safeParse(c.req.param('code')).data ?? refuse('not-found', 'There is no such problem.')
    return c.req.header('accept')?.includes('application/json') ? c.json({ type: `/problems/${code}`, code, ...PROBLEMS[code] }) : c.html(problemPage(code))
  })
  let document: Document | undefined
  const get = () => (document ??= openApi(app))
  app.get('/openapi.json', (c) => c.json(get()))
  app.get('/docs', (c) => c.html(reference(get())))
  app.get('/', (c) => c.redirect('/docs'))
}

/** Registers what the document needs beside the routes. */
export const describe = (app: App): void => {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer', description: 'A caller’s key: `rsk_…`' })
}
