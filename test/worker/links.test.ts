/** Links on Workers: one object drives them, and records stay where their stores' ledgers are. */
import { expect, it } from 'vitest'
import { until } from '../http/host.ts'
import { openShops } from './shops.ts'

const SHOPS = ['erp', 'paris', 'rome']
type Shops = Awaited<ReturnType<typeof openShops>>

/** An order of each shop, in three stages. */
const openLinked = async (follow: 'tell' | 'cancel' = 'tell', orderId = 'order_open') => {
  const shops = await openShops(SHOPS)
  const members = SHOPS.map((store, index) => ({ store, orderId, stage: index + 1 }))
  const { status, body } = await shops.ask('PUT', '/v1/links/SO-1', { members, follow })
  expect([status, body.status, body.members.length]).toEqual([201, 'open', 3])
  return shops
}

const cancels = ({ platforms }: Shops) =>
  SHOPS.map((shop) => [...(platforms.get(shop)?.cancels.values() ?? [])])
const cameTo = ({ ask }: Shops, wanted: string, ms = 20_000) =>
  until(
    async () => (await ask('GET', '/v1/links/SO-1')).body.status as string,
    (status) => status === wanted,
    ms,
  )

it('all are canceled, stage by stage, each once, and whoever asked waits for all of them', async () => {
  const shops = await openLinked()
  const { status, body } = await shops.ask(
    'POST',
    '/v1/cancellations',
    { store: 'paris', orderId: 'order_open', reference: 'SO-1' },
    { prefer: 'wait=20' },
  )
  expect([status, body.status, body.link]).toEqual([
    201,
    'succeeded',
    { name: 'SO-1', status: 'canceled' },
  ])
  expect(cancels(shops)).toEqual([[1], [1], [1]])
  const { data } = (await shops.ask('GET', '/v1/cancellations?link=SO-1&order=asc')).body
  expect(
    data
      .filter(({ origin }: { origin: string }) => origin === 'link')
      .map(({ store, causedBy }: { store: string; causedBy: string }) => [store, causedBy])
      .sort(),
  ).toEqual([
    ['erp', body.id],
    ['rome', body.id],
  ])
  await until(
    async () => shops.told.filter(({ event }) => event.type === 'link.canceled').length,
    (count) => count === 1,
    15_000,
  )
  expect(shops.told.filter(({ event }) => event.type === 'link.canceled')).toHaveLength(1)
})

it('one that cannot be canceled, and nothing is sent to any', async () => {
  const shops = await openShops(SHOPS)
  const members = SHOPS.map((store, index) => ({
    store,
    orderId: store === 'rome' ? 'order_fulfilled' : 'order_open',
    stage: index + 1,
  }))
  expect((await shops.ask('PUT', '/v1/links/SO-1', { members })).status).toBe(201)
  const { status, body } = await shops.ask(
    'POST',
    '/v1/cancellations',
    { store: 'erp', orderId: 'order_open' },
    { prefer: 'wait=20' },
  )
  expect([status, body.code, body.cause]).toEqual([409, 'order-not-cancelable', 'linked_refused'])
  expect(cancels(shops)).toEqual([[], [], []])
  expect(await cameTo(shops, 'open')).toBe('open')
})

it('canceled in one shop’s own admin, the others follow where told to', async () => {
  const shops = await openLinked('cancel')
  // The order's own time of cancel is after the link was put.
  await new Promise((resolve) => {
    setTimeout(resolve, 1_100)
  })
  await shops.cancelThere('paris', 'order_open')
  const since = new Date(Date.now() - 60_000).toISOString()
  await shops.ask('POST', '/v1/stores/paris/sweep', { since })
  await shops.tick()
  expect(await cameTo(shops, 'canceled')).toBe('canceled')
  expect(cancels(shops)).toEqual([[1], [1], [1]])
})

it('withdrawn before anything is sent takes back all', async () => {
  const shops = await openLinked()
  // Their reads fail, so that everybody is waited for.
  for (const platform of shops.platforms.values())
    Object.assign(platform, { fetch: async () => new Response('busy', { status: 503 }) })
  const { body } = await shops.ask(
    'POST',
    '/v1/cancellations',
    { store: 'erp', orderId: 'order_open' },
    { prefer: 'respond-async' },
  )
  expect(body).toMatchObject({ status: 'accepted', waitingFor: 'link' })
  const withdrawn = await shops.ask('POST', `/v1/cancellations/${body.id}/withdraw`)
  expect([withdrawn.status, withdrawn.body.problem.cause]).toEqual([200, 'withdrawn'])
  expect(await cameTo(shops, 'open')).toBe('open')
})
