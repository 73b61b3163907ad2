/**
 * Stores and webhooks that change while the program runs: nothing is lost, and nothing is sent to
 * another account than it was asked for.
 */
import { join } from 'node:path'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { scratch } from '../scratch.ts'
import { serve } from './node.ts'
import { APPLIED, configured, openReloading, openShop, REFUSED } from './reloading.ts'

const WATCHED = { timeout: 15_000 }
const PAID = { store: 'paris', orderId: 'order_paid' }

const secretFile = () => {
  const folder = mkdtempSync(join(scratch, 'rescind-secret-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'paris-key')
}

it('credentials in a file are rotated while a cancellation waits: it is sent with the new', async () => {
  const { url, platform, credentials } = await openShop()
  const file = secretFile()
  const config = (await configured(url)) as any
  const { secretKey } = config.stores[0].settings
  writeFileSync(file, `${secretKey}-old\n`)
  config.stores[0].settings.secretKey = { file }
  platform.mood = 'away'
  const { as, said } = await openReloading(config)
  const { status, body } = await as()('POST', '/v1/cancellations', PAID, {
    prefer: 'respond-async',
  })
  expect([status, body.status]).toEqual([202, 'accepted'])
  // The configuration is the same; what it names is not.
  writeFileSync(file, `${secretKey}\n`)
  await expect.poll(() => said(APPLIED).length, WATCHED).toBe(1)
  expect(said(APPLIED)).toMatchObject([{ stores: { changed: ['paris'] } }])
  const before = credentials.length
  platform.mood = 'well'
  const end = await as()('GET', `/v1/cancellations/${body.id}`, undefined, { prefer: 'wait=20' })
  expect(end.body.status).toBe('succeeded')
  expect([...platform.cancels.values()]).toEqual([1])
  const used = new Set(credentials.slice(before))
  expect(used.size).toBe(1)
  expect(used).not.toContain(credentials[0])
})

it('a secret that is not there any more is refused by its place; the store works on', async () => {
  const { url } = await openShop()
  const file = secretFile()
  const config = (await configured(url)) as any
  writeFileSync(file, config.stores[0].settings.secretKey)
  config.stores[0].settings.secretKey = { file }
  const { as, said, program } = await openReloading(config)
  rmSync(file)
  await expect.poll(() => said(REFUSED).length, WATCHED).toBe(1)
  expect(said(REFUSED)[0]?.['mistakes']).toEqual([
    expect.stringMatching(/ is not valid:$/),
    'stores[0].settings.secretKey: the file named here cannot be read: ENOENT',
  ])
  expect((await as()('POST', '/v1/cancellations', PAID)).status).toBe(201)
  expect(program.output()).not.toContain(file)
})

it('a store that is pointed at another account sends nothing there, of what waits and what comes', async () => {
  const [first, second] = [await openShop(), await openShop()]
  first.platform.mood = 'away'
  const { as, change, said } = await openReloading(await configured(first.url))
  const waiting = await as()('POST', '/v1/cancellations', PAID, { prefer: 'respond-async' })
  await change(await configured(second.url))
  await expect
    .poll(
      () =>
        said(
          'this store was first opened for another merchant account: nothing is sent for it (docs/operations.md, “A store that moved”)',
        ).length,
    )
    .toBe(1)
  const at = `/v1/cancellations/${waiting.body.id}`
  await expect
    .poll(async () => (await as()('GET', at)).body.status, WATCHED)
    .toBe('needs_attention')
  const next = await as()('POST', '/v1/cancellations', { ...PAID, orderId: 'order_open' })
  expect([next.status, next.body.code]).toEqual([409, 'needs-attention'])
  expect([...second.platform.cancels.keys()]).toEqual([])
  // Put back, it is what it was.
  first.platform.mood = 'well'
  await change(await configured(first.url))
  const resolved = await as()('POST', `${at}/resolve`, { as: 'retry', note: 'put back' })
  expect(resolved.status).toBe(200)
  await expect.poll(async () => (await as()('GET', at)).body.status, WATCHED).toBe('succeeded')
  expect([first, second].map(({ platform }) => platform.cancels.size)).toEqual([1, 0])
})

it('what was under way when its store was pointed elsewhere ends where it began', async () => {
  const [first, second] = [await openShop(), await openShop()]
  const { as, change } = await openReloading(await configured(first.url))
  const release = first.platform.hold()
  const asked = as()('POST', '/v1/cancellations', PAID)
  await expect.poll(() => first.platform.calls.length).toBeGreaterThan(0)
  await change(await configured(second.url))
  release()
  expect((await asked).body.status).toBe('succeeded')
  expect([first, second].map(({ platform }) => platform.cancels.size)).toEqual([1, 0])
})

it('a store is taken out and comes again: its records can be read meanwhile', async () => {
  const { url, platform } = await openShop()
  const { as, change, said } = await openReloading(await configured(url))
  const { body } = await as()('POST', '/v1/cancellations', PAID)
  await change(await configured(null))
  expect(said(APPLIED)).toMatchObject([{ stores: { removed: ['paris'] } }])
  expect((await as()('GET', `/v1/cancellations/${body.id}`)).body.status).toBe('succeeded')
  const refused = await as()('POST', '/v1/cancellations', { ...PAID, orderId: 'order_open' })
  expect([refused.status, refused.body.code]).toEqual([404, 'store-not-found'])
  await change(await configured(url))
  const again = await as()('POST', '/v1/cancellations', { ...PAID, orderId: 'order_open' })
  expect(again.status).toBe(201)
  expect(platform.cancels.size).toBe(2)
})

it('a webhook that is added is told; one that leads elsewhere is told there, and no longer here', async () => {
  const { url } = await openShop()
  const openReceiver = async () => {
    const told: string[] = []
    const { url: at, close } = await serve({
      async fetch(request) {
        told.push(((await request.json()) as { type: string }).type)
        return new Response(null, { status: 204 })
      },
    })
    onTestFinished(close)
    return { url: at, told }
  }
  const [one, two] = [await openReceiver(), await openReceiver()]
  const config = await configured(url)
  const tellingTo = (at: string) => ({
    ...config,
    callers: [
      {
        ...config.callers[0],
        webhooks: [
          {
            name: 'orders',
            url: `${at}/hooks`,
            secret: btoa('a secret of 24 bytes ...'),
            events: ['*'],
            allowPrivate: true,
          },
        ],
      },
    ],
  })
  const { as, change, said } = await openReloading(config)
  await change(tellingTo(one.url))
  expect(said(APPLIED)).toMatchObject([{ webhooks: { added: ['erp/orders'] } }])
  await as()('POST', '/v1/cancellations', PAID)
  await expect.poll(() => one.told, WATCHED).toEqual(['cancellation.succeeded'])
  await change(tellingTo(two.url))
  await as()('POST', '/v1/cancellations', { ...PAID, orderId: 'order_open' })
  await expect.poll(() => two.told, WATCHED).toEqual(['cancellation.succeeded'])
  expect(one.told).toHaveLength(1)
  await change(config)
  expect((await as()('GET', '/v1/webhooks')).body.data).toEqual([])
})
