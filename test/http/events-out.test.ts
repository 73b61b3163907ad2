/**
 * From a cancel to whoever listens: the program with a webhook, its receiver down at first, a stop
 * in between, and the event that arrives in the end, as others verify it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { expect, it, onTestFinished } from 'vitest'
import { createSandbox } from '../../adapters/medusa/sandbox/index.ts'
import { start, type Started } from '../../src/hosts/node/index.ts'
import { clientOf, hashOf, ORIGIN } from './host.ts'
import { serve } from './node.ts'

const SECRET = btoa('a secret of 24 bytes ...')
const KEY = 'rsk_listener'
const asking = ({ url }: Started, key = KEY) =>
  clientOf(
    { fetch: (request) => fetch(new Request(request.url.replace(ORIGIN, url), request)) },
    key,
  )

interface Told {
  readonly id: string | null
  readonly event: { readonly type: string; readonly data: Record<string, unknown> }
}

/** A receiver that can be away, and verifies what it takes. */
const openReceiver = async () => {
  const told: Told[] = []
  const state = { status: 200 }
  const { url, close } = await serve({
    fetch: async (request) => {
      const body = await request.text()
      if (state.status !== 200) return new Response('away', { status: state.status })
      const event = new Webhook(SECRET).verify(body, Object.fromEntries(request.headers))
      told.push({ id: request.headers.get('webhook-id'), event: event as Told['event'] })
      return new Response(null, { status: 204 })
    },
  })
  onTestFinished(close)
  return { url, told, state }
}

interface Listener {
  readonly name: string
  readonly key: string
  readonly stores: readonly string[]
  /** Where it is told. */
  readonly receiver: string
  /** What it asks somebody else must approve. */
  readonly approval?: 'required'
}

const listenerOf = (receiver: string): Listener => ({
  name: 'erp',
  key: KEY,
  stores: ['*'],
  receiver,
})

const toCaller = async ({ name, key, stores, receiver, approval }: Listener) => ({
  name,
  keyHash: [await hashOf(key)],
  scopes: ['cancel', 'read', 'approve'],
  stores,
  approval,
  webhooks: [
    {
      name: 'orders',
      url: `${receiver}/hooks`,
      secret: { env: 'HOOK_SECRET' },
      events: ['*'],
      allowPrivate: true,
    },
  ],
})

