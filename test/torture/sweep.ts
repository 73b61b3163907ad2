/**
 * Crash-point sweep: the gateway dies at every failpoint, for every kind of order, and starts
 * again; no cancel may be doubled, lost or told wrong.
 */
import type { Arms, CrashPoint } from './gateway.ts'
import { isLong, report, ROUNDS, secondsSince } from './figures.ts'
import {
  type Answer,
  arm,
  ask,
  isAtRest,
  kill,
  pause,
  type Process,
  recordsOf,
  sqlite,
  startGateway,
  startPlatform,
  TIMING,
} from './lab.ts'
import { openRedis } from './redis.ts'
import { disagreements, truthOf } from './truth.ts'

const LANES = Number(process.env['RESCIND_LANES'] ?? 12)
/** Beyond this a record counts as lost: lease, settle time and some looks, on a busy machine. */
const PATIENCE_MS = 20_000
const TRIES = 12

interface Kind {
  /** The sandbox's example order. */
  readonly example: string
  readonly suffix?: string
  readonly body: object
  readonly status: Answer['status']
  /** How many cancels the platform must have counted in the end. */
  readonly canceled: 0 | 1
  /** Dies once more at the same point in the life after, while the record is being recovered. */
  readonly again?: readonly CrashPoint[]
  /** The points that a worked record passes, each with how often. */
  readonly passes: Partial<Record<CrashPoint, number>>
}

const LOOKED: Kind['passes'] = { claimed: 1, leased: 1, looked: 1, settled: 1 }
const SENT: Kind['passes'] = { ...LOOKED, intended: 1, 'in flight': 1, performed: 1, confirmed: 1 }
/** Answered after we gave up: doubt, the settle time, and a second turn that looks. */
const DOUBTED: Kind['passes'] = {
  ...LOOKED,
  intended: 1,
  'in flight': 1,
  performed: 1,
  leased: 2,
  looked: 2,
  settled: 2,
}
const LATE = `_${TIMING.callTimeoutMs + 400}ms`
const REASON = 'Wrong quantity ordered'

const KINDS: Readonly<Record<string, Kind>> = {
  'paid, with a reason': {
    example: 'order_paid',
    body: { reason: REASON, restock: true },
    status: 'succeeded',
    canceled: 1,
    again: ['leased', 'looked', 'intended', 'prepared'],
    passes: { ...SENT, prepared: 1 },
  },
  open: { example: 'order_open', body: {}, status: 'succeeded', canceled: 1, passes: SENT },
  fulfilled: {
    example: 'order_fulfilled',
    body: { reason: REASON },
    status: 'rejected',
    canceled: 0,
    passes: LOOKED,
  },
  'canceled already': {
    example: 'order_canceled',
    body: { reason: REASON },
    status: 'succeeded',
    canceled: 0,
    passes: LOOKED,
  },
  'refunded, then 400': {
    example: 'order_400-after-refund',
    body: { reason: REASON },
    status: 'needs_attention',
    canceled: 1,
    passes: { ...SENT, prepared: 1 },
  },
  'refund landing late': {
    example: 'order_paid',
    suffix: LATE,
    body: { restock: false },
    status: 'succeeded',
    canceled: 1,
    passes: DOUBTED,
  },
  // Until it has landed, the order looks as if nobody had asked.
  'void landing late': {
    example: 'order_open',
    suffix: LATE,
    body: {},
    status: 'succeeded',
    canceled: 1,
    again: ['leased', 'looked'],
    passes: DOUBTED,
  },
}

interface Run {
  readonly kind: string
  readonly arms: Arms
  readonly again: boolean
}

/** Every point of every kind, at every hit. */
const RUNS: Run[] = Object.entries(KINDS).flatMap(([kind, { passes, again = [] }]) => [
  ...Object.entries(passes).flatMap(([point, hits]) =>
    Array.from({ length: hits }, (_, index) => ({
      kind,
      arms: { point: point as CrashPoint, hit: index + 1 },
      again: false,
    })),
  ),
  ...again.map((point) => ({ kind, arms: { point, hit: 1 }, again: true })),
])

/**
 * What passes every failpoint, and what must wait out a late landing: enough for a second ledger in
 * the short version.
 */
const TELLING = ['paid, with a reason', 'void landing late']

interface Tally {
  readonly verdicts: { kills: number; runs: number; double: number; lost: number; wrong: number }
  readonly violations: string[]
}

