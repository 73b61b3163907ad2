/**
 * Several gateways, each a process of its own, on one port and one server's ledger: one ledger, one
 * pace, one cancel.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSandbox } from '../../adapters/medusa/sandbox/index.ts'
import { compileCache } from '../compile-cache.ts'
import { describePostgres, SLOW_START_MS, startPostgres } from '../ledger/postgres-server.ts'
import { describeRedis, freePort, type RedisServer, startRedis } from '../ledger/redis-server.ts'
import { aheadOf, serve, type Served } from './node.ts'

const PROCESSES = 2
const PACE = { perSecond: 40, burst: 10 }
const program = fileURLToPath(new URL('../../src/hosts/node/start.mjs', import.meta.url))

/** A server of whichever kind that keeps the ledger. */
type Keeper = Pick<RedisServer, 'url' | 'remove'>

const configOf = (settings: object): string =>
  JSON.stringify({
    stores: [{ id: 'shop', platform: 'medusa', sweep: false, settings, pace: PACE }],
  })

/** One of several on this port; resolves once it listens. */
const startGateway = async (port: string, config: string, ledger: string) => {
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env['PATH'],
      ...compileCache,
      PORT: port,
      RESCIND_REUSE_PORT: '1',
      RESCIND_CONFIG: config,
      RESCIND_LEDGER: ledger,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout }))
    if (line.includes('listening')) break
  child.stdout.resume()
  return child
}

const testSeveral = (start: () => Promise<Keeper>): void => {
  const sandbox = createSandbox()
  const arrivals: number[] = []
  const folder = mkdtempSync(join(tmpdir(), 'rescind-several-'))
  const children: ChildProcess[] = []
  let keeper: Keeper
  let shop: Served
  let url: string

  beforeAll(async () => {
    keeper = await start()
    shop = await serve({
      fetch: (request) => {
        arrivals.push(performance.now())
        return sandbox.app.fetch(request)
      },
    })
    url = `http://127.0.0.1:${await freePort()}`
    const config = join(folder, 'config.json')
    writeFileSync(config, configOf({ ...sandbox.settings, baseUrl: shop.url }))
    for (let count = 0; count < PROCESSES; count++)
      children.push(await startGateway(new URL(url).port, config, keeper.url))
  }, SLOW_START_MS)
  afterAll(async () => {
    await Promise.all(
      children.map(async (child) => {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }),
    )
    await shop?.close()
    await keeper?.remove()
    rmSync(folder, { recursive: true })
  })

  /** On a connection of its own, so that either process may get it. */
  const cancel = (orderId: string) =>
    fetch(`${url}/v1/cancellations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close', prefer: 'wait=20' },
      body: JSON.stringify({ store: 'shop', orderId }),
    })

  it('every order, asked for twice at once, is canceled once, at the pace of one', async () => {
    const orders = Array.from({ length: 15 }, (_, index) => `order_open-${index}`)
    const began = performance.now()
    const answers = await Promise.all(
      [...orders, ...orders].map(async (orderId) => {
        const response = await cancel(orderId)
        return { status: response.status, id: ((await response.json()) as { id: string }).id }
      }),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...orders.map(() => 200),
      ...orders.map(() => 201),
    ])
    expect(new Set(answers.map(({ id }) => id)).size).toBe(orders.length)
    expect(orders.map((orderId) => sandbox.cancels.get(orderId))).toEqual(orders.map(() => 1))
    expect(arrivals.length).toBeGreaterThan(2 * PACE.burst)
    expect(aheadOf(PACE, began, arrivals)).toEqual([])
  })

  it('where one is stopped, the others answer on', async () => {
    const [first] = children.splice(0, 1)
    first?.kill('SIGTERM')
    if (first) await once(first, 'exit')
    for (let index = 0; index < 5; index++)
      expect((await cancel(`order_open-after-${index}`)).status).toBe(201)
  })
}

describeRedis('several gateways on one port and one Redis', () => testSeveral(startRedis))
describePostgres('several gateways on one port and one PostgreSQL', () =>
  testSeveral(startPostgres),
)
