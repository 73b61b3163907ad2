/**
 * The gateway's wall clock jumps by an hour and by a year, both ways, while cancels are sent, in
 * doubt, and waiting: nothing may go out early, expire early, or wait for the clock to come back.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { report, secondsSince } from './figures.ts'
import {
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
  storeOf,
  TIMING,
  until,
} from './lab.ts'
import { openProxy } from './proxy.ts'
import { openRedis } from './redis.ts'
import { disagreements, truthOf } from './truth.ts'

/**
 * Debian's package faketime: the process's real-time clock, not its monotonic one, as a file says.
 */
const LIBRARY = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path))
const JUMPS = ['+1h', '-1h', '+1y', '-1y'] as const
const PATIENCE_MS = 30_000
const WAITING = 6
/** Lands after we gave up, and long before the settle time is over. */
const LATE_MS = TIMING.callTimeoutMs + 600

const what = 'its clock jumps'

/** What became of an order once its record is at rest and whatever was late has landed. */
const verdictOn = async (orderId: string, about: string, gateway: Process, platform: Process) => {
  const record = await until(
    async () => (await recordsOf(gateway, orderId)).find(isAtRest),
    PATIENCE_MS,
  )
  await pause(LATE_MS)
  const truth = await truthOf(platform, orderId)
  const wrong = record
    ? [
        ...disagreements(record, truth),
        ...(record.status === 'succeeded' ? [] : [`${record.status}, ${record.problem?.cause}`]),
      ]
    : []
  return { about, double: truth.canceled + truth.repeated > 1, lost: !record, wrong }
}

const jump = async (platform: Process, kindOfLedger: string, ledger: string, by: string) => {
  const file = join(folder, `clock-${kindOfLedger}-${by}`)
  const set = (offset: string) => writeFileSync(file, `${offset}\n`)
  set('+0')
  const proxy = await openProxy({ target: platform.url, choose: () => 'none', lateMs: () => 0 })
  const gateway = await startGateway({
    // The deadline is shorter than the jumps: what waits for a platform that is down must not
    // expire by them. Giving up is farther than one of them: by that one, doubt must not end early
    // in a second cancel either.
    platform,
    baseUrl: proxy.url,
    ledger,
    timing: { settleMs: 2_000, deadlineMs: 60_000, giveUpMs: 86_400_000 },
    environment: {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  })
  const name = (kind: string, suffix = '') =>
    `${kind}-${kindOfLedger}-${by.replace('+', 'p')}${suffix}`
  // So many of one store that its breaker opens: that must not wait for the clock either.
  const [first = '', ...others] = Array.from({ length: 40 }, (_, index) =>
    name('order_authorized', `-${index}`),
  )
    .filter((id, _, [one = '']) => storeOf(id) === storeOf(one))
    .slice(0, WAITING)
  const orders = {
    waiting: first,
    ...Object.fromEntries(others.map((id, index) => [`waiting too ${index}`, id])),
    doubtful: name('order_open', `_${LATE_MS}ms`),
    sending: name('order_paid', `-s_${LATE_MS}ms`),
    later: name('order_paid', '-l'),
  }

  await proxy.refuse(true)
  for (const orderId of [first, ...others]) await ask(gateway, { orderId }, 'respond-async')
  await pause(500)
  await proxy.refuse(false)
  await ask(gateway, { orderId: orders.doubtful }, 'respond-async')
  await until(
    async () => (await recordsOf(gateway, orders.doubtful))[0]?.status === 'in_doubt',
    2_000,
    20,
  )
  await ask(gateway, { orderId: orders.sending }, 'respond-async')
  await until(
    async () => (await recordsOf(gateway, orders.sending))[0]?.status === 'sending',
    2_000,
    20,
  )
  set(by)
  await ask(gateway, { orderId: orders.later }, 'respond-async')

  const found = await Promise.all(
    Object.entries(orders).map(([state, orderId]) =>
      verdictOn(orderId, `${state}, ${by}`, gateway, platform),
    ),
  )
  await kill(gateway)
  proxy.close()
  return found
}

const clocks = async (
  platform: Process,
  kindOfLedger: string,
  ledgerOf: (lane: number) => string,
) => {
  const started = performance.now()
  const found = (
    await Promise.all(JUMPS.map((by, lane) => jump(platform, kindOfLedger, ledgerOf(lane), by)))
  ).flat()
  report({
    what,
    ledger: kindOfLedger,
    gateways: 1,
    faults: JUMPS.join(', '),
    accepted: found.length,
    seconds: secondsSince(started),
    double: found.filter(({ double }) => double).length,
    lost: found.filter(({ lost }) => lost).length,
    wrong: found.filter(({ wrong }) => wrong.length > 0).length,
    violations: found.flatMap(({ about, double, lost, wrong }) =>
      [...(double ? ['doubled'] : []), ...(lost ? ['never came to rest'] : []), ...wrong].map(
        (fault) => `${about}: ${fault}`,
      ),
    ),
  })
}

if (LIBRARY) {
  const platform = await startPlatform()
  await clocks(platform, 'SQLite', (lane) => sqlite(`clock-${lane}`))
  const redis = await openRedis(what)
  if (redis) await clocks(platform, 'Redis', (lane) => `${redis.url}/${lane}`)
} else {
  report({
    what,
    ledger: 'SQLite, Redis',
    gateways: null,
    faults: '',
    accepted: null,
    double: null,
    lost: null,
    wrong: null,
    seconds: 0,
    says: 'skipped: no libfaketime is installed (on Debian: apt-get install faketime)',
    violations: [],
  })
}
process.exit()
