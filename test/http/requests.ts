/** Requests made from the OpenAPI document, valid ones and what chance makes of them. */
import fc from 'fast-check'
import { document } from './conformance.ts'

type Schema = Record<string, any>

export interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Latin-1, one character per byte; null: no body. */
  readonly body: string | null
}

/** Values worth trying, by the name of a parameter or member. */
export type Known = Readonly<Record<string, readonly string[]>>

const latin1 = (text: string) => Buffer.from(text).toString('latin1')
const anyText = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '',
    '.',
    '..',
    '%',
    '%00',
    '\u0000',
    '\ud800',
    ' ',
    '__proto__',
    'constructor',
    '‮',
    'é',
    '👍',
    '-1',
    'null',
    '[]',
  ),
)
const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 300,
})

const resolve = (schema: Schema): Schema =>
  schema['$ref'] ? document['components'].schemas[schema['$ref'].split('/').at(-1)] : schema

/** What this schema allows, as far as bodies and parameters need it. */
const valid = (named: Schema, known: Known, name = ''): fc.Arbitrary<unknown> => {
  const schema = resolve(named)
  const types: string[] = [schema['type']].flat()
  if (types.includes('null'))
    return fc.option(
      valid(
        {
          ...schema,
          type: types.find((type) => type !== 'null'),
          ...(schema['enum'] && {
            enum: schema['enum'].filter((value: unknown) => value !== null),
          }),
        },
        known,
        name,
      ),
    )
  if (schema['enum']) return fc.constantFrom(...schema['enum'])
  if (schema['type'] === 'boolean') return fc.boolean()
  if (schema['type'] === 'integer')
    return fc.integer({ min: schema['minimum'], max: schema['maximum'] })
  if (schema['type'] === 'object') {
    return fc.record(
      Object.fromEntries(
        Object.entries<Schema>(schema['properties'] ?? {}).map(([member, part]) => [
          member,
          valid(part, known, member),
        ]),
      ),
      { requiredKeys: schema['required'] ?? [] },
    )
  }
  if (schema['format'] === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
      .map((date) => date.toISOString())
  const text = fc.string({
    unit: 'grapheme',
    minLength: schema['minLength'] ?? 0,
    maxLength: Math.min(schema['maxLength'] ?? 20, 20),
  })
  return known[name]
    ? fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...known[name]) },
        { weight: 1, arbitrary: text },
      )
    : text
}

/** JSON text with a fault in it, or none at all. */
const spoiled = (object: object): fc.Arbitrary<string> => {
  const names = Object.keys(object)
  const json = JSON.stringify(object)
  const member = fc.tuple(
    fc.oneof(fc.constantFrom(...names, 'orderId'), anyText),
    fc.oneof(fc.jsonValue({ maxDepth: 2 }), anyText),
  )
  return fc.oneof(
    member.map(([name, value]) => JSON.stringify({ ...object, [name]: value })),
    member.map(
      ([name, value]) => `{${JSON.stringify(name)}:${JSON.stringify(value)},${json.slice(1)}`,
    ),
    fc
      .constantFrom(...names, 'orderId')
      .map((name) => JSON.stringify({ ...object, [name]: undefined })),
    fc
      .tuple(fc.nat(json.length), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(([at, text]) => json.slice(0, at) + text + json.slice(at)),
    fc.nat(json.length).map((at) => json.slice(0, at)),
    fc.json({ maxDepth: 3 }),
    anyText,
    fc.constantFrom(
      '['.repeat(9_000),
      `{"orderId":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}}`,
      ' '.repeat(17_000),
      `${json}${' '.repeat(16_384)}`,
    ),
  )
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => String.fromCharCode(...array))

const operations = Object.entries<any>(document['paths']).flatMap(([template, methods]) =>
  Object.entries<any>(methods).map(([method, operation]) => ({
    template,
    method: method.toUpperCase(),
    operation,
  })),
)
/** Asked for more often: where something can happen. */
const weight = ({ method, template }: { method: string; template: string }) =>
  template === '/v1/cancellations' && method === 'POST'
    ? 30
    : template.startsWith('/v1/cancellations')
      ? 6
      : 1

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json;',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/problem+json',
  'APPLICATION/JSON',
  'json',
  '',
]

/** Mostly the first, now and then one of the others. */
const mostly = <T>(usual: fc.Arbitrary<T>, ...others: fc.Arbitrary<T>[]) =>
  fc.oneof({ weight: 20, arbitrary: usual }, ...others)
const header = (text: string) => text.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, '').trim()

/** One request, by one of these keys. */
export const requests = (known: Known, keys: readonly string[]): fc.Arbitrary<Sent> =>
  fc.oneof(
    ...operations.map((one) => ({ weight: weight(one), arbitrary: requestTo(one, known, keys) })),
  )

