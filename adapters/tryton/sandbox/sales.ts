/** The sales of the imitation: a recorded one, what a state changes on it, what a cancel does. */
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
// A sale of Tryton 6.0.29 as `search_read` told it, recorded on 2026-11-30.
import recorded from './order.json' with { type: 'json' }
// Words of modules/sale/sale.py, 6.0.10. What a state does not tell is as in the recorded sale.
import states from './states.json' with { type: 'json' }

/** A time as the server writes it, in UTC. */
type DateTime = typeof recorded.create_date

export interface Sale {
  readonly id: string
  number: string | null
  reference: string
  state: string
  invoice_state: string
  shipment_state: string
  'shipments.': readonly { readonly id: number; readonly state: string }[]
  write_date: DateTime | null
  _timestamp: string
  readonly [asRecorded: string]: unknown
}

interface State {
  readonly says: string
  readonly sale?: object
  /** How long a cancel takes. */
  readonly busyMs?: number
  /** What somebody does while a cancel is on its way, cancel by cancel. */
  readonly meanwhile?: readonly string[]
}
const STATES: Readonly<Record<string, State>> = states

export interface Entry {
  readonly sale: Sale
  readonly busyMs: number
  readonly meanwhile: string[]
}

const makeSale = (state: State, id: string, ordinal: number): Entry => {
  const changed = { ...structuredClone(recorded), ...structuredClone(state.sale) }
  // A draft has no number yet.
  const number = changed.state === 'draft' ? null : String(ordinal)
  const sale = { ...changed, id, number, reference: `WEB-${1000 + ordinal}` }
  return { sale, busyMs: state.busyMs ?? 0, meanwhile: [...(state.meanwhile ?? [])] }
}

export const createSales = () => createOrderBook(STATES, makeSale)

/** In the unit of the server's times. */
export const microsecondsOf = (at: DateTime): number => {
  const parts = [at.year, at.month - 1, at.day, at.hour, at.minute, at.second] as const
  return Date.UTC(...parts) * 1_000 + at.microsecond
}

/** Where it stands by its last change: the time, and the id within one time. */
const placeOf = ({ id, write_date }: Pick<Sale, 'id' | 'write_date'>) => ({
  at: write_date ? microsecondsOf(write_date) : 0,
  id,
})

export const isBehind = (sale: Sale, at: DateTime, id: string): boolean => {
  const [place, other] = [placeOf(sale), placeOf({ id, write_date: at })]
  return place.at > other.at || (place.at === other.at && place.id > other.id)
}

export const inOrderOfChange = (sales: readonly Entry[]): Entry[] =>
  sales.toSorted((one, other) => {
    const [a, b] = [placeOf(one.sale), placeOf(other.sale)]
    return a.at - b.at || (a.id < b.id ? -1 : 1)
  })

const timeOf = (date: Date): DateTime => ({
  __class__: 'datetime',
  year: date.getUTCFullYear(),
  month: date.getUTCMonth() + 1,
  day: date.getUTCDate(),
  hour: date.getUTCHours(),
  minute: date.getUTCMinutes(),
  second: date.getUTCSeconds(),
  microsecond: date.getUTCMilliseconds() * 1_000,
})

/** Writes, and moves the time of change on: a second at least, as its text knows no less. */
const write = (sale: Sale, change: Partial<Sale>): void => {
  const now = Date.now()
  const seconds = Math.max(Number(sale._timestamp) + 1, Math.floor(now / 1_000))
  Object.assign(sale, change, { write_date: timeOf(new Date(now)), _timestamp: String(seconds) })
}

export const cancel = (sale: Sale): void => write(sale, { state: 'cancelled' })

export const edit = (sale: Sale): void => write(sale, { reference: `${sale.reference}*` })

/** In processing at once, with its shipment and its invoice (recorded: undo-processing). */
export const confirm = (sale: Sale): void =>
  write(sale, {
    state: 'processing',
    invoice_state: 'waiting',
    shipment_state: 'waiting',
    'shipments.': [{ id: 1, state: 'waiting' }],
  })

/** The fields that were asked for; one of a relation stands under the relation's name and a dot. */
export const shownAs = (sale: Sale, fields: readonly string[]): object => ({
  id: sale.id,
  ...Object.fromEntries(
    fields
      .map((field) => field.replace(/\..*/, '.'))
      .map((name): [string, unknown] => [name, sale[name]]),
  ),
})
