/**
 * Being told on Workers: each object tells of its own records, the front answers for all of them,
 * and who is never asked is woken to sweep.
 */
import { expect, it } from 'vitest'
import { clientOf, until } from '../http/host.ts'
import { cancel, openShops } from './shops.ts'

const open = () => openShops(['paris', 'rome'])

it('every account’s object tells of its own, and the answer about a record says so', async () => {
  const { ask, told } = await open()
  const ids = [(await cancel(ask, 'paris')).id, (await cancel(ask, 'rome')).id]
  await until(
    async () => told.length,
    (number) => number === 2,
    15_000,
  )
  expect(told.map(({ event }) => [event.type, event.data['id']]).sort()).toEqual(
    ids.map((id) => ['cancellation.succeeded', id]).sort(),
  )
  const { body } = await until(
    () => ask('GET', `/v1/cancellations/${ids[0]}`),
    ({ body }) => body.deliveries[0].state === 'delivered',
    15_000,
  )
  expect(body.deliveries).toMatchObject([{ name: 'orders', type: 'cancellation.succeeded' }])
  expect((await ask('GET', '/v1/webhooks')).body.data).toMatchObject([
    { name: 'orders', enabled: true, pending: 0, lastResult: '204' },
  ])
})

it('a receiver that was away is told when it is back, by the clock alone', async () => {
  const { ask, told, receiver } = await open()
  receiver.status = 503
  const { id } = await cancel(ask, 'paris')
  await until(
    async () => (await ask('GET', '/v1/webhooks')).body.data[0],
    (webhook) => webhook.failingSince !== null,
    15_000,
  )
  receiver.status = 204
  await until(
    async () => told.length,
    (number) => number === 1,
    25_000,
  )
  expect(told[0]?.event.data['id']).toBe(id)
})

it('a test, a replay and being switched on are asked of all; another key has none', async () => {
  const { bound, ask, told } = await open()
  expect((await ask('POST', '/v1/webhooks/orders/test')).body).toEqual({
    delivered: true,
    result: '204',
  })
  await cancel(ask, 'paris')
  await cancel(ask, 'rome')
  await until(
    async () => told.length,
    (number) => number === 3,
    15_000,
  )
  await until(
    async () => (await ask('GET', '/v1/webhooks')).body.data[0].pending,
    (pending) => pending === 0,
    15_000,
  )
  const replay = await ask('POST', '/v1/webhooks/orders/replay', { since: '2025-01-01T00:00:00Z' })
  expect(replay.body).toEqual({ owed: 2 })
  await until(
    async () => told.length,
    (number) => number === 5,
    15_000,
  )
  expect(new Set(told.map(({ id }) => id)).size).toBe(3)
  expect((await ask('POST', '/v1/webhooks/orders/enable')).body.enabled).toBe(true)
  const other = clientOf(bound.host, 'rsk_other')
  expect((await other('GET', '/v1/webhooks')).body.data).toEqual([])
  expect((await other('POST', '/v1/webhooks/orders/test')).body.code).toBe('webhook-not-found')
})

it('an account that nobody asks is woken, and finds what was canceled at its platform', async () => {
  const { ask, told, cancelThere, tick } = await open()
  await tick()
  await until(
    async () => (await ask('GET', '/v1/stores/rome')).body.notices.lastSweepAt,
    (at) => at !== null,
    15_000,
  )
  await cancelThere('rome', 'order_open')
  await ask('POST', '/v1/stores/rome/sweep', { since: new Date(Date.now() - 60_000).toISOString() })
  await tick()
  await until(
    async () => told.length,
    (number) => number === 1,
    25_000,
  )
  expect(told[0]?.event.data).toMatchObject({
    origin: 'platform',
    store: 'rome',
    orderId: 'order_open',
    alreadyCanceled: true,
  })
})
