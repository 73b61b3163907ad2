/** The audit log for who may operate on every store: the newest first, filtered, exported. */
import type { Hono } from 'hono'
import { z } from 'zod'
import { AUDIT_PAGE, type CallerAudit } from '../gateway/audit/caller.ts'
import type { Env } from '../http/auth.ts'
import { auditLines } from '../http/routes/audit.ts'
import { AUDIT_WORDS, auditOutcome } from '../messages/words.ts'
import { AUDIT_ACTIONS, type AuditEntry } from '../model/audit.ts'
import { refuse } from '../model/problem.ts'
import { empty, type Html, html, icon, kept, said, time } from './elements.ts'
import { type Call, type ConsoleContext, show } from './layout.ts'

const text = z
  .string()
  .trim()
  .max(128)
  .transform((value) => value || undefined)
  .optional()
const Query = z.object({
  store: text,
  caller: text,
  action: z
    .enum(AUDIT_ACTIONS)
    .or(z.literal('').transform(() => undefined))
    .optional(),
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional(),
})
type Query = z.output<typeof Query>

const readQuery = (c: Call): Query => {
  const parsed = Query.safeParse(c.req.query())
  return parsed.success
    ? parsed.data
    : refuse('invalid-request', 'These filters cannot be read: store, caller, action, before.')
}

/** Entries, the newest first, and before which to go on; null: there are no older ones. */
interface AuditFound {
  readonly entries: readonly AuditEntry[]
  readonly next: number | null
}

/** A page that is shown, and how many entries are looked through for one. */
const SHOWN = 50
const LOOKED_AT = 20 * AUDIT_PAGE

/** A few of the newest before an entry, of the first chain: here there is one. */
const find = async (
  audit: CallerAudit,
  { store, caller, action, before }: Query,
): Promise<AuditFound> => {
  const [head] = await audit.heads()
  if (!head) return { entries: [], next: null }
  const entries: AuditEntry[] = []
  let from = before ?? head.seq + 1
  for (let looked = 0; looked < LOOKED_AT; looked += AUDIT_PAGE) {
    const page = await audit.read(head.chain, { from, order: 'desc', limit: AUDIT_PAGE })
    for (const entry of page) {
      from = entry.seq
      const isMeant =
        (store === undefined || entry.store === store) &&
        (caller === undefined || entry.by.caller === caller) &&
        (action === undefined || entry.action === action)
      if (isMeant && entries.push(entry) === SHOWN)
        return { entries, next: from > (head.first ?? from) ? from : null }
    }
    if (page.length < AUDIT_PAGE) return { entries, next: null }
  }
  return { entries, next: from }
}

/** What it is about; where that has a page, a link to it. */
const about = ({ subject }: AuditEntry): Html => {
  const { cancellation, order, orders, batch, link, webhook, as, digest } = subject
  const name = order ?? orders ?? link ?? webhook ?? batch ?? digest?.slice(0, 12) ?? ''
  const shown = said(cancellation && !name ? cancellation : name)
  const path = cancellation
    ? `/console/cancellations/${cancellation}`
    : link
      ? `/console/links/${encodeURIComponent(link)}`
      : batch
        ? `/console/batches/${batch}`
        : null
  const named = path ? html`<a href="${path}">${shown}</a>` : shown
  return html`${named}${as ? html`, as ${as.replaceAll('_', ' ')}` : ''}`
}

const ENDS = { begun: 'wait', done: 'same', refused: 'differs' } as const

const row = (entry: AuditEntry): Html => {
  const { as, word } = auditOutcome(entry.outcome)
  return html`
    <tr>
      <td data-name="When">${time(entry.at)}</td>
      <td data-name="Who">
        ${entry.by.caller === null ? 'the gateway' : said(entry.by.caller)}
        <span class="detail">${entry.via}</span>
      </td>
      <td data-name="What">${AUDIT_WORDS[entry.action]}</td>
      <td data-name="About">
        ${about(entry)}
        ${entry.store === null ? '' : html`<span class="detail">${said(entry.store)}</span>`}
      </td>
      <td data-name="Ended">
        <span class="mark">${icon(ENDS[as])}${word}</span>
        <span class="detail">entry ${entry.seq}</span>
      </td>
    </tr>
  `
}

const table = (entries: readonly AuditEntry[]): Html => html`
  <table class="rows named">
    <caption class="out">Entries, the newest first</caption>
    <thead>
      <tr>
        <th scope="col">When</th>
        <th scope="col">Who</th>
        <th scope="col">What</th>
        <th scope="col">About</th>
        <th scope="col">Ended</th>
      </tr>
    </thead>
    <tbody>${entries.map(row)}</tbody>
  </table>
`

const form = (c: Call, { store, caller, action }: Query): Html => html`
  <form class="filters" action="/console/audit">
    <div>
      <label for="f-store">Store</label>
      <select id="f-store" name="store">
        <option value="">All stores</option>
        ${c
          .get('service')
          .stores()
          .map(({ id }) => html`<option${id === store ? html` selected` : ''}>${id}</option>`)}
      </select>
    </div>
    <div>
      <label for="f-caller">Caller</label>
      <input id="f-caller" name="caller" value="${kept(caller ?? '')}" maxlength="128">
    </div>
    <div>
      <label for="f-action">What</label>
      <select id="f-action" name="action">
        <option value="">Everything</option>
        ${AUDIT_ACTIONS.map(
          (one) => html`
            <option value="${one}"${one === action ? html` selected` : ''}>
              ${AUDIT_WORDS[one]}
            </option>
          `,
        )}
      </select>
    </div>
    <button>Filter</button>
  </form>
`

const older = (c: Call, query: Query, next: number | null): Html => {
  const given = Object.entries({ ...query, before: next ?? undefined }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return html`
    <p class="more">
      ${c.req.query('before') ? html`<a href="/console/audit">Newest</a>` : html`<span></span>`}
      ${
        next === null
          ? ''
          : html`<a href="/console/audit?${new URLSearchParams(given).toString()}" rel="next">
              Older
            </a>`
      }
    </p>
  `
}

const body = (c: Call, query: Query, { entries, next }: AuditFound): Html => {
  const isFiltered = [query.store, query.caller, query.action].some(Boolean)
  return html`
    <div class="head">
      <div>
        <h1>Audit</h1>
        <p>Who asked for what, each entry sealed with the one before.</p>
      </div>
      <div>
        <a href="/console/audit.jsonl" download>Download all of it</a>
        <p class="hint">a line an entry; <code>rescind audit verify</code> checks it</p>
      </div>
    </div>
    ${form(c, query)}
    ${
      entries.length > 0
        ? table(entries)
        : empty(
            next === null ? (isFiltered ? 'None match.' : 'None yet.') : 'None match so far.',
            isFiltered
              ? html`<p><a href="/console/audit">Clear the filters</a>.</p>`
              : html`<p>What is asked for from now on stands here.</p>`,
          )
    }
    ${older(c, query, next)}
  `
}

const page = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const query = readQuery(c)
  const found = await find(c.get('service').audit, query)
  return show(c, context, { title: 'Audit', place: 'audit', body: body(c, query, found) })
}

const file = async (c: Call): Promise<Response> => {
  const lines = auditLines(await c.get('service').audit.pages())
  const day = new Date().toISOString().slice(0, 10)
  return c.body(lines, 200, {
    'content-type': 'application/x-ndjson',
    'content-disposition': `attachment; filename="audit-${day}.jsonl"`,
  })
}

export const addAudit = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/audit', (c) => page(c, context))
  app.get('/audit.jsonl', file)
}
