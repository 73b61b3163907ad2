/** An order as it was read, and what happened to it by the clock. */
import type { DeliveryView } from '../gateway/deliveries/service.ts'
import { amountsBeside } from '../messages/amounts.ts'
import { amountsOf } from '../messages/sentence.ts'
import { DELIVERY_WORDS, RESOLUTION_WORDS, STATUS_WORDS } from '../messages/words.ts'
import type { Cancellation } from '../model/cancellation.ts'
import type { Effects } from '../model/effect.ts'
import type { Money } from '../model/money.ts'
import type { Order } from '../model/order.ts'
import {
  broughtBy,
  clock,
  type Html,
  html,
  moneyText,
  nameOf,
  said,
  span,
  time,
} from './elements.ts'

export const words = (value: string): string => value.replaceAll('_', ' ')

/** Into the shop’s own admin, in a tab of its own; nothing where the platform gives no address. */
export const adminLink = (order: Order | null | undefined, store: string): Html =>
  order?.adminUrl
    ? html`
      <a class="admin" href="${order.adminUrl}" target="_blank" rel="noopener noreferrer">
        Open order ${said(order.number ?? order.id)} in the admin of ${said(store)}${' '}
        <small>(new tab)</small>
      </a>
    `
    : html``

/** `effects`: what is told of the same order on the same page. */
interface Shown {
  readonly heading: string
  readonly store: string
  readonly effects?: Effects
}

const LINES = 100

type Write = (money: Money) => string

const facts = ({ totals, customer, ...order }: Order, write: Write): Html => html`
  <dl class="facts">
    <div><dt>State</dt><dd>${words(order.status)}</dd></div>
    <div><dt>Payment</dt><dd>${words(order.paymentStatus)}</dd></div>
    <div><dt>Delivery</dt><dd>${words(order.fulfillmentStatus)}</dd></div>
    <div><dt>Total</dt><dd>${moneyText(totals.total, write)}</dd></div>
    <div><dt>Paid</dt><dd>${moneyText(totals.paid, write)}</dd></div>
    <div><dt>Given back</dt><dd>${moneyText(totals.refunded, write)}</dd></div>
    ${
      customer
        ? html`
        <div>
          <dt>Buyer</dt>
          <dd>${said(customer.name ?? customer.email ?? customer.id ?? '–')}</dd>
        </div>
      `
        : ''
    }
  </dl>
`

const linesOf = (count: number, lines: NonNullable<Order['lines']>, write: Write): Html => html`
  <details id="lines">
    <summary>${count === 1 ? '1 line' : `${count} lines`}</summary>
    <table class="lines">
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col" class="money">Quantity</th>
          <th scope="col" class="money">Total</th>
        </tr>
      </thead>
      <tbody>
        ${lines.map(
          ({ title, sku, quantity, total }) => html`
            <tr>
              <td>${said(title ?? '–')}${sku ? html` <code>${said(sku)}</code>` : ''}</td>
              <td class="money">${quantity ?? '–'}</td>
              <td class="money">${moneyText(total, write)}</td>
            </tr>
          `,
        )}
      </tbody>
    </table>
  </details>
`

export const orderCard = (order: Order, { heading, store, effects }: Shown): Html => {
  const all = order.lines ?? []
  const lines = all.slice(0, LINES)
  const write = amountsBeside([
    ...amountsOf({ effects, order }),
    ...lines.map(({ total }) => total),
  ])
  return html`
    <section class="card">
      <h2>${heading}</h2>
      ${facts(order, write)}
      ${lines.length > 0 ? linesOf(all.length, lines, write) : ''}
      ${order.adminUrl ? html`<p>${adminLink(order, store)}</p>` : ''}
      <p class="hint">Read ${time(order.readAt)}. What the platform does not tell is a dash.</p>
    </section>
  `
}

interface Happening {
  readonly at: number
  readonly what: string
  readonly detail: string | Html
  readonly more?: string
}

