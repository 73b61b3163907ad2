/** One order has one name, and a store is one merchant's account: what a request is about, whatever it is called and wherever the settings lead. */
import { canonicalOf } from '../adapter/adapter.ts'
import type { Store } from '../adapter/store.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type Problem, problem, refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'

/** The request with the one spelling of its order's id. Throws a problem where the platform has no such ids. */
export const canonical = (store: Store, request: CancelRequest): CancelRequest => {
  if (store.adapter.canonicalId?.(request.orderId) === null) {
    refuse('invalid-request', `${store.adapter.name} has no order ids of this form.`, { errors: [{ pointer: '/orderId', detail: `is no id of an order of ${store.adapter.name}` }] })
  }
  const orderId = canonicalOf(store.adapter, request.orderId)
  return orderId === request.orderId ? request : { ...request, orderId }
}

/** Every spelling by which these stores may have kept an order. */
export const spellings = (stores: Iterable<Store>, orderId: string): string[] =>
  [...new Set([orderId, ...[...stores].map(({ adapter }) => canonicalOf(adapter, orderId))])]

/** A store whose settings lead to another merchant account than the one for which it was first opened. */
export interface Moved { readonly store: string, readonly from: string, readonly to: string }

/** Which merchant account each store is, by what the ledger remembers of its first opening. */
export const createHomes = (ledger: Pick<Ledger, 'bind'>, stores: ReadonlyMap<string, Store>) => {
  const known = new Map<string, Promise<string>>()
  const firstOf = (store: Store): Promise<string> => {
    const asked = known.get(store.id) ?? ledger.bind(store.id, store.identity)
    known.set(store.id, asked)
    asked.catch(() => known.delete(store.id))
    return asked
  }
  /** Null: the settings lead where they led first, or the configuration says that the shop moved from there. */
  const movedFrom = async (store: Store): Promise<string | null> => {
    const first = await firstOf(store)
    return first === store.identity || store.movedFrom.includes(first) ? null : first
  }
  return {
    movedFrom,
    /** Every store that leads elsewhere. */
    async moved(): Promise<Moved[]> {
      const found = await Promise.all([...stores.values()].map(async (store): Promise<Moved[]> => {
        const from = await movedFrom(store)
        return from === null ? [] : [{ store: store.id, from, to: store.identity }]
      }))
      return found.flat()
    },
  }
}
export type Homes = ReturnType<typeof createHomes>

/** Why nothing is sent for a store that leads elsewhere, or of a record that was made while it did. */
export const movedProblem = (store: Store, from: string | null, acted: Problem['acted']): Problem => problem('needs-attention', from === null
  ? `This cancellation was made while its store’s settings led elsewhere than to the merchant account for which the store was first opened. Nothing of it is sent.`
  : `The store’s settings lead to “${store.identity}”, but it was first opened for “${from}”. Nothing is sent. If it is the same shop at another address, add "movedFrom": ["${from}"] to the store; if it is another shop, give it a store id of its own.`, { acted })
