/** How the last two weeks went, day by day in UTC: today as a table, all of it as a chart. */
import { STATUS_WORDS } from '../messages/words.ts'
import { DAY_MS, type DayCount, type Status } from '../model/cancellation.ts'
import { type Html, html, said } from './elements.ts'
import { count } from './progress.ts'

export const DAYS = 14

/** What is told apart here; who waits for the store and who waits for us is one. */
const KINDS = ['succeeded', 'rejected', 'needs_attention', 'in_doubt', 'accepted'] as const
type Kind = (typeof KINDS)[number]
/** Those that a column is stacked of, from below: what waits has no end yet. */
const STACKED = KINDS.slice(0, -1)

const kindOf = (status: Status): Kind => (status === 'sending' ? 'accepted' : status)
const NUMBERS = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>
type Numbers = Readonly<Record<Kind, number>>

const numbersOf = (counts: readonly DayCount[]): Numbers => {
  const numbers = { ...NUMBERS }
  for (const { status, count } of counts) numbers[kindOf(status)] += count
  return numbers
}
const totalOf = (numbers: Numbers, kinds: readonly Kind[] = KINDS): number =>
  kinds.reduce((total, kind) => total + numbers[kind], 0)

interface Day {
  readonly at: number
  readonly numbers: Numbers
}

const daysOf = (counts: readonly DayCount[], today: number): readonly Day[] =>
  Array.from({ length: DAYS }, (_, index) => {
    const at = today - (DAYS - 1 - index) * DAY_MS
    return { at, numbers: numbersOf(counts.filter(({ day }) => day === at)) }
  })

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const dateText = (at: number): string => DATE.format(at)
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact' })

/** From so many ends on, a share says something. */
const FEW = { today: 5, before: 20 }
const percent = (share: number): string => `${Math.round(share * 100)}%`

/** What the columns show, in a sentence. */
export const finding = (counts: readonly DayCount[], today: number): string => {
  const days = daysOf(counts, today)
  const ended = (some: readonly Day[]) => {
    const all = some.reduce((sum, { numbers }) => sum + totalOf(numbers, STACKED), 0)
    const canceled = some.reduce((sum, { numbers }) => sum + numbers.succeeded, 0)
    return { all, canceled, share: all === 0 ? 0 : 1 - canceled / all }
  }
  const [now, before, both] = [ended(days.slice(-1)), ended(days.slice(0, -1)), ended(days)]
  if (now.all >= FEW.today && before.all >= FEW.before) {
    const shares =
      `${percent(now.share)} of today’s were not canceled, ` +
      `${percent(before.share)} in the days before`
    if (now.share - before.share >= 0.1 && now.share >= 2 * before.share)
      return `Today goes worse than usual: ${shares}`
    return before.share - now.share >= 0.1
      ? `Today goes better than usual: ${shares}`
      : `Today goes as usual: ${shares}`
  }
  if (both.all === 0) return 'Of the last two weeks nothing has come to an end yet'
  return (
    `${count(both.canceled)} of ${count(both.all)} orders of the last two weeks ` +
    `${both.canceled === 1 ? 'is' : 'are'} canceled`
  )
}

const HEIGHT = 150
const TOP = 18
const WIDTH = 100 / DAYS

/** A column's parts from below, each at least a line high, or it would not be seen. */
const partsOf = (numbers: Numbers, highest: number) => {
  let top = HEIGHT
  return STACKED.filter((kind) => numbers[kind] > 0).map((kind) => {
    const height = Math.max(2, (numbers[kind] / highest) * (HEIGHT - TOP))
    top -= height
    return { kind, top: top.toFixed(1), height: height.toFixed(1) }
  })
}

const told = (numbers: Numbers): string =>
  KINDS.filter((kind) => numbers[kind] > 0)
    .map((kind) => `${STATUS_WORDS[kind]} ${count(numbers[kind])}`)
    .join(', ') || 'nothing'

const column = ({ at, numbers }: Day, index: number, highest: number): Html => {
  const left = (index * WIDTH + WIDTH * 0.14).toFixed(2)
  const parts = partsOf(numbers, highest)
  const total = totalOf(numbers, STACKED)
  return html`
    <g>
      <title>${dateText(at)}: ${told(numbers)}</title>
      ${parts.map(({ kind, top, height }) =>
        [`is-${kind}`, 'hatch'].map(
          (kindOfPart) => html`
            <rect
              class="${kindOfPart}"
              x="${left}%"
              y="${top}"
              width="${(WIDTH * 0.72).toFixed(2)}%"
              height="${height}"${kindOfPart === 'hatch' ? html` fill="url(#hatch-${kind})"` : ''}
            />
          `,
        ),
      )}
      ${
        total === 0
          ? ''
          : html`
          <text x="${((index + 0.5) * WIDTH).toFixed(2)}%" y="${Number(parts.at(-1)?.top) - 4}">
            ${COMPACT.format(total)}
          </text>
        `
      }
    </g>
  `
}

/** What tells the parts apart besides their colors: strokes in the color of the ground. */
const STROKES: Readonly<Record<(typeof STACKED)[number], string>> = {
  succeeded: '',
  rejected: 'M-2 2 2-2M0 8 8 0M6 10 10 6',
  needs_attention: 'M0 0 8 8M8 0 0 8',
  in_doubt: 'M0 2H8M0 6H8',
  accepted: '',
}

const patterns = html`
  <defs>
    ${STACKED.map(
      (kind) => html`
        <pattern id="hatch-${kind}" width="8" height="8" patternUnits="userSpaceOnUse">
          <path d="${STROKES[kind] || 'M0 0'}"/>
        </pattern>
      `,
    )}
  </defs>
`

