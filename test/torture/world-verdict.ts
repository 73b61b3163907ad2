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

export const judge = async ({
  wanted,
  handed,
  gaps,
  fleet,
  platform,
}: Storm): Promise<
  Verdict & { blind: number; forgotten: number; unlooked: number; hidden: number; closed: number }
> => {
  const end = performance.now() + DRAIN_MS
  const target = fleet.living[0] as Process
  const figures = {
    double: 0,
    lost: 0,
    wrong: 0,
    blind: 0,
    forgotten: 0,
    unlooked: 0,
    hidden: 0,
    closed: 0,
  }
  const violations: string[] = []
  const isForgotten = (at: number) => gaps.some(({ from, to }) => at >= from && at <= to)
  const read = async <T>(path: string): Promise<T | null> => {
    const response = await call(target, 'GET', path)
    return response?.ok ? ((await response.json()) as T) : null
  }
  const recordsOf = async ({ store, spelled }: Wanted): Promise<Answer[]> =>
    (
      await read<{ data: Answer[] }>(
        `/v1/cancellations?store=${store}&orderId=${spelled()}&order=asc`,
      )
    )?.data ?? []
  const rested = async (order: Wanted): Promise<Answer[]> => {
    const records = () => recordsOf(order)
    await until(
      async () => (await records()).every(isAtRest),
      Math.max(0, end - performance.now()),
      100,
    )
    return records()
  }
  const stateOf = async ({ orderId }: Wanted): Promise<PlatformState> =>
    (await (await fetch(`${platform.url}/world/orders/${orderId}`)).json()) as PlatformState

  /**
   * A person tries again what needs one, where that can be; else says what is to be seen at the
   * platform.
   */
  const close = (record: Answer, { isCanceled }: PlatformState) => {
    figures.closed += 1
    const as = record.problem?.detail?.startsWith('This cancellation was made while')
      ? isCanceled
        ? 'canceled'
        : 'not_canceled'
      : 'retry'
    return call(target, 'POST', `${pathOf(record)}/resolve`, { as, note: 'looked at' })
  }

  /**
   * Until it is canceled: closes what a person must, and asks again for what expired or was
   * forgotten.
   */
  const finish = async (order: Wanted): Promise<{ records: Answer[]; wrong: Set<string> }> => {
    const forgot = gaps.some(
      ({ to }) => [...order.ids.values()].some((at) => at <= to) || order.ids.size === 0,
    )
    const wrong = new Set<string>()
    const retried = new Set<string>()
    for (let turn = 0; ; turn++) {
      const [records, state] = [await rested(order), await stateOf(order)]
      figures.unlooked += records.filter(
        (record) =>
          turn === 0 &&
          state.carried > 0 &&
          record.status === 'rejected' &&
          isUnlooked(record) &&
          !records.some(wasSent),
      ).length
      figures.hidden += records.filter(
        (record) =>
          turn === 0 &&
          state.carried > 0 &&
          record.status === 'rejected' &&
          wasHidden(record, state),
      ).length
      for (const record of records.filter(isAtRest))
        for (const lie of lies(order, record, records, state, forgot)) wrong.add(lie)
      const done = records.find(({ status }) => status === 'succeeded')
      if (
        done &&
        order.site === 'medusa' &&
        !forgot &&
        !state.elsewhere &&
        !retried.has(done.id) &&
        done.via !== 'operator'
      ) {
        for (const fault of disagreements(done, await truthOf(platform, order.orderId)))
          if (fault !== 'reason failed') wrong.add(fault)
      }
      if (turn === 0) {
        for (const [path, at] of order.ids)
          if (!records.some((record) => pathOf(record) === path)) {
            if (isForgotten(at)) figures.forgotten += 1
            else wrong.add(`${path} was accepted and is gone`)
          }
      }
      const waiting = records.find(({ status }) => status === 'needs_attention')
      if ((done && !waiting) || turn >= TURNS || performance.now() > end) return { records, wrong }
      if (waiting) {
        retried.add(waiting.id)
        await close(waiting, state)
      } else {
        await ask(
          target,
          { store: order.store, orderId: order.spelled(), reason: order.reason },
          'respond-async',
          turn === 0 ? order.orderId : `${order.orderId}-anew-${turn}`,
        )
      }
    }
  }

  const found = new Map<Wanted, Awaited<ReturnType<typeof finish>>>()
  await each(wanted, async (order) => {
    found.set(order, await finish(order))
  })
  await pause(100)

  await each([...found], async ([order, { records, wrong }]) => {
    const state = await stateOf(order)
    const double = doubles(order, records, state)
    const succeeded = records.filter(
      ({ status, via }) => status === 'succeeded' && via !== 'operator',
    )
    const isLost =
      !records.some(({ status }) => status === 'succeeded') ||
      [...wrong].some((fault) => fault.endsWith('is gone'))
    if (succeeded.length > 1) wrong.add(`${succeeded.length} records that succeeded`)
    figures.blind += double.length === 0 ? state.blind : 0
    figures.double += double.length
    figures.lost += isLost ? 1 : 0
    figures.wrong += wrong.size > 0 ? 1 : 0
    const faults = [
      ...double,
      ...wrong,
      ...(isLost
        ? [`never canceled: ${records.map(({ status }) => status).join(', ') || 'no record'}`]
        : []),
    ]
    if (faults.length > 0)
      violations.push(
        `${order.store} ${order.orderId}: ${faults.join('; ')} ` +
          `(${records
            .map(({ attempts }) => attempts.map(({ result }) => result).join(', '))
            .join(' | ')})`,
      )
  })

  for (const { path, at, orders } of handed) {
    const finished = await until(
      async () => {
        const batch = await read<{ finishedAt: string | null }>(path)
        return !batch || batch.finishedAt !== null ? { batch } : null
      },
      Math.max(500, end - performance.now()),
      100,
    )
    if (finished && !finished.batch && isForgotten(at)) continue
    const rows = (await read<{ data: Row[] }>(`${path}/items?limit=100`))?.data ?? []
    for (const [index, order] of orders.entries()) {
      const row = rows.find((one) => one.row === index + 1)
      const record = found.get(order)?.records.find((one) => pathOf(one) === row?.cancellation)
      if (finished && record && row?.status === record.status) continue
      figures.wrong += 1
      violations.push(
        `${path} row ${index + 1}, ${order.orderId}: ${row?.status} ${row?.cancellation}, but ` +
          `its record is ${record?.status ?? 'another'}`,
      )
    }
  }
  return { accepted: wanted.length, ...figures, violations }
}
