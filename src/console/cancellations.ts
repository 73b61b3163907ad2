/**
 * The pages about cancellations: what needs you, the list with its filters, one as a story, and
 * what a person does to it.
 */
import type { Hono } from 'hono'
import { z } from 'zod'
import { settlesAt } from '../gateway/workflow/decide.ts'
import { type Caller, type Env, mayUse, reachable } from '../http/auth.ts'
import { readCursor, toCursor } from '../http/cursor.ts'
import { type Cancellation, isAtRest, RESOLUTIONS, STATUSES } from '../model/cancellation.ts'
import { ProblemError, refuse } from '../model/problem.ts'
import { isText } from '../model/text.ts'
import { instant, sleep } from '../model/time.ts'
import { sentence, summary } from '../messages/sentence.ts'
import { STATUS_WORDS, statusWord } from '../messages/words.ts'
import {
  type Call,
  empty,
  formOf,
  held,
  type ConsoleContext,
  html,
  type Html,
  icon,
  isOpen,
  kept,
  link,
  markOf,
  moneyText,
  numberOf,
  said,
  show,
  statusTag,
  time,
} from './layout.ts'
import { type Beside, resolveForm, story } from './story.ts'

const PAGE = 25
const NEEDING = 100
const LATEST = 8
/** How often a held list looks for what is new. */
const LOOK_MS = 1_500

const row = (record: Cancellation): Html =>
  html`<tr><td>${statusTag(record)}</td><td><a class="order" href="${link(record)}" id="row-${record.id}" data-row>${said(numberOf(record))}</a><span class="detail">${said(record.request.store)}</span></td><td class="said">${said(summary(record))}</td><td class="age">${time(record.createdAt)}</td><td class="soft by"><span>${said(record.caller)}</span>${record.request.reference ? html`<span class="detail">${said(record.request.reference)}</span>` : ''}</td></tr>`

const table = (caption: string, records: readonly Cancellation[]): Html =>
  html`<table class="rows"><caption class="out">${caption}</caption><thead><tr><th scope="col">Status</th><th scope="col">Order</th><th scope="col">What became of it</th><th scope="col">Asked</th><th scope="col">By</th></tr></thead><tbody>${records.map(row)}</tbody></table>`

const howToAsk = (c: Call): Html =>
  html`<p>Cancel one <a href="/console/new">here</a>, or by the API:</p><pre tabindex="0">curl -s ${new URL(c.req.url).origin}/v1/cancellations -H 'content-type: application/json' -d '{ "store": "…", "orderId": "…" }'</pre>`

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

const needing = (
  record: Cancellation,
  caller: Caller,
): Html => html`<article class="card is-alarm"><div class="head"><h3><a href="${link(record)}" id="row-${record.id}" data-row>Order ${said(numberOf(record))}</a></h3><p>${moneyText(record.order?.totals.total)} · asked by ${said(record.caller)} ${time(record.createdAt)}</p></div>
<p>${said(sentence(record))}</p>${caller.scopes.includes('operate') ? html`<details class="act" id="resolve-${record.id}"><summary><span>Resolve order ${said(numberOf(record))}</span></summary>${resolveForm(record, '/console')}</details>` : ''}</article>`

const home = (
  needs: readonly Cancellation[],
  under: readonly Cancellation[],
  latest: readonly Cancellation[],
  caller: Caller,
  c: Call,
): Html => {
  const last = latest.find(({ status }) => status === 'succeeded')
  return html`<div class="head"><h1>Needs you</h1></div>
${needs.length === 0 ? empty('Nothing needs you.', last ? html`<p>Last canceled: order <a href="${link(last)}">${said(numberOf(last))}</a>, ${time(last.settledAt ?? last.createdAt)}.</p>` : latest.length === 0 ? howToAsk(c) : html``) : groupsOf(needs).map(({ title, store, members }) => html`<section><div class="head sub"><h2>${icon('alert')} ${title}</h2><p>${said(store)} · ${members.length}</p></div>${members.map((record) => needing(record, caller))}</section>`)}
${needs.length === NEEDING ? html`<p><a href="/console/cancellations?status=needs_attention">All that need you</a>, of which these are the ${NEEDING} oldest.</p>` : ''}
${under.length > 0 ? html`<section><div class="head sub"><h2>Under way</h2></div>${table('Under way', under)}</section>` : ''}
${latest.length > 0 ? html`<section><div class="head sub"><h2>Latest</h2><a href="/console/cancellations">All cancellations</a></div>${table('Latest', latest)}</section>` : ''}`
}

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
const Filters = z.object({
  status: z
    .enum(STATUSES)
    .or(z.literal('').transform(() => undefined))
    .optional(),
  store: text(128),
  order: text(128),
  reference: text(128),
  from: day(-1),
  to: day(86_400_000),
  cursor: text(512),
})

