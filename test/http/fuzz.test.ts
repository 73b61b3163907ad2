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
const isFit = ({ store, orderId, message, notify, linked, ...texts }: Record<string, unknown>) =>
  typeof store === 'string' &&
  isOrderId(orderId as string) &&
  (message === undefined || message === null || notify === true) &&
  (linked === undefined || linked === null || texts['target'] !== 'transfer') &&
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

const openChance = async () => {
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
  const listed = [...stores.values()]
    .flatMap(({ examples }) => examples.map(({ id }) => id))
    .filter((id) => !/slow|late|timeout/.test(id))
  // Store and order are chosen apart: what several stores have comes more often, or few would meet.
  const shared = listed.filter((id) => listed.filter((other) => other === id).length > 1)
  const orders = [...new Set(listed), ...Array.from({ length: 6 }, () => shared).flat()]
  return { app, gateway, ledger, stores: all, orders, faults }
}
type Chance = Awaited<ReturnType<typeof openChance>>

/** The records of some cancellations at every store, for requests to be about. */
const begin = ({ gateway, stores, orders }: Chance): Promise<string[]> => {
  const cancel = async (store: string, orderId: string) => {
    const request = { ...CancelRequest.parse({ orderId }), store }
    return (await gateway.cancel(request, 'all', null, null)).record.id
  }
  return Promise.all(
    stores.flatMap((store) => orders.slice(0, 20).map((orderId) => cancel(store, orderId))),
  )
}

const sampleOf = ({ stores, orders }: Chance, begun: readonly string[]): Sent[] => {
  const ids = orders.flatMap((id) => Array.from({ length: 12 }, (_, index) => `${id}-${index}`))
  return fc.sample(
    requests(known(stores, [...ids, 'order_nobody'], begun), ['all', 'all', 'all', 'one']),
    { numRuns: REQUESTS, seed: SEED },
  )
}

interface Answer {
  readonly response: Response
  readonly text: string
  /** Of a problem. */
  readonly code: string
}

const askFor = async ({ app }: Chance, { method, path, headers, body }: Sent): Promise<Answer> => {
  const response = await app.fetch(
    new Request(ORIGIN + path, {
      method,
      headers,
      ...(body !== null && { body: bytesOf(body) }),
    }),
  )
  const text = await response.text()
  const isProblem = response.status >= 400 && text !== ''
  return { response, text, code: isProblem ? (JSON.parse(text).code as string) : '' }
}

/** What was asked to be canceled and answered against the document, either way. */
const misjudged = (
  { method, path, headers, body }: Sent,
  { response: { status }, text }: Answer,
): string[] => {
  if (method !== 'POST' || !/^\/v1\/cancellations(\/preview)?(\?|$)/.test(path) || body === null)
    return []
  const json = parsed(body)
  const isValid = json !== null && isValidBody('CancelRequest', json.value)
  if (status < 300 && !isValid) return ['taken, though the document forbids it']
  const isPlain =
    headers['content-type'] === 'application/json' &&
    !headers['idempotency-key'] &&
    !headers['rescind-customer-token']
  return isPlain &&
    status === 400 &&
    isValid &&
    !text.includes('is there twice') &&
    // Which ids there are on a platform is not in the document.
    !text.includes('is no id of an order of') &&
    isFit(json.value as Record<string, unknown>)
    ? ['refused, though the document allows it']
    : []
}

/** Why an answer is wrong; nothing: it is not. */
const faultsOf = (sent: Sent, answer: Answer): string[] => {
  const { response, text, code } = answer
  // The caller's own token, refused by the platform, is the one thing here that may look like a
  // fault upstream.
  const isTheirs = code === 'platform-credentials' && sent.headers['rescind-customer-token']
  return [
    ...violations(sent.method, sent.path, response, text),
    ...(response.status >= 500 && !isTheirs ? [`${response.status}`] : []),
    ...(response.headers.has('location') && UNWRITTEN.has(code) ? [`${code} with a Location`] : []),
    ...misjudged(sent, answer),
  ]
}

/** Bytes of requests that are none any more: some cut out, others put in. */
const fallen = (raw: fc.Arbitrary<string>): fc.Arbitrary<string> => {
  const sign = fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    '\u0000',
    ':',
    ' ',
    '\r\n\r\n',
    'Transfer-Encoding: chunked\r\n',
  )
  const hit = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(3),
    fc.oneof(fc.string({ maxLength: 3 }), sign),
  )
  return fc.tuple(raw, fc.array(hit, { minLength: 1, maxLength: 4 })).map(([text, hits]) =>
    hits.reduce((rest, [where, length, instead]) => {
      const at = Math.floor(where * rest.length)
      return rest.slice(0, at) + instead + rest.slice(at + length)
    }, text),
  )
}

/** Whole requests, such as fell, and bytes that never were one. */
const bytesSample = (): string[] => {
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
  const noise = fc
    .uint8Array({ minLength: 1, maxLength: 200 })
    .map((bytes) => String.fromCharCode(...bytes))
  return fc.sample(fc.oneof(raw, fallen(raw), fallen(raw), noise), {
    numRuns: ON_A_SOCKET,
    seed: SEED,
  })
}

describe('chance', () => {
  it(
    `${REQUESTS} requests made from the document: no 5xx, answers as documented, nothing invalid written`,
    async () => {
      const chance = await openChance()
      const begun = await begin(chance)
      const wrong: { readonly sent: Sent; readonly why: string[]; readonly text: string }[] = []
      const located = new Set(begun)
      const statuses = new Map<number, number>()
      await each(sampleOf(chance, begun), async (sent) => {
        const answer = await askFor(chance, sent)
        const { status, headers } = answer.response
        const location = headers.get('location')
        if (location?.startsWith('/v1/cancellations/'))
          located.add(location.slice('/v1/cancellations/'.length))
        const why = faultsOf(sent, answer)
        if (why.length > 0) wrong.push({ sent, why, text: answer.text.slice(0, 300) })
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      })
      await chance.gateway.close()

      const figures = process.env['RESCIND_FIGURES']
      if (figures)
        appendFileSync(figures, `${JSON.stringify({ requests: REQUESTS, wrong: wrong.length })}\n`)
      wrong.sort((a, b) => JSON.stringify(a.sent).length - JSON.stringify(b.sent).length)
      expect(wrong.slice(0, 3), `${wrong.length} wrong answers; seed ${SEED}`).toEqual([])
      expect(chance.faults).toEqual([])
      expect(rejections).toEqual([])
      const written = (
        await chance.ledger.list({ stores: null, order: 'asc', limit: 1_000_000 })
      ).map(({ id }) => id)
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
      let answered = 0
      const wrong: unknown[] = []
      await each(bytesSample(), async (text) => {
        const method = text.startsWith('HEAD ') ? 'HEAD' : 'GET'
        for (const answer of await send(gateway.url, [bytesOf(text)], 100, true)) {
          answered++
          const { status } = answer
          const why =
            status >= 400 ? violations(method, '/nowhere', answer as never, answer.text) : []
          if (status >= 500 || why.length > 0)
            wrong.push({ text, status, why, answer: answer.text.slice(0, 200) })
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
