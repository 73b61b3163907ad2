/**
 * A new batch where the next request may come to another process: a file is checked and looked
 * through in one request, and goes along with its page until the button is pressed.
 */
import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { MAX_ITEMS } from '../gateway/batches/service.ts'
import type { Env } from '../http/auth.ts'
import { draftsOf, takeItems } from '../input/items.ts'
import { JsonError, parseJson } from '../input/json.ts'
import { refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import { checkedBody, mistakesBody, saidOf } from './check.ts'
import { fileLimit, isMany, lookAll, numberField, readFile } from './draft.ts'
import { type Html, html, kept } from './elements.ts'
import { type Call, type ConsoleContext, formOf, show } from './layout.ts'
import { address, orders } from './progress.ts'

/** What is pressed there carries the file once more, as JSON, which may be longer. */
export const CARRIED_START = '/console/batches/start'
const MAX_START_BYTES = 24 * 1024 * 1024

/** For so long a person waits for the page; what was not looked at by then is said to be so. */
const LOOKING_MS = 10_000

const startForm = (id: string, items: readonly CancelRequest[]): Html => html`
  <form method="post" action="${CARRIED_START}" enctype="multipart/form-data">
    <input type="hidden" name="draft" value="${id}">
    <input type="hidden" name="items" value="${kept(JSON.stringify(items))}">
    ${isMany(items) ? numberField(items, '') : ''}
    <div class="acts">
      <button class="button is-grave">Cancel ${orders(items.length)}</button>
      <a class="button" href="/console/batches">Keep the orders</a>
    </div>
  </form>
`

const check = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const service = c.get('service')
  service.must('cancel')
  const { mistakes, ...file } = await readFile(c)
  const page = { title: 'New batch', place: 'batches' } as const
  if (mistakes.length > 0)
    return show(c, context, { ...page, body: mistakesBody(file.name, mistakes) }, 422)
  const looking = lookAll(service, file.items, context.closing, LOOKING_MS)
  await looking.ended
  if (looking.failure) throw looking.failure
  const id = crypto.randomUUID()
  const checked = { ...file, id, looks: looking.looks, isLooked: true }
  return show(c, context, {
    ...page,
    say: saidOf(checked),
    body: checkedBody(checked, startForm(id, file.items)),
  })
}

const UNREADABLE = 'The checked file cannot be read any more. Choose it again; nothing was sent.'

/** What the page had with it: read as strictly as what any caller sends. */
const itemsOf = (c: Call, text: unknown): CancelRequest[] => {
  let value: unknown
  try {
    value = parseJson(new TextEncoder().encode(typeof text === 'string' ? text : ''))
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ITEMS)
    return refuse('invalid-request', UNREADABLE)
  const { rows, mistakes } = takeItems(draftsOf(value), {}, (id) => c.get('service').store(id).id)
  return mistakes.length === 0
    ? rows.map(({ request }) => request)
    : refuse('invalid-request', UNREADABLE, { errors: [...mistakes] })
}

const start = async (c: Call): Promise<Response> => {
  c.get('service').must('cancel')
  const { draft, items: text, number } = await formOf(c)
  const items = itemsOf(c, text)
  if (isMany(items) && number !== String(items.length))
    refuse(
      'invalid-request',
      'The number that was typed is not the number of orders in the file. Go back and type it; ' +
        'nothing was sent.',
    )
  if (typeof draft !== 'string' || !/^[\da-f-]{36}$/.test(draft))
    refuse('invalid-request', UNREADABLE)
  // A second press finds the same batch by its key.
  const { batch } = await c.get('batches').create(items, `console-${String(draft)}`)
  return c.redirect(address(batch), 303)
}

export const addCarried = (app: Hono<Env>, context: ConsoleContext): void => {
  const limit = bodyLimit({
    maxSize: MAX_START_BYTES,
    onError: () => refuse('too-large', 'The checked file is too long to be sent again.'),
  })
  app.post('/batches/check', fileLimit(), (c) => check(c, context))
  app.post('/batches/start', limit, start)
}
