/** The pages about links: orders of several stores that are one sale, and how each stands. */
import type { Hono } from 'hono'
import { z } from 'zod'
import type { LinkView } from '../gateway/links/service.ts'
import type { Standing } from '../gateway/links/standing.ts'
import type { Caller } from '../gateway/service.ts'
import type { Env } from '../http/auth.ts'
import { summary } from '../messages/sentence.ts'
import { linkSentence } from '../messages/standing.ts'
import { FOLLOW_WORDS, LINK_WORDS } from '../messages/words.ts'
import type { Status } from '../model/cancellation.ts'
import { LINK_STATUSES, type LinkStatus } from '../model/link.ts'
import { refuse } from '../model/problem.ts'
import { sleep } from '../model/time.ts'
import {
  current,
  empty,
  type Html,
  html,
  nameOf,
  link as pageOf,
  numberOf,
  said,
  statusTag,
  tag,
  time,
} from './elements.ts'
import { type Call, type ConsoleContext, held, show } from './layout.ts'

const PAGE = 25
const LOOK_MS = 1_500

const KINDS: Readonly<Record<LinkStatus, Status>> = {
  open: 'rejected',
  canceling: 'sending',
  canceled: 'succeeded',
  diverged: 'needs_attention',
}

export const linkTag = (status: LinkStatus): Html => tag(KINDS[status], LINK_WORDS[status])

export const linkPath = (name: string): string => `/console/links/${encodeURIComponent(name)}`

const standingTag = ({ state, record }: Standing): Html => {
  if (state === 'waiting') return tag('accepted', 'Waiting for its turn')
  if (state === 'open' || record === null)
    return record?.reopenedAt ? statusTag(record) : tag('rejected', 'Open')
  return statusTag(record)
}

/** To see the order in its store, and what canceling it would do. */
export const orderPath = (store: string, order: string): string =>
  `/console/new?${new URLSearchParams({ store, order }).toString()}`

const memberRow = (standing: Standing, caller: Caller, shown: string | null): Html => {
  const { member, state, record, isConfigured } = standing
  const { orderId, stage } = member
  const number = said(record ? numberOf(record) : orderId)
  const isShown = record !== null && record.id === shown
  return html`
    <tr${isShown ? html` aria-current="true"` : ''}>
      <td class="soft">${stage}</td>
      <td>
        ${
          record && !isShown
            ? html`<a class="order" href="${pageOf(record)}" data-row>${number}</a>`
            : html`<span class="order">${number}</span>`
        }
        <span class="detail">${said(member.store)}</span>
      </td>
      <td>${standingTag(standing)}</td>
      <td class="said">
        ${
          isShown
            ? 'This cancellation.'
            : record
              ? said(summary(record))
              : isConfigured
                ? 'No cancellation of it is known.'
                : 'This store is no longer configured.'
        }
        ${
          state === 'open' && isConfigured && caller.scopes.includes('cancel')
            ? html` <a href="${orderPath(member.store, orderId)}">See it, or cancel it</a>`
            : ''
        }
      </td>
    </tr>
  `
}

/** The orders of a link, in the order of their stages; `shown`: the record whose page it is. */
export const memberTable = (
  { link, standings }: LinkView,
  caller: Caller,
  shown: string | null = null,
): Html => html`
  <table class="rows members">
    <caption class="out">Orders of ${said(link.name)}</caption>
    <thead>
      <tr>
        <th scope="col">Stage</th>
        <th scope="col">Order</th>
        <th scope="col">How it stands</th>
        <th scope="col">What became of it</th>
      </tr>
    </thead>
    <tbody>
      ${standings
        .toSorted((a, b) => a.member.stage - b.member.stage)
        .map((standing) => memberRow(standing, caller, shown))}
    </tbody>
  </table>
`

const Filters = z.object({
  status: z
    .enum(LINK_STATUSES)
    .or(z.literal('').transform(() => undefined))
    .optional(),
  after: z.string().min(1).max(128).optional(),
})
type Filters = z.infer<typeof Filters>

const listPath = (query: Record<string, string>): string => {
  const search = new URLSearchParams(query).toString()
  return `/console/links${search && `?${search}`}`
}

const row = (view: LinkView): Html => {
  const { link, standings } = view
  const orders = standings.map(({ member }) => member.store).join(', ')
  return html`
    <tr>
      <td>${linkTag(link.status)}</td>
      <td>
        <a class="order" href="${linkPath(link.name)}" data-row>${said(link.name)}</a>
        <span class="detail">${said(orders)}</span>
      </td>
      <td class="said">${said(linkSentence(view.link.status, view.standings))}</td>
      <td class="age">${time(link.updatedAt)}</td>
      <td class="soft by"><span>${nameOf(link.caller, link.keyName)}</span></td>
    </tr>
  `
}

