/**
 * Commands that are printed to be pasted: whole and quoted, under the name and with the address
 * that the one before was called with.
 */
import { basename, delimiter, dirname, relative } from 'node:path'

/** A command of this program. */
export interface Command {
  readonly verb: string
  readonly operands: readonly string[]
  readonly flags: readonly string[]
  /** It asks a gateway, and so takes the address and the key’s way that this one was given. */
  readonly reaches: boolean
}

/** One that works on this machine alone. */
export const here = (verb: string, ...operands: readonly string[]): Command => ({
  verb,
  operands,
  flags: [],
  reaches: false,
})

/** One that asks the gateway. */
export const there = (verb: string, ...operands: readonly string[]): Command => ({
  ...here(verb, ...operands),
  reaches: true,
})

/** What to do now, and the commands that do it; a text is one of the system. */
export interface Next {
  readonly text: string
  readonly commands: readonly (Command | string)[]
}

export const next = (text: string, ...commands: readonly (Command | string)[]): Next => ({
  text,
  commands,
})

/** The command line of which this is the run: its verb, its words, and each flag by its name. */
export interface Given {
  readonly verb: string
  readonly operands: readonly string[]
  readonly flags: readonly { readonly name: string; readonly words: readonly string[] }[]
}

export const NOTHING_GIVEN: Given = { verb: '', operands: [], flags: [] }

/** The same command once more, as another verb, with more flags, or without some. */
export const again = (
  given: Given,
  {
    verb = given.verb,
    more = [],
    without = [],
  }: {
    readonly verb?: string
    readonly more?: readonly string[]
    readonly without?: readonly string[]
  } = {},
): Command => ({
  verb,
  operands: given.operands,
  flags: [
    ...given.flags.filter(({ name }) => !without.includes(name)).flatMap(({ words }) => words),
    ...more,
  ],
  reaches: false,
})

/** What a shell reads as nothing but itself; zsh takes a first “=” for the path of a program. */
const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/
/** What a terminal would obey, or show in another order. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** A word as bash and zsh take it, whatever is in it, and as a terminal shows it. */
export const quoted = (word: string): string => {
  if (PLAIN.test(word)) return word
  if (word.search(UNSEEN) < 0) return `'${word.replaceAll("'", "'\\''")}'`
  const escaped = word
    .replaceAll(/[\\']/g, '\\$&')
    .replaceAll(UNSEEN, (unseen) => `\\U${unseen.codePointAt(0)?.toString(16).padStart(8, '0')}`)
  return `$'${escaped}'`
}

/** How this program is called in the shell that called it. */
export const programName = (
  path = process.argv[1] ?? 'rescind',
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string => {
  // Under npm the PATH leads to it, in the shell that called npm it does not.
  if (environment['npm_command'] !== undefined) return 'npx rescind'
  if (basename(path) !== 'rescind') return `node ${quoted(relative('', path))}`
  return (environment['PATH'] ?? '').split(delimiter).includes(dirname(path))
    ? 'rescind'
    : quoted(path)
}

const REACHING = ['url', 'keyStdin']

/** The command as it is pasted. */
export const lineOf = (command: Command | string, given: Given): string => {
  if (typeof command === 'string') return command
  const { verb, operands, reaches } = command
  const flags = [
    ...command.flags,
    ...(reaches
      ? given.flags.filter(({ name }) => REACHING.includes(name)).flatMap(({ words }) => words)
      : []),
  ]
  const words = operands.some((word) => word.startsWith('-') && word !== '-')
    ? [...flags, '--', ...operands]
    : [...operands, ...flags]
  return [programName(), verb, ...words.map(quoted)].join(' ')
}
