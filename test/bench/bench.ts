/**
 * `npm run bench`: what a cancel through the gateway costs, against a script by hand that makes the
 * same calls and writes the same row; and what one webhook adds to it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Pool } from 'undici'
import type { Usage } from './usage.ts'

const setting = (name: string, usual: number) => Number(process.env[name] ?? usual)
const ROUNDS = setting('BENCH_ROUNDS', 7)
const PER_ROUND = setting('BENCH_REQUESTS', 1_000)
const IN_FLIGHT = setting('BENCH_IN_FLIGHT', 32)
/**
 * A store's records are worked four at a time, so load is spread as several merchants would spread
 * it.
 */
const STORES = setting('BENCH_STORES', 8)
const MEMORY_REQUESTS = setting('BENCH_MEMORY_REQUESTS', 50_000)
const GOAL = 1.6
/** How much more CPU a cancel may cost where one webhook is told of it. */
const WEBHOOK_GOAL = 0.1

const folder = mkdtempSync(join(tmpdir(), 'rescind-bench-'))
const key = `rsk_${randomBytes(32).toString('base64url')}`

interface Subject {
  readonly child: ChildProcess
  readonly pool: Pool
  readonly hello: Record<string, any>
}

const run = (file: string, environment: Record<string, string> = {}): Promise<Subject> =>
  new Promise((resolve, reject) => {
    const execArgv = [
      '--expose-gc',
      ...(process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean),
    ]
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
      env: { PATH: process.env['PATH'], ...environment },
      execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)))
    child.once('message', (hello: Record<string, any>) =>
      resolve({
        child,
        hello,
        pool: new Pool(hello['url'], { connections: IN_FLIGHT, pipelining: 1 }),
      }),
    )
  })
const tell = <T = Usage>({ child }: Subject, about: 'cpu' | 'memory' = 'cpu'): Promise<T> =>
  new Promise((resolve) => {
    child.once('message', (told) => resolve(told as T))
    child.send(about)
  })

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b)
const quantile = (values: readonly number[], share: number) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN
const median = (values: readonly number[]) => quantile(values, 0.5)
const ms = (value: number) => `${value.toFixed(1)} ms`

/** Sends `count` requests, so many in flight; how long each took, in milliseconds. */
const load = async (
  count: number,
  inFlight: number,
  send: (index: number) => Promise<unknown>,
): Promise<number[]> => {
  const times: number[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < count) {
        const index = next++
        const started = performance.now()
        await send(index)
        times.push(performance.now() - started)
      }
    }),
  )
  return times
}

const platform = await run('platform.ts')
const { settings, url: baseUrl } = platform.hello as {
  settings: { secretKey: string }
  url: string
}
const receiver = await run('receiver.ts')
const webhooks = [
  {
    name: 'told',
    url: receiver.hello['url'],
    secret: randomBytes(32).toString('base64'),
    events: ['*'],
    allowHttp: true,
    allowPrivate: true,
  },
]
const startGateway = (name: string, caller: object = {}): Promise<Subject> => {
  const config = join(folder, `${name}.json`)
  writeFileSync(
    config,
    JSON.stringify({
      stores: Array.from({ length: STORES }, (_, number) => ({
        id: `shop-${number}`,
        platform: 'medusa',
        test: true,
        settings: { ...settings, baseUrl },
      })),
      callers: [
        {
          name: 'bench',
          keyHash: `sha256:${createHash('sha256').update(key).digest('hex')}`,
          scopes: ['cancel', 'read'],
          stores: ['*'],
          ...caller,
        },
      ],
    }),
  )
  return run('gateway.ts', {
    RESCIND_CONFIG: config,
    RESCIND_LEDGER: `sqlite:${join(folder, `${name}.db`)}`,
    PORT: '0',
  })
}
const gateway = await startGateway('gateway')
const telling = await startGateway('telling', { webhooks })
const script = await run('script.ts', {
  PLATFORM: baseUrl,
  SECRET_KEY: settings.secretKey,
  DATABASE: join(folder, 'script.db'),
  CALLER_KEY: key,
})

