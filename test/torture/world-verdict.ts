/**
 * The verdict on every order of a storm in a world that is not as assumed: what the records say,
 * against what reached the platforms.
 */
import { isLong } from './figures.ts'
import { type Answer, ask, call, isAtRest, pause, type Process, until } from './lab.ts'
import { each, type Fleet, type Verdict } from './storm.ts'
import { disagreements, truthOf } from './truth.ts'
import type { PlatformState } from './world-platform.ts'

export interface Wanted {
  readonly site: 'medusa' | 'wix' | 'asia'
  readonly store: string
  /** In the platform's one spelling; it is the first key, too. */
  readonly orderId: string
  /** The same, as somebody might write it. */
  readonly spelled: () => string
  readonly reason: string | null
  /** The records that callers were told of, each with when they were last. */
  readonly ids: Map<string, number>
}
export interface Handed {
  readonly path: string
  readonly orders: readonly Wanted[]
  readonly at: number
}

/** What was accepted meanwhile may be forgotten: a ledger of before was put back. */
export interface Gap {
  readonly from: number
  readonly to: number
}

export interface Storm {
  readonly wanted: readonly Wanted[]
  readonly handed: readonly Handed[]
  readonly gaps: readonly Gap[]
  readonly fleet: Fleet
  readonly platform: Process
}

/** From the last request to the last verdict. */
const DRAIN_MS = isLong ? 90_000 : 40_000
const TURNS = 8
/** Results of a call that are a platform's own word about the order. */
const WORD = /^(?:20[01]|400|422|428)$/

interface Row {
  readonly row: number
  readonly status: string
  readonly cancellation: string | null
}

const pathOf = ({ id }: Answer) => `/v1/cancellations/${id}`
const wasSent = ({ attempts }: Answer) =>
  attempts.some(({ result }) => result === null || !/^(?:not sent|unreachable)/.test(result))
/**
 * At its deadline nothing could be read, it says itself. A ledger that forgot cannot know better.
 */
const isUnlooked = ({ problem }: Answer) =>
  problem?.cause === 'expired' && problem.detail.includes('The last try ended so')
/**
 * What was in doubt looked open after the settle time, so it was to be sent again, and was not in
 * time.
 */
const wasHidden = ({ problem }: Answer, { hid }: PlatformState) =>
  hid > 0 && problem?.cause === 'expired' && problem.detail.startsWith('It could not be sent again')

/**
 * Where a record says what is not so; `forgot`: it is of a ledger that cannot know what was done
 * before. What another record of the order did is none of its own.
 */
const lies = (
  { orderId }: Wanted,
  record: Answer,
  all: readonly Answer[],
  state: PlatformState,
  forgot: boolean,
): string[] => {
  const { isCanceled, carried, elsewhere } = state
  const { status, via, problem, alreadyCanceled, order } = record
  if (record.orderId !== orderId || (order && order.id.toLowerCase() !== orderId.toLowerCase()))
    return [`it is about ${record.orderId} and shows ${order?.id}`]
  const byAnother = all.some((other) => other !== record && wasSent(other))
  if (via === 'operator') return []
  const claims: [boolean, string][] = [
    [status !== 'succeeded' || isCanceled, 'succeeded, but the order is not canceled'],
    [
      status !== 'succeeded' ||
        !alreadyCanceled ||
        carried === 0 ||
        elsewhere ||
        byAnother ||
        forgot,
      `canceled already, but the platform did it ${carried} times for us`,
    ],
    [
      status !== 'succeeded' || alreadyCanceled || carried > 0 || (elsewhere && wasSent(record)),
      'canceled by us, but nothing of ours was carried out',
    ],
    [
      status !== 'rejected' || problem?.cause === 'expired',
      `rejected: ${problem?.code} ${problem?.cause}`,
    ],
    [
      status !== 'rejected' ||
        carried === 0 ||
        byAnother ||
        (forgot && isUnlooked(record)) ||
        wasHidden(record, state),
      `rejected (${problem?.cause}: ${problem?.detail}), but the platform canceled it for us`,
    ],
    [
      status !== 'needs_attention' || problem?.acted !== 'no' || !wasSent(record),
      'nothing done, it says, but a call went out',
    ],
    [
      status !== 'needs_attention' || problem?.acted !== 'yes' || carried > 0,
      'done, it says, but the platform did nothing for us',
    ],
  ]
  return claims.filter(([holds]) => !holds).map(([, fault]) => fault)
}

