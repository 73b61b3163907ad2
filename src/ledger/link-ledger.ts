/** What every ledger promises of links. */
import type { Owed } from '../model/delivery.ts'
import type { Link, LinkStatus } from '../model/link.ts'

export interface LinkQuery {
  readonly store?: string | undefined
  readonly orderId?: string | undefined
  readonly status?: LinkStatus | undefined
  readonly limit: number
  /** The name after which to go on. */
  readonly after?: string | undefined
}

/**
 * Promises, each proved by `test/ledger/suite.ts` on every ledger:
 * - what a method resolved with survives `kill -9` (memory excepted);
 * - an order is in one link at most;
 * - `save` and `delete` are compare-and-set on `version`, and no version of a name is given twice;
 * - a write of a record (`claim`, `save` of the ledger) makes the link of its order due, in that
 * same write, and so makes whoever read the link before stale.
 */
export interface LinkLedger {
  get(name: string): Promise<Link | null>
  /** The link that this order is in. */
  of(store: string, orderId: string): Promise<Link | null>
  /**
   * Writes a new link, version zero, or the next state of one as it was read. `stale`: somebody
   * else wrote; a name: that link has an order of it already. Nothing is written then.
   */
  save(next: Link, owed?: readonly Owed[]): Promise<Link | 'stale' | { readonly taken: string }>
  /** False: stale. */
  delete(link: Link): Promise<boolean>
  /** By name. */
  list(query: LinkQuery): Promise<Link[]>
  /** How many have this status; it counts no further than to `most`. */
  count(status: LinkStatus, most: number): Promise<number>
  /** Those whose time has come, the longest due first. */
  due(limit: number): Promise<Link[]>
}
