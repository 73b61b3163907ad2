/**
 * Chance against the gateway: requests made from the document, valid and spoiled, and bytes that
 * are no requests.
 */
import { appendFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { platforms } from '../../src/hosts/platforms.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { createApp } from '../../src/http/app.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { CancelRequest, isOrderId } from '../../src/model/request.ts'
import { start, type Started } from '../../src/hosts/node/index.ts'
import { openLoaded } from '../adapter/loaded.ts'
import { isValidBody, violations } from './conformance.ts'
import { hashOf, ORIGIN } from './host.ts'
import { send } from './raw.ts'
import { type Known, requests, type Sent } from './requests.ts'

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 5_000)
const ON_A_SOCKET = 500
const AT_ONCE = 64
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121)

const rejections: unknown[] = []
const note = (reason: unknown) => void rejections.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => void process.off('unhandledRejection', note))

const known = (
  stores: readonly string[],
  orders: readonly string[],
  records: readonly string[] = [],
): Known => ({
  store: [...stores, ...stores, ...stores, 'nowhere'],
  orderId: orders,
  id: [...records, 'can_01KAK3J0X5T9V2W8Q6N4M7R1ZB'],
  platform: platforms.map(({ adapter }) => adapter.id),
  code: ['internal', 'not-found'],
  number: ['1', '2', '4711'],
})

/** Works a list, so many at once. */
const each = async <T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const rest = list.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await work(item)
    }),
  )
}

const bytesOf = (body: string) => new Uint8Array(Buffer.from(body, 'latin1'))
/** A body that the document allows and nothing else forbids: rules that no schema can write. */
const isFit = ({ store, orderId, message, notify, ...texts }: Record<string, unknown>) =>
  typeof store === 'string' &&
  isOrderId(orderId as string) &&
  (message === undefined || message === null || notify === true) &&
  [store, message, ...Object.values(texts)].every(
    (text) => typeof text !== 'string' || text.isWellFormed(),
  )

const parsed = (body: string): { value: unknown } | null => {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(body))) }
  } catch {
    return null
  }
}

/** Refusals that come before anything is written. */
const UNWRITTEN = new Set([
  'invalid-request',
  'unauthenticated',
  'forbidden',
  'not-found',
  'store-not-found',
  'cancellation-not-found',
  'method-not-allowed',
  'too-large',
  'unsupported-media-type',
  'idempotency-key-reused',
  'cancellation-conflict',
])

