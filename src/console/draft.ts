/** A new batch: a file that is checked, looked through store by store, and started only then. */
import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Store } from '../connection/store.ts'
import { MAX_ITEMS } from '../gateway/batches/service.ts'
import type { CallerService } from '../gateway/service.ts'
import type { Env } from '../http/auth.ts'
import { readCsv, takeItems } from '../input/items.ts'
import { firstOfEach, LOOKING_MS, lookThrough } from '../input/looking.ts'
import { LedgerUnavailable } from '../ledger/port.ts'
import { type Look, lookedAt, notSeen } from '../messages/outlook.ts'
import { problem, ProblemError, refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import { sleep } from '../model/time.ts'
import { type Checked, checkedBody, mistakesBody, saidOf } from './check.ts'
import { field, type Html, html } from './elements.ts'
import { type Call, type ConsoleContext, formOf, held, show } from './layout.ts'
import { address, count, orders } from './progress.ts'

const MAX_FILE_BYTES = 8 * 1024 * 1024
/** Above so many orders a person types the number first. */
const MANY = 100

/** Checked files that wait for a yes; few, and not for long. */
const DRAFTS = 4
const DRAFT_LIFE_MS = 600_000
/** How often a page that is followed is compared, and how long the first waits for a short file. */
const LOOK_MS = 500
const FIRST_MS = 1_500
/** The longest name of a file that is shown. */
const NAME_LENGTH = 128

/** What is seen of the stores' orders, so far. */
interface Looking {
  readonly looks: Map<CancelRequest, Look>
  isDone: boolean
  /** What ended it before its time; null: nothing. */
  failure: unknown
  /** Resolves once it is over. */
  ended: Promise<void>
  stop(): void
}

interface Draft extends Omit<Checked, 'looks' | 'isLooked'> {
  readonly by: string
  readonly at: number
  readonly looking: Looking
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
    <div class="drop" data-drop>
      ${field(
        'file',
        'A CSV file',
        html`
          <input id="file" name="file" type="file" accept=".csv,.txt,.tsv,text/csv" required>
        `,
        {
          hint:
            'As a spreadsheet saves it. Its header row names the fields: store, orderId, reason, ' +
            `notify, restock, refund, reference and so on; at most ${count(MAX_ITEMS)} rows.`,
        },
      )}
      <p class="hint is-scripted">Or drop it here.</p>
    </div>
    <details id="example">
      <summary>An example</summary>
      <pre tabindex="0">${stores.slice(0, 1).map(exampleOf)}</pre>
    </details>
    <button class="button is-first">Check the file</button> <span class="hint">
      Nothing is sent yet.
    </span>
  </form>
`

export const numberField = ({ length }: readonly CancelRequest[], error: string): Html =>
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

/** Whether a person types the number of these first. */
export const isMany = ({ length }: readonly CancelRequest[]): boolean => length > MANY

const startForm = ({ id, items }: Draft, error: string): Html =>
  html`
    <form method="post" action="/console/batches/start">
      <input type="hidden" name="draft" value="${id}">
      ${isMany(items) ? numberField(items, error) : ''}
      <div class="acts">
        <button class="button is-grave">Cancel ${orders(items.length)}</button>
        <a class="button" href="/console/batches">Keep the orders</a>
      </div>
    </form>
  `

/** A text in which a wrong encoding would show; null: every letter is the same in all of them. */
const telling = (items: readonly CancelRequest[]): string | null => {
  for (const { reason, message, reference, orderId } of items)
    for (const text of [reason, message, reference, orderId])
      if (text && /[\u0080-\uffff]/.test(text)) return text.slice(0, 80)
  return null
}

/** The items of the file that was sent, or what is wrong with them. */
export const readFile = async (c: Call) => {
  const { file } = await formOf(c)
  if (!(file instanceof File) || file.size === 0)
    return refuse('invalid-request', 'Choose a CSV file that is not empty.')
  const { drafts, isGuessed } = readCsv(await file.arrayBuffer(), true)
  if (drafts.length > MAX_ITEMS)
    refuse(
      'too-large',
      `A batch may have at most ${count(MAX_ITEMS)} rows; the file has ` +
        `${count(drafts.length)}.`,
    )
  const { rows, mistakes, warnings } = takeItems(drafts, {}, (id) => c.get('service').store(id).id)
  const items = rows.map(({ request }) => request)
  if (mistakes.length === 0 && items.length === 0)
    refuse('invalid-request', 'The file names columns and no order.')
  const guessed = isGuessed ? telling(items) : null
  return { name: file.name.slice(0, NAME_LENGTH), items, mistakes, warnings, guessed }
}

const lookAt = async (service: CallerService, request: CancelRequest): Promise<Look> => {
  try {
    const found = await service.preview(request, false)
    return lookedAt(
      request,
      found,
      found.linked?.map(({ found: one }) => ({
        cancelable: one?.cancelable ?? false,
        alreadyCanceled: one?.alreadyCanceled ?? false,
      })),
    )
  } catch (error) {
    if (error instanceof ProblemError) return notSeen(request, error.problem)
    if (error instanceof LedgerUnavailable)
      return notSeen(request, problem('ledger-unavailable', 'The ledger cannot be reached.'))
    throw error
  }
}

/** Begins to look through the orders; who waits for it is told by `ended`. */
export const lookAll = (
  service: CallerService,
  items: readonly CancelRequest[],
  closing: AbortSignal,
  ms = LOOKING_MS,
): Looking => {
  const end = new AbortController()
  const looking: Looking = {
    looks: new Map(),
    isDone: false,
    failure: null,
    ended: Promise.resolve(),
    stop: () => end.abort(),
  }
  looking.ended = lookThrough(
    firstOfEach(items),
    (request) => lookAt(service, request),
    (request, look) => void looking.looks.set(request, look ?? notSeen(request, null)),
    AbortSignal.any([closing, end.signal]),
    ms,
  )
    // The page tells of it.
    .catch((error: unknown) => {
      looking.failure = error
    })
    .finally(() => {
      looking.isDone = true
    })
  return looking
}

type Drafts = Map<string, Draft>

const drop = (drafts: Drafts, id: string): void => {
  drafts.get(id)?.looking.stop()
  drafts.delete(id)
}

/** Keeps a checked file until it is too old, or too many came after it. */
const keep = (drafts: Drafts, draft: Draft): void => {
  for (const [id, { at }] of drafts) if (draft.at - at > DRAFT_LIFE_MS) drop(drafts, id)
  drafts.set(draft.id, draft)
  while (drafts.size > DRAFTS) drop(drafts, drafts.keys().next().value ?? '')
}

const draftOf = (c: Call, drafts: Drafts, id: unknown): Draft => {
  const draft = typeof id === 'string' ? drafts.get(id) : undefined
  return draft && draft.by === c.get('caller').name
    ? draft
    : refuse(
        'invalid-request',
        'The checked file is no longer here. Choose it again; nothing was sent.',
      )
}

const check = async (c: Call, context: ConsoleContext, drafts: Drafts): Promise<Response> => {
  const service = c.get('service')
  service.must('cancel')
  const { mistakes, ...file } = await readFile(c)
  if (mistakes.length > 0)
    return show(
      c,
      context,
      { title: 'New batch', place: 'batches', body: mistakesBody(file.name, mistakes) },
      422,
    )
  const { name: by } = c.get('caller')
  const looking = lookAll(service, file.items, context.closing)
  const id = crypto.randomUUID()
  keep(drafts, { ...file, id, by, at: Date.now(), looking })
  return c.redirect(`/console/batches/check/${id}`, 303)
}

const checkedOf = (draft: Draft): Checked => {
  if (draft.looking.failure) throw draft.looking.failure
  return {
    ...draft,
    looks: draft.looking.looks,
    isLooked: draft.looking.isDone,
  }
}

const viewOf = (draft: Draft, error = '') => ({
  title: 'New batch',
  place: 'batches' as const,
  say: saidOf(checkedOf(draft)),
  body: checkedBody(checkedOf(draft), startForm(draft, error)),
})

const markOf = ({ looking }: Draft): string => `${looking.looks.size}.${String(looking.isDone)}`

/** The file and what it would come to, as far as that is known; a short one is waited for. */
const checked = async (c: Call, context: ConsoleContext, drafts: Drafts): Promise<Response> => {
  const load = async () => draftOf(c, drafts, c.req.param('id'))
  const { looking } = await load()
  if (c.req.header('rescind-live') === undefined && !looking.isDone)
    await Promise.race([looking.ended, sleep(FIRST_MS)(c.req.raw.signal)])
  const draft = await held(c, context, load, markOf, sleep(LOOK_MS))
  if (draft === null) return c.body(null, 204)
  return show(c, context, {
    ...viewOf(draft),
    mark: draft.looking.isDone ? null : markOf(draft),
  })
}

const start = async (c: Call, context: ConsoleContext, drafts: Drafts): Promise<Response> => {
  const service = c.get('service')
  service.must('cancel')
  const { draft: id, number } = await formOf(c)
  const draft = draftOf(c, drafts, id)
  if (isMany(draft.items) && number !== String(draft.items.length))
    return show(c, context, viewOf(draft, 'This is not the number of orders in the file.'), 400)
  if (draft.items.some(({ store }) => !service.reaches(store)))
    refuse('store-not-found', 'The file names a store that this key does not reach.')
  draft.looking.stop()
  // The draft stays until it is too old: a second press finds the same batch by its key.
  const { batch } = await c.get('batches').create(draft.items, `console-${draft.id}`)
  return c.redirect(address(batch), 303)
}

export const fileLimit = () =>
  bodyLimit({
    maxSize: MAX_FILE_BYTES,
    onError: () => refuse('too-large', 'The file may be at most 8 MiB.'),
  })

export const addDrafts = (app: Hono<Env>, context: ConsoleContext): void => {
  const drafts: Drafts = new Map()
  app.post('/batches/check', fileLimit(), (c) => check(c, context, drafts))
  app.get('/batches/check/:id', (c) => checked(c, context, drafts))
  app.post('/batches/start', (c) => start(c, context, drafts))
}
