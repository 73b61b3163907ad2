/**
 * How long cancellations take while something else goes on that they must not wait for: a flood of
 * notices, and a receiver that is slow for ever. With and without it in turns, on one gateway.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLong, report, secondsSince } from './figures.ts'
import { atEnd, kill, pause, type Process, sqlite, startPlatform } from './lab.ts'
import { callAs, notify, startLinked } from './links-lab.ts'

const ROUNDS = isLong ? 8 : 3
const ASKS = 12
/** A cancellation may take so much longer, and so many milliseconds more: a machine is busy. */
const SLOWER = { times: 3, ms: 150 }
const STORES = ['shop', 'other']

const medianOf = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

/** A receiver that answers, or that takes what it is sent and never says a word. */
const openReceiver = async () => {
  const receiver = { isSlow: false, url: '', unanswered: 0 }
  const server = createServer((request, response) => {
    request.resume()
    if (receiver.isSlow) receiver.unanswered += 1
    else response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => server.close())
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return receiver
}

let serial = 0
/** How long each of some cancellations takes, milliseconds. */
const ask = async (gateway: Process, violations: string[]): Promise<number[]> => {
  const times: number[] = []
  for (let count = 0; count < ASKS; count++) {
    const before = performance.now()
    const response = await callAs(
      gateway,
      'POST',
      '/v1/cancellations',
      { store: STORES[count % STORES.length], orderId: `order_open-waits-${serial++}` },
      { prefer: 'wait=10' },
    )
    // 202: longer than it waited, which the time says.
    if (response?.status !== 201 && response?.status !== 202)
      violations.push(`a cancel was answered ${response?.status}`)
    times.push(performance.now() - before)
  }
  return times
}

/** Times cancellations in turns, with something going on and without. */
const compare = async (
  what: string,
  gateway: Process,
  turn: (isOn: boolean) => void,
  faults: () => string,
): Promise<void> => {
  const started = performance.now()
  const violations: string[] = []
  const [calm, rough]: [number[], number[]] = [[], []]
  for (let round = 0; round < 2 * ROUNDS; round++) {
    turn(round % 2 === 1)
    await pause(200)
    ;(round % 2 === 1 ? rough : calm).push(...(await ask(gateway, violations)))
  }
  turn(false)
  const [without, beside] = [medianOf(calm), medianOf(rough)].map(Math.round) as [number, number]
  if (beside > SLOWER.times * without + SLOWER.ms)
    violations.push(`${beside} ms, ${without} ms without`)
  report({
    what,
    ledger: 'SQLite',
    gateways: 1,
    faults: faults(),
    accepted: calm.length + rough.length,
    double: null,
    lost: null,
    wrong: null,
    seconds: secondsSince(started),
    says: `median ${beside} ms, ${without} ms without, in turns`,
    violations,
  })
}

const platform = await startPlatform()
const receiver = await openReceiver()
const gateway = await startLinked({
  platform,
  ledger: sqlite('waits'),
  stores: STORES,
  url: receiver.url,
  // A call that a busy machine is late with is no doubt here.
  timing: { callTimeoutMs: 5_000 },
})

const flood = { isOn: false, notices: 0, refused: 0 }
const pour = async (): Promise<void> => {
  if (flood.isOn) {
    const answer = await notify(gateway, 'shop', `order_none-${flood.notices++}`)
    if (answer?.status !== 200) flood.refused += 1
  }
  setTimeout(() => void pour(), flood.isOn ? 0 : 10)
}
for (let stream = 0; stream < 4; stream++) void pour()
await compare(
  'cancels beside a flood of notices',
  gateway,
  (isOn) => {
    flood.isOn = isOn
  },
  () => `${flood.notices} notices of orders that are none, ${flood.refused} not taken`,
)
await compare(
  'cancels beside a receiver that is slow for ever',
  gateway,
  (isOn) => {
    receiver.isSlow = isOn
  },
  () => `${receiver.unanswered} deliveries never answered`,
)
await kill(gateway)
process.exit()
