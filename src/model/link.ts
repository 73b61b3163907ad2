/** A link: orders of several stores that are one sale, and what became of them together. */

export const LINK_STATUSES = ['open', 'canceling', 'canceled', 'diverged'] as const
/**
 * `canceling`: a run is open. `diverged`: some are canceled and some are not, or need a person, and
 * nothing is under way.
 */
export type LinkStatus = (typeof LINK_STATUSES)[number]

export const FOLLOWS = ['tell', 'cancel'] as const
/** What is done where a member is canceled at its platform: the others are told of, or follow. */
export type Follow = (typeof FOLLOWS)[number]

/** Which members a request is for: all or none, each that can be, or its own order alone. */
export const LINKED = ['all', 'each', 'none'] as const
export type Linked = (typeof LINKED)[number]

/** What a member asks for itself, in the place of no wish. */
export interface MemberWishes {
  readonly notify: boolean | null
  readonly message: string | null
  readonly restock: boolean | null
  /** Links of before there was this wish have none. */
  readonly refund?: boolean | null
}

export interface Member extends MemberWishes {
  readonly store: string
  /** In the one spelling of its platform. */
  readonly orderId: string
  /** Members of one stage go side by side; a later stage waits for the earlier. */
  readonly stage: number
}

/** One cancel of the orders of a link: named by the record that was asked for. */
export interface Run {
  readonly id: string
  readonly linked: Exclude<Linked, 'none'>
  /**
   * When it was asked for, by a request of its own; null: nobody did, it follows. An order that was
   * opened again since then is not canceled by it.
   */
  readonly askedAt: number | null
  /** One record may ask several times. */
  readonly openedAt: number
  readonly isOpen: boolean
  /** Every member was looked at, and nothing stands in the way. */
  readonly isLooked: boolean
}

/** Times are milliseconds since 1970. Links never change; a ledger keeps the next one. */
export interface Link {
  readonly name: string
  /** Raised by the ledger on every write: compare-and-set. Zero before the first. */
  readonly version: number
  /** Rises with each event that is told of it. */
  readonly revision: number
  readonly status: LinkStatus
  /** Who put it. */
  readonly caller: string
  /** The name of the key that it was put with. Left out: that had none, or it is an old link. */
  readonly keyName?: string | undefined
  readonly members: readonly Member[]
  readonly follow: Follow
  /** The run that is open, or was the last. */
  readonly run: Run | null
  /** What was canceled at a platform, and made the others follow, last. */
  readonly followed: string | null
  readonly createdAt: number
  /** Of its last `PUT`. */
  readonly putAt: number
  readonly updatedAt: number
  /** When it is to be worked; null: a member's next write makes it due. */
  readonly dueAt: number | null
}

/**
 * Whether an order is a member. A record names the link that its order was in when it was asked
 * for, and the link of that name may have other members by now.
 */
export const holds = (
  { members }: Pick<Link, 'members'>,
  order: Pick<Member, 'store' | 'orderId'>,
): boolean =>
  members.some(({ store, orderId }) => store === order.store && orderId === order.orderId)
