/** The console's first page: what needs a person, what is under way, what came last. */
import type { Hono } from 'hono'
import type { Caller, CallerService } from '../gateway/service.ts'
import type { Env } from '../http/auth.ts'
import { sentence } from '../messages/sentence.ts'
import { type Cancellation, isAtRest } from '../model/cancellation.ts'
import { howToAsk, LOOK_MS, table } from './cancellations.ts'
import {
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
import { type Call, type ConsoleContext, held, show } from './layout.ts'
import { sleep } from '../model/time.ts'
import { resolveForm } from './story.ts'

const NEEDING = 100
const LATEST = 8

/** Grouped by what is wrong and where; where money moved comes first, then the oldest. */
const groupsOf = (
  records: readonly Cancellation[],
): { title: string; store: string; moved: boolean; members: Cancellation[] }[] => {
  const groups = Map.groupBy(records, ({ problem, request }) =>
    JSON.stringify([problem?.acted === 'yes', problem?.code ?? '', request.store]),
  )
  return [...groups.values()]
    .map((members) => {
      const [first] = members as [Cancellation, ...Cancellation[]]
      const moved = first.problem?.acted === 'yes'
      return {
        title: moved
          ? 'Money moved, but the order is not canceled'
          : 'Not clear what became of the order',
        store: first.request.store,
        moved,
        members,
      }
    })
    .sort(
      (a, b) =>
        Number(b.moved) - Number(a.moved) ||
        (a.members[0]?.createdAt ?? 0) - (b.members[0]?.createdAt ?? 0),
    )
}

const needing = (record: Cancellation, caller: Caller): Html => html`
  <article class="card is-alarm">
    <div class="head">
      <h3>
        <a href="${link(record)}" id="row-${record.id}" data-row>Order ${said(numberOf(record))}</a>
      </h3>
      <p>
        ${moneyText(record.order?.totals.total)} · asked by ${said(record.caller)} ${time(
          record.createdAt,
        )}
      </p>
    </div>
    <p>${said(sentence(record))}</p>
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

const groupCard = (
  { title, store, members }: ReturnType<typeof groupsOf>[number],
  caller: Caller,
): Html =>
  html`
    <section>
      <div class="head sub">
        <h2>${icon('alert')} ${title}</h2>
        <p>${said(store)} · ${members.length}</p>
      </div>
      ${members.map((record) => needing(record, caller))}
    </section>
  `

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

const home = (
  needs: readonly Cancellation[],
  under: readonly Cancellation[],
  latest: readonly Cancellation[],
  caller: Caller,
  c: Call,
): Html => {
  return html`
    <div class="head"><h1>Needs you</h1></div>
    ${
      needs.length === 0
        ? empty('Nothing needs you.', calm(latest, c))
        : groupsOf(needs).map((group) => groupCard(group, caller))
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

const load = async (service: CallerService) => {
  const [needs, latest, ...open] = await Promise.all([
    service.list({ order: 'asc', status: 'needs_attention', limit: NEEDING }),
    service.list({ order: 'desc', limit: LATEST }),
    ...(['in_doubt', 'sending', 'accepted'] as const).map((status) =>
      service.list({ order: 'desc', status, limit: LATEST }),
    ),
  ])
  return { needs, latest: latest.filter(({ status }) => isAtRest(status)), under: open.flat() }
}

const mark = ({ needs, latest, under }: Awaited<ReturnType<typeof load>>): string =>
  markOf([...under, ...latest, ...needs])

const homePage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const found = await held(c, context, () => load(c.get('service')), mark, sleep(LOOK_MS))
  if (found === null) return c.body(null, 204)
  const { needs, under, latest } = found
  return show(c, context, {
    title: 'Needs you',
    place: 'needs',
    body: home(needs, under, latest, c.get('caller'), c),
    mark: mark(found),
    say: `${needs.length || 'Nothing'} ${needs.length > 1 ? 'need' : 'needs'} you.`,
  })
}

export const addHome = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/', (c) => homePage(c, context))
}
