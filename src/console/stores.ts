/** The stores and what each can do, side by side. */
import type { Hono } from 'hono'
import type { Store } from '../connection/store.ts'
import type { Env } from '../http/auth.ts'
import { CAN_WORDS, EFFECT_WORDS } from '../messages/words.ts'
import { type Capability, INPUTS } from '../model/capability.ts'
import { empty, type Html, html, icon, type IconName, said, time } from './elements.ts'
import { type ConfigStanding, type ConsoleContext, show } from './layout.ts'
import { healthOf } from './health.ts'
import { listening } from './listening.ts'

type Input = (typeof INPUTS)[number]

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

const cell = (input: Input, { can, note, buyerVisible }: Capability): Html =>
  html`
    <td data-name="${INPUT_WORDS[input]}">
      <span class="mark can is-${can}">${icon(ICONS[can])}${CAN_WORDS[can]}</span>${
        note || buyerVisible === 'yes' ? html`<span class="out"> (see below)</span>` : ''
      }
    </td>
  `

/**
 * A row for each platform as its stores' settings leave it; stores that can do the same share it.
 */
const rowsOf = (stores: readonly Store[]): Store[][] => [
  ...Map.groupBy(stores, ({ adapter, capabilities }) =>
    JSON.stringify([adapter.id, capabilities]),
  ).values(),
]

const matrix = (rows: readonly Store[][]): Html =>
  html`
    <div class="head sub"><h2>What each can do</h2></div>
    <table class="rows named matrix">
      <caption class="out">What each store can do</caption>
      <thead>
        <tr>
          <th scope="col">Platform</th>
          ${INPUTS.map((input) => html`<th scope="col">${INPUT_WORDS[input]}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...others]) =>
            first &&
            html`
            <tr>
              <th scope="row">
                ${first.adapter.name}
                <span class="detail">
                  ${said([first, ...others].map(({ id }) => id).join(', '))}
                </span>
              </th>
              ${INPUTS.map((input) => cell(input, first.capabilities[input]))}
            </tr>
          `,
        )}
      </tbody>
    </table>
  `

const particular = ({ capabilities }: Store, input: Input): Html => {
  const { can, note, buyerVisible, source } = capabilities[input]
  return html`
    <div>
      <dt class="soft">${INPUT_WORDS[input]}: ${CAN_WORDS[can]}</dt>
      <dd>
        ${note ? html`<span>${note}</span> ` : ''}
        ${buyerVisible === 'yes' ? html`<span>The buyer can read it.</span> ` : ''}
        <code>${source}</code>
      </dd>
    </div>
  `
}

const particulars = (rows: readonly Store[][]): Html =>
  html`
    <section class="card folds">
      <h2>The particulars, and where they are written</h2>
      ${rows.map(
        ([store]) =>
          store &&
          html`
          <details id="sources-${store.id}">
            <summary>${store.adapter.name}</summary>
            <dl>${INPUTS.map((input) => particular(store, input))}</dl>
          </details>
        `,
      )}
    </section>
  `

/** Where what runs is not what stands in the configuration file, which nobody sees otherwise. */
const configuration = ({ since, refusedAt, waiting }: ConfigStanding): Html =>
  refusedAt !== null
    ? html`
      <p class="error" role="status">
        ${icon('alert')}
        <span>
          The configuration file was changed, and refused ${time(refusedAt)}. What runs is what it
          said before, read ${time(since)}. The gateway’s log says where the mistakes are, and so
          does <code>rescind doctor</code>.
        </span>
      </p>
    `
    : waiting.length > 0
      ? html`
        <p class="error" role="status">
          ${icon('alert')}
          <span>
            The configuration file was changed. This part of it runs only after a restart:
            ${said(waiting.join(', '))}.
          </span>
        </p>
      `
      : html``

export const addStores = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/stores', async (c) => {
    const service = c.get('service')
    const stores = service.stores()
    const rows = rowsOf(stores)
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
        ${context.standing ? configuration(context.standing()) : ''}
        ${
          stores.length === 0
            ? empty(
                'No store for this key.',
                html`<p>The configuration says which stores a key reaches.</p>`,
              )
            : html`
              ${await healthOf(service)}${await listening(service)}
              ${matrix(rows)}${particulars(rows)}
            `
        }
      `,
    })
  })
}
