/**
 * A new cancellation: find the order, say what is wished, see what would happen, and only then do
 * it, once.
 */
import type { Hono } from 'hono'
import type { Store } from '../connection/store.ts'
import type { Preview } from '../gateway/read.ts'
import type { CallerService } from '../gateway/service.ts'
import type { Env } from '../http/auth.ts'
import type { Order } from '../model/order.ts'
import { ProblemError, refuse } from '../model/problem.ts'
import { CancelRequest, isOrderId, REASON_CODES, REASON_LABELS } from '../model/request.ts'
import { advice } from '../messages/advice.ts'
import { consequences, summary } from '../messages/sentence.ts'
import { CAN_WORDS } from '../messages/words.ts'
import {
  type Call,
  empty,
  field,
  formOf,
  type ConsoleContext,
  html,
  type Html,
  icon,
  kept,
  link,
  moneyText,
  said,
  show,
} from './layout.ts'
import { comparison, orderCard, toDo } from './story.ts'

type Form = Readonly<Record<string, string>>

/** How many stores are searched at once when none is named. */
const SEARCHED = 12
/** How long the button's answer waits for the end of a quick one. */
const PATIENCE_MS = 2_000

const readForm = async (c: Call): Promise<Form> => {
  const body = await formOf(c)
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value.replaceAll('\r\n', '\n')]] : [],
    ),
  )
}

const WISHES: Readonly<Record<string, boolean>> = { yes: true, no: false }

/** The request of a form, or what is wrong with each field. */
const toRequest = (form: Form) =>
  CancelRequest.safeParse({
    store: form['store'],
    orderId: form['orderId'],
    reason: form['reason']?.trim() || null,
    reasonCode: form['reasonCode'] || null,
    notify: WISHES[form['notify'] ?? ''] ?? null,
    message: form['message']?.trim() || null,
    restock: WISHES[form['restock'] ?? ''] ?? null,
    strict: form['strict'] === 'on',
    reference: form['reference']?.trim() || null,
    target: form['target'] || 'order',
  })

const FIELDS = [
  'store',
  'orderId',
  'reason',
  'reasonCode',
  'notify',
  'message',
  'restock',
  'strict',
  'reference',
  'target',
] as const
const hidden = (form: Form): Html =>
  html`${FIELDS.filter((name) => form[name]).map((name) => html`<input type="hidden" name="${name}" value="${kept(form[name] ?? '')}">`)}`

const storeChoice = (stores: readonly Store[], chosen: string | undefined): Html =>
  html`<div><label for="store">Store</label><select id="store" name="store"><option value="">All stores</option>${stores.map(({ id }) => html`<option${id === chosen ? html` selected` : ''}>${id}</option>`)}</select></div>`

const address = (store: string, order: string): string =>
  `/console/new?${new URLSearchParams({ store, order }).toString()}`

const examplesOf = (stores: readonly Store[]): Html =>
  stores.every(({ examples }) => examples.length === 0)
    ? html``
    : html`<section class="card folds"><h2>Orders to try</h2>${stores.map(({ id, examples }, index) => html`<details id="try-${id}"${index === 0 ? html` open` : ''}><summary>${id}</summary><ul class="orders">${examples.map((example) => html`<li><a href="${address(id, example.id)}">${example.id}</a><span>${example.says}</span></li>`)}</ul></details>`)}</section>`

/** `silent`: which stores could not be asked, and why. */
interface Found {
  readonly found: readonly { readonly store: Store; readonly order: Order }[]
  readonly silent: readonly string[]
}
interface Searched {
  readonly all: readonly Store[]
  readonly stores: readonly Store[]
  readonly named: string | undefined
  readonly text: string
  /** Null: nothing was looked for yet. */
  readonly result: Found | null
}

/**
 * By id and by number; what a store cannot search, or does not answer, is said and not taken for
 * nothing.
 */
const search = async (
  service: CallerService,
  stores: readonly Store[],
  text: string,
): Promise<Found> => {
  const silent: string[] = []
  const quietly = async <T>(store: Store, read: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      if (error.problem.code !== 'order-not-found' && error.problem.code !== 'unsupported')
        silent.push(`${store.id}: ${error.problem.title}`)
      return otherwise
    }
  }
  const found = await Promise.all(
    stores.map(async (store) => {
      const [byId, byNumber] = await Promise.all([
        isOrderId(text)
          ? quietly(store, async () => [(await service.readOrder(store.id, text)).order], [])
          : [],
        store.adapter.find ? quietly(store, () => service.findOrders(store.id, text), []) : [],
      ])
      return [
        ...new Map([...byId, ...byNumber].map((order) => [order.id, { store, order }])).values(),
      ]
    }),
  )
  return { found: found.flat(), silent: [...new Set(silent)] }
}

