/** A batch's items: what became of each, what went wrong first, and all of them as files. */
import type { CallerBatches } from '../gateway/batches/caller.ts'
import type { BatchView, ItemView } from '../gateway/batches/service.ts'
import type { CallerService } from '../gateway/service.ts'
import { columnsOf, type Page, toCsv, toMend } from '../input/result.ts'
import { summary } from '../messages/sentence.ts'
import type { Cancellation, Status } from '../model/cancellation.ts'
import { skipped } from '../model/effect.ts'
import { ProblemError } from '../model/problem.ts'
import { empty, type Html, html, moneyText, said, statusTag } from './elements.ts'
import type { Call } from './layout.ts'
import { address, orders } from './progress.ts'

/** Rows that are read at once for a file. */
const CSV_PAGE = 500

/** Whose word is needed, what was not done, what is not over; then what is as it should be. */
const FAILURES_FIRST: readonly Status[] = [
  'needs_attention',
  'rejected',
  'in_doubt',
  'sending',
  'accepted',
  'succeeded',
]

/** Where a page of items begins. */
export interface Place {
  readonly status?: Status | undefined
  /** Where failures come first: the status that it goes on with. */
  readonly from?: Status | undefined
  readonly after?: number | undefined
}

const failuresFirst = async (
  batches: CallerBatches,
  id: string,
  { from = 'needs_attention', after }: Place,
  limit: number,
): Promise<ItemView[]> => {
  const found: ItemView[] = []
  for (const status of FAILURES_FIRST.slice(FAILURES_FIRST.indexOf(from))) {
    const beyond = status === from ? after : undefined
    if (found.length < limit)
      found.push(
        ...(await batches.items(id, { status, after: beyond, limit: limit - found.length })),
      )
  }
  return found
}

/** A page of items; null: there is no next one. */
export const itemsAt = async (
  batches: CallerBatches,
  batch: BatchView,
  place: Place,
  limit: number,
): Promise<{ readonly items: readonly ItemView[]; readonly next: Place | null }> => {
  const { status, after } = place
  const isByRow = status !== undefined || batch.finishedAt === null
  const found = isByRow
    ? await batches.items(batch.id, { status, after, limit: limit + 1 })
    : await failuresFirst(batches, batch.id, place, limit + 1)
  const items = found.slice(0, limit)
  const last = items.at(-1)
  if (found.length <= limit || !last) return { items, next: null }
  const { row } = last
  return { items, next: isByRow ? { status, after: row } : { from: last.status, after: row } }
}

/** An item with its cancellation; null: it is none, or it is kept no longer. */
interface Told {
  readonly item: ItemView
  readonly record: Cancellation | null
}

export const toldOf = (service: CallerService, items: readonly ItemView[]): Promise<Told[]> =>
  Promise.all(
    items.map(async (item) => ({
      item,
      record:
        item.cancellation === null
          ? null
          : await service.get(item.cancellation).catch((error: unknown) => {
              if (error instanceof ProblemError) return null
              throw error
            }),
    })),
  )

/** Why a row is no cancellation, or what is known of one by its row alone. */
const whyOf = ({ request, status, problem }: ItemView): string =>
  status === 'rejected'
    ? summary({
        status,
        alreadyCanceled: false,
        effects: skipped(request),
        target: request.target,
        problem,
        order: null,
        attempts: [],
      })
    : (problem?.detail ?? (status === 'accepted' ? 'Its turn has not come.' : ''))

const itemRow = ({ item, record }: Told): Html => {
  const { request, status, alreadyCanceled, cancellation } = item
  const number = record?.order?.number ?? request.orderId
  const order = cancellation
    ? html`
      <a class="order" href="/console/cancellations/${cancellation}" data-row>${said(number)}</a>
    `
    : html`<span class="order">${said(number)}</span>`
  const more = [number === request.orderId ? '' : request.orderId, request.reference ?? '']
  return html`
    <tr>
      <td>${said(request.store)}</td>
      <td>
        ${order}
        ${more.filter(Boolean).map((text) => html`<span class="detail">${said(text)}</span>`)}
      </td>
      <td class="money">${moneyText(record?.order?.totals.total)}</td>
      <td>
        ${statusTag({ status, alreadyCanceled })}
        <span class="detail">
          ${said(record?.status === status ? summary(record) : whyOf(item))}
        </span>
      </td>
    </tr>
  `
}

export const itemTable = (page: readonly Told[]): Html =>
  page.length === 0
    ? empty('None of these.', html``)
    : html`
      <table class="rows items">
        <caption class="out">Items</caption>
        <thead>
          <tr>
            <th scope="col">Store</th>
            <th scope="col">Order</th>
            <th scope="col" class="money">Amount</th>
            <th scope="col">What happened</th>
          </tr>
        </thead>
        <tbody>${page.map(itemRow)}</tbody>
      </table>
    `

/** Of a batch that is over: what was not canceled, to be mended and sent again. */
export const again = (batch: BatchView): Html =>
  batch.finishedAt === null || batch.counts.rejected === 0
    ? html``
    : html`
      <div class="acts">
        <a class="button" href="${address(batch)}/not-canceled.csv" download>
          Download what was not canceled
        </a>
        <span class="hint">
          ${orders(batch.counts.rejected)}, each with its reason: mend the table, and send it as a
          new batch.
        </span>
      </div>
    `

const file = (c: Call, table: ReadableStream<Uint8Array>, name: string, charset: string) =>
  c.body(table, 200, {
    'content-type': `text/csv; charset=${charset}`,
    'content-disposition': `attachment; filename="${name}.csv"`,
  })

const pagesOf =
  (batches: CallerBatches, id: string, status?: Status): Page =>
  (after) =>
    batches.items(id, { status, limit: CSV_PAGE, after })

export const itemsFile = async (c: Call): Promise<Response> => {
  const batches = c.get('batches')
  const { id } = await batches.get(c.req.param('id') ?? '')
  return file(c, toCsv(pagesOf(batches, id)), id, 'utf-8')
}

export const mendFile = async (c: Call): Promise<Response> => {
  const batches = c.get('batches')
  const { id } = await batches.get(c.req.param('id') ?? '')
  const columns = await columnsOf(pagesOf(batches, id))
  const table = toMend(pagesOf(batches, id, 'rejected'), columns, whyOf)
  return file(c, table, `${id}-not-canceled`, 'utf-16le')
}