/**
 * Cancels that reached the platform and should not have. A refused repeat is one, unless the cache
 * hid the deed for longer than the settle time and nobody had heard the platform's word.
 */
const doubles = (
  { site }: Wanted,
  records: readonly Answer[],
  { carried, repeated, blind }: PlatformState,
): string[] => {
  const heard = records
    .flatMap(({ attempts }) => attempts.slice(0, -1))
    .some(({ result }) => WORD.test(result ?? ''))
  const excused = site === 'medusa' && !heard ? Math.min(blind, repeated) : 0
  return carried > 1 || carried + repeated - excused > 1
    ? [
        `carried out ${carried}, repeated ${repeated}, of that blind ` +
          `${blind}${heard ? ', after the platform’s word' : ''}`,
      ]
    : []
}

const noFigures = () => ({
  double: 0,
  lost: 0,
  wrong: 0,
  /** Refused repeats that a cache caused. */
  blind: 0,
  forgotten: 0,
  unlooked: 0,
  hidden: 0,
  closed: 0,
})
type Figures = ReturnType<typeof noFigures>

/** A storm that is over: whom is asked about it, for how long, and what was found so far. */
interface Trial extends Storm {
  readonly target: Process
  /** A `performance.now()`. */
  readonly end: number
  readonly figures: Figures
  readonly violations: string[]
}

interface Finished {
  readonly records: readonly Answer[]
  readonly wrong: Set<string>
}

const read = async <T>({ target }: Trial, path: string): Promise<T | null> => {
  const response = await call(target, 'GET', path)
  return response?.ok ? ((await response.json()) as T) : null
}
const recordsOf = async (trial: Trial, { store, spelled }: Wanted): Promise<Answer[]> =>
  (
    await read<{ data: Answer[] }>(
      trial,
      `/v1/cancellations?store=${store}&orderId=${spelled()}&order=asc`,
    )
  )?.data ?? []
const restedRecordsOf = async (trial: Trial, order: Wanted): Promise<Answer[]> => {
  await until(
    async () => (await recordsOf(trial, order)).every(isAtRest),
    Math.max(0, trial.end - performance.now()),
    100,
  )
  return recordsOf(trial, order)
}
const stateOf = async ({ platform }: Trial, { orderId }: Wanted): Promise<PlatformState> =>
  (await (await fetch(`${platform.url}/world/orders/${orderId}`)).json()) as PlatformState

const isForgotten = ({ gaps }: Trial, at: number) =>
  gaps.some(({ from, to }) => at >= from && at <= to)

/**
 * A person tries again what needs one, where that can be; else says what is to be seen at the
 * platform.
 */
const close = ({ target, figures }: Trial, record: Answer, { isCanceled }: PlatformState) => {
  figures.closed += 1
  const as = record.problem?.detail?.startsWith('This cancellation was made while')
    ? isCanceled
      ? 'canceled'
      : 'not_canceled'
    : 'retry'
  return call(target, 'POST', `${pathOf(record)}/resolve`, { as, note: 'looked at' })
}

/** At first with the key that it was asked for with before. */
const askAgain = ({ target }: Trial, { store, orderId, spelled, reason }: Wanted, turn: number) =>
  ask(
    target,
    { store, orderId: spelled(), reason },
    'respond-async',
    turn === 0 ? orderId : `${orderId}-anew-${turn}`,
  )

/** Counts what was called expired though the platform did it, where that could not be known. */
const countExcused = ({ figures }: Trial, records: readonly Answer[], state: PlatformState) => {
  if (state.carried === 0) return
  const rejected = records.filter(({ status }) => status === 'rejected')
  if (!records.some(wasSent)) figures.unlooked += rejected.filter(isUnlooked).length
  figures.hidden += rejected.filter((record) => wasHidden(record, state)).length
}

/** Records that callers were told of and that are gone, but for those that a backup forgot. */
const gone = (trial: Trial, { ids }: Wanted, records: readonly Answer[]): string[] => {
  const lacking = [...ids].filter(([path]) => !records.some((record) => pathOf(record) === path))
  const lost = lacking.filter(([, at]) => !isForgotten(trial, at))
  trial.figures.forgotten += lacking.length - lost.length
  return lost.map(([path]) => `${path} was accepted and is gone`)
}

/** What a record says of its effects, against the one platform here that tells all of them. */
const falseEffects = async ({ platform }: Trial, { site, orderId }: Wanted, record: Answer) =>
  site === 'medusa' && record.via !== 'operator'
    ? disagreements(record, await truthOf(platform, orderId)).filter(
        (fault) => fault !== 'reason failed',
      )
    : []

