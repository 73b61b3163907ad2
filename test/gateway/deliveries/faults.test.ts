/** The sender when something fails around it: the ledger, another process, its own end. */
import { expect, test } from 'vitest'
import { openMemoryLedger } from '../../../src/ledger/memory/memory.ts'
import type { DeliveryLedger, FullLedger } from '../../../src/ledger/port.ts'
import { openSqliteLedger } from '../../../src/ledger/sql/sqlite.ts'
import { newHealth } from '../../../src/model/delivery.ts'
import { temporaryFile } from '../../ledger/files.ts'
import { answering, openBench, openReceiver, owedTo, START, until, webhookTo } from './receiver.ts'

const many = (count: number) => Array.from({ length: count }, (_, index) => `can_${index}`)
const later = (ms: number) => (response: { writeHead: (status: number) => { end(): void } }) => {
  setTimeout(() => response.writeHead(204).end(), ms)
}

/** A ledger of which one method rejects as often as is said. */
const failing = (now: () => number, method: keyof DeliveryLedger, times: number) => {
  const ledger = openMemoryLedger(now)
  let left = times
  let holds = 0
  const deliveries = new Proxy(ledger.deliveries, {
    get: (target, name: keyof DeliveryLedger) =>
      name === method && left > 0
        ? async () => {
            left -= 1
            throw new Error(`no ${method}`)
          }
        : target[name],
  })
  const hold: FullLedger['hold'] = (...given) => {
    holds += 1
    return ledger.hold(...given)
  }
  return { ledger: { ...ledger, deliveries, hold }, holds: () => holds }
}

test('a fault of the ledger waits for the other tries, is told, and nothing is lost', async () => {
  const clock = { now: START }
  const { ledger, holds } = failing(() => clock.now, 'settle', 1)
  const receiver = await openReceiver((response, { id }) =>
    later(id === 'evt_can_0_1' ? 0 : 60)(response),
  )
  const webhook = webhookTo(receiver.url)
  const { sender, pass, faults } = openBench([webhook], { ledger, clock })
  await ledger.deliveries.owe(many(4).map((subject) => owedTo(webhook, subject)))
  await sender.tick()
  // What ended is written down, though one could not be.
  expect(faults).toMatchObject([{ message: 'no settle' }])
  expect(await ledger.deliveries.owedOf(webhook.id)).toMatchObject({ pending: 1 })
  expect([receiver.received.length, holds()]).toEqual([4, 1])
  await pass(30_000, 250)
  expect(await ledger.deliveries.owedOf(webhook.id)).toMatchObject({ pending: 0 })
  expect([receiver.received.length, holds()]).toEqual([5, 2])
})

test.each(['next', 'health', 'saveHealth'] as const)(
  'a ledger whose %s rejects for a minute is asked at the clock’s pace',
  async (method) => {
    const clock = { now: START }
    const { ledger, holds } = failing(() => clock.now, method, 2)
    const receiver = await openReceiver()
    const webhook = webhookTo(receiver.url)
    const { pass, faults } = openBench([webhook], { ledger, clock })
    await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
    await pass(60_000, 250)
    expect(await ledger.deliveries.of('can_1')).toMatchObject([{ state: 'delivered' }])
    expect([faults.length > 0, holds() <= 3]).toEqual([true, true])
  },
)

test('that a webhook is off is told though the ledger failed at first', async () => {
  const clock = { now: START }
  const { ledger } = failing(() => clock.now, 'owe', 0)
  const broken = failing(() => clock.now, 'owe', 1).ledger
  const gone = await openReceiver(answering(410))
  const other = await openReceiver()
  const off = webhookTo(gone.url)
  await ledger.deliveries.owe([owedTo(off, 'can_1')])
  const { owe } = broken.deliveries
  const deliveries = new Proxy(ledger.deliveries, {
    get: (target, name: keyof DeliveryLedger) =>
      name === 'owe'
        ? (...given: Parameters<typeof owe>) =>
            broken.deliveries.owe(...given).then(() => target.owe(...given))
        : target[name],
  })
  const { pass, disabled, faults } = openBench([off, webhookTo(other.url, { name: 'alarm' })], {
    ledger: { ...ledger, deliveries },
    clock,
  })
  await pass(60_000, 1_000)
  expect([faults.length, disabled]).toEqual([1, ['orders']])
  expect(other.received.map(({ body }) => JSON.parse(body).type)).toEqual(['webhook.disabled'])
})

