/** JSON read strictly: UTF-8, no member twice; every mistake is named by its place and never by its text. */
import { visit } from 'jsonc-parser'

export interface Mistake { readonly pointer: string, readonly detail: string }

/** What was sent, or configured, is not JSON as anybody means it. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  readonly mistakes: readonly Mistake[]
  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ pointer, detail }) => `${pointer || 'the file'} ${detail}`).join('\n'))
    this.mistakes = mistakes
  }
}

/** A JSON pointer (RFC 6901); the whole document is the empty one. */
export const toPointer = (path: readonly PropertyKey[]): string => path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const refuse = (detail: string): never => {
  throw new JsonError([{ pointer: '', detail }])
}

/** Nothing that is asked or configured is nearly as deep. */
const MAX_DEPTH = 64

/** The places where an object names a member again. Throws at the first place that is no JSON. */
const duplicates = (text: string): string[] => {
  const open: Set<string>[] = []
  const found: string[] = []
  const enter = () => { if (open.push(new Set()) > MAX_DEPTH) refuse('is nested too deeply') }
  const leave = () => { open.pop() }
  visit(text, {
    onArrayBegin: enter, onArrayEnd: leave, onObjectBegin: enter, onObjectEnd: leave,
    onObjectProperty(name, _offset, _length, _line, _column, pathOf) {
      if (open.at(-1)?.has(name)) found.push(toPointer([...pathOf(), name]))
      open.at(-1)?.add(name)
    },
    onError: (_error, _offset, _length, line, column) => refuse(`is not valid JSON: line ${line + 1}, column ${column + 1}`),
  }, { disallowComments: true })
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
  // JSON.parse keeps the last of two members of one name in silence: {"restock":false,"restock":true} is true.
  if (repeated.length > 0) throw new JsonError(repeated.map((pointer) => ({ pointer, detail: 'is there twice' })))
  try {
    return JSON.parse(text)
  } catch {
    return refuse('is not valid JSON') // the runtime's own parser has the last word on syntax
  }
}
