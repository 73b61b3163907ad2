/** `rescind list`: what was asked, by the filters of the API, page after page up to a limit. */
import type { Cancellation, ListFilters } from '../client/index.ts'
import { summary } from '../messages/sentence.ts'
import { statusWord } from '../messages/words.ts'
import { again, here } from './paste.ts'
import { reach, type ReachOptions } from './reach.ts'
import { nameOf } from './record.ts'
import { count, EXIT, type Terminal } from './terminal.ts'
import { timeOf } from './time.ts'

export interface ListOptions extends ReachOptions {
  readonly status?: Cancellation['status']
  readonly store?: string
  readonly order?: string
  readonly reference?: string
  readonly batch?: string
  readonly link?: string
  readonly origin?: Cancellation['origin']
  readonly awaitingApproval?: boolean
  readonly since?: string
  readonly until?: string
  readonly changedSince?: string
  readonly oldestFirst?: boolean
  readonly limit: number
}

/** As many as the gateway gives at once. */
const MAX_PAGE = 100

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const

/** “3 h”: of a time long ago the smaller unit tells nothing. */
const ageOf = ({ createdAt }: Cancellation): string => {
  const ms = Math.max(0, Date.now() - Date.parse(createdAt))
  const [unit, length] = UNITS.find(([, length]) => ms >= length) ?? ['s', 1_000]
  return `${Math.floor(ms / length)} ${unit}`
}

/** Records as rows; what became of each stands last, for it may go below its row. */
export const tableOf = (terminal: Terminal, records: readonly Cancellation[]): string =>
  terminal.table(
    ['status', 'order', 'store', 'age', 'id', 'what became of it'],
    records.map((record) => [
      statusWord(record),
      nameOf(record),
      record.store,
      ageOf(record),
      record.id,
      summary(record),
    ]),
  )

/** The API leaves out the very moment that it is given, and a person means it. */
const from = (flag: string, text: string): string =>
  new Date(Date.parse(timeOf(flag, text)) - 1).toISOString()

const filtersOf = (options: ListOptions): ListFilters => {
  const { status, store, order, reference, batch, link, origin, limit } = options
  const { since, until, changedSince, oldestFirst, awaitingApproval } = options
  return {
    status,
    store,
    orderId: order,
    reference,
    batchId: batch,
    link,
    origin,
    approval: awaitingApproval ? 'awaited' : undefined,
    createdAfter: since === undefined ? undefined : from('--since', since),
    createdBefore: until === undefined ? undefined : timeOf('--until', until),
    updatedAfter: changedSince === undefined ? undefined : from('--changed-since', changedSince),
    order: oldestFirst ? 'asc' : undefined,
    // One more tells whether there are more.
    limit: Math.min(MAX_PAGE, limit + 1),
  }
}

const NO_FILTER = ['limit', 'oldestFirst', 'url', 'keyStdin', 'json', 'plain', 'quiet', 'input']

const tellNone = (terminal: Terminal): void => {
  const isFiltered = terminal.given.flags.some(({ name }) => !NO_FILTER.includes(name))
  terminal.say(isFiltered ? 'None match.' : 'There are none yet.')
  terminal.next(isFiltered ? here('help list') : here('help cancel'))
}

export const list = async (terminal: Terminal, options: ListOptions): Promise<number> => {
  const { limit } = options
  const filters = filtersOf(options)
  const { reader } = await reach(terminal, options)
  const records: Cancellation[] = []
  let found = 0
  for await (const record of reader.each(filters)) {
    if (++found > limit) break
    // A program reads each as it comes; people read a table, whose columns need all of them.
    if (terminal.json) terminal.result(record, () => '')
    else records.push(record)
  }
  if (found === 0) tellNone(terminal)
  else if (!terminal.json) terminal.result(null, () => tableOf(terminal, records))
  if (found > limit) {
    terminal.say(`There are more than ${limit === 1 ? 'this one' : `these ${count(limit)}`}.`)
    terminal.next(
      again(terminal.given, { without: ['limit'], more: ['--limit', String(limit * 4)] }),
    )
  }
  return EXIT.canceled
}
