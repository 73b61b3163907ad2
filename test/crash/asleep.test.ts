/** A gateway that sleeps at a seam for longer than its lease, and wakes when another has done its work: what it meant to send may not go out any more. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CrashPoint } from './gateway.ts'
import { arm, ask, clear, disagreements, folder, isAtRest, kill, pause, type Process, recordsOf, startGateway, startPlatform, truthOf } from './lab.ts'

const POINTS: readonly CrashPoint[] = ['claimed', 'leased', 'looked', 'intended', 'prepared', 'in flight', 'performed', 'confirmed']
const PATIENCE_MS = 20_000
/** What the woken process would do, it does at once. */
const WAKING_MS = 1_000

let platform: Process
beforeAll(async () => { platform = await startPlatform() })
afterAll(clear)

const until = async <T>(look: () => T | Promise<T>): Promise<T> => {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const found = await look()
    if (found || performance.now() > end) return found
    await pause(200)
  }
}

/** What both sides say once a gateway has slept at this point, and another has worked on its record. */
const sleepAt = async (point: CrashPoint) => {
  const name = `asleep-${POINTS.indexOf(point)}`
  const store = { baseUrl: platform.url, settings: platform.hello['settings'] as object }
  const orderId = `order_paid-${name}`
  const sleeper = await startGateway(name, store)
  const asleep = join(folder, name)
  await arm(sleeper, { point, hit: 1, asleep })
  const asking = ask(sleeper, { orderId, reason: 'Wrong quantity ordered' }, 'wait=0')
  const slept = await until(() => existsSync(asleep))

  const other = await startGateway(name, store)
  const find = async () => (await recordsOf(other, orderId)).find(isAtRest)
  await until(find)
  sleeper.child.kill('SIGCONT')
  await asking
  await pause(WAKING_MS)

  const [record, truth] = await Promise.all([find(), truthOf(platform, orderId)])
  await Promise.all([kill(sleeper), kill(other)])
  return { point, slept, status: record?.status, canceled: truth.canceled, repeated: truth.repeated, told: record ? disagreements(record, truth) : null }
}

test('a gateway that wakes after its lease has ended sends nothing any more', async () => {
  const told = await Promise.all(POINTS.map(sleepAt))
  expect(told).toEqual(POINTS.map((point) => ({ point, slept: true, status: 'succeeded', canceled: 1, repeated: 0, told: [] })))
}, 90_000)
