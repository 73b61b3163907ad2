/** The console's first page: what needs a person, what is under way, what came last. */
import type { Hono } from 'hono'
import type { LinkView } from '../gateway/links/service.ts'
import type { Caller, CallerService } from '../gateway/service.ts'
import type { Env } from '../http/auth.ts'
import { amountsBeside } from '../messages/amounts.ts'
import { amountsOf, sentence } from '../messages/sentence.ts'
import { linkSentence, silentSentence } from '../messages/standing.ts'
import { type Cancellation, DAY_MS, dayOf, isAtRest } from '../model/cancellation.ts'
import { howToAsk, LOOK_MS, table } from './cancellations.ts'
import {
  broughtBy,
  empty,
  type Html,
  html,
  icon,
  link,
  markOf,
  moneyText,
  numberOf,
  said,
  time,
} from './elements.ts'
import { DAYS, daysChart, daysMark, todayTable } from './days.ts'
import { type Group, groupsOf, idOf, sumText } from '../messages/groups.ts'
import { type Call, type ConsoleContext, held, show } from './layout.ts'
import { linkPath, linkTag, orderPath } from './links.ts'
import {
  countOf,
  DIVERGED,
  NEEDING,
  type Needs,
  needsMark,
  needsOf,
  type Silent,
} from '../gateway/needs.ts'
import { adminLink } from './order.ts'
import { untold, untoldMark } from './messages.ts'
import { sleep } from '../model/time.ts'
import { resolveForm } from './story.ts'

const LATEST = 8

/** The order's total, beside what is told of its money. */
const totalOf = (record: Cancellation): Html =>
  moneyText(record.order?.totals.total, amountsBeside(amountsOf(record)))

const needing = (record: Cancellation, caller: Caller): Html => html`
  <article class="card is-alarm">
    <div class="head">
      <h3>
        <a href="${link(record)}" id="row-${record.id}" data-row>Order ${said(numberOf(record))}</a>
      </h3>
      <p>
        ${totalOf(record)} · asked by ${broughtBy(record)} ${time(record.createdAt)}
      </p>
    </div>
    <p>${said(sentence(record))}</p>
    ${record.order?.adminUrl ? html`<p>${adminLink(record.order, record.request.store)}</p>` : ''}
    ${
      caller.scopes.includes('operate')
        ? html`
        <details class="act" id="resolve-${record.id}">
          <summary><span>Resolve order ${said(numberOf(record))}</span></summary>
          ${resolveForm(record, '/console')}
        </details>
      `
        : ''
    }
  </article>
`

/** What has one cause is one thing to look into: its rows are opened where they are wanted. */
const groupCard = (group: Group, caller: Caller): Html => {
  const { title, store, members, oldestAt } = group
  const rows = members.map((record) => needing(record, caller))
  return html`
    <section>
      <div class="head sub">
        <h2>${icon('alert')} ${title}</h2>
        <p>${said(store)} · ${members.length}</p>
      </div>
      ${
        members.length === 1
          ? rows
          : html`
          <details class="card is-alarm group" id="${idOf(group)}">
            <summary data-row>
              <span>
                ${members.length} orders, ${said(sumText(group))}; the oldest was asked for${' '}
                ${time(oldestAt)}
              </span>
            </summary>
            ${rows}
          </details>
        `
      }
    </section>
  `
}

const awaitedCard = (record: Cancellation): Html => html`
  <article class="card is-alarm">
    <div class="head">
      <h3>
        <a href="${link(record)}" id="row-${record.id}" data-row>Order ${said(numberOf(record))}</a>
      </h3>
      <p>
        ${totalOf(record)} · ${said(record.request.store)} ·
        asked by ${broughtBy(record)} ${time(record.createdAt)}
      </p>
    </div>
    <p>
      Nothing is sent before somebody approves it; else it ends unsent ${time(record.deadlineAt)}.
      <a href="${link(record)}">See what it would do, and approve or decline it</a>
    </p>
  </article>
`

const divergedCard = (view: LinkView): Html => html`
  <article class="card is-alarm">
    <div class="head">
      <h3><a href="${linkPath(view.link.name)}" data-row>Link ${said(view.link.name)}</a></h3>
      <p>${linkTag(view.link.status)} ${time(view.link.updatedAt)}</p>
    </div>
    <p>${said(linkSentence(view.link.status, view.standings))}</p>
  </article>
`

const reopenedCard = (record: Cancellation, caller: Caller): Html => html`
  <article class="card is-alarm">
    <div class="head">
      <h3>
        <a href="${link(record)}" id="row-${record.id}" data-row>Order ${said(numberOf(record))}</a>
      </h3>
      <p>
        ${said(record.request.store)} · open again ${time(record.reopenedAt ?? record.updatedAt)}
      </p>
    </div>
    <p>${said(sentence(record))}</p>
    ${record.order?.adminUrl ? html`<p>${adminLink(record.order, record.request.store)}</p>` : ''}
    ${
      caller.scopes.includes('cancel')
        ? html`
        <p>
          <a href="${orderPath(record.request.store, record.request.orderId)}">
            See it, or cancel it once more
          </a>
        </p>
      `
        : ''
    }
  </article>
`