describe('chance', () => {
  it(
    `${REQUESTS} requests made from the document: no 5xx, answers as documented, nothing invalid written`,
    async () => {
      const { stores, sandboxes } = openLoaded({ callTimeoutMs: 1_000 })
      const ledger = openMemoryLedger()
      const gateway = createGateway({
        ledger,
        stores,
        timing: timing({ callTimeoutMs: 1_000, waitMs: 300 }),
      })
      const faults: unknown[] = []
      const all = [...stores.keys()]
      const callers = [
        {
          name: 'all',
          keyHash: [await hashOf('all')],
          scopes: ['read' as const, 'cancel' as const, 'operate' as const],
          stores: ['*'],
          limits: undefined,
        },
        {
          name: 'one',
          keyHash: [await hashOf('one')],
          scopes: ['read' as const, 'cancel' as const],
          stores: all.slice(0, 1),
          limits: undefined,
        },
      ]
      const app = createApp({
        gateway,
        ready: ledger.ready,
        callers,
        adapters: platforms.map(({ adapter }) => adapter),
        sandboxes,
        onFault: (error) => void faults.push(error),
      })
      const orders = [...stores.values()]
        .flatMap(({ examples }) => examples.map(({ id }) => id))
        .filter((id) => !/slow|late|timeout/.test(id))
      const begun = await Promise.all(
        all.flatMap((store) =>
          orders
            .slice(0, 20)
            .map(
              async (orderId) =>
                (
                  await gateway.cancel(
                    { ...CancelRequest.parse({ orderId }), store },
                    'all',
                    null,
                    null,
                  )
                ).record.id,
            ),
        ),
      )
      const sample = fc.sample(
        requests(
          known(
            all,
            [
              ...orders.flatMap((id) => Array.from({ length: 12 }, (_, index) => `${id}-${index}`)),
              'order_nobody',
            ],
            begun,
          ),
          ['all', 'all', 'all', 'one'],
        ),
        { numRuns: REQUESTS, seed: SEED },
      )

      const wrong: { readonly sent: Sent; readonly why: string[]; readonly text: string }[] = []
      const located = new Set(begun)
      const statuses = new Map<number, number>()
      await each(sample, async (sent) => {
        const { method, path, headers, body } = sent
        const response = await app.fetch(
          new Request(ORIGIN + path, {
            method,
            headers,
            ...(body !== null && { body: bytesOf(body) }),
          }),
        )
        const text = await response.text()
        const { status } = response
        const code = status >= 400 && text !== '' ? (JSON.parse(text).code as string) : ''
        const why = violations(method, path, response, text)
        // The caller's own token, refused by the platform, is the one thing here that may look like
        // a fault upstream.
        if (
          status >= 500 &&
          !(code === 'platform-credentials' && headers['rescind-customer-token'])
        )
          why.push(`${status}`)
        const location = response.headers.get('location')
        if (location?.startsWith('/v1/cancellations/'))
          located.add(location.slice('/v1/cancellations/'.length))
        if (location && UNWRITTEN.has(code)) why.push(`${code} with a Location`)
        const asks =
          method === 'POST' && /^\/v1\/cancellations(\/preview)?(\?|$)/.test(path) && body !== null
        const json = asks ? parsed(body) : null
        if (asks && status < 300 && (json === null || !isValidBody('CancelRequest', json.value)))
          why.push('taken, though the document forbids it')
        const plain =
          headers['content-type'] === 'application/json' &&
          !headers['idempotency-key'] &&
          !headers['rescind-customer-token']
        if (
          asks &&
          plain &&
          status === 400 &&
          json !== null &&
          !text.includes('is there twice') &&
          // Which ids there are on a platform is not in the document.
          !text.includes('is no id of an order of') &&
          isValidBody('CancelRequest', json.value) &&
          isFit(json.value as Record<string, unknown>)
        )
          why.push('refused, though the document allows it')
        if (why.length > 0) wrong.push({ sent, why, text: text.slice(0, 300) })
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      })
      await gateway.close()

      const figures = process.env['RESCIND_FIGURES']
      if (figures)
        appendFileSync(figures, `${JSON.stringify({ requests: REQUESTS, wrong: wrong.length })}\n`)
      wrong.sort((a, b) => JSON.stringify(a.sent).length - JSON.stringify(b.sent).length)
      expect(wrong.slice(0, 3), `${wrong.length} wrong answers; seed ${SEED}`).toEqual([])
      expect(faults).toEqual([])
      expect(rejections).toEqual([])
      const written = (await ledger.list({ stores: null, order: 'asc', limit: 1_000_000 })).map(
        ({ id }) => id,
      )
      expect(new Set(written)).toEqual(located)
      // The sample must reach what it is meant to try.
      for (const status of [200, 201, 202, 400, 401, 403, 404, 405, 409, 413, 415, 422])
        expect(statuses.get(status), `no ${status} in the sample`).toBeGreaterThan(3)
      console.log(
        `fuzz: ${REQUESTS} requests, 0 wrong answers, ${written.length} records; ${[...statuses]
          .sort(([a], [b]) => a - b)
          .map(([status, count]) => `${status}: ${count}`)
          .join(', ')}`,
      )
    },
    30_000 + REQUESTS * 3,
  )

  describe('on a socket', () => {
    let gateway: Started
    beforeAll(async () => {
      gateway = await start(
        { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' },
        { sandbox: true },
      )
    })
    afterAll(() => gateway.close())

    it(`${ON_A_SOCKET} requests, and what a fall leaves of them: no 5xx, refusals are problems`, async () => {
      const raw = requests(known(['sandbox-medusa'], ['order_open', 'order_fulfilled']), ['x']).map(
        ({ method, path, headers, body }) =>
          [
            `${method} ${path} HTTP/1.1`,
            'host: localhost',
            ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
            ...(body === null ? [] : [`content-length: ${body.length}`]),
            'connection: close',
            '',
            body ?? '',
          ].join('\r\n'),
      )
      const fallen = fc
        .tuple(
          raw,
          fc.array(
            fc.tuple(
              fc.double({ min: 0, max: 1, noNaN: true }),
              fc.nat(3),
              fc.oneof(
                fc.string({ maxLength: 3 }),
                fc.constantFrom(
                  '\r\n',
                  '\n',
                  '\r',
                  '\u0000',
                  ':',
                  ' ',
                  '\r\n\r\n',
                  'Transfer-Encoding: chunked\r\n',
                ),
              ),
            ),
            { minLength: 1, maxLength: 4 },
          ),
        )
        .map(([text, hits]) =>
          hits.reduce((rest, [where, length, instead]) => {
            const at = Math.floor(where * rest.length)
            return rest.slice(0, at) + instead + rest.slice(at + length)
          }, text),
        )
      const sample = fc.sample(
        fc.oneof(
          raw,
          fallen,
          fallen,
          fc
            .uint8Array({ minLength: 1, maxLength: 200 })
            .map((bytes) => String.fromCharCode(...bytes)),
        ),
        { numRuns: ON_A_SOCKET, seed: SEED },
      )
      let answered = 0
      const wrong: unknown[] = []
      await each(sample, async (text) => {
        for (const answer of await send(gateway.url, [bytesOf(text)], 100, true)) {
          answered++
          const why =
            answer.status >= 400
              ? violations(
                  text.startsWith('HEAD ') ? 'HEAD' : 'GET',
                  '/nowhere',
                  answer as never,
                  answer.text,
                )
              : []
          if (answer.status >= 500 || why.length > 0)
            wrong.push({ text, status: answer.status, why, answer: answer.text.slice(0, 200) })
        }
      })
      expect(wrong.slice(0, 3), `${wrong.length} wrong answers; seed ${SEED}`).toEqual([])
      expect(rejections).toEqual([])
      expect(answered).toBeGreaterThan(ON_A_SOCKET / 2)
      expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200)
      console.log(`fuzz: ${ON_A_SOCKET} times bytes on a socket, ${answered} answers, 0 wrong ones`)
    }, 60_000)
  })
})
