/**
 * One order has one name, and a store is one merchant's account: what a request is about, whatever
 * it is called and wherever the settings lead.
 */
import { canonicalOf, spellingOf } from '../../adapter/contract.ts'
import { leadsTo, type Store } from '../../connection/store.ts'
import type { Ledger } from '../../ledger/port.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import { type Problem, problem, refuse } from '../../model/problem.ts'
import type { CancelRequest } from '../../model/request.ts'

/**
 * The one spelling of an order's id. Throws a problem where the platform has no such ids;
 * `pointer`: where it stands in what was asked.
 */
export const named = ({ adapter }: Store, orderId: string, pointer = '/orderId'): string =>
  spellingOf(adapter, orderId) ??
  refuse('invalid-request', `${adapter.name} has no order ids of this form.`, {
    errors: [{ pointer, detail: `is no id of an order of ${adapter.name}` }],
  })

/** The request with the one spelling of its order's id. */
export const canonical = (store: Store, request: CancelRequest): CancelRequest => {
  const orderId = named(store, request.orderId)
  return orderId === request.orderId ? request : { ...request, orderId }
}

/**
 * Every spelling by which these stores may have kept an order: its one name, and those that
 * versions before that kept as they came, as asked now or in capitals.
 */
export const spellings = (stores: Iterable<Store>, orderId: string): string[] => [
  ...new Set([
    orderId,
    ...[...stores].flatMap(({ adapter }) => {
      const name = canonicalOf(adapter, orderId)
      return [name, name.toUpperCase()].filter((one) => canonicalOf(adapter, one) === name)
    }),
  ]),
]

/** How many records of an order are looked through. */
const EARLIER = 100

/** The records that a store has of an order under this spelling of its id, the newest first. */
export const recordsOf = (
  ledger: Pick<Ledger, 'list'>,
  store: string,
  orderId: string,
): Promise<Cancellation[]> =>
  ledger.list({ stores: [store], orderId, order: 'desc', limit: EARLIER })

/**
 * The cancellations of an order itself, the newest first. What was made while the store led to
 * another merchant account is about another order.
 */
export const cancellationsOf = async (
  ledger: Pick<Ledger, 'list'>,
  store: string,
  orderId: string,
): Promise<Cancellation[]> =>
  (await recordsOf(ledger, store, orderId)).filter(
    ({ request, account }) => request.target === 'order' && account === undefined,
  )

/**
 * Of the same target and order's id, those that were made for another merchant account of its
 * store.
 */
export const otherAccounts = async (
  ledger: Pick<Ledger, 'list'>,
  { request, account }: Cancellation,
): Promise<Cancellation[]> =>
  (await recordsOf(ledger, request.store, request.orderId)).filter(
    (record) => record.account !== account && record.request.target === request.target,
  )

/**
 * Why nothing is sent of a record that was made while its store led elsewhere, though that is known
 * to be the same shop by now.
 */
export const standsProblem = (other: Cancellation): Problem =>
  problem(
    'needs-attention',
    'Nothing of this is sent: another cancellation speaks for the order by now. Read that one, ' +
      'then resolve this record.',
    { cancellation: `/v1/cancellations/${other.id}` },
  )

/**
 * A store whose settings lead to another merchant account than the one for which it was first
 * opened.
 */
export interface Moved {
  readonly store: string
  readonly from: string
  readonly to: string
}

/** Which merchant account each store is, by what the ledger remembers of its first opening. */
export const createIdentities = (
  ledger: Pick<Ledger, 'bind'>,
  stores: ReadonlyMap<string, Store>,
) => {
  const known = new Map<string, Promise<string>>()
  const firstOf = (store: Store): Promise<string> => {
    const asked = known.get(store.id) ?? ledger.bind(store.id, store.identity)
    known.set(store.id, asked)
    asked.catch(() => known.delete(store.id))
    return asked
  }
  /**
   * Null: the settings lead where they led first, or the configuration says that the shop moved
   * from there.
   */
  const movedFrom = async (store: Store): Promise<string | null> => {
    const first = await firstOf(store)
    return leadsTo(store, first) || store.movedFrom.includes(first) ? null : first
  }
  return {
    movedFrom,
    /**
     * Whether the settings lead elsewhere than they did first, be it by the configuration's own
     * word.
     */
    hasMoved: async (store: Store): Promise<boolean> => !leadsTo(store, await firstOf(store)),
    /** Every store that leads elsewhere. */
    async moved(): Promise<Moved[]> {
      const found = await Promise.all(
        [...stores.values()].map(async (store): Promise<Moved[]> => {
          const from = await movedFrom(store)
          return from === null ? [] : [{ store: store.id, from, to: store.identity }]
        }),
      )
      return found.flat()
    },
  }
}
export type Identities = ReturnType<typeof createIdentities>

/**
 * Why nothing is sent for a store that leads elsewhere, or of a record that was made while it did.
 */
export const movedProblem = (store: Store, from: string | null, acted: Problem['acted']): Problem =>
  problem(
    'needs-attention',
    from === null
      ? 'This cancellation was made while its store’s settings led elsewhere than to the ' +
          'merchant account for which the store was first opened. Nothing of it is sent.'
      : `The store’s settings lead to “${store.identity}”, but it was first opened for ` +
          `“${from}”. Nothing is sent. If it is the same shop at another address, add ` +
          `"movedFrom": ["${from}"] to the store; if it is another shop, give it a store id of ` +
          'its own.',
    { acted },
  )
