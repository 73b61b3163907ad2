/**
 * The pages about cancellations: the list with its filters, one as a story, and what a person does
 * to it.
 */
import type { Hono } from 'hono'
import { z } from 'zod'
import type { Env } from '../http/auth.ts'
import { toCursor } from '../http/cursor.ts'
import { summary } from '../messages/sentence.ts'
import { type Cancellation, RESOLUTIONS } from '../model/cancellation.ts'
import { refuse } from '../model/problem.ts'
import { isText } from '../model/text.ts'
import {
  broughtBy,
  empty,
  type Html,
  html,
  isOpen,
  link,
  markOf,
  numberOf,
  said,
  statusTag,
  time,
} from './elements.ts'
import { listFile, MOST_ROWS } from './export.ts'
import {
  fileOf,
  filtered,
  filterForm,
  type Filters,
  isFiltered,
  pageOf,
  queryOf,
  readFilters,
} from './filters.ts'
import { type Call, type ConsoleContext, formOf, held, show } from './layout.ts'
import { count } from './progress.ts'
import { sleep } from '../model/time.ts'
import { storyPage } from './story-page.ts'

const PAGE = 25
/** How often a held list looks for what is new. */
export const LOOK_MS = 1_500

const row = (record: Cancellation): Html =>
  html`
    <tr>
      <td>${statusTag(record)}</td>
      <td>
        <a class="order" href="${link(record)}" id="row-${record.id}" data-row>
          ${said(numberOf(record))}
        </a>
        <span class="detail">${said(record.request.store)}</span>
      </td>
      <td class="said">${said(summary(record))}</td>
      <td class="age">${time(record.createdAt)}</td>
      <td class="soft by">
        <span>${broughtBy({ ...record, keyName: undefined })}</span>
        ${
          record.request.reference
            ? html`<span class="detail">${said(record.request.reference)}</span>`
            : ''
        }
      </td>
    </tr>
  `

export const table = (caption: string, records: readonly Cancellation[]): Html =>
  html`
    <table class="rows">
      <caption class="out">${caption}</caption>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Order</th>
          <th scope="col">What became of it</th>
          <th scope="col">Asked</th>
          <th scope="col">By</th>
        </tr>
      </thead>
      <tbody>${records.map(row)}</tbody>
    </table>
  `

export const howToAsk = (c: Call): Html =>
  html`
    <p>Cancel one <a href="/console/new">here</a>, or by the API:</p>
    <pre tabindex="0">
      curl -s ${new URL(c.req.url).origin}/v1/cancellations -H 'content-type: application/json'
      -d '{ "store": "…", "orderId": "…" }'
    </pre>
  `

interface Listed {
  readonly filters: Filters
  readonly data: readonly Cancellation[]
  /** Where there are older ones: the last of these. */
  readonly last: Cancellation | undefined
}

const listBody = (c: Call, { filters, data, last }: Listed): Html => {
  const { cursor, order } = filters
  const { cursor: _, ...kept } = c.req.query()
  const next = last && pageOf({ ...kept, cursor: toCursor({ at: last.createdAt, id: last.id }) })
  const lookUp = order
    ? html` or <a href="/console/new?${new URLSearchParams({ find: order }).toString()}">
        look for the order in the stores
      </a>
    `
    : ''
  const mine = c
    .get('service')
    .stores()
    .map(({ id }) => id)
  return html`
    <div class="head">
      <h1>Cancellations</h1>
      ${
        data.length > 0
          ? html`
          <div>
            <a href="${fileOf(kept)}" download>Download as CSV</a>
            <p class="hint">what the filters show, at most the ${count(MOST_ROWS)} newest</p>
          </div>
        `
          : ''
      }
    </div>
    ${filterForm(c, mine)}
    ${
      data.length > 0
        ? table('Cancellations', data)
        : isFiltered(filters)
          ? empty(
              'None match.',
              html`<p><a href="/console/cancellations">Clear the filters</a>${lookUp}.</p>`,
            )
          : empty('None yet.', howToAsk(c))
    }
    ${
      next || cursor
        ? html`
        <p class="more">
          ${
            cursor
              ? html`
              <a href="${pageOf(kept)}">Newest</a>
            `
              : html`<span></span>`
          }
          ${next ? html`<a href="${next}" rel="next">Older</a>` : ''}
        </p>
      `
        : ''
    }
  `
}

const listPage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const filters = readFilters(c)
  const { cursor } = filters
  const query = queryOf(filters, PAGE + 1)
  const load = () => filtered(c.get('service'), query)
  const records = await held(c, context, load, markOf, sleep(LOOK_MS))
  if (records === null) return c.body(null, 204)
  const data = records.slice(0, PAGE)
  const last = records.length > PAGE ? data.at(-1) : undefined
  const open = data.filter(isOpen).length
  return show(c, context, {
    title: 'Cancellations',
    place: 'cancellations',
    mark: cursor ? null : markOf(records),
    say: open === 0 ? 'Nothing is under way.' : `${open} under way.`,
    body: listBody(c, { filters, data, last }),
  })
}

const withdraw = async (c: Call): Promise<Response> =>
  c.redirect(link(await c.get('service').withdraw(c.req.param('id') ?? '')), 303)

const resolve = async (c: Call): Promise<Response> => {
  const service = c.get('service')
  service.must('operate')
  // Where there is no such record, that is said before the form is judged.
  const { id } = await service.get(c.req.param('id') ?? '')
  const { as, note, back } = await formOf(c)
  const said = z
    .object({ as: z.enum(RESOLUTIONS), note: z.string().trim().min(1).max(1_000).refine(isText) })
    .safeParse({ as, note })
  if (!said.success)
    return refuse(
      'invalid-request',
      'Choose what you found, and write what you saw (1 to 1,000 characters).',
    )
  const record = await service.resolve(id, said.data.as, said.data.note)
  return c.redirect(back === '/console' ? '/console' : link(record), 303)
}

/** The note of a form; null: there is none. */
const noteOf = async (c: Call): Promise<string | null> => {
  const { note } = await formOf(c)
  const text = typeof note === 'string' ? note.trim() : ''
  if (text.length > 1_000 || !isText(text))
    refuse('invalid-request', 'A note has at most 1,000 characters.')
  return text === '' ? null : text
}

/** Where there is no such record, that is said before the form is judged. */
const approvable = async (c: Call): Promise<Cancellation> => {
  const service = c.get('service')
  service.must('approve')
  return service.get(c.req.param('id') ?? '')
}

const approve = async (c: Call): Promise<Response> => {
  const { id } = await approvable(c)
  return c.redirect(link(await c.get('service').approve(id, await noteOf(c))), 303)
}

const decline = async (c: Call): Promise<Response> => {
  const { id } = await approvable(c)
  const note = (await noteOf(c)) ?? refuse('invalid-request', 'Write why: whoever asked reads it.')
  return c.redirect(link(await c.get('service').decline(id, note)), 303)
}

export const addCancellations = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/cancellations', (c) => listPage(c, context))
  app.get('/cancellations.csv', listFile)
  app.get('/cancellations/:id', (c) => storyPage(c, context))
  app.post('/cancellations/:id/withdraw', withdraw)
  app.post('/cancellations/:id/resolve', resolve)
  app.post('/cancellations/:id/approve', approve)
  app.post('/cancellations/:id/decline', decline)
}
