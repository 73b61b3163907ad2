/**
 * The console: pages for people under `/console`, rendered here and calling the use cases directly.
 * On Node only.
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import type { CallerConfig } from '../config/configuration.ts'
import type { Batches } from '../gateway/batches/service.ts'
import type { Webhooks } from '../gateway/deliveries/service.ts'
import type { CancellationService } from '../gateway/service.ts'
import { type Env, openServices } from '../http/auth.ts'
import { refuse } from '../model/problem.ts'
import { addAudit } from './audit.ts'
import { addBatches } from './batches.ts'
import { addCancellations } from './cancellations.ts'
import { addDrafts } from './draft.ts'
import { addErrors } from './errors.ts'
import { addFind } from './find.ts'
import { addHome } from './home.ts'
import type { ConsoleContext } from './layout.ts'
import { addNew } from './new.ts'
import { addLinks } from './links.ts'
import { SCRIPT } from './script.ts'
import { addSession, admitting, createSessions, guardForms, MAX_FORM_BYTES } from './session.ts'
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
  const sessions = createSessions(callers, secret, gateway.audit)
  const admit = admitting(sessions, openServices(gateway, batches, webhooks, 'console'))
  addErrors(app, context, admit, onFault)
  app.use(headers)
  for (const [name, text, type] of FILES)
    app.get(`/${name}`, (c) => c.body(text, 200, { 'content-type': `${type}; charset=utf-8` }))
  // Files of batches are larger, and limit themselves.
  const small = bodyLimit({
    maxSize: MAX_FORM_BYTES,
    onError: () => refuse('too-large', 'The form may be at most 16 KiB.'),
  })
  app.use(async (c, next) => (c.req.path === '/console/batches/check' ? next() : small(c, next)))
  guardForms(app, admit)
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
  addAudit(app, context)
  app.all('*', () => refuse('not-found', 'Nothing has this address.'))
  return app
}
