/**
 * The directory on Workers: which object keeps a store's ledger, told once and for all, whatever
 * address the store's platform gets later.
 */
import type { DurableObjectNamespace, DurableObjectStorage } from 'cloudflare:workers'
import type { Store } from '../../connection/store.ts'
import type { AccountStub, Place, Places } from './account.ts'
import { LedgerUnavailable } from '../../ledger/port.ts'

export type Directory = () => Promise<Places>

/** The object that remembers it: an account by a name that no host has. */
const DIRECTORY = 'the directory'

const TABLE =
  'create table if not exists objects (kind text, name text, object text not null, primary key ' +
  '(kind, name)) without rowid'

/**
 * In the directory's own object: gives each store (its id and its account) its place. A store stays
 * in the object where it was first seen, and so does an account. What is new joins the object of
 * its account; a new account gets the one of the store that brings it, so that a shop that moves
 * keeps its ledger; where there is neither, one of its own by its name.
 */
export const assign = (
  storage: DurableObjectStorage,
  stores: readonly (readonly [id: string, account: string])[],
): Places =>
  storage.transactionSync(() => {
    storage.sql.exec(TABLE)
    const known = { store: new Map<string, string>(), account: new Map<string, string>() }
    for (const { kind, name, object } of storage.sql
      .exec('select kind, name, object from objects')
      .toArray())
      known[kind as 'store'].set(name as string, object as string)
    const remembered = (kind: keyof typeof known, name: string, object: string): string => {
      const before = known[kind].get(name)
      if (before !== undefined) return before
      storage.sql.exec(
        'insert into objects (kind, name, object) values (?, ?, ?)',
        kind,
        name,
        object,
      )
      known[kind].set(name, object)
      return object
    }
    const place = ([id, account]: readonly [string, string]): [string, Place] => {
      const ledger = remembered('store', id, known.account.get(account) ?? account)
      return [id, { ledger, account: remembered('account', account, ledger) }]
    }
    // What has moved is placed before what is new beside it.
    const [old, fresh] = [
      stores.filter(([id]) => known.store.has(id)),
      stores.filter(([id]) => !known.store.has(id)),
    ]
    const of = new Map([...old, ...fresh].map(place))
    return { of, objects: [...new Set(known.store.values())] }
  })

/**
 * Asked once for all stores of a configuration: a place never changes. What is kept is the answer:
 * a request must not wait for another one's call.
 */
export const openDirectory = (
  stores: ReadonlyMap<string, Store>,
  namespace: DurableObjectNamespace<AccountStub>,
): Directory => {
  let places: Places | undefined
  return async () => {
    try {
      places ??= await namespace
        .get(namespace.idFromName(DIRECTORY))
        .assign([...stores.values()].map(({ id, account }) => [id, account]))
    } catch (cause) {
      throw new LedgerUnavailable('the directory does not answer', { cause })
    }
    return places
  }
}

/** The sandbox's stores never move, and keep to themselves: each is where its account is. */
export const sandboxDirectory = (stores: ReadonlyMap<string, Store>): Directory => {
  const of = new Map(
    [...stores.values()].map(({ id, account }) => [id, { ledger: account, account }]),
  )
  return async () => ({
    of,
    objects: [...new Set([...stores.values()].map(({ account }) => account))],
  })
}