const legend = html`
  <ul class="legend">
    ${STACKED.map(
      (kind) => html`
        <li>
          <svg class="chart swatch" width="14" height="14" aria-hidden="true">
            <rect class="is-${kind}" width="14" height="14"/>
            <rect class="hatch" width="14" height="14" fill="url(#hatch-${kind})"/>
          </svg>
          ${STATUS_WORDS[kind]}
        </li>
      `,
    )}
  </ul>
`

const heads = html`
  ${KINDS.map((kind) => html`<th scope="col" class="money">${STATUS_WORDS[kind]}</th>`)}
`

const numbersTable = (days: readonly Day[]): Html => html`
  <details id="numbers">
    <summary>Show the numbers</summary>
    <div class="wide" tabindex="0" role="region" aria-label="The numbers">
      <table class="lines">
        <caption class="out">Cancellations by the day that they were asked for, in UTC</caption>
        <thead><tr><th scope="col">Day (UTC)</th>${heads}</tr></thead>
        <tbody>
          ${days.toReversed().map(
            ({ at, numbers }) => html`
              <tr>
                <th scope="row">${dateText(at)}</th>
                ${KINDS.map((kind) => html`<td class="money">${count(numbers[kind])}</td>`)}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  </details>
`

const waitingText = (days: readonly Day[]): string => {
  const waiting = days.reduce((total, { numbers }) => total + numbers.accepted, 0)
  if (waiting === 0) return ''
  return ` ${waiting === 1 ? 'One that waits is' : `${count(waiting)} that wait are`} not drawn.`
}

/** Two weeks as stacked columns, with their table; nothing where there was nothing. */
export const daysChart = (counts: readonly DayCount[], today: number): Html => {
  const days = daysOf(counts, today)
  if (days.every(({ numbers }) => totalOf(numbers) === 0)) return html``
  const highest = Math.max(1, ...days.map(({ numbers }) => totalOf(numbers, STACKED)))
  const first = dateText(days[0]?.at ?? today)
  const what =
    `Cancellations by the day that they were asked for, ${first} to ${dateText(today)}, in UTC, ` +
    'and how they stand now.'
  return html`
    <section class="card">
      <h2 id="days">${finding(counts, today)}</h2>
      <p class="hint">${what}${waitingText(days)}</p>
      <svg
        class="chart"
        width="100%"
        height="${HEIGHT + 1}"
        role="img"
        aria-labelledby="chart-title chart-desc"
      >
        <title id="chart-title">${finding(counts, today)}</title>
        <desc id="chart-desc">
          ${what} Each day is a column. Today: ${told(days.at(-1)?.numbers ?? NUMBERS)}. The table
          below has the numbers.
        </desc>
        ${patterns}
        ${days.map((day, index) => column(day, index, highest))}
        <line class="ground" x2="100%" y1="${HEIGHT + 0.5}" y2="${HEIGHT + 0.5}"/>
      </svg>
      <ol class="dates" aria-hidden="true">
        ${days.map(({ at }) => html`<li>${new Date(at).getUTCDate()}</li>`)}
      </ol>
      ${legend}
      ${numbersTable(days)}
    </section>
  `
}

const link = (store: string | null, kind: Kind, today: number, number: number): Html => {
  if (number === 0 || kind === 'accepted') return html`${count(number)}`
  const date = new Date(today).toISOString().slice(0, 10)
  const query = new URLSearchParams({ status: kind, ...(store && { store }), from: date, to: date })
  return html`<a href="/console/cancellations?${query.toString()}">${count(number)}</a>`
}

const todayRow = (name: Html, store: string | null, numbers: Numbers, today: number): Html => html`
  <tr>
    <th scope="row">${name}</th>
    ${KINDS.map((kind) => html`<td class="money">${link(store, kind, today, numbers[kind])}</td>`)}
  </tr>
`

/** So many stores are read one by one; the sum is of all. */
const MOST = 50

/** How what was asked for today stands, by store. */
export const todayTable = (counts: readonly DayCount[], today: number): Html => {
  const todays = counts.filter(({ day }) => day === today)
  const all = [...new Set(todays.map(({ store }) => store))].sort()
  const stores = all.slice(0, MOST)
  return html`
    <section>
      <div class="head sub"><h2>Today</h2><p>since 00:00 UTC, as it stands now</p></div>
      ${
        stores.length === 0
          ? html`<p class="soft">Nothing was asked for today yet.</p>`
          : html`
          <div class="card wide" tabindex="0" role="region" aria-label="Today by store">
            <table class="lines">
              <caption class="out">What was asked for today, by store</caption>
              <thead><tr><th scope="col">Store</th>${heads}</tr></thead>
              <tbody>
                ${stores.map((store) =>
                  todayRow(
                    said(store),
                    store,
                    numbersOf(todays.filter((one) => one.store === store)),
                    today,
                  ),
                )}
                ${
                  stores.length > 1
                    ? todayRow(html`All ${all.length} stores`, null, numbersOf(todays), today)
                    : ''
                }
              </tbody>
            </table>
          </div>
          ${
            all.length > MOST
              ? html`<p class="hint">Of ${all.length} stores the first ${MOST} are listed.</p>`
              : ''
          }
        `
      }
    </section>
  `
}

/** Changes with what is shown of them. */
export const daysMark = (counts: readonly DayCount[], today: number): string => {
  const numbers = numbersOf(counts)
  return `~${today}.${KINDS.map((kind) => numbers[kind]).join('.')}`
}
