/**
 * `rescind preview`, `cancel` and `show`: one order, what would become of it, and what became of
 * it.
 */
import {
  type Cancellation,
  type CancelRequest,
  type Client,
  NotKnownYet,
  type Preview,
  RescindError,
} from '../client/index.ts'
import { EFFECTS } from '../model/effect.ts'
import { FIELD_NAMES } from '../model/request.ts'
import { advice } from '../messages/advice.ts'
import { consequences, sum, summary } from '../messages/sentence.ts'
import { BASIS_WORDS, EFFECT_WORDS, outcomeWord, statusWord } from '../messages/words.ts'
import { alongOf, blockedBy, tellLinked } from './linked.ts'
import { exitOfProblem, reach, type ReachOptions, tellProblem } from './reach.ts'
import { clean, duration, EXIT, Halt, moment, type Terminal } from './terminal.ts'

export interface Wishes {
  readonly reason?: string
  readonly reasonCode?: NonNullable<CancelRequest['reasonCode']>
  readonly notify?: boolean
  readonly message?: string
  readonly restock?: boolean
  readonly refund?: boolean
  readonly strict?: boolean
  readonly reference?: string
  readonly target?: 'order' | 'transfer'
  readonly linked?: 'all' | 'each' | 'none'
}

export interface CancelOptions extends Wishes, ReachOptions {
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly wait: number
}

/** Options that are members of a request, beside what it is about. */
const WISH_NAMES = FIELD_NAMES.filter(
  (name): name is keyof Wishes => name !== 'store' && name !== 'orderId',
)

const requestOf = (store: string, orderId: string, wishes: Wishes): CancelRequest => ({
  store,
  orderId,
  ...Object.fromEntries(WISH_NAMES.map((name) => [name, wishes[name]])),
})

const WISH_WORDS = new Map<boolean | null, string>([
  [true, 'yes'],
  [false, 'no'],
  [null, 'not asked'],
])

const nameOf = ({ order, orderId }: Pick<Cancellation, 'order' | 'orderId'>): string =>
  clean(order?.number ?? orderId)

/**
 * Asked, what happened or would, and how we know: effects that were neither asked for nor touched
 * are left out.
 */
const effectsTable = (
  terminal: Terminal,
  effects: Cancellation['effects'],
  would = false,
): string =>
  terminal.table(
    ['What', 'Asked', would ? 'Would happen' : 'Happened', 'How we know', 'More'],
    EFFECTS.map((name) => ({ name, ...effects[name] }))
      .filter(
        ({ name, asked, outcome }) =>
          name === 'order' ||
          name === 'payment' ||
          asked !== null ||
          (outcome !== 'withheld' && outcome !== 'not_applicable'),
      )
      .map(({ name, asked, basis, amount, detail = '' }) => [
        EFFECT_WORDS[name],
        WISH_WORDS.get(asked) ?? '',
        `${outcomeWord(name, effects[name], would)}${amount ? ` (${sum(amount)})` : ''}`,
        basis === 'none' ? '' : BASIS_WORDS[basis],
        detail,
      ]),
  )

const orderLine = ({
  store,
  order,
  orderId,
}: Pick<Preview, 'store' | 'orderId'> & { order: Preview['order'] | null }): string => {
  const total = order?.totals.total
  const state = order
    ? [order.status, order.paymentStatus, order.fulfillmentStatus]
        .map((word) => word.replaceAll('_', ' '))
        .join(', ')
    : 'not read yet'
  return (
    `Order ${nameOf({ order, orderId })} at ${clean(store)}: ` +
    `${state}${total ? `, ${clean(sum(total))}` : ''}` +
    (order?.adminUrl ? `\nIn the store’s own admin: ${clean(order.adminUrl)}` : '')
  )
}

const tellPreview = (terminal: Terminal, preview: Preview): string =>
  [
    orderLine(preview),
    ...(preview.alreadyCanceled
      ? [
          alongOf(preview) > 0
            ? 'It is canceled already; what is open of its link would be canceled.'
            : 'It is canceled already; nothing would be sent.',
        ]
      : preview.problem
        ? [tellProblem(preview.problem)]
        : ['', effectsTable(terminal, preview.effects, true)]),
    ...tellLinked(terminal, preview),
  ].join('\n')

const exitOfPreview = ({ alreadyCanceled, problem }: Preview): number =>
  alreadyCanceled || !problem ? EXIT.canceled : exitOfProblem(problem)

