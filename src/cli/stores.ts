/** `rescind stores list`: what a key reaches, and how each store is heard. */
import type { Client, Store } from '../client/index.ts'
import { reach, type ReachOptions } from './reach.ts'
import { EXIT, moment, type Terminal } from './terminal.ts'

/** How many are asked about at once. */
const AT_ONCE = 8

/** What is the matter with it, else when it was last heard of. */
const stateOf = ({ notices }: Store): string => {
  if (!notices) return ''
  const { sweepFailingSince, silentSince, lastSweepAt, lastAt } = notices
  if (sweepFailingSince !== null) return `could not be read since ${moment(sweepFailingSince)}`
  if (silentSince !== null) return `its webhooks are silent since ${moment(silentSince)}`
  if (lastSweepAt !== null) return `read ${moment(lastSweepAt)}`
  return lastAt === null ? 'nothing heard of it yet' : `told us something ${moment(lastAt)}`
}

/** Each with how it is heard, which only the answer about one store says. */
const wholeOf = async (reader: Client, stores: readonly Store[]): Promise<Store[]> => {
  const whole: Store[] = []
  for (let first = 0; first < stores.length; first += AT_ONCE)
    whole.push(
      ...(await Promise.all(
        stores.slice(first, first + AT_ONCE).map(({ id }) => reader.store(id)),
      )),
    )
  return whole
}

export const listStores = async (terminal: Terminal, options: ReachOptions): Promise<number> => {
  const { reader } = await reach(terminal, options)
  const stores = await wholeOf(reader, await reader.stores())
  if (terminal.json) for (const store of stores) terminal.result(store, () => '')
  else if (stores.length === 0)
    terminal.say('This key reaches no store. The configuration says which a key reaches.')
  else
    terminal.result(null, () =>
      terminal.table(
        ['store', 'platform', 'test', 'how it is heard'],
        stores.map((store) => [store.id, store.platform, store.test ? 'yes' : '', stateOf(store)]),
      ),
    )
  return EXIT.canceled
}
