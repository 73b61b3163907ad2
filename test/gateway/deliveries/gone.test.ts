/** What becomes of webhooks whose name is gone from the configuration. */
import { expect, test } from 'vitest'
import { forgetGone, GONE_LIFE_MS } from '../../../src/gateway/deliveries/gone.ts'
import { openMemoryLedger } from '../../../src/ledger/memory/memory.ts'
import { newHealth } from '../../../src/model/delivery.ts'
import { openBench, openReceiver, owedTo, START, webhookTo } from './receiver.ts'

const DAY = 86_400_000
const URL = 'https://erp.example.com/hooks'

const open = () => {
  const clock = { now: START }
  const { deliveries } = openMemoryLedger(() => clock.now)
  const [kept, gone] = [webhookTo(URL, { name: 'kept' }), webhookTo(URL, { name: 'gone' })]
  const look = (...webhooks: (typeof kept)[]) =>
    forgetGone({ deliveries, webhooks, now: () => clock.now })
  const pendingOf = async ({ id }: typeof kept) => (await deliveries.owedOf(id)).pending
  return { clock, deliveries, kept, gone, look, pendingOf }
}

test('they are kept for thirty days, and then forgotten; others are not', async () => {
  const { clock, deliveries, kept, gone, look, pendingOf } = open()
  await deliveries.owe([owedTo(kept, 'can_1'), owedTo(gone, 'can_1')])
  await look(kept, gone)
  expect(await deliveries.health(gone.id)).toBeNull()
  clock.now += 40 * DAY
  // Gone since the first look that missed it, not since it was last owed something.
  await look(kept)
  clock.now += GONE_LIFE_MS - 1
  await look(kept)
  expect([await pendingOf(gone), await pendingOf(kept)]).toEqual([1, 1])
  clock.now += 1
  await look(kept)
  expect([await pendingOf(gone), await pendingOf(kept)]).toEqual([0, 1])
  expect(await deliveries.webhooks()).toEqual([kept.id])
})

test('one that comes back begins anew, and is told what it was owed', async () => {
  const receiver = await openReceiver()
  const webhook = webhookTo(receiver.url)
  const { ledger, clock, sender } = openBench([webhook])
  const { deliveries } = ledger
  const look = (...webhooks: (typeof webhook)[]) =>
    forgetGone({ deliveries, webhooks, now: () => clock.now })
  await deliveries.saveHealth(webhook.id, { ...newHealth(webhook.url), lastResult: '204' })
  await deliveries.owe([owedTo(webhook, 'can_1')])
  await look()
  clock.now += 29 * DAY
  await look(webhook)
  await sender.tick()
  expect(receiver.received.map(({ id }) => id)).toEqual(['evt_can_1_1'])
  await look()
  clock.now += 29 * DAY
  await look()
  expect(await deliveries.webhooks()).toEqual([webhook.id])
  expect(await deliveries.health(webhook.id)).toMatchObject({ lastResult: '204' })
})

test('one that was told, and is owed nothing, goes too', async () => {
  const { clock, deliveries, gone, look } = open()
  await deliveries.saveHealth(gone.id, newHealth(gone.url))
  await look()
  clock.now += GONE_LIFE_MS
  await look()
  expect(await deliveries.webhooks()).toEqual([])
})

test('two processes of different configurations forget nothing that one of them has', async () => {
  const { clock, deliveries, gone, look, pendingOf } = open()
  await deliveries.owe([owedTo(gone, 'can_1')])
  for (let day = 0; day < 90; day++) {
    await look(gone)
    await look()
    clock.now += DAY
  }
  await look(gone)
  expect(await pendingOf(gone)).toBe(1)
})
