/**
 * What the commands say and ask: results on stdout, talk on stderr, and nothing from a store that
 * could steer the terminal.
 */
import { createInterface } from 'node:readline'
import { stripVTControlCharacters, styleText } from 'node:util'
import { type Command, type Given, lineOf, type Next, NOTHING_GIVEN } from './paste.ts'

/** How a command ends; scripts go by it, so that “we did nothing” is never 0. */
export const EXIT = {
  canceled: 0,
  fault: 1,
  usage: 2,
  notCanceled: 3,
  unknown: 4,
  needsYou: 5,
  refused: 6,
} as const

/**
 * Ends a command: what happened and why, and what to do now. `shape` is what `--json` prints in
 * place of it.
 */
export class Halt extends Error {
  override readonly name = 'Halt'
  readonly exit: number
  readonly next: string | Next | null
  readonly shape: object | null
  constructor(
    exit: number,
    message: string,
    next: string | Next | null = null,
    shape: object | null = null,
  ) {
    super(message)
    this.exit = exit
    this.next = next
    this.shape = shape
  }
}

export interface Manners {
  readonly json?: boolean | undefined
  readonly plain?: boolean | undefined
  readonly quiet?: boolean | undefined
  /** False: never ask. */
  readonly input?: boolean | undefined
}

type Style = Parameters<typeof styleText>[0]

/**
 * Controls that `stripVTControlCharacters` leaves, and what turns the direction of the text around.
 */
// oxlint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
/** JSON escapes the first 32 by itself. */
const STEERING_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Foreign text on one line, without anything that a terminal would obey. */
export const clean = (text: string): string =>
  stripVTControlCharacters(text).replace(/\s+/g, ' ').replace(STEERING, '')

export const toJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    STEERING_IN_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** `1.9 s`, `1 min 40 s`, `2 h 5 min`, `3 d 4 h`. */
export const duration = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  const two = (whole: number, large: string, rest: number, small: string) =>
    `${whole} ${large}${rest > 0 ? ` ${rest} ${small}` : ''}`
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  if (seconds < 86_400)
    return two(Math.floor(seconds / 3_600), 'h', Math.floor((seconds % 3_600) / 60), 'min')
  return two(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3_600), 'h')
}

/** `2026-11-22 14:02:11 UTC`; a store’s time zone is never guessed. */
export const moment = (instant: string): string =>
  `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`

/** `1,234` */
export const count = (value: number): string => value.toLocaleString('en')

export type Terminal = ReturnType<typeof openTerminal>

/** Each cell on a line of its own, by the name of its column. */
const linesText = (head: readonly string[], cells: readonly (readonly string[])[]): string =>
  cells
    .map((row) =>
      row.flatMap((cell, column) => (cell === '' ? [] : [`${head[column]}: ${cell}`])).join('\n'),
    )
    .join('\n\n')

/**
 * Columns as wide as they need to be. Where the window is too narrow the last one goes below its
 * row, or each cell on a line of its own, as with `plain`, for screen readers.
 */
const tableText = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  plain: boolean,
  bold: (text: string) => string,
): string => {
  const { stdout } = process
  const cells = rows.map((row) => row.map(clean))
  const widths = head.map((name, column) =>
    Math.max(...[name, ...cells.map((row) => row[column] ?? '')].map((cell) => [...cell].length)),
  )
  const room = stdout.isTTY ? stdout.columns || 80 : Infinity
  const fits = (of: readonly number[]) => of.reduce((sum, width) => sum + width + 2, -2) <= room
  const below = !fits(widths)
  if (plain || (below && !fits(widths.slice(0, -1)))) return linesText(head, cells)
  const line = (row: readonly string[]) =>
    row
      .map(
        (cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length)),
      )
      .join('  ')
      .trimEnd()
  if (!below) return [bold(line(head)), ...cells.map(line)].join('\n')
  return [
    bold(line(head.slice(0, -1))),
    ...cells.flatMap((row) => [line(row.slice(0, -1)), ...(row.at(-1) ? [`  ${row.at(-1)}`] : [])]),
  ].join('\n')
}

