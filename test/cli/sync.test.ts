/** `rescind links | webhooks | sweep`, and a cancel of a linked order, against a real gateway. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type Started } from '../../src/hosts/node/index.ts'
import { hashOf } from '../http/host.ts'
import { serve, type Served } from '../http/node.ts'
import { openPlatform, settings } from '../http/platform.ts'
import { scratch } from '../scratch.ts'
import { hasScript, jsonLines, run, runOnTerminal } from './bin.ts'

const KEYS = { erp: 'rsk_canary-of-erp', shop: 'rsk_canary-of-shop' }

let gateway: Started
let receiver: Served
let shops: Served[]
let folder: string
const told: string[] = []
let answer = 204

beforeAll(async () => {
  folder = mkdtempSync(join(scratch, 'rescind-sync-'))
  receiver = await serve({
    fetch: async (request) => {
      told.push(((await request.json()) as { type: string }).type)
      return new Response(null, { status: answer })
    },
  })
  shops = await Promise.all([serve(openPlatform()), serve(openPlatform())])
  const store = (id: string, index: number, sweep: object | false) => ({
    id,
    platform: 'medusa',
    test: true,
    sweep,
    settings: settings(shops[index]?.url ?? ''),
  })
  const scopes = ['cancel', 'read', 'operate']
  const webhook = {
    name: 'orders',
    url: receiver.url,
    secret: Buffer.alloc(24, 1).toString('base64'),
    events: ['*'],
    allowHttp: true,
    allowPrivate: true,
  }
  const config = join(folder, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      stores: [store('paris', 0, { everyMs: 3_600_000 }), store('london', 1, false)],
      callers: [
        {
          name: 'erp',
          keyHash: await hashOf(KEYS.erp),
          scopes,
          stores: ['*'],
          webhooks: [webhook],
        },
        { name: 'shop', keyHash: await hashOf(KEYS.shop), scopes, stores: ['paris'] },
      ],
      timing: { callTimeoutMs: 2_000, settleMs: 100, waitMs: 5_000 },
    }),
  )
  gateway = await start({
    PORT: '0',
    LOG_LEVEL: 'silent',
    RESCIND_LEDGER: 'memory:',
    RESCIND_CONFIG: config,
  })
}, 30_000)
afterAll(async () => {
  await gateway.close()
  await Promise.all([receiver, ...shops].map(({ close }) => close()))
  rmSync(folder, { recursive: true, force: true })
})

const env = (key: keyof typeof KEYS = 'erp') => ({
  RESCIND_URL: gateway.url,
  RESCIND_KEY: KEYS[key],
})
const rescind = (words: readonly string[], key: keyof typeof KEYS = 'erp') =>
  run(words, { env: env(key) })
const said = async (words: readonly string[], key: keyof typeof KEYS = 'erp') => {
  const { status, stdout } = await rescind([...words, '--json'], key)
  return [status, jsonLines(stdout)[0]] as const
}
const put = (name: string, ...members: string[]) => rescind(['links', 'put', name, ...members])

describe('links', () => {
  it('are put, shown, listed and deleted', async () => {
    const made = await said([
      'links',
      'put',
      'SO-1',
      '1:paris=order_open-1',
      'london=order_open-1',
      '--follow',
      'cancel',
      '--notify',
      'london',
    ])
    expect(made).toMatchObject([
      0,
      {
        name: 'SO-1',
        status: 'open',
        follow: 'cancel',
        members: [
          { store: 'paris', orderId: 'order_open-1', stage: 1, notify: null },
          { store: 'london', orderId: 'order_open-1', stage: 2, notify: true },
        ],
      },
    ])
    expect(await said(['links', 'show', 'SO-1'])).toMatchObject([0, { name: 'SO-1' }])
    const list = await rescind(['links', 'list', '--status', 'open', '--store', 'paris'])
    expect([list.status, list.stdout.includes('SO-1')]).toEqual([0, true])
    expect((await rescind(['links', 'list', '--status', 'diverged'])).stdout).toBe('')
    expect((await rescind(['links', 'list'], 'shop')).stdout).toBe('')
    expect((await rescind(['links', 'show', 'SO-1'], 'shop')).status).toBe(2)
    expect((await rescind(['links', 'delete', 'SO-1'])).status).toBe(0)
    expect((await rescind(['links', 'show', 'SO-1'])).status).toBe(2)
  })

  it.each([
    ['a member without an order', ['paris', 'london=o'], /paris names no order/],
    ['a store that is not of it', ['paris=o', 'london=o', '--notify', 'rome'], /rome is no store/],
    ['one order alone', ['paris=o'], /members/],
  ])('%s is refused with what is wrong', async (_, words, why) => {
    const { status, stdout, stderr } = await put('SO-wrong', ...words)
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(why)])
  })

  it('a linked order is canceled with the others, and where one cannot be nothing is sent', async () => {
    await put('SO-2', '1:paris=order_open-2', '2:london=order_fulfilled-2')
    const refused = await rescind(['cancel', 'paris', 'order_open-2', '--yes'])
    expect([refused.status, refused.stdout]).toEqual([3, ''])
    expect(refused.stderr).toMatch(
      /Not canceled: order order_fulfilled-2 at london.*--linked each/s,
    )
    expect(
      (await rescind(['cancel', 'paris', 'order_open-2', '--yes', '--linked', 'none'])).status,
    ).toBe(0)
    const { status, stdout, stderr } = await rescind(['links', 'show', 'SO-2'])
    expect([status, stdout]).toEqual([5, expect.stringContaining('Not in step')])
    expect(stderr).toContain('Next: rescind cancel london order_fulfilled-2')
    await put('SO-3', '1:paris=order_open-3', '2:london=order_open-3')
    expect((await rescind(['cancel', 'london', 'order_open-3', '--yes'])).status).toBe(0)
    expect(await said(['links', 'show', 'SO-3'])).toMatchObject([0, { status: 'canceled' }])
  })

  it.skipIf(!hasScript)(
    'asks before an order that is canceled already takes others along',
    async () => {
      await put('SO-4', 'paris=order_canceled', 'london=order_open-4')
      const { status, screen } = await runOnTerminal(
        ['cancel', 'paris', 'order_canceled'],
        [['[y/N]', '\r']],
        { env: env() },
      )
      expect([status, screen]).toEqual([3, expect.stringMatching(/and 1 linked order/)])
      expect(await said(['links', 'show', 'SO-4'])).toMatchObject([
        expect.any(Number),
        { members: [{}, { canceled: false }] },
      ])
    },
  )
})

describe('webhooks', () => {
  it('are listed, tried, told again and switched on', async () => {
    expect(await said(['webhooks', 'list'])).toMatchObject([0, { name: 'orders', enabled: true }])
    expect((await rescind(['webhooks', 'list'], 'shop')).stderr).toContain('no webhooks')
    told.length = 0
    expect(await said(['webhooks', 'test', 'orders'])).toEqual([
      0,
      { delivered: true, result: '204' },
    ])
    expect(told).toContain('webhook.test')
    answer = 503
    const failed = await rescind(['webhooks', 'test', 'orders'])
    answer = 204
    expect([failed.status, failed.stdout]).toEqual([1, 'The test did not arrive: 503\n'])
    expect((await rescind(['webhooks', 'test', 'other'])).status).toBe(2)
    expect(await said(['webhooks', 'replay', 'orders', '--since', '2020-01-01'])).toMatchObject([
      0,
      { owed: expect.any(Number) },
    ])
    expect((await rescind(['webhooks', 'replay', 'orders'])).status).toBe(2)
    expect((await rescind(['webhooks', 'enable', 'orders'])).status).toBe(0)
  })
})

describe('sweep', () => {
  it('sets since when a store is asked; a time needs its zone', async () => {
    expect(await said(['sweep', 'paris', '--since', '2026-01-01T00:00:00+01:00'])).toMatchObject([
      0,
      { id: 'paris' },
    ])
    const wrong = await rescind(['sweep', 'paris', '--since', '2026-01-01T00:00'])
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/is no time/)])
    expect((await rescind(['sweep', 'paris', '--since', '2999-01-01'])).status).toBe(2)
    expect((await rescind(['sweep', 'london', '--since', '2026-01-01'], 'shop')).status).toBe(2)
  })
})
