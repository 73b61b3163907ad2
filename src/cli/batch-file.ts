/** A file of cancellations: read as the gateway reads it, and looked through before it is sent. */
import { readFileSync } from 'node:fs'
import { type Client, type Preview, RescindError } from '../client/index.ts'
import { type Mistake, readCsv, takeItems, textOf } from '../input/items.ts'
import { firstOfEach, lookThrough } from '../input/looking.ts'
import { commandAdvice } from '../messages/advice.ts'
import {
  extent,
  figures,
  type Look,
  lookedAt,
  notSeen,
  outlook,
  type StoreOutlook,
} from '../messages/outlook.ts'
import { sum } from '../messages/sentence.ts'
import { type Problem, ProblemError } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import { clean, count, EXIT, Halt, type Terminal } from './terminal.ts'

const MISTAKES_TOLD = 20
const STORES_NAMED = 12
const REASONS_TOLD = 5

export interface BatchFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** As it is sent. */
  readonly text: string
  readonly items: readonly CancelRequest[]
  /** What it asks for, in a line. */
  readonly says: string
  /** What a person should look at first. */
  readonly warnings: readonly string[]
}

const bytesOf = (file: string): Uint8Array<ArrayBuffer> => {
  try {
    return new Uint8Array(readFileSync(file))
  } catch (cause) {
    throw new Halt(
      EXIT.usage,
      `${clean(file)} cannot be read: ${(cause as NodeJS.ErrnoException).code}.`,
      'It takes a CSV file whose first line names the columns: ' +
        'store,orderId,reason,notify,restock,refund,…',
    )
  }
}

/** By the lines that the spreadsheet shows: the first of many. */
const lines = (errors: readonly Mistake[]): string[] => [
  ...errors.slice(0, MISTAKES_TOLD).map(({ line, row, column, detail }) => {
    const at = line === undefined ? (row === undefined ? '' : `row ${row}`) : `line ${line}`
    const place = [at, clean(column ?? '')].filter(Boolean).join(', ')
    return `  ${[place, clean(detail)].filter(Boolean).join(': ')}`
  }),
  ...(errors.length > MISTAKES_TOLD ? [`  and ${count(errors.length - MISTAKES_TOLD)} more`] : []),
]

/** Where the file is wrong. */
export const faulty = (
  {
    detail,
    errors = [],
  }: Pick<Problem, 'detail'> & { readonly errors?: readonly Mistake[] | undefined },
  shape: object,
): Halt =>
  new Halt(
    EXIT.usage,
    [clean(detail), ...lines(errors)].join('\n'),
    `Nothing was taken. ${commandAdvice({ code: 'invalid-items' })}`,
    shape,
  )

const summaryOf = (items: readonly CancelRequest[], isPart: boolean): string => {
  const named = [...Map.groupBy(items, ({ store }) => store)].map(
    ([store, of]) => `${clean(store) || 'the only store'} ${count(of.length)}`,
  )
  const more = named.length - STORES_NAMED
  const stores = [
    ...named.slice(0, STORES_NAMED),
    ...(more > 0 ? [`and ${more} more stores`] : []),
  ].join(', ')
  const mails = items.filter(({ notify }) => notify).length
  return [
    `${count(items.length)} orders (${stores})`,
    ...(mails > 0 ? [`${count(mails)} ask for a mail to the buyer`] : []),
    ...(isPart ? ['rows with mistakes are left out'] : []),
  ].join('; ')
}

const GUESSED =
  'The file does not say how its letters are written; they were read as Windows-1252. Save it as ' +
  '“CSV UTF-8” where they look wrong.'

/** How much would happen, which is what the person is asked about. */
export const openBatchFile = (file: string, partial: boolean): BatchFile => {
  const bytes = bytesOf(file)
  try {
    const { drafts, isGuessed } = readCsv(bytes.buffer, true)
    const { rows, mistakes, warnings } = takeItems(drafts, {}, (id) => id ?? '')
    if (mistakes.length > 0 && !partial)
      throw faulty(
        {
          detail:
            `${count(mistakes.length)} ` +
            `${mistakes.length === 1 ? 'thing is' : 'things are'} wrong in it.`,
          errors: mistakes,
        },
        { code: 'invalid-items', errors: mistakes },
      )
    const items = rows.map(({ request }) => request)
    return {
      bytes,
      text: textOf(bytes.buffer, true).text,
      items,
      says: summaryOf(items, mistakes.length > 0),
      warnings: [
        ...(isGuessed ? [GUESSED] : []),
        ...(warnings.length > 0 ? [['Look at this first:', ...lines(warnings)].join('\n')] : []),
      ],
    }
  } catch (error) {
    throw error instanceof ProblemError ? faulty(error.problem, error.problem) : error
  }
}

