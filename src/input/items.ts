/**
 * A batch's items as they come and go: from JSON or a table in CSV, every mistake named by row and
 * column; and the result as a table.
 */
import Papa from 'papaparse'
import { type ItemView, MAX_ITEMS } from '../gateway/batches/service.ts'
import { type Problem, problem, ProblemError, refuse } from '../model/problem.ts'
import { CancelRequest, FIELD_NAMES } from '../model/request.ts'
import { complaints } from './json.ts'
import { MISTAKES_NAMED, toPointer } from './json.ts'

export type Mistake = NonNullable<Problem['errors']>[number]

/** An item before it is checked, or what is wrong with it as a whole. */
type Draft = Readonly<Record<string, unknown>> | string

export interface Taken {
  readonly rows: readonly { readonly row: number; readonly request: CancelRequest }[]
  readonly mistakes: readonly Mistake[]
}

/** As many mistakes as an answer lists of what was not taken; beyond, one of each item. */
const MISTAKES_LISTED = 1_000
const FLAGS = ['notify', 'restock', 'refund', 'strict']

/** What is null is left out. */
const given = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== null && value !== undefined),
  )

export const draftsOf = (items: readonly unknown[]): Draft[] =>
  items.map((item) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? (item as Draft)
      : 'must be an object',
  )

/** Checks every item; `storeOf` says which store is meant, or throws its problem. */
export const takeItems = (
  drafts: readonly Draft[],
  defaults: Readonly<Record<string, unknown>>,
  storeOf: (id: string | null) => string,
): Taken => {
  const rows: { row: number; request: CancelRequest }[] = []
  const mistakes: Mistake[] = []
  drafts.forEach((draft, index) => {
    const at = { row: index + 1, pointer: `/items/${index}` }
    if (typeof draft === 'string') return void mistakes.push({ ...at, detail: draft })
    const parsed = CancelRequest.safeParse({ ...given(defaults), ...given(draft) })
    if (!parsed.success) {
      return void mistakes.push(
        ...complaints(parsed.error)
          .slice(0, mistakes.length < MISTAKES_LISTED ? MISTAKES_NAMED : 1)
          .map(({ pointer, detail }) => {
            const column = pointer.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~')
            return {
              row: at.row,
              ...(column !== undefined && { column }),
              pointer: at.pointer + pointer,
              detail,
            }
          }),
      )
    }
    try {
      rows.push({ row: at.row, request: { ...parsed.data, store: storeOf(parsed.data.store) } })
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      mistakes.push({
        row: at.row,
        column: 'store',
        pointer: `${at.pointer}/store`,
        detail: error.problem.errors?.[0]?.detail ?? error.problem.detail,
      })
    }
  })
  return { rows, mistakes }
}

const noTable = (detail: string, place: Omit<Mistake, 'detail'> = { pointer: '' }) =>
  refuse('invalid-request', 'The body cannot be read as CSV.', { errors: [{ ...place, detail }] })

/**
 * The columns' names; those without one are of no use, and of no harm while nothing stands below.
 */
const headerOf = (names: readonly string[]): readonly string[] => {
  const named = names.filter(Boolean)
  const [first = ''] = named
  if (named.length === 1 && /[;\t]/.test(first))
    noTable(
      `the columns are separated by ${first.includes(';') ? 'semicolons' : 'tabs'}; separate ` +
        'them by commas',
    )
  // A header longer than the list of names has a fault among the first of them, however many
  // millions follow.
  const faults = named
    .slice(0, FIELD_NAMES.length + MISTAKES_NAMED)
    .flatMap((name, index): Mistake[] => {
      const place = { column: name.slice(0, 64), pointer: toPointer([name.slice(0, 64)]) }
      if (!FIELD_NAMES.includes(name))
        return [
          {
            ...place,
            detail: `is no column: the first line names the columns, of ${FIELD_NAMES.join(', ')}`,
          },
        ]
      return named.indexOf(name) < index ? [{ ...place, detail: 'is there twice' }] : []
    })
  if (faults.length > 0)
    refuse('invalid-request', 'The header line is not valid.', {
      errors: faults.slice(0, MISTAKES_NAMED),
    })
  return names.includes('orderId')
    ? names
    : noTable('is missing in the header line', { column: 'orderId', pointer: '/orderId' })
}

