/** What the sender does with each kind of receiver, over real HTTP. */
import { expect, test } from 'vitest'
import { newHealth } from '../../../src/model/delivery.ts'
import {
  answering,
  openBench,
  openReceiver,
  owedTo,
  type Receiver,
  START,
  until,
  webhookTo,
} from './receiver.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const many = (count: number) => Array.from({ length: count }, (_, index) => `can_${index}`)
const idsOf = ({ received }: Receiver) => received.map(({ id }) => id)

test('all that is owed goes out, each once, four at a time', async () => {
  const receiver = await openReceiver((response) => {
    setTimeout(() => response.writeHead(204).end(), 20)
  })
  const webhook = webhookTo(receiver.url)
  const { ledger, sender, faults } = openBench([webhook])
  await ledger.deliveries.owe(many(22).map((subject) => owedTo(webhook, subject)))
  await sender.tick()
  expect(idsOf(receiver).toSorted()).toEqual(
    many(22)
      .map((subject) => `evt_${subject}_1`)
      .toSorted(),
  )
  expect(receiver.most()).toBe(4)
  expect(await ledger.deliveries.owedOf(webhook.id)).toMatchObject({ pending: 0 })
  expect(await ledger.deliveries.health(webhook.id)).toMatchObject({
    failures: 0,
    lastSuccessAt: START,
    lastResult: '204',
  })
  expect(faults).toEqual([])
})

test('a receiver that is slow for ever holds up no other, nor what is due later', async () => {
  const slow = await openReceiver(() => undefined)
  const well = await openReceiver()
  const limping = await openReceiver(answering(500))
  const webhooks = [slow, well, limping].map(({ url }, index) =>
    webhookTo(url, { name: `to-${index}` }),
  )
  const { ledger, sender, clock } = openBench(webhooks)
  await ledger.deliveries.owe(
    webhooks.flatMap((webhook) => many(20).map((subject) => owedTo(webhook, subject))),
  )
  // As a clock does, which waits for nothing.
  void sender.tick()
  await until(() => slow.received.length === 4 && well.received.length === 20)
  await until(() => limping.received.length === 4)
  limping.answer = answering(204)
  clock.now += 6_000
  await until(() => {
    void sender.tick()
    return new Set(idsOf(limping)).size === 20
  })
  await ledger.deliveries.owe([owedTo(webhooks[1]!, 'can_late')])
  sender.wake([webhooks[1]!.id])
  await until(() => well.received.length === 21)
  // However often the clock asks, one promise waits.
  expect(sender.tick()).toBe(sender.tick())
  expect([slow.received.length, slow.most()]).toEqual([4, 4])
  slow.cut()
})

test('410 switches off, the caller’s others are told at once, what is owed is kept', async () => {
  const gone = await openReceiver(answering(410))
  const other = await openReceiver()
  const [off, alarm] = [gone, other].map(({ url }, index) =>
    webhookTo(url, { name: ['orders', 'alarm'][index] as string }),
  ) as [ReturnType<typeof webhookTo>, ReturnType<typeof webhookTo>]
  const { ledger, sender, pass, disabled, clock } = openBench([off, alarm])
  await ledger.deliveries.owe(many(9).map((subject) => owedTo(off, subject)))
  await sender.tick()
  expect([gone.received.length, disabled]).toEqual([4, ['orders']])
  expect(other.received.map(({ body }) => JSON.parse(body).type)).toEqual(['webhook.disabled'])
  await pass(48 * HOUR)
  await ledger.deliveries.owe([owedTo(off, 'can_0', 2)])
  sender.wake([off.id])
  await sender.tick()
  expect(gone.received).toHaveLength(4)
  expect(await ledger.deliveries.owedOf(off.id)).toMatchObject({ pending: 9 })

  gone.answer = answering(200)
  const { version } = (await ledger.deliveries.health(off.id))!
  await ledger.deliveries.saveHealth(off.id, { ...newHealth(off.url), version })
  sender.wake([off.id])
  await sender.tick()
  expect(gone.received).toHaveLength(13)
  expect(await ledger.deliveries.owedOf(off.id)).toMatchObject({ pending: 0 })
  expect(clock.now).toBe(START + 48 * HOUR)
})

test('a changed url switches on', async () => {
  const gone = await openReceiver(answering(410))
  const first = openBench([webhookTo(gone.url)])
  await first.ledger.deliveries.owe(many(3).map((subject) => owedTo(webhookTo(gone.url), subject)))
  await first.sender.tick()
  const moved = await openReceiver()
  const second = openBench([webhookTo(moved.url)], { ledger: first.ledger })
  await second.sender.tick()
  expect([gone.received.length, moved.received.length]).toEqual([3, 3])
})

