/**
 * The gateway on Node: configuration, ledger, transport, clock and server, wired together. `start`
 * is longer than 60 lines because it is the one place where all of it is put together, in the order
 * in which it starts, and closed in the reverse.
 */
import type { Platform } from '../../adapter/platform.ts'
import { platforms } from '../platforms.ts'
import { ConfigError } from '../../config/configuration.ts'
import { createConsole, MIN_SECRET } from '../../console/index.ts'
import type { Failpoint } from '../../gateway/workflow/run.ts'
import { createBatches } from '../../gateway/batches/service.ts'
import { createGateway } from '../../gateway/gateway.ts'
import { timing } from '../../gateway/workflow/timing.ts'
import { createApp } from '../../http/app.ts'
import type { FullLedger } from '../../ledger/port.ts'
import { guarded } from '../../ledger/rules.ts'
import { openMemoryLedger } from '../../ledger/memory/memory.ts'
import type { RedisOptions } from '../../ledger/redis/redis.ts'
import { openSqliteLedger } from '../../ledger/sql/sqlite.ts'
import { type Environment, isSandbox, loadConfig } from './load.ts'
import { formatOf, openLog } from './log.ts'
import { openMetrics } from './metrics.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import { steadyNow } from '../../model/time.ts'
import { openSandbox } from '../../config/sandbox.ts'
import { openServer, within } from './server.ts'
import { openStores } from '../../config/stores.ts'

/** How often the clock looks for what is due. */
const TICK_MS = 250
const SWEEP_MS = 3_600_000
/** How long a stop waits for a client to read its answer, and for each thing that is closed. */
const GRACE_MS = 10_000
/**
 * Under npm one signal may come twice: from the terminal or the service manager, and handed on by
 * npm.
 */
const TWICE_MS = 500
const PARENT_LOOK_MS = 500

export const openLedger = async (address: string, options: RedisOptions): Promise<FullLedger> => {
  try {
    if (address === 'memory:') return openMemoryLedger(steadyNow)
    if (address.startsWith('sqlite:'))
      return openSqliteLedger(address.slice('sqlite:'.length), steadyNow)
    if (/^rediss?:\/\//.test(address)) {
      // Loaded by those who have one: its client is a seventh of what a start costs.
      const { openRedisLedger } = await import('../../ledger/redis/redis.ts')
      return await openRedisLedger(address, options)
    }
  } catch (cause) {
    throw new ConfigError(`RESCIND_LEDGER: ${(cause as Error).message}`, { cause })
  }
  throw new ConfigError(
    'RESCIND_LEDGER must be sqlite:PATH, redis://HOST:PORT, rediss://HOST:PORT or memory:',
  )
}

/** What the environment says of Redis. */
export const redisOf = ({
  RESCIND_REDIS_ALLOW_VOLATILE: volatile,
  RESCIND_REDIS_REPLICAS: replicas,
}: Environment): Pick<RedisOptions, 'allowVolatile' | 'replicas'> => ({
  allowVolatile: volatile === '1',
  ...(replicas && { replicas: Number(replicas) }),
})

export const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** A variable that is set to nothing is not set. */
export const settingsOf = (environment: Environment) => {
  const port = environment['PORT'] || '8787'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new ConfigError('PORT must be a number from 0 to 65535')
  const level = environment['LOG_LEVEL'] || 'info'
  if (!LEVELS.includes(level))
    throw new ConfigError(`LOG_LEVEL must be one of ${LEVELS.join(', ')}`)
  const sandbox = isSandbox(environment)
  // Whoever reaches the sandbox needs no key, so no ledger with records of real orders is opened.
  const ledger = sandbox ? 'memory:' : environment['RESCIND_LEDGER'] || 'sqlite:data/rescind.db'
  const reusePort = environment['RESCIND_REUSE_PORT'] === '1'
  if (reusePort && !/^rediss?:/.test(ledger))
    throw new ConfigError(
      'RESCIND_REUSE_PORT: several processes on one port need a ledger that they share: ' +
        'RESCIND_LEDGER=redis://…',
    )
  const secret =
    environment['RESCIND_SESSION_SECRET'] || `${crypto.randomUUID()}${crypto.randomUUID()}`
  if (secret.length < MIN_SECRET)
    throw new ConfigError(`RESCIND_SESSION_SECRET must have at least ${MIN_SECRET} characters`)
  return {
    secret,
    listening: { host: environment['HOST'] || '127.0.0.1', port: Number(port), reusePort },
    level,
    format: formatOf(environment),
    ledger,
    sandbox,
  }
}

