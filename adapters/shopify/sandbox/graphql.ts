/**
 * As much of GraphQL as clients of the imitation speak: one operation with variables and fragments,
 * answered with the fields that it asks for and no others. What is not imitated is an error.
 */

type Value = unknown
type Args = Readonly<Record<string, Value>>

/** An object of the imitation: its fields as data or as functions; `__typename` where one asks. */
export interface Shape {
  readonly __typename?: string
  readonly [field: string]: Value
}

interface Field {
  readonly alias: string
  readonly name: string
  readonly args: Args
  readonly selection: readonly Selection[] | null
}
/** A field, or a fragment on a type. */
type Selection = Field | { readonly on: string | null; readonly selection: readonly Selection[] }

/** As Shopify shows it: under 200, with a code. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
export const undefinedField = (name: string, type: string): QueryError =>
  new QueryError('undefinedField', `Field '${name}' doesn't exist on type '${type}'`)
const unclear = (what: string) => new QueryError('PARSE_ERROR', `not imitated: ${what}`)

const TOKEN = /#[^\n]*|[\s,]+|(\.\.\.|[{}()[\]:=!$@|&]|"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|\w+)/gy

const tokensOf = (text: string): string[] => {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (!match) throw unclear('a character of the document')
    if (match[1] !== undefined) tokens.push(match[1])
  }
  return tokens
}

/** The tokens of a document, read one after the other; names of variables and fragments beside. */
interface Reader {
  readonly variables: Args
  readonly fragments: Map<string, readonly Selection[]>
  peek(): string | undefined
  next(): string
  /** Goes past this token where it comes next. */
  skip(token: string): boolean
  must(token: string): void
  /** Reads one by one until this token. */
  until(end: string, read: () => void): void
}

const openReader = (text: string, variables: Args): Reader => {
  const tokens = tokensOf(text)
  let at = 0
  const reader: Reader = {
    variables,
    fragments: new Map(),
    peek: () => tokens[at],
    next: () => tokens[at++] ?? '',
    skip: (token) => tokens[at] === token && ++at > 0,
    must(token) {
      if (!reader.skip(token))
        throw unclear(`“${tokens[at] ?? 'the end'}” in the place of “${token}”`)
    },
    until(end, read) {
      while (!reader.skip(end)) {
        if (at >= tokens.length) throw unclear('the end of the document')
        read()
      }
    },
  }
  return reader
}

const readPairs = (reader: Reader, end: string): Args => {
  const pairs: [string, Value][] = []
  reader.until(end, () => {
    const name = reader.next()
    reader.must(':')
    pairs.push([name, readValue(reader)])
  })
  return Object.fromEntries(pairs)
}

const readValue = (reader: Reader): Value => {
  if (reader.skip('$')) return reader.variables[reader.next()] ?? null
  if (reader.skip('[')) {
    const list: Value[] = []
    reader.until(']', () => list.push(readValue(reader)))
    return list
  }
  if (reader.skip('{')) return readPairs(reader, '}')
  const token = reader.next()
  if (/^["\d-]|^(?:true|false|null)$/.test(token)) return JSON.parse(token)
  return token
}

const readSelection = (reader: Reader): Selection[] => {
  const selection: Selection[] = []
  reader.must('{')
  reader.until('}', () => selection.push(readOne(reader)))
  return selection
}

/** A fragment may stand behind the operation, so that it is resolved when it is asked for. */
const spread = ({ fragments }: Reader, name: string): Selection => ({
  on: null,
  get selection() {
    const found = fragments.get(name)
    if (!found) throw unclear(`a fragment ${name}`)
    return found
  },
})

const readOne = (reader: Reader): Selection => {
  if (reader.skip('...'))
    return reader.skip('on')
      ? { on: reader.next(), selection: readSelection(reader) }
      : spread(reader, reader.next())
  const alias = reader.next()
  const name = reader.skip(':') ? reader.next() : alias
  const args = reader.skip('(') ? readPairs(reader, ')') : {}
  return { alias, name, args, selection: reader.peek() === '{' ? readSelection(reader) : null }
}

interface Operation {
  readonly kind: string
  readonly selection: readonly Selection[]
}

/** Reads a document, with the variables put in. */
const readDocument = (text: string, variables: Args): Operation => {
  const reader = openReader(text, variables)
  let operation: Operation | null = null
  while (reader.peek() !== undefined) {
    const kind = reader.peek() === '{' ? 'query' : reader.next()
    if (kind === 'fragment') {
      const name = reader.next()
      reader.must('on')
      reader.next()
      reader.fragments.set(name, readSelection(reader))
    } else {
      // Its name, and the types of its variables.
      while (reader.peek() !== undefined && reader.peek() !== '{') reader.next()
      operation = { kind, selection: readSelection(reader) }
    }
  }
  if (operation === null) throw unclear('a document without an operation')
  return operation
}

const isShape = (value: Value): value is Shape => value !== null && typeof value === 'object'

const answer = async (value: Value, selection: readonly Selection[] | null): Promise<Value> => {
  if (Array.isArray(value)) return Promise.all(value.map((one) => answer(one, selection)))
  if (!isShape(value)) return value ?? null
  if (selection === null) throw unclear('an object without a selection')
  return answerShape(value, selection)
}

/** What a field does, told its arguments and the names of what is asked of it. */
type Resolve = (args: Args, asked: readonly string[]) => Value

const namesIn = (selection: readonly Selection[]): string[] =>
  selection.flatMap((one) => ('name' in one ? [one.name] : namesIn(one.selection)))

const answerShape = async (shape: Shape, selection: readonly Selection[]): Promise<Args> => {
  const told: Record<string, Value> = {}
  for (const one of selection) {
    if (!('name' in one)) {
      if (one.on === null || one.on === shape.__typename)
        Object.assign(told, await answerShape(shape, one.selection))
      continue
    }
    if (!Object.hasOwn(shape, one.name)) throw undefinedField(one.name, shape.__typename ?? 'here')
    const field = shape[one.name]
    const value: Value =
      typeof field === 'function'
        ? await (field as Resolve)(one.args, namesIn(one.selection ?? []))
        : field
    told[one.alias] = await answer(value, one.selection)
  }
  return told
}

/** Answers an operation from the shapes of its root; throws `QueryError`. */
export const execute = (
  text: string,
  variables: Args,
  roots: Readonly<Record<string, Shape>>,
): Promise<Args> => {
  const { kind, selection } = readDocument(text, variables)
  const root = roots[kind]
  if (!root) throw unclear(`a ${kind}`)
  return answerShape(root, selection)
}