const openShop = async (...listeners: readonly Listener[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'rescind-events-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const sandbox = createSandbox()
  const shop = await serve(sandbox.app)
  onTestFinished(shop.close)
  const { secretKey } = sandbox.settings
  const config = {
    stores: [
      { id: 'paris', platform: 'medusa', test: true, settings: { baseUrl: shop.url, secretKey } },
    ],
    callers: await Promise.all(listeners.map(toCaller)),
  }
  const file = join(folder, 'config.json')
  writeFileSync(file, JSON.stringify(config))
  const open = (): Promise<Started> =>
    start({
      PORT: '0',
      LOG_LEVEL: 'silent',
      HOOK_SECRET: SECRET,
      RESCIND_CONFIG: file,
      RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}`,
    })
  return { open }
}

it('what was canceled is told, also where nobody listened and it was stopped', async () => {
  const receiver = await openReceiver()
  const { open } = await openShop(listenerOf(receiver.url))
  receiver.state.status = 503
  const first = await open()
  const ask = asking(first)
  const { body } = await ask('POST', '/v1/cancellations', { store: 'paris', orderId: 'order_paid' })
  expect(body).toMatchObject({ status: 'succeeded', revision: 1 })
  const path = `/v1/cancellations/${body.id}`
  await expect
    .poll(async () => (await ask('GET', path)).body.deliveries)
    .toMatchObject([{ name: 'orders', state: 'owed', lastResult: '503' }])
  await first.close()
  expect(receiver.told).toEqual([])

  receiver.state.status = 200
  const second = await open()
  onTestFinished(() => second.close())
  await expect
    .poll(() => receiver.told, { timeout: 30_000 })
    .toMatchObject([
      {
        id: `evt_${body.id}_1`,
        event: {
          type: 'cancellation.succeeded',
          data: {
            id: body.id,
            revision: 1,
            status: 'succeeded',
            store: 'paris',
            orderId: 'order_paid',
          },
        },
      },
    ])
  const again = asking(second)
  expect((await again('GET', path)).body.deliveries).toMatchObject([{ state: 'delivered' }])
  expect((await again('GET', '/v1/webhooks')).body.data).toMatchObject([
    { name: 'orders', enabled: true, pending: 0, failingSince: null },
  ])
  expect(JSON.stringify(receiver.told)).not.toMatch(/@|Ada|51\.39/)
})

it('the end of a batch is told to its caller, and to who reaches every store', async () => {
  const [erp, admin, other] = [await openReceiver(), await openReceiver(), await openReceiver()]
  const { open } = await openShop(
    { name: 'erp', key: KEY, stores: ['paris'], receiver: erp.url },
    { name: 'admin', key: 'rsk_admin', stores: ['*'], receiver: admin.url },
    { name: 'other', key: 'rsk_other', stores: ['paris'], receiver: other.url },
  )
  const gateway = await open()
  onTestFinished(() => gateway.close())
  const { status, body } = await asking(gateway)('POST', '/v1/batches', {
    items: [
      { store: 'paris', orderId: 'order_paid' },
      { store: 'paris', orderId: 'order_shipped' },
    ],
  })
  expect(status).toBe(202)
  const endsOf = ({ told }: { readonly told: readonly Told[] }) =>
    told.filter(({ event }) => event.type === 'batch.finished')
  const end = {
    id: `evt_${body.id}_1`,
    event: {
      type: 'batch.finished',
      timestamp: expect.stringMatching(/Z$/),
      data: {
        id: body.id,
        revision: 1,
        status: 'finished',
        total: 2,
        url: `/v1/batches/${body.id}`,
      },
    },
  }
  await expect.poll(() => endsOf(erp), { timeout: 30_000 }).toEqual([end])
  await expect.poll(() => endsOf(admin), { timeout: 30_000 }).toEqual([end])
  // Both of its cancellations may be known to it, the batch may not.
  await expect.poll(() => other.told.length, { timeout: 30_000 }).toBe(2)
  expect(endsOf(other)).toEqual([])
  const seen = await asking(gateway)('GET', `/v1/batches/${body.id}`)
  expect(seen.body).toMatchObject({ status: 'finished', finishedAt: expect.any(String) })
})

it('what waits for approval is told, thinly, and survives a restart until it is given', async () => {
  const boss = await openReceiver()
  const { open } = await openShop(
    { name: 'erp', key: KEY, stores: ['paris'], receiver: boss.url, approval: 'required' },
    { name: 'boss', key: 'rsk_boss', stores: ['*'], receiver: boss.url },
  )
  const first = await open()
  const asked = { store: 'paris', orderId: 'order_paid', reason: 'Ada ordered twice' }
  const { status, body } = await asking(first)('POST', '/v1/cancellations', asked)
  expect([status, body.approval.state]).toEqual([202, 'awaited'])
  const told = (type: string) =>
    boss.told.filter(({ event }) => event.type === `cancellation.${type}`)
  // To who asked, and to who may approve it.
  await expect.poll(() => told('approval_awaited').length, { timeout: 30_000 }).toBe(2)
  expect(told('approval_awaited')[0]).toMatchObject({
    id: `evt_${body.id}_1`,
    event: { data: { id: body.id, revision: 1, status: 'accepted', problem: null } },
  })
  await first.close()
  const second = await open()
  onTestFinished(() => second.close())
  const approve = asking(second, 'rsk_boss')
  const given = await approve('POST', `/v1/cancellations/${body.id}/approve`, { note: 'ask Ada' })
  expect(given.status).toBe(200)
  await expect.poll(() => told('succeeded').length, { timeout: 30_000 }).toBe(2)
  expect(told('succeeded')[0]?.id).toBe(`evt_${body.id}_2`)
  expect(JSON.stringify(boss.told)).not.toMatch(/@|Ada|51\.39/)
})
