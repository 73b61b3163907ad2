/** Receivers that are down for long by the gateway's clock: what is owed waits, and arrives. */
import { expect, test } from 'vitest'
import { openMemoryLedger } from '../../../src/ledger/memory/memory.ts'
import { openSqliteLedger } from '../../../src/ledger/sql/sqlite.ts'
import { temporaryFile } from '../../ledger/files.ts'
import { answering, openBench, openReceiver, owedTo, START, webhookTo } from './receiver.ts'

const HOUR = 3_600_000
const SUBJECTS = 100
const LEDGERS = {
  memory: openMemoryLedger,
  sqlite: (now: () => number) => openSqliteLedger(temporaryFile(), now),
}

test.each(Object.entries(LEDGERS))(
  'down for 72 hours and back: every newest state arrives, over %s',
  async (_, open) => {
    const receiver = await openReceiver(answering(503))
    const webhook = webhookTo(receiver.url)
    const clock = { now: START }
    const ledger = open(() => clock.now)
    const { sender, pass, faults, tried } = openBench([webhook], { ledger, clock })
    const newest = new Map<string, number>()
    for (let hour = 0; hour < 72; hour += 1) {
      for (let index = hour; index < SUBJECTS; index += 10) {
        const revision = (newest.get(`can_${index}`) ?? 0) + 1
        newest.set(`can_${index}`, revision)
        await ledger.deliveries.owe([owedTo(webhook, `can_${index}`, revision, { at: clock.now })])
      }
      sender.wake([webhook.id])
      await pass(HOUR, 300_000)
    }
    const down = receiver.received.length
    // A probe each at 0, 5 s, 5 min, 30 min, 2, 5, 10, 14 and 20 hours; the first are four.
    expect([down, new Set(receiver.received.map(({ id }) => id)).size >= 9]).toEqual([12, true])
    receiver.answer = answering(204)
    await pass(25 * HOUR, 300_000)
    const { pending } = await ledger.deliveries.owedOf(webhook.id)
    expect([pending, faults]).toEqual([0, []])
    const told = new Set(receiver.received.slice(down).map(({ id }) => id))
    expect([...newest].filter(([subject, of]) => !told.has(`evt_${subject}_${of}`))).toEqual([])
    expect(receiver.received.length - down).toBe(newest.size)
    expect(tried.filter(({ outcome }) => outcome.kind === 'delivered')).toHaveLength(newest.size)
    await sender.close()
    await ledger.close()
  },
  20_000,
)

test('every try of a body has the same id and the same bytes, and a time of its own', async () => {
  const receiver = await openReceiver(answering(500))
  const webhook = webhookTo(receiver.url)
  const { ledger, pass } = openBench([webhook])
  await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
  await pass(80 * HOUR, 300_000)
  const of = (name: string) => new Set(receiver.received.map(({ headers }) => headers[name])).size
  expect(receiver.received).toHaveLength(10)
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
  expect(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(of)).toEqual([1, 10, 10])
})

test('an outage is no refusal: what was tried ten times in vain is still owed', async () => {
  const receiver = await openReceiver()
  const webhook = webhookTo(receiver.url)
  const { ledger, sender, pass, clock } = openBench([webhook])
  receiver.answer = (response, { id }) => response.writeHead(id === 'evt_can_0_1' ? 204 : 500).end()
  await ledger.deliveries.owe([owedTo(webhook, 'can_0'), owedTo(webhook, 'can_1')])
  clock.now += 1_000
  await sender.tick()
  await pass(110 * HOUR, 300_000)
  const [row] = await ledger.deliveries.of('can_1')
  expect([row?.state, (row?.tries ?? 0) > 10]).toEqual(['owed', true])
  receiver.answer = answering(204)
  await pass(24 * HOUR, 300_000)
  expect(await ledger.deliveries.of('can_1')).toMatchObject([{ state: 'delivered' }])
})

test('five days without a success switch off, and then nothing more is sent', async () => {
  const receiver = await openReceiver(answering(500))
  const webhook = webhookTo(receiver.url)
  const { ledger, pass, disabled, tried } = openBench([webhook])
  await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
  await pass(10 * 24 * HOUR, 300_000)
  expect([disabled, receiver.received.length]).toEqual([['orders'], 12])
  expect(((tried.at(-1)?.at ?? 0) - START) / HOUR).toBeGreaterThan(120)
  expect(await ledger.deliveries.health(webhook.id)).toMatchObject({ enabled: false })
  expect(await ledger.deliveries.owedOf(webhook.id)).toMatchObject({ pending: 1 })
})
