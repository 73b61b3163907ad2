/** One cancellation as a story: what became of it, what was asked, and what to do now. */
import type { DeliveryView } from '../gateway/deliveries/service.ts'
import type { LinkView } from '../gateway/links/service.ts'
import type { Caller, LinkedPreview } from '../gateway/service.ts'
import { toAnswer } from '../http/answers.ts'
import { RESOLUTION_WORDS } from '../messages/words.ts'
import { advice } from '../messages/advice.ts'
import { amountsBeside } from '../messages/amounts.ts'
import { closings } from '../messages/closing.ts'
import { amountsOf, sentence } from '../messages/sentence.ts'
import { linkSentence } from '../messages/standing.ts'
import { awaitsApproval } from '../model/approval.ts'
import { type Cancellation, isRunning, isWithdrawable, RESOLUTIONS } from '../model/cancellation.ts'
import type { Order } from '../model/order.ts'
import { ProblemError } from '../model/problem.ts'
import { approvalCard, awaitedHint } from './approval.ts'
import { mayApprove } from '../gateway/needs.ts'
import { comparison } from './comparison.ts'
import {
  broughtBy,
  type Html,
  html,
  icon,
  isOpen,
  jsonText,
  link,
  numberOf,
  said,
  span,
  statusTag,
  time,
} from './elements.ts'
import { linkPath, linkTag, memberTable, orderPath } from './links.ts'
import { adminLink, orderCard, timelineCard } from './order.ts'

/** A string as a shell takes it, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const asCurl = (origin: string, { request }: Cancellation): string => {
  const body = Object.fromEntries(
    Object.entries(request).filter(
      ([name, value]) =>
        value !== null && value !== false && !(name === 'target' && value === 'order'),
    ),
  )
  return (
    `curl -s ${origin}/v1/cancellations -H "authorization: Bearer $RESCIND_KEY" ` +
    `-H 'content-type: application/json' \\\n  -d ${quoted(jsonText(body))}`
  )
}

export const resolveForm = (record: Cancellation, back: string): Html => {
  const comes = closings(record)
  return html`
  <form method="post" action="${link(record)}/resolve">
    <input type="hidden" name="back" value="${back}">
    <fieldset class="options">
      <legend>What did you find for order ${said(numberOf(record))}?</legend>
      ${RESOLUTIONS.map(
        (as) => html`
          <label>
            <input type="radio" name="as" value="${as}" required>
            <span>${RESOLUTION_WORDS[as]} <small>${said(comes[as])}.</small></span>
          </label>
        `,
      )}
    </fieldset>
    <div class="field">
      <label for="note-${record.id}">What you saw, for the record</label>
      <textarea id="note-${record.id}" name="note" required maxlength="1000" rows="2"></textarea>
    </div>
    <button class="button is-first">Write this down</button>
  </form>
`
}

const doing = (record: Cancellation, caller: Caller): Html => {
  if (record.status === 'needs_attention')
    return caller.scopes.includes('operate')
      ? html`<section class="card is-alarm">${resolveForm(record, link(record))}</section>`
      : html`<p class="hint">Only a key with the scope “operate” can resolve this.</p>`
  if (mayApprove(record, caller)) return html``
  if (isWithdrawable(record) && caller.scopes.includes('cancel'))
    return html`
      <div class="card acts">
        <form method="post" action="${link(record)}/withdraw">
          <button class="button">Withdraw this request</button>
        </form>
        <span class="hint">Possible while nothing is sent. The order stays as it is.</span>
      </div>
    `
  return html``
}

export const toDo = (todo: readonly string[], more: Html = html``): Html =>
  todo.length === 0
    ? html``
    : html`
      <section class="card todo">
        <div>
          <h2>What to do now</h2>
          <ul>${todo.map((one) => html`<li>${said(one)}</li>`)}</ul>
          ${more}
        </div>
      </section>
    `

/**
 * What is known beside a record: from when on it counts that nothing happened, the order as a
 * person just had it read, the link that it is in, and what was told of it.
 */
export interface Beside {
  readonly settlesAt: number | null
  readonly now: Order | ProblemError | null
  /** What a cancel would do now, for who may approve it. */
  readonly outlook: LinkedPreview | ProblemError | null
  readonly link: LinkView | null
  readonly deliveries: readonly DeliveryView[]
}

const doubt = ({ settlesAt }: Beside): Html =>
  settlesAt !== null && settlesAt > Date.now()
    ? html`
      <p class="soft">
        Seen canceled, it counts at once. Seen open, it counts only ${time(settlesAt)}
        : until then the store may still be working on it.
      </p>
    `
    : html``

const lookNow = (record: Cancellation): Html =>
  html`
    <p class="acts">
      <a class="button" href="${link(record)}?look=now#now">Look now</a>
      <span class="hint">Reads the order in the store; sends nothing.</span>
    </p>
  `

const waiting = (record: Cancellation, beside: Beside): Html => {
  if (awaitsApproval(record)) return beside.outlook === null ? awaitedHint(record) : html``
  return isOpen(record)
    ? html`
      ${record.status === 'in_doubt' ? doubt(beside) : ''}
      <p class="soft">
        ${
          record.waitsForLink ? 'Its turn comes once the earlier stages of its link are done. ' : ''
        }
        ${
          record.wakeAt !== null &&
          (record.status !== 'sending' || isRunning(record)) &&
          !record.waitsForLink
            ? html`
            ${record.status === 'accepted' ? 'Next try' : 'Next look'}${' '}
            ${time(Math.max(record.wakeAt, Date.now()))}. `
            : ''
        }
        Nothing is needed from you. This page follows by itself; without scripts, <a
          href="${link(record)}">refresh</a> it.
      </p>
      ${record.status === 'in_doubt' || isRunning(record) ? lookNow(record) : ''}
    `
    : html``
}

