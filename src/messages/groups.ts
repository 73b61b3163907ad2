/** What needs a person, grouped: what has one cause in one store is one thing to look into. */
import { sum as write } from './amounts.ts'
import type { Cancellation } from '../model/cancellation.ts'
import { type Money, sum } from '../model/money.ts'

export interface Group {
  readonly title: string
  readonly store: string
  readonly code: string
  /** Whether something is known to have changed in the store. */
  readonly acted: 'yes' | 'no' | 'unknown'
  /** The oldest first. */
  readonly members: readonly Cancellation[]
  readonly oldestAt: number
}

const TITLES: Readonly<Record<Group['acted'], string>> = {
  yes: 'Money moved, but the order is not canceled',
  no: 'Nothing was sent, and a person must look',
  unknown: 'Not clear what became of the order',
}

const groupOf = (members: readonly [Cancellation, ...Cancellation[]]): Group => {
  const [first] = members
  const acted = first.problem?.acted ?? 'unknown'
  const { store } = first.request
  const code = first.problem?.code ?? ''
  return { title: TITLES[acted], store, code, acted, members, oldestAt: first.createdAt }
}

/** By what is wrong and where; where money moved comes first, then what waits longest. */
export const groupsOf = (records: readonly Cancellation[]): readonly Group[] =>
  [
    ...Map.groupBy(records, ({ problem, request }) =>
      JSON.stringify([problem?.acted ?? 'unknown', problem?.code ?? '', request.store]),
    ).values(),
  ]
    .map((members) => members.toSorted((a, b) => a.createdAt - b.createdAt))
    .map((members) => groupOf(members as [Cancellation, ...Cancellation[]]))
    .sort(
      (a, b) => Number(b.acted === 'yes') - Number(a.acted === 'yes') || a.oldestAt - b.oldestAt,
    )

/** The same while it is there, so that a group stays open when the page is loaded anew. */
export const idOf = ({ acted, code, store }: Group): string =>
  `group-${encodeURIComponent([acted, code, store].join('.'))}`

/** What totals come to, by currency: “154.19 USD and 20.00 EUR in all, of one no total is told”. */
export const inAll = (all: readonly (Money | null)[]): string => {
  const totals = all.filter((total) => total !== null)
  const byCurrency = Map.groupBy(totals, ({ currency }) => currency)
  const sums = [...byCurrency].map(([currency, some]) =>
    sum(
      some.map(({ amount }) => amount),
      currency,
    ),
  )
  const untold = all.length - totals.length
  if (sums.length === 0) return 'of which no total is told'
  const written = sums.filter((money) => money !== null).map(write)
  const last = written.at(-1) ?? ''
  return (
    `${written.length > 1 ? `${written.slice(0, -1).join(', ')} and ${last}` : last} in all` +
    (untold === 0 ? '' : `, of ${untold} no total is told`)
  )
}

export const sumText = ({ members }: Group): string =>
  inAll(members.map(({ order }) => order?.totals.total ?? null))
