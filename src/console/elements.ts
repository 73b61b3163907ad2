/** The small pieces that all pages are made of: text that is safe, icons, times, fields. */
import { html as template, raw } from 'hono/html'
import { exactly, isRounded, sum } from '../messages/amounts.ts'
import { statusWord, type Worded } from '../messages/words.ts'
import { type Cancellation, isAtRest, type Status } from '../model/cancellation.ts'
import type { Money } from '../model/money.ts'

export type Html = ReturnType<typeof template>

/**
 * What turns the direction of a text around: embeddings, overrides and isolates (Unicode Standard
 * Annex #9, 2).
 */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g
const calm = (value: unknown): unknown =>
  typeof value === 'string'
    ? value.replaceAll(TURNING, '')
    : Array.isArray(value)
      ? value.map(calm)
      : value

/**
 * Takes out the line breaks of a template, with the room around them: they lay out the source, not
 * the page. As in JSX, nothing is left of one beside a tag or a value, and a space elsewhere.
 */
const unbroken = (text: string): string => {
  const lines = text.split('\n')
  const last = lines.length - 1
  if (last === 0) return text
  return lines
    .map((line, index) =>
      index === 0 ? line.trimEnd() : index === last ? line.trimStart() : line.trim(),
    )
    .filter((line, index) => index === 0 || index === last || line !== '')
    .reduce((before, line) => {
      const isBeside = before === '' || before.endsWith('>') || /^(?:$|<|\/?>)/.test(line)
      return before + (isBeside ? '' : ' ') + line
    })
}

/** By a template's place in the source: what its pieces are without line breaks. */
const pieces = new WeakMap<TemplateStringsArray, TemplateStringsArray>()
const piecesOf = (strings: TemplateStringsArray): TemplateStringsArray => {
  const made = pieces.get(strings) ?? Object.assign(strings.map(unbroken), { raw: strings.raw })
  pieces.set(strings, made)
  return made
}

/**
 * Hono's template, in which no text turns around what stands beside it: not in an attribute and not
 * in a title either.
 */
export const html = (strings: TemplateStringsArray, ...values: unknown[]): Html =>
  template(piecesOf(strings), ...values.map(calm))

/**
 * A text that others wrote, a caller, a platform, a file: in a direction of its own, whatever its
 * letters are.
 */
export const said = (text: string): Html => html`<bdi>${text}</bdi>`

/**
 * The value of a field, which comes back as it was given: nothing is taken out, and nothing stands
 * bare.
 */
export const kept = (text: string): Html =>
  raw(
    String(template`${text}`).replaceAll(
      TURNING,
      (character) => `&#x${character.charCodeAt(0).toString(16)};`,
    ),
  )

/** As JSON, to be copied: what would turn it around is escaped. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(
    TURNING,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  )

const ICONS = {
  done: '<circle cx="8" cy="8" r="7"/><path d="m4.8 8.2 2.2 2.2 4.2-4.6" class="cut"/>',
  no:
    '<circle cx="8" cy="8" r="6.2" class="line"/><path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" ' +
    'class="line"/>',
  alert: '<path d="M8 1 15.4 14.4H.6z"/><path d="M8 5.6v4m0 1.6v1.2" class="cut"/>',
  wait: '<circle cx="8" cy="8" r="6.2" class="line"/><path d="M8 4.4V8l2.4 1.6" class="line"/>',
  send: '<path d="M2 8h10M8.4 4l4 4-4 4" class="line"/>',
  look: '<circle cx="7" cy="7" r="4.6" class="line"/><path d="m10.4 10.4 4 4" class="line"/>',
  same: '<path d="M3 8.2 6.4 11.6 13 4.8" class="line"/>',
  differs: '<path d="M3 5.6h10M3 10.4h10M10.4 2.6 5.6 13.4" class="line"/>',
  unknown: '<path d="M5.4 5.6a2.6 2.6 0 1 1 3.6 2.4c-.8.4-1 .8-1 1.6m0 2v.8" class="line"/>',
} as const
export type IconName = keyof typeof ICONS

/**
 * Drawn here, so that no font and no other host is asked for them. The words beside them say the
 * same.
 */
