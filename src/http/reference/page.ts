/**
 * The reference as a page for people, made of the document alone, and the page of a problem: no
 * script, no other host, readable on a phone.
 */
import { html } from 'hono/html'
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from '../../model/problem.ts'
import {
  ABOUT,
  type Answer,
  type Document,
  named,
  type Operation,
  type Parameter,
  type Schema,
  TAGS,
  VERSION,
} from './document.ts'

/** Where the sheet is; all that a page loads. */
export const SHEET = '/docs/style.css'

const shell = (title: string, content: unknown) =>
  html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>
<link rel="stylesheet" href="${SHEET}"></head><body>${content}</body></html>`

/** A text whose code stands in backticks. */
const marked = (text: string) =>
  text.split('`').map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))

/** A list in words: `a, b, c`. */
const listed = (parts: readonly unknown[]) =>
  parts.map((part, index) => html`${index === 0 ? '' : ', '}${part}`)

const between = (least: unknown, most: unknown, what: string): string[] =>
  least === undefined && most === undefined
    ? []
    : [
        least === undefined
          ? `at most ${most} ${what}`
          : most === undefined
            ? `at least ${least} ${what}`
            : `${least} to ${most} ${what}`,
      ]

/** What may stand there, beside its type. */
const boundsOf = (schema: Schema): string[] => [
  ...(schema['format'] === undefined ? [] : [String(schema['format'])]),
  ...between(schema['minLength'], schema['maxLength'], 'characters'),
  ...between(schema['minItems'], schema['maxItems'], 'items'),
  ...between(schema['minimum'], schema['maximum'], '').map((text) => text.trim()),
  ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
]

const isObject = ({ properties }: Schema): boolean => properties !== undefined

const typeOf = (schema: Schema): unknown => {
  const name = named(schema)
  if (name !== undefined) return html`<a href="#${name}">${name}</a>`
  if (schema.anyOf)
    return schema.anyOf.map((part, index) => html`${index === 0 ? '' : ' or '}${typeOf(part)}`)
  const types = [schema.type ?? 'any'].flat()
  if (schema.items)
    return html`list of ${typeOf(schema.items)}${types.includes('null') ? ' or null' : ''}`
  const words = types.join(' or ')
  const bounds = boundsOf(schema)
  return bounds.length > 0 ? `${words}, ${bounds.join(', ')}` : words
}

/** What is inside of a field: its own fields, or those of its items. */
const innerOf = (schema: Schema): Schema | undefined =>
  isObject(schema)
    ? schema
    : schema.items
      ? innerOf(schema.items)
      : schema.anyOf?.map(innerOf).find((part) => part !== undefined)

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

/** One field or parameter: its name, what may stand there, and what it means. */
const entryHtml = (name: string, required: boolean, schema: Schema, words: unknown) => {
  const values = (schema.enum ?? schema.items?.enum ?? []).filter((value) => value !== null)
  const { example } = schema
  const inner = innerOf(schema)
  return html`<dt><code>${name}</code> <span class="type">${typeOf(schema)}</span>${
    required ? html` <b>required</b>` : ''
  }</dt><dd><p>${words}</p>${
    values.length > 0
      ? html`<p>One of ${listed(values.map((value) => html`<code>${shown(value)}</code>`))}.</p>`
      : ''
  }${
    example === undefined || values.length > 0
      ? ''
      : html`<p class="type">Example: <code>${shown(example)}</code></p>`
  }${inner ? fieldsHtml(inner) : ''}</dd>`
}

const fieldsHtml = ({ properties = {}, required = [] }: Schema): unknown =>
  html`<dl>${Object.entries(properties).map(([name, field]) =>
    entryHtml(name, required.includes(name), field, marked(field.description ?? '')),
  )}</dl>`

const PLACES = { path: 'in the path', query: 'in the query', header: 'as a header' } as const

const parametersHtml = (parameters: readonly Parameter[]) =>
  parameters.length === 0
    ? ''
    : html`<h4>Parameters</h4><dl>${parameters.map(
        ({ name, in: place, required = false, schema, description = '', example }) =>
          entryHtml(name, required, { ...schema, example }, [
            `${PLACES[place].replace(/^./, (first) => first.toUpperCase())}. `,
            ...marked(description),
          ]),
      )}</dl>`

/** A named shape's own fields, those of the shapes in it too. */
const expanded = (document: Document, schema: Schema): Schema => {
  const name = named(schema)
  const { description } = schema
  if (name !== undefined)
    return {
      ...expanded(document, document.components.schemas[name] ?? {}),
      ...(description !== undefined && { description }),
    }
  return {
    ...schema,
    ...(schema.items && { items: expanded(document, schema.items) }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map((part) => expanded(document, part)) }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([field, part]) => [
          field,
          // An amount is an amount everywhere.
          named(part) === 'Money' ? part : expanded(document, part),
        ]),
      ),
    }),
  }
}

const bodyHtml = (document: Document, { requestBody }: Operation) =>
  requestBody
    ? html`<h4>Body</h4>${Object.entries(requestBody.content).map(
        ([type, { schema }]) =>
          html`<p><code>${type}</code> ${marked(schema.description ?? '')}</p>${
            innerOf(expanded(document, schema))
              ? fieldsHtml(innerOf(expanded(document, schema)) as Schema)
              : ''
          }`,
      )}`
    : ''

