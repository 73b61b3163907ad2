/**
 * What a part of the torture found, as one line of JSON for the program that drives it, and all of
 * it as one table.
 */
import { appendFileSync } from 'node:fs'

export interface Row {
  readonly what: string
  readonly ledger: string
  readonly gateways: number | null
  /** What was done to it: kills, outages, jumps. */
  readonly faults: string
  /** Requests that were acknowledged; of mutants, probes and requests: how many there were. */
  readonly accepted: number | null
  readonly double: number | null
  readonly lost: number | null
  readonly wrong: number | null
  readonly seconds: number
  /** What the numbers alone do not say; what was skipped, and why. */
  readonly says?: string
  /** Each with the order it is about; empty: the part passed. */
  readonly violations: readonly string[]
}

const LONG = process.env['RESCIND_TORTURE'] === 'long'
/** How often a part repeats what it does; the short version once. */
export const ROUNDS = Number(process.env['RESCIND_ROUNDS'] ?? (LONG ? 10 : 1))
export const isLong = LONG
export const SEED = Number(process.env['RESCIND_SEED'] ?? 20_261_121)

/** Repeatable chance (mulberry32). */
export const chance = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
}

const MOST_SHOWN = 20

/** Hands a row to whoever drives, and shows it to whoever looks; a violation fails the process. */
export const report = (row: Row): void => {
  const file = process.env['RESCIND_FIGURES']
  if (file) appendFileSync(file, `${JSON.stringify(row)}\n`)
  else console.log(table([row]))
  for (const violation of row.violations.slice(0, MOST_SHOWN))
    console.log(`  violation: ${violation}`)
  if (row.violations.length > 0) process.exitCode = 1
}

/** Seconds since `started`, a `performance.now()`. */
export const secondsSince = (started: number): number =>
  Math.round((performance.now() - started) / 100) / 10

const HEADS = [
  'what',
  'ledger',
  'gateways',
  'kills, faults',
  'accepted',
  'double',
  'lost',
  'wrong',
  'time',
  '',
] as const

/** The rows under their heads, as Markdown, so that a page of the documentation can hold them. */
export const table = (rows: readonly Row[]): string => {
  const cells = rows.map(
    ({
      what,
      ledger,
      gateways,
      faults,
      accepted,
      double,
      lost,
      wrong,
      seconds,
      says = '',
      violations,
    }) => [
      what,
      ledger,
      ...[gateways].map((count) => (count === null ? '' : String(count))),
      faults,
      ...[accepted, double, lost, wrong].map((count) =>
        count === null ? '' : count.toLocaleString('en'),
      ),
      `${seconds} s`,
      [violations.length > 0 ? `FAILED (${violations.length})` : '', says]
        .filter(Boolean)
        .join('; '),
    ],
  )
  const widths = HEADS.map((head, column) =>
    Math.max(head.length, 3, ...cells.map((row) => (row[column] ?? '').length)),
  )
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(HEADS), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join(
    '\n',
  )
}
