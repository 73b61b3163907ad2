/**
 * `rescind find`: what is known of what a person has in hand: an id, the number of an order, a
 * reference; first what was asked, else the order in its store.
 */
import { type Cancellation, type Client, type Order, RescindError } from '../client/index.ts'
import { sum } from '../messages/sentence.ts'
import { isOrderId } from '../model/request.ts'
import { tableOf } from './list.ts'
import { next, there } from './paste.ts'
import { reach, type ReachOptions } from './reach.ts'
import { show } from './show.ts'
import { clean, EXIT, Halt, type Terminal } from './terminal.ts'

interface FindOptions extends ReachOptions {
  readonly store?: string
}

/** How many stores are searched when none is named, as in the console. */
const SEARCHED = 30
const RECORDS = 25
/** Longer than any id, number or reference. */
const MAX_TEXT = 128
const COMMANDS_TOLD = 3
/** A store without such an order, with ids of another form or no search is none that failed. */
const NOT_THERE: readonly string[] = ['order-not-found', 'invalid-request', 'unsupported']

interface FoundOrder {
  readonly store: string
  readonly order: Order
}

/** What was asked of an order by its own id, else under a reference. */
const recordsOf = async (
  reader: Client,
  text: string,
  store: string | undefined,
): Promise<Cancellation[]> => {
  for (const filter of [{ orderId: text }, { reference: text }]) {
    const { data } = await reader.list({ ...filter, store, limit: RECORDS })
    if (data.length > 0) return data
  }
  return []
}

/** In one store, by id and by number; what it cannot search, or does not answer, is in `silent`. */
const inStore = async (
  reader: Client,
  store: string,
  text: string,
  silent: Set<string>,
): Promise<FoundOrder[]> => {
  const quietly = async (read: () => Promise<Order[]>): Promise<Order[]> => {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof RescindError)) throw error
      if (!NOT_THERE.includes(error.code)) silent.add(`${store}: ${error.problem.title}`)
      return []
    }
  }
  const found = await Promise.all([
    isOrderId(text) ? quietly(async () => [await reader.order(store, text)]) : [],
    quietly(() => reader.findOrders(store, text)),
  ])
  return [...new Map(found.flat().map((order) => [order.id, { store, order }])).values()]
}

const tellOrders = (terminal: Terminal, orders: readonly FoundOrder[]): void => {
  if (terminal.json) for (const one of orders) terminal.result(one, () => '')
  else
    terminal.result(null, () =>
      terminal.table(
        ['order', 'store', 'state', 'payment', 'total', 'id'],
        orders.map(({ store, order }) => [
          order.number ?? order.id,
          store,
          order.status.replaceAll('_', ' '),
          order.paymentStatus.replaceAll('_', ' '),
          order.totals.total ? sum(order.totals.total) : '',
          order.id,
        ]),
      ),
    )
  terminal.next(
    ...orders.slice(0, COMMANDS_TOLD).map(({ store, order }) => there('preview', store, order.id)),
  )
}

const tellRecords = (terminal: Terminal, records: readonly Cancellation[]): void => {
  if (terminal.json) for (const record of records) terminal.result(record, () => '')
  else terminal.result(null, () => tableOf(terminal, records))
  terminal.next(...records.slice(0, COMMANDS_TOLD).map(({ id }) => there('show', id)))
}

/** Records of orders that were found by the number which people see. */
const askedOf = async (reader: Client, orders: readonly FoundOrder[]): Promise<Cancellation[]> => {
  const pages = await Promise.all(
    orders.map(({ store, order }) => reader.list({ store, orderId: order.id, limit: RECORDS })),
  )
  return pages.flatMap(({ data }) => data)
}

const nothing = (text: string, names: readonly string[], silent: ReadonlySet<string>): Halt =>
  silent.size > 0
    ? new Halt(
        EXIT.unknown,
        `Nothing was found for “${clean(text)}”, and not every store could be asked.`,
        'Try again once they answer.',
      )
    : new Halt(
        EXIT.notCanceled,
        `Nothing was found for “${clean(text)}”, neither here nor in ` +
          `${names.length === 1 ? clean(names[0] ?? '') : `${names.length} stores`}.`,
        next(
          'The platform’s own id always finds it. The stores that were meant:',
          there('stores list'),
        ),
      )

export const find = async (
  terminal: Terminal,
  given: string,
  options: FindOptions,
): Promise<number> => {
  const text = given.trim()
  if (text === '' || text.length > MAX_TEXT)
    throw new Halt(EXIT.usage, `It takes 1 to ${MAX_TEXT} characters.`)
  if (/^(?:can|bat)_[0-9A-Z]+$/i.test(text)) return show(terminal, text, { ...options, wait: 0 })
  const { reader } = await reach(terminal, options)
  const records = await recordsOf(reader, text, options.store)
  if (records.length > 0) {
    tellRecords(terminal, records)
    return EXIT.canceled
  }
  const all = options.store === undefined ? (await reader.stores()).map(({ id }) => id) : []
  const names = options.store === undefined ? all.slice(0, SEARCHED) : [options.store]
  const silent = new Set<string>()
  const orders = (
    await Promise.all(names.map((store) => inStore(reader, store, text, silent)))
  ).flat()
  for (const why of silent) terminal.warn(`Could not look: ${clean(why)}`)
  if (all.length > names.length)
    terminal.warn(`Only the first ${SEARCHED} stores were searched; --store names another.`)
  if (orders.length === 0) throw nothing(text, names, silent)
  const asked = await askedOf(reader, orders)
  if (asked.length > 0) tellRecords(terminal, asked)
  else tellOrders(terminal, orders)
  return EXIT.canceled
}
