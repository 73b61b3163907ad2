/** kill -9 at random times under load, before a platform that resets, hangs, errs and lands late; and a naive control that must fail where the gateway does not. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, ask, clear, disagreements, isAtRest, kill, pause, type Process, recordsOf, startGateway, startNaive, startPlatform, truthOf } from './lab.ts'
import { type Fault, openProxy, type Proxy } from './proxy.ts'

const ROUNDS = Number(process.env['RESCIND_CRASH_ROUNDS'] ?? 1)
const SEED = Number(process.env['RESCIND_CRASH_SEED'] ?? 20_261_121)
const CLIENTS = 4
const KILLS = 10 * ROUNDS
const NAIVE_KILLS = 4
/** From the last request to the last verdict: leases, settle times and several turns of bad luck. */
const DRAIN_MS = 60_000
const LATE_MS = 200

const EXAMPLES = ['order_paid', 'order_open', 'order_authorized', 'order_partially-paid'] as const
const FAULTS: readonly (readonly [Fault, number])[] = [
  ['reset before', 0.08], ['reset after', 0.1], ['late', 0.12], ['error after', 0.08], ['half reply', 0.06], ['hang', 0.06],
]

/** Repeatable chance (mulberry32). */
const chance = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
}

let platform: Process
let proxy: Proxy
/** Once the last kill is done the platform recovers, so that what was accepted can come to rest. */
let calm = false
const random = chance(SEED)

beforeAll(async () => {
  platform = await startPlatform()
  proxy = await openProxy({
    target: platform.url,
    lateMs: () => random() * LATE_MS,
    choose(line) {
      if (calm) return 'none'
      // Cancels are hit hardest: half of them.
      let left = random() * (line.includes('/cancel ') ? 1 : 4)
      return FAULTS.find(([, share]) => (left -= share) < 0)?.[0] ?? 'none'
    },
  })
})
afterAll(() => {
  proxy.close()
  clear()
})

/** Load and kills at the same time; what was accepted, and the process that lives at the end. */
const storm = async (kills: number, start: () => Promise<Process>, accept: (target: Process, orderId: string) => Promise<boolean>) => {
  let target = await start()
  calm = false
  const accepted: string[] = []
  const client = async (number: number) => {
    for (let serial = 0; ; serial++) {
      if (calm) return
      const orderId = `${EXAMPLES[serial % EXAMPLES.length]}-${kills}-${number}-${serial}`
      // What was not accepted is asked for again, with the same key, until it is.
      while (!await accept(target, orderId)) await pause(20)
      accepted.push(orderId)
      await pause(60)
    }
  }
  const clients = Array.from({ length: CLIENTS }, (_, number) => client(number))
  for (let count = 0; count < kills; count++) {
    await pause(250 + random() * 750)
    await kill(target)
    target = await start()
  }
  calm = true
  await Promise.all(clients)
  return { target, accepted }
}

const isAccepted = (response: Response | null) => response !== null && response.status < 500

test('a gateway killed at random under load neither doubles, loses nor misreports a cancel', async () => {
  const store = { baseUrl: proxy.url, settings: platform.hello['settings'] as object }
  const reasonOf = (orderId: string) => (orderId.endsWith('1') ? { reason: `Because of ${orderId}` } : {})
  const { target, accepted } = await storm(KILLS, () => startGateway('soak', store), async (gateway, orderId) =>
    isAccepted(await ask(gateway, { orderId, ...reasonOf(orderId) }, 'respond-async')))

  const until = performance.now() + DRAIN_MS
  const records = new Map<string, Answer>()
  const faults: string[] = []
  for (const orderId of accepted) {
    for (;;) {
      const [record, ...more] = await recordsOf(target, orderId)
      if (more.length > 0) faults.push(`${orderId}: ${more.length + 1} records`)
      if (record) records.set(orderId, record)
      if ((record && isAtRest(record)) || performance.now() > until) break
      await pause(100)
    }
  }
  await pause(2 * LATE_MS)

  const figures = { double: 0, lost: 0, wrong: 0 }
  for (const orderId of accepted) {
    const record = records.get(orderId)
    const truth = await truthOf(platform, orderId)
    const isDouble = truth.canceled + truth.repeated > 1
    const isLost = !record || !isAtRest(record)
    const told = record && !isLost ? disagreements(record, truth) : []
    const isWrong = !isLost && (record.status !== 'succeeded' || told.length > 0)
    figures.double += isDouble ? 1 : 0
    figures.lost += isLost ? 1 : 0
    figures.wrong += isWrong ? 1 : 0
    if (isDouble || isLost || isWrong) {
      faults.push(`${orderId}: ${record?.status ?? 'no record'} (${record?.attempts.map(({ result }) => result).join(', ')}), canceled ${truth.canceled}, repeated ${truth.repeated}; ${told.join('; ')}`)
    }
  }
  await kill(target)
  const injected = [...proxy.done].filter(([fault]) => fault !== 'none').map(([fault, count]) => `${count} ${fault}`).join(', ')
  console.log(`soak (seed ${SEED}): ${KILLS} kills, ${accepted.length} accepted, faults: ${injected}: ${figures.double} double, ${figures.lost} lost, ${figures.wrong} wrong`)
  expect(faults).toEqual([])
  expect(accepted.length).toBeGreaterThan(KILLS)
}, 120_000 + ROUNDS * 60_000)

test('the same storm makes a naive gateway cancel twice: the count is not blind', async () => {
  const { secretKey } = platform.hello['settings'] as { secretKey: string }
  const { target, accepted } = await storm(NAIVE_KILLS, () => startNaive('naive', proxy.url, secretKey), async (gateway, orderId) =>
    isAccepted(await fetch(`${gateway.url}/${orderId}`, { method: 'POST' }).catch(() => null)))
  await pause(1_500)
  const truths = await Promise.all(accepted.map((orderId) => truthOf(platform, orderId)))
  await kill(target)
  const doubles = truths.filter(({ canceled, repeated }) => canceled + repeated > 1).length
  console.log(`soak, naive control (retries until 2xx): ${NAIVE_KILLS} kills, ${accepted.length} accepted: ${doubles} double`)
  expect(doubles).toBeGreaterThan(0)
}, 60_000)
