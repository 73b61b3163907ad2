/** `rescind sweep`: a store is asked again what changed since a time. */
import { reach, type ReachOptions } from './reach.ts'
import { clean, EXIT, moment, type Terminal } from './terminal.ts'
import { timeOf } from './time.ts'

export const sweepStore = async (
  terminal: Terminal,
  store: string,
  options: ReachOptions & { readonly since: string },
): Promise<number> => {
  const since = timeOf('--since', options.since)
  const swept = await (await reach(terminal, options)).client.sweep(store, { since })
  terminal.result(
    swept,
    () => `${clean(store)} is asked what changed since ${moment(since)}, at its next sweep.`,
  )
  terminal.say('What was canceled there since and is not recorded here is looked at.')
  return EXIT.canceled
}
