/** A new batch: a file that is checked, shown by store, and started only then. */
import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Store } from '../connection/store.ts'
import { MAX_ITEMS } from '../gateway/batches/service.ts'
import type { Env } from '../http/auth.ts'
import { type Mistake, readCsv, takeItems } from '../input/items.ts'
import { refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import { field, type Html, html, icon, said } from './elements.ts'
import { type Call, type ConsoleContext, formOf, show } from './layout.ts'
import { address, count, orders } from './progress.ts'

const MAX_FILE_BYTES = 8 * 1024 * 1024
/** Above so many orders a person types the number first. */
const MANY = 100

/** Checked files that wait for a yes; few, and not for long. */
const DRAFTS = 4
const DRAFT_LIFE_MS = 600_000
interface Draft {
  readonly by: string
  readonly items: readonly CancelRequest[]
  readonly at: number
}

const exampleOf = ({ id, examples }: Store): string =>
  [
    'store,orderId,reason,notify,restock,refund,reference',
    `${id},${examples[0]?.id ?? 'order_01'},"Out of stock, sorry",true,true,,SO-4711`,
    `${id},${examples[1]?.id ?? 'order_02'},Ordered twice,,false,false,SO-4712`,
  ].join('\n')

export const upload = (stores: readonly Store[]): Html => html`
  <form class="card" method="post" action="/console/batches/check" enctype="multipart/form-data">
    <h2>New batch</h2>
    ${field(
      'file',
      'A CSV file',
      html`<input id="file" name="file" type="file" accept=".csv,text/csv" required>`,
      {
        hint:
          'Its header row names the fields: store, orderId, reason, notify, restock, refund, ' +
          `reference and so on; at most ${count(MAX_ITEMS)} rows.`,
      },
    )}
    <details id="example">
      <summary>An example</summary>
      <pre tabindex="0">${stores.slice(0, 1).map(exampleOf)}</pre>
    </details>
    <button class="button is-first">Check the file</button> <span class="hint">
      Nothing is sent yet.
    </span>
  </form>
`

const mistakesCard = (errors: readonly Mistake[]): Html =>
  html`
    <section class="card is-alarm">
      <h2>
        ${icon('alert')} ${
          errors.length === 1
            ? '1 mistake in the file'
            : `${count(errors.length)} mistakes in the file`
        }
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Column</th>
            <th scope="col">What is wrong</th>
          </tr>
        </thead>
        <tbody>
          ${errors.slice(0, 50).map(
            ({ row, column, detail }) => html`
              <tr><td>${row ?? '–'}</td><td>${said(column ?? '–')}</td><td>${said(detail)}</td></tr>
            `,
          )}
        </tbody>
      </table>
      ${errors.length > 50 ? html`<p class="hint">And ${count(errors.length - 50)} more.</p>` : ''}
      <p>Mend the file and choose it again. Nothing was taken.</p>
    </section>
  `

const numberField = ({ length }: readonly CancelRequest[], error: string): Html =>
  field(
    'number',
    `Type ${length} to start`,
    html`
      <input
        id="number"
        name="number"
        inputmode="numeric"
        required
        autocomplete="off"
        pattern="${length}"${
          error ? html` aria-invalid="true" aria-describedby="number-error"` : ''
        }>
    `,
    { error },
  )

const startForm = (id: string, items: readonly CancelRequest[], error: string): Html =>
  html`
    <form class="card" method="post" action="/console/batches/start">
      <h2>By store</h2>
      <table class="lines">
        <tbody>
          ${[...Map.groupBy(items, ({ store }) => store)].map(
            ([store, of]) => html`
              <tr>
                <th scope="row">${said(store)}</th>
                <td class="money">${orders(of.length)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
      <input type="hidden" name="draft" value="${id}">
      ${items.length > MANY ? numberField(items, error) : ''}
      <div class="acts">
        <button class="button is-grave">Cancel ${orders(items.length)}</button>
        <a class="button" href="/console/batches">Keep the orders</a>
      </div>
    </form>
  `

const checkBody = (
  id: string,
  items: readonly CancelRequest[],
  errors: readonly Mistake[],
  error = '',
): Html => html`
  <div class="head">
    <h1>${errors.length > 0 ? 'This file cannot be taken' : `Cancel ${orders(items.length)}?`}</h1>
  </div>
  ${errors.length > 0 ? mistakesCard(errors) : startForm(id, items, error)}
  <p><a href="/console/batches">Choose another file</a></p>
`

/** The items of the file that was sent, or what is wrong with them. */
const readFile = async (c: Call) => {
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
  const { rows, mistakes } = takeItems(drafted, {}, (id) => c.get('service').store(id).id)
  const items = rows.map(({ request }) => request)
  if (mistakes.length === 0 && items.length === 0)
    refuse('invalid-request', 'The file names columns and no order.')
  return { items, mistakes }
}

type Drafts = Map<string, Draft>

/** Keeps a checked file until it is too old, or too many came after it. */
const keep = (drafts: Drafts, id: string, draft: Draft): void => {
  drafts.set(id, draft)
  while (drafts.size > DRAFTS) drafts.delete(drafts.keys().next().value ?? '')
}

const check = async (c: Call, context: ConsoleContext, drafts: Drafts): Promise<Response> => {
  c.get('service').must('cancel')
  const { items, mistakes } = await readFile(c)
  const now = Date.now()
  for (const [id, { at }] of drafts) if (now - at > DRAFT_LIFE_MS) drafts.delete(id)
  const id = crypto.randomUUID()
  if (mistakes.length === 0) keep(drafts, id, { by: c.get('caller').name, items, at: now })
  return show(
    c,
    context,
    { title: 'New batch', place: 'batches', body: checkBody(id, items, mistakes) },
    mistakes.length > 0 ? 422 : 200,
  )
}

const start = async (c: Call, context: ConsoleContext, drafts: Drafts): Promise<Response> => {
  const service = c.get('service')
  service.must('cancel')
  const { draft: id, number } = await formOf(c)
  const draft = typeof id === 'string' ? drafts.get(id) : undefined
  if (!draft || draft.by !== c.get('caller').name)
    return refuse(
      'invalid-request',
      'The checked file is no longer here. Choose it again; nothing was sent.',
    )
  if (draft.items.length > MANY && number !== String(draft.items.length)) {
    const error = 'This is not the number of orders in the file.'
    const body = checkBody(id as string, draft.items, [], error)
    return show(c, context, { title: 'New batch', place: 'batches', body }, 400)
  }
  if (draft.items.some(({ store }) => !service.reaches(store)))
    refuse('store-not-found', 'The file names a store that this key does not reach.')
  // The draft stays until it is too old: a second press finds the same batch by its key.
  const { batch } = await c.get('batches').create(draft.items, `console-${id as string}`)
  return c.redirect(address(batch), 303)
}

export const addDrafts = (app: Hono<Env>, context: ConsoleContext): void => {
  const drafts: Drafts = new Map()
  const limit = bodyLimit({
    maxSize: MAX_FILE_BYTES,
    onError: () => refuse('too-large', 'The file may be at most 8 MiB.'),
  })
  app.post('/batches/check', limit, (c) => check(c, context, drafts))
  app.post('/batches/start', (c) => start(c, context, drafts))
}
