/**
 * `rescind batch`: a file of cancellations, sent once however often the command is run, watched to
 * its end, and told item by item.
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { type Batch, type Client, RescindError } from '../client/index.ts'
import { sleep } from '../model/time.ts'
import { STATUS_WORDS } from '../messages/words.ts'
import { exitOfCheck, lookAll, tellCheck } from './batch-check.ts'
import {
  contentOf,
  type Content,
  faulty,
  readBytes,
  STDIN,
  summary,
  warningsOf,
} from './batch-input.ts'
import { again, here, next, there } from './paste.ts'
import { reach, type ReachOptions } from './reach.ts'
import { clean, count, duration, EXIT, Halt, moment, type Terminal } from './terminal.ts'

export interface RunOptions extends ReachOptions {
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly confirm?: number
  readonly partial?: boolean
  readonly out?: string
}

/** Beyond this a yes is too easily said. */
const MANY = 100
const LOOK_MS = 1_000
const TELL_MS = 10_000
const BAR_WIDTH = 24
const STATUSES = Object.keys(STATUS_WORDS) as (keyof typeof STATUS_WORDS)[]

const restingIn = ({ counts }: Batch): number =>
  counts.succeeded + counts.rejected + counts.needs_attention
/** What was sent before a stop still comes to its end. */
const isOver = (batch: Batch): boolean =>
  batch.status === 'finished' || (batch.status === 'stopped' && restingIn(batch) === batch.total)
const tally = ({ counts }: Batch): string =>
  STATUSES.filter((status) => counts[status] > 0)
    .map((status) => `${STATUS_WORDS[status]} ${count(counts[status])}`)
    .join(' · ')

/** A person is needed before anything is unknown, and that before anything was not canceled. */
const exitOf = (batch: Batch): number => {
  const { counts, total } = batch
  if (counts.needs_attention > 0) return EXIT.needsYou
  if (!isOver(batch) || restingIn(batch) < total) return EXIT.unknown
  return counts.rejected > 0 ? EXIT.notCanceled : EXIT.canceled
}

/**
 * Many need their number, typed or in `--confirm`; without a person it must be in a flag. Whether a
 * person is to be asked.
 */
const mustAsk = (
  terminal: Terminal,
  total: number,
  { yes = false, confirm, keyStdin }: RunOptions,
  isPiped: boolean,
): boolean => {
  if (confirm !== undefined && confirm !== total)
    throw new Halt(
      EXIT.usage,
      `--confirm says ${confirm}, but there are ${total} orders.`,
      'Nothing was sent.',
    )
  if (confirm === total || (yes && total <= MANY)) return false
  if (!terminal.isAsking || keyStdin || isPiped) {
    throw new Halt(
      EXIT.usage,
      yes
        ? `--yes is not enough for more than ${MANY} orders.`
        : 'Nobody can be asked here, and a cancel cannot be taken back.',
      next(
        `To cancel without being asked${isPiped ? ', with the same input' : ''}:`,
        again(terminal.given, {
          without: ['yes', 'confirm'],
          more: [total > MANY ? `--confirm=${total}` : '--yes'],
        }),
      ),
    )
  }
  return true
}

const consent = async (terminal: Terminal, total: number): Promise<void> => {
  const agreed =
    total > MANY
      ? await terminal.confirmNumber(
          `This cannot be taken back. Type ${total} to cancel them:`,
          total,
        )
      : await terminal.confirm(`Cancel ${total} orders? This cannot be taken back.`)
  if (!agreed) throw new Halt(EXIT.notCanceled, 'Nothing was sent.')
}

const bar = (batch: Batch): string => {
  const full = Math.floor((restingIn(batch) / Math.max(1, batch.total)) * BAR_WIDTH)
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full)
}

/**
 * How far it is, how fast, how long yet. The rate is of this watching; the time left is the
 * gateway’s, who knows the stores’ paces.
 */
const progress = (
  batch: Batch,
  since: { readonly at: number; readonly resting: number },
): string => {
  const seconds = (performance.now() - since.at) / 1_000
  const rate = seconds > 0.5 ? (restingIn(batch) - since.resting) / seconds : 0
  return [
    `${count(restingIn(batch))} of ${count(batch.total)}`,
    ...(rate > 0 ? [`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`] : []),
    ...(batch.status === 'paused'
      ? ['paused']
      : batch.remainingSeconds === null
        ? []
        : [`${duration(batch.remainingSeconds * 1_000)} left`]),
    tally(batch),
  ].join(' · ')
}

