/**
 * What was asked of a store that is no longer in the configuration: read, listed and resolved by
 * who may see all stores, over HTTP, in the console and on the command line.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type Started } from '../../src/hosts/node/index.ts'
import { run } from '../cli/bin.ts'
import { type Client, clientOf, configOf } from './host.ts'
import { serve, type Served } from './node.ts'
import { openPlatform } from './platform.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
  { name: 'paris', key: 'rsk_paris', scopes: ['cancel', 'read', 'operate'], stores: ['paris'] },
] as const

describe('a store that was taken out of the configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rescind-stray-'))
  const ids: string[] = []
  let platform: Served
  let gateway: Started
  let erp: Client
  let paris: Client

  const open = async (stores: readonly string[]): Promise<void> => {
    const file = join(folder, 'config.json')
    writeFileSync(
      file,
      JSON.stringify(await configOf({ callers, stores }, (id) => `${platform.url}/${id}`)),
    )
    gateway = await start({
      PORT: '0',
      LOG_LEVEL: 'silent',
      RESCIND_CONFIG: file,
      RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}`,
    })
    const at = {
      fetch: async (request: Request) =>
        fetch(gateway.url + request.url.slice(new URL(request.url).origin.length), {
          method: request.method,
          headers: request.headers,
          body: request.body === null ? null : await request.arrayBuffer(),
          redirect: 'manual',
        }),
    }
    erp = clientOf(at, 'rsk_erp')
    paris = clientOf(at, 'rsk_paris')
  }
  beforeAll(async () => {
    const [one, other] = [openPlatform(), openPlatform()]
    platform = await serve({
      fetch: (request) => {
        const [, store, ...path] = new URL(request.url).pathname.split('/')
        return (store === 'paris' ? one : other).fetch(
          new Request(
            new URL(`/${path.join('/')}${new URL(request.url).search}`, request.url),
            request,
          ),
        )
      },
    })
    await open(['paris', 'rome'])
    // Refunded and then refused: for a person to say what became of it.
    for (const orderId of ['a', 'b', 'c']) {
      const { status, body } = await erp('POST', '/v1/cancellations', {
        store: 'rome',
        orderId: `order_400-after-refund-${orderId}`,
        reason: 'Recall',
      })
      expect([status, body.code]).toEqual([409, 'needs-attention'])
      ids.push(body.cancellation.split('/').at(-1))
    }
    await gateway.close()
    await open(['paris'])
  })
  afterAll(async () => {
    await gateway.close()
    await platform.close()
    rmSync(folder, { recursive: true })
  })

  it('over HTTP', async () => {
    const [id] = ids
    expect((await erp('GET', `/v1/cancellations/${id}`)).body).toMatchObject({
      id,
      store: 'rome',
      status: 'needs_attention',
    })
    expect((await erp('GET', '/v1/cancellations?status=needs_attention')).body.data).toHaveLength(3)
    expect((await erp('GET', '/v1/cancellations?store=rome&limit=2')).body.data).toHaveLength(2)
    expect((await erp('GET', '/v1/cancellations?store=rome&status=succeeded')).body.data).toEqual(
      [],
    )
    expect((await erp('GET', '/v1/cancellations?store=oslo')).body.code).toBe('store-not-found')
    for (const path of [`/v1/cancellations/${id}`, '/v1/cancellations?store=rome'])
      expect((await paris('GET', path)).status).toBe(404)
    expect(
      (await paris('POST', `/v1/cancellations/${id}/resolve`, { as: 'canceled', note: 'seen' }))
        .body.code,
    ).toBe('cancellation-not-found')
    expect((await paris('GET', '/v1/cancellations')).body.data).toEqual([])
    expect(
      (await erp('POST', '/v1/cancellations', { store: 'rome', orderId: 'order_open' })).body.code,
    ).toBe('store-not-found')
    const { status, body } = await erp('POST', `/v1/cancellations/${id}/resolve`, {
      as: 'canceled',
      note: 'seen in the dashboard',
    })
    expect([status, body.status, body.via, body.order.customer]).toEqual([
      200,
      'succeeded',
      'operator',
      null,
    ])
  })

  it('in the console', async () => {
    const [, id] = ids
    const post = (path: string, form: Record<string, string>, cookie = '') =>
      fetch(gateway.url + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: gateway.url, cookie },
        body: new URLSearchParams(form),
      })
    const enter = async (key: string) =>
      (await post('/console/login', { key })).headers.get('set-cookie')?.split(';')[0] ?? ''
    const [all, own] = [await enter('rsk_erp'), await enter('rsk_paris')]
    const page = async (path: string, cookie = all) => {
      const answer = await fetch(gateway.url + path, { headers: { cookie } })
      return [answer.status, await answer.text()] as const
    }
    for (const path of [
      '/console',
      '/console/cancellations',
      '/console/cancellations?store=rome',
      `/console/cancellations/${id}`,
      `/console/cancellations/${id}?look=now`,
    ]) {
      expect([path, (await page(path))[0], (await page(path))[1].includes('rome')]).toEqual([
        path,
        200,
        true,
      ])
    }
    expect((await page('/console/cancellations?store=rome'))[1]).toContain(
      '<option selected>rome</option>',
    )
    expect((await page(`/console/cancellations/${id}`, own))[0]).toBe(404)
    expect(
      (await post(`/console/cancellations/${id}/resolve`, { as: 'canceled', note: 'seen' }, own))
        .status,
    ).toBe(404)
    expect(
      (
        await post(
          `/console/cancellations/${id}/resolve`,
          { as: 'not_canceled', note: 'Refund taken back' },
          all,
        )
      ).status,
    ).toBe(303)
    expect((await page(`/console/cancellations/${id}`))[1]).toContain(
      'A person found that the order is not canceled.',
    )
  })

  it('on the command line', async () => {
    const [canceled, , open] = ids
    const show = (id: string | undefined, key: string) =>
      run(['show', id ?? '', '--json'], { env: { RESCIND_URL: gateway.url, RESCIND_KEY: key } })
    const found = await show(open, 'rsk_erp')
    expect([found.status, JSON.parse(found.stdout).store]).toEqual([5, 'rome'])
    expect((await show(canceled, 'rsk_erp')).status).toBe(0)
    expect((await show(open, 'rsk_paris')).status).toBe(2)
  })
})
