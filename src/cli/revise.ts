/** `rescind withdraw` and `resolve`: what a person changes about a cancellation. */
import type { Cancellation, ResolveRequest } from '../client/index.ts'
import { closings } from '../messages/closing.ts'
import { RESOLUTION_WORDS } from '../messages/words.ts'
import { RESOLUTIONS } from '../model/cancellation.ts'
import { follow } from './follow.ts'
import { again, next, there } from './paste.ts'
import { reach, type ReachOptions } from './reach.ts'
import { exitOfRecord, headline, nameOf, tellRecord, tellWhole } from './record.ts'
import { clean, EXIT, Halt, type Terminal } from './terminal.ts'

export const withdraw = async (
  terminal: Terminal,
  id: string,
  options: ReachOptions,
): Promise<number> => {
  const { client } = await reach(terminal, options)
  const record = await client.withdraw(id)
  terminal.result(record, () => headline(terminal, record))
  terminal.say('It is withdrawn; the order stays as it is.')
  terminal.next(there('show', record.id))
  return EXIT.canceled
}

interface ResolveOptions extends ReachOptions {
  readonly as?: ResolveRequest['as']
  readonly note?: string
  readonly yes?: boolean
  readonly wait: number
}

/** As long as the gateway takes. */
const MAX_NOTE = 1_000
const NOTHING = 'Nothing was written down.'

const isResolution = (word: string): word is ResolveRequest['as'] =>
  (RESOLUTIONS as readonly string[]).includes(word)

/** The three ways, none of which is the default; of a record that is known, what each comes to. */
const choices = (terminal: Terminal, known: Cancellation | null): string => {
  const comes = known && closings(known)
  return terminal.table(
    ['--as', 'means', ...(comes ? ['which does'] : [])],
    RESOLUTIONS.map((as) => [as, RESOLUTION_WORDS[as], ...(comes ? [comes[as]] : [])]),
  )
}

/** Without a person everything must be said beforehand. */
const mustBeSaid = (terminal: Terminal, { as, note, yes = false, keyStdin }: ResolveOptions) => {
  if (note !== undefined && (note.trim() === '' || note.length > MAX_NOTE))
    throw new Halt(EXIT.usage, `--note takes 1 to ${MAX_NOTE} characters.`, NOTHING)
  const isWhole = as !== undefined && note !== undefined
  const isAsking = terminal.isAsking && keyStdin !== true
  if (isWhole ? yes || isAsking : isAsking) return
  if (!isWhole)
    throw new Halt(
      EXIT.usage,
      'Say what you found with --as, and what you saw with --note; nobody can be asked here.\n' +
        choices(terminal, null),
      NOTHING,
    )
  throw new Halt(
    EXIT.usage,
    'Nobody can be asked here, and what is written down stays.',
    next('To write it down without being asked:', again(terminal.given, { more: ['--yes'] })),
  )
}

/** What the flags leave open is asked for; anything but an answer is a no. */
const asked = async (
  terminal: Terminal,
  known: Cancellation,
  { as, note }: ResolveOptions,
): Promise<ResolveRequest> => {
  let found: string | undefined = as
  if (found === undefined) {
    terminal.say(`\n${choices(terminal, known)}`)
    found = (await terminal.ask('\nWhat did you find?')).replaceAll('-', '_')
  }
  if (!isResolution(found)) throw new Halt(EXIT.notCanceled, NOTHING)
  const saw = note ?? (await terminal.ask('What you saw, for the record:'))
  if (saw === '' || saw.length > MAX_NOTE)
    throw new Halt(EXIT.notCanceled, `A note has 1 to ${MAX_NOTE} characters. ${NOTHING}`)
  return { as: found, note: saw }
}

/** Says what stays on record, then asks. */
const consent = async (
  terminal: Terminal,
  record: Cancellation,
  { as, note }: ResolveRequest,
  yes: boolean,
): Promise<void> => {
  terminal.say(
    `\n${RESOLUTION_WORDS[as]}. ${closings(record)[as]}.\n` +
      `On record stay this, “${clean(note)}”, whose key it was and when.`,
  )
  if (yes || (await terminal.confirm(`Write this down for order ${nameOf(record)}?`))) return
  throw new Halt(EXIT.notCanceled, NOTHING)
}

export const resolve = async (
  terminal: Terminal,
  id: string,
  options: ResolveOptions,
): Promise<number> => {
  mustBeSaid(terminal, options)
  const { client } = await reach(terminal, options)
  const known = await client.get(id)
  terminal.say(tellWhole(terminal, known))
  if (known.status !== 'needs_attention')
    throw new Halt(
      EXIT.notCanceled,
      `\nIt needs nobody. ${NOTHING}`,
      next('What became of it:', there('show', known.id)),
      known,
    )
  const resolution = await asked(terminal, known, options)
  await consent(terminal, known, resolution, options.yes ?? false)
  // Only what is tried again is not over once it is written down.
  const waitMs = resolution.as === 'retry' ? options.wait * 1_000 : 0
  const record = await follow(terminal, client, waitMs, () => client.resolve(id, resolution))
  terminal.say()
  terminal.result(record, () => tellRecord(terminal, record))
  terminal.next(there('show', record.id))
  return resolution.as === 'retry' ? exitOfRecord(record) : EXIT.canceled
}
