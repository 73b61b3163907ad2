/** The stores and what each can do, side by side. */
import type { Hono } from 'hono'
import type { Store } from '../connection/store.ts'
import type { Env } from '../http/auth.ts'
import { CAN_WORDS, EFFECT_WORDS } from '../messages/words.ts'
import { type Capability, INPUTS } from '../model/capability.ts'
import { empty, type Html, html, icon, type IconName } from './elements.ts'
import { type ConsoleContext, show } from './layout.ts'
import { listening } from './listening.ts'

const ICONS: Readonly<Record<Capability['can'], IconName>> = {
  choose: 'same',
  always: 'send',
  never: 'no',
  unknown: 'unknown',
}
const INPUT_WORDS = {
  ...EFFECT_WORDS,
  payment: 'Give the money back',
  transfer: 'Cancel a transfer request',
} as const

const cell = ({ can, note, buyerVisible }: Capability): Html =>
  html`
    <td>
      <span class="mark can is-${can}">${icon(ICONS[can])}${CAN_WORDS[can]}</span>
      ${note ? html`<span class="detail">${note}</span>` : ''}
      ${buyerVisible === 'yes' ? html`<span class="detail">The buyer can read it.</span>` : ''}
    </td>
  `

/**
 * One column a platform as its stores' settings leave it; stores that can do the same share a
 * column.
 */
const columnsOf = (stores: readonly Store[]): Store[][] => [
  ...Map.groupBy(stores, ({ adapter, capabilities }) =>
    JSON.stringify([adapter.id, capabilities]),
  ).values(),
]

const matrix = (columns: readonly Store[][]): Html =>
  html`
    <div class="card matrix" tabindex="0" role="region" aria-label="What each store can do">
      <table>
        <thead>
          <tr>
            <th scope="col">Wish</th>
            ${columns.map(
              (stores) => html`
                <th scope="col">
                  ${stores[0]?.adapter.name}
                  <span class="detail">${stores.map(({ id }) => id).join(', ')}</span>
                </th>
              `,
            )}
          </tr>
        </thead>
        <tbody>
          ${INPUTS.map(
            (input) => html`
              <tr>
                <th scope="row">${INPUT_WORDS[input]}</th>
                ${columns.map(([store]) => store && cell(store.capabilities[input]))}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `

const sources = (columns: readonly Store[][]): Html =>
  html`
    <section class="card folds">
      <h2>Where that is written</h2>
      ${columns.map(
        ([store]) =>
          store &&
          html`
          <details id="sources-${store.id}">
            <summary>${store.adapter.name}</summary>
            <dl>
              ${INPUTS.map(
                (input) => html`
                  <div>
                    <dt class="soft">${INPUT_WORDS[input]}</dt>
                    <dd><code>${store.capabilities[input].source}</code></dd>
                  </div>
                `,
              )}
            </dl>
          </details>
        `,
      )}
    </section>
  `

export const addStores = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/stores', async (c) => {
    const stores = c.get('service').stores()
    const columns = columnsOf(stores)
    return show(c, context, {
      title: 'Stores',
      place: 'stores',
      body: html`
        <div class="head">
          <div>
            <h1>Stores</h1>
            <p>
              ${stores.length === 1 ? 'One store' : `${stores.length} stores`}
              . What is not shown to work is said to be not known.
            </p>
          </div>
        </div>
        ${
          stores.length === 0
            ? empty(
                'No store for this key.',
                html`<p>The configuration says which stores a key reaches.</p>`,
              )
            : html`${await listening(c.get('service'))}${matrix(columns)}${sources(columns)}`
        }
      `,
    })
  })
}
