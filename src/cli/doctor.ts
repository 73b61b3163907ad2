/**
 * `rescind doctor`: what is wrong with this installation, line by line, and what to do about it.
 */
import { createServer } from 'node:net'
import type { Configuration } from '../config/configuration.ts'
import { EXPIRES_SOON_MS, keyOf } from '../config/keys.ts'
import { type Environment, isSandbox } from '../hosts/node/load.ts'
import { isLoopback, settingsOf } from '../hosts/node/settings.ts'
import { urlOf } from '../hosts/node/server.ts'
import { checkStore, type Finding } from './check.ts'
import { checkAlerts } from './doctor-alerts.ts'
import { checkConfig } from './doctor-config.ts'
import { bindingsIn, checkLedger, checkMoves } from './doctor-ledger.ts'
import { bad, type Line, ok, warn } from './doctor-line.ts'
import { checkNotices, toldBy } from './doctor-notices.ts'
import { here, next } from './paste.ts'
import { clean, duration, EXIT, type Terminal } from './terminal.ts'

const ANSWER_MS = 2_000
/** Platforms’ Date headers are cut to the second and were on their way. */
const AHEAD_MS = { warn: 5_000, bad: 60_000 }
/** How far the two clocks of this machine may drift apart in the seconds that this takes. */
const STEP_MS = 500

const checkNode = (): Line =>
  ok('node', `${process.versions.node}, with SQLite ${process.versions['sqlite'] ?? 'of its own'}`)

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
        next('before others are to use it:', here('help keys create')),
      )
    : bad(
        'callers',
        `there are none, and HOST is ${host}: the gateway does not start`,
        next('how one is made:', here('help keys create')),
      )
}

/** Keys that end soon, or have: whoever uses one learns it from a 401 otherwise. */
const checkKeys = (config: Configuration | null, now: number): Line[] =>
  (config?.callers ?? []).flatMap(({ name: caller, keyHash }) =>
    keyHash.map(keyOf).flatMap(({ name, expiresAt }): Line[] => {
      if (expiresAt === null || expiresAt - now > EXPIRES_SOON_MS) return []
      const key = `the key ${clean(name ?? '')} of ${clean(caller)}`
      const at = new Date(expiresAt).toISOString()
      const todo = next(
        'this makes the next one; take the old one out of the file once nobody uses it:',
        { ...here('keys create', caller), flags: ['--name', `${name?.slice(0, 58)}-next`] },
      )
      return [
        expiresAt <= now
          ? bad('keys', `${key} expired at ${at}`, todo)
          : warn('keys', `${key} expires at ${at}`, todo),
      ]
    }),
  )

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
  const way = median > 0 ? 'ahead of' : 'behind'
  const says = `${duration(Math.abs(median))} ${way} the stores’ clocks`
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

const lineText = (terminal: Terminal, { check, level, says, todo }: Line): string => {
  const [mark, color] = MARKS[level]
  const word = terminal.plain ? level : `${mark} ${level.padEnd(4)}`
  const told = says.split('\n').map(clean).join('\n          ')
  return (
    `${terminal.style(color, word)}  ${check}: ${told}` +
    `${todo === null ? '' : `\n          → ${terminal.advice(todo, '          ')}`}`
  )
}

/** Where the environment says to listen and to keep the ledger, or what is wrong with it. */
const settingsIn = (environment: Environment): ReturnType<typeof settingsOf> | Line => {
  try {
    return settingsOf(environment)
  } catch (error) {
    return bad('environment', (error as Error).message, 'mend the variable')
  }
}

export const doctor = async (terminal: Terminal): Promise<number> => {
  const lines: Line[] = []
  const tell = (...more: readonly Line[]) => {
    lines.push(...more)
    for (const line of more)
      terminal.result(
        { ...line, todo: line.todo === null ? null : terminal.advice(line.todo) },
        () => lineText(terminal, line),
      )
  }
  const stepOf = () => Date.now() - performance.now()
  const before = stepOf()
  tell(checkNode())
  const [config, told] = checkConfig(process.env)
  tell(...told)
  const isRefused = told.some(({ level }) => level === 'bad')
  const settings = settingsIn(process.env)
  if ('check' in settings) {
    tell(settings)
    terminal.say('Port and ledger could not be looked at: the environment comes first.')
  } else {
    const {
      listening: { host, port },
      ledger,
    } = settings
    const url = urlOf(host === '0.0.0.0' ? '127.0.0.1' : host, port)
    const found = await answering(url)
    const isRunning = found?.gateway ?? false
    tell(
      await checkPort(host, port, found),
      ...(await checkLedger(ledger, isRunning, process.env)),
      // Without a configuration that can be read nobody knows whom it lets in.
      ...(isRefused ? [] : [checkCallers(config, host), ...checkKeys(config, Date.now())]),
      ...checkMoves(config, await bindingsIn(ledger).catch(() => new Map<string, string>())),
    )
    if (config) {
      const told = isRunning ? await toldBy(url, process.env['RESCIND_KEY'], config) : null
      tell(...checkNotices(config, isRunning, told), ...(await checkAlerts(config)))
    }
  }
  const findings = await Promise.all((config?.stores ?? []).map(checkStore))
  tell(...findings.map(checkFinding), checkClock(findings, stepOf() - before))

  if (isRefused)
    terminal.say('Callers and stores could not be looked at: the configuration comes first.')
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
