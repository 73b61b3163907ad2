/**
 * Load on one gateway or several before a faulty platform, while something is done to them; and the
 * verdict on every order that was accepted.
 */
import { chance, SEED } from './figures.ts'
import { type Answer, ask, isAtRest, kill, pause, type Process, recordsOf } from './lab.ts'
import { type Fault, openProxy, type Proxy } from './proxy.ts'
import { disagreements, type Truth, truthOf } from './truth.ts'

/**
 * How long after its connection broke a call may still land: well below the settle time, and longer
 * than the gateway's clock takes for a turn.
 */
export const LATE_MS = 400
/**
 * From the last request to the last verdict: leases, settle times and several turns of bad luck.
 */
const DRAIN_MS = 90_000
const CLIENTS = 4
/** Orders that are looked at at the same time when all is over. */
const AT_ONCE = 8
/** A storm of 429: how likely any call begins one, and for how long every call then meets it. */
const STORM = { share: 0.002, ms: 400 }

const EXAMPLES = ['order_paid', 'order_open', 'order_authorized', 'order_partially-paid'] as const
/**
 * Cancels are hit hardest: nearly half of them. Not more, or the breakers keep the gateway from
 * meeting any; and few 429, since one keeps everybody away for a second.
 */
const FAULTS: readonly (readonly [Fault, number])[] = [
  ['reset before', 0.05],
  ['reset after', 0.07],
  ['late', 0.14],
  ['half reply', 0.03],
  ['slow-loris', 0.02],
  ['hang before', 0.015],
  ['hang after', 0.03],
  ['500 before', 0.01],
  ['502 before', 0.01],
  ['503 before', 0.01],
  ['504 before', 0.01],
  ['500 after', 0.015],
  ['502 after', 0.015],
  ['503 after', 0.015],
  ['504 after', 0.015],
  ['429 in seconds', 0.004],
  ['429 by date', 0.004],
]

export interface Weather {
  readonly proxy: Proxy
  readonly random: () => number
  calm: boolean
}

/** The platform behind a proxy whose faults begin and end with the storm. */
export const openWeather = async (platform: Process, seed = SEED): Promise<Weather> => {
  const random = chance(seed)
  let stormUntil = 0
  const weather = { random, calm: true, proxy: null as unknown as Proxy }
  weather.proxy = await openProxy({
    target: platform.url,
    lateMs: () => random() * LATE_MS,
    choose(line) {
      if (weather.calm) return 'none'
      if (random() < STORM.share) stormUntil = performance.now() + STORM.ms
      if (performance.now() < stormUntil) return random() < 0.5 ? '429 in seconds' : '429 by date'
      let left = random() * (line.includes('/cancel ') ? 1 : 4)
      return FAULTS.find(([, share]) => (left -= share) < 0)?.[0] ?? 'none'
    },
  })
  return weather
}

export const injected = ({ proxy }: Weather): number =>
  [...proxy.done].reduce((sum, [fault, count]) => sum + (fault === 'none' ? 0 : count), 0)

/** Several gateways on one ledger, each of which may be killed and started again. */
export interface Fleet {
  readonly living: readonly Process[]
  /** kill -9, and a new one in its place, after what is done between the two. */
  restart(index: number, between?: () => unknown): Promise<void>
  join(another: Process): void
  end(): Promise<void>
}

export const openFleet = async (count: number, start: () => Promise<Process>): Promise<Fleet> => {
  const living = await Promise.all(Array.from({ length: count }, start))
  return {
    living,
    async restart(index, between) {
      await kill(living[index] as Process)
      await between?.()
      living[index] = await start()
    },
    join: (another) => {
      living.push(another)
    },
    end: async () => {
      await Promise.all(living.map(kill))
    },
  }
}

interface Accepted {
  readonly orderId: string
  readonly reason: string | null
  readonly ids: Set<string>
}

export const isAccepted = (response: Response | null): response is Response =>
  response !== null && response.status < 500 && response.headers.has('location')

export interface StormOptions {
  readonly fleet: Fleet
  readonly weather: Weather
  readonly prefix: string
  /** What is done meanwhile; the storm ends with it. */
  readonly trouble: () => Promise<void>
}

/**
 * Each order is asked for at one gateway or at two at once, with the same key and with another one,
 * and now and then once more later.
 */
