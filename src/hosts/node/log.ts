/**
 * The log on Node: JSON lines for machines, the same events in words for a person at a terminal.
 */
import { type Logger, pino } from 'pino'
import manifest from '../../../package.json' with { type: 'json' }
import { ConfigError } from '../../config/configuration.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import type { Environment } from './load.ts'

const FORMATS = ['json', 'text'] as const
export type LogFormat = (typeof FORMATS)[number]

/** What `LOG_FORMAT` says; words where it says nothing and a person reads. */
export const formatOf = (
  { LOG_FORMAT: named }: Environment,
  isTerminal = process.stdout.isTTY === true,
): LogFormat => {
  const format = FORMATS.find((format) => format === (named || (isTerminal ? 'text' : 'json')))
  if (!format) throw new ConfigError(`LOG_FORMAT must be one of ${FORMATS.join(', ')}`)
  return format
}

/** What a terminal would obey, or show as something else. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
const visible = (text: string): string =>
  text.replaceAll(STEERING, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`)

const PLAIN = /^[\w./:@*-]+$/
const valueOf = (value: unknown): string =>
  typeof value === 'string' && PLAIN.test(value) ? value : JSON.stringify(value)

type Event = Readonly<Record<string, unknown>>

/** Where to go, which is what the first line of a log is read for at a terminal. */
const welcome = ({ url, mode, stores, callers }: Event): string[] => {
  const what =
    mode === 'sandbox'
      ? 'sandbox (no configuration found)'
      : `${stores} ${stores === 1 ? 'store' : 'stores'}, ` +
        (callers === 0 ? 'no keys asked for' : `${callers} ${callers === 1 ? 'caller' : 'callers'}`)
  return [
    `Rescind ${manifest.version} · ${what} · ${url}`,
    `console        ${url}/console`,
    `API reference  ${url}/docs`,
    'stop with Ctrl-C',
  ]
}

/** An event as a person reads it: when by this machine's clock, what, and what is known of it. */
export const inWords = (event: Event): string[] => {
  const { time, level, msg, ...fields } = event
  if (String(msg).startsWith('listening')) return welcome(event).map(visible)
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${valueOf(value)}`)
  const clock = new Date(String(time)).toTimeString().slice(0, 8)
  return [visible([clock, String(level).padEnd(5), msg, ...parts].join(' '))]
}

/** Opens the log on standard output. `time`, `level` and `msg` are called as on Workers. */
export const openLog = (level: string, format: LogFormat): Logger => {
  const output = pino.destination(1)
  const words = {
    write: (line: string) =>
      void output.write(`${inWords(JSON.parse(line) as Event).join('\n')}\n`),
  }
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    format === 'text' ? words : output,
  )
}

/** Allow-listed fields of a record: never an order's content, a reason, a message or a name. */
export const recordFields = ({
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

/** Where a fault of ours was: its kind and its place, never its words, which may hold anything. */
export const faultFields = (error: unknown) => ({
  fault: (error as Error)?.name ?? 'unknown',
  at: (error as Error)?.stack
    ?.split('\n')
    .slice(1, 4)
    .map((line) => line.trim()),
})

/** Tells the log of a fault of ours, and what it was about. */
export type OnFault = (error: unknown, about?: object) => void
