/** What became of a batch's items as tables: for programs, and for people who send them again. */
import Papa from 'papaparse'
import type { ItemView } from '../gateway/batches/service.ts'
import { FIELD_NAMES } from '../model/request.ts'
import { FORMULA } from './cells.ts'
import { WHY } from './header.ts'

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

/** The items after a row, in the order of their rows; none: that was all. */
export type Page = (after: number) => Promise<readonly ItemView[]>

interface Form {
  readonly columns: readonly string[]
  readonly cellsOf: (item: ItemView) => readonly unknown[]
  readonly separator: string
  readonly encode: (text: string) => Uint8Array
  /** What comes before everything. */
  readonly mark: string
}

/** A table, page by page. What a spreadsheet would take for a formula begins with an apostrophe. */
const tableOf = (
  page: Page,
  { columns, cellsOf: cells, separator, encode, mark }: Form,
): ReadableStream<Uint8Array> => {
  const lines = (rows: readonly (readonly unknown[])[]) =>
    `${Papa.unparse(rows as unknown[][], {
      delimiter: separator,
      escapeFormulae: FORMULA,
      newline: '\r\n',
    })}\r\n`
  let after = 0
  return new ReadableStream({
    start: (controller) => controller.enqueue(encode(mark + lines([columns]))),
    async pull(controller) {
      const items = await page(after)
      const last = items.at(-1)
      if (!last) return controller.close()
      after = last.row
      controller.enqueue(encode(lines(items.map(cells))))
    },
  })
}

/** The result for programs. */
export const toCsv = (page: Page): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder()
  return tableOf(page, {
    columns: COLUMNS,
    cellsOf,
    separator: ',',
    encode: (text) => encoder.encode(text),
    mark: '',
  })
}

/**
 * A spreadsheet leaves text alone, and takes for text what ends in a no-break space; it is taken
 * off when the table is read. `0012`, `4000123456789012` and `2-3` would come back as other ids.
 */
const asText = (value: string): string =>
  /^\d/.test(value) && !/^[1-9]\d{0,10}$/.test(value) ? `${value}\u00a0` : value

/** As it is read again; what was left out is empty. */
const wish = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'boolean'
      ? value
        ? 'yes'
        : 'no'
      : String(value)

/** What is so anyway where nothing is said. */
const DEFAULTS: Readonly<Record<string, unknown>> = { strict: false, target: 'order' }

const valueOf = ({ request }: ItemView, member: string): string => {
  const value = (request as Readonly<Record<string, unknown>>)[member]
  if (value === DEFAULTS[member]) return ''
  return member === 'orderId' || member === 'reference' ? asText(wish(value)) : wish(value)
}

/** The members that any item says something with: the columns of what was sent. */
export const columnsOf = async (page: Page): Promise<readonly string[]> => {
  const used = new Set(['store', 'orderId'])
  for (let items = await page(0); items.length > 0; items = await page(items.at(-1)?.row ?? 0))
    for (const item of items)
      for (const member of FIELD_NAMES) if (valueOf(item, member) !== '') used.add(member)
  return FIELD_NAMES.filter((member) => used.has(member))
}

/** UTF-16 with its mark: what every Excel opens in columns, whatever country it is set to. */
const utf16 = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length * 2)
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    bytes[2 * index] = unit & 0xff
    bytes[2 * index + 1] = unit >> 8
  }
  return bytes
}

/** The items as they were sent, and why each was not taken: to be mended, and sent again. */
export const toMend = (
  page: Page,
  columns: readonly string[],
  whyOf: (item: ItemView) => string,
): ReadableStream<Uint8Array> =>
  tableOf(page, {
    columns: [...columns, WHY],
    cellsOf: (item) => [...columns.map((member) => valueOf(item, member)), whyOf(item)],
    separator: '\t',
    encode: utf16,
    mark: '\ufeff',
  })
