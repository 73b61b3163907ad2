/**
 * The OpenAPI document: what the routes say, with a description and an example at every place, and
 * each operation as it is asked for in a shell and with the client.
 */
import type { App } from '../auth.ts'
import { CLIENT, CURL, EXAMPLES, QUERIES } from './examples.ts'
import { FIELDS, OPERATIONS } from './fields.ts'

export const VERSION = '0.1.0'

export const ABOUT =
  'One endpoint that cancels orders on any commerce platform, and says truthfully what became of ' +
  'them. 200 or 201 means canceled, 202 means not known yet, no 2xx ever means refused.'

export const TAGS = [
  { name: 'Cancellations', description: 'Ask once, keep looking.' },
  { name: 'Batches', description: 'Many at once, each at its store’s pace.' },
  { name: 'Webhooks', description: 'Where this key is told what became of it.' },
  { name: 'Links', description: 'Orders of several stores that are one sale.' },
  { name: 'Stores', description: 'The merchant accounts a key may use.' },
  { name: 'Orders', description: 'Orders as they are now.' },
  { name: 'Audit', description: 'Who asked for what.' },
  { name: 'Platforms', description: 'What each platform can do, with sources.' },
  { name: 'Gateway', description: 'The gateway itself.' },
] as const

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Rescind',
    version: VERSION,
    description: ABOUT,
    contact: { name: 'Whoever runs this gateway' },
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'This gateway' }],
  tags: [...TAGS],
}

/** A shape of the document, as far as it is read here. */
export interface Schema {
  readonly $ref?: string
  description?: string
  example?: unknown
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly default?: unknown
  readonly [bound: string]: unknown
}
export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
  description?: string
  example?: unknown
}
interface Media {
  readonly schema: Schema
  example?: unknown
}
export interface Answer {
  readonly description: string
  readonly content?: Readonly<Record<string, Media>>
}
export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  description?: string
  readonly security: readonly object[]
  /** What a key must have. OpenAPI has scopes of OAuth alone. */
  readonly 'x-scopes'?: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, Answer>>
  'x-codeSamples'?: readonly { readonly lang: string; label: string; readonly source: string }[]
}
export interface Document {
  readonly info: { readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** The shape that a reference leads to, by its name. */
export const named = ({ $ref }: Schema): string | undefined => $ref?.split('/').at(-1)

/** Inline answers that are a shape and more: whose fields they have. */
const ALIKE: Readonly<Record<string, string>> = { getOrder: 'Order', createBatch: 'Batch' }

/** What is said of a place, the nearest first. */
const said = <T>(all: Readonly<Record<string, T>>, owner: string, name: string): T | undefined => {
  const found = [`${owner}.${name}`, `${ALIKE[owner] ?? owner}.${name}`, name].find((key) =>
    Object.hasOwn(all, key),
  )
  return found === undefined ? undefined : all[found]
}

/** Whether a value said of every field of this name may stand in this one. */
const fits = (value: unknown, schema: Schema): boolean => {
  const types = [schema.type, ...(schema.anyOf ?? []).map(({ type }) => type)].flat()
  if (value === null) return types.includes('null')
  if (schema.enum) return schema.enum.includes(value)
  return typeof value === 'number'
    ? types.includes('number') || types.includes('integer')
    : types.includes(typeof value)
}

const describeFields = (owner: string, schema: Schema): void => {
  for (const part of [...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])])
    describeFields(owner, part)
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const words = field.description ?? said(FIELDS, owner, name)
    if (words !== undefined) field.description = words
    describeFields(name, field)
  }
}

const exampleOf = (document: Document, owner: string, schema: Schema): unknown => {
  const name = named(schema)
  if (name !== undefined)
    return Object.hasOwn(EXAMPLES, name)
      ? EXAMPLES[name]
      : exampleOf(document, name, document.components.schemas[name] ?? {})
  if (schema.example !== undefined) return schema.example
  if (schema.anyOf?.[0]) return exampleOf(document, owner, schema.anyOf[0])
  if (schema.enum) return schema.enum[0]
  const type = [schema.type].flat()[0]
  if (type === 'array') return [exampleOf(document, owner, schema.items ?? {})]
  if (type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {})
        .filter(([field]) => schema.required?.includes(field))
        .map(([field, shape]) => [field, valueOf(document, owner, field, shape)]),
    )
  if ([schema.type].flat().includes('null')) return null
  return type === 'boolean' ? false : type === 'string' ? '…' : 0
}