const input = (name: string, label: string, value: string | undefined, type = 'text'): Html =>
  html`<div><label for="f-${name}">${label}</label><input id="f-${name}" name="${name}" type="${type}" value="${kept(value ?? '')}" maxlength="128"></div>`

const filterForm = (c: Call, stores: readonly string[]): Html => {
  const given = c.req.query()
  const { status: _, cursor: __, ...others } = given
  const to = (status: string) =>
    `/console/cancellations?${new URLSearchParams(Object.entries({ ...others, status }).filter(([, value]) => value !== '')).toString()}`
  return html`<p class="chips">${[['', 'All'], ...STATUSES.map((status) => [status, STATUS_WORDS[status]])].map(([status = '', word]) => html`<a href="${to(status)}"${(given['status'] ?? '') === status ? html` aria-current="true"` : ''}>${word}</a>`)}</p>
<form class="filters" action="/console/cancellations">${given['status'] ? html`<input type="hidden" name="status" value="${kept(given['status'])}">` : ''}
<div><label for="f-store">Store</label><select id="f-store" name="store"><option value="">All stores</option>${[...new Set([...stores, ...(given['store'] ? [given['store']] : [])])].map((id) => html`<option${given['store'] === id ? html` selected` : ''}>${id}</option>`)}</select></div>
${input('order', 'Order id', given['order'])}${input('reference', 'Reference', given['reference'])}${input('from', 'From (UTC)', given['from'], 'date')}${input('to', 'To (UTC)', given['to'], 'date')}<button>Filter</button></form>`
}

const seen = async (
  { gateway }: ConsoleContext,
  caller: Caller,
  id: string,
): Promise<Cancellation> => {
  const record = await gateway.get(id)
  return mayUse(caller, record.request.store)
    ? record
    : refuse('cancellation-not-found', 'No cancellation has this id.')
}

/** “Look now” only reads: what follows from it is the gateway’s to say, in its time. */
const besides = async (
  { gateway }: ConsoleContext,
  record: Cancellation,
  isLooking: boolean,
): Promise<Beside> => {
  const store = gateway.stores.get(record.request.store)
  if ((record.status !== 'in_doubt' && record.status !== 'needs_attention') || !store)
    return { settlesAt: null, now: null }
  const now = isLooking
    ? await gateway.readOrder(store.id, record.request.orderId).then(
        ({ order }) => order,
        (error: unknown) => {
          if (error instanceof ProblemError) return error
          throw error
        },
      )
    : null
  return {
    settlesAt:
      record.status === 'in_doubt' && record.problem === null
        ? settlesAt(record, store, gateway.timing.longestCallMs)
        : null,
    now,
  }
}

