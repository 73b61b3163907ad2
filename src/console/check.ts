/** The page of a checked file: what is wrong in it, or what it would come to, store by store. */
import type { Mistake } from '../input/items.ts'
import {
  extent,
  figures,
  type Look,
  outlook,
  type StoreOutlook,
  warnings,
} from '../messages/outlook.ts'
import type { CancelRequest } from '../model/request.ts'
import { type Html, html, icon, moneyText, said, tag } from './elements.ts'
import { count, orders } from './progress.ts'

const LISTED = 50

/** A file that was read, as its page shows it. */
export interface Checked {
  readonly id: string
  readonly name: string
  readonly items: readonly CancelRequest[]
  /** What may be right, and a person should look at. */
  readonly warnings: readonly Mistake[]
  /** A text of the file, where its encoding was guessed; null: it was told. */
  readonly guessed: string | null
  readonly looks: ReadonlyMap<CancelRequest, Look>
  /** As many as are looked at are. */
  readonly isLooked: boolean
}

const lineTable = (errors: readonly Mistake[]): Html => html`
  <table class="mistakes">
    <thead>
      <tr>
        <th scope="col">Line</th>
        <th scope="col">Column</th>
        <th scope="col">What is wrong</th>
      </tr>
    </thead>
    <tbody>
      ${errors.slice(0, LISTED).map(
        ({ line, row, column, detail }) => html`
          <tr>
            <td>${line ?? row ?? '–'}</td>
            <td>${said(column ?? '–')}</td>
            <td>${said(detail)}</td>
          </tr>
        `,
      )}
    </tbody>
  </table>
  ${
    errors.length > LISTED
      ? html`<p class="hint">And ${count(errors.length - LISTED)} more.</p>`
      : ''
  }
`

/** What is wrong, by the lines that the spreadsheet shows. */
export const mistakesBody = (name: string, errors: readonly Mistake[]): Html => html`
  <div class="head">
    <div>
      <h1>This file cannot be taken</h1>
      <p>${said(name)}</p>
    </div>
  </div>
  <section class="card is-alarm">
    <h2>
      ${icon('alert')} ${
        errors.length === 1
          ? '1 mistake in the file'
          : `${count(errors.length)} mistakes in the file`
      }
    </h2>
    <p class="hint">Lines are numbered as the spreadsheet shows them; the header is one of them.</p>
    ${lineTable(errors)}
    <p>Mend the file and choose it again. Nothing was taken.</p>
  </section>
  <p><a href="/console/batches">Choose another file</a></p>
`

const warningsCard = ({ warnings, guessed }: Checked): Html =>
  warnings.length === 0 && guessed === null
    ? html``
    : html`
      <section class="card todo">
        <h2>Look at this first</h2>
        ${
          guessed === null
            ? ''
            : html`
            <p>
              The file does not say how its letters are written; they were read as Windows-1252.
              Does “${said(guessed)}” look as it should? If not, save the file as “CSV UTF-8” and
              choose it again.
            </p>
          `
        }
        ${
          warnings.length === 0
            ? ''
            : html`
            <p>This may be right, and may be what a spreadsheet made of something else:</p>
            ${lineTable(warnings)}
          `
        }
      </section>
    `

const STANDING: Readonly<Record<Look['comes'], Html>> = {
  canceled: tag('accepted', 'Can be canceled'),
  already: tag('succeeded', 'Canceled already'),
  refused: tag('rejected', 'Cannot be canceled'),
  unknown: tag('in_doubt', 'Not known'),
}