type Operation = (typeof operations)[number]

const pathsTo = ({ template, operation }: Operation, known: Known): fc.Arbitrary<string> => {
  const parameters: Schema[] = operation.parameters ?? []
  const inPath = Object.fromEntries(
    parameters
      .filter((one) => one['in'] === 'path')
      .map(({ name, schema }) => [
        name,
        mostly(valid(schema, known, name) as fc.Arbitrary<string>, anyText).map(encodeLoosely),
      ]),
  )
  return fc
    .record(inPath)
    .map((values) =>
      template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String((values as Schema)[name])),
    )
}

const queriesTo = ({ operation }: Operation, known: Known): fc.Arbitrary<string> => {
  const parameters: Schema[] = operation.parameters ?? []
  const inQuery = parameters.filter((one) => one['in'] === 'query')
  return fc
    .tuple(
      ...inQuery.map(({ name, schema, required }) =>
        fc
          .option(mostly(valid(schema, known, name).map(String), anyText), {
            freq: required ? 12 : 2,
            nil: null,
          })
          .map((value) => (value === null ? [] : [[name, value] as const])),
      ),
    )
    .chain((pairs) =>
      mostly(
        fc.constant(pairs.flat()),
        fc.tuple(anyText, anyText).map((more) => [...pairs.flat(), more]),
        fc.constant([...pairs.flat(), ...pairs.flat()]),
      ),
    )
    .map((pairs) =>
      pairs.map(([name, value]) => `${encodeLoosely(name)}=${encodeLoosely(value)}`).join('&'),
    )
}

const bodiesTo = ({ operation }: Operation, known: Known) => {
  const schema: Schema | undefined = operation.requestBody?.content['application/json'].schema
  return schema === undefined
    ? mostly(fc.constant(null), bytes as fc.Arbitrary<string | null>)
    : fc.oneof(
        {
          weight: 5,
          arbitrary: valid(schema, known).map((value) => latin1(JSON.stringify(value))),
        },
        {
          weight: 4,
          arbitrary: valid(schema, known)
            .chain((value) => spoiled(value as object))
            .map(latin1),
        },
        bytes,
        fc.constant(null),
      )
}

const headersBy = (keys: readonly string[]) =>
  fc
    .record({
      authorization: mostly(
        fc.constantFrom(...keys).map((key) => `Bearer ${key}`),
        fc.constantFrom('', 'Bearer', 'Basic abc', 'bearer nobody'),
        anyText,
      ),
      'content-type': mostly(fc.constant('application/json'), fc.constantFrom(...TYPES), anyText),
      'idempotency-key': fc.option(
        fc.oneof(fc.constantFrom('a', '"b"', 'c', '""', 'x y', 'é'), visible, anyText),
        { freq: 2, nil: '' },
      ),
      prefer: fc.option(
        fc.oneof(
          fc.constantFrom('respond-async', 'wait=0', 'wait=1', 'wait=x', 'wait="0", respond-async'),
          anyText,
        ),
        { nil: '' },
      ),
      'rescind-customer-token': fc
        .option(fc.oneof(visible, anyText), { nil: '' })
        .chain((token) => fc.oneof({ weight: 9, arbitrary: fc.constant('') }, fc.constant(token))),
      accept: fc.constantFrom('', '*/*', 'application/json', 'text/html'),
      'request-id': fc.oneof({ weight: 5, arbitrary: fc.constant('') }, anyText),
    })
    .map((all) =>
      Object.fromEntries(
        Object.entries(all)
          .map(([name, value]) => [name, header(value)])
          .filter(([, value]) => value !== ''),
      ),
    )

const requestTo = (one: Operation, known: Known, keys: readonly string[]): fc.Arbitrary<Sent> => {
  const path = pathsTo(one, known)
  return fc
    .record({
      method: mostly(fc.constant(one.method), fc.constantFrom(...METHODS)),
      path: fc
        .tuple(
          mostly(
            path,
            path.map((text) => `${text}/`),
            anyText.map((text) => `/v1/${encodeLoosely(text)}`),
          ),
          queriesTo(one, known),
        )
        .map(([text, asked]) => (asked === '' ? text : `${text}?${asked}`)),
      headers: headersBy(keys),
      body: bodiesTo(one, known),
    })
    .map(({ body: sent, ...rest }) => ({
      ...rest,
      body: rest.method === 'GET' || rest.method === 'HEAD' ? null : sent,
    }))
}

/** Percent-encodes what would end the address; lone surrogates and broken escapes stay broken. */
function encodeLoosely(text: string): string {
  return text.replaceAll(/[^\w.~%-]/gu, (letter) =>
    letter.isWellFormed() ? encodeURIComponent(letter) : '%ED%A0%80',
  )
}