const foundTable = (found: Found['found']): Html =>
  html`<table class="rows"><caption class="out">Orders found</caption><thead><tr><th scope="col">Order</th><th scope="col">Store</th><th scope="col">State</th><th scope="col">Payment</th><th scope="col" class="money">Total</th></tr></thead><tbody>${found.map(({ store, order }) => html`<tr><td><a class="order" href="${address(store.id, order.id)}" data-row>${said(order.number ?? order.id)}</a></td><td>${store.id}</td><td>${order.status}</td><td>${order.paymentStatus.replaceAll('_', ' ')}</td><td class="money">${moneyText(order.totals.total)}</td></tr>`)}</tbody></table>`

const wish = (name: 'notify' | 'restock', question: string, store: Store, form: Form): Html => {
  const { can, note } = store.capabilities[name]
  return html`<fieldset><legend>${question}</legend><div class="choice">${[
    ['', 'No wish'],
    ['yes', 'Yes'],
    ['no', 'No'],
  ].map(
    ([value, word]) =>
      html`<label><input type="radio" name="${name}" value="${value}"${(form[name] ?? '') === value ? html` checked` : ''}>${word}</label>`,
  )}</div><p class="hint">${store.adapter.name}: ${CAN_WORDS[can]}.${note ? ` ${note}` : ''}</p></fieldset>`
}

const wishForm = (
  store: Store,
  form: Form,
  errors: Readonly<Record<string, string>> = {},
): Html => {
  const wrong = (name: string) =>
    errors[name] ? html` aria-invalid="true" aria-describedby="${name}-error"` : ''
  const about = (name: 'reason' | 'message') =>
    `${store.adapter.name}: ${CAN_WORDS[store.capabilities[name].can]}. ` +
    `${store.capabilities[name].note ?? ''}`
  return html`<form class="card" method="post" action="/console/new/preview"><h2>What do you wish?</h2><input type="hidden" name="store" value="${store.id}"><input type="hidden" name="orderId" value="${kept(form['orderId'] ?? '')}">
${errors['orderId'] ? html`<p class="error">${icon('alert')}${errors['orderId']}</p>` : ''}${store.adapter.transfer ? html`<fieldset><legend>Cancel</legend><div class="choice"><label><input type="radio" name="target" value="order"${form['target'] === 'transfer' ? '' : html` checked`}>the order</label><label><input type="radio" name="target" value="transfer"${form['target'] === 'transfer' ? html` checked` : ''}>a pending request to transfer it</label></div></fieldset>` : html`<input type="hidden" name="target" value="order">`}
${field('reason', 'Reason, for the record', html`<input id="reason" name="reason" maxlength="500" value="${kept(form['reason'] ?? '')}"${wrong('reason')}>`, { hint: about('reason'), error: errors['reason'] ?? '' })}
${field('reasonCode', 'Kind of reason', html`<select id="reasonCode" name="reasonCode"><option value="">None</option>${REASON_CODES.map((code) => html`<option value="${code}"${form['reasonCode'] === code ? html` selected` : ''}>${REASON_LABELS[code]}</option>`)}</select>`)}
${wish('notify', 'Mail the buyer?', store, form)}${store.capabilities.message.can === 'never' && !form['message'] ? '' : field('message', 'Say in that mail', html`<textarea id="message" name="message" maxlength="1000" rows="2"${wrong('message')}>${kept(form['message'] ?? '')}</textarea>`, { hint: about('message'), error: errors['message'] ?? '' })}
${wish('restock', 'Put the goods back?', store, form)}
${field('reference', 'Your reference', html`<input id="reference" name="reference" maxlength="128" value="${kept(form['reference'] ?? '')}"${wrong('reference')}>`, { error: errors['reference'] ?? '' })}
<fieldset class="options"><legend>If something cannot be relied on</legend><label><input type="checkbox" name="strict"${form['strict'] === 'on' ? html` checked` : ''}><span>Rather do not cancel at all <small>Strict: refused before anything is sent.</small></span></label></fieldset>
<button class="button is-first">Preview</button> <span class="hint">Nothing is sent yet.</span></form>`
}

const previewBody = (found: Preview, request: CancelRequest, form: Form): Html => {
  const { order, effects, cancelable, alreadyCanceled, problem } = found
  const number = said(order.number ?? order.id)
  const told = {
    status: alreadyCanceled ? 'succeeded' : 'rejected',
    alreadyCanceled,
    effects,
    problem,
    order,
    target: request.target,
    attempts: [],
  } as const
  const what =
    request.target === 'transfer'
      ? html`Cancel the transfer of order ${number}`
      : html`Cancel order ${number}`
  const comes = consequences(effects, order).join(', ')
  const lead = cancelable
    ? 'Nothing was sent yet. This is what canceling would do.'
    : alreadyCanceled
      ? 'The order is canceled already; there is nothing to send.'
      : `As it is, it cannot be canceled. ${summary(told)} Nothing was sent.`
  const yes = html`<form method="post" action="/console/new/cancel">${hidden(form)}<input type="hidden" name="key" value="console-${crypto.randomUUID()}"><button class="button is-grave" id="cancel"><span>${what}${comes ? html`: ${said(comes)}` : ''}</span></button></form>`
  const change = html`<form method="post" action="/console/new/preview">${hidden(form)}<button class="button" name="change" value="1">Change the wishes</button></form>`
  return html`<div class="head"><div><h1>${cancelable ? html`${what}?` : html`Order ${number}`}</h1><p>${request.store} · <code>${said(order.id)}</code></p></div></div>
<section class="card"><p class="lead">${said(lead)}</p>${cancelable ? comparison(effects, request, true) : ''}<div class="acts">${cancelable ? yes : ''}<a class="button" href="/console/new">${cancelable ? 'Keep order' : 'Another order'}</a>${alreadyCanceled ? '' : change}</div></section>
${cancelable ? '' : toDo(advice(told))}${orderCard(order, 'The order now')}`
}

