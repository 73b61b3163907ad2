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

const COLUMNS = 100

/** Words in lines that have room for so many columns. */
const linesOf = (words: readonly string[], columns: number): string[] => {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const comment = (description: string | undefined, indent: string): string => {
  if (description === undefined) return ''
  const text = description.replaceAll('*/', '*\u2215')
  const line = `${indent}/** ${text} */`
  if (line.length <= COLUMNS) return `${line}\n`
  const lines = linesOf(text.split(/\s+/), COLUMNS - `${indent} * `.length)
  return `${indent}/**\n${lines.map((part) => `${indent} * ${part}\n`).join('')}${indent} */\n`
}

/** A name with its type; a list of words that does not fit in a line goes below it. */
const declare = (head: string, type: string, indent: string): string => {
  const line = `${indent}${head} ${type}`
  if (line.length <= COLUMNS || type.includes('{')) return line
  const words = type.split(' | ').map((word) => `| ${word}`)
  const lines = linesOf(words, COLUMNS - indent.length - 2)
  return `${indent}${head}${lines.map((part) => `\n${indent}  ${part}`).join('')}`
}

const list = (item: string) => (/^[\w.]+$|^\{/.test(item) ? `${item}[]` : `(${item})[]`)

/** What may be left out may also be undefined: JSON leaves that out as well. */
const members = ({ properties = {}, required = [] }: Schema, indent: string): string =>
  Object.entries(properties)
    .map(([name, schema]) => {
      const optional = !required.includes(name)
      const deeper = `${indent}  `
      const type = `${print(schema, deeper)}${optional ? ' | undefined' : ''}`
      return (
        comment(schema.description, deeper) +
        `${declare(`${name}${optional ? '?' : ''}:`, type, deeper)}\n`
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

const HEAD = `/**
 * What the gateway takes and answers; printed from its routes by npm run openapi.
 * Longer than 400 lines because every shape of the document is in it.
 */`

export const typesText = (): string => {
  const { components } = JSON.parse(documentText()) as {
    components: { schemas: Record<string, Schema> }
  }
  const shapes = Object.entries(components.schemas).map(([name, schema]) => {
    const isObject = schema.type === 'object' && schema.properties
    const head = isObject ? `export interface ${name}` : `export type ${name} =`
    return `${comment(schema.description, '')}${declare(head, print(schema), '')}\n`
  })
  return `${HEAD}\n\n${shapes.join('\n')}`
}

if (import.meta.main)
  writeFileSync(fileURLToPath(new URL('../src/client/types.ts', import.meta.url)), typesText())