/** What an answer has in it, a level deep; what has a name of its own is one click away. */
const contentHtml = (document: Document, status: string, { content = {} }: Answer) =>
  Object.entries(content).map(([type, { schema }]) => {
    const name = named(schema)
    const fields = innerOf(name ? (document.components.schemas[name] ?? {}) : schema)
    return html`<p><code>${type}</code> ${typeOf(schema)}</p>${
      fields && status.startsWith('2')
        ? html`<details><summary>Fields</summary>${fieldsHtml(fields)}</details>`
        : ''
    }`
  })

const answersHtml = (document: Document, { responses }: Operation) =>
  html`<h4>Answers</h4><dl>${Object.entries(responses).map(
    ([status, answer]) =>
      html`<dt><code>${status}</code></dt><dd><p>${marked(answer.description)}</p>${contentHtml(
        document,
        status,
        answer,
      )}</dd>`,
  )}</dl>`

const samplesHtml = (operation: Operation) => {
  const [status, answer] =
    Object.entries(operation.responses).findLast(([code]) => /^20[01]$/.test(code)) ??
    Object.entries(operation.responses).find(([code]) => code.startsWith('2')) ??
    []
  const example = answer?.content?.['application/json']?.example
  return html`<div class="samples">${(operation['x-codeSamples'] ?? []).map(
    ({ label, source }) => html`<h4>${label}</h4><pre>${source}</pre>`,
  )}${
    example === undefined
      ? ''
      : html`<h4>Answer ${status}</h4><details><summary>Example</summary><pre>${JSON.stringify(
          example,
          null,
          2,
        )}</pre></details>`
  }</div>`
}

interface Call {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

const operationHtml = (document: Document, { method, path, operation }: Call) => {
  const { operationId, summary, description = '', parameters = [] } = operation
  const scopes = operation['x-scopes']
  return html`<section id="${operationId}"><div><h3><a href="#${operationId}">${marked(
    summary,
  )}</a></h3><p class="call"><b>${method.toUpperCase()}</b> <code>${path}</code> ${
    scopes
      ? html`<span class="scope">scope ${scopes.map(
          (scope, index) => html`${index > 0 ? ' or ' : ''}<code>${scope}</code>`,
        )}</span>`
      : html`<span class="scope">no key</span>`
  }</p><p>${marked(description)}</p>${parametersHtml(parameters)}${bodyHtml(
    document,
    operation,
  )}${answersHtml(document, operation)}</div>${samplesHtml(operation)}</section>`
}

const callsOf = (document: Document): readonly Call[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )

const navigationHtml = (groups: readonly { name: string; calls: readonly Call[] }[]) =>
  html`<nav aria-label="Operations"><ul>${groups.map(
    ({ name, calls }) =>
      html`<li><a href="#tag-${name}">${name}</a><ul>${calls.map(
        ({ operation: { operationId, summary } }) =>
          html`<li><a href="#${operationId}">${summary.replaceAll('`', '')}</a></li>`,
      )}</ul></li>`,
  )}<li><a href="#shapes">Shapes</a></li></ul></nav>`

const SETUP = `import { createClient } from 'rescind/client'

const rescind = createClient({
  baseUrl: 'http://127.0.0.1:8787',
  key: 'rsk_…',
})`

const introHtml = html`<section id="top"><div><h1>Rescind ${VERSION}</h1><p>${ABOUT}</p>
<p>Every call under <code>/v1</code> but those of platforms wants a caller’s key,
<code>Authorization: Bearer rsk_…</code>, with the scope that stands beside it; a gateway in the
sandbox on this machine wants none. What goes wrong is a <a href="#Problem">Problem</a>, and each
<a href="/problems/invalid-request">has a page</a>. For tools, the same as a document:
<a href="/openapi.json">openapi.json</a>.</p></div><div class="samples"><h2>The client</h2>
<pre>${SETUP}</pre><h2>curl</h2>
<pre>export RESCIND_URL=http://127.0.0.1:8787
export RESCIND_KEY=rsk_…</pre></div></section>`

/** The whole reference. */
export const reference = (document: Document) => {
  const calls = callsOf(document)
  const groups = TAGS.map(({ name, description }) => ({
    name,
    description,
    calls: calls.filter(({ operation }) => operation.tags.includes(name)),
  }))
  const shapes = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      html`<section id="${name}"><div><h3><a href="#${name}">${name}</a></h3><p>${marked(
        schema.description ?? '',
      )}</p>${fieldsHtml(schema)}</div></section>`,
  )
  return shell(
    'Rescind: reference',
    html`<a class="skip" href="#main">Skip to the page</a>${navigationHtml(groups)}<main id="main">
${introHtml}${groups.map(
      ({ name, description, calls: own }) =>
        html`<h2 id="tag-${name}">${name}</h2><p>${description}</p>${own.map((call) =>
          operationHtml(document, call),
        )}`,
    )}<h2 id="shapes">Shapes</h2>${shapes}</main>`,
  )
}

/** The page of a problem. */
export const problemPage = (code: ProblemCode) => {
  const { title, status, retryable, about } = PROBLEMS[code]
  const hope = retryable ? 'may be tried again' : 'trying again as it is will not help'
  return shell(
    title,
    html`<main class="alone"><h1>${title}</h1><p><code>${code}</code>, HTTP ${status}, ${hope}</p>
<p>${marked(about)}</p><h2>All problems</h2><ul>${PROBLEM_CODES.map(
      (other) => html`<li><a href="/problems/${other}"><code>${other}</code></a></li>`,
    )}</ul><p><a href="/docs">The reference</a></p></main>`,
  )
}
