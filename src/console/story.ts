/**
 * One cancellation as a story: what became of it, what was asked against what happened and how we
 * know, and what to do now.
 */
import { toAnswer } from '../http/answers.ts'
import type { Caller } from '../gateway/service.ts'
import { type Cancellation, isWithdrawable, RESOLUTIONS } from '../model/cancellation.ts'
import type { Effect, EffectName, Effects } from '../model/effect.ts'
import { EFFECTS } from '../model/effect.ts'
import type { Order } from '../model/order.ts'
import { ProblemError } from '../model/problem.ts'
import { type CancelRequest, REASON_LABELS } from '../model/request.ts'
import { advice } from '../messages/advice.ts'
import { sentence } from '../messages/sentence.ts'
import {
  BASIS_WORDS,
  EFFECT_WORDS,
  outcomeWord,
  RESOLUTION_WORDS,
  STATUS_WORDS,
} from '../messages/words.ts'
import {
  clock,
  html,
  type Html,
  icon,
  type IconName,
  isOpen,
  jsonText,
  link,
  moneyText,
  numberOf,
  said,
  span,
  statusTag,
  time,
} from './layout.ts'

const asked = (name: EffectName, { asked }: Effect, request: CancelRequest): Html => {
  const wish = asked === null ? 'no wish' : asked ? 'yes' : 'no'
  switch (name) {
    case 'order':
      return html`${request.target === 'transfer' ? 'Cancel the transfer request' : EFFECT_WORDS.order}`
    case 'reason':
      return asked
        ? html`Reason “${said(request.reason ?? (request.reasonCode && REASON_LABELS[request.reasonCode]) ?? '')}”`
        : html`Reason: none given`
    case 'message':
      return html`Say in the mail “${said(request.message ?? '')}”`
    case 'payment':
      return html`Money: not asked`
    default:
      return html`${EFFECT_WORDS[name]}: ${wish}`
  }
}

/** Shape and word of how the wish and the fact compare; the word stands in the outcome too. */
const compared = ({
  honored,
  asked,
  outcome,
}: Effect): { icon: IconName; kind: string; word: string } | null => {
  if (honored === false && outcome !== 'skipped')
    return { icon: 'differs', kind: 'differs', word: 'Not as asked: ' }
  if (honored === true && asked !== null) return { icon: 'same', kind: 'as-asked', word: '' }
  return outcome === 'unverified' || outcome === 'pending'
    ? { icon: 'unknown', kind: 'soft', word: '' }
    : null
}

/** Rows that nobody asked for and of which nothing became are left out. */
const isTold = (name: EffectName, { asked, outcome }: Effect) =>
  outcome !== 'not_applicable' &&
  (asked !== null ||
    name === 'order' ||
    name === 'payment' ||
    (name !== 'reason' && name !== 'message' && outcome !== 'withheld'))

export const comparison = (effects: Effects, request: CancelRequest, would = false): Html =>
  html`<table class="diff"><thead><tr><th scope="col">Asked</th><th scope="col">${would ? 'What would happen' : 'Happened'}</th><th scope="col">How we know</th></tr></thead><tbody>${EFFECTS.filter(
    (name) => isTold(name, effects[name]),
  ).map((name) => {
    const effect = effects[name]
    const mark = compared(effect)
    return html`<tr><th scope="row">${asked(name, effect, request)}</th><td><span class="mark ${mark?.kind ?? ''}">${mark ? icon(mark.icon) : ''}<span>${mark?.word ?? ''}${outcomeWord(name, effect, would)}${effect.amount ? html`, ${moneyText(effect.amount)}` : ''}</span></span>${effect.detail ? html`<span class="detail">${said(effect.detail)}</span>` : ''}</td><td class="soft">${effect.basis === 'none' ? (effect.outcome === 'unverified' ? BASIS_WORDS.none : '–') : BASIS_WORDS[effect.basis]}</td></tr>`
  })}</tbody></table>`

const words = (value: string): string => value.replaceAll('_', ' ')