const authorization = `Bearer ${key}`
/** The same order goes to the same store. */
const storeOf = (orderId: string) => `shop-${Number(/\d+$/.exec(orderId)?.[0] ?? 0) % STORES}`
const ask = async (
  { pool }: Subject,
  path: string,
  orderId: string,
  expected: number,
  more: Record<string, string> = {},
) => {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path,
    body: JSON.stringify({
      store: storeOf(orderId),
      orderId,
      reason: 'Wrong quantity ordered',
      restock: true,
    }),
    headers: {
      authorization,
      'content-type': 'application/json',
      'idempotency-key': orderId,
      ...more,
    },
  })
  const text = await body.text()
  if (statusCode !== expected)
    throw new Error(`${path} ${orderId}: ${statusCode} ${text.slice(0, 300)}`)
  return JSON.parse(text) as { id: string }
}
const get = async (path: string) => {
  const { statusCode, body } = await gateway.pool.request({
    method: 'GET',
    path,
    headers: { authorization },
  })
  await body.text()
  if (statusCode !== 200) throw new Error(`${path}: ${statusCode}`)
}
const VIA = {
  gateway: { subject: gateway, path: '/v1/cancellations' },
  telling: { subject: telling, path: '/v1/cancellations' },
  script: { subject: script, path: '/' },
} as const
type Name = keyof typeof VIA
const NAMES = Object.keys(VIA) as Name[]
const SUBJECTS = [gateway, telling, script, platform, receiver]

/**
 * What every process of this machine has used of its CPUs, and what was to be had, in milliseconds.
 */
const machine = () =>
  cpus().reduce(
    ({ busyMs, allMs }, { times }) => {
      const busy = times.user + times.nice + times.sys + times.irq
      return { busyMs: busyMs + busy, allMs: allMs + busy + times.idle }
    },
    { busyMs: 0, allMs: 0 },
  )
/** What this benchmark's own processes have used. */
const own = async () => {
  const { user, system } = process.cpuUsage()
  const told = await Promise.all(SUBJECTS.map((subject) => tell(subject)))
  return told.reduce((sum, { cpuMs }) => sum + cpuMs, (user + system) / 1000)
}

let owed = 0
/** A cancel that somebody is told of is over when he was told. */
const delivered = async () => {
  owed += PER_ROUND
  while ((await tell<{ heard: number }>(receiver)).heard < owed)
    await new Promise((resolve) => setTimeout(resolve, 5))
}

/** One round through one of them: CPU and wall time per cancel. */
const measure = async (name: Name, round: string) => {
  const { subject, path } = VIA[name]
  const before = await tell(subject)
  const started = performance.now()
  await load(PER_ROUND, IN_FLIGHT, (index) =>
    ask(subject, path, `order_paid-${name}-${round}-${index}`, 201),
  )
  if (name === 'telling') await delivered()
  const wallMs = performance.now() - started
  const after = await tell(subject)
  return { cpuUs: ((after.cpuMs - before.cpuMs) * 1000) / PER_ROUND, wallMs: wallMs / PER_ROUND }
}

const results: Record<Name, { cpuUs: number; wallMs: number }[]> = {
  gateway: [],
  telling: [],
  script: [],
}
for (const round of ['warm-1', 'warm-2', 'warm-3'])
  for (const name of NAMES) await measure(name, round)
const [machineBefore, ownBefore] = [machine(), await own()]
for (let round = 0; round < ROUNDS; round++) {
  const order = round % 2 === 0 ? NAMES : NAMES.toReversed()
  for (const name of order) results[name].push(await measure(name, String(round)))
}
const [machineAfter, ownAfter] = [machine(), await own()]
const others =
  (machineAfter.busyMs - machineBefore.busyMs - (ownAfter - ownBefore)) /
  (machineAfter.allMs - machineBefore.allMs)
