/**
 * Who is at the console: a caller's key once, then a signed cookie that holds the caller's name and
 * an end, never the key.
 */
import type { Context, Hono } from 'hono'
import { deleteCookie, getSignedCookie, setCookie, setSignedCookie } from 'hono/cookie'
import { csrf } from 'hono/csrf'
import { type Audit, NO_AUDIT } from '../gateway/audit/log.ts'
import type { Caller } from '../gateway/service.ts'
import { type Env, LOCAL, type openServices } from '../http/auth.ts'
import { refuseCoded } from '../http/body.ts'
import { expiryOf, type Keys, type Known } from '../http/keys.ts'
import { askedBy } from '../model/audit.ts'
import { refuse } from '../model/problem.ts'
import { steadyNow } from '../model/time.ts'
import { field, html, icon, kept } from './elements.ts'
import { addressOf, type Call, type ConsoleContext, formOf, show } from './layout.ts'

const NAME = 'rescind_session'
const LIFE_MS = 12 * 3_600_000
const SETTING_LIFE_S = 365 * 86_400
export const MIN_SECRET = 32

/**
 * So many wrong keys in a row, then one in so many seconds is told from “come back later”. The
 * right one is never kept out: else who knows none could lock everybody out.
 */
const WRONG_KEYS = 10
const WRONG_KEY_MS = 6_000

export const MAX_FORM_BYTES = 16 * 1024

export interface Sessions {
  /** Who asks; null: nobody who is known, or no longer. */
  caller(c: Context): Promise<Caller | null>
  /** Null: in. Otherwise why not. */
  enter(c: Context<Env>, key: string): Promise<{ status: 401 | 403 | 429; why: string } | null>
  leave(c: Context<Env>): Promise<void>
}