export const addCancellations = (app: Hono<Env>, context: ConsoleContext): void => {
  const { gateway } = context

  app.get('/', async (c) => {
    const caller = c.get('caller')
    const base = { stores: caller.stores, order: 'desc' } as const
    const load = async () => {
      const [needs, latest, ...open] = await Promise.all([
        gateway.list({ ...base, order: 'asc', status: 'needs_attention', limit: NEEDING }),
        gateway.list({ ...base, limit: LATEST }),
        ...(['in_doubt', 'sending', 'accepted'] as const).map((status) =>
          gateway.list({ ...base, status, limit: LATEST }),
        ),
      ])
      return { needs, latest: latest.filter(({ status }) => isAtRest(status)), under: open.flat() }
    }
    const mark = ({ needs, latest, under }: Awaited<ReturnType<typeof load>>) =>
      markOf([...under, ...latest, ...needs])
    const found = await held(c, context, load, mark, sleep(LOOK_MS))
    if (found === null) return c.body(null, 204)
    return show(c, context, {
      title: 'Needs you',
      place: 'needs',
      body: home(found.needs, found.under, found.latest, caller, c),
      mark: mark(found),
      say:
        `${found.needs.length || 'Nothing'} ` +
        `${found.needs.length === 1 ? 'needs' : found.needs.length ? 'need' : 'needs'} you.`,
    })
  })

  app.get('/find', async (c) => {
    const q = (c.req.query('q') ?? '').trim().slice(0, 128)
    if (q === '') return c.redirect('/console/cancellations', 303)
    if (/^can_[0-9A-Z]+$/i.test(q))
      return c.redirect(`/console/cancellations/${encodeURIComponent(q)}`, 303)
    const base = { stores: c.get('caller').stores, order: 'desc', limit: 2 } as const
    for (const [name, filter] of [
      ['order', { orderId: q }],
      ['reference', { reference: q }],
    ] as const) {
      const [first, second] = await gateway.list({ ...base, ...filter })
      if (first)
        return c.redirect(
          second
            ? `/console/cancellations?${new URLSearchParams({ [name]: q }).toString()}`
            : link(first),
          303,
        )
    }
    return c.redirect(`/console/new?${new URLSearchParams({ find: q }).toString()}`, 303)
  })

  app.get('/cancellations', async (c) => {
    const caller = c.get('caller')
    const parsed = Filters.safeParse(c.req.query())
    if (!parsed.success)
      return refuse(
        'invalid-request',
        'These filters cannot be read: ' +
          `${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}.`,
      )
    const { status, store, order, reference, from, to, cursor } = parsed.data
    const mine = reachable(gateway, caller).map(({ id }) => id)
    const filters = { status, orderId: order, reference, createdAfter: from, createdBefore: to }
    const query = {
      ...filters,
      stores: store ? (mayUse(caller, store) ? [store] : []) : caller.stores,
      order: 'desc',
      limit: PAGE + 1,
      after: cursor ? readCursor(cursor) : undefined,
    } as const
    const records = await held(c, context, () => gateway.list(query), markOf, sleep(LOOK_MS))
    if (records === null) return c.body(null, 204)
    const data = records.slice(0, PAGE)
    const last = records.length > PAGE ? data.at(-1) : undefined
    const { cursor: _, ...kept } = c.req.query()
    const next =
      last &&
      `/console/cancellations?${new URLSearchParams({ ...kept, cursor: toCursor({ at: last.createdAt, id: last.id }) }).toString()}`
    const isFiltered =
      Boolean(store) ||
      cursor !== undefined ||
      Object.values(filters).some((value) => value !== undefined)
    const lookUp = order
      ? html` or <a href="/console/new?${new URLSearchParams({ find: order }).toString()}">look for the order in the stores</a>`
      : ''
    const open = data.filter(isOpen).length
    return show(c, context, {
      title: 'Cancellations',
      place: 'cancellations',
      mark: cursor ? null : markOf(records),
      say: open === 0 ? 'Nothing is under way.' : `${open} under way.`,
      body: html`<div class="head"><h1>Cancellations</h1></div>${filterForm(c, mine)}
${data.length > 0 ? table('Cancellations', data) : isFiltered ? empty('None match.', html`<p><a href="/console/cancellations">Clear the filters</a>${lookUp}.</p>`) : empty('None yet.', howToAsk(c))}
${next || cursor ? html`<p class="more">${cursor ? html`<a href="/console/cancellations?${new URLSearchParams(kept).toString()}">Newest</a>` : html`<span></span>`}${next ? html`<a href="${next}" rel="next">Older</a>` : ''}</p>` : ''}`,
    })
  })

  app.get('/cancellations/:id', async (c) => {
    const caller = c.get('caller')
    const id = c.req.param('id')
    // Woken by what happens in this process; what another writes is seen a second later.
    const record = await held(
      c,
      context,
      () => seen(context, caller, id),
      ({ version }) => String(version),
      async (signal) => {
        if (!isOpen(await gateway.wait(id, 1_000, signal))) await sleep(1_000)(signal)
      },
    )
    if (record === null) return c.body(null, 204)
    return show(c, context, {
      title: `Order ${numberOf(record)}: ${statusWord(record)}`,
      place: 'cancellations',
      mark: isOpen(record) ? String(record.version) : null,
      say: `Order ${numberOf(record)}: ${statusWord(record)}.`,
      body: story(
        record,
        caller,
        new URL(c.req.url).origin,
        await besides(context, record, c.req.query('look') === 'now'),
      ),
    })
  })

  app.post('/cancellations/:id/withdraw', async (c) => {
    const caller = c.get('caller')
    if (!caller.scopes.includes('cancel')) refuse('forbidden', 'This key lacks the scope “cancel”.')
    const record = await gateway.withdraw((await seen(context, caller, c.req.param('id'))).id)
    return c.redirect(link(record), 303)
  })

  app.post('/cancellations/:id/resolve', async (c) => {
    const caller = c.get('caller')
    if (!caller.scopes.includes('operate'))
      refuse('forbidden', 'This key lacks the scope “operate”.')
    const { id } = await seen(context, caller, c.req.param('id'))
    const { as, note, back } = await formOf(c)
    const said = z
      .object({ as: z.enum(RESOLUTIONS), note: z.string().trim().min(1).max(1_000).refine(isText) })
      .safeParse({ as, note })
    if (!said.success)
      return refuse(
        'invalid-request',
        'Choose what you found, and write what you saw (1 to 1,000 characters).',
      )
    const record = await gateway.resolve(id, said.data.as, said.data.note, caller.name)
    return c.redirect(back === '/console' ? '/console' : link(record), 303)
  })
}
