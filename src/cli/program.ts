/** The command line: every command and flag, their help, and the one place where a command ends. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { FOLLOWS, LINK_STATUSES, LINKED } from '../model/link.ts'
import { REASON_CODES } from '../model/request.ts'
import type { ReachOptions } from './reach.ts'
import { EXIT, Halt, type Manners, openTerminal, type Terminal } from './terminal.ts'

const CODES = `
Exit codes: 0 canceled, also already (or done) · 1 our error · 2 usage, or a confirmation
            is missing · 3 not canceled
            4 not known yet · 5 needs you · 6 credentials or permission
Results go to stdout, talk to stderr. The key of a gateway comes from RESCIND_KEY or
--key-stdin, never from a flag.`

type Action = (terminal: Terminal, ...values: never[]) => number | Promise<number>

const MAX_WAIT_S = 86_400

const whole = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It takes a whole number.')
  return Number(text)
}
const seconds = (text: string): number => Math.min(whole(text), MAX_WAIT_S)
const collect = (value: string, before: readonly string[]): string[] => [...before, value]

/** Adds what every command understands. */
const mannered = (command: Command): Command =>
  command
    .option('--json', 'one JSON object a line on stdout, in the shapes of the API')
    .option('--plain', 'no table, color or progress line: words only')
    .option('--no-input', 'never ask')
    .option('-q, --quiet', 'results and warnings only')

const reaching = (command: Command): Command =>
  command
    .option('--url <url>', 'the gateway (else RESCIND_URL, else http://127.0.0.1:8787)')
    .option('--key-stdin', 'read the key from standard input')

const wishing = (command: Command): Command =>
  command
    .option('--reason <text>', 'why, for the record; never put into a mail')
    .addOption(new Option('--reason-code <code>', 'why, from a closed list').choices(REASON_CODES))
    .option('--notify', 'tell the buyer')
    .option('--no-notify', 'do not tell the buyer (neither: no wish)')
    .option('--message <text>', 'text for the buyer, with --notify')
    .option('--restock', 'put the goods back')
    .option('--no-restock', 'do not put the goods back (neither: no wish)')
    .option('--refund', 'give the money back, as a part of the cancel')
    .option('--no-refund', 'do not give the money back (neither: no wish)')
    .option('--strict', 'refuse beforehand what cannot be honored')
    .option('--reference <text>', 'your own reference, kept with the cancellation')
    .addOption(new Option('--target <what>', 'what is canceled').choices(['order', 'transfer']))
    .addOption(
      new Option(
        '--linked <which>',
        'of a linked order: all or nothing (left out), each that can be, none but it',
      ).choices(LINKED),
    )

const waiting = (preset: number) => (command: Command) =>
  command.option('--wait <seconds>', 'how long to look for what became of it', seconds, preset)

const unasked = (command: Command): Command => command.option('-y, --yes', 'do not ask')

/** Adds a command whose code is loaded when it runs. */
type Add = (
  parent: Command,
  usage: string,
  description: string,
  load: () => Promise<Action>,
  more?: (command: Command) => Command,
) => void

const adding =
  (ended: (code: number) => void): Add =>
  (parent, usage, description, load, more = (same) => same) => {
    const command = mannered(parent.command(usage).description(description))
    more(command.addHelpText('after', CODES)).action(async (...values: unknown[]) => {
      const given = values.slice(0, -2)
      if (given.includes('')) throw new Halt(EXIT.usage, 'An empty name is given.')
      const options = values.at(-2) as Manners
      const action = await load()
      ended(await action(openTerminal(options), ...([...given, options] as never[])))
    })
  }