/** Allow-listed fields of a record: never an order's content, a reason, a message or a name. */
const logged = ({
  id,
  status,
  platform,
  request,
  attempts,
  version,
  problem: why,
  hindrance,
}: Cancellation) => {
  const last = attempts.at(-1)
  return {
    cancellation: id,
    status,
    store: request.store,
    platform,
    target: request.target,
    version,
    attempts: attempts.length,
    result: last?.result ?? null,
    ms: last?.ms ?? null,
    ...(why && { code: why.code, cause: why.cause, detail: why.detail }),
    ...(hindrance && { hindrance: hindrance.result }),
  }
}

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

/**
 * Starts the gateway; resolves when it listens. Throws `ConfigError` for what a person must mend.
 */
export const start = async (
  environment: Environment,
  options: StartOptions = {},
): Promise<Started> => {
  const settings = settingsOf(environment)
  const { listening, level, format, ledger: address, secret, sandbox: isOpen } = settings
  const { platforms: known = platforms } = options
  const { host } = listening
  const log = openLog(level, format)
  const config = options.sandbox ? null : loadConfig(environment, known)
  const callers = config && config.callers.length > 0 ? config.callers : null
  if (callers === null && !isOpen && !isLoopback(host))
    throw new ConfigError(
      `HOST is ${host}: without callers in the configuration only loopback is served` +
        (config ? '' : '; RESCIND_SANDBOX=1 serves the sandbox there, to everybody'),
    )

  const settled = timing(config?.timing)
  // Who has no store of his own sends nothing, and waits less for his start.
  const network = config && (await import('../../connection/transport-undici.ts')).openTransport()
  const metrics = openMetrics(steadyNow)
  const sandbox = config
    ? null
    : await openSandbox(known, {
        callTimeoutMs: settled.callTimeoutMs,
        observe: metrics.observe,
      })
  const stores = network
    ? openStores(config, {
        transport: network.transport,
        timing: settled,
        observe: metrics.observe,
        reserve: (...asked) => ledger.reserve(...asked),
      })
    : (sandbox?.stores ?? new Map())

  const ledger: FullLedger = metrics.timed(
    guarded(
      await openLedger(address, {
        // A sender whose intent Redis forgot may still be at it, and then its call may still land.
        pauseMs:
          settled.longestCallMs +
          Math.max(settled.settleMs, ...[...stores.values()].map((store) => store.settleMs)),
        ...redisOf(environment),
        warn: (message) => log.warn(message),
        clock: steadyNow,
      }),
    ),
  )
  const fault = (error: unknown, about: object) =>
    log.error(
      {
        ...about,
        fault: (error as Error)?.name ?? 'unknown',
        at: (error as Error)?.stack
          ?.split('\n')
          .slice(1, 4)
          .map((line) => line.trim()),
      },
      'fault',
    )
  const gateway = createGateway({
    ledger,
    stores,
    timing: settled,
    now: steadyNow,
    ...(options.failpoint && { failpoint: options.failpoint }),
    onSaved: (record, before) => {
      metrics.onSaved(record, before)
      if (record.status === 'needs_attention') log.warn(logged(record), 'needs attention')
      else log.info(logged(record), 'saved')
      batches.onRecordSaved(record)
    },
    onFault: (error, record) => fault(error, record ? logged(record) : {}),
  })
  const batches = createBatches({
    ledger: ledger.batches,
    gateway,
    now: steadyNow,
    onFault: (error) => fault(error, {}),
  })
  const [closing, leaving] = [new AbortController(), new AbortController()]
  const onFault = (error: unknown, requestId: string) => fault(error, { requestId })
  const app = createApp({
    gateway,
    batches,
    ready: ledger.ready,
    metrics: () => metrics.text(ledger, stores),
    callers,
    ...(callers === null && isLoopback(host) && { isHost: isLoopback }),
    adapters: known.map(({ adapter }) => adapter),
    sandboxes: sandbox?.sandboxes ?? new Map(),
    console: createConsole({ gateway, batches, callers, secret, closing: closing.signal, onFault }),
    leaving: leaving.signal,
    onRequest: (entry) => {
      metrics.onRequest(entry)
      log.info(entry, 'request')
    },
    onFault,
  })

  const server = openServer(app.fetch, host)
  const url = await server.listen(listening).catch(async (error: unknown) => {
    await network?.close()
    await ledger.close()
    throw error
  })

  let stopped = false
  let sleeping: ReturnType<typeof setTimeout> | undefined
  const clock = async (): Promise<void> => {
    try {
      await gateway.tick('begun')
      await batches.tick()
    } catch (error) {
      fault(error, {})
    }
    if (!stopped)
      sleeping = setTimeout(() => {
        ticking = clock()
      }, TICK_MS)
  }
  let ticking = clock()
  const sweeping = setInterval(() => {
    ledger.sweep().catch((error: unknown) => fault(error, {}))
  }, SWEEP_MS)
  sweeping.unref()

  log.info(
    { url, mode: sandbox ? 'sandbox' : 'live', stores: stores.size, callers: callers?.length ?? 0 },
    isOpen
      ? 'listening: sandbox stores only, without keys, as RESCIND_SANDBOX says'
      : sandbox
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

  return {
    url,
    async close() {
      stopped = true
      server.stop()
      closing.abort()
      clearTimeout(sleeping)
      clearInterval(sweeping)
      // What was begun is finished, or written down as begun; what waits is on the disk and goes on
      // at the next start.
      await within(
        settled.longestCallMs,
        batches
          .close()
          .then(gateway.close)
          .then(() => ticking),
      )
      leaving.abort()
      await server.close(GRACE_MS)
      if (network) await within(GRACE_MS, network.close())
      await within(GRACE_MS, ledger.close())
    },
  }
}

/**
 * `npx` hands a signal to a shell, which dies of it and tells nobody: whoever loses its parent
 * under npm was meant.
 */
const watchParent = (stop: () => void): void => {
  const parent = process.ppid
  const looking = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(looking)
    stop()
  }, PARENT_LOOK_MS)
  looking.unref()
}

/**
 * The program: starts by the process's environment, ends on SIGTERM or SIGINT, exits 1 with a
 * sentence where it cannot start.
 */
export const run = async (): Promise<void> => {
  const starting = start(process.env)
  const isUnderNpm = process.env['npm_command'] !== undefined
  let stoppedAt: number | null = null
  // From the first moment: who reads “listening” may stop it at once. Whoever says it again will
  // not wait.
  const stop = () => {
    if (stoppedAt !== null)
      return isUnderNpm && performance.now() - stoppedAt < TWICE_MS ? undefined : process.exit(1)
    stoppedAt = performance.now()
    void within(GRACE_MS, starting)
      .then((started) => (started ? started.close() : process.exit(1)))
      .then(
        () => process.exit(0),
        () => process.exit(1),
      )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  if (isUnderNpm) watchParent(stop)
  try {
    await starting
  } catch (error) {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : (error as Error).stack}\n`,
    )
    process.exit(1)
  }
}
