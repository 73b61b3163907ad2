/**
 * The gateway on Node: configuration, ledger, stores, clock and server, wired together in the order
 * in which they start.
 */
import type { Logger } from 'pino'
import { type Alert, SANDBOX_ALERT } from '../../alerts/alert.ts'
import type { Platform } from '../../adapter/platform.ts'
import type { Configuration } from '../../config/configuration.ts'
import { createConsole } from '../../console/index.ts'
import type { ConfigStanding } from '../../console/layout.ts'
import type { Failpoint } from '../../gateway/workflow/run.ts'
import { retention } from '../../gateway/retention.ts'
import { timing } from '../../gateway/workflow/timing.ts'
import { createApp } from '../../http/app.ts'
import { type Keys, openKeys } from '../../http/keys.ts'
import type { App } from '../../http/auth.ts'
import type { FullLedger } from '../../ledger/port.ts'
import { guarded } from '../../ledger/rules.ts'
import { steadyNow } from '../../model/time.ts'
import { platforms } from '../platforms.ts'
import { noteStart, openAuditTeller } from './audit.ts'
import { startClock } from './clock.ts'
import { type Alerts, openAlerts } from './alerts.ts'
import { type NodeDeliveries, openNodeDeliveries, refuseOwn } from './deliveries.ts'
import { type GatewayParts, openGateway } from './gateway.ts'
import { openLedger, pauseOf } from './ledger.ts'
import { watchExpiry } from './expiry.ts'
import { type ConfigSource, type Environment, openSource } from './load.ts'
import { faultFields, type OnFault, openLog } from './log.ts'
import { openMetrics } from './metrics.ts'
import { openServer } from './server.ts'
import { createReloading, type Reloading } from './reload.ts'
import { callersOf, isLoopback, redisOf, settingsOf } from './settings.ts'
import { type Endings, stop } from './stop.ts'
import { type ConnectedStores, connectStores } from './stores.ts'
import { watchConfig } from './watch.ts'