/** One line from a person; null: closed, Ctrl-C or Ctrl-D, which are all a no. */
const ask = async (question: string): Promise<string | null> => {
  const answer = await new Promise<string | null>((resolve) => {
    const reader = createInterface({ input: process.stdin, output: process.stderr })
    const end = (answer: string | null) => {
      resolve(answer)
      reader.close()
    }
    reader.on('SIGINT', () => end(null)).on('close', () => resolve(null))
    reader.question(question, end)
  })
  if (answer === null) process.stderr.write('\n')
  return answer
}

export const openTerminal = (
  { json = false, plain = false, quiet = false, input = true }: Manners,
  given: Given = NOTHING_GIVEN,
) => {
  const { stdin, stdout, stderr } = process
  // A terminal that does not know its size says 0, and a question would be wrapped to nothing.
  if (stderr.isTTY && !stderr.columns) Object.assign(stderr, { columns: 80, rows: 24 })
  const style = (format: Style, text: string): string =>
    plain ? text : styleText(format, text, { stream: stdout, validateStream: true })

  return {
    json,
    plain,
    quiet,
    isAsking: input && stdin.isTTY && stderr.isTTY,
    /** A progress line may be written over. */
    isLive: stderr.isTTY && !plain && !quiet,
    /** The result: with `--json` one object a line, else as people read it. */
    result(value: unknown, text: () => string) {
      const said = json ? toJson(value) : text()
      if (said !== '') stdout.write(`${said}\n`)
    },
    /** Talk; not with `--quiet`. */
    say(text = '') {
      if (!quiet) stderr.write(`${text}\n`)
    },
    /** The command line of which this is the run. */
    given,
    /** Which command comes next, to be pasted: a line each. */
    next(...commands: readonly (Command | string)[]) {
      if (quiet) return
      commands.forEach((command, index) => {
        stderr.write(`${index === 0 ? 'Next: ' : '      '}${lineOf(command, given)}\n`)
      })
    },
    /** What to do, with its commands below it, each on a line of its own. */
    advice(todo: string | Next, indent = ''): string {
      const { text, commands } = typeof todo === 'string' ? { text: todo, commands: [] } : todo
      const lines = commands.map((command) => lineOf(command, given))
      return text === ''
        ? lines.join(`\n${indent}`)
        : [text, ...lines.map((line) => `${indent}  ${line}`)].join('\n')
    },
    /** What must be heard, whatever was asked for. */
    warn: (text: string) => {
      stderr.write(`${text}\n`)
    },
    table: (head: readonly string[], rows: readonly (readonly string[])[]): string =>
      tableText(head, rows, plain, (text) => style('bold', text)),
    style,
    /** What a person types; empty: nothing, or no more. */
    ask: async (question: string): Promise<string> => ((await ask(`${question} `)) ?? '').trim(),
    /** No, unless the answer is yes. */
    confirm: async (question: string): Promise<boolean> =>
      /^\s*y(es)?\s*$/i.test((await ask(`${question} [y/N] `)) ?? ''),
    /** Whether the very number was typed. */
    async confirmNumber(question: string, number: number): Promise<boolean> {
      const answer = await ask(`${question} `)
      return answer !== null && answer.replace(/[\s,._]/g, '') === String(number)
    },
  }
}

/** All of standard input; refused where it is longer than anything that is meant. */
export const readInput = async (mostBytes: number): Promise<Uint8Array<ArrayBuffer>> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of process.stdin) {
    length += chunks[chunks.push(chunk as Buffer) - 1]?.length ?? 0
    if (length > mostBytes)
      throw new Halt(EXIT.usage, `Standard input has more than ${count(mostBytes)} bytes.`)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