export const orderCard = (
  order: Order,
  heading: string,
): Html => html`<section class="card"><h2>${heading}</h2><dl class="facts">
<div><dt>State</dt><dd>${words(order.status)}</dd></div><div><dt>Payment</dt><dd>${words(order.paymentStatus)}</dd></div><div><dt>Delivery</dt><dd>${words(order.fulfillmentStatus)}</dd></div>
<div><dt>Total</dt><dd>${moneyText(order.totals.total)}</dd></div><div><dt>Paid</dt><dd>${moneyText(order.totals.paid)}</dd></div><div><dt>Given back</dt><dd>${moneyText(order.totals.refunded)}</dd></div>${order.customer ? html`<div><dt>Buyer</dt><dd>${said(order.customer.name ?? order.customer.email ?? order.customer.id ?? '–')}</dd></div>` : ''}</dl>
${order.lines !== null && order.lines.length > 0 ? html`<details id="lines"><summary>${order.lines.length === 1 ? '1 line' : `${order.lines.length} lines`}</summary><table class="lines"><thead><tr><th scope="col">Line</th><th scope="col" class="money">Quantity</th><th scope="col" class="money">Total</th></tr></thead><tbody>${order.lines.slice(0, 100).map(({ title, sku, quantity, total }) => html`<tr><td>${said(title ?? '–')}${sku ? html` <code>${said(sku)}</code>` : ''}</td><td class="money">${quantity ?? '–'}</td><td class="money">${moneyText(total)}</td></tr>`)}</tbody></table></details>` : ''}
<p class="hint">Read ${time(order.readAt)}. What the platform does not tell is a dash.</p></section>`

interface Happening {
  readonly at: number
  readonly what: string
  readonly detail: string | Html
  readonly more?: string
}

const timeline = (record: Cancellation): Happening[] => {
  const { createdAt, caller, attempts, order, settledAt, resolution, problem, via } = record
  const looked = order ? Date.parse(order.readAt) : Number.NaN
  return [
    { at: createdAt, what: 'written down', detail: html`asked by ${said(caller)}` },
    ...(Number.isNaN(looked)
      ? []
      : [
          {
            at: looked,
            what: 'looked',
            detail:
              `${words(order?.status ?? '')} · ${words(order?.paymentStatus ?? '')} · ` +
              `${words(order?.fulfillmentStatus ?? '')}`,
          },
        ]),
    ...attempts.map(({ at, call, result, ms, unsent }) => ({
      at,
      what: 'asked',
      detail: html`<code>${said(call)}</code> → ${said(result ?? 'no end is known')}${unsent ? ' (never arrived)' : ''}`,
      ...(ms !== null && { more: span(ms) }),
    })),
    ...(resolution
      ? [
          {
            at: resolution.at,
            what: 'resolved',
            detail: html`${RESOLUTION_WORDS[resolution.as]}: “${said(resolution.note)}”, says ${said(resolution.by)}`,
          },
        ]
      : []),
    ...(record.status === 'needs_attention' && problem
      ? [{ at: record.updatedAt, what: 'stopped', detail: problem.title }]
      : []),
    ...(settledAt === null
      ? []
      : [
          {
            at: settledAt,
            what: 'settled',
            detail: `${STATUS_WORDS[record.status]}${via === 'reply' ? ', by the store’s reply' : via === 'reconciled' && looked >= createdAt ? ', by a look at the order' : ''}`,
          },
        ]),
  ].sort((a, b) => a.at - b.at)
}

const SHOWN = 50

const timelineCard = (record: Cancellation): Html => {
  const happenings = timeline(record)
  const line = (list: Happening[]) =>
    html`<ol class="line">${list.map(({ at, what, detail, more }) => html`<li>${clock(at)}<strong>${what}</strong><span class="what">${detail}</span><span class="soft">${more ?? ''}</span></li>`)}</ol>`
  return html`<section class="card"><h2>What happened, in UTC</h2>${happenings.length > SHOWN ? html`<details id="earlier"><summary>Show ${happenings.length - SHOWN} earlier</summary>${line(happenings.slice(0, -SHOWN))}</details>` : ''}${line(happenings.slice(-SHOWN))}</section>`
}

