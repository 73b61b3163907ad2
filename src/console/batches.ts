/** Batches: what runs and how far it is, and what became of it. */
import type { Hono } from 'hono'
import { z } from 'zod'
import type { BatchView } from '../gateway/batches/service.ts'
import type { Caller } from '../gateway/service.ts'
import type { Env } from '../http/auth.ts'
import { STATUS_WORDS } from '../messages/words.ts'
import type { BatchAction } from '../model/batch.ts'
import { type Status, STATUSES } from '../model/cancellation.ts'
import { ProblemError, refuse } from '../model/problem.ts'
import { upload } from './draft.ts'
import { current, empty, type Html, html, icon, nameOf, statusTag, time } from './elements.ts'
import { again, itemsAt, itemsFile, itemTable, mendFile, type Place, toldOf } from './items.ts'
import { type Call, type ConsoleContext, held, show } from './layout.ts'
import { sleep } from '../model/time.ts'
import { unkept } from './unkept.ts'
import { address, BATCH_WORDS, count, orders, progress, restOf } from './progress.ts'

const PAGE = 50
const LIST = 20
const LOOK_MS = 1_000

const ORDER: readonly Status[] = [
  'succeeded',
  'rejected',
  'needs_attention',
  'in_doubt',
  'sending',
  'accepted',
]
const bar = ({ total, counts }: BatchView): Html => {
  let x = 0
  return html`
    <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      ${ORDER.map((status) => {
        const width = total === 0 ? 0 : (counts[status] / total) * 100
        x += width
        return html`
          <rect
            class="is-${status}"
            x="${(x - width).toFixed(3)}"
            y="0"
            width="${width.toFixed(3)}"
            height="1"
          />
        `
      })}
    </svg>
    <ul class="legend">
      ${ORDER.filter((status) => counts[status] > 0).map(
        (status) =>
          html`<li>${statusTag({ status, alreadyCanceled: false })} ${count(counts[status])}</li>`,
      )}
    </ul>
  `
}

const askedBy = ({ caller, keyName, createdAt }: BatchView): Html =>
  html`by ${nameOf(caller, keyName)} ${time(createdAt)}`

const acts = (batch: BatchView, caller: Caller): Html => {
  if (
    !caller.scopes.includes('cancel') ||
    batch.status === 'finished' ||
    batch.status === 'stopped' ||
    restOf(batch) === 0
  )
    return html``
  const button = (act: string, word: string, kind = '') =>
    html`
      <form method="post" action="${address(batch)}/${act}">
        <button class="button ${kind}">${word}</button>
      </form>
    `
  return html`
    <div class="card acts">
      ${
        batch.status === 'running'
          ? button('pause', 'Pause')
          : button('resume', 'Resume', 'is-first')
      }
      ${button('stop', `Stop: withdraws up to ${orders(batch.counts.accepted)}`, 'is-grave')}
      <span class="hint">What was sent goes on to its end.</span>
    </div>
  `
}

const listMark = (list: readonly BatchView[]): string =>
  list
    .map(
      ({ id, status, counts }) => `${id.slice(-6)}${status[0]}${Object.values(counts).join('.')}`,
    )
    .join('~')
    .slice(0, 3_000) || 'none'

const listBody = (c: Call, list: readonly BatchView[]): Html => {
  const stores = c.get('service').stores()
  const canStart = c.get('caller').scopes.includes('cancel') && stores.length > 0
  return html`
    <div class="head"><h1>Batches</h1></div>
    ${
      list.length === 0
        ? empty('None yet.', html`<p>Many orders at once, each store at its own pace.</p>`)
        : list.map(
            (batch) => html`
        <article class="card">
          <div class="head">
            <h2>
              <a href="${address(batch)}" id="row-${batch.id}" data-row>${orders(batch.total)}</a>
            </h2>
            <p>${BATCH_WORDS[batch.status]} · ${askedBy(batch)}</p>
          </div>
          ${bar(batch)}
        </article>
      `,
          )
    }
    ${canStart ? upload(stores) : ''}
  `
}

const listPage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const load = () => c.get('batches').list({ limit: LIST })
  const list = await held(c, context, load, listMark, sleep(LOOK_MS))
  if (list === null) return c.body(null, 204)
  return show(c, context, {
    title: 'Batches',
    place: 'batches',
    mark: list.some(({ finishedAt }) => finishedAt === null) ? listMark(list) : null,
    body: listBody(c, list),
  })
}

