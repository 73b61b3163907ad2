/** Links in memory: for tests and trials. */
import type { Link } from '../../model/link.ts'
import type { LinkLedger, LinkQuery } from '../port.ts'
import type { Owe } from '../rules.ts'

/** An order of a store. */
interface Place {
  readonly store: string
  readonly orderId: string
}

export interface MemoryLinks {
  readonly ledger: LinkLedger
  /** Makes the link of an order due. */
  readonly touch: (order: Place) => void
}

interface State {
  readonly now: () => number
  /** By name. */
  readonly links: Map<string, Link>
  /** The name of the link, by store and order. */
  readonly names: Map<string, string>
  /** The highest version of a link that is gone: none is given twice. */
  spent: number
}

const placeOf = ({ store, orderId }: Place): string => JSON.stringify([store, orderId])

const touch = ({ now, links, names }: State, order: Place): void => {
  const link = links.get(names.get(placeOf(order)) ?? '')
  if (!link) return
  const dueAt = Math.min(link.dueAt ?? Infinity, now())
  links.set(link.name, { ...link, version: link.version + 1, dueAt })
}

const forget = ({ links, names }: State, { name, members }: Link): void => {
  for (const member of members) names.delete(placeOf(member))
  links.delete(name)
}

const save = (state: State, next: Link): Awaited<ReturnType<LinkLedger['save']>> => {
  const { links, names } = state
  const current = links.get(next.name)
  if ((current?.version ?? 0) !== next.version) return 'stale'
  for (const member of next.members) {
    const taken = names.get(placeOf(member))
    if (taken !== undefined && taken !== next.name) return { taken }
  }
  if (current) forget(state, current)
  const saved = { ...next, version: (current?.version ?? state.spent) + 1 }
  links.set(saved.name, saved)
  for (const member of saved.members) names.set(placeOf(member), saved.name)
  return saved
}

const isMeant = ({ members, status, name }: Link, query: LinkQuery): boolean =>
  (query.status === undefined || status === query.status) &&
  (query.after === undefined || name > query.after) &&
  members.some(
    ({ store, orderId }) =>
      (query.store === undefined || store === query.store) &&
      (query.orderId === undefined || orderId === query.orderId),
  )

export const openMemoryLinks = (now: () => number, owe: Owe): MemoryLinks => {
  const state: State = { now, links: new Map(), names: new Map(), spent: 0 }
  const { links, names } = state
  const ledger: LinkLedger = {
    get: async (name) => links.get(name) ?? null,
    of: async (store, orderId) => links.get(names.get(placeOf({ store, orderId })) ?? '') ?? null,
    async save(next, owed = []) {
      const saved = save(state, next)
      if (typeof saved === 'object' && 'version' in saved) owe(owed)
      return saved
    },
    async delete({ name, version }) {
      const link = links.get(name)
      if (link?.version !== version) return false
      forget(state, link)
      state.spent = Math.max(state.spent, version)
      return true
    },
    list: async (query) =>
      [...links.values()]
        .filter((link) => isMeant(link, query))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .slice(0, query.limit),
    count: async (status, most) =>
      Math.min(most, [...links.values()].filter((link) => link.status === status).length),
    due: async (limit) =>
      [...links.values()]
        .filter(({ dueAt }) => dueAt !== null && dueAt <= now())
        .sort((a, b) => (a.dueAt as number) - (b.dueAt as number) || (a.name < b.name ? -1 : 1))
        .slice(0, limit),
  }
  return { ledger, touch: (order) => touch(state, order) }
}
