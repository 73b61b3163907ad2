/**
 * What people are told at one go, and in which words: what needs them, grouped by cause and store,
 * never more than a person reads, and nothing of a buyer.
 */
import { ALERT_EVENTS, type AlertEvent } from '../model/delivery.ts'
import type { Money } from '../model/money.ts'
import { fitted } from '../model/text.ts'
import { inAll } from './groups.ts'

/** One thing that needs a person, as far as it is remembered once people were told of it. */
export interface Known {
  /** Another one whenever it needs somebody anew. */
  readonly key: string
  readonly event: AlertEvent
  /** What is the matter: what is alike in this and in where it is, is told together. */
  readonly title: string
  /** The store, or the stores, that it is about; of a webhook, its caller. */
  readonly place: string
  /** “Order 10012”. */
  readonly what: string
  /** Its page in the console. */
  readonly path: string
}

export interface Thing extends Known {
  readonly since: number
  /** The sentence of the console. */
  readonly says: string
  /** The order's. Null: none is told; left out: it is about no order. */
  readonly total?: Money | null
  /** The same as it is written beside the sentence, which may name others. */
  readonly amount?: string | null
  /** What to do about it, where that is not in the sentence. */
  readonly todo: string | null
}

/** What needs nobody any more, and why. */
export interface Solved extends Known {
  readonly says: string
}

export interface Line {
  /** Empty: it says that there are more. */
  readonly what: string
  readonly says: string
  readonly path: string | null
}

export interface Section {
  readonly title: string
  readonly lines: readonly Line[]
  readonly todo: string | null
}

export interface Part {
  readonly heading: string
  readonly sections: readonly Section[]
}

export interface Digest {
  readonly subject: string
  readonly parts: readonly Part[]
}

export interface Found {
  readonly fresh: readonly Thing[]
  readonly waiting: readonly Known[]
  readonly solved: readonly Solved[]
}

/** No more lines than that, and no more of one section. */
export const MOST_LINES = 20
const MOST_OF_SECTION = 5
const MOST_SECTIONS = 8
const MOST_SOLVED = 10
const MOST_PLACES = 3
const TEXT_LENGTH = 240
const SUBJECT_LENGTH = 180

/** What no line of a message has: controls, what turns texts around, line ends, what is unseen. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]+/gu

/** A text that others wrote as one line of ours: it begins no header, and turns nothing around. */
export const oneLine = (text: string, maxLength = TEXT_LENGTH): string => {
  const line = text.toWellFormed().replaceAll(UNSEEN, ' ').trim()
  return line.length > maxLength ? `${fitted(line, maxLength - 1)}…` : line
}