const table = (views: readonly LinkView[]): Html => html`
  <table class="rows">
    <caption class="out">Links</caption>
    <thead>
      <tr>
        <th scope="col">Status</th>
        <th scope="col">Link</th>
        <th scope="col">How its orders stand</th>
        <th scope="col">Changed</th>
        <th scope="col">By</th>
      </tr>
    </thead>
    <tbody>${views.map(row)}</tbody>
  </table>
`

const howToLink = (c: Call): Html => html`
  <p>Say which orders are one sale, and they are canceled together:</p>
  <pre tabindex="0">
    curl -s -X PUT ${new URL(c.req.url).origin}/v1/links/SO-4711 -H 'content-type: application/json'
    -d '{ "members": [ { "store": "…", "orderId": "…" }, { "store": "…", "orderId": "…" } ] }'
  </pre>
`

const listBody = (
  c: Call,
  { status, after }: Filters,
  views: readonly LinkView[],
  next: string | null,
): Html => html`
  <div class="head"><h1>Links</h1></div>
  <p class="chips">
    ${[['', 'All'], ...LINK_STATUSES.map((one) => [one, LINK_WORDS[one]])].map(
      ([one = '', word]) => html`
        <a href="${listPath(one ? { status: one } : {})}"${current((status ?? '') === one)}>
          ${word}
        </a>
      `,
    )}
  </p>
  ${
    views.length > 0
      ? table(views)
      : next !== null
        ? html`<p>None on this page.</p>`
        : status || after
          ? empty('None match.', html`<p><a href="/console/links">Clear the filter</a>.</p>`)
          : empty('None yet.', howToLink(c))
  }
  ${
    next === null && after === undefined
      ? ''
      : html`
      <p class="more">
        ${
          after === undefined
            ? html`<span></span>`
            : html`<a href="${listPath(status ? { status } : {})}">First</a>`
        }
        ${
          next === null
            ? ''
            : html`
            <a rel="next" href="${listPath({ ...(status && { status }), after: next })}">Next</a>
          `
        }
      </p>
    `
  }
`

const listPage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const filters = Filters.safeParse(c.req.query())
  if (!filters.success) return refuse('invalid-request', 'There is no such list of links.')
  const { status, after } = filters.data
  const page = await c.get('service').links.list({ status, after, limit: PAGE })
  return show(c, context, {
    title: 'Links',
    place: 'links',
    body: listBody(c, filters.data, page.links, page.next),
  })
}

/** Changes with the link and with each of its orders. */
export const linkMark = ({ link, standings }: LinkView): string =>
  [link.version, ...standings.map(({ record }) => record?.version ?? 0)].join('.')

const linkBody = (view: LinkView, caller: Caller): Html => {
  const { link } = view
  return html`
    <div class="head">
      <div>
        <h1>Link ${said(link.name)}</h1>
        <p>put by ${nameOf(link.caller, link.keyName)} ${time(link.putAt)}</p>
        <p>
          When one of its orders is canceled in its store, ${
            link.follow === 'tell' ? 'that is told, and nothing sent' : FOLLOW_WORDS.cancel
          }.
        </p>
      </div>
      ${linkTag(link.status)}
    </div>
    <section class="card">
      <p class="lead">${said(linkSentence(view.link.status, view.standings))}</p>
    </section>
    ${memberTable(view, caller)}
    ${
      link.status === 'diverged'
        ? html`
        <p class="hint">
          No platform can undo a cancel. Cancel what is open, or see to it in its store: once all of
          them are alike, this is no longer among what needs you.
        </p>
      `
        : ''
    }
  `
}

const linkPage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const load = () => c.get('service').links.get(c.req.param('name') ?? '')
  const view = await held(c, context, load, linkMark, sleep(LOOK_MS))
  if (view === null) return c.body(null, 204)
  const { link } = view
  return show(c, context, {
    title: `Link ${link.name}: ${LINK_WORDS[link.status]}`,
    place: 'links',
    mark: link.status === 'canceling' ? linkMark(view) : null,
    say: `${LINK_WORDS[link.status]}.`,
    body: linkBody(view, c.get('caller')),
  })
}

export const addLinks = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/links', (c) => listPage(c, context))
  app.get('/links/:name', (c) => linkPage(c, context))
}