/** Looks until it is over, or until a person has had enough. */
const watch = async (
  terminal: Terminal,
  client: Client,
  first: Batch,
  left: AbortSignal,
): Promise<Batch> => {
  const since = { at: performance.now(), resting: restingIn(first) }
  let batch = first
  let told = -Infinity
  try {
    while (!isOver(batch) && !left.aborted) {
      const line = progress(batch, since)
      if (terminal.isLive) {
        const room = (process.stderr.columns || 80) - 1
        process.stderr.write(`\r\u001b[K${`${bar(batch)} ${line}`.slice(0, room)}`)
      } else if (performance.now() - told >= TELL_MS) {
        terminal.say(line)
        told = performance.now()
      }
      await sleep(LOOK_MS)(left)
      if (!left.aborted) batch = await client.batches.get(batch.id)
    }
  } finally {
    if (terminal.isLive) process.stderr.write('\r\u001b[K')
  }
  return batch
}

const tellBatch = (terminal: Terminal, batch: Batch): string =>
  [
    [
      `Batch ${batch.id}: ${batch.status}`,
      `${count(restingIn(batch))} of ${count(batch.total)}`,
      `begun ${moment(batch.createdAt)}`,
      ...(batch.finishedAt === null
        ? []
        : [`took ${duration(Date.parse(batch.finishedAt) - Date.parse(batch.createdAt))}`]),
    ].join(', '),
    terminal.table(
      ['what', 'orders'],
      STATUSES.filter((status) => batch.counts[status] > 0).map((status) => [
        STATUS_WORDS[status],
        count(batch.counts[status]),
      ]),
    ),
  ].join('\n')

/** Sends the orders, or joins the batch that they were sent as before: their text is the key. */
const begin = async (
  client: Client,
  bytes: Uint8Array<ArrayBuffer>,
  { items, defaults, partial, form }: Content,
): Promise<Batch> => {
  const hash = createHash('sha256')
    .update(partial ? 'partial\n' : '')
    .update(bytes)
  const idempotencyKey = `${form}-${hash.digest('hex')}`
  try {
    return await client.batches.create(items, { defaults, idempotencyKey, partial })
  } catch (error) {
    throw error instanceof RescindError && error.code === 'invalid-items'
      ? faulty(error.problem, error.problem)
      : error
  }
}

/** Watches until its end; Ctrl-C ends the watching and leaves the batch as it is. */
const watchToEnd = async (terminal: Terminal, client: Client, begun: Batch): Promise<Batch> => {
  const left = new AbortController()
  const leave = () => {
    left.abort()
  }
  process.on('SIGINT', leave)
  const batch = await watch(terminal, client, begun, left.signal).finally(() =>
    process.off('SIGINT', leave),
  )
  if (isOver(batch)) return batch
  throw new Halt(
    EXIT.unknown,
    `Batch ${batch.id} goes on: ${progress(batch, { at: performance.now(), resting: 0 })}.`,
    next(
      'The same command watches again. How far it is, or to stop it:',
      there('batch show', batch.id),
      there('batch stop', batch.id),
    ),
    batch,
  )
}

/** The items with what became of each, into the file or onto the screen. */
const writeResults = (terminal: Terminal, batch: Batch, csv: string, out: string): void => {
  if (out !== '-') {
    writeFileSync(out, csv, { mode: 0o600 })
    terminal.result(batch, () => tellBatch(terminal, batch))
    terminal.say(`Item by item: ${clean(out)}`)
    return
  }
  // A file keeps what was written there; a screen must not obey it.
  const onScreen = () =>
    csv
      .split('\n')
      .map((line) => `${clean(line)}\n`)
      .join('')
  process.stdout.write(process.stdout.isTTY ? onScreen() : csv)
}

/** Refuses beforehand what has no place for its results, or for the key. */
const mustFit = (file: string, { out, keyStdin }: RunOptions): void => {
  if (file === STDIN && keyStdin)
    throw new Halt(
      EXIT.usage,
      'The orders and the key cannot both come from standard input.',
      'Put the key into RESCIND_KEY.',
    )
  if (file !== STDIN && out !== undefined && resolve(out) === resolve(file))
    throw new Halt(EXIT.usage, '--out is the file itself.', 'Name another one for the results.')
}