test('Retry-After is waited for, an hour and more too', async () => {
  const receiver = await openReceiver(answering(503, { 'retry-after': String(3 * 3_600) }))
  const webhook = webhookTo(receiver.url)
  const { ledger, pass } = openBench([webhook])
  await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
  await pass(3 * HOUR - MINUTE)
  expect(receiver.received).toHaveLength(1)
  receiver.answer = answering(204)
  await pass(MINUTE)
  expect(receiver.received).toHaveLength(2)
})

test('a newer event replaces what is not delivered', async () => {
  const receiver = await openReceiver(answering(500))
  const webhook = webhookTo(receiver.url)
  const { ledger, pass } = openBench([webhook])
  await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
  await pass(0)
  await ledger.deliveries.owe([owedTo(webhook, 'can_1', 2)])
  receiver.answer = answering(204)
  await pass(MINUTE)
  expect(idsOf(receiver)).toEqual(['evt_can_1_1', 'evt_can_1_2'])
})

test('a newer event that comes while the older is on its way is told too', async () => {
  const receiver = await openReceiver()
  const webhook = webhookTo(receiver.url)
  const { ledger, sender } = openBench([webhook])
  receiver.answer = async (response) => {
    receiver.answer = answering(204)
    await ledger.deliveries.owe([owedTo(webhook, 'can_1', 2)])
    sender.wake([webhook.id])
    response.writeHead(204).end()
  }
  await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
  await sender.tick()
  expect(idsOf(receiver)).toEqual(['evt_can_1_1', 'evt_can_1_2'])
  expect(await ledger.deliveries.of('can_1')).toMatchObject([{ revision: 2, state: 'delivered' }])
})

test('a message that the receiver gives up is not sent again, and the others pass', async () => {
  const receiver = await openReceiver((response, { id }) =>
    id === 'evt_can_3_1'
      ? answering(400, { 'webhook-delivery': 'abort-message' })(response, receiver.received[0]!)
      : answering(204)(response, receiver.received[0]!),
  )
  const webhook = webhookTo(receiver.url)
  const { ledger, pass } = openBench([webhook])
  await ledger.deliveries.owe(many(6).map((subject) => owedTo(webhook, subject)))
  await pass(48 * HOUR)
  expect(receiver.received).toHaveLength(6)
  expect(await ledger.deliveries.of('can_3')).toMatchObject([
    { state: 'failed', lastResult: '400' },
  ])
})

test('what nobody woke is found within half a minute, nothing is asked in between', async () => {
  const receiver = await openReceiver()
  const webhook = webhookTo(receiver.url)
  const { ledger, sender, clock } = openBench([webhook])
  await sender.tick()
  await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
  clock.now += 29_999
  await sender.tick()
  expect(receiver.received).toHaveLength(0)
  clock.now += 1
  await sender.tick()
  expect(receiver.received).toHaveLength(1)
})

test('a row refused beside others that pass delays them little, is given up late', async () => {
  const receiver = await openReceiver((response, { id }) =>
    response.writeHead(id === 'evt_poison_1' ? 422 : 204).end(),
  )
  const webhook = webhookTo(receiver.url)
  const { ledger, sender, pass, clock, tried } = openBench([webhook])
  await ledger.deliveries.owe([owedTo(webhook, 'poison')])
  const owedAt = new Map<string, number>()
  for (let index = 0; clock.now < START + 100 * HOUR; index += 1) {
    owedAt.set(`can_${index}`, clock.now)
    await ledger.deliveries.owe([owedTo(webhook, `can_${index}`, 1, { at: clock.now })])
    sender.wake([webhook.id])
    await pass(10 * MINUTE, 5_000)
  }
  const [poison] = await ledger.deliveries.of('poison')
  expect(poison).toMatchObject({ state: 'failed', tries: 10, lastResult: '422' })
  expect(poison?.triedAt).toBeGreaterThan(START + 48 * HOUR)
  expect(await ledger.deliveries.owedOf(webhook.id)).toMatchObject({ pending: 0 })
  const delays = tried
    .filter(({ outcome }) => outcome.kind === 'delivered')
    .map(({ subject, at }) => at - (owedAt.get(subject) as number))
  expect(delays).toHaveLength(600)
  expect(Math.max(...delays)).toBeLessThanOrEqual(5_000)
  expect(delays.filter((delay) => delay === 0).length).toBeGreaterThan(590)
})