const seenNow = ({ now }: Beside, { request, effects }: Cancellation): Html =>
  now === null
    ? html``
    : html`
      <div id="now">
        ${
          now instanceof ProblemError
            ? html`
            <p class="error">
              ${icon('alert')}
              <span>Could not look: ${now.problem.title}. ${said(now.problem.detail)}</span>
            </p>
          `
            : orderCard(now, { heading: 'The order now', store: request.store, effects })
        }
      </div>
    `

const storyHead = (record: Cancellation): Html => {
  const { request, createdAt, settledAt } = record
  return html`
    <div class="head">
      <div>
        <h1>Order ${said(numberOf(record))}</h1>
        <p>
          ${said(request.store)}
          ${request.reference ? html` · ${said(request.reference)}` : ''} · <code>
            ${record.id}
          </code>
        </p>
        <p>
          ${record.origin === 'platform' ? 'canceled by' : 'asked by'} ${broughtBy(record)}${
            record.origin === 'platform' ? '; seen ' : ' '
          }${time(createdAt)}
          ${
            record.causedBy
              ? html` with <a href="/console/cancellations/${record.causedBy}">its link</a>`
              : ''
          }
          ${
            record.batchId ? html` in <a href="/console/batches/${record.batchId}">a batch</a>` : ''
          }
          ${
            settledAt === null || record.origin === 'platform'
              ? ''
              : html` · settled ${time(settledAt)}`
          }
        </p>
      </div>
      <div>
        ${statusTag(record)}
        ${
          settledAt === null || record.origin === 'platform'
            ? ''
            : html`<p>in ${span(settledAt - createdAt)}</p>`
        }
      </div>
    </div>
  `
}

const storyLead = (record: Cancellation, beside: Beside): Html => {
  const { problem } = record
  return html`
    <section class="card">
      <p class="lead">${said(sentence(record))}</p>
      ${record.order?.adminUrl ? html`<p>${adminLink(record.order, record.request.store)}</p>` : ''}
      ${waiting(record, beside)}
      ${
        problem
          ? html`
          <p class="soft">
            ${problem.title}
            ${
              problem.upstream?.message
                ? html`: the store said “${said(problem.upstream.message)}”`
                : ''
            }
            . <a href="/problems/${problem.code}">Explained</a>
          </p>
        `
          : ''
      }
    </section>
  `
}

/** The order is open again: what can be done about it is a new request. */
const again = ({ reopenedAt, request: { store, orderId } }: Cancellation, caller: Caller): Html =>
  reopenedAt === undefined
    ? html``
    : html`
      <p>
        Open again ${time(reopenedAt)}.
        ${
          caller.scopes.includes('cancel')
            ? html`<a href="${orderPath(store, orderId)}">See it, or cancel it once more</a>`
            : ''
        }
      </p>
    `

const linkCard = (record: Cancellation, view: LinkView, caller: Caller): Html => html`
  <section>
    <div class="head sub">
      <h2>
        Linked as <a href="${linkPath(view.link.name)}">${said(view.link.name)}</a>
      </h2>
      ${linkTag(view.link.status)}
    </div>
    <p class="soft">${said(linkSentence(view.link.status, view.standings))}</p>
    ${memberTable(view, caller, record.id)}
  </section>
`

const mark = ({ link: { name, status } }: LinkView) => ({ name, status })

const asData = (record: Cancellation, origin: string, link: Beside['link']): Html => {
  const { problem } = record
  return html`
    <section class="card folds">
      ${
        record.origin === 'platform'
          ? ''
          : html`
          <details id="curl">
            <summary>As curl</summary>
            <pre tabindex="0">${asCurl(origin, record)}</pre>
          </details>
        `
      }
      <details id="json">
        <summary>JSON</summary>
        <pre tabindex="0">${jsonText(toAnswer(record, link && mark(link)), 2)}</pre>
      </details>
      ${
        problem
          ? html`
          <details id="problem">
            <summary>Problem</summary>
            <pre tabindex="0">${jsonText(problem, 2)}</pre>
          </details>
        `
          : ''
      }
    </section>
  `
}

export const story = (
  record: Cancellation,
  caller: Caller,
  origin: string,
  beside: Beside,
): Html => {
  return html`
    ${storyHead(record)}
    ${storyLead(record, beside)}
    ${approvalCard(record, beside.outlook)}
    ${seenNow(beside, record)}
    ${toDo(
      advice(record),
      record.status === 'needs_attention' ? lookNow(record) : again(record, caller),
    )}
    ${beside.link ? linkCard(record, beside.link, caller) : ''}
    ${doing(record, caller)}
    ${
      record.origin === 'platform' || beside.outlook !== null
        ? ''
        : html`
        <section class="card">
          <h2>Asked and happened</h2>
          ${comparison(record.effects, record.request, { write: amountsBeside(amountsOf(record)) })}
        </section>
      `
    }
    ${timelineCard(record, beside.deliveries)}
    ${
      record.order
        ? orderCard(record.order, {
            heading: 'The order as last read',
            store: record.request.store,
            effects: record.effects,
          })
        : ''
    }
    ${asData(record, origin, beside.link)}
  `
}
