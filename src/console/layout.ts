/** The frame around every page, and the small pieces that all pages are made of. */
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AlertDesk } from '../alerts/desk.ts'
import { needing } from '../gateway/needs.ts'
import type { Caller, CancellationService } from '../gateway/service.ts'
import type { Env } from '../http/auth.ts'
import { refuse } from '../model/problem.ts'
import { sleep } from '../model/time.ts'
import { type Html, html, icon, said } from './elements.ts'

export type Call = Context<Env>

/** How what runs stands to what is written down for it. Times in milliseconds since 1970. */
export interface ConfigStanding {
  /** Since when this configuration runs. */
  readonly since: number
  /** When what stands in the file was refused; null: it was not. */
  readonly refusedAt: number | null
  /** What of the file runs only after a restart. */
  readonly waiting: readonly string[]
}

/**
 * What every page is told beside its caller's service; `closing`: when the gateway goes, so that
 * nobody is held longer.
 */
export interface ConsoleContext extends Pick<CancellationService, 'stores' | 'timing'> {
  readonly closing: AbortSignal
  /** How what runs stands to the configuration file; left out: there is none. */
  readonly standing?: (() => ConfigStanding) | undefined
  /** The least time between two looks of a page that is held. */
  readonly lookMs: number
  /** What people are told. */
  readonly alerts: AlertDesk
  /** Nobody logs in: whoever reaches the loopback address is in. */
  readonly open: boolean
}

const PLACES = [
  ['needs', '/console', 'Needs you', ''],
  ['cancellations', '/console/cancellations', 'Cancellations', 'c'],
  ['batches', '/console/batches', 'Batches', 'b'],
  ['links', '/console/links', 'Links', 'l'],
  ['stores', '/console/stores', 'Stores', 's'],
  ['webhooks', '/console/webhooks', 'Webhooks', 'w'],
  ['audit', '/console/audit', 'Audit', 'a'],
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

/** The longest that a page is held, as the API's `Prefer: wait`. */
const HOLD_MS = 25_000

/**
 * Loads a page; for the script, as soon as its mark is another than the one it has. Null: nothing
 * changed until the time was up.
 */
export const held = async <T>(
  c: Call,
  { closing, lookMs }: ConsoleContext,
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
    await Promise.all([pause(signal, value), sleep(lookMs)(signal)])
  }
}

const MANY = 99
const countText = (count: number): string =>
  count === 0 ? '' : count > MANY ? `${MANY}+` : String(count)

const KEYS = [
  ['/', 'find an order or a cancellation'],
  ['j k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['g n', 'needs you'],
  ['g c', 'cancellations'],
  ['g b', 'batches'],
  ['g l', 'links'],
  ['g s', 'stores'],
  ['g w', 'webhooks'],
  ['g a', 'audit'],
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

const footer = (c: Call, theme: string, keys: boolean) => html`
  <footer>
    <form method="post" action="/console/settings">
      <input type="hidden" name="back" value="${addressOf(c)}">
      <span class="group" role="group" aria-label="Colors">
        ${THEMES.map(
          ([value, word]) => html`
            <button
              class="plain"
              name="theme"
              value="${value}"
              aria-pressed="${String(theme === value)}"
            >
              ${word}
            </button>
          `,
        )}
      </span>
      <button class="plain" name="keys" value="${keys ? 'off' : 'on'}">
        Single keys: ${keys ? 'on' : 'off'}
      </button>
    </form>
    <details class="keys" id="keys">
      <summary>Keyboard</summary>
      <dl>
        ${KEYS.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}
      </dl>
      <p>No single key ever changes anything.</p>
    </details>
  </footer>
`

/** Entries tell of every store. */
const mayAudit = ({ scopes, stores }: Caller): boolean =>
  scopes.includes('operate') && stores === null

const header = (caller: Caller, context: ConsoleContext, view: View, count: number) => html`
  <header>
    <a class="brand" href="/console">Rescind</a>
    <nav aria-label="Main">
      ${PLACES.filter(([place]) => place !== 'audit' || mayAudit(caller)).map(
        ([place, href, word]) => html`
          <a href="${href}"${view.place === place ? html` aria-current="page"` : ''}>
            ${word}
            ${place === 'needs' ? html` <b class="count" id="needs">${countText(count)}</b>` : ''}
          </a>
        `,
      )}
    </nav>
    <form class="find" role="search" action="/console/find">
      <label class="out" for="find">Find order or id</label>
      <input
        id="find"
        name="q"
        type="search"
        placeholder="Find order or id"
        maxlength="128"
        autocomplete="off"
      >
    </form>
    ${
      caller.scopes.includes('cancel')
        ? html`
        <a
          class="button is-first"
          href="/console/new"${view.place === 'new' ? html` aria-current="page"` : ''}>
          New cancellation
        </a>
      `
        : ''
    }
    ${
      context.open
        ? ''
        : html`
        <form class="who" method="post" action="/console/logout">
          <span>${said(caller.name)}</span>
          <button class="plain">Log out</button>
        </form>
      `
    }
  </header>
  ${
    context.open
      ? html`
      <aside class="banner" aria-label="No login">
        ${icon('alert')}
        No keys are configured: whoever reaches this address may do everything here.
      </aside>
    `
      : ''
  }
`

/** The part that the script replaces. */
const region = ({ body, mark, say }: View, count: number) =>
  html`
    <div
      id="live"
      data-needs="${countText(count)}"${mark ? html` data-mark="${mark}"` : ''}${
        say ? html` data-say="${say}"` : ''
      }
    >
      ${body}
    </div>
  `

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
    html`
      <!doctype html>
      <html lang="en" data-theme="${theme}"${keys ? html` data-keys` : ''}>
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width,initial-scale=1">
          <title>${view.title} · Rescind</title>
          <link rel="stylesheet" href="/console/style.css">
          <link rel="icon" href="/console/icon.svg" type="image/svg+xml">
          <script src="/console/script.js" defer></script>
        </head>
        <body>
          <a class="skip" href="#main">Skip to the page</a>
          ${caller ? header(caller, context, view, count) : ''}
          <p id="said" class="out" role="status"></p>
          <main id="main" tabindex="-1">${region(view, count)}</main>
          ${footer(c, theme, keys)}
        </body>
      </html>
    `,
    status,
  )
}