/** The first bytes of a key's hash: who came in with a key that is taken away goes out with it. */
const markOf = ({ hash }: Known): string =>
  Array.from(hash.slice(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * The connection is encrypted here, or at the proxy before us; a false word can only make the
 * cookie stricter.
 */
const isSecure = (c: Context): boolean =>
  new URL(c.req.url).protocol === 'https:' || c.req.header('x-forwarded-proto') === 'https'

/** Notes who comes in, before anybody is, and who leaves. */
const noting =
  ({ note }: Pick<Audit, 'note'>, now: () => number) =>
  (c: Context<Env>, { name, key = null }: Caller, action: 'console.entered' | 'console.left') => {
    const requestId = c.get('requestId') ?? null
    const asker = { caller: name, key, via: 'console', requestId } as const
    const noted = askedBy(asker, now(), { action, store: null, subject: {} })
    return note({ ...noted, outcome: 'done' })
  }

const setSession = (c: Context, match: Known, secret: string, end: number): Promise<void> =>
  setSignedCookie(c, NAME, `${end}.${markOf(match)}.${match.caller.name}`, secret, {
    path: '/console',
    httpOnly: true,
    sameSite: 'Strict',
    secure: isSecure(c),
    maxAge: LIFE_MS / 1_000,
  })

export const createSessions = (
  keys: Keys,
  secret: string,
  { note }: Pick<Audit, 'note'> = NO_AUDIT,
  now: () => number = steadyNow,
  wall: () => number = Date.now,
): Sessions => {
  let wrong = 0
  let wrongAt = 0
  const noted = noting({ note }, now)

  return {
    async caller(c) {
      if (keys.callers() === null) return LOCAL
      const value = await getSignedCookie(c, secret, NAME)
      const [end, mark, ...name] = value ? value.split('.') : []
      if (!(Number(end) > now())) return null
      // By the keys of now: a session ends with its key.
      const known = keys
        .known()
        .find((entry) => markOf(entry) === mark && entry.caller.name === name.join('.'))
      if (!known || expiryOf(known, wall()) !== null) return null
      // As at the entrance: a key that may no longer read has nothing to show.
      return known.caller.scopes.includes('read') ? known.caller : null
    },

    async enter(c, key) {
      const match = await keys.whose(key)
      if (!match) {
        wrong = Math.max(0, wrong - Math.max(0, now() - wrongAt) / WRONG_KEY_MS)
        wrongAt = now()
        if (wrong > WRONG_KEYS - 1)
          return {
            status: 429,
            why:
              'This key is not known, and too many wrong ones came in. Try again in a few ' +
              'seconds.',
          }
        wrong += 1
        return { status: 401, why: 'This key is not known.' }
      }
      const expired = expiryOf(match, wall())
      if (expired !== null) return { status: 401, why: expired }
      if (!match.caller.scopes.includes('read'))
        return { status: 403, why: 'This key lacks the scope “read”, so there is nothing to show.' }
      await noted(c, match.caller, 'console.entered')
      await setSession(c, match, secret, now() + LIFE_MS)
      return null
    },

    async leave(c) {
      const caller = await this.caller(c)
      if (caller) await noted(c, caller, 'console.left')
      deleteCookie(c, NAME, { path: '/console', secure: isSecure(c) })
    },
  }
}

/** Where a form may lead back to: a page of ours and nothing else. */
const inside = (path: unknown): string =>
  typeof path === 'string' &&
  /^\/console(?:[/?][\w\-./?=&%~+:]*)?$/.test(path) &&
  !path.includes('/..')
    ? path
    : '/console'

const sameHost = (origin: string, c: Context): boolean =>
  URL.canParse(origin) && new URL(origin).host === new URL(c.req.url).host

const loginPage = (
  c: Call,
  context: ConsoleContext,
  next: string,
  error = '',
  status: 200 | 401 | 403 | 429 = 200,
) =>
  show(
    c,
    context,
    {
      title: 'Log in',
      place: null,
      body: html`
        <form class="login" method="post" action="/console/login">
          <h1>Rescind</h1>
          ${
            c.req.query('over') === undefined
              ? ''
              : html`
              <p class="error" role="alert">
                ${icon('alert')}
                <span>
                  Your session is over, so what you pressed was not done. Log in, and press again.
                </span>
              </p>
            `
          }
          <p>Log in with a caller’s key.</p>
          <input type="hidden" name="next" value="${kept(next)}">
          ${field(
            'key',
            'Key',
            html`
              <input
                id="key"
                name="key"
                type="password"
                required
                autofocus
                autocomplete="current-password"
                maxlength="512"
                placeholder="rsk_…"${
                  error ? html` aria-invalid="true" aria-describedby="key-error"` : ''
                }
              >
            `,
            { error },
          )}
          <button class="button is-first">Log in</button>
          <p class="hint">The key is not kept. The session ends after 12 hours.</p>
        </form>
      `,
    },
    status,
  )

/** Finds out who asks, and opens what that reaches. */
export const admitting =
  (sessions: Sessions, open: ReturnType<typeof openServices>) =>
  async (c: Call): Promise<void> => {
    if (c.get('caller')) return
    const caller = await sessions.caller(c)
    if (!caller) return
    c.set('caller', caller)
    open(c, caller)
  }

/**
 * Only forms of our own pages are read: what a page elsewhere sends is refused before anything
 * looks at it.
 */
export const guardForms = (app: Hono<Env>, admit: ReturnType<typeof admitting>): void => {
  app.use(csrf({ origin: sameHost }))
  app.use(async (c, next) => {
    if (
      c.req.method === 'POST' &&
      !/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(
        c.req.header('content-type') ?? '',
      )
    )
      refuse('unsupported-media-type', 'Only forms are read here.')
    if (c.req.method === 'POST') refuseCoded(c)
    await admit(c)
    await next()
  })
}

/**
 * Logging in and out, and what a person sets for this browser; then nothing more without a session.
 */
export const addSession = (app: Hono<Env>, context: ConsoleContext, sessions: Sessions): void => {
  app.get('/login', async (c) =>
    c.get('caller')
      ? c.redirect('/console', 303)
      : loginPage(c, context, inside(c.req.query('next'))),
  )
  app.post('/login', async (c) => {
    const { key, next } = await formOf(c)
    const refused = await sessions.enter(c, typeof key === 'string' ? key.trim() : '')
    return refused
      ? loginPage(c, context, inside(next), refused.why, refused.status)
      : c.redirect(inside(next), 303)
  })
  app.post('/logout', async (c) => {
    await sessions.leave(c)
    return c.redirect('/console/login', 303)
  })
  app.post('/settings', async (c) => {
    const { theme, keys, back } = await formOf(c)
    const keep = {
      path: '/console',
      httpOnly: true,
      sameSite: 'Strict',
      secure: isSecure(c),
      maxAge: SETTING_LIFE_S,
    } as const
    if (theme === 'auto' || theme === 'light' || theme === 'dark')
      setCookie(c, 'rescind_theme', theme, keep)
    if (keys === 'on' || keys === 'off') setCookie(c, 'rescind_keys', keys, keep)
    return c.redirect(inside(back), 303)
  })
  app.use(async (c, next) => {
    if (c.get('caller')) return next()
    if (c.req.header('rescind-live') !== undefined) return c.redirect('/console/login', 303)
    // What was pressed is not done, and must not look as if it were.
    if (c.req.method !== 'GET') return c.redirect('/console/login?over=1', 303)
    // A link from elsewhere comes without the strict cookie; asked for again by our own page it has
    // it.
    if (c.req.header('sec-fetch-site') === 'cross-site')
      return c.html(
        html`
          <!doctype html>
          <html lang="en">
            <head><title>Rescind</title><meta http-equiv="refresh" content="0"></head>
            <body><p><a href="${addressOf(c)}">Go on</a></p></body>
          </html>
        `,
      )
    return c.redirect(`/console/login?next=${encodeURIComponent(addressOf(c))}`, 303)
  })
}
