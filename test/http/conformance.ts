/**
 * Holds answers against the published OpenAPI document: status, media type and shape, and no member
 * that it does not name.
 */
import addFormats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import published from '../../openapi/openapi.json' with { type: 'json' }

type Node = Record<string, any>

export const document = published as Node

const resolve = (node: Node): Node =>
  node['$ref'] ? document['components'].schemas[node['$ref'].split('/').at(-1)] : node

/**
 * A copy in which objects admit only the members they name; `allOf` of a shape and its extension
 * becomes one shape.
 */
const closed = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(closed)
  if (node === null || typeof node !== 'object') return node
  const { allOf, ...rest } = node as Node
  if (allOf) {
    const parts = [...(allOf as Node[]).map(resolve), rest]
    return closed({
      type: 'object',
      properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
      required: parts.flatMap(({ required }) => required ?? []),
    })
  }
  const copy = Object.fromEntries(Object.entries(rest).map(([name, part]) => [name, closed(part)]))
  return rest['properties'] && !('additionalProperties' in rest)
    ? { ...copy, additionalProperties: false }
    : copy
}

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema({ $id: 'answers', ...(closed(document) as Node) })
ajv.addSchema({ $id: 'requests', ...document })

const escaped = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1')

/**
 * A validator for the schema at this place of the document; requests are held against the document
 * as it is.
 */
const validator = (of: 'answers' | 'requests', ...place: readonly string[]) => {
  const ref = `${of}#/${place.map((part) => encodeURIComponent(escaped(part))).join('/')}`
  return ajv.getSchema(ref) ?? ajv.compile({ $ref: ref })
}

const templates = Object.keys(document['paths'])
  .map((template) => ({
    template,
    pattern: new RegExp(
      `^${template.replaceAll(/[.]/g, '\\.').replaceAll(/\{[^}]+\}/g, '([^/]+)')}$`,
    ),
    fixed: template.replaceAll(/\{[^}]+\}/g, '').length,
  }))
  .sort((a, b) => b.fixed - a.fixed)

/** The document's path that an address belongs to, and its operation for this method. */
export const operationOf = (
  method: string,
  path: string,
): { readonly template: string; readonly operation: Node } | null => {
  const pathname = path.split('?')[0] ?? ''
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
  const found = templates
    .filter(({ pattern }) => pattern.test(pathname))
    .find(({ template }) => document['paths'][template][verb])
  return found
    ? { template: found.template, operation: document['paths'][found.template][verb] }
    : null
}

/** What the document says against this answer; empty: nothing. */
export const complaints = (
  method: string,
  path: string,
  status: number,
  type: string,
  text: string,
): string[] => {
  const known = operationOf(method, path)
  const problem = status >= 400
  const media = problem ? 'application/problem+json' : (type.split(';')[0] ?? '')
  if (problem && type !== media) return [`${status} is ${type}`]
  const answers = known?.operation['responses'] as Node | undefined
  const declared = answers
    ? answers[status]
      ? String(status)
      : answers[`${Math.floor(status / 100)}XX`] && `${Math.floor(status / 100)}XX`
    : undefined
  if (known && !declared) return [`${status} is not documented for ${method} ${known.template}`]
  const content = answers?.[declared as string]?.content
  // Documented without a body, it has none.
  if (known && !content && !problem) return text === '' ? [] : [`${status} has a body`]
  if (known && !content?.[media]) return [`${media} is not documented for ${status}`]
  if (/^text\/|ndjson/.test(media) || method === 'HEAD') return []
  const validate = known
    ? validator(
        'answers',
        'paths',
        known.template,
        method.toLowerCase(),
        'responses',
        declared as string,
        'content',
        media,
        'schema',
      )
    : validator('answers', 'components', 'schemas', 'Problem')
  return validate(JSON.parse(text))
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) =>
          `${instancePath} ${message} ${JSON.stringify(params)}`,
      )
}

/** Whether the document allows this body for this operation. */
export const isValidBody = (
  name:
    | 'CancelRequest'
    | 'ResolveRequest'
    | 'ApproveRequest'
    | 'DeclineRequest'
    | 'BatchRequest'
    | 'ReplayRequest'
    | 'SweepRequest'
    | 'LinkRequest'
    | 'ErasureRequest',
  body: unknown,
): boolean => validator('requests', 'components', 'schemas', name)(body) === true

/** What the document says against this value of this shape of its own; empty: nothing. */
export const faultsOf = (schema: Node, value: unknown): string[] => {
  const validate = ajv.compile({ ...(refer(closed(schema)) as Node) })
  return validate(value) ? [] : (validate.errors ?? []).map((one) => JSON.stringify(one))
}

/** Its references, from outside of it. */
const refer = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(refer)
  if (node === null || typeof node !== 'object') return node
  return Object.fromEntries(
    Object.entries(node).map(([name, part]) => [
      name,
      name === '$ref' ? `answers${String(part)}` : refer(part),
    ]),
  )
}

const FIELDS = ['type', 'title', 'status', 'detail', 'code', 'retryable', 'acted']

/** What the contract says against any answer of the gateway's own. */
export const violations = (
  method: string,
  path: string,
  response: Response,
  text: string,
): string[] => {
  const { status, headers } = response
  const type = headers.get('content-type') ?? ''
  const found = [
    ...(headers.get('cache-control') === 'no-store' ? [] : ['Cache-Control is not no-store']),
    ...(/^[\w\-=]{1,255}$/.test(headers.get('request-id') ?? '') ? [] : ['no Request-Id']),
  ]
  if (path.startsWith('/sandbox/') || status === 302) return found
  found.push(...complaints(method, path, status, type, text))
  if (status >= 400 && method !== 'HEAD' && found.length === 0) {
    const problem = JSON.parse(text) as Node
    found.push(
      ...FIELDS.filter((name) => !(name in problem)).map((name) => `the problem lacks ${name}`),
    )
    if (problem['status'] !== status) found.push(`the problem says ${problem['status']}`)
    if (problem['type'] !== `/problems/${problem['code']}`)
      found.push(`the type is ${problem['type']}`)
    if (
      problem['code'] === 'invalid-request' &&
      problem['errors']?.some(({ pointer }: Node) => pointer !== '' && !pointer.startsWith('/'))
    )
      found.push('a pointer is no JSON pointer')
  }
  return found
}

export const expectLawful = (
  method: string,
  path: string,
  response: Response,
  text: string,
): void => {
  expect(
    violations(method, path, response, text),
    `${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`,
  ).toEqual([])
}
