/** The filters of the list: what its address asks for, the form, and a chip for what is set. */
import { z } from 'zod'
import type { CallerQuery, CallerService } from '../gateway/service.ts'
import { readCursor } from '../http/cursor.ts'
import { STATUS_WORDS } from '../messages/words.ts'
import { type Cancellation, DAY_MS, STATUSES } from '../model/cancellation.ts'
import { ProblemError, refuse } from '../model/problem.ts'
import { instant } from '../model/time.ts'
import { current, type Html, html, kept, said } from './elements.ts'
import type { Call } from './layout.ts'

const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((value) => value || undefined)
    .optional()
const DATE = /^\d{4}-\d\d-\d\d$/
const day = (addMs: number) =>
  z
    .string()
    .refine(
      (value) => value === '' || (DATE.test(value) && instant(`${value}T00:00:00Z`) !== null),
      'is no date',
    )
    .transform((value) => (value === '' ? undefined : Date.parse(value) + addMs))
    .optional()
/** The API's times are exclusive; a person's days are not. */
export const Filters = z.object({
  status: z
    .enum(STATUSES)
    .or(z.literal('').transform(() => undefined))
    .optional(),
  store: text(128),
  order: text(128),
  reference: text(128),
  from: day(-1),
  to: day(DAY_MS),
  cursor: text(512),
})

export type Filters = z.infer<typeof Filters>

/** What the list's address asks for. */
export const readFilters = (c: Call): Filters => {
  const parsed = Filters.safeParse(c.req.query())
  if (parsed.success) return parsed.data
  return refuse(
    'invalid-request',
    'These filters cannot be read: ' +
      `${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}.`,
  )
}

/** The query of a page of the list, the newest first. */
export const queryOf = (
  { status, store, order, reference, from, to, cursor }: Filters,
  limit: number,
): CallerQuery => ({
  store,
  status,
  orderId: order,
  reference,
  createdAfter: from,
  createdBefore: to,
  order: 'desc',
  limit,
  after: cursor ? readCursor(cursor) : undefined,
})

/** A store that this caller does not know has no cancellations either: a filter finds none. */
export const filtered = (service: CallerService, query: CallerQuery): Promise<Cancellation[]> =>
  service.list(query).catch((error: unknown) => {
    if (error instanceof ProblemError && error.problem.code === 'store-not-found') return []
    throw error
  })

export const isFiltered = (filters: Filters): boolean =>
  Object.values(filters).some((value) => value !== undefined)

const addressOf = (path: string, given: Readonly<Record<string, string>>): string => {
  const set = Object.entries(given).filter(([, value]) => value !== '')
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set).toString()}`
}
export const pageOf = (given: Readonly<Record<string, string>>): string =>
  addressOf('/console/cancellations', given)
export const fileOf = (given: Readonly<Record<string, string>>): string =>
  addressOf('/console/cancellations.csv', given)

const SET = [
  ['store', 'Store'],
  ['order', 'Order id'],
  ['reference', 'Reference'],
  ['from', 'From'],
  ['to', 'To'],
] as const

/** One for each filter that is set, beside the status; pressed, it is taken away. */
const setChips = (given: Readonly<Record<string, string>>): Html => {
  const set = SET.filter(([name]) => given[name]?.trim())
  if (set.length === 0) return html``
  return html`
    <p class="chips">
      ${set.map(([name, word]) => {
        const { [name]: value = '', ...others } = given
        return html`
          <a href="${pageOf(others)}">
            <span class="out">Take away:</span> ${word} ${said(value.trim())}${' '}
            <span aria-hidden="true">×</span>
          </a>
        `
      })}
      ${set.length > 1 ? html`<a href="/console/cancellations">Clear all</a>` : ''}
    </p>
  `
}

const input = (name: string, label: string, value: string | undefined, type = 'text'): Html =>
  html`
    <div>
      <label for="f-${name}">${label}</label>
      <input
        id="f-${name}"
        name="${name}"
        type="${type}"
        value="${kept(value ?? '')}"
        maxlength="128"
      >
    </div>
  `

export const filterForm = (c: Call, stores: readonly string[]): Html => {
  const given = c.req.query()
  const { status: _, cursor: __, ...others } = given
  const to = (status: string) => pageOf({ ...others, status })
  return html`
    <p class="chips">
      ${[['', 'All'], ...STATUSES.map((status) => [status, STATUS_WORDS[status]])].map(
        ([status = '', word]) => html`
          <a href="${to(status)}"${current((given['status'] ?? '') === status)}>
            ${word}
          </a>
        `,
      )}
    </p>
    <form class="filters" action="/console/cancellations">
      ${
        given['status']
          ? html`<input type="hidden" name="status" value="${kept(given['status'])}">`
          : ''
      }
      <div>
        <label for="f-store">Store</label>
        <select id="f-store" name="store">
          <option value="">All stores</option>
          ${[...new Set([...stores, ...(given['store'] ? [given['store']] : [])])].map(
            (id) => html`<option${given['store'] === id ? html` selected` : ''}>${id}</option>`,
          )}
        </select>
      </div>
      ${input('order', 'Order id', given['order'])}
      ${input('reference', 'Reference', given['reference'])}
      ${input('from', 'From (UTC)', given['from'], 'date')}
      ${input('to', 'To (UTC)', given['to'], 'date')}
      <button>Filter</button>
    </form>
    ${setChips({ ...others, ...(given['status'] && { status: given['status'] }) })}
  `
}
