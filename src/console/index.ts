/**
 * The console: pages for people under `/console`, rendered here and calling the use cases directly.
 * On Workers only where the entry with it is deployed (hosts/workers/console.ts).
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import { type AlertDesk, NO_ALERTS } from '../alerts/desk.ts'
import type { CallerConfig } from '../config/configuration.ts'
import type { Batches } from '../gateway/batches/service.ts'
import type { Webhooks } from '../gateway/deliveries/service.ts'
import type { CancellationService } from '../gateway/service.ts'
import { type Env, openServices } from '../http/auth.ts'
import { type Keys, openKeys } from '../http/keys.ts'
import { refuse } from '../model/problem.ts'
import { addAudit } from './audit.ts'
import { addBatches } from './batches.ts'
import { addCancellations } from './cancellations.ts'
import { addCarried, CARRIED_START } from './carried.ts'
import { addClosed } from './closed.ts'
import { addDrafts } from './draft.ts'
import { addErrors } from './errors.ts'
import { addFind } from './find.ts'
import { addHome } from './home.ts'
import type { ConsoleContext } from './layout.ts'
import { addNew } from './new.ts'
import { addMessages } from './messages.ts'
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
  /** What people are told. Left out: nothing. */
  readonly alerts?: AlertDesk
  /** Null: nobody logs in; only for a gateway that listens on loopback alone. */
  readonly callers: readonly CallerConfig[] | null
  /** The same callers, where they may be replaced. Left out: they stay as they are. */
  readonly keys?: Keys
  /** How what runs stands to the configuration file; left out: there is none. */
  readonly standing?: ConsoleContext['standing']
  /**
   * Signs the sessions: several gateways behind one name need the same. Null: there is none, and
   * where somebody must log in every page says what to do.
   */
  readonly secret: string | null
  /**
   * How long a page that is held waits between two looks at least; for where each of them asks many
   * others.
   */
  readonly lookMs?: number
  /**
   * Whether the next request comes to this process; else a checked file goes along with its page.
   */
  readonly isAlone?: boolean
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

const OF_FILES = ['/console/batches/check', CARRIED_START]

const FILES = [
  ['style.css', STYLE, 'text/css'],
  ['script.js', SCRIPT, 'text/javascript'],
  ['icon.svg', ICON, 'image/svg+xml'],
] as const

export const createConsole = ({
  gateway,
  batches,
  webhooks,
  alerts = NO_ALERTS,
  callers,
  keys = openKeys(callers),
  standing,
  secret,
  lookMs = 0,
  isAlone = true,
  closing = new AbortController().signal,
  onFault = () => {},
}: ConsoleOptions): Hono<Env> => {
  const app = new Hono<Env>()
  const { stores, timing } = gateway
  const isOpen = callers === null
  const about = { stores, timing, closing, standing, lookMs, alerts }
  const context: ConsoleContext = { ...about, open: isOpen }
  const sessions = createSessions(keys, secret ?? '', gateway.audit)
  const admit = admitting(sessions, openServices(gateway, batches, webhooks, 'console'))
  addErrors(app, context, admit, onFault)
  app.use(headers)
  for (const [name, text, type] of FILES)
    app.get(`/${name}`, (c) => c.body(text, 200, { 'content-type': `${type}; charset=utf-8` }))
  if (callers !== null && secret === null) {
    addClosed(app, context)
    return app
  }
  // Files of batches are larger, and limit themselves.
  const small = bodyLimit({
    maxSize: MAX_FORM_BYTES,
    onError: () => refuse('too-large', 'The form may be at most 16 KiB.'),
  })
  app.use(async (c, next) => (OF_FILES.includes(c.req.path) ? next() : small(c, next)))
  guardForms(app, admit)
  addSession(app, context, sessions)
  addHome(app, context)
  addFind(app, context)
  addCancellations(app, context)
  addNew(app, context)
  if (isAlone) addDrafts(app, context)
  else addCarried(app, context)
  addBatches(app, context)
  addLinks(app, context)
  addStores(app, context)
  addWebhooks(app, context)
  addMessages(app, context)
  addAudit(app, context)
  app.all('*', () => refuse('not-found', 'Nothing has this address.'))
  return app
}
