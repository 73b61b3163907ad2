/**
 * Shopware's published schema of its Admin API as a judge of exchanges: what is asked must be of
 * it, and what comes back too. Where the document itself is wrong, it says why it is not believed.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import addFormats from 'ajv-formats'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

/** One request and its reply; `path` as a shop serves it, with `/api` before it. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly asked: unknown
  readonly status: number
  readonly told: unknown
}

const PACKAGE = new URL('../../node_modules/@shopware/api-client/', import.meta.url)
const document = JSON.parse(
  readFileSync(new URL('api-types/adminApiSchema.json', PACKAGE), 'utf8'),
) as any
const { schemas } = document.components

/** Where the document is wrong, what says so, and what holds instead. */
export const EXCEPTIONS: readonly {
  readonly what: string
  readonly why: string
  readonly mend: () => void
}[] = [
  {
    what: 'error: meta is an array of type “mixed”',
    why:
      'no type of JSON Schema, and an object by its own second half; ' +
      'Core/Framework/ShopwareHttpException.php writes { parameters }',
    mend: () => (schemas.error.properties.meta = { type: 'object' }),
  },
  {
    what: 'error: meta is required, and detail is a text',
    why:
      'Core/Framework/Api/EventListener/ErrorResponseFactory.php: what is no exception of its ' +
      'own has no meta, and an OAuth error without a hint has null',
    mend() {
      schemas.error.required = ['code', 'status', 'title', 'detail']
      schemas.error.properties.detail = { type: ['string', 'null'] }
    },
  },
  {
    what: 'calculatedTaxes and taxRules are objects',
    why: 'storeApiSchema.json of the same package: CalculatedPrice has lists',
    mend() {
      const mendPrices = ({ properties = {} }: any): void => {
        for (const [name, one] of Object.entries<any>(properties)) {
          if (name === 'calculatedTaxes' || name === 'taxRules')
            properties[name] = { type: 'array', items: { type: 'object' } }
          else mendPrices(one)
        }
      }
      for (const name of ['Order', 'OrderLineItem', 'OrderDelivery', 'OrderTransaction'])
        mendPrices(schemas[name])
    },
  },
  {
    what: 'OrderLineItem: children is required',
    why: 'an association, null unless it is asked for (github.com/shopware/shopware/issues/3717)',
    mend() {
      const { OrderLineItem: item } = schemas
      item.required = item.required.filter((name: string) => name !== 'children')
    },
  },
  {
    what: 'the reply of a change of state has no schema (“Todo”)',
    why: 'Core/Checkout/Order/Api/OrderActionController.php: it is the state, converted',
    mend() {
      const { responses } = document.paths['/_action/order/{orderId}/state/{transition}'].post
      responses['200'].content = {
        'application/json': { schema: { $ref: '#/components/schemas/StateMachineState' } },
      }
    },
  },
  // Two more are judged by below: no property is said to be nullable, and null is what one without
  // a value comes as; and errors are listed for few of the statuses that they come with.
]
for (const { mend } of EXCEPTIONS) mend()

/** The package that holds it, and whose version it is. */
export const published = {
  package: (JSON.parse(readFileSync(new URL('package.json', PACKAGE), 'utf8')) as any).version,
  shopware: document.info.version as string,
}

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema(document, 'admin')

const compiled = new Map<string, ValidateFunction>()
/** The part of the document at this pointer, as a judge; associations are of it too. */
const judgeOf = (pointer: string): ValidateFunction => {
  const judge = compiled.get(pointer) ?? ajv.compile({ $ref: `admin#${pointer}` })
  compiled.set(pointer, judge)
  return judge
}

const escaped = (name: string): string =>
  encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))

/** The path of the document, `/order/{id}`, that a request's path is one of. */
const templateOf = (path: string): string | undefined =>
  Object.keys(document.paths).find((template) => {
    const [is, meant] = [path.split('/'), template.split('/')]
    return (
      is.length === meant.length &&
      meant.every((part, at) => part.startsWith('{') || part === is[at])
    )
  })

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      one === null && name !== 'detail' ? [] : [[name, withoutNulls(one)]],
    ),
  )
}

/** The imitation's ids are words; here each stands for the id that it would be. */
export const withIds = <T>(value: T, words: readonly string[]): T => {
  const hex = (word: string): string => createHash('md5').update(word).digest('hex')
  const change = (one: unknown): unknown => {
    if (typeof one === 'string') return words.includes(one) ? hex(one) : one
    if (Array.isArray(one)) return one.map(change)
    if (one === null || typeof one !== 'object') return one
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, change(inner)]))
  }
  return change(value) as T
}

const faultsBy = (judge: ValidateFunction, value: unknown, where: string, partial = false) => {
  if (judge(value)) return []
  return (judge.errors ?? [])
    .filter(({ keyword }) => !partial || keyword !== 'required')
    .map(({ instancePath, message }) => `${where}${instancePath}: ${message}`)
}

const resolved = (schema: any): any =>
  schema?.$ref ? resolved(schemas[schema.$ref.split('/').at(-1)]) : schema

/** A member that the document does not name would be ignored by a shop without a word. */
const unnamed = (schema: any, asked: unknown): string[] => {
  const { properties } = resolved(schema) ?? {}
  if (!properties || asked === null || typeof asked !== 'object') return []
  return Object.keys(asked).filter((name) => !Object.hasOwn(properties, name))
}

/** Where the reply of this status stands; an error of a status that is not listed is a failure. */
const replyPointer = (operation: string, responses: any, status: number): string | null => {
  const listed = responses[status]
  if (listed?.content?.['application/json'])
    return `${operation}/responses/${status}/content/application~1json/schema`
  return status >= 400 ? '/components/schemas/failure' : null
}

/** What is wrong with an exchange; a page in the place of a reply is nobody's. */
export const faultsOf = ({ method, path, asked, status, told }: Exchange): string[] => {
  const template = path.startsWith('/api/') ? templateOf(path.slice(4)) : undefined
  const name = method.toLowerCase()
  const operation = template && document.paths[template][name]
  if (!template || !operation) return [`${method} ${path}: not of the document`]
  const pointer = `/paths/${escaped(template)}/${name}`
  const body = operation.requestBody?.content?.['application/json']
  const parts = path.slice(5).split('/')
  const parameters = (operation.parameters ?? []).filter((one: any) => one.in === 'path')
  const faults = parameters.flatMap(({ name: parameter, schema }: any) => {
    const value = parts[template.slice(1).split('/').indexOf(`{${parameter}}`)] ?? ''
    return ajv.validate(schema, value) ? [] : [`${path}: ${parameter} is ${value}`]
  })
  if (asked !== undefined)
    faults.push(
      ...(body
        ? faultsBy(
            judgeOf(`${pointer}/requestBody/content/application~1json/schema`),
            asked,
            `${template} asked`,
          )
        : [`${template}: takes no body`]),
      ...unnamed(body?.schema, asked).map((one) => `${template} asked: ${one} is not named`),
    )
  if (typeof told === 'string') return faults
  const reply = replyPointer(pointer, operation.responses, status)
  // What `includes` left out of an entity is not missing.
  const isPartial = Object.hasOwn((asked ?? {}) as object, 'includes')
  return [
    ...faults,
    ...(reply
      ? faultsBy(judgeOf(reply), withoutNulls(told), `${template} told`, isPartial)
      : [`${template}: ${status} is not of the document`]),
  ]
}