export interface Started {
  readonly url: string
  /** Reads the configuration again, and runs it if it may. */
  readonly reload: () => void
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

/** What is open once a start is through, in the order in which it is opened. */
interface Parts extends GatewayParts {
  readonly settings: ReturnType<typeof settingsOf>
  readonly known: readonly Platform[]
  readonly source: ConfigSource
  readonly config: Configuration | null
  readonly connected: ConnectedStores
  readonly keys: Keys
  readonly deliveries: NodeDeliveries
  readonly alerts: readonly Alert[]
}

interface AppParts extends Parts, ReturnType<typeof openGateway> {
  readonly endings: Endings
  readonly people: Alerts
  /** Null: it runs without a configuration. */
  readonly standing: (() => ConfigStanding) | null
}

/** What is served: the API, the console and the imitations. */
const openApp = (parts: AppParts): App => {
  const { settings, keys, known, connected, endings, gateway, batches, ledger } = parts
  const { log, metrics, deliveries, alerts, people, standing } = parts
  const { webhooks } = deliveries
  const callers = keys.callers()
  const onFault = (error: unknown, requestId: string) => parts.onFault(error, { requestId })
  return createApp({
    gateway,
    batches,
    webhooks,
    hooks: gateway.hooks,
    ready: ledger.ready,
    metrics: () =>
      metrics.text(ledger, connected.stores, deliveries.configured, keys.known(), alerts),
    callers,
    keys,
    ...(callers === null && isLoopback(settings.listening.host) && { isHost: isLoopback }),
    adapters: known.map(({ adapter }) => adapter),
    sandboxes: connected.sandboxes,
    console: createConsole({
      gateway,
      batches,
      webhooks,
      alerts: people.desk,
      callers,
      keys,
      ...(standing && { standing }),
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

/** Says which stores lead elsewhere: those send nothing until a person has said what it is. */
const tellMoved = async (log: Logger, gateway: AppParts['gateway']): Promise<void> => {
  for (const { store, from, to } of await gateway.moved())
    log.error(
      { store, from, to },
      'this store was first opened for another merchant account: nothing is sent for it ' +
        '(docs/operations.md, “A store that moved”)',
    )
}

/** Says where it listens, for whom, and which stores send nothing. */
const announce = async (
  { log, settings, config, connected, keys }: Parts,
  gateway: AppParts['gateway'],
  url: string,
): Promise<void> => {
  const mode = config ? 'live' : 'sandbox'
  log.info(
    { url, mode, stores: connected.stores.size, callers: keys.callers()?.length ?? 0 },
    settings.sandbox
      ? 'listening: sandbox stores only, without keys, as RESCIND_SANDBOX says'
      : mode === 'sandbox'
        ? 'listening: sandbox stores only, no configuration was found'
        : 'listening',
  )
  await tellMoved(log, gateway)
}

/** Reads the configuration, and opens what works by it. */
const openParts = async (environment: Environment, options: StartOptions): Promise<Parts> => {
  const settings = settingsOf(environment)
  const { platforms: known = platforms, failpoint } = options
  const log = openLog(settings.level, settings.format)
  const source = openSource(environment, known)
  const config = options.sandbox ? null : source.load()
  const keys = openKeys(callersOf(config, settings))
  const webhooks = config?.webhooks ?? []
  const alerts = config?.alerts ?? [SANDBOX_ALERT]
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
    // By the stores of the moment: one that comes later may settle later.
    get pauseMs() {
      return pauseOf(settled, stores.values())
    },
    ...redisOf(environment),
    warn: (message) => log.warn(message),
    clock: steadyNow,
    retention: kept,
  })
  const ledger: FullLedger = metrics.timed(guarded(opened))

  const onFault: OnFault = (error, about = {}) =>
    log.error({ ...about, ...faultFields(error) }, 'fault')
  const deliveries = openNodeDeliveries({ ledger, webhooks, alerts, log, onFault })
  const told = { log, metrics, onFault, deliveries, alerts }
  const read = { settings, known, source, config, connected, keys }
  const limits = { timing: settled, retention: kept, failpoint }
  return { ledger, stores, ...limits, ...told, ...read }
}

/** Who tells people; of the webhooks that are configured at that moment. */
const openPeople = (parts: Parts, gateway: AppParts['gateway']): Alerts =>
  openAlerts({
    ...parts,
    gateway,
    smtp: parts.config?.smtp ?? null,
    base: parts.settings.base,
    get webhooks() {
      return parts.deliveries.configured
    },
  })

/** What takes up a changed configuration; null: there is none. */
const openReloading = (parts: Parts, gateway: AppParts['gateway']): Reloading | null =>
  parts.config &&
  createReloading(parts.config, {
    ...parts,
    async onReplaced(config) {
      await noteStart(parts.ledger, config, parts.stores)
      await tellMoved(parts.log, gateway)
    },
  })

/**
 * Starts the gateway; resolves when it listens. Throws `ConfigError` for what a person must mend.
 */
export const start = async (
  environment: Environment,
  options: StartOptions = {},
): Promise<Started> => {
  const parts = await openParts(environment, options)
  const { settings, config, connected, stores, ledger, log, source, keys, onFault } = parts
  const { gateway, batches } = openGateway(parts)
  const reloading = openReloading(parts, gateway)
  const endings = { closing: new AbortController(), leaving: new AbortController() }
  const standing = reloading?.standing ?? null
  const people = openPeople(parts, gateway)
  const app = openApp({ ...parts, endings, standing, gateway, batches, people })
  const server = openServer(app.fetch, settings.listening.host)
  const url = await server.listen(settings.listening).catch(async (error: unknown) => {
    await connected.close()
    await ledger.close()
    throw error
  })

  const audit = openAuditTeller(ledger, log)
  await noteStart(ledger, config, stores).catch(onFault)
  const clock = startClock({ ...parts, audit, alerts: people, gateway, batches })
  await announce(parts, gateway, url)
  let isClosing = false
  const reload = () => {
    // What is closed would be opened anew.
    if (isClosing) return
    if (reloading) reloading.reload()
    else log.warn('there is no configuration to be read again')
  }
  const watches = [
    watchExpiry(keys, log),
    ...(reloading ? [watchConfig({ source, onChanged: reload, onFault })] : []),
  ]
  const { longestCallMs } = parts.timing
  return {
    url,
    reload,
    close() {
      isClosing = true
      const working = { gateway, batches, audit, alerts: people }
      return stop({ ...parts, ...working, watches, clock, server, endings, longestCallMs })
    },
  }
}
