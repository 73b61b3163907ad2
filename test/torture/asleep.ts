/**
 * A gateway that sleeps at a failpoint for longer than its lease, and wakes when another has done
 * its work: what it meant to send may not go out any more.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { report, secondsSince } from './figures.ts'
import type { CrashPoint } from './gateway.ts'
import {
  arm,
  ask,
  folder,
  isAtRest,
  kill,
  pause,
  type Process,
  recordsOf,
  sqlite,
  startGateway,
  startPlatform,
  until,
} from './lab.ts'
import { openRedis } from './redis.ts'
import { disagreements, truthOf } from './truth.ts'

const POINTS: readonly CrashPoint[] = [
  'claimed',
  'leased',
  'looked',
  'intended',
  'prepared',
  'in flight',
  'performed',
  'confirmed',
]
const PATIENCE_MS = 20_000
/** What the woken process would do, it does at once. */
const WAKING_MS = 1_000

/**
 * What both sides say once a gateway has slept at this point, and another has worked on its record;
 * nothing: all is well.
 */
const sleepAt = async (
  platform: Process,
  point: CrashPoint,
  kindOfLedger: string,
  ledger: string,
): Promise<{ double: boolean; lost: boolean; wrong: string[] }> => {
  const orderId = `order_paid-asleep-${kindOfLedger}-${POINTS.indexOf(point)}`
  const sleeper = await startGateway({ platform, ledger })
  const asleep = join(folder, `${kindOfLedger}-${POINTS.indexOf(point)}`)
  await arm(sleeper, { point, hit: 1, asleep })
  const asking = ask(sleeper, { orderId, reason: 'Wrong quantity ordered' }, 'wait=0')
  const slept = await until(() => existsSync(asleep), PATIENCE_MS)

  const other = await startGateway({ platform, ledger })
  const find = async () => (await recordsOf(other, orderId).catch(() => [])).find(isAtRest)
  await until(find, PATIENCE_MS)
  sleeper.child.kill('SIGCONT')
  await asking
  await pause(WAKING_MS)

  const [record, truth] = await Promise.all([find(), truthOf(platform, orderId)])
  await Promise.all([kill(sleeper), kill(other)])
  const wrong = record ? disagreements(record, truth) : []
  if (!slept) wrong.push('never slept')
  if (record && record.status !== 'succeeded') wrong.push(record.status)
  return { double: truth.canceled + truth.repeated > 1, lost: !record, wrong }
}

const asleep = async (
  platform: Process,
  kindOfLedger: string,
  ledgerOf: (lane: number) => string,
) => {
  const started = performance.now()
  const found = await Promise.all(
    POINTS.map((point, lane) => sleepAt(platform, point, kindOfLedger, ledgerOf(lane))),
  )
  report({
    what: 'asleep longer than its lease (SIGSTOP)',
    ledger: kindOfLedger,
    gateways: 2,
    faults: `${POINTS.length} sleeps`,
    accepted: found.length,
    double: found.filter(({ double }) => double).length,
    lost: found.filter(({ lost }) => lost).length,
    wrong: found.filter(({ wrong }) => wrong.length > 0).length,
    seconds: secondsSince(started),
    violations: found.flatMap(({ double, lost, wrong }, index) =>
      [...(double ? ['doubled'] : []), ...(lost ? ['lost'] : []), ...wrong].map(
        (fault) => `at ${POINTS[index]}: ${fault}`,
      ),
    ),
  })
}

const platform = await startPlatform()
await asleep(platform, 'SQLite', (lane) => sqlite(`asleep-${lane}`))
const redis = await openRedis('asleep longer than its lease (SIGSTOP)')
if (redis) await asleep(platform, 'Redis', (lane) => `${redis.url}/${lane}`)
process.exit()
