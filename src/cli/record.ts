/** A cancellation as people read it: what it is about, what became of it, what happened when. */
import type { Cancellation, Preview } from '../client/index.ts'
import { EFFECTS } from '../model/effect.ts'
import { sum, summary } from '../messages/sentence.ts'
import { BASIS_WORDS, EFFECT_WORDS, outcomeWord, statusWord } from '../messages/words.ts'
import { exitOfProblem, tellProblem } from './reach.ts'
import { clean, duration, EXIT, moment, type Terminal } from './terminal.ts'

const WISH_WORDS = new Map<boolean | null, string>([
  [true, 'yes'],
  [false, 'no'],
  [null, 'not asked'],
])

export const nameOf = ({ order, orderId }: Pick<Cancellation, 'order' | 'orderId'>): string =>
  clean(order?.number ?? orderId)

/**
 * Asked, what happened or would, and how we know: effects that were neither asked for nor touched
 * are left out.
 */
export const effectsTable = (
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

export const orderLine = (
  {
    store,
    order,
    orderId,
  }: Pick<Preview, 'store' | 'orderId'> & { order: Preview['order'] | null },
  reference: string | null = null,
): string => {
  const total = order?.totals.total
  const state = order
    ? [order.status, order.paymentStatus, order.fulfillmentStatus]
        .map((word) => word.replaceAll('_', ' '))
        .join(', ')
    : 'not read yet'
  return (
    `Order ${nameOf({ order, orderId })} at ${clean(store)}: ` +
    `${state}${total ? `, ${clean(sum(total))}` : ''}` +
    (reference === null ? '' : ` (${clean(reference)})`) +
    (order?.adminUrl ? `\nIn the store’s own admin: ${clean(order.adminUrl)}` : '')
  )
}

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

export const headline = (terminal: Terminal, record: Cancellation): string => {
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

export const tellRecord = (terminal: Terminal, record: Cancellation): string =>
  [
    headline(terminal, record),
    ...(record.problem ? [tellProblem(record.problem)] : []),
    ...(record.status === 'succeeded' && !record.alreadyCanceled
      ? ['', effectsTable(terminal, record.effects)]
      : []),
    ...linkLines(record),
  ].join('\n')

/** A caller, with the key that it used where that has a name. */
const named = (caller: string, key: string | null | undefined): string =>
  key ? `${caller} (key ${key})` : caller

/** A gateway before this version does not say. */
const askedBy = ({ requestedBy }: Cancellation): string =>
  requestedBy ? `, asked by ${named(requestedBy.caller, requestedBy.key)}` : ''

const approvalRows = (approval: NonNullable<Cancellation['approval']>): string[][] => {
  const { state, askedAt, by, at, note } = approval
  const asked = askedAt && [moment(askedAt), 'somebody is asked to approve it', '', '']
  const did = `${by} ${state === 'given' ? 'approved' : 'declined'} it`
  const done = at && [moment(at), note === null ? did : `${did}: ${note}`, '', '']
  return [asked, done].filter((row) => row !== null && row !== '')
}

/** What happened when, from the request to its end. */
export const history = (terminal: Terminal, record: Cancellation): string => {
  const { createdAt, attempts, approval, resolution, settledAt } = record
  return terminal.table(
    ['when', 'what', 'answer', 'took'],
    [
      [moment(createdAt), `written down${askedBy(record)}`, '', ''],
      ...(approval ? approvalRows(approval) : []),
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
              `${named(resolution.by, resolution.key)} says: ${resolution.note}`,
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

/** All that is known of it. */
export const tellWhole = (terminal: Terminal, record: Cancellation): string =>
  [
    orderLine(record, record.reference),
    headline(terminal, record),
    ...(record.problem ? [tellProblem(record.problem)] : []),
    '',
    effectsTable(terminal, record.effects),
    '',
    history(terminal, record),
  ].join('\n')
