/** The preview: what canceling an order would do, with those that it is linked with. */
import type { Caller, LinkedPreview } from '../gateway/service.ts'
import { advice } from '../messages/advice.ts'
import { amountsBeside } from '../messages/amounts.ts'
import { amountsOf, consequences, summary } from '../messages/sentence.ts'
import { type CancelRequest, FIELD_NAMES } from '../model/request.ts'
import { comparison } from './comparison.ts'
import { type Html, html, kept, said } from './elements.ts'
import { linkedChoice, type LinkedOutlook, linkedTable, outlookOf } from './linked.ts'
import { orderCard } from './order.ts'
import { toDo } from './story.ts'

/** The wishes as their form has them. */
export type Form = Readonly<Record<string, string>>

const hidden = (form: Form): Html =>
  html`
    ${FIELD_NAMES.filter((name) => form[name]).map(
      (name) => html`<input type="hidden" name="${name}" value="${kept(form[name] ?? '')}">`,
    )}
  `

/** The words of the button: what it does, and what comes with it. */
const deedOf = (found: LinkedPreview, request: CancelRequest, { along }: LinkedOutlook): Html => {
  const { order, effects, cancelable } = found
  const number = said(order.number ?? order.id)
  const others = along === 1 ? '1 linked order' : `${along} linked orders`
  if (!cancelable && along > 0) return html`Cancel ${others}`
  const comes = consequences(effects, order).join(', ')
  return html`
    ${
      request.target === 'transfer'
        ? html`Cancel the transfer of order ${number}`
        : html`Cancel order ${number}`
    }${along > 0 ? html` and ${others}` : ''}${comes ? html`: ${said(comes)}` : ''}
  `
}

const toldOf = (found: LinkedPreview, request: CancelRequest) => {
  const { order, effects, alreadyCanceled, problem } = found
  const status = alreadyCanceled ? 'succeeded' : 'rejected'
  const { target } = request
  return { status, alreadyCanceled, effects, problem, order, target, attempts: [] } as const
}

const leadOf = (
  found: LinkedPreview,
  request: CancelRequest,
  { blockedBy, goes }: LinkedOutlook,
): string => {
  const { cancelable, alreadyCanceled } = found
  if (blockedBy && (cancelable || alreadyCanceled))
    return (
      `Nothing would be canceled: order ${blockedBy.found?.order.number ?? blockedBy.orderId} of ` +
      `${blockedBy.store}, which it is linked with, ` +
      `${blockedBy.found ? 'cannot be' : 'cannot be read'}. Nothing was sent.`
    )
  if (cancelable) return 'Nothing was sent yet. This is what canceling would do.'
  if (alreadyCanceled)
    return goes
      ? 'The order is canceled already; what is open of its link can be.'
      : 'The order is canceled already; there is nothing to send.'
  return (
    `As it is, it cannot be canceled. ${summary(toldOf(found, request))} ` +
    (goes ? 'The others can be. Nothing was sent yet.' : 'Nothing was sent.')
  )
}

const actsOf = (
  found: LinkedPreview,
  request: CancelRequest,
  form: Form,
  outlook: LinkedOutlook,
): Html => html`
  <div class="acts">
    ${
      outlook.goes
        ? html`
        <form method="post" action="/console/new/cancel">
          ${hidden(form)}
          <input type="hidden" name="key" value="console-${crypto.randomUUID()}">
          <button class="button is-grave" id="cancel">
            <span>${deedOf(found, request, outlook)}</span>
          </button>
        </form>
      `
        : ''
    }
    <a class="button" href="/console/new">${outlook.goes ? 'Keep order' : 'Another order'}</a>
    ${
      found.alreadyCanceled
        ? ''
        : html`
        <form method="post" action="/console/new/preview">
          ${hidden(form)}
          <button class="button" name="change" value="1">Change the wishes</button>
        </form>
      `
    }
  </div>
`

export const previewBody = (
  found: LinkedPreview,
  request: CancelRequest,
  asked: Form,
  { approval }: Caller,
): Html => {
  const { order, effects, cancelable, linked: members } = found
  const outlook = outlookOf(found, request.linked)
  const { linked } = outlook
  const { linked: _, ...unlinked } = asked
  // What was shown is what is asked for, whatever is linked meanwhile.
  const form = linked === null ? asked : { ...unlinked, linked }
  const write = amountsBeside(amountsOf({ effects, order }))
  const number = said(order.number ?? order.id)
  const what =
    request.target === 'transfer'
      ? html`Cancel the transfer of order ${number}`
      : html`Cancel order ${number}`
  return html`
    <div class="head">
      <div>
        <h1>${cancelable ? html`${what}?` : html`Order ${number}`}</h1>
        <p>${request.store} · <code>${said(order.id)}</code></p>
      </div>
    </div>
    <section class="card">
      <p class="lead">${said(leadOf(found, request, outlook))}</p>
      ${
        cancelable && approval
          ? html`<p>With your key it is only asked for: somebody else must approve it first.</p>`
          : ''
      }
      ${cancelable ? comparison(effects, request, { would: true, write }) : ''}
      ${actsOf(found, request, form, outlook)}
    </section>
    ${
      linked === null || members === undefined
        ? ''
        : html`${linkedChoice(hidden(unlinked), linked)}${linkedTable(members, linked)}`
    }
    ${cancelable ? '' : toDo(advice(toldOf(found, request)))}
    ${orderCard(order, { heading: 'The order now', store: request.store, effects })}
  `
}
