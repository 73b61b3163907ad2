/**
 * The console: pages for people under `/console`, rendered here and calling the use cases directly.
 * On Node only.
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { CallerConfig } from '../config/configuration.ts'
import type { Batches } from '../gateway/batches/service.ts'
import type { Webhooks } from '../gateway/deliveries/service.ts'
import type { CancellationService } from '../gateway/service.ts'
import { type Env, openServices } from '../http/auth.ts'
import { LedgerUnavailable } from '../ledger/port.ts'
import { type Problem, ProblemError, refuse } from '../model/problem.ts'
import { addBatches } from './batches.ts'
import { addCancellations } from './cancellations.ts'
import { addDrafts } from './draft.ts'
import { html, icon, said } from './elements.ts'
import { addFind } from './find.ts'
import { addHome } from './home.ts'
import { addressOf, type Call, type ConsoleContext, show, trouble } from './layout.ts'
import { addNew } from './new.ts'
import { addLinks } from './links.ts'
import { SCRIPT } from './script.ts'
import { addSession, createSessions, guardForms, MAX_FORM_BYTES } from './session.ts'
import { addStores } from './stores.ts'
import { ICON, STYLE } from './style.ts'
import { addWebhooks } from './webhooks.ts'

export { MIN_SECRET } from './session.ts'

export interface ConsoleOptions {
  readonly gateway: CancellationService
  readonly batches: Batches
  /** Left out: nobody is told of anything. */
  readonly webhooks?: Webhooks
  /** Null: nobody logs in; only for a gateway that listens on loopback alone. */
  readonly callers: readonly CallerConfig[] | null
  /** Signs the sessions: several gateways behind one name need the same. */
  readonly secret: string
  readonly closing?: AbortSignal
  readonly onFault?: (error: unknown, requestId: string) => void
}

const SELF = ["'self'"]
const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: SELF,
    styleSrc: SELF,
    imgSrc: SELF,
    connectSrc: SELF,
    formAction: SELF,
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
  // With none at all a browser says “Origin: null” of our own forms.
  referrerPolicy: 'same-origin',
  xFrameOptions: 'DENY',
})

const FILES = [
  ['style.css', STYLE, 'text/css'],
  ['script.js', SCRIPT, 'text/javascript'],
  ['icon.svg', ICON, 'image/svg+xml'],
] as const

/** What is wrong in what was sent, and where. */
const mistakes = (errors: NonNullable<Problem['errors']>) => html`
  <ul>
    ${errors.slice(0, 20).map(({ row, column, pointer, detail }) => {
      const place = [row ? `row ${row}` : '', column ?? pointer].filter(Boolean).join(', ')
      return html`<li>${said([place, detail].filter(Boolean).join(': '))}</li>`
    })}
  </ul>
`

/** A problem in the words of the catalogue; what stands in the way is linked. */
const problemPage = (
  c: Call,
  context: ConsoleContext,
  { problem, headers: more }: ProblemError,
): Promise<Response> => {
  c.set('code', problem.code)
  for (const [name, value] of Object.entries(more)) c.header(name, value)
  const other = /^\/v1\/cancellations\/(can_\w+)$/.exec(problem.cancellation ?? '')?.[1]
  return show(
    c,
    context,
    {
      title: problem.title,
      place: null,
      body: html`
        <div class="empty is-trouble">
          <h1>${icon('alert')} ${problem.title}</h1>
          <p>${said(problem.detail)}</p>
          ${problem.errors ? mistakes(problem.errors) : ''}
          ${problem.acted === 'no' ? html`<p>Nothing changed in the store.</p>` : ''}
          <p>
            ${
              other
                ? html`
                <a href="/console/cancellations/${other}">The cancellation in question</a> · `
                : ''
            }
            <a href="/problems/${problem.code}">What this means</a>
            ${
              problem.code === 'order-not-found'
                ? html` · <a href="/console/new">Find the order</a>`
                : problem.retryable && c.req.method === 'GET'
                  ? html` · <a href="${addressOf(c)}">Try again</a>`
                  : c.req.path === '/console/batches/check'
                    ? html` · <a href="/console/batches">Choose another file</a>`
                    : ''
            } · <a href="/console">Needs you</a>
          </p>
        </div>
      `,
    },
    problem.status as ContentfulStatusCode,
  )
}

const faultPage = (c: Call, context: ConsoleContext, error: Error): Promise<Response> =>
  error instanceof LedgerUnavailable
    ? trouble(
        c,
        context,
        503,
        'Could not load',
        'The ledger cannot be reached, so nothing can be said about cancellations. ' +
          (error.written === false || c.req.method === 'GET'
            ? 'Nothing was accepted and nothing sent.'
            : 'What was asked for may be written down, and is done then: look for it before you ' +
              'ask again.'),
      )
    : trouble(
        c,
        context,
        500,
        'We made a mistake',
        'Something went wrong inside the gateway. What was written is kept.',
      )

const addErrors = (
  app: Hono<Env>,
  context: ConsoleContext,
  onFault: NonNullable<ConsoleOptions['onFault']>,
): void => {
  app.onError((error, c) => {
    if (error instanceof ProblemError) return problemPage(c, context, error)
    if (error instanceof HTTPException)
      return trouble(
        c,
        context,
        403,
        'This form came from elsewhere',
        'Only forms of this console are read. Nothing was done.',
      )
    onFault(error, c.get('requestId'))
    return faultPage(c, context, error)
  })
}

export const createConsole = ({
  gateway,
  batches,
  webhooks,
  callers,
  secret,
  closing = new AbortController().signal,
  onFault = () => {},
}: ConsoleOptions): Hono<Env> => {
  const app = new Hono<Env>()
  const { stores, timing } = gateway
  const context: ConsoleContext = { stores, timing, closing, open: callers === null }
  const sessions = createSessions(callers, secret)
  addErrors(app, context, onFault)
  app.use(headers)
  for (const [name, text, type] of FILES)
    app.get(`/${name}`, (c) => c.body(text, 200, { 'content-type': `${type}; charset=utf-8` }))
  // Files of batches are larger, and limit themselves.
  const small = bodyLimit({
    maxSize: MAX_FORM_BYTES,
    onError: () => refuse('too-large', 'The form may be at most 16 KiB.'),
  })
  app.use(async (c, next) => (c.req.path === '/console/batches/check' ? next() : small(c, next)))
  guardForms(app, sessions, openServices(gateway, batches, webhooks))
  addSession(app, context, sessions)
  addHome(app, context)
  addFind(app, context)
  addCancellations(app, context)
  addNew(app, context)
  addDrafts(app, context)
  addBatches(app, context)
  addLinks(app, context)
  addStores(app, context)
  addWebhooks(app, context)
  app.all('*', () => refuse('not-found', 'Nothing has this address.'))
  return app
}