const samples = ({ store, looked, samples: looks }: StoreOutlook): Html => html`
  <table class="rows">
    <caption>${
      looks.length === looked ? 'All that were looked at' : `The first ${count(looks.length)}`
    }<span class="out"> of ${said(store)}</span></caption>
    <thead>
      <tr>
        <th scope="col">Order</th>
        <th scope="col" class="money">Amount</th>
        <th scope="col">Now</th>
        <th scope="col">What would happen</th>
      </tr>
    </thead>
    <tbody>
      ${looks.map(
        ({ number, orderId, amount, comes, says }) => html`
          <tr>
            <td>
              <span class="order">${said(number)}</span>
              ${number === orderId ? '' : html`<span class="detail">${said(orderId)}</span>`}
            </td>
            <td class="money">${moneyText(amount)}</td>
            <td>${STANDING[comes]}</td>
            <td class="said">${said(says)}</td>
          </tr>
        `,
      )}
    </tbody>
  </table>
`

/** So many reasons are told of a store; others are counted. */
const REASONS = 5

const reasonsOf = ({ reasons }: StoreOutlook): Html => {
  const others = reasons.slice(REASONS).reduce((sum, { count }) => sum + count, 0)
  return reasons.length === 0
    ? html``
    : html`
      <h3>Why not</h3>
      <ul class="reasons">
        ${reasons
          .slice(0, REASONS)
          .map(({ says, count: times }) => html`<li><b>${count(times)}</b> ${said(says)}</li>`)}
        ${others > 0 ? html`<li><b>${count(others)}</b> for other reasons</li>` : ''}
      </ul>
    `
}

const storeCard = (of: StoreOutlook): Html => html`
  <section class="card">
    <div class="head">
      <h2>${said(of.store)}</h2>
      <p>${of.looked === of.orders ? '' : `${count(of.looked)} of `}${orders(of.orders)}</p>
    </div>
    ${
      of.looked === 0
        ? html`<p class="hint">None was looked at yet.</p>`
        : html`
        <dl class="facts figures">
          ${figures(of).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
        </dl>
        ${warnings(of).map((says) => html`<p class="error">${icon('alert')}${says}</p>`)}
        ${reasonsOf(of)}
        ${samples(of)}
      `
    }
  </section>
`

const total = (stores: readonly StoreOutlook[], figure: (of: StoreOutlook) => number): number =>
  stores.reduce((sum, of) => sum + figure(of), 0)

const are = (value: number): string => `${count(value)} ${value === 1 ? 'is' : 'are'}`

const leadOf = (stores: readonly StoreOutlook[], isDone: boolean): string => {
  const [canceled, not, already, unknown] = [
    total(stores, (of) => of.canceled),
    total(stores, (of) => of.refused),
    total(stores, (of) => of.already),
    total(stores, (of) => of.unknown),
  ]
  const parts = [
    `${canceled === 0 ? 'no order' : orders(canceled)} would be canceled`,
    ...(not > 0 ? [`${count(not)} cannot be`] : []),
    ...(already > 0 ? [`${are(already)} canceled already`] : []),
    ...(unknown > 0 ? [`${are(unknown)} not known`] : []),
  ].join(', ')
  return isDone ? `${parts.slice(0, 1).toUpperCase()}${parts.slice(1)}.` : `So far, ${parts}.`
}

/** What a page of it says aloud. */
export const saidOf = ({ items, looks, isLooked }: Checked): string =>
  extent(outlook(items, looks), isLooked)

export const checkedBody = (checked: Checked, startForm: Html): Html => {
  const { id, name, items, looks, isLooked } = checked
  const stores = outlook(items, looks)
  return html`
    <div class="head">
      <div>
        <h1>Cancel ${orders(items.length)}?</h1>
        <p>${said(name)}</p>
      </div>
    </div>
    ${warningsCard(checked)}
    <section class="card">
      <p class="lead">
        ${looks.size === 0 ? 'The stores are being asked.' : leadOf(stores, isLooked)}
      </p>
      <p class="hint">
        ${extent(stores, isLooked)} Nothing was sent yet.${' '}
        ${
          isLooked
            ? ''
            : html`
            This page follows by itself; without scripts, <a
              href="/console/batches/check/${id}">refresh</a> it.
          `
        }
      </p>
      ${startForm}
    </section>
    ${stores.map(storeCard)}
    <p><a href="/console/batches">Choose another file</a></p>
  `
}