/** Where it was to go with others, it is over when they are. */
export const exitOfRecord = ({ status, problem, reopenedAt, link }: Cancellation): number => {
  switch (status) {
    case 'succeeded':
      if (link?.status === 'canceling') return EXIT.unknown
      return reopenedAt || link?.status === 'diverged' ? EXIT.needsYou : EXIT.canceled
    case 'rejected':
      return problem ? exitOfProblem(problem) : EXIT.notCanceled
    case 'needs_attention':
      return EXIT.needsYou
    default:
      return EXIT.unknown
  }
}

const MARKS: Partial<
  Record<Cancellation['status'], readonly [string, 'green' | 'red' | 'yellow']>
> = { succeeded: ['✓', 'green'], rejected: ['✕', 'red'], needs_attention: ['!', 'yellow'] }

const headline = (terminal: Terminal, record: Cancellation): string => {
  const [mark, color] = MARKS[record.status] ?? ['…', 'yellow']
  const took =
    record.settledAt === null
      ? ''
      : ` in ${duration(Date.parse(record.settledAt) - Date.parse(record.createdAt))}`
  const word = `${statusWord(record)}${record.alreadyCanceled ? '' : took}.`
  return (
    `${terminal.style(color, terminal.plain ? word : `${mark} ${word}`)} ` +
    `${clean(summary(record))}`
  )
}

/** Of the orders that it is linked with, where not all are canceled. */
const linkLines = ({ status, link }: Cancellation): string[] =>
  status !== 'succeeded' || !link || link.status === 'canceled'
    ? []
    : [
        link.status === 'diverged'
          ? `Of the orders that are linked as ${clean(link.name)}, some are not canceled.`
          : `The orders that are linked as ${clean(link.name)} are still to come.`,
      ]

const tellRecord = (terminal: Terminal, record: Cancellation): string =>
  [
    headline(terminal, record),
    ...(record.problem ? [tellProblem(record.problem)] : []),
    ...(record.status === 'succeeded' && !record.alreadyCanceled
      ? ['', effectsTable(terminal, record.effects)]
      : []),
    ...linkLines(record),
  ].join('\n')

export const preview = async (
  terminal: Terminal,
  store: string,
  orderId: string,
  options: Wishes & ReachOptions,
): Promise<number> => {
  const found = await (
    await reach(terminal, options)
  ).reader.preview(requestOf(store, orderId, options))
  terminal.result(found, () => tellPreview(terminal, found))
  if (found.cancelable)
    terminal.say(`\nNothing was touched. Next: rescind cancel ${clean(store)} ${clean(orderId)} …`)
  return exitOfPreview(found)
}

/** Null where the store cannot be read now; what it refuses is thrown. */
const look = async (reader: Client, request: CancelRequest): Promise<Preview | null> => {
  try {
    return await reader.preview(request)
  } catch (error) {
    if (
      error instanceof RescindError &&
      (error.code === 'platform-unavailable' || error.code === 'platform-throttled')
    )
      return null
    throw error
  }
}

/** “: mails the buyer, refunds 100.00 USD”: what the yes is to. */
const comes = ({ effects, order }: Preview): string => {
  const found = consequences(effects, order).join(', ')
  return found === '' ? '' : `: ${clean(found)}`
}

/** “ and 2 linked orders”. */
const along = (found: Preview): string => {
  const count = alongOf(found)
  return count === 0 ? '' : ` and ${count} linked order${count === 1 ? '' : 's'}`
}

/** Refuses what would come to nothing, before anything is written down. */
const mustGo = (found: Preview, { linked }: Wishes): void => {
  if (found.problem)
    throw new Halt(exitOfPreview(found), 'Not canceled: nothing was sent.', null, found.problem)
  const other = linked === 'each' ? null : blockedBy(found)
  if (!other) return
  throw new Halt(
    EXIT.notCanceled,
    `Not canceled: order ${clean(other.orderId)} at ${clean(other.store)}, which it is linked ` +
      'with, cannot be, so nothing was sent.',
    '--linked each cancels those that can be, --linked none this one alone.',
    other.problem,
  )
}

const consent = async (terminal: Terminal, yes: boolean, question: string): Promise<void> => {
  if (yes || (await terminal.confirm(question))) return
  throw new Halt(EXIT.notCanceled, 'Not canceled: nothing was sent.')
}

/**
 * Sends it once, then looks until it is at rest or the time is up; Ctrl-C ends the looking, never
 * the cancellation.
 */
