/**
 * What waits for somebody's approval: the card of who may give it, with what the cancel would do
 * now.
 */
import type { CallerService, LinkedPreview } from '../gateway/service.ts'
import { amountsBeside } from '../messages/amounts.ts'
import { amountsOf, consequences, summary } from '../messages/sentence.ts'
import { mayApprove } from '../gateway/needs.ts'
import type { Cancellation } from '../model/cancellation.ts'
import { ProblemError } from '../model/problem.ts'
import { comparison } from './comparison.ts'
import { broughtBy, type Html, html, icon, link, said, time } from './elements.ts'

/** What the cancel would do now, for who may approve it; null: it is not for this caller. */
export const outlookFor = async (
  service: CallerService,
  record: Cancellation,
): Promise<LinkedPreview | ProblemError | null> => {
  if (!mayApprove(record, service.caller)) return null
  const { request } = record
  // An approval is of one order.
  const alone = request.target === 'order' ? ({ linked: 'none' } as const) : {}
  return service.preview({ ...request, ...alone }, false).catch((error: unknown) => {
    if (error instanceof ProblemError) return error
    throw error
  })
}

/** How the order is now, in a sentence. */
const leadOf = (now: LinkedPreview | ProblemError, { request }: Cancellation): string => {
  if (now instanceof ProblemError)
    return `The order cannot be read now: ${now.problem.detail} Look again before you approve it.`
  const { alreadyCanceled, cancelable, effects, order, problem } = now
  if (alreadyCanceled)
    return 'The order is canceled already. Approved, this request ends so, and nothing is sent.'
  if (cancelable) return 'Nothing was sent yet. This is what canceling would do now.'
  const { target } = request
  const told = { status: 'rejected', alreadyCanceled, effects, problem, order, target } as const
  return `As it is now, it cannot be canceled. ${summary(told)}`
}

const what = ({ target }: Cancellation['request']): string =>
  target === 'transfer' ? 'cancels the transfer of order' : 'cancels order'

/** The words of the button: what it does, and what comes with it. */
const deedOf = ({ order, effects, alreadyCanceled }: LinkedPreview, record: Cancellation): Html => {
  if (alreadyCanceled) return html`Approve: nothing is sent`
  const comes = consequences(effects, order)
  const number = said(order.number ?? order.id)
  return html`
    Approve: ${what(record.request)} ${number}${comes.length > 0 ? `, ${comes.join(', ')}` : ''}
  `
}

const approveForm = (now: LinkedPreview, record: Cancellation): Html => html`
  <form method="post" action="${link(record)}/approve">
    <div class="field">
      <label for="approve-note">A note, for the record, if you like</label>
      <input id="approve-note" name="note" maxlength="1000" autocomplete="off">
    </div>
    <button class="button is-grave" id="approve"><span>${deedOf(now, record)}</span></button>
  </form>
`

const declineForm = (record: Cancellation): Html => html`
  <form method="post" action="${link(record)}/decline">
    <div class="field">
      <label for="decline-note">Why not, for the record</label>
      <textarea id="decline-note" name="note" required maxlength="1000" rows="2"></textarea>
    </div>
    <button class="button" id="decline">Decline</button>
  </form>
`

export const approvalCard = (
  record: Cancellation,
  now: LinkedPreview | ProblemError | null,
): Html => {
  if (now === null) return html``
  const isSeen = !(now instanceof ProblemError)
  const goes = isSeen && (now.cancelable || now.alreadyCanceled)
  return html`
    <section class="card is-alarm">
      <h2>${icon('alert')} Waits for your approval</h2>
      <p>
        ${broughtBy(record)} asked for it ${time(record.createdAt)}. Unless it is approved, it ends
        unsent ${time(record.deadlineAt)}.
      </p>
      <p>${said(leadOf(now, record))}</p>
      ${
        isSeen && now.cancelable
          ? comparison(now.effects, record.request, {
              would: true,
              write: amountsBeside(amountsOf(now)),
            })
          : ''
      }
      ${goes ? approveForm(now, record) : html`<p><a href="${link(record)}">Look again</a></p>`}
      ${declineForm(record)}
    </section>
  `
}

/** For everybody else. */
export const awaitedHint = ({ deadlineAt }: Cancellation): Html => html`
  <p class="soft">
    Somebody with a key that may approve it must do so before anything is sent. Unless it is
    approved, it ends unsent ${time(deadlineAt)}.
  </p>
`
