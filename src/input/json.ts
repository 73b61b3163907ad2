/**
 * JSON read strictly: UTF-8, no member twice; every mistake is named by its place and never by its
 * text.
 */
import { visit } from 'jsonc-parser'
import type { z } from 'zod'

export interface Mistake {
  readonly pointer: string
  readonly detail: string
}

/**
 * More mistakes than that tell nothing further, and an answer must not grow beyond what was asked.
 */
export const MISTAKES_NAMED = 20

/** The mistakes that are named, and a word where there are more. */
export const firstOf = <T>(
  mistakes: readonly T[],
): { readonly errors: T[]; readonly more: string } => ({
  errors: mistakes.slice(0, MISTAKES_NAMED),
  more:
    mistakes.length > MISTAKES_NAMED
      ? ` There are more mistakes than the ${MISTAKES_NAMED} that are named.`
      : '',
})

/** What was sent, or configured, is not JSON as anybody means it. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  readonly mistakes: readonly Mistake[]
  constructor(mistakes: readonly Mistake[]) {
    const { errors, more } = firstOf(mistakes)
    super(
      [...errors.map(({ pointer, detail }) => `${pointer || 'the file'} ${detail}`), more.trim()]
        .filter(Boolean)
        .join('\n'),
    )
    this.mistakes = mistakes
  }
}

/** Nobody has a longer name for a member. */
const NAME_SHOWN = 128
const shown = (name: string): string =>
  name.length > NAME_SHOWN ? `${name.slice(0, NAME_SHOWN)}…` : name

/**
 * A JSON pointer (RFC 6901); the whole document is the empty one. What is no name of anything is
 * cut.
 */
export const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${shown(String(part)).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const refuse = (detail: string, pointer = ''): never => {
  throw new JsonError([{ pointer, detail }])
}

/**
 * Nothing that is asked or configured is nearly as deep, or has nearly as many members in one
 * object.
 */
const MAX_DEPTH = 64
const MAX_MEMBERS = 1_000

/** Where the text is no JSON any more. */
const refuseSyntax = (text: string): never => {
  visit(
    text,
    {
      onError: (_error, _offset, _length, line, column) =>
        refuse(`is not valid JSON: line ${line + 1}, column ${column + 1}`),
    },
    { disallowComments: true },
  )
  return refuse('is not valid JSON') // the runtime's own parser has the last word on syntax
}

const unescaped = (literal: string): string => {
  try {
    return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1)
  } catch {
    return literal // no JSON, which the parser will say
  }
}

/**
 * The places where an object names a member again, one more than are named. In one pass, so that
 * eight megabytes of mistakes cost no more than eight of orders.
 */
const duplicates = (text: string): string[] => {
  const open: { readonly names: Set<string> | null; at: string | number }[] = []
  const found: string[] = []
  let literal = ''
  const member = () => {
    const inner = open.at(-1)
    if (!inner?.names) return
    inner.at = unescaped(literal)
    if (inner.names.has(inner.at)) found.push(toPointer(open.map(({ at }) => at)))
    if (inner.names.add(inner.at).size > MAX_MEMBERS)
      refuse(
        `has more than ${MAX_MEMBERS} members`,
        toPointer(open.slice(0, -1).map(({ at }) => at)),
      )
  }
  for (let index = 0; index < text.length && found.length <= MISTAKES_NAMED; index++) {
    const letter = text[index]
    if (letter === '"') {
      const from = index
      while (++index < text.length && text[index] !== '"') if (text[index] === '\\') index++
      literal = text.slice(from, index + 1)
    } else if (letter === ':') member()
    else if (letter === ',') {
      const inner = open.at(-1)
      if (typeof inner?.at === 'number') inner.at++
    } else if (letter === '}' || letter === ']') open.pop()
    else if (letter === '{' || letter === '[') {
      if (
        open.push(letter === '{' ? { names: new Set(), at: '' } : { names: null, at: 0 }) >
        MAX_DEPTH
      )
        refuse('is nested too deeply')
    }
  }
  return found
}

const decode = (bytes: ArrayBuffer | Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse('is not valid UTF-8')
  }
}

/** The value of a JSON text. Throws `JsonError`. */
export const parseJson = (bytes: ArrayBuffer | Uint8Array): unknown => {
  const text = decode(bytes)
  const repeated = duplicates(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuseSyntax(text)
  }
  // JSON.parse keeps the last of two members of one name in silence:
  // {"restock":false,"restock":true} is true.
  if (repeated.length > 0)
    throw new JsonError(repeated.map((pointer) => ({ pointer, detail: 'is there twice' })))
  return value
}

/**
 * The places of a schema's complaints, as JSON pointers into what was sent; one more than are
 * named.
 */
export const complaints = (error: z.core.$ZodError): Mistake[] =>
  error.issues
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.slice(0, MISTAKES_NAMED + 1).map((key) => ({
            pointer: toPointer([...issue.path, key]),
            detail: 'is not known here',
          }))
        : [{ pointer: toPointer(issue.path), detail: issue.message }],
    )
    .slice(0, MISTAKES_NAMED + 1)
