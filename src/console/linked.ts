/** The preview of orders that are linked: which of them go along, and how each stands. */
import type { LinkedPreview, MemberPreview } from '../gateway/service.ts'
import { consequences } from '../messages/sentence.ts'
import { LINKED_WORDS } from '../messages/words.ts'
import { type Linked, LINKED } from '../model/link.ts'
import { type Html, html, said, tag } from './elements.ts'

const CHOICE_HINTS: Readonly<Record<Linked, string>> = {
  all: 'Nothing is sent where one of them cannot be canceled.',
  each: 'One that cannot be canceled holds up no other.',
  none: 'The others stay as they are, and nothing follows.',
}

const isDone = ({ found }: MemberPreview): boolean => found?.alreadyCanceled ?? false
const isFree = ({ found }: MemberPreview): boolean => found?.cancelable ?? false

/** What a cancel would come to with the orders that its order is linked with. */
export interface LinkedOutlook {
  /** Null: it is linked with none, or with some that the caller does not reach. */
  readonly linked: Linked | null
  /** The orders that would be asked for beside it. */
  readonly along: number
  /** Why nothing would be sent though it could be canceled itself; null: nothing stands so. */
  readonly blockedBy: MemberPreview | null
  /** Whether pressing the button sends anything. */
  readonly goes: boolean
}

export const outlookOf = (found: LinkedPreview, asked: Linked | undefined): LinkedOutlook => {
  const { linked: members, cancelable, alreadyCanceled } = found
  if (members === undefined) return { linked: null, along: 0, blockedBy: null, goes: cancelable }
  const linked = asked ?? 'all'
  if (linked === 'none') return { linked, along: 0, blockedBy: null, goes: cancelable }
  const along = members.filter(isFree).length
  const blockedBy =
    linked === 'all' ? (members.find((one) => !isFree(one) && !isDone(one)) ?? null) : null
  const isAskedIn = cancelable || alreadyCanceled || linked === 'each'
  return { linked, along, blockedBy, goes: !blockedBy && isAskedIn && (cancelable || along > 0) }
}

/** Which of them go along: each choice shows what would become of it, and sends nothing. */
export const linkedChoice = (hidden: Html, chosen: Linked): Html => html`
  <form class="card" method="post" action="/console/new/preview">
    <h2>It is linked with other orders</h2>
    ${hidden}
    <div class="acts" role="group" aria-label="Which of them are canceled">
      ${LINKED.map(
        (one) => html`
          <button
            class="button"
            name="linked"
            value="${one}"
            aria-pressed="${String(one === chosen)}"
          >
            ${LINKED_WORDS[one]}
          </button>
        `,
      )}
    </div>
    <p class="hint">${CHOICE_HINTS[chosen]}</p>
  </form>
`

const would = ({ found, problem }: MemberPreview, linked: Linked): Html => {
  if (found?.alreadyCanceled) return html`Canceled already; nothing would be sent.`
  if (found?.cancelable) {
    if (linked === 'none') return html`It would stay as it is.`
    const comes = consequences(found.effects, found.order).join(', ')
    return html`Would be canceled${comes ? html`: ${said(comes)}` : ''}.`
  }
  return html`${problem?.title ?? 'It could not be read'}. ${said(problem?.detail ?? '')}`
}

const standing = ({ found }: MemberPreview): Html => {
  if (found?.alreadyCanceled) return tag('succeeded', 'Canceled')
  if (found?.cancelable) return tag('accepted', 'Can be canceled')
  return found ? tag('needs_attention', 'Cannot be canceled') : tag('in_doubt', 'Not read')
}

/** One row for every other order of the link. */
export const linkedTable = (members: readonly MemberPreview[], linked: Linked): Html => html`
  <table class="rows members">
    <caption class="out">The orders that it is linked with</caption>
    <thead>
      <tr>
        <th scope="col">Stage</th>
        <th scope="col">Order</th>
        <th scope="col">Now</th>
        <th scope="col">What would become of it</th>
      </tr>
    </thead>
    <tbody>
      ${members
        .toSorted((a, b) => a.stage - b.stage)
        .map(
          (member) => html`
            <tr>
              <td class="soft">${member.stage}</td>
              <td>
                <span class="order">${said(member.found?.order.number ?? member.orderId)}</span>
                <span class="detail">${said(member.store)}</span>
              </td>
              <td>${standing(member)}</td>
              <td class="said">${would(member, linked)}</td>
            </tr>
          `,
        )}
    </tbody>
  </table>
`
