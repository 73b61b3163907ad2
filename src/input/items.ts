/**
 * A batch's items as they come: from JSON, strictly, or from a table as spreadsheets write it;
 * every mistake named by row, line and column.
 */
import Papa from 'papaparse'
import type { z } from 'zod'
import { MAX_ITEMS } from '../gateway/batches/service.ts'
import { type Problem, problem, ProblemError, refuse } from '../model/problem.ts'
import { CancelRequest, FIELD_NAMES } from '../model/request.ts'
import { errorIn, FLAG_RULE, flagOf, suspicionOf, unmarked } from './cells.ts'
import { type Decoded, decodeTable, separate, Unreadable } from './decode.ts'
import { memberOf, unknownColumn, WHY } from './header.ts'
import { complaints, MISTAKES_NAMED, toPointer } from './json.ts'

export type Mistake = NonNullable<Problem['errors']>[number]

/** What is, or may be, wrong with an item as it is written; without a column, as a whole. */
interface Remark {
  readonly column?: string
  readonly detail: string
}

/** An item before it is checked. */
export interface Draft {
  readonly members: Readonly<Record<string, unknown>>
  /** The line as a spreadsheet shows it; of a table alone. */
  readonly line?: number
  readonly faults: readonly Remark[]
  readonly warnings: readonly Remark[]
}

export interface Taken {
  readonly rows: readonly {
    readonly row: number
    readonly line?: number
    readonly request: CancelRequest
  }[]
  readonly mistakes: readonly Mistake[]
  /** What may be right, and a person should look at. */
  readonly warnings: readonly Mistake[]
}

/** As many mistakes as an answer lists of what was not taken; beyond, one of each item. */
const MISTAKES_LISTED = 1_000

/** What is null is left out. */
const given = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== null && value !== undefined),
  )

const faulty = (detail: string): Draft => ({ members: {}, faults: [{ detail }], warnings: [] })

export const draftsOf = (items: readonly unknown[]): Draft[] =>
  items.map((item) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? { members: item as Draft['members'], faults: [], warnings: [] }
      : faulty('must be an object'),
  )

interface Place {
  readonly row: number
  readonly line?: number
}

const mistakeOf =
  (place: Place) =>
  ({ column, detail }: Remark): Mistake => ({
    ...place,
    ...(column !== undefined && { column }),
    pointer: toPointer(['items', place.row - 1, ...(column === undefined ? [] : [column])]),
    detail,
  })

/** What the schema has against an item, beside what is known to be wrong with it. */
const complaintsAbout = (place: Place, error: z.core.$ZodError, known: readonly Mistake[]) =>
  complaints(error).flatMap(({ pointer, detail }): Mistake[] => {
    const column = pointer.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~')
    return known.some((one) => one.column === column)
      ? []
      : [
          {
            ...place,
            ...(column !== undefined && { column }),
            pointer: toPointer(['items', place.row - 1]) + pointer,
            detail,
          },
        ]
  })

/** Checks every item; `storeOf` says which store is meant, or throws its problem. */
export const takeItems = (
  drafts: readonly Draft[],
  defaults: Readonly<Record<string, unknown>>,
  storeOf: (id: string | null) => string,
): Taken => {
  const rows: { row: number; line?: number; request: CancelRequest }[] = []
  const mistakes: Mistake[] = []
  const warnings: Mistake[] = []
  drafts.forEach(({ members, line, faults, warnings: own }, index) => {
    const place = { row: index + 1, ...(line !== undefined && { line }) }
    const known = faults.map(mistakeOf(place))
    if (warnings.length < MISTAKES_LISTED) warnings.push(...own.map(mistakeOf(place)))
    const isWhole = known.some(({ column }) => column === undefined)
    const parsed = isWhole
      ? null
      : CancelRequest.safeParse({ ...given(defaults), ...given(members) })
    if (!parsed?.success || known.length > 0) {
      const more = parsed?.error ? complaintsAbout(place, parsed.error, known) : []
      const most = mistakes.length < MISTAKES_LISTED ? MISTAKES_NAMED : 1
      return void mistakes.push(...[...known, ...more].slice(0, most))
    }
    try {
      rows.push({ ...place, request: { ...parsed.data, store: storeOf(parsed.data.store) } })
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      const detail = error.problem.errors?.[0]?.detail ?? error.problem.detail
      mistakes.push(mistakeOf(place)({ column: 'store', detail }))
    }
  })
  return { rows, mistakes, warnings }
}

const noTable = (detail: string, place: Omit<Mistake, 'detail'> = { pointer: '' }) =>
  refuse('invalid-request', 'The body cannot be read as CSV.', { errors: [{ ...place, detail }] })

/**
 * The members that the columns hold; columns without a name are of no use, and of no harm while
 * nothing stands below.
 */
const membersOf = (names: readonly string[], line: number): readonly string[] => {
  const named = names.filter(Boolean)
  const members = named.map(memberOf)
  // A header longer than the list of names has a fault among the first of them, however many
  // millions follow.
  const faults = named
    .slice(0, FIELD_NAMES.length + MISTAKES_NAMED)
    .flatMap((name, index): Mistake[] => {
      const member = members[index]
      const place = { line, column: name.slice(0, 64), pointer: toPointer([name.slice(0, 64)]) }
      if (!member) return [{ ...place, detail: unknownColumn(name) }]
      const first = members.indexOf(member)
      if (first === index) return []
      const other = named[first]
      const detail =
        other === name ? 'is there twice' : `and ${other} are both ${member}: leave one of them out`
      return [{ ...place, detail }]
    })
  if (faults.length > 0)
    refuse('invalid-request', 'The header line is not valid.', {
      errors: faults.slice(0, MISTAKES_NAMED),
    })
  return members.includes('orderId')
    ? names.map((name) => (name === '' ? '' : (memberOf(name) ?? '')))
    : noTable('is missing in the header line', { line, column: 'orderId', pointer: '/orderId' })
}