/**
 * Until it is canceled: closes what a person must, and asks again for what expired or was
 * forgotten.
 */
const finish = async (trial: Trial, order: Wanted): Promise<Finished> => {
  const told = [...order.ids.values()]
  const forgot = trial.gaps.some(({ to }) => told.length === 0 || told.some((at) => at <= to))
  const wrong = new Set<string>()
  const add = (faults: readonly string[]) => faults.forEach((fault) => wrong.add(fault))
  const retried = new Set<string>()
  for (let turn = 0; ; turn++) {
    const [records, state] = [await restedRecordsOf(trial, order), await stateOf(trial, order)]
    for (const record of records.filter(isAtRest)) add(lies(order, record, records, state, forgot))
    const done = records.find(({ status }) => status === 'succeeded')
    if (done && !forgot && !state.elsewhere && !retried.has(done.id))
      add(await falseEffects(trial, order, done))
    if (turn === 0) {
      countExcused(trial, records, state)
      add(gone(trial, order, records))
    }
    const waiting = records.find(({ status }) => status === 'needs_attention')
    if ((done && !waiting) || turn >= TURNS || performance.now() > trial.end)
      return { records, wrong }
    if (waiting) {
      retried.add(waiting.id)
      await close(trial, waiting, state)
    } else await askAgain(trial, order, turn)
  }
}

const judgeOrder = async (trial: Trial, order: Wanted, { records, wrong }: Finished) => {
  const { figures, violations } = trial
  const state = await stateOf(trial, order)
  const double = doubles(order, records, state)
  const succeeded = records.filter(({ status }) => status === 'succeeded')
  const byItself = succeeded.filter(({ via }) => via !== 'operator')
  const isLost = succeeded.length === 0 || [...wrong].some((fault) => fault.endsWith('is gone'))
  if (byItself.length > 1) wrong.add(`${byItself.length} records that succeeded`)
  figures.blind += double.length === 0 ? state.blind : 0
  figures.double += double.length
  figures.lost += isLost ? 1 : 0
  figures.wrong += wrong.size > 0 ? 1 : 0
  const statuses = records.map(({ status }) => status).join(', ')
  const faults = [
    ...double,
    ...wrong,
    ...(isLost ? [`never canceled: ${statuses || 'no record'}`] : []),
  ]
  const results = records.map(({ attempts }) => attempts.map(({ result }) => result).join(', '))
  if (faults.length > 0)
    violations.push(
      `${order.store} ${order.orderId}: ${faults.join('; ')} (${results.join(' | ')})`,
    )
}

/** Every row of a batch ends, and says what the record of its order says. */
const judgeBatch = async (
  trial: Trial,
  { path, at, orders }: Handed,
  found: ReadonlyMap<Wanted, Finished>,
) => {
  const finished = await until(
    async () => {
      const batch = await read<{ finishedAt: string | null }>(trial, path)
      return !batch || batch.finishedAt !== null ? { batch } : null
    },
    Math.max(500, trial.end - performance.now()),
    100,
  )
  if (finished && !finished.batch && isForgotten(trial, at)) return
  const rows = (await read<{ data: Row[] }>(trial, `${path}/items?limit=100`))?.data ?? []
  for (const [index, order] of orders.entries()) {
    const row = rows.find((one) => one.row === index + 1)
    const record = found.get(order)?.records.find((one) => pathOf(one) === row?.cancellation)
    if (finished && record && row?.status === record.status) continue
    trial.figures.wrong += 1
    trial.violations.push(
      `${path} row ${index + 1}, ${order.orderId}: ${row?.status} ${row?.cancellation}, but ` +
        `its record is ${record?.status ?? 'another'}`,
    )
  }
}

export const judge = async (storm: Storm): Promise<Verdict & Figures> => {
  const trial: Trial = {
    ...storm,
    target: storm.fleet.living[0] as Process,
    end: performance.now() + DRAIN_MS,
    figures: noFigures(),
    violations: [],
  }
  const found = new Map<Wanted, Finished>()
  await each(storm.wanted, async (order) => {
    found.set(order, await finish(trial, order))
  })
  await pause(100)
  await each([...found], ([order, finished]) => judgeOrder(trial, order, finished))
  for (const batch of storm.handed) await judgeBatch(trial, batch, found)
  const { figures, violations } = trial
  return { accepted: storm.wanted.length, ...figures, violations }
}
