/** A new cancellation: say what is wished, see what would happen, and only then do it, once. */
import type { Hono } from 'hono'
import type { Store } from '../connection/store.ts'
import type { Env } from '../http/auth.ts'
import { CAN_WORDS } from '../messages/words.ts'
import { inputOf } from '../model/capability.ts'
import { refuse } from '../model/problem.ts'
import { CancelRequest, isOrderId, REASON_CODES, REASON_LABELS } from '../model/request.ts'
import { field, type Html, html, icon, kept, link, said } from './elements.ts'
import { type Call, type ConsoleContext, formOf, show } from './layout.ts'
import { orderCard } from './order.ts'
import { type Form, previewBody } from './preview.ts'
import { searchPage } from './search.ts'

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
    refund: WISHES[form['refund'] ?? ''] ?? null,
    strict: form['strict'] === 'on',
    reference: form['reference']?.trim() || null,
    target: form['target'] || 'order',
    ...(form['linked'] && { linked: form['linked'] }),
  })

const wish = (
  name: 'notify' | 'restock' | 'refund',
  question: string,
  store: Store,
  form: Form,
): Html => {
  const { can, note } = store.capabilities[inputOf(name)]
  return html`
    <fieldset>
      <legend>${question}</legend>
      <div class="choice">
        ${[
          ['', 'No wish'],
          ['yes', 'Yes'],
          ['no', 'No'],
        ].map(
          ([value, word]) =>
            html`
            <label>
              <input
                type="radio"
                name="${name}"
                value="${value}"${(form[name] ?? '') === value ? html` checked` : ''}>
              ${word}
            </label>
          `,
        )}
      </div>
      <p class="hint">${store.adapter.name}: ${CAN_WORDS[can]}.${note ? ` ${note}` : ''}</p>
    </fieldset>
  `
}

interface Wished {
  readonly store: Store
  readonly form: Form
  /** By field. */
  readonly errors: Readonly<Record<string, string>>
}

const marked = ({ errors }: Wished, name: string): Html | '' =>
  errors[name] ? html` aria-invalid="true" aria-describedby="${name}-error"` : ''

const about = ({ store }: Wished, name: 'reason' | 'message'): string =>
  `${store.adapter.name}: ${CAN_WORDS[store.capabilities[name].can]}. ` +
  `${store.capabilities[name].note ?? ''}`

const targetChoice = ({ store, form }: Wished): Html =>
  store.adapter.transfer
    ? html`
      <fieldset>
        <legend>Cancel</legend>
        <div class="choice">
          <label>
            <input
              type="radio"
              name="target"
              value="order"${form['target'] === 'transfer' ? '' : html` checked`}>
            the order
          </label>
          <label>
            <input
              type="radio"
              name="target"
              value="transfer"${form['target'] === 'transfer' ? html` checked` : ''}>
            a pending request to transfer it
          </label>
        </div>
      </fieldset>
    `
    : html`<input type="hidden" name="target" value="order">`

const reasonField = (wished: Wished): Html =>
  field(
    'reason',
    'Reason, for the record',
    html`
      <input
        id="reason"
        name="reason"
        maxlength="500"
        value="${kept(wished.form['reason'] ?? '')}"${marked(wished, 'reason')}>
    `,
    { hint: about(wished, 'reason'), error: wished.errors['reason'] ?? '' },
  )

const codeField = ({ form }: Wished): Html =>
  field(
    'reasonCode',
    'Kind of reason',
    html`
      <select id="reasonCode" name="reasonCode">
        <option value="">None</option>
        ${REASON_CODES.map(
          (code) => html`
            <option value="${code}"${form['reasonCode'] === code ? html` selected` : ''}>
              ${REASON_LABELS[code]}
            </option>
          `,
        )}
      </select>
    `,
  )

const messageField = (wished: Wished): Html | '' =>
  wished.store.capabilities.message.can === 'never' && !wished.form['message']
    ? ''
    : field(
        'message',
        'Say in that mail',
        html`
          <textarea
            id="message"
            name="message"
            maxlength="1000"
            rows="2"${marked(wished, 'message')}>${kept(wished.form['message'] ?? '')}</textarea>
        `,
        { hint: about(wished, 'message'), error: wished.errors['message'] ?? '' },
      )

const referenceField = (wished: Wished): Html =>
  field(
    'reference',
    'Your reference',
    html`
      <input
        id="reference"
        name="reference"
        maxlength="128"
        value="${kept(wished.form['reference'] ?? '')}"${marked(wished, 'reference')}>
    `,
    { error: wished.errors['reference'] ?? '' },
  )

const strictChoice = ({ form }: Wished): Html =>
  html`
    <fieldset class="options">
      <legend>If something cannot be relied on</legend>
      <label>
        <input type="checkbox" name="strict"${form['strict'] === 'on' ? html` checked` : ''}>
        <span>
          Rather do not cancel at all <small>Strict: refused before anything is sent.</small>
        </span>
      </label>
    </fieldset>
  `

const wishForm = (
  store: Store,
  form: Form,
  errors: Readonly<Record<string, string>> = {},
): Html => {
  const wished = { store, form, errors }
  return html`
    <form class="card" method="post" action="/console/new/preview">
      <h2>What do you wish?</h2>
      <input type="hidden" name="store" value="${store.id}">
      <input type="hidden" name="orderId" value="${kept(form['orderId'] ?? '')}">
      ${errors['orderId'] ? html`<p class="error">${icon('alert')}${errors['orderId']}</p>` : ''}
      ${targetChoice(wished)}
      ${reasonField(wished)}
      ${codeField(wished)}
      ${wish('notify', 'Mail the buyer?', store, form)}
      ${messageField(wished)}
      ${wish('restock', 'Put the goods back?', store, form)}
      ${wish('refund', 'Give the money back?', store, form)}
      ${referenceField(wished)}
      ${strictChoice(wished)}
      <button class="button is-first">Preview</button> <span class="hint">
        Nothing is sent yet.
      </span>
    </form>
  `
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
    body: html`
      <div class="head">
        <div>
          <h1>Order ${said(order.number ?? id)}</h1>
          <p>${store.id} · <code>${said(id)}</code></p>
        </div>
      </div>
      ${orderCard(order, { heading: 'The order now', store: store.id })}
      ${wishForm(store, { orderId: id })}
    `,
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
        body: html`
          <div class="head">
            <div><h1>Order ${said(form['orderId'] ?? '')}</h1><p>${store.id}</p></div>
          </div>
          ${wishForm(store, form, errors)}
        `,
      },
      parsed.success ? 200 : 400,
    )
  }
  const request = { ...parsed.data, store: store.id }
  // Its others are looked at whatever was chosen, so that another choice can be made.
  const caller = c.get('caller')
  // An approval is of one order.
  const linked = caller.approval && request.target === 'order' ? ('none' as const) : undefined
  const found = await c.get('service').preview({ ...request, linked }, false)
  return show(c, context, {
    title: 'Preview',
    place: 'new',
    body: previewBody(found, request, linked ? { ...form, linked } : form, caller),
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
  app.get('/new', (c) => {
    const { store, order } = c.req.query()
    return store && order
      ? orderPage(c, context, c.get('service').store(store), order)
      : searchPage(c, context)
  })
  app.get('/new/*', (c) => c.redirect('/console/new', 303))
  app.post('/new/preview', (c) => previewPage(c, context))
  app.post('/new/cancel', (c) => cancel(c, context))
}