/** What a webhook was told of the record, or is still owed. */
const told = ({ name, type, state, at, deliveredAt, lastResult }: DeliveryView): Happening => ({
  at: deliveredAt ?? at,
  what: DELIVERY_WORDS[state],
  detail: html`
    ${said(name)}: <code>${type}</code>${lastResult === null ? '' : html` → ${said(lastResult)}`}
  `,
})

const asked = ({ at, call, result, ms, unsent }: Cancellation['attempts'][number]): Happening => ({
  at,
  what: 'asked',
  detail: html`
    <code>${said(call)}</code> → ${said(result ?? 'no end is known')}
    ${unsent ? ' (never arrived)' : ''}
  `,
  ...(ms !== null && { more: span(ms) }),
})

const settled = (
  { status, settledAt, via, createdAt }: Cancellation,
  looked: number,
): Happening[] =>
  settledAt === null
    ? []
    : [
        {
          at: settledAt,
          what: 'settled',
          detail:
            STATUS_WORDS[status] +
            (via === 'reply'
              ? ', by the store’s reply'
              : via === 'reconciled' && looked >= createdAt
                ? ', by a look at the order'
                : ''),
        },
      ]

/** Who was asked for an approval, and who gave it or did not. */
const approvals = ({ approval }: Cancellation): Happening[] => {
  if (!approval) return []
  const { state, askedAt, by, at, note } = approval
  const asked = { at: askedAt ?? 0, what: 'waits', detail: 'for approval by somebody else' }
  const done = {
    at: at ?? 0,
    what: state === 'given' ? 'approved' : 'declined',
    detail: html`${note === null ? '' : html`“${said(note)}”, says `}${said(by ?? '')}`,
  }
  return [...(askedAt === null ? [] : [asked]), ...(at === null ? [] : [done])]
}

const timeline = (record: Cancellation, deliveries: readonly DeliveryView[]): Happening[] => {
  const { createdAt, attempts, order, resolution, problem } = record
  const looked = order ? Date.parse(order.readAt) : Number.NaN
  return [
    {
      at: createdAt,
      what: 'written down',
      detail: html`
        ${record.origin === 'platform' ? 'canceled by' : 'asked by'} ${broughtBy(record)}
      `,
    },
    ...deliveries.map(told),
    ...(record.reopenedAt === undefined
      ? []
      : [{ at: record.reopenedAt, what: 'open again', detail: 'seen twice in the store' }]),
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
    ...approvals(record),
    ...attempts.map(asked),
    ...(resolution
      ? [
          {
            at: resolution.at,
            what: 'resolved',
            detail: html`
              ${RESOLUTION_WORDS[resolution.as]}: “${said(resolution.note)}
              ”, says ${nameOf(resolution.by, resolution.keyName)}
            `,
          },
        ]
      : []),
    ...(record.status === 'needs_attention' && problem
      ? [{ at: record.updatedAt, what: 'stopped', detail: problem.title }]
      : []),
    ...settled(record, looked),
  ].sort((a, b) => a.at - b.at)
}

const SHOWN = 50

export const timelineCard = (record: Cancellation, deliveries: readonly DeliveryView[]): Html => {
  const happenings = timeline(record, deliveries)
  const line = (list: Happening[]) =>
    html`
      <ol class="line">
        ${list.map(
          ({ at, what, detail, more }) => html`
            <li>
              ${clock(at)}
              <strong>${what}</strong>
              <span class="what">${detail}</span>
              <span class="soft">${more ?? ''}</span>
            </li>
          `,
        )}
      </ol>
    `
  return html`
    <section class="card">
      <h2>What happened, in UTC</h2>
      ${
        happenings.length > SHOWN
          ? html`
          <details id="earlier">
            <summary>Show ${happenings.length - SHOWN} earlier</summary>
            ${line(happenings.slice(0, -SHOWN))}
          </details>
        `
          : ''
      }
      ${line(happenings.slice(-SHOWN))}
    </section>
  `
}