/** An example of a field: what is said of its place, what its shape says, or what its name does. */
const valueOf = (document: Document, owner: string, name: string, schema: Schema): unknown => {
  const own = [`${owner}.${name}`, `${ALIKE[owner] ?? owner}.${name}`].find((key) =>
    Object.hasOwn(EXAMPLES, key),
  )
  if (own !== undefined) return EXAMPLES[own]
  const general = EXAMPLES[name]
  const isMeant = Object.hasOwn(EXAMPLES, name) && fits(general, schema)
  if (isMeant && general === null) return null
  if (schema.example !== undefined) return schema.example
  return isMeant ? general : exampleOf(document, name, schema)
}

/** As JavaScript has it: names without quotes, texts in single ones. */
const toScript = (value: unknown): string =>
  JSON.stringify(value, null, 2)
    .replaceAll(/"(\w+)":/g, '$1:')
    .replaceAll(/"([^"\\]*)"/g, "'$1'")

const bodyOf = ({ requestBody }: Operation): unknown =>
  requestBody?.content['application/json']?.example

/** The line for a shell; what is secret or another's is a variable. */
const curlOf = (method: string, path: string, operation: Operation): string => {
  const { operationId, parameters = [], security } = operation
  const isIn = (place: Parameter['in']) => parameters.filter((one) => one.in === place)
  const address = isIn('path').reduce(
    (text, { name, example }) => text.replace(`{${name}}`, encodeURIComponent(String(example))),
    path,
  )
  const wanted = isIn('query').filter(
    ({ name, required }) => required || QUERIES[operationId]?.includes(name),
  )
  const query = new URLSearchParams(wanted.map(({ name, example }) => [name, String(example)]))
  const body = bodyOf(operation)
  return [
    `curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}` +
      `"$RESCIND_URL${address}${query.size > 0 ? `?${query.toString()}` : ''}"`,
    ...(security.length > 0 ? ['-H "Authorization: Bearer $RESCIND_KEY"'] : []),
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json'`]),
    ...(CURL[operationId] ?? []),
    ...(body === undefined ? [] : [`-d '${JSON.stringify(body, null, 2)}'`]),
  ].join(' \\\n  ')
}

const finishOperation = (
  document: Document,
  method: string,
  path: string,
  operation: Operation,
): void => {
  const { operationId, parameters = [], requestBody, responses } = operation
  operation.description ??= OPERATIONS[operationId] ?? ''
  for (const parameter of parameters) {
    const { name, schema } = parameter
    const words = schema.description ?? said(FIELDS, operationId, name)
    if (words !== undefined) parameter.description = words
    delete schema.description
    const value = schema.example ?? said(EXAMPLES, operationId, name)
    if (value !== undefined && value !== null) parameter.example = value
    delete schema.example
  }
  for (const [, { content = {} }] of Object.entries(responses))
    for (const [type, media] of Object.entries(content)) {
      describeFields(operationId, media.schema)
      if (type === 'application/json')
        media.example = EXAMPLES[operationId] ?? exampleOf(document, operationId, media.schema)
    }
  const json = requestBody?.content['application/json']
  if (json) json.example = exampleOf(document, operationId, json.schema)
  const call = CLIENT[operationId]
  operation['x-codeSamples'] = [
    { lang: 'Shell', label: 'curl', source: curlOf(method, path, operation) },
    ...(call === undefined
      ? []
      : [
          {
            lang: 'JavaScript',
            label: 'rescind/client',
            source: call.replace('$', () => toScript(bodyOf(operation))),
          },
        ]),
  ]
}

/**
 * What the generator writes for a named shape that may be null; by JSON Schema's rules it forbids
 * null.
 */
const NO_NULL = /\{"allOf":\[(\{"\$ref":"[^"]+"\}),\{"type":\["object","null"\]\}\]\}/g

/** The OpenAPI 3.1 document of these routes. */
export const openApi = (app: App): Document => {
  const document = JSON.parse(
    JSON.stringify(app.getOpenAPI31Document(DOCUMENT)).replaceAll(
      NO_NULL,
      '{"anyOf":[$1,{"type":"null"}]}',
    ),
  ) as Document
  for (const [name, schema] of Object.entries(document.components.schemas))
    describeFields(name, schema)
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods))
      finishOperation(document, method, path, operation)
  return document
}
