/** The frame around every page, and the small pieces that all pages are made of. */
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { html as template, raw } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Caller, CallerService, CancellationService } from '../gateway/service.ts'
import type { Env } from '../http/auth.ts'
import { type Cancellation, isAtRest, type Status } from '../model/cancellation.ts'
import type { Money } from '../model/money.ts'
import { refuse } from '../model/problem.ts'
import { statusWord } from '../messages/words.ts'

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
 * Hono's template, in which no text turns around what stands beside it: not in an attribute and not
 * in a title either.
 */
export const html = (strings: TemplateStringsArray, ...values: unknown[]): Html =>
  template(strings, ...values.map(calm))

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
export type Call = Context<Env>

/**
 * What every page is told beside its caller's service; `closing`: when the gateway goes, so that
 * nobody is held longer.
 */
export interface ConsoleContext extends Pick<CancellationService, 'stores' | 'timing'> {
  readonly closing: AbortSignal
  /** Nobody logs in: whoever reaches the loopback address is in. */
  readonly open: boolean
}

const PLACES = [
  ['needs', '/console', 'Needs you', ''],
  ['cancellations', '/console/cancellations', 'Cancellations', 'c'],
  ['batches', '/console/batches', 'Batches', 'b'],
  ['stores', '/console/stores', 'Stores', 's'],
] as const

export interface View {
  readonly title: string
  readonly place: (typeof PLACES)[number][0] | 'new' | null
  readonly body: Html
  /** Changes whenever the page would; the script asks again until there is none. */
  readonly mark?: string | null
  /** What is announced when it changed. */
  readonly say?: string
}

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

export const statusTag = (record: Pick<Cancellation, 'status' | 'alreadyCanceled'>): Html =>
  html`<span class="status is-${record.status}">${icon(STATUS_ICONS[record.status])}${statusWord(record)}</span>`

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
  return html`<time datetime="${date.toISOString()}" title="${date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, ' UTC')}">${relative(date.getTime(), Date.now())}</time>`
}

export const clock = (at: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}">${new Date(at).toISOString().slice(11, 23)}</time>`

