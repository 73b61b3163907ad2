/** How each store is listened to: by its platform's webhooks, and by sweeps. */
import type { Store } from '../connection/store.ts'
import type { StoreNotices } from '../gateway/notices/service.ts'
import { hasHook, waysOf } from '../gateway/notices/ways.ts'
import type { CallerService } from '../gateway/service.ts'
import { type Html, html, said, span, tag, time } from './elements.ts'

/** The token itself is a secret. */
const address = (store: Store): Html => {
  const { isSigned, hasToken } = waysOf(store)
  const ways = [
    ...(isSigned ? [`/hooks/${store.id}`] : []),
    ...(hasToken ? [`/hooks/${store.id}/{token}`] : []),
  ]
  return ways.length === 0
    ? html`<span class="soft">none is set up</span>`
    : html`${ways.map((way) => html`<code>${way}</code> `)}`
}

const heard = (store: Store, notices: StoreNotices): Html => html`
  ${address(store)}
  ${hasHook(store) ? told(notices) : ''}
`

const told = (notices: StoreNotices): Html => html`
  <span class="detail">
    ${notices.lastAt === null ? 'None came yet' : html`Last ${time(notices.lastAt)}`}${
      notices.refused === 0 ? '' : html`, ${notices.refused} refused since the start`
    }
  </span>
`

/** Without the fraction that a whole number of seconds has. */
const every = (ms: number): string => span(ms).replace('.0 s', ' s').replace(' 0 s', '')

const swept = (store: Store, { lastSweepAt, sweepFailingSince }: StoreNotices): Html => {
  const { canSweep, sweepMs } = waysOf(store)
  if (!canSweep) return html`<span class="soft">cannot be asked what changed</span>`
  if (sweepMs === null) return html`<span class="soft">switched off</span>`
  return html`
    every ${every(sweepMs)}
    <span class="detail">
      ${lastSweepAt === null ? 'None came to its end yet' : html`Last ${time(lastSweepAt)}`}${
        sweepFailingSince === null ? '' : html`; they fail since ${time(sweepFailingSince)}`
      }
    </span>
  `
}

const waiting = ({ waiting: count, oldestDueAt }: StoreNotices): Html =>
  count === 0
    ? html`<span class="soft">none</span>`
    : html`
      ${count}
      ${oldestDueAt === null ? '' : html`<span class="detail">since ${time(oldestDueAt)}</span>`}
    `

const standing = (store: Store, { silentSince, sweepFailingSince }: StoreNotices): Html =>
  silentSince !== null
    ? html`
      ${tag('needs_attention', 'Silent')}
      <span class="detail">
        since ${time(silentSince)}: a sweep found what no webhook told. Set the webhook up again.
      </span>
    `
    : sweepFailingSince !== null
      ? tag('in_doubt', 'Sweeps fail')
      : hasHook(store) || waysOf(store).sweepMs !== null
        ? tag('succeeded', 'Well')
        : html`
          ${tag('rejected', 'Not listened to')}
          <span class="detail">What is canceled there is seen when it is asked for here.</span>
        `

const row = (store: Store, notices: StoreNotices): Html => html`
  <tr>
    <td><span class="order">${said(store.id)}</span></td>
    <td>${standing(store, notices)}</td>
    <td data-name="Webhooks">${heard(store, notices)}</td>
    <td data-name="Sweeps">${swept(store, notices)}</td>
    <td data-name="Orders to be looked at">${waiting(notices)}</td>
  </tr>
`

/** A row for each store that the caller reaches. */
export const listening = async (service: CallerService): Promise<Html> => {
  const rows = await Promise.all(
    service.stores().map(async (store) => row(store, await service.noticesOf(store.id))),
  )
  return html`
    <div class="head sub"><h2>How each is listened to</h2></div>
    <table class="rows named">
      <caption class="out">How each store is listened to</caption>
      <thead>
        <tr>
          <th scope="col">Store</th>
          <th scope="col">State</th>
          <th scope="col">Webhooks of its platform</th>
          <th scope="col">Sweeps</th>
          <th scope="col">Orders to be looked at</th>
        </tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `
}