const FLAGS = ['notify', 'restock', 'refund', 'strict']
/** Blanks belong to what is written there, and to nothing else. */
const PROSE = ['reason', 'message']

interface Cell {
  readonly value: unknown
  readonly fault?: string
  readonly warning?: string
}

/** What a cell says of its member, and what a spreadsheet may have made of it. */
const cellOf = (member: string, written: string): Cell => {
  const text = unmarked(PROSE.includes(member) ? written : written.trim())
  const error = errorIn(text)
  if (error !== null) return { value: text, fault: error }
  if (FLAGS.includes(member)) {
    const flag = flagOf(text)
    return flag === null ? { value: text, fault: FLAG_RULE } : { value: flag }
  }
  const suspicion = member === 'orderId' || member === 'reference' ? suspicionOf(text) : null
  if (suspicion === null) return { value: text }
  return suspicion.isCertain && member === 'orderId'
    ? { value: text, fault: suspicion.detail }
    : { value: text, warning: suspicion.detail }
}

/** Of so many lines, empty ones too, nobody means a batch. */
const LINES_READ = 3 * MAX_ITEMS

/**
 * What a line says under the columns' names: a cell that it ends before, or that holds blanks
 * alone, is an empty one, as spreadsheets write it, and left out.
 */
const draftOf = (cells: readonly string[], members: readonly string[], line: number): Draft => {
  const stray = cells.findIndex((text, index) => !members[index] && text.trim() !== '')
  if (stray >= 0)
    return {
      ...faulty(`has a value in cell ${stray + 1}, which has no name in the header line`),
      line,
    }
  const read = cells.flatMap((text, index) => {
    const column = members[index]
    return column && column !== WHY && text.trim() !== ''
      ? [{ column, ...cellOf(column, text) }]
      : []
  })
  return {
    members: Object.fromEntries(read.map(({ column, value }) => [column, value])),
    line,
    faults: read.flatMap(({ column, fault }) => (fault ? [{ column, detail: fault }] : [])),
    warnings: read.flatMap(({ column, warning }) => (warning ? [{ column, detail: warning }] : [])),
  }
}

export interface Table {
  readonly drafts: readonly Draft[]
  /** In no encoding that can be told: read as Windows-1252. */
  readonly isGuessed: boolean
}

/** The text of a table, or the problem that a caller can mend. */
export const textOf = (bytes: ArrayBuffer, mayGuess: boolean): Decoded => {
  try {
    return decodeTable(bytes, mayGuess)
  } catch (error) {
    if (error instanceof Unreadable) return noTable(error.message)
    throw error
  }
}

/**
 * The items of a table whose first line names its columns. Lines without anything are passed over:
 * spreadsheets count them, items do not. `mayGuess` where a person sees what was read before
 * anything is sent.
 */
export const readCsv = (bytes: ArrayBuffer, mayGuess = false): Table => {
  const { text, isGuessed } = textOf(bytes, mayGuess)
  const { text: table, separator } = separate(text)
  // The parser itself: what stands before it in the library guesses, streams and starts workers.
  const { data, errors, meta } = new Papa.Parser({
    delimiter: separator,
    newline: '\n',
    preview: LINES_READ,
  }).parse(table, 0, false) as Papa.ParseResult<string[]>
  if (meta.truncated)
    refuse('too-large', `A batch may have at most ${MAX_ITEMS} items.`, {
      errors: [{ pointer: '', detail: `has ${LINES_READ} lines or more` }],
    })
  const isEmpty = (cells: readonly string[]) => cells.every((text) => text.trim() === '')
  const [broken] = errors.filter(({ type }) => type === 'Quotes')
  if (broken) {
    const at = broken.row ?? 0
    const row = data.slice(0, at).filter((cells) => !isEmpty(cells)).length
    noTable('has a quotation mark that is not closed, or text after the closing one', {
      ...(row > 0 && { row }),
      line: at + 1,
      pointer: '',
    })
  }
  const [head, ...lines] = data.flatMap((cells, index) =>
    isEmpty(cells) ? [] : [{ cells, line: index + 1 }],
  )
  if (!head) return noTable('is empty: the first line names the columns')
  const members = membersOf(
    head.cells.map((name) => name.trim()),
    head.line,
  )
  return { drafts: lines.map(({ cells, line }) => draftOf(cells, members, line)), isGuessed }
}

export const invalidItems = (mistakes: readonly Mistake[]): never => {
  const rows = new Set(mistakes.map(({ row }) => row)).size
  const listed =
    mistakes.length > MISTAKES_LISTED
      ? ` The first ${MISTAKES_LISTED} of ${mistakes.length} mistakes are listed.`
      : ''
  throw new ProblemError(
    problem(
      'invalid-items',
      `${rows === 1 ? 'One item is' : `${rows} items are`} not valid; nothing was taken.${listed}`,
      { errors: mistakes.slice(0, MISTAKES_LISTED) },
    ),
  )
}