/** A string as a shell takes it, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const asCurl = (origin: string, { request }: Cancellation): string => {
  const body = Object.fromEntries(
    Object.entries(request).filter(
      ([name, value]) =>
        value !== null && value !== false && !(name === 'target' && value === 'order'),
    ),
  )
  return `curl -s ${origin}/v1/cancellations -H "authorization: Bearer $RESCIND_KEY" -H 'content-type: application/json' \\\n  -d ${quoted(jsonText(body))}`
}

const WHAT_FOUND = {
  canceled: 'The order is canceled in the store. Closes this as canceled.',
  not_canceled: 'The order stands in the store. Closes this as not canceled.',
  retry: 'The order is read again first; if it is still open, the store is asked once more.',
} as const

export const resolveForm = (
  record: Cancellation,
  back: string,
): Html => html`<form method="post" action="${link(record)}/resolve"><input type="hidden" name="back" value="${back}">
<fieldset class="options"><legend>What did you find for order ${said(numberOf(record))}?</legend>${RESOLUTIONS.map((as) => html`<label><input type="radio" name="as" value="${as}" required><span>${RESOLUTION_WORDS[as]} <small>${WHAT_FOUND[as]}</small></span></label>`)}</fieldset>
<div class="field"><label for="note-${record.id}">What you saw, for the record</label><textarea id="note-${record.id}" name="note" required maxlength="1000" rows="2"></textarea></div><button class="button is-first">Write this down</button></form>`

const doing = (record: Cancellation, caller: Caller): Html => {
  if (record.status === 'needs_attention')
    return caller.scopes.includes('operate')
      ? html`<section class="card is-alarm">${resolveForm(record, link(record))}</section>`
      : html`<p class="hint">Only a key with the scope “operate” can resolve this.</p>`
  if (isWithdrawable(record) && caller.scopes.includes('cancel'))
    return html`<div class="card acts"><form method="post" action="${link(record)}/withdraw"><button class="button">Withdraw this request</button></form><span class="hint">Possible while nothing is sent. The order stays as it is.</span></div>`
  return html``
}

export const toDo = (todo: readonly string[], more: Html = html``): Html =>
  todo.length === 0
    ? html``
    : html`<section class="card todo"><div><h2>What to do now</h2><ul>${todo.map((one) => html`<li>${said(one)}</li>`)}</ul>${more}</div></section>`

/**
 * What is known beside an open record: from when on it counts that nothing happened, and the order
 * as a person just had it read.
 */
export interface Beside {
  readonly settlesAt: number | null
  readonly now: Order | ProblemError | null
}

const doubt = ({ settlesAt }: Beside): Html =>
  settlesAt !== null && settlesAt > Date.now()
    ? html`<p class="soft">Seen canceled, it counts at once. Seen open, it counts only ${time(settlesAt)}: until then the store may still be working on it.</p>`
    : html``

const lookNow = (record: Cancellation): Html =>
  html`<p class="acts"><a class="button" href="${link(record)}?look=now#now">Look now</a><span class="hint">Reads the order in the store; sends nothing.</span></p>`

const waiting = (record: Cancellation, beside: Beside): Html =>
  isOpen(record)
    ? html`${record.status === 'in_doubt' ? doubt(beside) : ''}<p class="soft">${record.wakeAt !== null && record.status !== 'sending' ? html`${record.status === 'accepted' ? 'Next try' : 'Next look'} ${time(Math.max(record.wakeAt, Date.now()))}. ` : ''}Nothing is needed from you. This page follows by itself; without scripts, <a href="${link(record)}">refresh</a> it.</p>${record.status === 'in_doubt' ? lookNow(record) : ''}`
    : html``

const seenNow = ({ now }: Beside): Html =>
  now === null
    ? html``
    : html`<div id="now">${now instanceof ProblemError ? html`<p class="error">${icon('alert')}<span>Could not look: ${now.problem.title}. ${said(now.problem.detail)}</span></p>` : orderCard(now, 'The order now')}</div>`

export const story = (
  record: Cancellation,
  caller: Caller,
  origin: string,
  beside: Beside,
): Html => {
  const { request, createdAt, settledAt, problem } = record
  return html`<div class="head"><div><h1>Order ${said(numberOf(record))}</h1><p>${said(request.store)}${request.reference ? html` · ${said(request.reference)}` : ''} · <code>${record.id}</code></p><p>asked by ${said(record.caller)} ${time(createdAt)}${record.batchId ? html` in <a href="/console/batches/${record.batchId}">a batch</a>` : ''}${settledAt === null ? '' : html` · settled ${time(settledAt)}`}</p></div><div>${statusTag(record)}${settledAt === null ? '' : html`<p>in ${span(settledAt - createdAt)}</p>`}</div></div>
<section class="card"><p class="lead">${said(sentence(record))}</p>${waiting(record, beside)}${problem ? html`<p class="soft">${problem.title}${problem.upstream?.message ? html`: the store said “${said(problem.upstream.message)}”` : ''}. <a href="/problems/${problem.code}">Explained</a></p>` : ''}</section>
${seenNow(beside)}${toDo(advice(record), record.status === 'needs_attention' ? lookNow(record) : html``)}${doing(record, caller)}
<section class="card"><h2>Asked and happened</h2>${comparison(record.effects, request)}</section>
${timelineCard(record)}${record.order ? orderCard(record.order, 'The order as last read') : ''}
<section class="card folds"><details id="curl"><summary>As curl</summary><pre tabindex="0">${asCurl(origin, record)}</pre></details><details id="json"><summary>JSON</summary><pre tabindex="0">${jsonText(toAnswer(record), 2)}</pre></details>${problem ? html`<details id="problem"><summary>Problem</summary><pre tabindex="0">${jsonText(problem, 2)}</pre></details>` : ''}</section>`
}
