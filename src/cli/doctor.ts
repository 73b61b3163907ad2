/**
 * `rescind doctor`: what is wrong with this installation, line by line, and what to do about it.
 */
import { existsSync, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError, type Configuration } from '../config/configuration.ts'
import { identityOf, leadsTo } from '../connection/store.ts'
import { filesOf, isOpenToOthers, openSqlite, readBindings } from '../ledger/sql/sqlite.ts'
import { DEFAULT_CONFIG, type Environment, isSandbox, loadConfig } from '../hosts/node/load.ts'
import { isLoopback, openLedger, redisOf, settingsOf } from '../hosts/node/index.ts'
import { checkStore, type Finding } from './check.ts'
import { clean, duration, EXIT, type Terminal } from './terminal.ts'

interface Line {
  readonly check: string
  readonly level: 'ok' | 'warn' | 'bad'
  readonly says: string
  readonly todo: string | null
}

const ok = (check: string, says: string): Line => ({ check, level: 'ok', says, todo: null })
const warn = (check: string, says: string, todo: string): Line => ({
  check,
  level: 'warn',
  says,
  todo,
})
const bad = (check: string, says: string, todo: string): Line => ({
  check,
  level: 'bad',
  says,
  todo,
})

const ANSWER_MS = 2_000
const LITTLE_SPACE_BYTES = 200 * 1_048_576
/** Platforms’ Date headers are cut to the second and were on their way. */
const AHEAD_MS = { warn: 5_000, bad: 60_000 }
/** How far the two clocks of this machine may drift apart in the seconds that this takes. */
const STEP_MS = 500

const checkNode = (): Line =>
  ok('node', `${process.versions.node}, with SQLite ${process.versions['sqlite'] ?? 'of its own'}`)

const checkConfig = (environment: Environment): [Configuration | null, Line[]] => {
  const name = environment['RESCIND_CONFIG'] ?? DEFAULT_CONFIG
  try {
    const config = loadConfig(environment)
    if (config === null)
      return [
        null,
        [
          warn(
            'configuration',
            isSandbox(environment)
              ? 'RESCIND_SANDBOX is 1: the gateway is a sandbox, whatever is configured'
              : `${name} does not exist: the gateway is a sandbox`,
            isSandbox(environment) ? 'unset it for stores of your own' : 'rescind init writes one',
          ),
        ],
      ]
    const open = (statSync(name).mode & 0o077) !== 0
    return [
      config,
      [
        config.stores.length === 0
          ? warn('configuration', `${name} is valid and has no stores`, 'rescind init adds one')
          : ok(
              'configuration',
              `${name} is valid: ${config.stores.map(({ id }) => id).join(', ')}`,
            ),
        ...(open
          ? [
              warn(
                'configuration',
                `other users of this machine can read ${name}`,
                `chmod 600 ${name}`,
              ),
            ]
          : []),
      ],
    ]
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [
      null,
      [bad('configuration', error.message, 'mend it; the gateway does not start with it')],
    ]
  }
}

/** The nearest folder that is there already. */
const standing = (path: string): string => (existsSync(path) ? path : standing(dirname(path)))

/**
 * Whether another process has the ledger open: in WAL mode every one holds a shared lock on the
 * file.
 */
const isHeld = (path: string): boolean => {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('pragma locking_mode = exclusive; begin immediate; rollback')
    return false
  } catch (error) {
    if (/locked/.test((error as Error).message)) return true
    throw error
  } finally {
    database.close()
  }
}

const checkSqlite = (path: string, isRunning: boolean): Line[] => {
  const folder = standing(dirname(resolve(path)))
  const trial = mkdtempSync(join(folder, '.rescind-doctor-'))
  try {
    openSqlite(join(trial, 'trial.db')).close()
  } finally {
    rmSync(trial, { recursive: true, force: true })
  }
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const lines = [
    !existsSync(path)
      ? ok(
          'ledger',
          `${path} is made at the first start; its file system keeps a write-ahead log with ` +
            'full sync',
        )
      : !isHeld(path)
        ? ok('ledger', `${path} is durable (write-ahead log, full sync), and nobody has it open`)
        : isRunning
          ? ok(
              'ledger',
              `${path} is durable (write-ahead log, full sync), and the running gateway has it open`,
            )
          : warn(
              'ledger',
              `${path} is open in another process, but no gateway answers here`,
              'look for a gateway with another HOST or PORT: two on one file wait for each other',
            ),
    ...filesOf(path)
      .filter(isOpenToOthers)
      .map((file) =>
        warn('ledger', `other users of this machine can read ${file}`, `chmod 600 ${file}`),
      ),
  ]
  return free < LITTLE_SPACE_BYTES
    ? [
        ...lines,
        warn(
          'ledger',
          `only ${Math.round(free / 1_048_576)} MiB are free where it lies`,
          'make room: a full disk accepts nothing',
        ),
      ]
    : lines
}

