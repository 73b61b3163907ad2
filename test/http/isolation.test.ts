/**
 * One store's trouble is its own: pace kept at the platform's door, sick stores left alone, and the
 * others as quick as ever.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSandbox } from '../../adapters/medusa/sandbox/index.ts'
import { start } from '../../src/hosts/node/index.ts'
import { aheadOf, serve } from './node.ts'

const SICK_STORES = 20
const medusa = (baseUrl: string) => ({
  platform: 'medusa',
  settings: { baseUrl, secretKey: createSandbox().settings['secretKey'] },
})

/** A platform that does this to every call. */
const listen = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const open = async (stores: readonly object[], timing: object = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'rescind-isolation-'))
  const file = join(folder, 'config.json')
  writeFileSync(file, JSON.stringify({ stores, timing }))
  const gateway = await start({
    PORT: '0',
    LOG_LEVEL: 'silent',
    RESCIND_CONFIG: file,
    RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}`,
  })
  onTestFinished(async () => {
    await gateway.close()
    rmSync(folder, { recursive: true })
  })
  return {
    cancel: (store: string, orderId: string, prefer = 'wait=20') =>
      fetch(`${gateway.url}/v1/cancellations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', prefer },
        body: JSON.stringify({ store, orderId }),
      }),
    list: async (query: string) =>
      (
        (await (await fetch(`${gateway.url}/v1/cancellations?${query}`)).json()) as {
          data: { status: string; attempts: { result: string }[] }[]
        }
      ).data,
    preview: (store: string, orderId: string) =>
      fetch(`${gateway.url}/v1/cancellations/preview`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ store, orderId }),
      }),
  }
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number

describe('isolation', () => {
  it('a store is asked at its pace, whoever asks, and all is done in the end', async () => {
    const sandbox = createSandbox()
    const pace = { perSecond: 40, burst: 10 }
    const arrivals: number[] = []
    const { url, close } = await serve({
      fetch: (request) => {
        arrivals.push(performance.now())
        return sandbox.app.fetch(request)
      },
    })
    onTestFinished(close)
    const { cancel } = await open([{ id: 'paced', ...medusa(url), pace }])
    const began = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => cancel('paced', `order_open-${index}`)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(arrivals.length).toBeGreaterThan(50)
    expect(aheadOf(pace, began, arrivals)).toEqual([])
  })

  it(`${SICK_STORES} stores that hang, reset and err leave a healthy one as quick`, async () => {
    const sandbox = createSandbox()
    const { url, close } = await serve(sandbox.app)
    onTestFinished(close)
    const troubles: RequestListener[] = [
      () => {},
      (_, response) => void response.writeHead(503).end(),
      (request) => void request.socket.resetAndDestroy(),
    ]
    const sick = await Promise.all(troubles.map(listen))
    const ids = Array.from({ length: SICK_STORES }, (_, index) => `sick-${index}`)
    const { cancel, list } = await open(
      [
        { id: 'well', test: true, ...medusa(url) },
        ...ids.map((id, index) => ({
          id,
          test: true,
          ...medusa(`${sick[index % sick.length]}/${id}`),
        })),
      ],
      { callTimeoutMs: 3_000, settleMs: 500 },
    )
    const measure = async (name: string) => {
      const tookMs: number[] = []
      for (let index = 0; index < 30; index++) {
        const started = performance.now()
        expect((await cancel('well', `order_open-${name}-${index}`)).status).toBe(201)
        tookMs.push(performance.now() - started)
      }
      return median(tookMs)
    }
    await measure('warm')
    const before = await measure('before')
    const asked = await Promise.all(
      ids.flatMap((id) =>
        Array.from({ length: 10 }, (_, index) =>
          cancel(id, `order_open-${index}`, 'respond-async'),
        ),
      ),
    )
    expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([202]))
    const during = await measure('during')
    console.log(
      `isolation: median of a cancel ${before.toFixed(1)} ms alone, ${during.toFixed(1)} ms ` +
        `beside ${SICK_STORES} sick stores with ${asked.length} waiting requests`,
    )
    expect(during).toBeLessThan(3 * before + 20)
    const waiting = (await Promise.all(ids.map((store) => list(`store=${store}&limit=100`)))).flat()
    expect([waiting.length, new Set(waiting.map(({ status }) => status))]).toEqual([
      asked.length,
      new Set(['accepted']),
    ])
  })

  it('a read of a store that is left alone says so at once: 503, when to come back', async () => {
    const { cancel, preview } = await open([
      {
        id: 'sick',
        test: true,
        ...medusa(await listen((request) => void request.socket.resetAndDestroy())),
      },
    ])
    await Promise.all(
      Array.from({ length: 6 }, (_, index) => cancel('sick', `order_open-${index}`, 'wait=1')),
    )
    const answer = await preview('sick', 'order_open')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      code: 'platform-unavailable',
      retryable: true,
      acted: 'no',
    })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  })
})