/** Holds what became of an order against what may have become of it. */
const judge = (
  { verdicts, violations }: Tally,
  { kind, arms, again }: Run,
  {
    orderId,
    records,
    replayed,
    truth,
  }: {
    orderId: string
    records: readonly Answer[]
    replayed: boolean
    truth: Awaited<ReturnType<typeof truthOf>>
  },
) => {
  const { status, canceled } = KINDS[kind] as Kind
  const [record, ...others] = records
  const isDouble = truth.canceled + truth.repeated > canceled
  const isLost = !record || !isAtRest(record) || !replayed || others.length > 0
  const wrong = isLost ? [] : disagreements(record, truth)
  const isWrong =
    !isLost && (wrong.length > 0 || record.status !== status || truth.canceled !== canceled)
  verdicts.double += isDouble ? 1 : 0
  verdicts.lost += isLost ? 1 : 0
  verdicts.wrong += isWrong ? 1 : 0
  if (isDouble || isLost || isWrong) {
    violations.push(
      `${kind} at ${arms.point} ${arms.hit}${again ? ' and again' : ''} (${orderId}): ` +
        `${record?.status ?? 'no record'}, canceled ${truth.canceled}, repeated ` +
        `${truth.repeated}; ${wrong.join('; ')}`,
    )
  }
}

/**
 * One crash on a living gateway; gives back the one that lives afterwards, on the same ledger.
 */
const crash = async (
  { platform, tally, ledger }: { platform: Process; tally: Tally; ledger: string },
  living: Process,
  run: Run,
  serial: string,
): Promise<{ gateway: Process; reached: boolean }> => {
  const { kind, arms, again } = run
  const { example, suffix = '', body } = KINDS[kind] as Kind
  const orderId = `${example}-${serial}${suffix}`
  let gateway = living
  let reached = true
  const die = async (act: () => void) => {
    await arm(gateway, arms)
    act()
    const dies = gateway.ended.then(() => true)
    const isAlive = async () => !(await Promise.race([dies, pause(200).then(() => false)]))
    // A point lies at most a moment behind the end of the record.
    let rested = 0
    while (rested < 3 && (await isAlive())) {
      if ((await recordsOf(gateway, orderId).catch(() => [])).some(isAtRest)) rested += 1
    }
    reached &&= rested < 3
    await kill(gateway)
    tally.verdicts.kills += 1
    gateway = await startGateway({ platform, ledger })
  }
  await die(() => void ask(gateway, { orderId, ...body }, 'wait=0'))
  if (again) await die(() => {})

  const until = performance.now() + PATIENCE_MS
  let records: Answer[] = []
  let replayed = true
  do {
    const answer = await ask(gateway, { orderId, ...body }, 'wait=5')
    replayed &&= answer?.headers.get('idempotent-replayed') === 'true'
    records = await recordsOf(gateway, orderId)
  } while (!records.every(isAtRest) && performance.now() < until)

  // What may still be under way at the platform has landed by then.
  await pause(suffix === '' ? 50 : TIMING.settleMs)
  judge(tally, run, { orderId, records, replayed, truth: await truthOf(platform, orderId) })
  return { gateway, reached }
}

const sweep = async (
  platform: Process,
  kindOfLedger: string,
  all: readonly Run[],
  ledgerOf: (lane: number) => string,
) => {
  const started = performance.now()
  const tally: Tally = {
    verdicts: { kills: 0, runs: 0, double: 0, lost: 0, wrong: 0 },
    violations: [],
  }
  const { verdicts, violations } = tally

  const queue = Array.from({ length: ROUNDS }, () => all).flat()
  let next = 0
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const ledger = ledgerOf(lane)
      let gateway = await startGateway({ platform, ledger })
      while (next < queue.length) {
        const serial = next++
        const run = queue[serial] as Run
        let reached = false
        // On a busy machine a call may time out, and its record takes another way.
        for (let attempt = 0; !reached && attempt < TRIES; attempt++)
          ({ gateway, reached } = await crash(
            { platform, tally, ledger },
            gateway,
            run,
            `${kindOfLedger}-${serial}-${attempt}`,
          ))
        if (reached) verdicts.runs += 1
        else violations.push(`${run.kind} at ${run.arms.point} ${run.arms.hit}: never reached`)
      }
      await kill(gateway)
    }),
  )
  const { kills, runs, ...found } = verdicts
  report({
    what: 'killed at every failpoint',
    ledger: kindOfLedger,
    gateways: 1,
    faults: `${kills} kills`,
    accepted: runs,
    ...found,
    seconds: secondsSince(started),
    violations,
    says: `${all.length} crash points × ${ROUNDS}`,
  })
}

const platform = await startPlatform()
if (process.argv[2] === 'redis') {
  const redis = await openRedis('killed at every failpoint')
  if (redis)
    await sweep(
      platform,
      'Redis',
      isLong ? RUNS : RUNS.filter(({ kind }) => TELLING.includes(kind)),
      (lane) => `${redis.url}/${lane}`,
    )
} else {
  await sweep(platform, 'SQLite', RUNS, (lane) => sqlite(`sweep-${lane}`))
}
process.exit()