const counted = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count} ${many}`

const SAYS: Readonly<Record<AlertEvent, readonly [one: string, many: string]>> = {
  'cancellation.needs_attention': ['order needs you', 'orders need you'],
  'cancellation.approval_awaited': ['order waits for approval', 'orders wait for approval'],
  'cancellation.reopened': ['order is open again', 'orders are open again'],
  'link.diverged': ['link is not in step', 'links are not in step'],
  'store.silent': ['store went silent', 'stores went silent'],
  'webhook.disabled': ['webhook is switched off', 'webhooks are switched off'],
}

/** Of several. */
const NOUNS: Readonly<Record<AlertEvent, string>> = {
  'cancellation.needs_attention': 'orders',
  'cancellation.approval_awaited': 'orders',
  'cancellation.reopened': 'orders',
  'link.diverged': 'links',
  'store.silent': 'stores',
  'webhook.disabled': 'webhooks',
}

type Counted = Pick<Known, 'event' | 'place'>

/** “2 at acme-wix, 1 at paris”; where all are in one place, that one. */
const placesOf = (all: readonly Counted[]): string => {
  const byPlace = [...Map.groupBy(all, ({ place }) => place)].sort(
    ([, a], [, b]) => b.length - a.length,
  )
  const [first] = byPlace
  if (first && byPlace.length === 1) return ` at ${oneLine(first[0])}`
  const shown = byPlace.slice(0, MOST_PLACES)
  const rest = byPlace.slice(MOST_PLACES).reduce((count, [, some]) => count + some.length, 0)
  return `: ${[
    ...shown.map(([place, some]) => `${some.length} at ${oneLine(place)}`),
    ...(rest === 0 ? [] : [`${rest} elsewhere`]),
  ].join(', ')}`
}

/** “3 orders need you: 2 at acme-wix, 1 at paris; 1 link is not in step”. */
const subjectOf = ({ fresh, waiting, solved }: Found): string => {
  const all: readonly Counted[] = [...fresh, ...waiting]
  if (all.length === 0)
    return `Nothing needs you any more: ${counted(solved.length, 'thing is', 'things are')} solved`
  const parts = ALERT_EVENTS.flatMap((event) => {
    const some = all.filter((one) => one.event === event)
    const isOrders = event === 'cancellation.needs_attention'
    return some.length === 0
      ? []
      : [counted(some.length, ...SAYS[event]) + (isOrders ? placesOf(some) : '')]
  })
  const news = waiting.length > 0 && fresh.length > 0 ? ` (${fresh.length} new)` : ''
  return oneLine(parts.join('; '), SUBJECT_LENGTH - news.length) + news
}

/** What is alike, together, in the order in which it came. */
const grouped = <T extends Known>(all: readonly T[]): readonly (readonly [T, ...T[]])[] => [
  ...(
    Map.groupBy(all, ({ title, place }) => JSON.stringify([title, place])) as Map<
      string,
      [T, ...T[]]
    >
  ).values(),
]

const more = (count: number): readonly Line[] =>
  count === 0 ? [] : [{ what: '', says: `and ${count} more`, path: null }]

const lineOf = ({ what, says, path, amount }: Thing): Line => ({
  what: oneLine(what) + (amount ? ` · ${oneLine(amount)}` : ''),
  says: oneLine(says),
  path,
})

const titleOf = (some: readonly [Known, ...Known[]], rest: string): string => {
  const [{ title, place, event }] = some
  const count = `${some.length} ${NOUNS[event]}`
  return `${oneLine(title)} · ${oneLine(place)}${some.length > 1 ? ` · ${count}${rest}` : ''}`
}

/** The first of each section, as long as there is room for them; of the rest how many they are. */
const freshSections = (fresh: readonly Thing[]): readonly Section[] => {
  let room = MOST_LINES
  let left = fresh.length
  const sections: Section[] = []
  for (const some of grouped(fresh).slice(0, MOST_SECTIONS)) {
    if (room === 0) break
    const shown = some.slice(0, Math.min(MOST_OF_SECTION, room))
    room -= shown.length
    left -= some.length
    const totals = some.flatMap(({ total }) => (total === undefined ? [] : [total]))
    sections.push({
      title: titleOf(some, totals.length === some.length ? `, ${oneLine(inAll(totals))}` : ''),
      lines: [...shown.map(lineOf), ...more(some.length - shown.length)],
      todo: some[0].todo,
    })
  }
  return left === 0 ? sections : [...sections, { title: `And ${left} more`, lines: [], todo: null }]
}

const waitingSections = (waiting: readonly Known[]): readonly Section[] => {
  const groups = grouped(waiting)
  const left = groups.slice(MOST_SECTIONS).reduce((count, some) => count + some.length, 0)
  return [
    ...groups
      .slice(0, MOST_SECTIONS)
      .map((some) => ({ title: titleOf(some, ''), lines: [], todo: null })),
    ...(left === 0 ? [] : [{ title: `And ${left} more`, lines: [], todo: null }]),
  ]
}

const solvedSection = (solved: readonly Solved[]): Section => ({
  title: counted(solved.length, 'thing', 'things'),
  lines: [
    ...solved.slice(0, MOST_SOLVED).map(({ what, place, says, path }) => ({
      what: `${oneLine(what)} · ${oneLine(place)}`,
      says: oneLine(says),
      path,
    })),
    ...more(Math.max(0, solved.length - MOST_SOLVED)),
  ],
  todo: null,
})

export const digestOf = (found: Found): Digest => {
  const { fresh, waiting, solved } = found
  return {
    subject: subjectOf(found),
    parts: [
      ...(fresh.length === 0 ? [] : [{ heading: 'New', sections: freshSections(fresh) }]),
      ...(waiting.length === 0
        ? []
        : [{ heading: 'Still waiting', sections: waitingSections(waiting) }]),
      ...(solved.length === 0 ? [] : [{ heading: 'Solved', sections: [solvedSection(solved)] }]),
    ],
  }
}

/** What a test says: the words, and none of the things. */
export const testDigest = (name: string): Digest => ({
  subject: 'A test: messages of Rescind arrive here',
  parts: [
    {
      heading: 'Nothing needs you',
      sections: [
        {
          title: `This is what “${oneLine(name)}” is told when something does`,
          lines: [
            {
              what: 'Order 10012 · 59.00 USD',
              says:
                'A person must look: the store was asked, and what became of it is not clear. ' +
                'This is an example: there is no such order.',
              path: null,
            },
          ],
          todo: null,
        },
      ],
    },
  ],
})

/** What ends every message. */
export const FOOT =
  'Sent by Rescind, once for all that is new: what was told is not told again, and the console ' +
  'shows it all under Needs you.'