const cell = (column: string, text: string): unknown => {
  const flag = text.trim().toLowerCase()
  return FLAGS.includes(column) && (flag === 'true' || flag === 'false') ? flag === 'true' : text
}

/** Of so many lines, empty ones too, nobody means a batch. */
const LINES_READ = 3 * MAX_ITEMS

/**
 * What a line says under the columns' names: a cell that it ends before, or that holds blanks
 * alone, is an empty one, as spreadsheets write it, and left out.
 */
const draftOf = (cells: readonly string[], names: readonly string[]): Draft => {
  const stray = cells.findIndex((text, index) => !names[index] && text.trim() !== '')
  if (stray >= 0) return `has a value in cell ${stray + 1}, which has no name in the header line`
  return Object.fromEntries(
    cells.flatMap((text, index) => {
      const name = names[index]
      return name && text.trim() !== '' ? [[name, cell(name, text)]] : []
    }),
  )
}

/**
 * The items of a table whose first line names its columns. Lines without anything are passed over
 * and not counted.
 */
export const readCsv = (bytes: ArrayBuffer): Draft[] => {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return noTable('is not valid UTF-8: save the table as “CSV UTF-8”')
  }
  // ASCII in UTF-16 without a mark is valid UTF-8 too: every other byte is zero.
  if (text.slice(0, 2).includes('\0')) noTable('is UTF-16: save the table as “CSV UTF-8”')
  // How spreadsheets tell each other the separator.
  const table = text.replaceAll(/\r\n?/g, '\n').replace(/^"?sep=,"?\n/i, '')
  // The parser itself: what stands before it in the library guesses, streams and starts workers.
  const { data, errors, meta } = new Papa.Parser({
    delimiter: ',',
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
    const row = data.slice(0, broken.row).filter((cells) => !isEmpty(cells)).length
    noTable('has a quotation mark that is not closed, or text after the closing one', {
      ...(row > 0 && { row }),
      pointer: '',
    })
  }
  const [head, ...lines] = data.filter((cells) => !isEmpty(cells))
  if (!head) return noTable('is empty: the first line names the columns')
  const names = headerOf(head.map((name) => name.trim()))
  return lines.map((cells) => draftOf(cells, names))
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

const COLUMNS = [
  'row',
  'store',
  'orderId',
  'reference',
  'status',
  'alreadyCanceled',
  'cancellation',
  'code',
  'cause',
  'detail',
]

const cellsOf = ({
  row,
  request,
  status,
  alreadyCanceled,
  cancellation,
  problem: why,
}: ItemView): unknown[] => [
  row,
  request.store,
  request.orderId,
  request.reference,
  status,
  alreadyCanceled,
  cancellation,
  why?.code,
  why?.cause,
  why?.detail,
]

/**
 * The result as a table, page by page. What a spreadsheet would take for a formula begins with an
 * apostrophe.
 */
export const toCsv = (
  page: (after: number) => Promise<readonly ItemView[]>,
): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder()
  const line = (rows: readonly unknown[][]) =>
    encoder.encode(`${Papa.unparse([...rows], { escapeFormulae: true, newline: '\r\n' })}\r\n`)
  let after = 0
  return new ReadableStream({
    start: (controller) => controller.enqueue(line([COLUMNS])),
    async pull(controller) {
      const items = await page(after)
      const last = items.at(-1)
      if (!last) return controller.close()
      after = last.row
      controller.enqueue(line(items.map(cellsOf)))
    },
  })
}