/** “1.9 s”, “412 ms”, “2 min 5 s”. */
export const span = (ms: number): string =>
  ms < 1_000
    ? `${ms} ms`
    : ms < 60_000
      ? `${(ms / 1_000).toFixed(1)} s`
      : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`

export const moneyText = (value: Money | null | undefined): Html =>
  value ? said(`${value.amount} ${value.currency}`) : html`–`

/** The order as people call it. */
export const numberOf = ({ order, request }: Pick<Cancellation, 'order' | 'request'>): string =>
  order?.number ?? request.orderId

export const link = (record: Cancellation): string => `/console/cancellations/${record.id}`

export const field = (
  id: string,
  label: string,
  control: Html,
  { hint = '', error = '' } = {},
): Html => html`<div class="field${error ? ' is-wrong' : ''}"><label for="${id}">${label}</label>${control}
${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : ''}${error ? html`<p class="error" id="${id}-error">${icon('alert')}${error}</p>` : ''}</div>`

export const empty = (title: string, more: Html): Html =>
  html`<div class="empty"><h2>${title}</h2>${more}</div>`

/** The longest that a page is held, as the API's `Prefer: wait`. */
const HOLD_MS = 25_000

/**
 * Loads a page; for the script, as soon as its mark is another than the one it has. Null: nothing
 * changed until the time was up.
 */
export const held = async <T>(
  c: Call,
  { closing }: ConsoleContext,
  load: () => Promise<T>,
  markOf: (value: T) => string,
  pause: (signal: AbortSignal, value: T) => Promise<unknown>,
): Promise<T | null> => {
  const known = c.req.header('rescind-live')
  const end = performance.now() + HOLD_MS
  const signal = AbortSignal.any([c.req.raw.signal, closing])
  for (;;) {
    const value = await load()
    if (known === undefined || markOf(value) !== known) return value
    if (performance.now() >= end || signal.aborted) return null
    await pause(signal, value)
  }
}

const MANY = 99
const needing = async (service: CallerService): Promise<number> =>
  (await service.list({ status: 'needs_attention', order: 'asc', limit: MANY + 1 }).catch(() => []))
    .length

const countText = (count: number): string =>
  count === 0 ? '' : count > MANY ? `${MANY}+` : String(count)

const KEYS = [
  ['/', 'find an order or a cancellation'],
  ['j k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['g n', 'needs you'],
  ['g c', 'cancellations'],
  ['g b', 'batches'],
  ['g s', 'stores'],
  ['?', 'this list'],
] as const

const THEMES = [
  ['auto', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const

/** The fields of a form of ours. */
export const formOf = async (c: Call): Promise<Record<string, string | File>> => {
  try {
    return await c.req.parseBody()
  } catch {
    return refuse('invalid-request', 'The form cannot be read.')
  }
}

export const addressOf = (c: Call): string => {
  const { pathname, search } = new URL(c.req.url)
  return pathname + search
}

const footer = (
  c: Call,
  theme: string,
  keys: boolean,
) => html`<footer><form method="post" action="/console/settings"><input type="hidden" name="back" value="${addressOf(c)}">
<span class="group" role="group" aria-label="Colors">${THEMES.map(([value, word]) => html`<button class="plain" name="theme" value="${value}" aria-pressed="${String(theme === value)}">${word}</button>`)}</span>
<button class="plain" name="keys" value="${keys ? 'off' : 'on'}">Single keys: ${keys ? 'on' : 'off'}</button></form>
<details class="keys" id="keys"><summary>Keyboard</summary><dl>${KEYS.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl><p>No single key ever changes anything.</p></details></footer>`

const header = (
  caller: Caller,
  context: ConsoleContext,
  view: View,
  count: number,
) => html`<header><a class="brand" href="/console">Rescind</a>
<nav aria-label="Main">${PLACES.map(([place, href, word]) => html`<a href="${href}"${view.place === place ? html` aria-current="page"` : ''}>${word}${place === 'needs' ? html` <b class="count" id="needs">${countText(count)}</b>` : ''}</a>`)}</nav>
<form class="find" role="search" action="/console/find"><label class="out" for="find">Find order or id</label><input id="find" name="q" type="search" placeholder="Find order or id" maxlength="128" autocomplete="off"></form>
${caller.scopes.includes('cancel') ? html`<a class="button is-first" href="/console/new"${view.place === 'new' ? html` aria-current="page"` : ''}>New cancellation</a>` : ''}
${context.open ? '' : html`<form class="who" method="post" action="/console/logout"><span>${said(caller.name)}</span><button class="plain">Log out</button></form>`}</header>
${context.open ? html`<aside class="banner" aria-label="No login">${icon('alert')}No keys are configured: whoever reaches this machine’s own address may do everything here.</aside>` : ''}`

/** The part that the script replaces. */
const region = ({ body, mark, say }: View, count: number) =>
  html`<div id="live" data-needs="${countText(count)}"${mark ? html` data-mark="${mark}"` : ''}${say ? html` data-say="${say}"` : ''}>${body}</div>`

/** Answers with the page; to the script, with its region alone. */
export const show = async (
  c: Call,
  context: ConsoleContext,
  view: View,
  status: ContentfulStatusCode = 200,
): Promise<Response> => {
  c.header('vary', 'rescind-live')
  const caller = c.get('caller') as Caller | undefined
  const count = caller ? await needing(c.get('service')) : 0
  if (c.req.header('rescind-live') !== undefined) return c.html(region(view, count), status)
  const theme = getCookie(c, 'rescind_theme') ?? 'auto'
  const keys = getCookie(c, 'rescind_keys') !== 'off'
  return c.html(
    html`<!doctype html><html lang="en" data-theme="${theme}"${keys ? html` data-keys` : ''}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${view.title} · Rescind</title>
<link rel="stylesheet" href="/console/style.css"><link rel="icon" href="/console/icon.svg" type="image/svg+xml"><script src="/console/script.js" defer></script></head><body>
<a class="skip" href="#main">Skip to the page</a>${caller ? header(caller, context, view, count) : ''}<p id="said" class="out" role="status"></p>
<main id="main" tabindex="-1">${region(view, count)}</main>${footer(c, theme, keys)}</body></html>`,
    status,
  )
}

/** A page that says what went wrong, and never shows it as emptiness. */
export const trouble = (
  c: Call,
  context: ConsoleContext,
  status: ContentfulStatusCode,
  title: string,
  detail: string,
): Promise<Response> =>
  show(
    c,
    context,
    {
      title,
      place: null,
      body: html`<div class="empty is-trouble"><h1>${icon('alert')}${title}</h1><p>${detail}</p><p><a href="${addressOf(c)}">Refresh</a> · <a href="/console">Needs you</a></p></div>`,
    },
    status,
  )

/** Marks a list of records: another whenever one of them changed, came or went. */
export const markOf = (records: readonly Cancellation[]): string =>
  records
    .map(({ id, version }) => `${id.slice(-10)}.${version}`)
    .join('~')
    .slice(0, 2_000) || 'none'

export const isOpen = ({ status }: Cancellation): boolean => !isAtRest(status)
