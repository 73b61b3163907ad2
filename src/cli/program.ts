/** The program: what every command has in common, and the one place where a command ends. */
import { Command, CommanderError } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { givenOf, mannered } from './flags.ts'
import { formatHelp, leavesOf, verbOf } from './help.ts'
import { here, next } from './paste.ts'
import { EXIT, Halt, type Manners, openTerminal, type Terminal } from './terminal.ts'
import type { Add } from './verb.ts'
import { addVerbs } from './verbs.ts'

const CODES = `
Exit codes: 0 canceled, also already (or done) · 1 our error · 2 usage, or a confirmation
            is missing · 3 not canceled
            4 not known yet · 5 needs you · 6 credentials or permission
Results go to stdout, talk to stderr. The key of a gateway comes from RESCIND_KEY or
--key-stdin, never from a flag.`

/** What a failed command says: what and why, then what to do; with `--json` its shape on stdout. */
const tell = (terminal: Terminal, halt: Halt): void => {
  if (terminal.json)
    terminal.result(
      halt.shape ?? {
        code: halt.exit === EXIT.usage ? 'usage' : 'stopped',
        detail: halt.message,
        exit: halt.exit,
      },
      () => '',
    )
  terminal.warn(halt.message)
  if (halt.next !== null) terminal.warn(`→ ${terminal.advice(halt.next)}`)
}

const toHalt = async (error: unknown): Promise<Halt> => {
  if (error instanceof Halt) return error
  const known = (await import('./reach.ts')).halted(error)
  if (known instanceof Halt) return known
  const { name, message } = error as Error
  return name === 'ConfigError'
    ? new Halt(EXIT.usage, message, next('This looks at the whole installation:', here('doctor')))
    : new Halt(EXIT.fault, `This should not have happened: ${(error as Error).stack ?? message}`)
}

const adding =
  (ended: (code: number) => void): Add =>
  (parent, usage, description, load, more = (same) => same) => {
    const added = mannered(parent.command(usage).description(description))
    if (parent.parent) added.helpGroup(parent.helpGroup())
    more(added.addHelpText('after', CODES)).action(async (...values: unknown[]) => {
      const operands = values.slice(0, -2)
      const options = values.at(-2) as Manners
      const terminal = openTerminal(options, givenOf(values.at(-1) as Command, operands))
      try {
        if (operands.includes('')) throw new Halt(EXIT.usage, 'An empty name is given.')
        const action = await load()
        ended(await action(terminal, ...([...operands, options] as never[])))
      } catch (error) {
        const halt = await toHalt(error)
        tell(terminal, halt)
        ended(halt.exit)
      }
    })
  }

/** A verb of a group that is called without its group is named with it. */
const withGroup = (program: Command, text: string): string => {
  const word = /^error: unknown command '([\w-]+)'/.exec(text)?.[1]
  const verbs = leavesOf(program).filter((one) => one.parent !== program && one.name() === word)
  return verbs.length === 0
    ? text
    : `error: unknown command '${word}'\n(Did you mean ${verbs.map(verbOf).join(' or ')}?)\n`
}

/** Builds the program; `ended` is told the exit code of the command that ran. */
export const createProgram = (ended: (code: number) => void): Command => {
  const program: Command = new Command('rescind')
    .description(
      'Cancels orders on any commerce platform, and says truthfully what became of them.',
    )
    .version(manifest.version, '-V, --version', 'its version')
    .helpCommand(false)
    .configureHelp({ formatHelp })
    .configureOutput({ outputError: (text, write) => write(withGroup(program, text)) })
    .exitOverride()
    .showHelpAfterError('(--help shows what it takes)')
    .addHelpText('after', CODES)
  addVerbs(program, adding(ended))
  return program
}

/** Resolves when everything is out, or the reader has gone. */
const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve())
  })

/** Runs one command and ends the process with its code; `serve` goes on. */
export const main = async (values: readonly string[]): Promise<void> => {
  let code: number | null = null
  // A reader that had enough (`| head`) is no error.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  // Whatever was waited for will never come: nothing is left that could bring it.
  process.once('beforeExit', () => process.exit(EXIT.fault))
  try {
    await createProgram((ended) => {
      code = ended
    }).parseAsync(values, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) code = error.exitCode === 0 ? EXIT.canceled : EXIT.usage
    else throw error
  }
  if (code === null) return
  // An end does not wait for what a pipe has not taken yet.
  await Promise.all([process.stdout, process.stderr].map(written))
  process.exit(code)
}