export const storm = async ({
  fleet,
  weather,
  prefix,
  trouble,
}: StormOptions): Promise<Accepted[]> => {
  const { random } = weather
  const accepted: Accepted[] = []
  const impatient: Promise<unknown>[] = []
  weather.calm = false
  const anyone = () => fleet.living[Math.floor(random() * fleet.living.length)] as Process

  const take = async (order: Accepted, key: string): Promise<boolean> => {
    const response = await ask(
      anyone(),
      { orderId: order.orderId, ...(order.reason !== null && { reason: order.reason }) },
      'respond-async',
      key,
    )
    if (!isAccepted(response)) return false
    order.ids.add(response.headers.get('location') as string)
    return true
  }

  const client = async (number: number) => {
    for (let serial = 0; !weather.calm; serial++) {
      const orderId = `${EXAMPLES[serial % EXAMPLES.length]}-${prefix}-${number}-${serial}`
      const order = {
        orderId,
        reason: serial % 3 === 0 ? `Because of ${orderId}` : null,
        ids: new Set<string>(),
      }
      const keys = [[orderId], [orderId], [orderId, orderId], [orderId, `${orderId}-b`]][
        Math.floor(random() * 4)
      ] as string[]
      // What was not accepted is asked for again, with the same keys, until it is.
      while (!(await Promise.all(keys.map((key) => take(order, key)))).includes(true))
        await pause(20)
      accepted.push(order)
      if (random() < 0.3) impatient.push(pause(random() * 1_500).then(() => take(order, orderId)))
      await pause(40)
    }
  }
  const clients = Array.from({ length: CLIENTS }, (_, number) => client(number))
  try {
    await trouble()
  } finally {
    // The platform recovers, so that what was accepted can come to rest.
    weather.calm = true
  }
  await Promise.all([...clients, ...impatient])
  return accepted
}

export interface Verdict {
  readonly accepted: number
  readonly double: number
  readonly lost: number
  readonly wrong: number
  readonly violations: string[]
}

/** Works a list, so many at once. */
export const each = async <T>(
  list: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const rest = list.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await work(item)
    }),
  )
}

/** An order's records, once all are at rest or patience ends. */
const restedRecordsOf = async (
  target: Process,
  orderId: string,
  end: number,
): Promise<Answer[]> => {
  for (;;) {
    const records = await recordsOf(target, orderId).catch(() => null)
    if (records && (records.every(isAtRest) || performance.now() > end)) return records
    if (performance.now() > end) return records ?? []
    await pause(100)
  }
}

/** What is not so of a record that came to rest. A ledger that forgot cannot know whose doing. */
const faultsOf = (
  { ids }: Accepted,
  [record, ...more]: readonly [Answer, ...Answer[]],
  truth: Truth,
  forgets: boolean,
): string[] => {
  const status = record.status === 'succeeded' ? [] : [record.status]
  if (forgets) return [...(truth.isCanceled ? [] : ['not canceled']), ...status]
  const isOne = more.length === 0 && ids.size <= 1
  return [
    ...disagreements(record, truth),
    ...(isOne ? [] : [`${more.length + 1} records, ${ids.size} ids`]),
    ...status,
  ]
}

/**
 * Holds every accepted order against the platform. `forgets`: the ledger was emptied or replaced;
 * what it lost is counted, is no violation, and must come to rest without a second cancel when it
 * is asked for again.
 */
export const judge = async (
  accepted: readonly Accepted[],
  fleet: Fleet,
  platform: Process,
  { forgets = false } = {},
): Promise<Verdict> => {
  const end = performance.now() + DRAIN_MS
  const target = fleet.living[0] as Process
  const figures = { double: 0, lost: 0, wrong: 0 }
  const violations: string[] = []

  const found = new Map<Accepted, Answer[]>()
  await each(accepted, async (order) => {
    let records = await restedRecordsOf(target, order.orderId, end)
    if (records.length === 0) {
      figures.lost += 1
      if (forgets) {
        await ask(target, { orderId: order.orderId }, 'respond-async')
        records = await restedRecordsOf(target, order.orderId, end)
      }
    }
    found.set(order, records)
  })
  await pause(2 * LATE_MS)

  await each([...found], async ([order, records]) => {
    const truth = await truthOf(platform, order.orderId)
    const [record, ...more] = records
    const faults: string[] = []
    if (truth.canceled + truth.repeated > 1) {
      figures.double += 1
      faults.push(`canceled ${truth.canceled}, repeated ${truth.repeated}`)
    }
    if (!record || !isAtRest(record)) {
      if (record) figures.lost += 1
      faults.push(record ? `never came to rest: ${record.status}` : 'no record')
    } else {
      const wrong = faultsOf(order, [record, ...more], truth, forgets)
      figures.wrong += wrong.length > 0 ? 1 : 0
      faults.push(...wrong)
    }
    if (faults.length > 0)
      violations.push(
        `${order.orderId}: ${faults.join('; ')} ` +
          `(${record?.attempts.map(({ result }) => result).join(', ')})`,
      )
  })
  return { accepted: accepted.length, ...figures, violations }
}
