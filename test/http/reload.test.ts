/**
 * A changed configuration without a restart, on the program itself: keys that are rotated while
 * requests come in, files in every way in which they are replaced, and mistakes that change nothing.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { scratch } from '../scratch.ts'
import { hashOf } from './host.ts'
import { openProgram } from './program.ts'
import { APPLIED, configured, ERP, openReloading, openShop, REFUSED } from './reloading.ts'

const WATCHED = { timeout: 15_000 }
const gauge = (text: string, name: string) =>
  text.split('\n').find((line) => line.startsWith(`${name} `)) ?? null

it('keys are rotated under load: no request fails, a new one works at once, an old one no more', async () => {
  const { url } = await openShop()
  const callersWith = async (...keys: string[]) => {
    const config = await configured(url)
    const own = { ...config.callers[0], keyHash: await Promise.all([ERP.key, ...keys].map(hashOf)) }
    return { ...config, callers: [own] }
  }
  const { as, change } = await openReloading(await callersWith())
  const statuses = new Map<number, number>()
  const over = new AbortController()
  const stream = async () => {
    while (!over.signal.aborted) {
      const { status } = await as()('GET', '/v1/cancellations')
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  const streams = [stream(), stream(), stream()]
  for (let turn = 0; turn < 20; turn++) {
    await change(await callersWith(`rsk_turn-${turn}`))
    expect((await as(`rsk_turn-${turn}`)('GET', '/v1/stores')).status).toBe(200)
    expect((await as(`rsk_turn-${turn - 1}`)('GET', '/v1/stores')).status).toBe(401)
  }
  over.abort()
  await Promise.all(streams)
  expect([...statuses.keys()]).toEqual([200])
  expect(statuses.get(200)).toBeGreaterThan(20)
})

it('a broken file changes nothing and is told, by place and without values; once mended it runs', async () => {
  const { url } = await openShop()
  const good = await configured(url)
  const { as, write, said, program } = await openReloading(good)
  const text = async () => (await as()('GET', '/metrics')).text
  expect(gauge(await text(), 'rescind_config_current')).toBe('rescind_config_current 1')
  const secret = 'sk_canary-91'
  const broken = structuredClone(good) as any
  broken.stores[0].settings.secretKey = 17
  broken.stores[0].onDoubt = secret
  broken.callers[0].name = 'somebody'
  // Nobody is told: it is found.
  write(broken)
  await expect.poll(() => said(REFUSED).length, WATCHED).toBe(1)
  expect(said(REFUSED)[0]).toMatchObject({
    level: 'error',
    mistakes: [
      expect.stringMatching(/config\.json is not valid:$/),
      expect.stringMatching(/^stores\[0\]\.onDoubt: /),
    ],
  })
  expect(program.output()).not.toContain(secret)
  expect((await as()('GET', '/v1/stores')).status).toBe(200)
  expect(gauge(await text(), 'rescind_config_current')).toBe('rescind_config_current 0')
  expect(gauge(await text(), 'rescind_config_reloads_total{result="refused"}')).toMatch(/ 1$/)
  // Half a file is told too, and only once for as long as it stands there.
  write(JSON.stringify(good).slice(0, 90))
  await expect.poll(() => said(REFUSED).length, WATCHED).toBe(2)
  write(good)
  await expect
    .poll(async () => gauge(await text(), 'rescind_config_current'), WATCHED)
    .toBe('rescind_config_current 1')
  expect(said(REFUSED)).toHaveLength(2)
})

it('a file that is put in the place of another is found; so is one behind a symlink that is swapped', async () => {
  const { url } = await openShop()
  const folder = mkdtempSync(join(scratch, 'rescind-reload-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  /** As Kubernetes mounts it: the file leads over a folder that is swapped as a whole. */
  const release = async (name: string, callers: Parameters<typeof configured>[1]) => {
    mkdirSync(join(folder, name))
    const file = join(folder, name, 'config.json')
    writeFileSync(file, JSON.stringify(await configured(url, callers)))
    symlinkSync(name, join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  }
  await release('..1', [ERP])
  symlinkSync('..data/config.json', join(folder, 'config.json'))
  const { as, said } = await openReloading({}, { RESCIND_CONFIG: join(folder, 'config.json') })
  const second = { ...ERP, name: 'second', key: 'rsk_second' }
  const statusOf = async (key: string) => (await as(key)('GET', '/v1/stores')).status
  expect([await statusOf(ERP.key), await statusOf(second.key)]).toEqual([200, 401])
  await release('..2', [ERP, second])
  await expect.poll(() => statusOf(second.key), WATCHED).toBe(200)
  expect(said(APPLIED)).toMatchObject([{ callers: { added: ['second'] } }])

  // As an editor writes it.
  const draft = join(folder, 'config.json.new')
  writeFileSync(draft, JSON.stringify(await configured(url, [second])))
  renameSync(draft, join(folder, 'config.json'))
  await expect.poll(() => statusOf(ERP.key), WATCHED).toBe(401)
  expect(await statusOf(second.key)).toBe(200)
  expect(said(APPLIED)).toHaveLength(2)
})

