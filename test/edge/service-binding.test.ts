/**
 * Two Workers in a real workerd, as their wrangler.toml are: one of somebody's own reaches the
 * gateway's by a service binding, with the client. And the gateway as it is staged.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createTestHarness } from 'wrangler'
import { configOf } from '../http/host.ts'
import { serve, type Served } from '../http/node.ts'
import { openPlatform } from '../http/platform.ts'
import { root } from '../wrangler.ts'

const platform = openPlatform()
let served: Served
let config: string
beforeAll(async () => {
  mkdirSync(join(root, 'dist'), { recursive: true })
  served = await serve(platform)
  config = JSON.stringify(
    await configOf(
      {
        callers: [{ name: 'orders', key: 'rsk_orders', scopes: ['cancel'], stores: ['*'] }],
        stores: ['paris'],
      },
      () => served.url,
    ),
  )
})
afterAll(() => served?.close())

describe('a Worker that calls the gateway’s', () => {
  const open = async (key: string) => {
    const harness = createTestHarness({
      root,
      workers: [
        {
          configPath: 'examples/worker-calls-rescind/wrangler.toml',
          secrets: { RESCIND_KEY: key },
        },
        { configPath: 'wrangler.toml', secrets: { RESCIND_CONFIG: config } },
      ],
    })
    onTestFinished(() => harness.close())
    await harness.listen()
    const cancel = async (body: object) => {
      const answer = await harness.fetch('/cancel', { method: 'POST', body: JSON.stringify(body) })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    }
    return { cancel }
  }

  it('cancels by the binding, once, however often it is asked', async () => {
    const { cancel } = await open('rsk_orders')
    const order = { store: 'paris', orderId: 'order_paid', document: 'SO-1' }
    const first = await cancel(order)
    expect(first).toMatchObject({
      status: 200,
      body: { canceled: true, payment: { outcome: 'automatic' } },
    })
    expect((await cancel(order)).body['id']).toBe(first.body['id'])
    expect(platform.cancels.get('order_paid')).toBe(1)
    expect(
      (await cancel({ ...order, orderId: 'order_shipped', document: 'SO-2' })).body,
    ).toMatchObject({ canceled: false, why: 'order-not-cancelable' })
    expect((await cancel({ store: 'paris' })).status).toBe(400)
  })

  it('needs a key all the same', async () => {
    const { cancel } = await open('rsk_nobody')
    expect(
      (await cancel({ store: 'paris', orderId: 'order_open', document: 'SO-3' })).body,
    ).toMatchObject({ canceled: false, why: 'unauthenticated' })
    expect(platform.cancels.has('order_open')).toBe(false)
  })
})
