/** How each order of a link stands, by the records there are of it. */
import type { Store } from '../../connection/store.ts'
import type { Ledger } from '../../ledger/port.ts'
import { type Cancellation, isFinal } from '../../model/cancellation.ts'
import type { Link, LinkStatus, Member } from '../../model/link.ts'
import { isHeld } from '../notices/known.ts'
import { cancellationsOf } from '../workflow/identity.ts'

export type State =
  | 'open' // nothing is under way, and it is not held as canceled
  | 'waiting' // written down, its turn has not come
  | 'working' // being canceled, or in doubt
  | 'attention' // a person must look
  | 'rejected' // it was refused in the run that is open
  | 'reopened' // it was canceled, reads open again, and nobody asked since
  | 'canceled'

export interface Standing {
  readonly member: Member
  readonly state: State
  /** The record that says so, or else the last there is. */
  readonly record: Cancellation | null
  /** Its store has not been taken out of the configuration. */
  readonly isConfigured: boolean
}

/** With the store that it is in, where that is configured. */
export interface Placed extends Standing {
  readonly store: Store | undefined
}

const stateOf = (records: readonly Cancellation[], { run }: Link): [State, Cancellation | null] => {
  const open = records.find(({ status }) => !isFinal(status))
  if (open) {
    if (open.status === 'needs_attention') return ['attention', open]
    return [open.waitsForLink ? 'waiting' : 'working', open]
  }
  const held = records.find(isHeld)
  if (held) return ['canceled', held]
  const ours = records.find(
    ({ id, causedBy, createdAt }) =>
      id === run?.id || (causedBy === run?.id && createdAt >= (run?.openedAt ?? 0)),
  )
  if (run?.isOpen && ours?.status === 'rejected') return ['rejected', ours]
  const reopened = records.find(({ reopenedAt }) => reopenedAt !== undefined)
  const isAsked = run?.isOpen && (run.askedAt ?? 0) > (reopened?.reopenedAt ?? 0)
  return reopened && !isAsked ? ['reopened', reopened] : ['open', records[0] ?? null]
}

/** How every member stands now, in the order of the link. */
export const standingsOf = (
  ledger: Pick<Ledger, 'list'>,
  stores: ReadonlyMap<string, Store>,
  link: Link,
): Promise<Placed[]> =>
  Promise.all(
    link.members.map(async (member) => {
      const records = await cancellationsOf(ledger, member.store, member.orderId)
      const [state, record] = stateOf(records, link)
      const store = stores.get(member.store)
      return { member, state, record, isConfigured: store !== undefined, store }
    }),
  )

/** What a link comes to where no run is open. */
export const statusOf = (standings: readonly Standing[]): LinkStatus => {
  const canceled = standings.filter(({ state }) => state === 'canceled').length
  if (canceled === 0) return 'open'
  return canceled === standings.length ? 'canceled' : 'diverged'
}
