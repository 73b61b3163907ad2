/** The flags that several commands share, and how their words are read. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { RESOLUTIONS, STATUSES } from '../model/cancellation.ts'
import { LINKED } from '../model/link.ts'
import { REASON_CODES } from '../model/request.ts'
import type { Given } from './paste.ts'

const MAX_WAIT_S = 86_400

export const whole = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It takes a whole number.')
  return Number(text)
}
export const positive = (text: string): number => {
  const number = whole(text)
  if (number === 0) throw new InvalidArgumentError('It takes a whole number from 1 on.')
  return number
}
const seconds = (text: string): number => Math.min(whole(text), MAX_WAIT_S)
export const collect = (value: string, before: readonly string[]): string[] => [...before, value]

/** One of a closed list, whose words may be written with “-” for “_”. */
const oneOf = (flags: string, description: string, words: readonly string[]): Option =>
  new Option(flags, description).choices(words).argParser((text: string) => {
    const word = text.replaceAll('-', '_')
    if (!words.includes(word))
      throw new InvalidArgumentError(`Allowed choices are ${words.join(', ')}.`)
    return word
  })

/** Adds what every command understands. */
export const mannered = (command: Command): Command =>
  command
    .option('--json', 'one JSON object a line on stdout, in the shapes of the API')
    .option('--plain', 'no table, color or progress line: words only')
    .option('--no-input', 'never ask')
    .option('-q, --quiet', 'results and warnings only')

export const reaching = (command: Command): Command =>
  command
    .option('--url <url>', 'the gateway (else RESCIND_URL, else http://127.0.0.1:8787)')
    .option('--key-stdin', 'read the key from standard input')

export const wishing = (command: Command): Command =>
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

export const waiting = (preset: number) => (command: Command) =>
  command.option('--wait <seconds>', 'how long to look for what became of it', seconds, preset)

export const unasked = (command: Command): Command => command.option('-y, --yes', 'do not ask')

export const since = (command: Command): Command =>
  command.requiredOption('--since <time>', '2026-11-21, or 2026-11-21T12:00:00Z')

export const filtering = (command: Command): Command =>
  command
    .addOption(oneOf('--status <status>', 'only these', STATUSES))
    .option('--store <store>', 'only of this store')
    .option('--order <id>', 'only of this order, by the platform’s own id')
    .option('--reference <text>', 'only with this reference')
    .option('--batch <id>', 'only of this batch')
    .option('--link <name>', 'only of the orders of this link')
    .addOption(
      new Option('--origin <who>', 'only what these brought about').choices([
        'caller',
        'platform',
        'link',
      ]),
    )
    .option('--awaiting-approval', 'only what waits for somebody’s approval')
    .option('--since <time>', 'asked from then on: 2026-11-21, or 2026-11-21T12:00:00Z')
    .option('--until <time>', 'asked before then')
    .option('--changed-since <time>', 'changed after then')
    .option('--oldest-first', 'in the order in which they were asked')
    .option('--limit <number>', 'how many at most', positive, 25)

export const resolving = (command: Command): Command =>
  command
    .addOption(oneOf('--as <what>', 'what you found in the store', RESOLUTIONS))
    .option('--note <text>', 'what you saw, for the record')

/** What was given on the command line itself. */
export const givenOf = (command: Command, operands: readonly unknown[]): Given => {
  const verb: string[] = []
  for (let at: Command | null = command; at?.parent; at = at.parent) verb.unshift(at.name())
  const flags = command.options.flatMap((option) => {
    const name = option.attributeName()
    const value: unknown = command.getOptionValue(name)
    if (command.getOptionValueSource(name) !== 'cli' || (value === false) !== option.negate)
      return []
    const flag = option.long ?? option.flags
    const words =
      typeof value === 'boolean' ? [flag] : [value].flat().flatMap((one) => [flag, String(one)])
    return [{ name, words }]
  })
  return { verb: verb.join(' '), operands: operands.flat().map(String), flags }
}
