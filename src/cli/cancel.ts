/** `rescind preview` and `cancel`: one order, what would become of it, and what became of it. */
import {
  type Cancellation,
  type CancelRequest,
  type Client,
  NotKnownYet,
  type Preview,
  RescindError,
} from '../client/index.ts'
import { FIELD_NAMES } from '../model/request.ts'
import { consequences } from '../messages/sentence.ts'
import { follow } from './follow.ts'
import { alongOf, blockedBy, tellLinked } from './linked.ts'
import { again, next, there } from './paste.ts'
import { exitOfProblem, reach, type ReachOptions, tellProblem } from './reach.ts'
import { effectsTable, exitOfRecord, nameOf, orderLine, tellRecord } from './record.ts'
import { clean, EXIT, Halt, type Terminal } from './terminal.ts'

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

export const tellPreview = (terminal: Terminal, preview: Preview): string =>
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
  if (found.cancelable) {
    terminal.say('\nNothing was touched.')
    terminal.next(again(terminal.given, { verb: 'cancel', without: ['dryRun', 'json'] }))
  }
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
export const comes = ({ effects, order }: Preview): string => {
  const found = consequences(effects, order).join(', ')
  return found === '' ? '' : `: ${clean(found)}`
}

/** “ and 2 linked orders”. */
const along = (found: Preview): string => {
  const count = alongOf(found)
  return count === 0 ? '' : ` and ${count} linked order${count === 1 ? '' : 's'}`
}

/** Refuses what would come to nothing, before anything is written down. */
const mustGo = ({ given }: Terminal, found: Preview, { linked }: Wishes): void => {
  if (found.problem)
    throw new Halt(exitOfPreview(found), 'Not canceled: nothing was sent.', null, found.problem)
  const other = linked === 'each' ? null : blockedBy(found)
  if (!other) return
  throw new Halt(
    EXIT.notCanceled,
    `Not canceled: order ${clean(other.orderId)} at ${clean(other.store)}, which it is linked ` +
      'with, cannot be, so nothing was sent.',
    next(
      'Those that can be, or this one alone:',
      ...['each', 'none'].map((which) =>
        again(given, { without: ['linked'], more: ['--linked', which] }),
      ),
    ),
    other.problem,
  )
}

export const consent = async (
  terminal: Terminal,
  yes: boolean,
  question: string,
): Promise<void> => {
  if (yes || (await terminal.confirm(question))) return
  throw new Halt(EXIT.notCanceled, 'Not canceled: nothing was sent.')
}

/** Asked without waiting first, so that its id is known as soon as it is written down. */
const send = async (client: Client, request: CancelRequest): Promise<Cancellation> => {
  try {
    return await client.cancel(request, { waitMs: 0 })
  } catch (error) {
    if (error instanceof NotKnownYet && error.record) return error.record
    // A conflict brings the record of another request.
    if (error instanceof RescindError && error.record && error.code !== 'cancellation-conflict')
      return error.record
    throw error
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
      next(
        'To see what would happen, or to cancel without being asked:',
        again(terminal.given, { more: ['--dry-run'] }),
        again(terminal.given, { more: ['--yes'] }),
      ),
    )
  const request = requestOf(store, orderId, options)
  const { client, reader } = await reach(terminal, options)
  const found = await look(reader, request)
  if (found) {
    terminal.say(tellPreview(terminal, found))
    mustGo(terminal, found, options)
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

  const record = await follow(terminal, client, options.wait * 1_000, () => send(client, request))
  terminal.say()
  terminal.result(record, () => tellRecord(terminal, record))
  terminal.next(there('show', record.id))
  return exitOfRecord(record)
}