/** Null: the key may not look. */
const lookAt = async (reader: Client, request: CancelRequest): Promise<Look | null> => {
  const { store, linked, refund, ...asked } = request
  try {
    const found: Preview = await reader.preview({
      ...asked,
      ...(store !== '' && { store }),
      ...(linked !== undefined && { linked }),
      ...(refund !== undefined && { refund }),
    })
    return lookedAt(request, found, found.linked)
  } catch (error) {
    if (!(error instanceof RescindError) || error.code === 'unauthenticated') throw error
    return error.code === 'forbidden' ? null : notSeen(request, error.problem)
  }
}

export interface Checked {
  readonly stores: readonly StoreOutlook[]
  /** How much of the file was looked at. */
  readonly extent: string
  readonly mayLook: boolean
}

/** Looks through the orders, and tells how far it is. */
export const lookAll = async (
  terminal: Terminal,
  reader: Client,
  items: readonly CancelRequest[],
): Promise<Checked> => {
  const looks = new Map<CancelRequest, Look>()
  const stop = new AbortController()
  let mayLook = true
  const tell = () => {
    if (terminal.isLive)
      process.stderr.write(
        `\r\u001b[K${extent(outlook(items, looks), false)} Nothing was sent yet.`,
      )
  }
  tell()
  try {
    await lookThrough(
      firstOfEach(items),
      async (request) => {
        const look = await lookAt(reader, request)
        if (look !== null) return look
        mayLook = false
        stop.abort()
        return notSeen(request, null)
      },
      (request, look) => {
        if (mayLook) looks.set(request, look ?? notSeen(request, null))
        tell()
      },
      stop.signal,
    )
  } finally {
    if (terminal.isLive) process.stderr.write('\r\u001b[K')
  }
  const stores = outlook(items, looks)
  return { stores, extent: extent(stores, true), mayLook }
}

const tellStore = (terminal: Terminal, of: StoreOutlook): string => {
  const others = of.reasons.slice(REASONS_TOLD).reduce((sum, { count }) => sum + count, 0)
  const reasons = [
    ...of.reasons
      .slice(0, REASONS_TOLD)
      .map(({ says, count: times }) => `  ${count(times)}: ${clean(says)}`),
    ...(others > 0 ? [`  ${count(others)} for other reasons`] : []),
  ]
  return [
    `${clean(of.store) || 'The only store'}: ${count(of.looked)} of ${count(of.orders)}`,
    ...figures(of).map(([name, value]) => `  ${name}: ${clean(value)}`),
    ...(reasons.length > 0 ? ['Why not:', ...reasons] : []),
    terminal.table(
      ['order', 'amount', 'what would happen'],
      of.samples.map(({ number, amount, says }) => [number, amount ? sum(amount) : '', says]),
    ),
  ].join('\n')
}

/** What the file would come to, store by store. */
export const tellCheck = (terminal: Terminal, { stores, extent, mayLook }: Checked): string =>
  mayLook
    ? [
        ...stores.filter(({ looked }) => looked > 0).map((of) => tellStore(terminal, of)),
        extent,
      ].join('\n\n')
    : 'This key may not read orders, so none was looked at.'

/** How a look alone ends: as the batch would, as far as that can be said. */
export const exitOfCheck = ({ stores, mayLook }: Checked): number => {
  if (!mayLook) return EXIT.refused
  const some = (figure: (of: StoreOutlook) => number) => stores.some((of) => figure(of) > 0)
  if (some(({ unknown }) => unknown) || some(({ orders, looked }) => orders - looked))
    return EXIT.unknown
  return some(({ refused }) => refused) ? EXIT.notCanceled : EXIT.canceled
}