const silentCard = ({ store, since }: Silent): Html => html`
  <article class="card is-alarm">
    <div class="head">
      <h3><a href="/console/stores" data-row>${said(store.id)}</a></h3>
      <p>silent ${time(since)}</p>
    </div>
    <p>${silentSentence(store.adapter.name)}</p>
  </article>
`

const headed = (title: string, cards: readonly Html[]): Html =>
  cards.length === 0
    ? html``
    : html`
      <section>
        <div class="head sub"><h2>${icon('alert')} ${title}</h2><p>${cards.length}</p></div>
        ${cards}
      </section>
    `

/** What others asked, or did and nobody asked for here. */
const fromOthers = (needs: Needs, caller: Caller): Html => {
  const { awaited, diverged, reopened, silent } = needs
  return html`
  ${headed('Waits for your approval', awaited.map(awaitedCard))}
  ${
    awaited.length === NEEDING
      ? html`<p>These are the ${NEEDING} that wait for the longest time.</p>`
      : ''
  }
  ${headed('Not in step', diverged.map(divergedCard))}
  ${
    diverged.length === DIVERGED
      ? html`<p><a href="/console/links?status=diverged">All that are not in step</a></p>`
      : ''
  }
  ${headed(
    'Open again',
    reopened.map((record) => reopenedCard(record, caller)),
  )}
  ${headed('Stores that went silent', silent.map(silentCard))}
`
}

/** What stands where nothing needs a person. */
const calm = (latest: readonly Cancellation[], c: Call): Html => {
  const last = latest.find(({ status }) => status === 'succeeded')
  return last
    ? html`
      <p>
        Last canceled: order <a href="${link(last)}">${said(numberOf(last))}</a>
        , ${time(last.settledAt ?? last.createdAt)}.
      </p>
    `
    : latest.length === 0
      ? howToAsk(c)
      : html``
}

const home = (loaded: Loaded, caller: Caller, c: Call): Html => {
  const { needs: found, under, latest, counts, today, alerts } = loaded
  const { records: needs } = found
  return html`
    <div class="head">
      <h1>Needs you</h1>
      <a href="/console/messages">Messages to people</a>
    </div>
    ${untold(alerts)}
    ${
      countOf(found) === 0
        ? empty('Nothing needs you.', calm(latest, c))
        : [fromOthers(found, caller), ...groupsOf(needs).map((group) => groupCard(group, caller))]
    }
    ${
      needs.length === NEEDING
        ? html`
        <p>
          <a href="/console/cancellations?status=needs_attention">All that need you</a>
          , of which these are the ${NEEDING} oldest.
        </p>
      `
        : ''
    }
    ${counts.length > 0 ? [todayTable(counts, today), daysChart(counts, today)] : ''}
    ${
      under.length > 0
        ? html`
        <section>
          <div class="head sub"><h2>Under way</h2></div>
          ${table('Under way', under)}
        </section>
      `
        : ''
    }
    ${
      latest.length > 0
        ? html`
        <section>
          <div class="head sub">
            <h2>Latest</h2>
            <a href="/console/cancellations">All cancellations</a>
          </div>
          ${table('Latest', latest)}
        </section>
      `
        : ''
    }
  `
}

const load = async (service: CallerService, { alerts: desk }: ConsoleContext) => {
  const today = dayOf(Date.now())
  const [alerts, needs, counts, latest, ...open] = await Promise.all([
    desk.list(service.caller.stores),
    needsOf(service),
    service.countsByDay(today - (DAYS - 1) * DAY_MS, today),
    service.list({ order: 'desc', limit: LATEST }),
    ...(['in_doubt', 'sending', 'accepted'] as const).map((status) =>
      service.list({ order: 'desc', status, limit: LATEST }),
    ),
  ])
  const ended = latest.filter(({ status }) => isAtRest(status))
  return { alerts, needs, latest: ended, under: open.flat(), counts, today }
}
type Loaded = Awaited<ReturnType<typeof load>>

const mark = ({ alerts, needs, latest, under, counts, today }: Loaded): string =>
  markOf([...under, ...latest, ...needs.records]) +
  needsMark(needs) +
  daysMark(counts, today) +
  untoldMark(alerts)

const homePage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const found = await held(c, context, () => load(c.get('service'), context), mark, sleep(LOOK_MS))
  if (found === null) return c.body(null, 204)
  const count = countOf(found.needs)
  return show(c, context, {
    title: 'Needs you',
    place: 'needs',
    body: home(found, c.get('caller'), c),
    mark: mark(found),
    say: `${count || 'Nothing'} ${count > 1 ? 'need' : 'needs'} you.`,
  })
}

export const addHome = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/', (c) => homePage(c, context))
}
