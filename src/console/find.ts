/**
 * The search at the top of every page: by an id of ours, a platform's id, the number that buyers
 * see, or a reference. What was asked for here comes first, a new cancellation second.
 */
import type { Hono } from 'hono'
import type { CallerService } from '../gateway/service.ts'
import type { Env } from '../http/auth.ts'
import type { Cancellation } from '../model/cancellation.ts'
import { ProblemError } from '../model/problem.ts'
import { isText } from '../model/text.ts'
import { table } from './cancellations.ts'
import { empty, type Html, html, link, said } from './elements.ts'
import { type Call, type ConsoleContext, show } from './layout.ts'
import { orderPath } from './links.ts'
import { barred, type Found, foundTable, search, SEARCHED } from './search.ts'

/** How many records are shown; of more the list has the rest. */
const SHOWN = 25
/** The number that buyers see is in no index of the ledger: so many of the newest are looked at. */
const NEWEST = 200

const OURS = /^can_[0-9a-z]{26}$/i

/** What was typed, as it was and as others write it: `#1001` for 1001, `so-4711` for SO-4711. */
export const spellingsOf = (text: string): readonly string[] => {
  const number = text.replace(/^#\s*/, '')
  return [...new Set([text, number, number.toUpperCase(), number.toLowerCase()])].filter(
    (one) => one !== '',
  )
}

const byId = async (service: CallerService, text: string): Promise<Cancellation[]> => {
  if (!OURS.test(text)) return []
  try {
    return [await service.get(`can_${text.slice(4).toUpperCase()}`)]
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'cancellation-not-found') return []
    throw error
  }
}

const bare = (number: string): string => number.replace(/^#\s*/, '').toLowerCase()
const isNumber = ({ order }: Cancellation, text: string): boolean =>
  typeof order?.number === 'string' && bare(order.number) === bare(text)

/** Records that this may mean, the newest first. */
export const recordsOf = async (
  service: CallerService,
  text: string,
): Promise<readonly Cancellation[]> => {
  const page = { order: 'desc', limit: SHOWN + 1 } as const
  const found = await Promise.all([
    byId(service, text),
    ...spellingsOf(text).flatMap((spelled) => [
      service.list({ ...page, orderId: spelled }),
      service.list({ ...page, reference: spelled }),
    ]),
    service
      .list({ order: 'desc', limit: NEWEST })
      .then((newest) => newest.filter((record) => isNumber(record, text))),
  ])
  return [...new Map(found.flat().map((record) => [record.id, record])).values()].sort(
    (a, b) => b.createdAt - a.createdAt,
  )
}

/** Where every one of them has it: the list with this filter, which has the rest. */
const listOf = (records: readonly Cancellation[], text: string): string | null => {
  const names = [
    ['order', (record: Cancellation) => record.request.orderId],
    ['reference', (record: Cancellation) => record.request.reference],
  ] as const
  const name = names.find(([, valueOf]) => records.every((record) => valueOf(record) === text))?.[0]
  return name === undefined
    ? null
    : `/console/cancellations?${new URLSearchParams({ [name]: text }).toString()}`
}

const ordersPart = (result: Found, canCancel: boolean): Html =>
  result.found.length === 0
    ? html``
    : html`
      <section>
        <div class="head sub">
          <h2>In the stores</h2>
          ${canCancel ? html`<p>an order leads to a new cancellation</p>` : ''}
        </div>
        ${foundTable(result.found, canCancel)}
      </section>
    `

/** Where it was looked for; what a store did not tell is not taken for nothing. */
const nothing = (text: string, result: Found | null, asked: number): Html =>
  empty(
    result && result.found.length > 0 ? 'No cancellation of it yet.' : 'Nothing has this name.',
    html`
      <p>
        Looked for “${said(text)}” as an id, as a reference, and among the ${NEWEST} newest
        cancellations as an order number${
          result && result.found.length === 0 && result.silent.length === 0
            ? html`; and in ${asked === 1 ? 'the store' : `${asked} stores`}, by id and number`
            : ''
        }.
      </p>
    `,
  )

interface Shown {
  readonly text: string
  readonly records: readonly Cancellation[]
  /** Null: the stores were not asked. */
  readonly result: Found | null
  readonly asked: number
  readonly canCancel: boolean
}

const foundBody = ({ text, records, result, asked, canCancel }: Shown): Html => {
  const again = `/console/find?${new URLSearchParams({ q: text, stores: '1' }).toString()}`
  return html`
    <div class="head">
      <div>
        <h1>Search: “${said(text)}”</h1>
        ${records.length > SHOWN ? html`<p>The ${SHOWN} newest of more.</p>` : ''}
      </div>
    </div>
    ${
      records.length > 0
        ? table('Cancellations found', records.slice(0, SHOWN))
        : nothing(text, result, asked)
    }
    ${
      result
        ? html`
        ${barred(result)}
        ${ordersPart(result, canCancel)}
        ${
          records.length > 0 && result.found.length === 0 && result.silent.length === 0
            ? html`<p class="hint">No store that was asked has such an order.</p>`
            : ''
        }
      `
        : html`<p><a href="${again}">Look for the order in the stores too</a></p>`
    }
  `
}

/** The records of orders that were found in their stores. */
const recordsOfOrders = async (
  service: CallerService,
  { found }: Found,
): Promise<readonly Cancellation[]> =>
  (
    await Promise.all(
      found
        .slice(0, SHOWN)
        .map(({ store, order }) =>
          service.list({ store: store.id, orderId: order.id, order: 'desc', limit: SHOWN }),
        ),
    )
  ).flat()

const findPage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const service = c.get('service')
  const text = (c.req.query('q') ?? '').trim().slice(0, 128)
  if (text === '') return c.redirect('/console/cancellations', 303)
  const known = isText(text) ? await recordsOf(service, text) : []
  const [only, ...more] = known
  const stores = service.stores().slice(0, SEARCHED)
  const page = (shown: Pick<Shown, 'records' | 'result' | 'canCancel'>) =>
    show(c, context, {
      title: 'Search',
      place: null,
      body: foundBody({ text, asked: stores.length, ...shown }),
    })
  const isWhole = c.req.query('stores') !== undefined
  if (only && !isWhole)
    return more.length === 0
      ? c.redirect(link(only), 303)
      : known.length > SHOWN && listOf(known, text) !== null
        ? c.redirect(listOf(known, text) ?? '', 303)
        : page({ records: known, result: null, canCancel: false })
  const result = await search(service, stores, text)
  const records = only ? known : await recordsOfOrders(service, result)
  const canCancel = c.get('caller').scopes.includes('cancel')
  const isSure = result.silent.length === 0 && !isWhole
  if (isSure && records.length === 1 && result.found.length === 1 && records[0])
    return c.redirect(link(records[0]), 303)
  const [order] = result.found
  if (isSure && canCancel && records.length === 0 && result.found.length === 1 && order)
    return c.redirect(orderPath(order.store.id, order.order.id), 303)
  return page({ records, result, canCancel })
}

export const addFind = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/find', (c) => findPage(c, context))
}
