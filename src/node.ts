/** The gateway on Node: configuration, ledger, transport, clock and server, wired together. */
import { existsSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { pino } from 'pino'
import { platforms } from '../adapters/index.ts'
import { openStore } from './adapter/store.ts'
import { ConfigError, type Configuration, readConfig } from './config.ts'
import type { Seam } from './gateway/attempt.ts'
import { createGateway } from './gateway/gateway.ts'
import { timing } from './gateway/timing.ts'
import { createApp } from './http/app.ts'
import { guarded, type Ledger } from './ledger/ledger.ts'
import { openMemoryLedger } from './ledger/memory.ts'
import { openSqliteLedger } from './ledger/sqlite.ts'
import type { Cancellation } from './model/cancellation.ts'
import { openSandbox } from './sandbox.ts'
import { openTransport } from './undici.ts'

/** How often the clock looks for what is due. */
const TICK_MS = 250
const SWEEP_MS = 3_600_000
const DEFAULT_CONFIG = 'rescind.config.json'

type Environment = Readonly<Record<string, string | undefined>>

/** The configuration named by the environment; null: none, so sandbox mode. */
const loadConfig = (environment: Environment): Configuration | null => {
  const named = environment['RESCIND_CONFIG']
  const file = named ?? DEFAULT_CONFIG
  if (named === undefined && !existsSync(file)) return null
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`)
  }
  try {
    return readConfig(value, environment, platforms.map(({ adapter }) => adapter))
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(`${file} is not valid:\n${error.message}`) : error
  }
}

const openLedger = (address: string): Ledger => {
  if (address === 'memory:') return openMemoryLedger()
  if (address.startsWith('sqlite:')) return openSqliteLedger(address.slice('sqlite:'.length))
  throw new ConfigError('RESCIND_LEDGER must be sqlite:PATH or memory:')
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127\./.test(host)

/** Allow-listed fields of a record: never an order's content, a reason, a message or a name. */
const logged = ({ id, status, platform, request, attempts, version }: Cancellation) => {
  const last = attempts.at(-1)
  return { cancellation: id, status, store: request.store, platform, target: request.target, version, attempts: attempts.length, result: last?.result ?? null, ms: last?.ms ?? null }
}

export interface Started {
  readonly url: string
  readonly close: () => Promise<void>
}

export interface StartOptions {
  /** Sandbox mode, whatever configuration lies about. */
  readonly sandbox?: boolean
  /** For tests: told of every seam between two steps. */
  readonly seam?: (name: Seam) => void
}

/** Starts the gateway; resolves when it listens. Throws `ConfigError` for what a person must mend. */
export const start = async (environment: Environment, options: StartOptions = {}): Promise<Started> => {
  const log = pino({ level: environment['LOG_LEVEL'] ?? 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime })
  const config = options.sandbox ? null : loadConfig(environment)
  const host = environment['HOST'] ?? '127.0.0.1'
  const port = Number(environment['PORT'] ?? 8787)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new ConfigError('PORT must be a number from 0 to 65535')
  const callers = config && config.callers.length > 0 ? config.callers : null
  if (callers === null && !isLoopback(host)) throw new ConfigError(`HOST is ${host}: without callers in the configuration only loopback is served`)

  const settled = timing(config?.timing)
  const { transport, close: closeTransport } = openTransport()
  const line = { callTimeoutMs: settled.callTimeoutMs }
  const sandbox = config ? null : openSandbox(platforms, line)
  const stores = sandbox?.stores ?? new Map(config?.stores.map(({ id, adapter, settings, onDoubt, test }) =>
    [id, openStore(id, adapter, settings, { ...line, transport, settleMs: config.timing.settleMs ?? settled.settleMs, onDoubt, test })]))

  const ledger = guarded(openLedger(environment['RESCIND_LEDGER'] ?? 'sqlite:data/rescind.db'))
  const fault = (error: unknown, about: object) => log.error({ ...about, fault: (error as Error)?.name ?? 'unknown', at: (error as Error)?.stack?.split('\n').slice(1, 4).map((line) => line.trim()) }, 'fault')
  const gateway = createGateway({
    ledger, stores, timing: settled, ...(options.seam && { seam: options.seam }),
    onSaved: (record) => (record.status === 'needs_attention' ? log.warn(logged(record), 'needs attention') : log.info(logged(record), 'saved')),
    onFault: (error, record) => fault(error, record ? logged(record) : {}),
  })
  const app = createApp({
    gateway, ready: ledger.ready, callers, adapters: platforms.map(({ adapter }) => adapter), sandboxes: sandbox?.sandboxes ?? new Map(),
    onRequest: (entry) => log.info(entry, 'request'),
    onFault: (error, requestId) => fault(error, { requestId }),
  })

  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const opening = serve({ fetch: app.fetch, hostname: host, port }, () => resolve(opening))
    opening.once('error', reject)
  })
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`

  let stopped = false
  let sleeping: ReturnType<typeof setTimeout> | undefined
  const clock = async (): Promise<void> => {
    try {
      await gateway.tick()
    } catch (error) {
      fault(error, {})
    }
    if (!stopped) sleeping = setTimeout(() => { ticking = clock() }, TICK_MS)
  }
  let ticking = clock()
  const sweeping = setInterval(() => { ledger.sweep().catch((error: unknown) => fault(error, {})) }, SWEEP_MS)
  sweeping.unref()

  log.info({ url, mode: sandbox ? 'sandbox' : 'live', stores: stores.size, callers: callers?.length ?? 0 }, sandbox ? 'listening: sandbox stores only, no configuration was found' : 'listening')

  return {
    url,
    async close() {
      stopped = true
      clearTimeout(sleeping)
      clearInterval(sweeping)
      const closed = new Promise((resolve) => server.close(resolve))
      // What was begun is finished; what waits is on the disk and goes on at the next start.
      await gateway.close()
      await ticking
      if ('closeAllConnections' in server) server.closeIdleConnections()
      await closed
      await closeTransport()
      await ledger.close()
    },
  }
}

/** The program: starts by the process's environment, ends on SIGTERM or SIGINT, exits 1 with a sentence where it cannot start. */
export const run = async (): Promise<void> => {
  try {
    const started = await start(process.env)
    const stop = () => { void started.close().then(() => process.exit(0)) }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`)
    process.exit(1)
  }
}