const mark = ({ status, counts, finishedAt }: BatchView): string =>
  `${status}${Object.values(counts).join('.')}.${finishedAt ?? ''}`

const ItemQuery = z.object({
  status: z.enum(STATUSES).optional(),
  from: z.enum(STATUSES).optional(),
  after: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .optional(),
})

const pageOf = (batch: BatchView, query: Record<string, string>): string =>
  `${address(batch)}?${new URLSearchParams(query).toString()}`

const statusChips = (batch: BatchView, status: Status | undefined): Html =>
  html`
    <p class="chips">
      <a href="${address(batch)}"${current(!status)}>All</a>
      ${STATUSES.map(
        (one) => html`
          <a href="${pageOf(batch, { status: one })}"${current(status === one)}>
            ${STATUS_WORDS[one]} ${count(batch.counts[one])}
          </a>
        `,
      )}
      <a href="${address(batch)}/items.csv" download>CSV</a>
    </p>
  `

const nextOf = (batch: BatchView, { status, from, after }: Place): string =>
  pageOf(batch, {
    ...(status && { status }),
    ...(from && { from }),
    after: String(after),
  })

const batchBody = (
  batch: BatchView,
  caller: Caller,
  missed: readonly string[],
  table: Html,
  status: Status | undefined,
  next: Place | null,
): Html => {
  const running = batch.finishedAt === null
  return html`
    <div class="head">
      <div>
        <h1>Batch of ${orders(batch.total)}</h1>
        <p><code>${batch.id}</code> · ${askedBy(batch)}</p>
      </div>
      <strong>${BATCH_WORDS[batch.status]}</strong>
    </div>
    <section class="card">
      <p class="lead">${progress(batch, Date.now())}</p>
      ${bar(batch)}
      ${missed.map((says) => html`<p class="error">${icon('alert')}${says}</p>`)}
      ${
        running
          ? html`
          <p class="hint">
            This page follows by itself; without scripts, <a
              href="${address(batch)}">refresh</a> it.
          </p>
        `
          : again(batch)
      }
    </section>
    ${acts(batch, caller)}
    ${statusChips(batch, status)}
    ${table}
    ${
      next === null
        ? ''
        : html`
        <p class="more">
          <span></span>
          <a rel="next" href="${nextOf(batch, next)}">Next ${PAGE}</a>
        </p>
      `
    }
  `
}

const batchPage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const batches = c.get('batches')
  const load = () => batches.get(c.req.param('id') ?? '')
  const batch = await held(c, context, load, mark, sleep(LOOK_MS))
  if (batch === null) return c.body(null, 204)
  const query = ItemQuery.safeParse(c.req.query())
  if (!query.success) return refuse('invalid-request', 'There is no such page of items.')
  const { items, next } = await itemsAt(batches, batch, query.data, PAGE)
  const table = itemTable(await toldOf(c.get('service'), items))
  const missed = await unkept(c.get('service'), batch)
  return show(c, context, {
    title: `Batch of ${orders(batch.total)}`,
    place: 'batches',
    mark: batch.finishedAt === null ? mark(batch) : null,
    say:
      `${BATCH_WORDS[batch.status]}. ` +
      `${batch.status === 'running' && restOf(batch) > 0 ? '' : progress(batch, Date.now())}`,
    body: batchBody(batch, c.get('caller'), missed, table, query.data.status, next),
  })
}

const change = async (c: Call, action: BatchAction): Promise<Response> => {
  const batches = c.get('batches')
  const id = c.req.param('id') ?? ''
  // What came to its end in between is shown as it is.
  await batches[action](id).catch((error: unknown) => {
    if (!(error instanceof ProblemError) || error.problem.code !== 'cancellation-conflict')
      throw error
  })
  return c.redirect(address({ id }), 303)
}

export const addBatches = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/batches', (c) => listPage(c, context))
  app.get('/batches/:id', (c) => batchPage(c, context))
  app.get('/batches/:id/items.csv', itemsFile)
  app.get('/batches/:id/not-canceled.csv', mendFile)
  for (const action of ['pause', 'resume', 'stop'] as const)
    app.post(`/batches/:id/${action}`, (c) => change(c, action))
}
