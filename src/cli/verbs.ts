/**
 * The one table of verbs and flags: help, completion and the advice that commands print are made of
 * it. What watches over the callers is beside it.
 */
import { Argument, type Command, Option } from 'commander'
import { FOLLOWS, LINK_STATUSES } from '../model/link.ts'
import {
  collect,
  filtering,
  reaching,
  resolving,
  since,
  unasked,
  waiting,
  whole,
  wishing,
} from './flags.ts'
import type { ReachOptions } from './reach.ts'
import type { Terminal } from './terminal.ts'
import { type Add, groupOf } from './verb.ts'
import { addApprovals, addAudit } from './verbs-control.ts'

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
    'what became of a cancellation, or of a batch',
    async () => (await import('./show.ts')).show,
    (command) => waiting(0)(reaching(command)),
  )
  add(
    program,
    'list',
    'what was asked, newest first',
    async () => (await import('./list.ts')).list,
    (command) => reaching(filtering(command)),
  )
  add(
    program,
    'find <text>',
    'what was asked of an order, by its id, its number or a reference; else the order',
    async () => (await import('./find.ts')).find,
    (command) => reaching(command).option('--store <store>', 'look in this store alone'),
  )
  add(
    program,
    'withdraw <id>',
    'take back what was not sent yet; the order stays as it is',
    async () => (await import('./revise.ts')).withdraw,
    reaching,
  )
  add(
    program,
    'resolve <id>',
    'say what became of an order that needs a person',
    async () => (await import('./revise.ts')).resolve,
    (command) => waiting(60)(unasked(reaching(resolving(command)))),
  )
}

const BATCH_ACTIONS = [
  ['show', 'how far it is'],
  ['pause', 'send nothing more for now'],
  ['resume', 'go on'],
  ['stop', 'withdraw what was not sent'],
] as const

const addBatches = (program: Command, add: Add): void => {
  const batch = groupOf(program, 'batch', 'many orders, from a file')
  add(
    batch,
    'run <file>',
    'cancel every order of a CSV or JSON file (-: of standard input); run again it joins the ' +
      'same batch',
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
  const links = groupOf(program, 'links', 'orders of several stores that are one sale')
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

const addTelling = (program: Command, add: Add): void => {
  const webhooks = groupOf(program, 'webhooks', 'what is told to others')
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
  const alerts = groupOf(program, 'alerts', 'which people are told what needs them')
  add(
    alerts,
    'test [name]',
    'send a test message, from where the gateway runs: to one alert of the configuration, or each',
    async () => (await import('./alerts.ts')).testAlerts,
  )
  add(
    program,
    'sweep <store>',
    'ask a store again what changed since a time, after an outage',
    async () => (await import('./sweep.ts')).sweepStore,
    (command) => since(reaching(command)),
  )
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
}

const addStores = (program: Command, add: Add): void => {
  const stores = groupOf(program, 'stores', 'the stores')
  add(
    stores,
    'list',
    'the stores that this key reaches, and how each is heard',
    async () => (await import('./stores.ts')).listStores,
    reaching,
  )
  add(
    stores,
    'check [store]',
    'read from every store of the configuration: reachable, credentials, time, pace',
    async () => (await import('./check.ts')).checkStores,
  )
  const keys = groupOf(program, 'keys', 'the callers of the configuration')
  add(
    keys,
    'create <name>',
    'make a key and print it, once',
    async () => (await import('./keys.ts')).createKey,
    (command) =>
      command
        .option('--scopes <list>', 'preview, read, cancel, approve, operate', 'cancel,read')
        .option('--stores <list>', 'store ids, or * for all', '*')
        .option(
          '--name <key>',
          'what this key is called; a caller that is there gets a further one',
        )
        .option('--expires <date>', 'the last day on which it is taken, or a time, in UTC'),
  )
  add(
    keys,
    'list',
    'who has a key; never the key',
    async () => (await import('./keys.ts')).listKeys,
  )
}

/** What is done once, and where the gateway runs. */
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
        .option('--no-check', 'write without reading from the store')
        .option(
          '--workers',
          'no store: write a project for Cloudflare Workers into this folder instead',
        )
        .option('--no-console', 'with --workers: without the pages for people'),
  )
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
}

const addItself = (program: Command, add: Add): void => {
  program
    .command('help [verb...]')
    .description('what a verb takes; without one, every verb')
    .action(async (words: string[]) => {
      await (await import('./help.ts')).help(program, words)
    })
  add(
    program,
    'completion',
    'print a script that completes verbs and flags, for the shell to read when it starts',
    async () => {
      const { completion } = await import('./completion.ts')
      return (terminal: Terminal, shell: 'bash' | 'zsh') => completion(terminal, program, shell)
    },
    (command) => command.addArgument(new Argument('<shell>', 'whose').choices(['bash', 'zsh'])),
  )
}

/** Every verb, in groups. */
export const addVerbs = (program: Command, add: Add): void => {
  for (const [heading, addGroup] of [
    ['Orders and their cancellations:', addOrders],
    ['Orders and their cancellations:', addApprovals],
    ['Many orders:', addBatches],
    ['Orders that are one sale:', addLinks],
    ['What is told, and heard:', addTelling],
    ['What was done, and by whom:', addAudit],
    ['The gateway, its stores and its keys:', addSetup],
    ['The gateway, its stores and its keys:', addStores],
    ['The command line itself:', addItself],
  ] as const) {
    program.commandsGroup(heading)
    addGroup(program, add)
  }
}