/** What is done once: the configuration with its stores and callers. */
const addSetup = (program: Command, add: Add): void => {
  add(
    program,
    'init',
    'add a store: asks for platform and credentials, tries them, writes the configuration and a ' +
      'first key',
    async () => (await import('./init.ts')).init,
    (command) =>
      command
        .option('--platform <name>')
        .option('--store <name>', 'what the store is to be called')
        .option('--set <name=value>', 'a setting; may be repeated', collect, [])
        .option(
          '--env <name=VARIABLE>',
          'a setting that is kept in an environment variable, as every secret is',
          collect,
          [],
        )
        .option('--key <name>', 'who the first key is for', 'admin')
        .option('--no-key', 'make no key')
        .option('--no-check', 'write without reading from the store'),
  )
  add(
    program.command('stores').description('the stores of the configuration'),
    'check [store]',
    'read from every store: reachable, credentials, time, pace',
    async () => (await import('./check.ts')).checkStores,
  )
  const keys = program.command('keys').description('the callers of the configuration')
  add(
    keys,
    'create <name>',
    'make a key and print it, once',
    async () => (await import('./keys.ts')).createKey,
    (command) =>
      command
        .option('--scopes <list>', 'read, cancel, operate', 'cancel,read')
        .option('--stores <list>', 'store ids, or * for all', '*'),
  )
  add(
    keys,
    'list',
    'who has a key; never the key',
    async () => (await import('./keys.ts')).listKeys,
  )
}

const addOrders = (program: Command, add: Add): void => {
  add(
    program,
    'preview <store> <order>',
    'what would become of it; touches nothing',
    async () => (await import('./cancel.ts')).preview,
    (command) => reaching(wishing(command)),
  )
  add(
    program,
    'cancel <store> <order>',
    'cancel an order, after showing what would become of it',
    async () => (await import('./cancel.ts')).cancel,
    (command) =>
      waiting(60)(
        unasked(
          reaching(wishing(command)).option('-n, --dry-run', 'show what would happen, and stop'),
        ),
      ),
  )
  add(
    program,
    'show <id>',
    'what became of a cancellation',
    async () => (await import('./cancel.ts')).show,
    (command) => waiting(0)(reaching(command)),
  )
}

const BATCH_ACTIONS = [
  ['show', 'how far it is'],
  ['pause', 'send nothing more for now'],
  ['resume', 'go on'],
  ['stop', 'withdraw what was not sent'],
] as const

const addBatches = (program: Command, add: Add): void => {
  const batch = program.command('batch').description('many orders, from a CSV file')
  add(
    batch,
    'run <file>',
    'cancel every order of the file; run again it joins the same batch',
    async () => (await import('./batch.ts')).runBatch,
    (command) =>
      unasked(reaching(command))
        .option('-n, --dry-run', 'show what it would come to, and stop')
        .option('--confirm <number>', 'how many orders it is about, instead of being asked', whole)
        .option('--partial', 'take the good rows although others are bad')
        .option('--out <file>', 'where the results go, item by item; - is stdout'),
  )
  for (const [action, says] of BATCH_ACTIONS)
    add(
      batch,
      `${action} <id>`,
      says,
      async () => {
        const { actOnBatch } = await import('./batch.ts')
        return (terminal: Terminal, id: string, options: ReachOptions) =>
          actOnBatch(terminal, action, id, options)
      },
      (command) => (action === 'stop' ? unasked(reaching(command)) : reaching(command)),
    )
  add(
    batch,
    'list',
    'the batches of this key',
    async () => (await import('./batch.ts')).listBatches,
    reaching,
  )
}

const addLinks = (program: Command, add: Add): void => {
  const links = program.command('links').description('orders of several stores that are one sale')
  add(
    links,
    'put <name> <members...>',
    'say which orders are one sale; a member is STORE=ORDER, or STAGE:STORE=ORDER (1 is asked ' +
      'first)',
    async () => (await import('./links.ts')).putLink,
    (command) =>
      reaching(command)
        .addOption(
          new Option(
            '--follow <how>',
            'where one is canceled in its store: tell of it (left out), or cancel the others',
          ).choices(FOLLOWS),
        )
        .option('--notify <store>', 'whose buyer is mailed; may be repeated', collect, [])
        .option('--restock <store>', 'whose goods go back; may be repeated', collect, [])
        .option('--refund <store>', 'whose money goes back; may be repeated', collect, []),
  )
  add(
    links,
    'show <name>',
    'how its orders stand',
    async () => (await import('./links.ts')).showLink,
    reaching,
  )
  add(
    links,
    'list',
    'the links whose every store this key reaches',
    async () => (await import('./links.ts')).listLinks,
    (command) =>
      reaching(command)
        .addOption(new Option('--status <status>', 'only these').choices(LINK_STATUSES))
        .option('--store <store>', 'only those with an order of this store'),
  )
  add(
    links,
    'delete <name>',
    'forget that its orders are one sale; cancels nothing',
    async () => (await import('./links.ts')).deleteLink,
    reaching,
  )
}