const of = (name: Name, what: 'cpuUs' | 'wallMs') =>
  median(results[name].map((result) => result[what]))
/** The CPU of one by that of another, round for round, smallest first. */
const ratiosOf = (one: Name, other: Name) =>
  sorted(
    results[one].map(({ cpuUs }, round) => cpuUs / (results[other][round]?.cpuUs ?? Number.NaN)),
  )
const ratios = ratiosOf('gateway', 'script')
console.log(
  `one cancel with a reason: 5 calls to the platform, ${platform.hello['bytes']} bytes per ` +
    `order; ${ROUNDS} rounds of ${PER_ROUND}, ${IN_FLIGHT} in flight over ${STORES} stores, ` +
    `medians; other processes had ${(others * 100).toFixed(0)} % of the CPUs`,
)
for (const name of NAMES)
  console.log(
    `  ${name.padEnd(8)} ${of(name, 'cpuUs').toFixed(0).padStart(5)} µs CPU  ` +
      `${of(name, 'wallMs').toFixed(2)} ms wall per cancel`,
  )
const ratio = of('gateway', 'cpuUs') / of('script', 'cpuUs')
console.log(
  `  ratio    ${ratio.toFixed(2)} × CPU (per round ${ratios[0]?.toFixed(2)} to ` +
    `${ratios.at(-1)?.toFixed(2)}), ` +
    `${(of('gateway', 'wallMs') / of('script', 'wallMs')).toFixed(2)} × wall; the aim is ≤ ` +
    `${GOAL} × CPU`,
)
const more = ratiosOf('telling', 'gateway').map((value) => `${((value - 1) * 100).toFixed(1)} %`)
console.log(
  `  told to one webhook: ${more[Math.floor(more.length / 2)]} more CPU (per round ${more[0]} to ` +
    `${more.at(-1)}); the aim is ≤ ${WEBHOOK_GOAL * 100} %`,
)

const accepts = await load(500, 4, (index) =>
  ask(gateway, '/v1/cancellations', `order_paid-accept-${index}`, 202, { prefer: 'respond-async' }),
)
console.log(
  'accepted (on the disk, respond-async, 4 in flight while the cancels run): p50 ' +
    `${ms(median(accepts))}, p99 ${ms(quantile(accepts, 0.99))}`,
)
const { id } = await ask(gateway, '/v1/cancellations', 'order_paid-replay', 201)
const replay = () => ask(gateway, '/v1/cancellations', 'order_paid-replay', 200)
await load(500, 4, replay)
const replays = await load(2_000, 4, replay)
console.log(
  `replayed (same key, settled, 4 in flight): p50 ${ms(median(replays))}, p99 ` +
    `${ms(quantile(replays, 0.99))}`,
)

const mixed = (index: number) => (index % 2 === 0 ? replay() : get(`/v1/cancellations/${id}`))
const usages = [await tell(gateway, 'memory')]
for (let quarter = 0; quarter < 4; quarter++) {
  await load(MEMORY_REQUESTS / 4, IN_FLIGHT, mixed)
  usages.push(await tell(gateway, 'memory'))
}
const [first, last] = [usages[0] as Usage, usages.at(-1) as Usage]
const perRequest = ((last.cpuMs - first.cpuMs) * 1000) / MEMORY_REQUESTS
console.log(
  `memory over ${MEMORY_REQUESTS} replays and reads, by quarters: RSS ` +
    `${usages.map(({ rssMb }) => rssMb.toFixed(0)).join(' → ')} MiB, heap ` +
    `${usages.map(({ heapMb }) => heapMb.toFixed(1)).join(' → ')} MiB; ${perRequest.toFixed(0)} ` +
    'µs CPU each',
)

const { most } = await tell<{ most: number }>(platform)
console.log(`the platform canceled no order more than ${most} time`)
for (const { child, pool } of SUBJECTS) {
  child.removeAllListeners('exit')
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await pool.destroy()
  child.disconnect()
  await ended
}
rmSync(folder, { recursive: true, force: true })
