/** `rescind approve` and `decline`: the second pair of eyes on what another key asked. */
import type { Cancellation, CancelRequest } from '../client/index.ts'
import { comes, consent, tellPreview } from './cancel.ts'
import { follow } from './follow.ts'
import { again, next, there } from './paste.ts'
import { reach, type ReachOptions } from './reach.ts'
import { exitOfRecord, headline, nameOf, tellRecord } from './record.ts'
import { clean, EXIT, Halt, type Terminal } from './terminal.ts'

interface DeclineOptions extends ReachOptions {
  readonly note?: string
}
interface ApproveOptions extends DeclineOptions {
  readonly yes?: boolean
  readonly wait: number
}

/** As long as the gateway takes. */
const MAX_NOTE = 1_000

const mustBeNote = (note: string | undefined): void => {
  if (note !== undefined && (note.trim() === '' || note.length > MAX_NOTE))
    throw new Halt(EXIT.usage, `--note takes 1 to ${MAX_NOTE} characters.`, 'Nothing was done.')
}

/** The request that a record is of, as it would be asked now: an approval is of one order. */
const requestOf = (record: Cancellation): CancelRequest => {
  const { store, orderId, target, reason, reasonCode, notify, message, restock, refund } = record
  const asked = { store, orderId, target, reason, reasonCode, notify, message, restock, refund }
  return { ...asked, strict: record.strict, ...(target === 'order' && { linked: 'none' }) }
}

const mustAwait = (record: Cancellation): void => {
  if (record.waitingFor === 'approval') return
  throw new Halt(
    EXIT.notCanceled,
    '\nIt does not wait for approval. Nothing was done.',
    next('What became of it:', there('show', record.id)),
    record,
  )
}

/** Shows what it would do now, asks, and follows what becomes of it. */
export const approve = async (
  terminal: Terminal,
  id: string,
  options: ApproveOptions,
): Promise<number> => {
  const { note, yes = false, wait, keyStdin } = options
  mustBeNote(note)
  if (!yes && (!terminal.isAsking || keyStdin))
    throw new Halt(
      EXIT.usage,
      'Nobody can be asked here, and a cancel cannot be taken back.',
      next('To approve it without being asked:', again(terminal.given, { more: ['--yes'] })),
    )
  const { client, reader } = await reach(terminal, options)
  const known = await client.get(id)
  if (known.waitingFor !== 'approval') terminal.say(headline(terminal, known))
  mustAwait(known)
  const found = await reader.preview(requestOf(known))
  terminal.say(tellPreview(terminal, found))
  await consent(
    terminal,
    yes,
    `\nApprove it: cancel order ${nameOf(found)}${comes(found)}? This cannot be taken back.`,
  )
  const record = await follow(terminal, client, wait * 1_000, () =>
    client.approve(id, note === undefined ? {} : { note }),
  )
  terminal.say()
  terminal.result(record, () => tellRecord(terminal, record))
  terminal.next(there('show', record.id))
  return exitOfRecord(record)
}

/** Ends it, with a reason that stays. */
export const decline = async (
  terminal: Terminal,
  id: string,
  options: DeclineOptions,
): Promise<number> => {
  mustBeNote(options.note)
  const isAsking = terminal.isAsking && options.keyStdin !== true
  const note = options.note ?? (isAsking ? await terminal.ask('Why, for the record:') : '')
  if (note === '')
    throw new Halt(EXIT.usage, 'Say why with --note: whoever asked reads it.', 'Nothing was done.')
  mustBeNote(note)
  const { client } = await reach(terminal, options)
  const record = await client.decline(id, { note })
  terminal.result(record, () => headline(terminal, record))
  terminal.say(`It is declined, “${clean(note)}”; the order stays as it is.`)
  terminal.next(there('show', record.id))
  return EXIT.canceled
}