const resultsBeside = (file: string, { id }: Batch): string => {
  const name = id.replace(/\W/g, '')
  return file === STDIN
    ? `${name}.csv`
    : join(dirname(file), `${basename(file, extname(file))}.${name}.csv`)
}

export const runBatch = async (
  terminal: Terminal,
  file: string,
  options: RunOptions,
): Promise<number> => {
  mustFit(file, options)
  const { dryRun = false } = options
  const name = file === STDIN ? 'Standard input' : clean(basename(file))
  if (file === STDIN && process.stdin.isTTY)
    terminal.say('The orders are read from here; Ctrl-D ends them.')
  const bytes = await readBytes(file)
  const content = contentOf(bytes, options.partial ?? false)
  const { total, says } = summary(content)
  if (total === 0) throw new Halt(EXIT.usage, `${name} has no rows to cancel.`, 'Nothing was sent.')
  terminal.say(`${name}: ${says}`)
  for (const warning of warningsOf(content)) terminal.warn(warning)
  const asks = !dryRun && mustAsk(terminal, total, options, file === STDIN)
  const { client, reader } = await reach(terminal, options)
  if (dryRun || asks) {
    const items = content.taken.rows.map(({ request }) => request)
    const checked = await lookAll(terminal, reader, items)
    if (dryRun) {
      terminal.result(checked, () => tellCheck(terminal, checked))
      return exitOfCheck(checked)
    }
    terminal.warn(tellCheck(terminal, checked))
    await consent(terminal, total)
  }

  const begun = await begin(client, bytes, content)
  terminal.say(
    `Batch ${begun.id}: ${count(begun.total)} orders, written down ${moment(begun.createdAt)}. ` +
      'Ctrl-C leaves it running; the same command joins it again.',
  )
  if (begun.status === 'paused')
    terminal.warn(terminal.advice(next('It is paused; to go on:', there('batch resume', begun.id))))
  if (begun.status === 'stopped')
    terminal.warn(
      'It was stopped: what was withdrawn then is not asked for again by the same file.',
    )

  const batch = await watchToEnd(terminal, client, begun)
  const csv = await client.batches.csv(batch.id)
  writeResults(terminal, batch, csv, options.out ?? resultsBeside(file, batch))
  return exitOf(batch)
}

export type BatchAction = 'show' | 'pause' | 'resume' | 'stop'

export const actOnBatch = async (
  terminal: Terminal,
  action: BatchAction,
  id: string,
  options: ReachOptions & { readonly yes?: boolean },
): Promise<number> => {
  const { client } = await reach(terminal, options)
  if (action === 'stop' && !options.yes) {
    if (!terminal.isAsking || options.keyStdin)
      throw new Halt(
        EXIT.usage,
        'Nobody can be asked here, and what is withdrawn stays withdrawn.',
        next('To stop it without being asked:', again(terminal.given, { more: ['--yes'] })),
      )
    const { counts, finishedAt } = await client.batches.get(id)
    if (
      finishedAt === null &&
      !(await terminal.confirm(`Withdraw ${count(counts.accepted)} orders that were not sent yet?`))
    )
      throw new Halt(EXIT.notCanceled, 'Nothing was stopped.')
  }
  const batch = await (action === 'show' ? client.batches.get(id) : client.batches[action](id))
  terminal.result(batch, () => tellBatch(terminal, batch))
  if (action === 'pause') terminal.next(there('batch resume', id))
  return action === 'show' ? exitOf(batch) : EXIT.canceled
}

export const listBatches = async (terminal: Terminal, options: ReachOptions): Promise<number> => {
  const { data } = await (await reach(terminal, options)).reader.batches.list()
  if (terminal.json) for (const batch of data) terminal.result(batch, () => '')
  else if (data.length === 0) {
    terminal.say('There are no batches of this key yet.')
    terminal.next(here('help batch run'))
  } else
    terminal.result(null, () =>
      terminal.table(
        ['batch', 'status', 'orders', 'begun', 'what became of them'],
        data.map((batch) => [
          batch.id,
          batch.status,
          count(batch.total),
          moment(batch.createdAt),
          tally(batch),
        ]),
      ),
    )
  return EXIT.canceled
}
