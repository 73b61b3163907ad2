/** One try over real HTTP: what the receiver's answer makes of it, whatever it is. */
import { expect, test, vi } from 'vitest'
import { fetchTransport } from '../../../src/connection/transport.ts'
import { openTransport } from '../../../src/connection/transport-undici.ts'
import { attemptOf } from '../../../src/gateway/deliveries/attempt.ts'
import { type Answer, answering, openReceiver, START, webhookTo } from './receiver.ts'

const HOUR = 3_600_000
const LARGE = 'x'.repeat(100_000)
const failed = (result: string, retryAfterMs: number | null = null) => ({
  kind: 'failed',
  result,
  retryAfterMs,
  isGone: result === '410',
})
const delivered = (result = '200') => ({ kind: 'delivered', result })
const ABORT = { 'webhook-delivery': 'Abort-Message' }
/** Announces more than it sends, and breaks off. */
const breaking: Answer = (response) => {
  response.writeHead(200, { 'content-length': '100' }).write('half')
  setTimeout(() => response.destroy(), 20)
}
const announcing: Answer = (response) => {
  response.writeEarlyHints({ link: '</a>; rel=preload' })
  response.writeHead(204).end()
}

const ROWS: readonly [string, Answer, object][] = [
  ['200', answering(200), delivered()],
  ['299', answering(299), delivered('299')],
  ['200 with garbage', answering(200, {}, '<html>\0\u{fffd}'), delivered()],
  ['200 with a coding of nobody', answering(200, { 'content-encoding': 'x' }, 'x'), delivered()],
  ['200 with broken gzip', answering(200, { 'content-encoding': 'gzip' }, 'no gzip'), delivered()],
  ['200 and more than is read', answering(200, {}, LARGE), delivered()],
  ['200 that breaks off', breaking, delivered()],
  ['103, then 204', announcing, delivered('204')],
  ['500 and more than is read', answering(500, {}, LARGE), failed('500')],
  ['410 and more than is read', answering(410, {}, LARGE), failed('410')],
  ['410', answering(410), failed('410')],
  ['410 that would abort', answering(410, ABORT), failed('410')],
  ['422', answering(422), failed('422')],
  ['422 that aborts', answering(422, ABORT), { kind: 'given up', result: '422' }],
  ['200 that aborts', answering(200, ABORT), delivered()],
  ['503 for a while', answering(503, { 'retry-after': '7200' }), failed('503', 2 * HOUR)],
  ['429 for ever', answering(429, { 'retry-after': '99999999' }), failed('429', 24 * HOUR)],
  [
    'a reset',
    (response) => response.socket?.resetAndDestroy(),
    failed('connection lost (ECONNRESET)'),
  ],
]

test.each(ROWS)('%s', async (_, answer, outcome) => {
  const receiver = await openReceiver(answer)
  const { transport, close } = openTransport()
  const made = await attemptOf(transport, webhookTo(receiver.url), 'evt_can_1_1', '{}', START)
  await close()
  expect(made).toEqual(outcome)
  expect(receiver.received).toHaveLength(1)
})

test.each(ROWS.filter(([name]) => /more than|breaks off/.test(name)))(
  'over fetch too: %s',
  async (_, answer, outcome) => {
    const receiver = await openReceiver(answer)
    const webhook = webhookTo(receiver.url)
    expect(await attemptOf(fetchTransport(fetch), webhook, 'evt_1', '{}', START)).toEqual(outcome)
  },
)

test('a redirect is a failure, and not followed', async () => {
  const target = await openReceiver()
  for (const status of [301, 302, 303, 307, 308]) {
    const receiver = await openReceiver(answering(status, { location: target.url }))
    const { transport, close } = openTransport()
    const made = await attemptOf(transport, webhookTo(receiver.url), 'evt_1', '{}', START)
    await close()
    expect(made).toEqual(failed(String(status)))
  }
  expect(target.connections()).toBe(0)
})

test('a try is over after 15 seconds; with a status that was there, by that', async () => {
  const silent = await openReceiver(() => undefined)
  const dripping = await openReceiver((response) => response.writeHead(202).write('.'))
  const soon = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 200)
    return controller.signal
  })
  try {
    const { transport, close } = openTransport()
    const tried = [silent, dripping].map(({ url }) =>
      attemptOf(transport, webhookTo(url), 'evt_1', '{}', START),
    )
    expect(await Promise.all(tried)).toEqual([failed('timeout'), delivered('202')])
    expect(soon.mock.calls).toEqual([[15_000], [15_000]])
    await close()
  } finally {
    soon.mockRestore()
  }
})

test('what goes out: the same id and body, the time of the try, and no more', async () => {
  const receiver = await openReceiver()
  const { transport, close } = openTransport()
  await attemptOf(transport, webhookTo(receiver.url), 'evt_can_1_1', '{"a":1}', START + 999)
  await close()
  const [{ headers, body } = receiver.received[0]!] = receiver.received
  expect(body).toBe('{"a":1}')
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': 'evt_can_1_1',
    'webhook-timestamp': String(START / 1_000),
    'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
  })
  expect(Object.keys(headers).filter((name) => /cookie|authorization/.test(name))).toEqual([])
})
