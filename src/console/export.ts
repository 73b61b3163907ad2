/** The list of cancellations as a file for a spreadsheet: what the filters show, to a bound. */
import type { CallerService } from '../gateway/service.ts'
import { type Cell, toTable } from '../input/table.ts'
import { summary } from '../messages/sentence.ts'
import { statusWord } from '../messages/words.ts'
import type { Cancellation } from '../model/cancellation.ts'
import { filtered, type Filters, queryOf, readFilters } from './filters.ts'
import type { Call } from './layout.ts'
import { count } from './progress.ts'

/** More is asked for by the API, or with narrower filters. */
export const MOST_ROWS = 10_000
const PAGE = 200

/** Each column with what it says of a record; amounts are exact, times are UTC. */
const COLUMNS: readonly (readonly [name: string, cell: (record: Cancellation) => Cell])[] = [
  ['asked at', ({ createdAt }) => new Date(createdAt).toISOString()],
  ['store', ({ request }) => request.store],
  ['order id', ({ request }) => request.orderId],
  ['order number', ({ order }) => order?.number],
  ['reference', ({ request }) => request.reference],
  ['status', ({ status }) => status],
  ['in words', statusWord],
  ['what became of it', summary],
  ['order total', ({ order }) => order?.totals.total?.amount],
  ['payment', ({ effects }) => effects.payment.outcome],
  ['payment amount', ({ effects }) => effects.payment.amount?.amount],
  ['currency', ({ order, effects }) => (effects.payment.amount ?? order?.totals.total)?.currency],
  ['asked by', ({ caller, origin }) => (origin === 'platform' ? 'somebody in the store' : caller)],
  ['key', ({ keyName }) => keyName],
  ['settled at', ({ settledAt }) => settledAt && new Date(settledAt).toISOString()],
  ['problem', ({ problem }) => problem?.code],
  ['cause', ({ problem }) => problem?.cause],
  ['batch', ({ batchId }) => batchId],
  ['cancellation', ({ id }) => id],
]

const rowOf = (record: Cancellation): readonly Cell[] => COLUMNS.map(([, cell]) => cell(record))

/** Page by page to the bound; where there is more, the last row says so. */
async function* rowsOf(
  service: CallerService,
  filters: Filters,
  first: readonly Cancellation[],
  most: number,
): AsyncGenerator<readonly (readonly Cell[])[]> {
  const query = queryOf(filters, PAGE)
  let page = first
  for (let left = most; page.length > 0;) {
    if (left > 0) yield page.slice(0, left).map(rowOf)
    if (page.length > left)
      return yield [[`Cut here: the ${count(most)} newest of more. Narrow the filters.`]]
    left -= page.length
    const last = page.at(-1)
    if (!last || page.length < PAGE) return
    page = await filtered(service, { ...query, after: { at: last.createdAt, id: last.id } })
  }
}

/** `most`: the bound of its rows. */
export const tableOfList = async (
  service: CallerService,
  filters: Filters,
  most: number,
): Promise<ReadableStream<Uint8Array>> => {
  // Read before anything is answered: what cannot be loaded is a page that says so, and no file.
  const first = await filtered(service, queryOf(filters, PAGE))
  return toTable(
    COLUMNS.map(([name]) => name),
    rowsOf(service, filters, first, most),
  )
}

export const listFile = async (c: Call): Promise<Response> => {
  const { cursor: _, ...filters } = readFilters(c)
  const table = await tableOfList(c.get('service'), filters, MOST_ROWS)
  const day = new Date().toISOString().slice(0, 10)
  return c.body(table, 200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="cancellations-${day}.csv"`,
  })
}