const send = async (
  terminal: Terminal,
  client: Client,
  request: CancelRequest,
  waitMs: number,
): Promise<Cancellation> => {
  const stop = new AbortController()
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(EXIT.unknown)
    stop.abort()
  }
  process.on('SIGINT', interrupt)
  try {
    // Asked without waiting first, so that its id is known as soon as it is written down.
    const sent = await client.cancel(request, { waitMs: 0 }).catch((error: unknown) => {
      if (error instanceof NotKnownYet && error.record) return error.record
      // A conflict brings the record of another request.
      if (error instanceof RescindError && error.record && error.code !== 'cancellation-conflict')
        return error.record
      throw error
    })
    const isOver = sent.final || sent.status === 'needs_attention'
    if ((isOver && sent.link?.status !== 'canceling') || waitMs === 0) return sent
    if (terminal.isLive)
      terminal.say(`${statusWord(sent)} … (Ctrl-C ends the looking, not the cancellation)`)
    return await client.get(sent.id, { waitMs, signal: stop.signal }).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error
      terminal.warn(`\nSent; still being checked: rescind show ${sent.id}`)
      throw new Halt(EXIT.unknown, 'The gateway goes on by itself.', null, sent)
    })
  } finally {
    process.off('SIGINT', interrupt)
  }
}

export const cancel = async (
  terminal: Terminal,
  store: string,
  orderId: string,
  options: CancelOptions,
): Promise<number> => {
  const { yes = false, dryRun = false } = options
  if (dryRun) return preview(terminal, store, orderId, options)
  if (!yes && (!terminal.isAsking || options.keyStdin))
    throw new Halt(
      EXIT.usage,
      'Nobody can be asked here, and a cancel cannot be taken back.',
      'Say --yes to cancel without being asked, or --dry-run to see what would happen.',
    )
  const request = requestOf(store, orderId, options)
  const { client, reader } = await reach(terminal, options)
  const found = await look(reader, request)
  if (found) {
    terminal.say(tellPreview(terminal, found))
    mustGo(found, options)
  } else
    terminal.warn(
      'The store cannot be read now, so what would happen cannot be shown. The gateway would ' +
        'keep the request and try for a while.',
    )
  if (!found?.alreadyCanceled || alongOf(found) > 0)
    await consent(
      terminal,
      yes,
      found
        ? `\nCancel order ${nameOf(found)}${along(found)}${comes(found)}? ` +
            'This cannot be taken back.'
        : `\nAsk for the cancellation of ${clean(orderId)} all the same?`,
    )

  const record = await send(terminal, client, request, options.wait * 1_000)
  terminal.say()
  terminal.result(record, () => tellRecord(terminal, record))
  terminal.say(`Next: rescind show ${record.id}`)
  return exitOfRecord(record)
}

/** What happened when, from the request to its end. */
const history = (terminal: Terminal, record: Cancellation): string => {
  const { createdAt, attempts, resolution, settledAt } = record
  return terminal.table(
    ['when', 'what', 'answer', 'took'],
    [
      [moment(createdAt), 'written down', '', ''],
      ...attempts.map(({ at, call, result, ms }) => [
        moment(at),
        call,
        result ?? 'not known',
        ms === null ? '' : duration(ms),
      ]),
      ...(resolution
        ? [
            [
              moment(resolution.at),
              `${resolution.by} says: ${resolution.note}`,
              resolution.as.replace('_', ' '),
              '',
            ],
          ]
        : []),
      ...(settledAt === null
        ? []
        : [
            [
              moment(settledAt),
              statusWord(record),
              '',
              duration(Date.parse(settledAt) - Date.parse(createdAt)),
            ],
          ]),
    ],
  )
}

export const show = async (
  terminal: Terminal,
  id: string,
  options: ReachOptions & { readonly wait: number },
): Promise<number> => {
  const record = await (
    await reach(terminal, options)
  ).client.get(id, { waitMs: options.wait * 1_000 })
  terminal.result(record, () =>
    [
      `${orderLine(record)}${record.reference === null ? '' : ` (${clean(record.reference)})`}`,
      headline(terminal, record),
      ...(record.problem ? [tellProblem(record.problem)] : []),
      '',
      effectsTable(terminal, record.effects),
      '',
      history(terminal, record),
    ].join('\n'),
  )
  if (record.status === 'needs_attention')
    terminal.say(
      `Next: ${advice(record).join(' ')} The console takes it, or ` +
        `POST /v1/cancellations/${clean(id)}/resolve.`,
    )
  return exitOfRecord(record)
}
