/** Crash-point sweep: the gateway dies at every seam, for every kind of order, and starts again; no cancel may be doubled, lost or told wrong. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Arms, CrashPoint } from './gateway.ts'
import { type Answer, arm, ask, clear, disagreements, isAtRest, kill, pause, type Process, recordsOf, startGateway, startPlatform, TIMING, truthOf } from './lab.ts'

const ROUNDS = Number(process.env['RESCIND_CRASH_ROUNDS'] ?? 1)
const LANES = Number(process.env['RESCIND_CRASH_LANES'] ?? 12)
/** Beyond this a record counts as lost: lease, settle time and some looks, on a busy machine. */
const PATIENCE_MS = 20_000

interface Kind {
  /** The sandbox's example order. */
  readonly example: string
  readonly suffix?: string
  readonly body: object
  readonly status: Answer['status']
  /** How many cancels the platform must have counted in the end. */
  readonly canceled: 0 | 1
  /** The points that a worked record passes, each with how often. */
  readonly passes: Partial<Record<CrashPoint, number>>
}

const LOOKED: Kind['passes'] = { claimed: 1, leased: 1, looked: 1, settled: 1 }
const SENT: Kind['passes'] = { ...LOOKED, intended: 1, 'in flight': 1, performed: 1, confirmed: 1 }
/** Answered after we gave up: doubt, the settle time, and a second turn that looks. */
const DOUBTED: Kind['passes'] = { ...LOOKED, intended: 1, 'in flight': 1, performed: 1, leased: 2, looked: 2, settled: 2 }
const LATE = `_${TIMING.callTimeoutMs + 400}ms`
const REASON = 'Wrong quantity ordered'

const KINDS: Readonly<Record<string, Kind>> = {
  'paid, with a reason': { example: 'order_paid', body: { reason: REASON, restock: true }, status: 'succeeded', canceled: 1, passes: { ...SENT, prepared: 1 } },
  'open': { example: 'order_open', body: {}, status: 'succeeded', canceled: 1, passes: SENT },
  'fulfilled': { example: 'order_fulfilled', body: { reason: REASON }, status: 'rejected', canceled: 0, passes: LOOKED },
  'canceled already': { example: 'order_canceled', body: { reason: REASON }, status: 'succeeded', canceled: 0, passes: LOOKED },
  'refunded, then 400': { example: 'order_400-after-refund', body: { reason: REASON }, status: 'needs_attention', canceled: 1, passes: { ...SENT, prepared: 1 } },
  'refund landing late': { example: 'order_paid', suffix: LATE, body: { restock: false }, status: 'succeeded', canceled: 1, passes: DOUBTED },
  // Until it has landed, the order looks as if nobody had asked.
  'void landing late': { example: 'order_open', suffix: LATE, body: {}, status: 'succeeded', canceled: 1, passes: DOUBTED },
}

interface Run { readonly kind: string, readonly arms: Arms, readonly again: boolean }

/** Every point of every kind, at every hit; and the first hit once more in the life after, while the record is being recovered. */
const RUNS: Run[] = Object.entries(KINDS).flatMap(([kind, { passes }]) => Object.entries(passes).flatMap(([point, hits]) => [
  ...Array.from({ length: hits }, (_, index) => ({ kind, arms: { point: point as CrashPoint, hit: index + 1 }, again: false })),
  ...(point === 'leased' || point === 'looked' ? [{ kind, arms: { point, hit: 1 } as Arms, again: true }] : []),
]))

const verdicts = { runs: 0, double: 0, lost: 0, wrong: 0, kills: 0 }
const faults: string[] = []
let platform: Process

beforeAll(async () => { platform = await startPlatform() })
afterAll(clear)

/** Runs one crash on a living gateway; gives back the one that lives afterwards, on the same ledger. */
const crash = async (lane: string, living: Process, { kind, arms, again }: Run, serial: number): Promise<Process> => {
  const store = { baseUrl: platform.url, settings: platform.hello['settings'] as object }
  const { example, suffix = '', body, status, canceled } = KINDS[kind] as Kind
  const orderId = `${example}-${serial}${suffix}`
  const name = `${kind} at ${arms.point} ${arms.hit}${again ? ' and again' : ''} (${orderId})`
  let gateway = living
  const die = async (act: () => Promise<unknown>): Promise<boolean> => {
    await arm(gateway, arms)
    void act()
    const died = await Promise.race([gateway.ended.then(() => true), pause(PATIENCE_MS).then(() => false)])
    if (!died) {
      faults.push(`${name}: the point was never reached`)
      await kill(gateway)
    }
    verdicts.kills += 1
    gateway = await startGateway(lane, store)
    return died
  }
  await die(() => ask(gateway, { orderId, ...body }, 'wait=0'))
  if (again) await die(async () => {})

  const until = performance.now() + PATIENCE_MS
  let record: Answer | undefined
  let replayed = true
  do {
    const answer = await ask(gateway, { orderId, ...body }, 'wait=5')
    replayed &&= answer?.headers.get('idempotent-replayed') === 'true' || answer?.status === 409
    const records = await recordsOf(gateway, orderId)
    if (records.length !== 1) replayed = false
    record = records[0]
  } while (!(record && isAtRest(record)) && performance.now() < until)

  // What may still be under way at the platform has landed by then.
  await pause(suffix === '' ? 50 : TIMING.settleMs)
  const truth = await truthOf(platform, orderId)
  const told = record && isAtRest(record) ? disagreements(record, truth) : []
  const isDouble = truth.canceled + truth.repeated > canceled
  const isLost = !record || !isAtRest(record) || !replayed
  const isWrong = !isLost && (told.length > 0 || record?.status !== status || truth.canceled !== canceled)
  verdicts.runs += 1
  verdicts.double += isDouble ? 1 : 0
  verdicts.lost += isLost ? 1 : 0
  verdicts.wrong += isWrong ? 1 : 0
  if (isDouble || isLost || isWrong) faults.push(`${name}: ${record?.status ?? 'no record'}, canceled ${truth.canceled}, repeated ${truth.repeated}; ${told.join('; ')}`)
  return gateway
}

test('a gateway that dies at any seam neither doubles, loses nor misreports a cancel', async () => {
  const queue = Array.from({ length: ROUNDS }, () => RUNS).flat()
  let next = 0
  await Promise.all(Array.from({ length: LANES }, async (_, lane) => {
    const name = `lane-${lane}`
    let gateway = await startGateway(name, { baseUrl: platform.url, settings: platform.hello['settings'] as object })
    while (next < queue.length) {
      const serial = next++
      gateway = await crash(name, gateway, queue[serial] as Run, serial)
    }
    await kill(gateway)
  }))
  console.log(`crash sweep: ${RUNS.length} crash points × ${ROUNDS} = ${verdicts.runs} runs (${verdicts.kills} kills): ${verdicts.double} double, ${verdicts.lost} lost, ${verdicts.wrong} wrong`)
  expect(faults).toEqual([])
  expect(verdicts).toMatchObject({ runs: queue.length, double: 0, lost: 0, wrong: 0 })
}, 120_000 + ROUNDS * 120_000)
