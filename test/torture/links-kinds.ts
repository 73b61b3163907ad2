/** How links are canceled in the torture, what becomes of each, and where their gateways die. */
import type { CrashPoint } from './gateway.ts'

/** All but `followed`, which Medusa has no use for. */
export const POINTS: readonly CrashPoint[] = [
  'linked',
  'member claimed',
  'released',
  'heard',
  'noticed',
  'concluded',
  'claimed',
  'leased',
  'looked',
  'intended',
  'prepared',
  'in flight',
  'performed',
  'confirmed',
  'settled',
]

export interface Kind {
  /** An example order of the platform for each member, and a mark behind its id. */
  readonly orders: readonly (readonly [example: string, mark?: string])[]
  /** Which members are asked for, at once; -1: somebody cancels one at its platform. */
  readonly asked: readonly number[]
  readonly linked?: 'all' | 'each'
  /** It was canceled at its platform before there was the link. */
  readonly isLate?: true
  readonly status: 'open' | 'canceled' | 'diverged'
  /** What becomes of each member; null: one or the other. */
  readonly canceled: readonly (boolean | null)[]
}

const WELL: Kind['orders'] = [
  ['order_open'],
  ['order_paid'],
  ['order_open'],
  ['order_authorized'],
  ['order_partially-paid'],
]
const ALL = [true, true, true, true, true]
const refusing = (index: number): Kind['orders'] =>
  WELL.map((order, at) => (at === index ? ['order_open', '-refuses'] : order))

export const KINDS: Readonly<Record<string, Kind>> = {
  'all go': { orders: WELL, asked: [3], status: 'canceled', canceled: ALL },
  'two are asked for at once': { orders: WELL, asked: [0, 4], status: 'canceled', canceled: ALL },
  'one lands late': {
    orders: WELL.map((order, at) => (at === 1 ? ['order_open', '_700ms'] : order)),
    asked: [1],
    status: 'canceled',
    canceled: ALL,
  },
  'one is packed': {
    orders: WELL.map((order, at) => (at === 4 ? ['order_fulfilled'] : order)),
    asked: [2],
    status: 'open',
    canceled: [false, false, false, false, false],
  },
  // Its neighbor of the same stage is sent before the refusal is known, or is not.
  'one refuses in the middle': {
    orders: refusing(2),
    asked: [3],
    status: 'diverged',
    canceled: [true, null, false, false, false],
  },
  'one refuses first': {
    orders: refusing(0),
    asked: [3],
    status: 'open',
    canceled: [false, false, false, false, false],
  },
  'each that can be': {
    orders: refusing(1),
    asked: [1],
    linked: 'each',
    status: 'diverged',
    canceled: [true, false, true, true, true],
  },
  'the others follow': { orders: WELL, asked: [-1], status: 'canceled', canceled: ALL },
  'linked too late': {
    orders: WELL,
    asked: [-1],
    isLate: true,
    status: 'diverged',
    canceled: [null, null, null, null, null],
  },
}
/** Those that pass the points of a notice come as often as the others together. */
export const TURNS = [
  'the others follow',
  'all go',
  'linked too late',
  'one refuses in the middle',
  'the others follow',
  'one lands late',
  'each that can be',
  'the others follow',
  'one is packed',
  'two are asked for at once',
  'one refuses first',
] as const