/**
 * Stores whose settings lead to another merchant account than the one that the ledger knows them
 * by.
 */
const checkMoves = (config: Configuration | null, bindings: ReadonlyMap<string, string>): Line[] =>
  (config?.stores ?? []).flatMap(({ id, adapter, settings, movedFrom = [] }): Line[] => {
    const [first, now] = [bindings.get(id), identityOf(adapter, settings)]
    return first === undefined || leadsTo({ identity: now }, first) || movedFrom.includes(first)
      ? []
      : [
          bad(
            `store ${id}`,
            `its settings lead to “${now}”, but it was first opened for “${first}”: nothing is ` +
              'sent for it',
            `the same shop at another address: "movedFrom": ["${first}"] beside its settings; ` +
              'another shop: give it another id',
          ),
        ]
  })

const bindingsIn = async (address: string): Promise<ReadonlyMap<string, string>> => {
  if (address.startsWith('sqlite:'))
    return existsSync(address.slice('sqlite:'.length))
      ? readBindings(address.slice('sqlite:'.length))
      : new Map()
  if (!/^rediss?:/.test(address)) return new Map()
  const ledger = await openLedger(address, {
    pauseMs: 0,
    ...redisOf(process.env),
    allowVolatile: true,
  })
  return ledger.bindings().finally(() => ledger.close())
}

const checkLedger = async (
  address: string,
  isRunning: boolean,
  environment: Environment,
): Promise<Line[]> => {
  try {
    if (address === 'memory:')
      return [
        warn(
          'ledger',
          'RESCIND_LEDGER is memory: everything is forgotten when the gateway stops',
          'use sqlite:PATH or redis://…',
        ),
      ]
    if (address.startsWith('sqlite:'))
      return checkSqlite(address.slice('sqlite:'.length), isRunning)
    const warnings: string[] = []
    const ledger = await openLedger(address, {
      pauseMs: 0,
      ...redisOf(environment),
      warn: (message) => {
        warnings.push(message)
      },
    })
    await ledger.ready().finally(() => ledger.close())
    const where = URL.canParse(address) ? new URL(address).host : 'Redis'
    return warnings.length > 0
      ? warnings.map((message) =>
          warn('ledger', message, 'docs/operations.md, “The ledger”, says what it should be'),
        )
      : [ok('ledger', `Redis at ${where} keeps what it is given`)]
  } catch (error) {
    return [
      bad(
        'ledger',
        (error as Error).message,
        'docs/operations.md, “The ledger”, says what it must be',
      ),
    ]
  }
}

/** What answers by HTTP where the gateway would listen; null: nothing does. */
const answering = async (
  url: string,
): Promise<{ readonly gateway: boolean; readonly ready: boolean } | null> => {
  const ask = async (path: string) => {
    const response = await fetch(url + path, {
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: 'manual',
    })
    return (await response.json().catch(() => null)) as { status?: unknown } | null
  }
  try {
    const gateway = (await ask('/healthz'))?.status === 'ok'
    return { gateway, ready: gateway && (await ask('/readyz'))?.status === 'ready' }
  } catch {
    return null
  }
}

const canListen = (host: string, port: number) =>
  new Promise<string | null>((done) => {
    const server = createServer()
    server
      .once('error', ({ code }: NodeJS.ErrnoException) => done(code ?? 'unknown'))
      .listen(port, host, () => server.close(() => done(null)))
  })

const checkPort = async (
  host: string,
  port: number,
  found: Awaited<ReturnType<typeof answering>>,
): Promise<Line> => {
  const at = `${host}:${port}`
  if (found?.gateway)
    return found.ready
      ? ok('port', `a gateway answers at ${at} and takes requests`)
      : bad(
          'port',
          `a gateway answers at ${at}, but its ledger takes no writes`,
          'look into its log',
        )
  const code = found ? 'EADDRINUSE' : await canListen(host, port)
  if (code === null) return ok('port', `${at} is free`)
  return code === 'EADDRINUSE'
    ? bad('port', `something else listens at ${at}`, 'set PORT to another one')
    : bad(
        'port',
        `${at} cannot be listened on: ${code}`,
        'set HOST and PORT to an address of this machine',
      )
}

