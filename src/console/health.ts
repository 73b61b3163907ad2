/** How each store is: whether it answers, takes our credentials, and how much it may be asked. */
import type { Store, StoreHealth } from '../connection/store.ts'
import type { CallerService } from '../gateway/service.ts'
import { type Html, html, said, span, tag, time } from './elements.ts'

const BREAKER_WORDS = {
  closed: 'closed: calls go through',
  'half-open': 'half open: the next look tries it',
  open: 'open: it is left alone',
} as const

const standing = (id: string, { refusedSince, failingSince, restMs, answeredAt }: StoreHealth) => {
  if (refusedSince !== null)
    return html`
      ${tag('needs_attention', 'Credentials refused')}
      <span class="detail">
        since ${time(refusedSince)}. Give the store new ones, then
        <code>rescind stores check ${said(id)}</code>.
      </span>
    `
  if (failingSince !== null)
    return html`
      ${tag('in_doubt', 'Does not answer')}
      <span class="detail">since ${time(failingSince)}</span>
    `
  if (restMs > 0) return tag('sending', 'Asked for a rest')
  return answeredAt === null ? tag('accepted', 'Not asked yet') : tag('succeeded', 'Answers')
}

const answered = ({ answeredAt }: StoreHealth): Html =>
  answeredAt === null
    ? html`<span class="soft">not since the start</span>`
    : html`${time(answeredAt)}`

const paced = ({ pace }: Store, { waiting }: StoreHealth): Html => html`
  ${pace === null ? 'as calls come' : `${pace.perSecond} a second, ${pace.burst} at once`}
  <span class="detail">
    ${waiting === 0 ? 'nothing waits' : waiting === 1 ? '1 call waits' : `${waiting} calls wait`}
  </span>
`

const breaker = (health: StoreHealth): Html => html`
  ${BREAKER_WORDS[health.breaker]}
  ${health.restMs > 0 ? html`<span class="detail">for another ${span(health.restMs)}</span>` : ''}
`

const row = (store: Store, health: StoreHealth): Html => html`
  <tr>
    <td><span class="order">${said(store.id)}</span></td>
    <td>${standing(store.id, health)}</td>
    <td data-name="Last answer">${answered(health)}</td>
    <td data-name="Pace">${paced(store, health)}</td>
    <td data-name="Breaker">${breaker(health)}</td>
  </tr>
`

/** A row for each store that the caller reaches. */
export const healthOf = async (service: CallerService): Promise<Html> => {
  const rows = await Promise.all(
    service.stores().map(async (store) => row(store, await service.healthOf(store.id))),
  )
  return html`
    <div class="head sub"><h2>How each is</h2></div>
    <table class="rows named">
      <caption class="out">How each store is, as seen since the gateway started</caption>
      <thead>
        <tr>
          <th scope="col">Store</th>
          <th scope="col">State</th>
          <th scope="col">Last answer</th>
          <th scope="col">Pace</th>
          <th scope="col">Breaker</th>
        </tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `
}