/** The order of an address, and what can be wished of its store. */
const orderPage = async (
  c: Call,
  context: ConsoleContext,
  store: Store,
  id: string,
): Promise<Response> => {
  if (!isOrderId(id)) refuse('invalid-request', 'This cannot be an order id.')
  const { order } = await c.get('service').readOrder(store.id, id)
  return show(c, context, {
    title: `Order ${order.number ?? id}`,
    place: 'new',
    body: html`<div class="head"><div><h1>Order ${said(order.number ?? id)}</h1><p>${store.id} · <code>${said(id)}</code></p></div></div>${orderCard(order, 'The order now')}${wishForm(store, { orderId: id })}`,
  })
}

const searchBody = ({ all, stores, named, text, result }: Searched): Html =>
  html`<div class="head"><div><h1>New cancellation</h1><p>First the order. Nothing is sent before you have seen what would happen.</p></div></div>
<form class="filters" action="/console/new">${storeChoice(all, named)}<div><label for="order-find">Order number or id</label><input id="order-find" name="find" value="${kept(text)}" required maxlength="128"></div><button class="button is-first">Find</button></form>
${!named && all.length > SEARCHED ? html`<p class="hint">Without a store the first ${SEARCHED} are searched.</p>` : ''}
${result?.silent.map((why) => html`<p class="error">${icon('alert')}<span>Could not look: ${said(why)}</span></p>`) ?? ''}
${result && result.found.length > 0 ? foundTable(result.found) : result ? empty(result.silent.length > 0 ? 'Not every store could be asked.' : 'No such order.', html`<p>Looked for “${said(text)}” in ${stores.length === 1 ? stores[0]?.id : `${stores.length} stores`}. ${result.silent.length > 0 ? 'Try again once they answer.' : 'The platform’s own id always finds it.'}</p>`) : examplesOf(all)}`

const searchPage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const service = c.get('service')
  const { store: named, order: id, find = '' } = c.req.query()
  if (named && id) return orderPage(c, context, service.store(named), id)
  const all = service.stores()
  const text = find.trim().slice(0, 128)
  const stores = named ? [service.store(named)] : all.slice(0, SEARCHED)
  const result = text ? await search(service, stores, text) : null
  const [only, ...others] = result?.found ?? []
  if (only && others.length === 0 && result?.silent.length === 0)
    return c.redirect(address(only.store.id, only.order.id), 303)
  return show(c, context, {
    title: 'New cancellation',
    place: 'new',
    body: searchBody({ all, stores, named, text, result }),
  })
}

const previewPage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const form = await readForm(c)
  const store = c.get('service').store(form['store'] ?? '')
  const parsed = toRequest(form)
  if (!parsed.success || form['change']) {
    const errors = Object.fromEntries(
      parsed.error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? [],
    )
    return show(
      c,
      context,
      {
        title: 'New cancellation',
        place: 'new',
        body: html`<div class="head"><div><h1>Order ${said(form['orderId'] ?? '')}</h1><p>${store.id}</p></div></div>${wishForm(store, form, errors)}`,
      },
      parsed.success ? 200 : 400,
    )
  }
  const request = { ...parsed.data, store: store.id }
  return show(c, context, {
    title: 'Preview',
    place: 'new',
    body: previewBody(await c.get('service').preview(request, false), request, form),
  })
}

const cancel = async (c: Call, { closing }: ConsoleContext): Promise<Response> => {
  const service = c.get('service')
  const form = await readForm(c)
  const store = service.store(form['store'] ?? '')
  const parsed = toRequest(form)
  const key = form['key'] ?? ''
  if (!parsed.success || !/^console-[\w-]{36}$/.test(key))
    return refuse('invalid-request', 'This form is not complete. Nothing was sent.')
  const { record } = await service.cancel({ ...parsed.data, store: store.id }, key, null)
  await service.wait(record, PATIENCE_MS, AbortSignal.any([c.req.raw.signal, closing]))
  return c.redirect(link(record), 303)
}

export const addNew = (app: Hono<Env>, context: ConsoleContext): void => {
  app.use('/new/*', async (c, next) => {
    c.get('service').must('cancel')
    await next()
  })
  app.get('/new', (c) => searchPage(c, context))
  app.get('/new/*', (c) => c.redirect('/console/new', 303))
  app.post('/new/preview', (c) => previewPage(c, context))
  app.post('/new/cancel', (c) => cancel(c, context))
}