export const icon = (name: IconName): Html =>
  raw(
    '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" ' +
      `aria-hidden="true">${ICONS[name]}</svg>`,
  )

const STATUS_ICONS: Readonly<Record<Status, IconName>> = {
  accepted: 'wait',
  sending: 'send',
  in_doubt: 'look',
  succeeded: 'done',
  rejected: 'no',
  needs_attention: 'alert',
}

/** A status as shape, color and word. */
export const tag = (as: Status, word: string): Html =>
  html`<span class="status is-${as}">${icon(STATUS_ICONS[as])} ${word}</span>`

export const statusTag = (record: Worded): Html =>
  tag(record.reopenedAt ? 'needs_attention' : record.status, statusWord(record))

/** Who brought a record about. */
/** A caller, with the key that it used where that has a name. */
export const nameOf = (caller: string, keyName: string | null | undefined): Html =>
  keyName ? html`${said(caller)} (key ${said(keyName)})` : html`${said(caller)}`

export const broughtBy = ({
  origin,
  caller,
  keyName,
}: Pick<Cancellation, 'origin' | 'caller' | 'keyName'>): Html =>
  origin === 'platform' ? html`somebody in the store` : nameOf(caller, keyName)

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** “4 minutes ago”, “in 2 hours”. */
export const relative = (at: number, now: number): string => {
  const [unit, size] = UNITS.find(([, size]) => Math.abs(now - at) >= size) ?? ['second', 1_000]
  const count = Math.trunc((at - now) / size)
  return Math.abs(now - at) < 2_000 ? 'just now' : RELATIVE.format(count, unit)
}

export const time = (at: number | string): Html => {
  const date = new Date(at)
  return html`
    <time
      datetime="${date.toISOString()}"
      title="${date
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z/, ' UTC')}"
    >
      ${relative(date.getTime(), Date.now())}
    </time>
  `
}

export const clock = (at: number): Html =>
  html`
    <time datetime="${new Date(at).toISOString()}">
      ${new Date(at).toISOString().slice(11, 23)}
    </time>
  `

/** “1.9 s”, “412 ms”, “2 min 5 s”. */
export const span = (ms: number): string =>
  ms < 1_000
    ? `${ms} ms`
    : ms < 60_000
      ? `${(ms / 1_000).toFixed(1)} s`
      : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`

/** As people write it, beside others of the same record; exactly where a pointer rests on it. */
export const moneyText = (
  value: Money | null | undefined,
  write: (money: Money) => string = sum,
): Html => {
  if (!value) return html`–`
  const text = write(value)
  return text === exactly(value) || !isRounded(value)
    ? said(text)
    : html`<bdi title="${exactly(value)} exactly">${text}</bdi>`
}

/** The order as people call it. */
export const numberOf = ({ order, request }: Pick<Cancellation, 'order' | 'request'>): string =>
  order?.number ?? request.orderId

export const link = (record: Cancellation): string => `/console/cancellations/${record.id}`

export const field = (
  id: string,
  label: string,
  control: Html,
  { hint = '', error = '' } = {},
): Html => html`
  <div class="field${error ? ' is-wrong' : ''}">
    <label for="${id}">${label}</label>
    ${control}
    ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : ''}
    ${error ? html`<p class="error" id="${id}-error">${icon('alert')}${error}</p>` : ''}
  </div>
`

/** Marks a link as the page that is shown. */
export const current = (is: boolean): Html | '' => (is ? html` aria-current="true"` : '')

export const empty = (title: string, more: Html): Html =>
  html`<div class="empty"><h2>${title}</h2>${more}</div>`

/** Marks a list of records: another whenever one of them changed, came or went. */
export const markOf = (records: readonly Cancellation[]): string =>
  records
    .map(({ id, version }) => `${id.slice(-10)}.${version}`)
    .join('~')
    .slice(0, 2_000) || 'none'

export const isOpen = ({ status }: Cancellation): boolean => !isAtRest(status)