it('where there is no configuration, SIGHUP ends nothing and says so', async () => {
  const program = await openProgram(null)
  onTestFinished(program.close)
  program.signal('SIGHUP')
  await expect
    .poll(() => program.lines().map(({ msg }) => msg))
    .toContain('there is no configuration to be read again')
  expect((await fetch(`${program.url}/healthz`)).status).toBe(200)
  program.signal('SIGTERM')
  expect(await program.ended).toBe(0)
})

it('what runs after a restart alone is said, and all else runs', async () => {
  const { url } = await openShop()
  const { as, change, said } = await openReloading(await configured(url))
  const second = { ...ERP, name: 'second', key: 'rsk_second' }
  await change(await configured(url, [ERP, second], { waitMs: 1 }))
  expect((await as('rsk_second')('GET', '/v1/stores')).status).toBe(200)
  expect(said('this part of the configuration is taken up by a restart alone')).toMatchObject([
    { waiting: ['timing'] },
  ])
  expect((await as()('GET', '/metrics')).text).toContain('\nrescind_config_current 0\n')
  await change(await configured(url, [ERP]))
  expect((await as()('GET', '/metrics')).text).toContain('\nrescind_config_current 1\n')
})

it('a file without callers opens nothing that asked for keys', async () => {
  const { url } = await openShop()
  const { as, change, said } = await openReloading(await configured(url))
  await change(await configured(url, []))
  expect(said(REFUSED)).toMatchObject([
    { mistakes: [expect.stringMatching(/^callers: there are none/)] },
  ])
  expect((await as('')('GET', '/v1/stores', undefined, { authorization: '' })).status).toBe(401)
  expect((await as()('GET', '/v1/stores')).status).toBe(200)
})

it('a caller has no more requests for its configuration being read again', async () => {
  const { url } = await openShop()
  const paced = { ...ERP, name: 'paced', key: 'rsk_paced', perMinute: 3 }
  const { as, change } = await openReloading(await configured(url, [ERP, paced]))
  const statusOf = async (key: string) => (await as(key)('GET', '/v1/stores')).status
  expect([await statusOf('rsk_paced'), await statusOf('rsk_paced')]).toEqual([200, 200])
  await change(await configured(url, [ERP, { ...paced, key: 'rsk_paced-2' }]))
  expect([await statusOf('rsk_paced-2'), await statusOf('rsk_paced-2')]).toEqual([200, 429])
})

it('a session of the console ends with its key', async () => {
  const { url } = await openShop()
  const config = await configured(url)
  const other = await hashOf('rsk_other')
  const callers = [{ ...config.callers[0], keyHash: [await hashOf(ERP.key), other] }]
  const { program, change } = await openReloading({ ...config, callers })
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(program.url + path, { redirect: 'manual', ...init })
  const entered = await ask('/console/login', {
    method: 'POST',
    headers: { origin: program.url },
    body: new URLSearchParams({ key: ERP.key }),
  })
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
  const page = async () => (await ask('/console/stores', { headers: { cookie } })).status
  expect(await page()).toBe(200)
  await change({ ...config, callers: [{ ...callers[0], keyHash: [other] }] })
  expect(await page()).toBe(303)
})

it('a request that is asked again with the next key of its caller is the same request', async () => {
  const { url, platform } = await openShop()
  const config = await configured(url)
  const [first, second] = [
    { name: 'laptop-2026', hash: await hashOf('rsk_2026') },
    { name: 'laptop-2027', hash: await hashOf('rsk_2027') },
  ]
  const withKeys = (...keyHash: object[]) => ({
    ...config,
    callers: [{ ...config.callers[0], keyHash }],
  })
  const { as, change } = await openReloading(withKeys(first))
  const ask = (key: string) =>
    as(key)(
      'POST',
      '/v1/cancellations',
      { store: 'paris', orderId: 'order_paid' },
      { 'idempotency-key': 'one' },
    )
  const asked = await ask('rsk_2026')
  expect(asked.status).toBe(201)
  expect(asked.body.requestedBy).toEqual({ caller: 'erp', key: 'laptop-2026' })
  await change(withKeys(second))
  const again = await ask('rsk_2027')
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
  expect(again.body).toMatchObject({
    id: asked.body.id,
    requestedBy: { caller: 'erp', key: 'laptop-2026' },
  })
  expect([...platform.cancels.values()]).toEqual([1])
})
