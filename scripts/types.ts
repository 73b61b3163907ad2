/**
 * Prints the client's types from the routes' own document (`npm run openapi`): what is sent and
 * answered, and nothing else, so that they need no library.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { documentText } from './openapi.ts'

interface Schema {
  readonly $ref?: string
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly (string | null)[]
  readonly type?: string | readonly string[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly required?: readonly string[]
  readonly description?: string
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
}

const comment = (text: string | undefined, indent: string): string =>
  text === undefined ? '' : `${indent}/** ${text.replaceAll('*/', '*\u2215')} */\n`

const list = (item: string) => (/^[\w.]+$|^\{/.test(item) ? `${item}[]` : `(${item})[]`)

/** What may be left out may also be undefined: JSON leaves that out as well. */
const members = ({ properties = {}, required = [] }: Schema, indent: string): string =>
  Object.entries(properties)
    .map(([name, schema]) => {
      const optional = !required.includes(name)
      return (
        `${comment(schema.description, `${indent}  `)}${indent}  ` +
        `${name}${optional ? '?' : ''}: ` +
        `${print(schema, `${indent}  `)}${optional ? ' | undefined' : ''}\n`
      )
    })
    .join('')

const printType = (type: string, schema: Schema, indent: string): string => {
  if (type === 'array') return list(print(schema.items ?? {}, indent))
  if (type !== 'object') return PRIMITIVES[type] ?? 'unknown'
  if (schema.properties) return `{\n${members(schema, indent)}${indent}}`
  const { additionalProperties: more } = schema
  return `Record<string, ${typeof more === 'object' ? print(more, indent) : 'unknown'}>`
}

const print = (schema: Schema, indent = ''): string => {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? 'unknown'
  if (schema.allOf) return schema.allOf.map((part) => print(part, indent)).join(' & ')
  if (schema.anyOf) return schema.anyOf.map((part) => print(part, indent)).join(' | ')
  if (schema.enum)
    return schema.enum.map((value) => (value === null ? 'null' : `'${value}'`)).join(' | ')
  return schema.type === undefined
    ? 'unknown'
    : [schema.type]
        .flat()
        .map((type) => printType(type, schema, indent))
        .join(' | ')
}

const HEAD =
  '/** What the gateway takes and answers; printed from its routes by npm run openapi. */'

export const typesText = (): string => {
  const { components } = JSON.parse(documentText()) as {
    components: { schemas: Record<string, Schema> }
  }
  const shapes = Object.entries(components.schemas).map(([name, schema]) => {
    const isObject = schema.type === 'object' && schema.properties
    const head = isObject ? `interface ${name}` : `type ${name} =`
    return `${comment(schema.description, '')}export ${head} ${print(schema)}\n`
  })
  return `${HEAD}\n\n${shapes.join('\n')}`
}

if (import.meta.main)
  writeFileSync(fileURLToPath(new URL('../src/client/types.ts', import.meta.url)), typesText())
