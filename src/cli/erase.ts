/** `rescind erase`: takes one buyer's data out of all that is kept of some orders. */
import { again, next } from './paste.ts'
import { reach, type ReachOptions } from './reach.ts'
import { clean, count, EXIT, Halt, type Terminal } from './terminal.ts'

const NAMES = [
  ['records', 'record', 'records'],
  ['rows', 'row of a batch', 'rows of batches'],
  ['deliveries', 'event of a webhook', 'events of webhooks'],
  ['links', 'link', 'links'],
  ['keys', 'key', 'keys'],
] as const

export const erase = async (
  terminal: Terminal,
  store: string,
  orders: readonly string[],
  { yes = false, ...options }: ReachOptions & { readonly yes?: boolean },
): Promise<number> => {
  terminal.say(
    `Of ${orders.map(clean).join(', ')} at ${clean(store)}, reason, message, reference, notes ` +
      'and details are erased for ever. That each was canceled, when, and with what amounts stays.',
  )
  if (!yes && !terminal.isAsking)
    throw new Halt(
      EXIT.usage,
      'Nothing was erased: nobody could be asked.',
      next('Say it with the command:', again(terminal.given, { more: ['--yes'] })),
    )
  if (!yes && !(await terminal.confirm('Erase it?'))) {
    terminal.say('Nothing was erased.')
    return EXIT.notCanceled
  }
  const erased = await (await reach(terminal, options)).client.erase(store, orders)
  const told = NAMES.flatMap(([name, one, many]) =>
    erased[name] === 0 ? [] : [`${count(erased[name])} ${erased[name] === 1 ? one : many}`],
  )
  terminal.result(erased, () =>
    told.length === 0 ? 'There was nothing to erase.' : `Erased: ${told.join(', ')}.`,
  )
  terminal.say('Backups, exports and the platform’s own data are not touched.')
  return EXIT.canceled
}