test('a webhook that is switched on while its last try fails stays on', async () => {
  const receiver = await openReceiver()
  const webhook = webhookTo(receiver.url)
  const { ledger, sender, disabled } = openBench([webhook])
  receiver.answer = async (response) => {
    receiver.answer = answering(204)
    await ledger.deliveries.saveHealth(webhook.id, newHealth(webhook.url))
    response.writeHead(410).end()
  }
  await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
  await sender.tick()
  expect([receiver.received.length, disabled]).toEqual([2, []])
  expect(await ledger.deliveries.health(webhook.id)).toMatchObject({ enabled: true, failures: 0 })
})

test('closing begins nothing more, and waits for what is under way', async () => {
  const receiver = await openReceiver(later(100))
  const webhook = webhookTo(receiver.url)
  const { ledger, sender, tried } = openBench([webhook])
  await ledger.deliveries.owe(many(100).map((subject) => owedTo(webhook, subject)))
  sender.wake([webhook.id])
  await until(() => receiver.received.length === 4)
  await sender.close()
  expect(tried).toHaveLength(4)
  expect(await ledger.deliveries.owedOf(webhook.id)).toMatchObject({ pending: 96 })
  // Its lease is given back: another process goes on at once.
  expect(await ledger.hold(`webhook:${webhook.id}`, 1_000)).not.toBeNull()
  sender.wake([webhook.id])
  await sender.tick()
  expect(receiver.received).toHaveLength(4)
})

test('no try begins that the lease may not outlast', async () => {
  const clock = { now: START }
  const inner = openMemoryLedger(() => clock.now)
  let heldAt = 0
  const ages: number[] = []
  const hold: FullLedger['hold'] = async (...given) => {
    const lease = await inner.hold(...given)
    heldAt = clock.now
    return lease
  }
  const receiver = await openReceiver((response) => {
    ages.push(clock.now - heldAt)
    // Four side by side take 14 seconds.
    clock.now += 3_500
    response.writeHead(204).end()
  })
  const webhook = webhookTo(receiver.url)
  const { ledger, sender } = openBench([webhook], { ledger: { ...inner, hold }, clock })
  await ledger.deliveries.owe(many(40).map((subject) => owedTo(webhook, subject)))
  await sender.tick()
  expect(ages).toHaveLength(40)
  expect(Math.max(...ages.filter((_, index) => index % 4 === 0))).toBeLessThanOrEqual(40_000)
})

const LEDGERS = {
  memory: (now: () => number) => {
    const ledger = openMemoryLedger(now)
    return [ledger, ledger] as const
  },
  sqlite: (now: () => number) => {
    const path = temporaryFile()
    return [openSqliteLedger(path, now), openSqliteLedger(path, now)] as const
  },
}
test.each(Object.entries(LEDGERS))(
  'of two senders on one ledger one sends: each row once, none lost, over %s',
  async (_, open) => {
    const clock = { now: START }
    const receiver = await openReceiver(later(1))
    const webhook = webhookTo(receiver.url)
    const handles = open(() => clock.now)
    const senders = handles.map((ledger) => openBench([webhook], { ledger, clock }))
    for (let index = 0; index < 100; index += 1) {
      const at = index % 2
      await handles[at]!.deliveries.owe([owedTo(webhook, `can_${index}`)])
      senders[at]!.sender.wake([webhook.id])
    }
    // Whoever was turned away comes back by itself.
    for (let turn = 0; turn < 3; turn += 1) {
      await Promise.all(senders.map(({ sender }) => sender.tick()))
      clock.now += 1_000
    }
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(100)
    expect([receiver.received.length, receiver.most() <= 4]).toEqual([100, true])
    for (const { sender, faults } of senders) {
      await sender.close()
      expect(faults).toEqual([])
    }
    for (const ledger of new Set(handles)) await ledger.close()
  },
)

test('what another process did not see before it let go goes out a second later', async () => {
  const receiver = await openReceiver()
  const webhook = webhookTo(receiver.url)
  const { ledger, sender, clock } = openBench([webhook])
  const lease = await ledger.hold(`webhook:${webhook.id}`, 60_000)
  await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
  sender.wake([webhook.id])
  await sender.tick()
  await ledger.release(lease!)
  clock.now += 1_000
  await sender.tick()
  expect(receiver.received).toHaveLength(1)
})

test('what a process that died was sending goes out when its lease is over', async () => {
  const receiver = await openReceiver()
  const webhook = webhookTo(receiver.url)
  const { ledger, pass } = openBench([webhook])
  await ledger.hold(`webhook:${webhook.id}`, 60_000)
  await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
  await pass(59_000, 250)
  expect(receiver.received).toHaveLength(0)
  await pass(2_000, 250)
  expect(receiver.received).toHaveLength(1)
})