const since = (command: Command): Command =>
  command.requiredOption('--since <time>', '2026-11-21, or 2026-11-21T12:00:00Z')

const addWebhooks = (program: Command, add: Add): void => {
  const webhooks = program.command('webhooks').description('what is told to others')
  add(
    webhooks,
    'list',
    'the webhooks of this key, and how they are',
    async () => (await import('./webhooks.ts')).listWebhooks,
    reaching,
  )
  add(
    webhooks,
    'test <name>',
    'send webhook.test once, and say what came back',
    async () => (await import('./webhooks.ts')).testWebhook,
    reaching,
  )
  add(
    webhooks,
    'replay <name>',
    'tell again what changed in a time, in the newest state',
    async () => (await import('./webhooks.ts')).replayWebhook,
    (command) => since(reaching(command)).option('--until <time>', 'left out: now'),
  )
  add(
    webhooks,
    'enable <name>',
    'switch it on again: what it is owed goes out',
    async () => (await import('./webhooks.ts')).enableWebhook,
    reaching,
  )
}

const addSweep = (program: Command, add: Add): void =>
  add(
    program,
    'sweep <store>',
    'ask a store again what changed since a time, after an outage',
    async () => (await import('./sweep.ts')).sweepStore,
    (command) => since(reaching(command)),
  )

/** Builds the program; `ended` is told the exit code of the command that ran. */
export const createProgram = (ended: (code: number) => void): Command => {
  const program = new Command('rescind')
    .description(
      'Cancels orders on any commerce platform, and says truthfully what became of them.',
    )
    .version(manifest.version, '-V, --version', 'its version')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('(--help shows what it takes)')
    .addHelpText('after', CODES)
  const add = adding(ended)
  addSetup(program, add)
  addOrders(program, add)
  addBatches(program, add)
  add(
    program,
    'listen',
    'tell a local address what changes, signed as a webhook is: for developers',
    async () => (await import('./listen.ts')).listen,
    (command) =>
      reaching(command)
        .requiredOption('--forward-to <url>', 'where the receiver is')
        .option('--since <time>', 'begin there; left out: now'),
  )
  addLinks(program, add)
  addWebhooks(program, add)
  addSweep(program, add)
  program
    .command('serve')
    .description('start the gateway (the same as npm start)')
    .action(async () => {
      await (await import('../hosts/node/run.ts')).run()
    })
  add(
    program,
    'doctor',
    'what is wrong with this installation, and what to do',
    async () => (await import('./doctor.ts')).doctor,
  )
  return program
}

/** What a failed command says: what and why, then what to do; with `--json` its shape on stdout. */
const tell = (terminal: Pick<Terminal, 'json' | 'warn' | 'result'>, halt: Halt): void => {
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
  if (halt.next !== null) terminal.warn(`→ ${halt.next}`)
}

const toHalt = async (error: unknown): Promise<Halt> => {
  if (error instanceof Halt) return error
  const known = (await import('./reach.ts')).halted(error)
  if (known instanceof Halt) return known
  const { name, message } = error as Error
  return name === 'ConfigError'
    ? new Halt(EXIT.usage, message, 'rescind doctor looks at the whole installation.')
    : new Halt(EXIT.fault, `This should not have happened: ${(error as Error).stack ?? message}`)
}

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
    else {
      const halt = await toHalt(error)
      tell(openTerminal({ json: values.includes('--json') }), halt)
      code = halt.exit
    }
  }
  if (code !== null) process.exit(code)
}
