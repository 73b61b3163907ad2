/**
 * The gateway on Node: configuration, ledger, stores, clock and server, wired together in the order
 * in which they start.
 */
import type { Logger } from 'pino'
import type { Platform } from '../../adapter/platform.ts'
import { createConsole } from '../../console/index.ts'
import type { Failpoint } from '../../gateway/workflow/run.ts'
import { retention } from '../../gateway/retention.ts'
import { timing } from '../../gateway/workflow/timing.ts'
import { createApp } from '../../http/app.ts'
import type { App } from '../../http/auth.ts'
import type { FullLedger } from '../../ledger/port.ts'
import { guarded } from '../../ledger/rules.ts'
import { steadyNow } from '../../model/time.ts'
import { platforms } from '../platforms.ts'
import { noteStart, openAuditTeller } from './audit.ts'
import { startClock } from './clock.ts'
import { openNodeDeliveries, refuseOwn } from './deliveries.ts'
import { type GatewayParts, openGateway } from './gateway.ts'
import { openLedger, pauseOf } from './ledger.ts'
import { type Environment, loadConfig } from './load.ts'
import { faultFields, type OnFault, openLog } from './log.ts'
import { openMetrics } from './metrics.ts'
import { openServer } from './server.ts'
import { callersOf, isLoopback, redisOf, settingsOf } from './settings.ts'
import { type Endings, stop } from './stop.ts'
import { type ConnectedStores, connectStores } from './stores.ts'

export interface Started {
  readonly url: string
  readonly close: () => Promise<void>
}

export interface StartOptions {
  /** Sandbox mode, whatever configuration lies about. */
  readonly sandbox?: boolean
  /** In the place of the platforms that come with it. */
  readonly platforms?: readonly Platform[]
  /** For tests: told of every failpoint between two steps. */
  readonly failpoint?: (name: Failpoint) => void
}

interface AppParts extends GatewayParts, ReturnType<typeof openGateway> {
  readonly settings: ReturnType<typeof settingsOf>
  readonly known: readonly Platform[]
  readonly connected: ConnectedStores
  readonly endings: Endings
}

/** What is served: the API, the console and the imitations. */
const openApp = (parts: AppParts): App => {
  const { settings, callers, known, connected, endings, gateway, batches, ledger } = parts
  const { log, metrics } = parts
  const onFault = (error: unknown, requestId: string) => parts.onFault(error, { requestId })
  return createApp({
    gateway,
    batches,
    webhooks: parts.deliveries.webhooks,
    hooks: gateway.hooks,
    ready: ledger.ready,
    metrics: () => metrics.text(ledger, connected.stores, parts.deliveries.configured),
    callers,
    ...(callers === null && isLoopback(settings.listening.host) && { isHost: isLoopback }),
    adapters: known.map(({ adapter }) => adapter),
    sandboxes: connected.sandboxes,
    console: createConsole({
      gateway,
      batches,
      webhooks: parts.deliveries.webhooks,
      callers,
      secret: settings.secret,
      closing: endings.closing.signal,
      onFault,
    }),
    leaving: endings.leaving.signal,
    onRequest: (entry) => {
      metrics.onRequest(entry)
      log.info(entry, 'request')
    },
    onFault,
  })
}

/** Says where it listens, for whom, and which stores send nothing. */
const announce = async (
  log: Logger,
  gateway: AppParts['gateway'],
  isOpen: boolean,
  listening: { url: string; mode: 'sandbox' | 'live'; stores: number; callers: number },
): Promise<void> => {
  log.info(
    listening,
    isOpen
      ? 'listening: sandbox stores only, without keys, as RESCIND_SANDBOX says'
      : listening.mode === 'sandbox'
        ? 'listening: sandbox stores only, no configuration was found'
        : 'listening',
  )
  // What leads elsewhere sends nothing until a person has said what it is.
  for (const { store, from, to } of await gateway.moved())
    log.error(
      { store, from, to },
      'this store was first opened for another merchant account: nothing is sent for it ' +
        '(docs/operations.md, “A store that moved”)',
    )
}

/**
 * Starts the gateway; resolves when it listens. Throws `ConfigError` for what a person must mend.
 */
export const start = async (
  environment: Environment,
  options: StartOptions = {},
): Promise<Started> => {
  const settings = settingsOf(environment)
  const { platforms: known = platforms, failpoint } = options
  const log = openLog(settings.level, settings.format)
  const config = options.sandbox ? null : loadConfig(environment, known)
  const callers = callersOf(config, settings)
  const webhooks = config?.webhooks ?? []
  refuseOwn(webhooks, settings.listening)

  const settled = timing(config?.timing)
  const kept = retention(config?.retention)
  const metrics = openMetrics(steadyNow)
  const connected = await connectStores(config, known, {
    timing: settled,
    observe: metrics.observe,
    reserve: (...asked) => ledger.reserve(...asked),
  })
  const { stores } = connected
  const opened = await openLedger(settings.ledger, {
    pauseMs: pauseOf(settled, stores.values()),
    ...redisOf(environment),
    warn: (message) => log.warn(message),
    clock: steadyNow,
    retention: kept,
  })
  const ledger: FullLedger = metrics.timed(guarded(opened))

  const onFault: OnFault = (error, about = {}) =>
    log.error({ ...about, ...faultFields(error) }, 'fault')
  const deliveries = openNodeDeliveries({ ledger, webhooks, log, onFault })
  const told = { log, metrics, onFault, deliveries }
  const base = { ledger, stores, timing: settled, retention: kept, callers, failpoint, ...told }
  const { gateway, batches } = openGateway(base)
  const endings = { closing: new AbortController(), leaving: new AbortController() }
  const app = openApp({ ...base, settings, callers, known, connected, endings, gateway, batches })
  const server = openServer(app.fetch, settings.listening.host)
  const url = await server.listen(settings.listening).catch(async (error: unknown) => {
    await connected.close()
    await ledger.close()
    throw error
  })

  const audit = openAuditTeller(ledger, log)
  await noteStart(ledger, config, stores).catch(onFault)
  const clock = startClock({ gateway, batches, deliveries, ledger, audit, onFault })
  const { longestCallMs } = settled
  await announce(log, gateway, settings.sandbox, {
    url,
    mode: config ? 'live' : 'sandbox',
    stores: stores.size,
    callers: callers?.length ?? 0,
  })
  return {
    url,
    close: () =>
      stop({ clock, audit, server, endings, batches, connected, longestCallMs, ...base, gateway }),
  }
}