const checkCallers = (config: Configuration | null, host: string): Line => {
  const callers = config?.callers ?? []
  if (callers.length > 0)
    return ok(
      'callers',
      callers.map(({ name, scopes }) => `${name} (${scopes.join(', ')})`).join('; '),
    )
  if (isSandbox(process.env) && !isLoopback(host))
    return warn(
      'callers',
      `whoever reaches ${host} needs no key; there are imitations alone behind it`,
      'publish the port where strangers may play with it, and nowhere else',
    )
  return isLoopback(host)
    ? warn(
        'callers',
        'there are none: whoever is on this machine needs no key, and nobody else is served',
        'rescind keys create NAME, before others are to use it',
      )
    : bad(
        'callers',
        `there are none, and HOST is ${host}: the gateway does not start`,
        'rescind keys create NAME',
      )
}

const checkClock = (findings: readonly Finding[], steppedMs: number): Line => {
  if (Math.abs(steppedMs) > STEP_MS)
    return warn(
      'clock',
      `it was set ${steppedMs > 0 ? 'forward' : 'back'} by ${duration(Math.abs(steppedMs))} ` +
        'just now',
      'let NTP slew it instead of stepping',
    )
  const told = findings
    .flatMap(({ aheadMs }) => (aheadMs === null ? [] : [aheadMs]))
    .sort((a, b) => a - b)
  const median = told[Math.floor(told.length / 2)]
  if (median === undefined)
    return ok('clock', 'it runs evenly; no store told its own time to compare with')
  const says = `${duration(Math.abs(median))} ${median > 0 ? 'ahead of' : 'behind'} the stores’ clocks`
  return Math.abs(median) > AHEAD_MS.bad
    ? bad('clock', says, 'set it: start NTP')
    : Math.abs(median) > AHEAD_MS.warn
      ? warn('clock', says, 'is NTP running?')
      : ok('clock', 'it runs evenly, and as the stores’ clocks do')
}

const checkFinding = ({ store, platform, credentials, reachable, detail, ms }: Finding): Line => {
  const check = `store ${store}`
  if (credentials === 'accepted')
    return ok(check, `${platform} answers in ${duration(ms)} and takes the credentials`)
  return credentials === 'refused'
    ? bad(check, detail, 'mend its credentials in the configuration')
    : bad(
        check,
        detail,
        reachable
          ? 'is its baseUrl the platform’s API?'
          : 'is its address right, and may this machine go out?',
      )
}

const MARKS = { ok: ['✓', 'green'], warn: ['!', 'yellow'], bad: ['✕', 'red'] } as const

export const doctor = async (terminal: Terminal): Promise<number> => {
  const lines: Line[] = []
  const tell = (...more: readonly Line[]) => {
    for (const line of more) {
      lines.push(line)
      const [mark, color] = MARKS[line.level]
      terminal.result(
        line,
        () =>
          `${terminal.style(color, terminal.plain ? line.level : `${mark} ${line.level.padEnd(4)}`)}  ${line.check}: ${line.says.split('\n').map(clean).join('\n          ')}${line.todo === null ? '' : `\n          → ${line.todo}`}`,
      )
    }
  }
  const stepOf = () => Date.now() - performance.now()
  const before = stepOf()
  tell(checkNode())
  const [config, told] = checkConfig(process.env)
  tell(...told)
  const settings = (() => {
    try {
      return settingsOf(process.env)
    } catch (error) {
      tell(bad('environment', (error as Error).message, 'mend the variable'))
      return null
    }
  })()
  if (settings) {
    const {
      listening: { host, port },
      ledger,
    } = settings
    const found = await answering(
      `http://${host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    )
    tell(
      await checkPort(host, port, found),
      ...(await checkLedger(ledger, found?.gateway ?? false, process.env)),
      checkCallers(config, host),
      ...checkMoves(config, await bindingsIn(ledger).catch(() => new Map<string, string>())),
    )
  }
  const findings = await Promise.all((config?.stores ?? []).map(checkStore))
  tell(...findings.map(checkFinding), checkClock(findings, stepOf() - before))

  const count = (level: Line['level']) => lines.filter((line) => line.level === level).length
  terminal.say(
    count('bad') > 0
      ? `${count('bad')} to mend, ${count('warn')} to think about.`
      : count('warn') > 0
        ? `Nothing is broken; ${count('warn')} to think about.`
        : 'Nothing is wrong.',
  )
  const faults = lines.filter(({ level }) => level === 'bad')
  if (faults.length === 0) return EXIT.canceled
  return faults.length === findings.filter(({ credentials }) => credentials === 'refused').length
    ? EXIT.refused
    : EXIT.fault
}
