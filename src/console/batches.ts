/**
 * Batches: what runs and how far it is, its items page by page, and a file that is checked before
 * it starts.
 */
import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { Store } from '../connection/store.ts'
import {
  type Batches,
  type BatchView,
  type ItemView,
  MAX_ITEMS,
} from '../gateway/batches/service.ts'
import { type Caller, type Env, mayUse, reachable } from '../http/auth.ts'
import { resolveStore } from '../http/routes/cancellations.ts'
import { type Mistake, readCsv, takeItems, toCsv } from '../input/items.ts'
import { STATUSES, type Status } from '../model/cancellation.ts'
import { ProblemError, refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import { sleep } from '../model/time.ts'
import { STATUS_WORDS } from '../messages/words.ts'
import {
  type Call,
  empty,
  field,
  formOf,
  held,
  type ConsoleContext,
  html,
  type Html,
  icon,
  said,
  show,
  span,
  statusTag,
  time,
} from './layout.ts'

const PAGE = 50
const LIST = 20
const MAX_FILE_BYTES = 8 * 1024 * 1024
const LOOK_MS = 1_000
/** Above so many orders a person types the number first. */
const MANY = 100
const CSV_PAGE = 500

const BATCH_WORDS: Readonly<Record<BatchView['status'], string>> = {
  running: 'Running',
  paused: 'Paused',
  stopped: 'Stopped',
  finished: 'Finished',
}
const ORDER: readonly Status[] = [
  'succeeded',
  'rejected',
  'needs_attention',
  'in_doubt',
  'sending',
  'accepted',
]
const count = (n: number): string => n.toLocaleString('en')
const orders = (n: number): string => (n === 1 ? '1 order' : `${count(n)} orders`)

const restOf = ({ total, counts }: BatchView): number =>
  total - counts.succeeded - counts.rejected - counts.needs_attention

/** “35 seconds”, “3 minutes”, “2 hours”: no estimate is more exact. */
const roughly = (seconds: number): string => {
  const [size, word] =
    seconds < 90 ? [1, 'second'] : seconds < 5_400 ? [60, 'minute'] : [3_600, 'hour']
  const many = Math.max(1, Math.round(seconds / (size as number)))
  return many === 1 ? `1 ${word} is` : `${many} ${word}s are`
}

/** “4,310 of 5,000 orders are settled. About 3 minutes are left, at 5.1 orders a second.” */
const progress = (batch: BatchView, now: number): string => {
  const { status, total, createdAt, finishedAt, remainingSeconds } = batch
  const rest = restOf(batch)
  const { succeeded, needs_attention: needs, accepted } = batch.counts
  const done =
    `${count(total - rest)} of ${orders(total)} ` +
    (total - rest === 1 ? 'is settled.' : 'are settled.')
  if (rest === 0)
    return (
      `${count(succeeded)} of ${orders(total)} ${succeeded === 1 ? 'is' : 'are'} ` +
      `canceled.${needs > 0 ? ` ${orders(needs)} ${needs === 1 ? 'needs' : 'need'} you.` : ''}${finishedAt === null ? '' : ` It took ${span(finishedAt - createdAt)}.`}`
    )
  if (status === 'finished' || status === 'stopped') return done
  if (status === 'paused')
    return (
      `${done} Paused: ${orders(accepted)} ${accepted === 1 ? 'waits' : 'wait'} until it ` +
      'is ' +
      `resumed${rest > accepted ? `; ${count(rest - accepted)} under way ${rest - accepted === 1 ? 'goes' : 'go'} on to the end` : ''}.`
    )
  const rate = (total - rest) / Math.max(1, (now - createdAt) / 1_000)
  return (
    `${done} ` +
    `${remainingSeconds === null ? 'How long the rest takes cannot be told yet.' : `About ${roughly(remainingSeconds)} left${rate >= 0.1 ? `, at ${rate.toFixed(1)} orders a second so far` : ''}.`}`
  )
}

const bar = ({ total, counts }: BatchView): Html => {
  let x = 0
  return html`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">${ORDER.map(
    (status) => {
      const width = total === 0 ? 0 : (counts[status] / total) * 100
      x += width
      return html`<rect class="is-${status}" x="${(x - width).toFixed(3)}" y="0" width="${width.toFixed(3)}" height="1"/>`
    },
  )}</svg><ul class="legend">${ORDER.filter((status) => counts[status] > 0).map((status) => html`<li>${statusTag({ status, alreadyCanceled: false })} ${count(counts[status])}</li>`)}</ul>`
}

const address = ({ id }: BatchView): string => `/console/batches/${id}`

const acts = (batch: BatchView, caller: Caller): Html => {
  if (
    !caller.scopes.includes('cancel') ||
    batch.status === 'finished' ||
    batch.status === 'stopped' ||
    restOf(batch) === 0
  )
    return html``
  const button = (act: string, word: string, kind = '') =>
    html`<form method="post" action="${address(batch)}/${act}"><button class="button ${kind}">${word}</button></form>`
  return html`<div class="card acts">${batch.status === 'running' ? button('pause', 'Pause') : button('resume', 'Resume', 'is-first')}${button('stop', `Stop: withdraws up to ${orders(batch.counts.accepted)}`, 'is-grave')}<span class="hint">What was sent goes on to its end.</span></div>`
}

/**
 * A row that is no cancellation yet, or was refused before it became one, tells its problem; others
 * lead to their story.
 */
const itemRow = ({
  row,
  request,
  status,
  alreadyCanceled,
  cancellation,
  problem,
}: ItemView): Html =>
  html`<tr><td class="soft">${row}</td><td>${statusTag({ status, alreadyCanceled })}</td><td>${cancellation ? html`<a class="order" href="/console/cancellations/${cancellation}" data-row>${said(request.orderId)}</a>` : html`<span class="order">${said(request.orderId)}</span>`}<span class="detail">${said(request.store)}</span></td><td class="said">${said(problem?.detail ?? '')}</td><td class="soft">${said(request.reference ?? '')}</td></tr>`

/** Checked files that wait for a yes; few, and not for long. */
const DRAFTS = 4
const DRAFT_LIFE_MS = 600_000
interface Draft {
  readonly by: string
  readonly items: readonly CancelRequest[]
  readonly at: number
}

const exampleOf = ({ id, examples }: Store): string =>
  `store,orderId,reason,notify,restock,reference\n${id},${examples[0]?.id ?? 'order_01'},"Out of stock, sorry",true,true,SO-4711\n${id},${examples[1]?.id ?? 'order_02'},Ordered twice,,false,SO-4712`

const upload = (
  stores: readonly Store[],
): Html => html`<form class="card" method="post" action="/console/batches/check" enctype="multipart/form-data"><h2>New batch</h2>
${field('file', 'A CSV file', html`<input id="file" name="file" type="file" accept=".csv,text/csv" required>`, { hint: `Its header row names the fields: store, orderId, reason, notify, restock, reference and so on; at most ${count(MAX_ITEMS)} rows.` })}
<details id="example"><summary>An example</summary><pre tabindex="0">${stores.slice(0, 1).map(exampleOf)}</pre></details>
<button class="button is-first">Check the file</button> <span class="hint">Nothing is sent yet.</span></form>`

const checkBody = (
  id: string,
  items: readonly CancelRequest[],
  errors: readonly Mistake[],
  error = '',
): Html => html`<div class="head"><h1>${errors.length > 0 ? 'This file cannot be taken' : `Cancel ${orders(items.length)}?`}</h1></div>
${
  errors.length > 0
    ? html`<section class="card is-alarm"><h2>${icon('alert')} ${errors.length === 1 ? '1 mistake in the file' : `${count(errors.length)} mistakes in the file`}</h2><table><thead><tr><th scope="col">Row</th><th scope="col">Column</th><th scope="col">What is wrong</th></tr></thead><tbody>${errors.slice(0, 50).map(({ row, column, detail }) => html`<tr><td>${row ?? '–'}</td><td>${said(column ?? '–')}</td><td>${said(detail)}</td></tr>`)}</tbody></table>${errors.length > 50 ? html`<p class="hint">And ${count(errors.length - 50)} more.</p>` : ''}<p>Mend the file and choose it again. Nothing was taken.</p></section>`
    : html`<form class="card" method="post" action="/console/batches/start"><h2>By store</h2><table class="lines"><tbody>${[...Map.groupBy(items, ({ store }) => store)].map(([store, of]) => html`<tr><th scope="row">${said(store)}</th><td class="money">${orders(of.length)}</td></tr>`)}</tbody></table><input type="hidden" name="draft" value="${id}">
${items.length > MANY ? field('number', `Type ${items.length} to start`, html`<input id="number" name="number" inputmode="numeric" required autocomplete="off" pattern="${items.length}"${error ? html` aria-invalid="true" aria-describedby="number-error"` : ''}>`, { error }) : ''}
<div class="acts"><button class="button is-grave">Cancel ${orders(items.length)}</button><a class="button" href="/console/batches">Keep the orders</a></div></form>`
}
<p><a href="/console/batches">Choose another file</a></p>`

export const addBatches = (app: Hono<Env>, context: ConsoleContext, batches: Batches): void => {
  const drafts = new Map<string, Draft>()
  const mine = ({ stores, name }: Caller): string | null => (stores === null ? null : name)
  const seen = async (c: Call): Promise<BatchView> => {
    const batch = await batches.get(c.req.param('id') ?? '')
    const caller = mine(c.get('caller'))
    return caller === null || batch.caller === caller
      ? batch
      : refuse('not-found', 'No batch has this id.')
  }
  const mustCancel = (c: Call): Caller => {
    const caller = c.get('caller')
    return caller.scopes.includes('cancel')
      ? caller
      : refuse('forbidden', 'This key lacks the scope “cancel”.')
  }

  app.get('/batches', async (c) => {
    const caller = c.get('caller')
    const mark = (list: readonly BatchView[]) =>
      list
        .map(
          ({ id, status, counts }) =>
            `${id.slice(-6)}${status[0]}${Object.values(counts).join('.')}`,
        )
        .join('~')
        .slice(0, 3_000) || 'none'
    const list = await held(
      c,
      context,
      () => batches.list({ caller: mine(caller), limit: LIST }),
      mark,
      sleep(LOOK_MS),
    )
    if (list === null) return c.body(null, 204)
    return show(c, context, {
      title: 'Batches',
      place: 'batches',
      mark: list.some(({ finishedAt }) => finishedAt === null) ? mark(list) : null,
      body: html`<div class="head"><h1>Batches</h1></div>${list.length === 0 ? empty('None yet.', html`<p>Many orders at once, each store at its own pace.</p>`) : list.map((batch) => html`<article class="card"><div class="head"><h2><a href="${address(batch)}" id="row-${batch.id}" data-row>${orders(batch.total)}</a></h2><p>${BATCH_WORDS[batch.status]} · by ${said(batch.caller)} ${time(batch.createdAt)}</p></div>${bar(batch)}</article>`)}${caller.scopes.includes('cancel') && reachable(context.gateway, caller).length > 0 ? upload(reachable(context.gateway, caller)) : ''}`,
    })
  })

  app.post(
    '/batches/check',
    bodyLimit({
      maxSize: MAX_FILE_BYTES,
      onError: () => refuse('too-large', 'The file may be at most 8 MiB.'),
    }),
    async (c) => {
      const caller = mustCancel(c)
      const { file } = await formOf(c)
      if (!(file instanceof File) || file.size === 0)
        return refuse('invalid-request', 'Choose a CSV file that is not empty.')
      const drafted = readCsv(await file.arrayBuffer())
      if (drafted.length > MAX_ITEMS)
        refuse(
          'too-large',
          `A batch may have at most ${count(MAX_ITEMS)} rows; the file has ` +
            `${count(drafted.length)}.`,
        )
      const { rows, mistakes } = takeItems(
        drafted,
        {},
        (id) => resolveStore(context.gateway, caller, id).id,
      )
      const items = rows.map(({ request }) => request)
      if (mistakes.length === 0 && items.length === 0)
        refuse('invalid-request', 'The file names columns and no order.')
      const now = Date.now()
      for (const [id, { at }] of drafts) if (now - at > DRAFT_LIFE_MS) drafts.delete(id)
      const id = crypto.randomUUID()
      if (mistakes.length === 0) drafts.set(id, { by: caller.name, items, at: now })
      while (drafts.size > DRAFTS) drafts.delete(drafts.keys().next().value ?? '')
      return show(
        c,
        context,
        { title: 'New batch', place: 'batches', body: checkBody(id, items, mistakes) },
        mistakes.length > 0 ? 422 : 200,
      )
    },
  )

  app.post('/batches/start', async (c) => {
    const caller = mustCancel(c)
    const { draft: id, number } = await formOf(c)
    const draft = typeof id === 'string' ? drafts.get(id) : undefined
    if (!draft || draft.by !== caller.name)
      return refuse(
        'invalid-request',
        'The checked file is no longer here. Choose it again; nothing was sent.',
      )
    if (draft.items.length > MANY && number !== String(draft.items.length)) {
      return show(
        c,
        context,
        {
          title: 'New batch',
          place: 'batches',
          body: checkBody(
            id as string,
            draft.items,
            [],
            'This is not the number of orders in the file.',
          ),
        },
        400,
      )
    }
    if (draft.items.some(({ store }) => !mayUse(caller, store)))
      refuse('store-not-found', 'The file names a store that this key does not reach.')
    // The draft stays until it is too old: a second press finds the same batch by its key.
    const { batch } = await batches.create(draft.items, caller.name, `console-${id as string}`)
    return c.redirect(address(batch), 303)
  })

  app.get('/batches/:id', async (c) => {
    const mark = ({ status, counts, finishedAt }: BatchView) =>
      `${status}${Object.values(counts).join('.')}.${finishedAt ?? ''}`
    const batch = await held(c, context, () => seen(c), mark, sleep(LOOK_MS))
    if (batch === null) return c.body(null, 204)
    const query = z
      .object({
        status: z.enum(STATUSES).optional(),
        after: z.coerce.number().int().min(0).optional(),
      })
      .safeParse(c.req.query())
    if (!query.success) return refuse('invalid-request', 'There is no such page of items.')
    const { status, after } = query.data
    const items = await batches.items(batch.id, {
      ...(status && { status }),
      ...(after !== undefined && { after }),
      limit: PAGE + 1,
    })
    const page = items.slice(0, PAGE)
    const to = (next: Record<string, string>) =>
      `${address(batch)}?${new URLSearchParams(next).toString()}`
    const running = batch.finishedAt === null
    return show(c, context, {
      title: `Batch of ${orders(batch.total)}`,
      place: 'batches',
      mark: running ? mark(batch) : null,
      say:
        `${BATCH_WORDS[batch.status]}. ` +
        `${batch.status === 'running' && restOf(batch) > 0 ? '' : progress(batch, Date.now())}`,
      body: html`<div class="head"><div><h1>Batch of ${orders(batch.total)}</h1><p><code>${batch.id}</code> · by ${said(batch.caller)} ${time(batch.createdAt)}</p></div><strong>${BATCH_WORDS[batch.status]}</strong></div>
<section class="card"><p class="lead">${progress(batch, Date.now())}</p>${bar(batch)}${running ? html`<p class="hint">This page follows by itself; without scripts, <a href="${address(batch)}">refresh</a> it.</p>` : ''}</section>${acts(batch, c.get('caller'))}
<p class="chips"><a href="${address(batch)}"${status ? '' : html` aria-current="true"`}>All</a>${STATUSES.map((one) => html`<a href="${to({ status: one })}"${status === one ? html` aria-current="true"` : ''}>${STATUS_WORDS[one]} ${count(batch.counts[one])}</a>`)}<a href="${address(batch)}/items.csv" download>CSV</a></p>
${page.length === 0 ? empty('None of these.', html``) : html`<table class="rows"><caption class="out">Items</caption><thead><tr><th scope="col">Row</th><th scope="col">Status</th><th scope="col">Order</th><th scope="col">Why</th><th scope="col">Reference</th></tr></thead><tbody>${page.map(itemRow)}</tbody></table>`}
${items.length > PAGE ? html`<p class="more"><span></span><a rel="next" href="${to({ ...(status && { status }), after: String(page.at(-1)?.row) })}">Next ${PAGE}</a></p>` : ''}`,
    })
  })

  app.get('/batches/:id/items.csv', async (c) => {
    const { id } = await seen(c)
    const table = toCsv((after) => batches.items(id, { limit: CSV_PAGE, after }))
    return c.body(table, 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${id}.csv"`,
    })
  })

  for (const act of ['pause', 'resume', 'stop'] as const) {
    app.post(`/batches/:id/${act}`, async (c) => {
      mustCancel(c)
      const batch = await seen(c)
      // What came to its end in between is shown as it is.
      await batches[act](batch.id).catch((error: unknown) => {
        if (!(error instanceof ProblemError) || error.problem.code !== 'cancellation-conflict')
          throw error
      })
      return c.redirect(address(batch), 303)
    })
  }
}
