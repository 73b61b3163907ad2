/**
 * What is kept of an alert: of what its people were told, and the message that tells them more.
 * Pure; a row of what webhooks are owed holds it, so a restart neither loses nor repeats.
 */
import type { Delivery } from '../model/delivery.ts'
import { type Digest, digestOf, type Found, type Known, type Thing } from '../messages/digest.ts'

/** How long is waited for more of what has just begun to come. */
export const GATHER_MS = 30_000
/** The clocks of gateways on one ledger may be so far apart. */
const AHEAD_MS = 60_000
/** Of so many things it is remembered that they were told: more than are read at one look. */
const MOST_TOLD = 5_000

export interface Message {
  /** The same on every try. */
  readonly id: string
  readonly at: number
  readonly digest: Digest
}

/** The body of the row. */
export interface Kept {
  /** What people were told of before the message, and when. */
  readonly before: readonly Known[]
  readonly beforeAt: number | null
  readonly message: Message
  /** What they know of once it arrived. */
  readonly told: readonly Known[]
}

/** What people know, and since when. */
export interface Memory {
  readonly told: readonly Known[]
  readonly toldAt: number | null
}

export const keptIn = (row: Delivery | null): Kept | null =>
  row === null ? null : (JSON.parse(row.body) as Kept)

export const memoryOf = (row: Delivery | null): Memory => {
  const kept = keptIn(row)
  if (row === null || kept === null) return { told: [], toldAt: null }
  return row.state === 'delivered'
    ? { told: kept.told, toldAt: row.deliveredAt }
    : { told: kept.before, toldAt: kept.beforeAt }
}

/** Whether a clock that was set back since wrote this time: then nobody waits for it. */
const isAhead = (at: number, now: number): boolean => at - now > AHEAD_MS

/** Until when nothing is told, so that one message does not come after the other. */
export const quietUntil = ({ toldAt }: Memory, quietMs: number, now: number): number =>
  toldAt === null || isAhead(toldAt, now) ? 0 : toldAt + quietMs

export interface Sorted {
  readonly fresh: readonly Thing[]
  readonly waiting: readonly Thing[]
  /** What was told of and is not there any more. */
  readonly absent: readonly Known[]
}

export const sorted = ({ told }: Memory, things: readonly Thing[]): Sorted => {
  const known = new Set(told.map(({ key }) => key))
  const there = new Set(things.map(({ key }) => key))
  return {
    fresh: things.filter(({ key }) => !known.has(key)),
    waiting: things.filter(({ key }) => known.has(key)),
    absent: told.filter(({ key }) => !there.has(key)),
  }
}

/** When there may be something to say: more may come just after what is new; Infinity: nothing. */
export const dueOf = ({ fresh, waiting, absent }: Sorted, now: number): number => {
  if (fresh.length > 0) {
    const since = Math.min(...fresh.map((thing) => thing.since))
    return isAhead(since, now) ? 0 : since + GATHER_MS
  }
  return waiting.length === 0 && absent.length > 0 ? 0 : Infinity
}

/** What a row remembers of a thing. */
const known = ({ key, event, title, place, what, path }: Known): Known => ({
  key,
  event,
  title,
  place,
  what,
  path,
})

/** The message that says all that was found; where the row holds the same, that one. */
export const keptAfter = (
  before: Kept | null,
  { told, toldAt }: Memory,
  found: Found,
  id: string,
  now: number,
): Kept => {
  const digest = digestOf(found)
  const isSame = before !== null && JSON.stringify(before.message.digest) === JSON.stringify(digest)
  return {
    before: told,
    beforeAt: toldAt,
    message: isSame ? before.message : { id, at: now, digest },
    // What a look found comes first: it would be found again, and told again.
    told: [...found.fresh, ...found.waiting].slice(0, MOST_TOLD).map(known),
  }
}
