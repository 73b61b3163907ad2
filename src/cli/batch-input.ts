/** The orders of a batch as a person hands them in: a file or standard input, CSV or JSON. */
import { readFileSync } from 'node:fs'
import type { BatchRequest, CancelRequest, CreateBatchOptions } from '../client/index.ts'
import { draftsOf, type Mistake, readCsv, takeItems, type Taken, textOf } from '../input/items.ts'
import { JsonError, parseJson } from '../input/json.ts'
import { type Problem, ProblemError } from '../model/problem.ts'
import { nextOf } from './reach.ts'
import { clean, count, EXIT, Halt, readInput } from './terminal.ts'

/** Standard input, as a file is called. */
export const STDIN = '-'
/** The gateway takes no more of a batch. */
const MAX_BYTES = 8 * 1_048_576
const MISTAKES_TOLD = 20
const STORES_NAMED = 12
const FORMS =
  'It takes CSV whose first line names the columns (store,orderId,reason,notify,restock,…), or ' +
  'JSON: a list of requests, or an object with “items” and “defaults”.'

export const readBytes = async (file: string): Promise<Uint8Array<ArrayBuffer>> => {
  if (file === STDIN) return readInput(MAX_BYTES)
  try {
    return new Uint8Array(readFileSync(file))
  } catch (cause) {
    throw new Halt(
      EXIT.usage,
      `${clean(file)} cannot be read: ${(cause as NodeJS.ErrnoException).code}.`,
      FORMS,
    )
  }
}

/** What is sent, and the rows as the gateway will read them. */
export interface Content {
  readonly form: 'csv' | 'json'
  /** CSV goes as it is, in UTF-8. */
  readonly items: string | readonly CancelRequest[]
  readonly defaults: CreateBatchOptions['defaults']
  readonly partial: boolean
  readonly taken: Taken
  /** In no encoding that can be told: read as Windows-1252. */
  readonly isGuessed: boolean
}

/** By the lines that the spreadsheet shows: the first of many. */
const lines = (errors: readonly Mistake[]): string[] => [
  ...errors.slice(0, MISTAKES_TOLD).map(({ line, row, column, detail }) => {
    const at = line === undefined ? (row === undefined ? '' : `row ${row}`) : `line ${line}`
    const place = [at, clean(column ?? '')].filter(Boolean).join(', ')
    return `  ${[place, clean(detail)].filter(Boolean).join(': ')}`
  }),
  ...(errors.length > MISTAKES_TOLD ? [`  and ${count(errors.length - MISTAKES_TOLD)} more`] : []),
]

/** Where the rows are wrong. */
export const faulty = (
  {
    detail,
    errors = [],
  }: Pick<Problem, 'detail'> & { readonly errors?: readonly Mistake[] | undefined },
  shape: object,
): Halt =>
  new Halt(
    EXIT.usage,
    [clean(detail), ...lines(errors)].join('\n'),
    `Nothing was taken. ${nextOf({ code: 'invalid-items' })?.text}`,
    shape,
  )

const unread = (detail: string): never => {
  throw new Halt(EXIT.usage, `The JSON cannot be read: ${clean(detail)}.`, FORMS)
}

const MEMBERS = ['items', 'defaults', 'partial']

/** A list of requests, or the body of `POST /v1/batches`. */
const fromJson = (bytes: Uint8Array, partial: boolean): Content => {
  let value: unknown
  try {
    value = parseJson(bytes)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return unread(error.mistakes.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '))
  }
  const body = (Array.isArray(value) ? { items: value } : value) as Readonly<
    Partial<Record<string, unknown>>
  >
  const stray = Object.keys(body).find((name) => !MEMBERS.includes(name))
  if (stray !== undefined) unread(`/${stray} is not known here`)
  const { items, defaults = {} } = body
  if (!Array.isArray(items)) return unread('/items must be a list of requests')
  if (typeof defaults !== 'object' || Array.isArray(defaults))
    return unread('/defaults must be an object')
  if (body['partial'] !== undefined && typeof body['partial'] !== 'boolean')
    return unread('/partial must be true or false')
  return {
    form: 'json',
    items: items as CancelRequest[],
    defaults: defaults as BatchRequest['defaults'],
    partial: partial || body['partial'] === true,
    taken: takeItems(draftsOf(items), { ...defaults }, (id) => id ?? ''),
    isGuessed: false,
  }
}

/** CSV has no first line that begins like a JSON text. */
const isJson = (bytes: Uint8Array): boolean => {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const first = bytes.subarray(hasMark ? 3 : 0).find((byte) => byte > 0x20)
  return first === 0x5b || first === 0x7b
}

export const contentOf = (bytes: Uint8Array<ArrayBuffer>, partial: boolean): Content => {
  if (isJson(bytes)) return fromJson(bytes, partial)
  try {
    const { drafts, isGuessed } = readCsv(bytes.buffer, true)
    return {
      form: 'csv',
      items: textOf(bytes.buffer, true).text,
      defaults: undefined,
      partial,
      taken: takeItems(drafts, {}, (id) => id ?? ''),
      isGuessed,
    }
  } catch (error) {
    throw error instanceof ProblemError ? faulty(error.problem, error.problem) : error
  }
}

/** How much would happen, which is what the person is asked about; read as the gateway reads it. */
export const summary = ({
  taken: { rows, mistakes },
  partial,
}: Content): { readonly total: number; readonly says: string } => {
  if (mistakes.length > 0 && !partial)
    throw faulty(
      {
        detail:
          `${count(mistakes.length)} ` +
          `${mistakes.length === 1 ? 'thing is' : 'things are'} wrong in it.`,
        errors: mistakes,
      },
      { code: 'invalid-items', errors: mistakes },
    )
  const times = new Map<string, number>()
  for (const {
    request: { store },
  } of rows)
    times.set(store, (times.get(store) ?? 0) + 1)
  const named = [...times].map(
    ([store, number]) => `${clean(store) || 'the only store'} ${count(number)}`,
  )
  const more = named.length - STORES_NAMED
  const stores = [...named.slice(0, STORES_NAMED), ...(more > 0 ? [`and ${more} more stores`] : [])]
  const mails = rows.filter(({ request }) => request.notify).length
  return {
    total: rows.length,
    says: [
      `${count(rows.length)} orders (${stores.join(', ')})`,
      ...(mails > 0 ? [`${count(mails)} ask for a mail to the buyer`] : []),
      ...(mistakes.length > 0 ? ['rows with mistakes are left out'] : []),
    ].join('; '),
  }
}

const GUESSED =
  'The file does not say how its letters are written; they were read as Windows-1252. Save it as ' +
  '“CSV UTF-8” where they look wrong.'

/** What a person should look at first. */
export const warningsOf = ({ taken: { warnings }, isGuessed }: Content): string[] => [
  ...(isGuessed ? [GUESSED] : []),
  ...(warnings.length > 0 ? [['Look at this first:', ...lines(warnings)].join('\n')] : []),
]
