/**
 * The client against a real gateway, with a bad network between them: one cancellation, the same
 * record, and never more said than is known.
 */
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { NoAnswer, NotKnownYet, RescindError } from '../../src/client/index.ts'
import { serve } from '../http/node.ts'
import { CANCEL_ONLY, KEY, openFaulty, openFront, SLOW } from './faults.ts'
import { host, openHost, clientOf, thrown, once, moody } from './setup.ts'

beforeAll(openHost)
afterAll(() => host.close())

describe('a bad network', () => {
  it.concurrent.for([
    'reset before',
    'reset after',
    'half reply',
    '500 after',
    'late',
    'hang after',
  ] as const)('%s: one cancellation, and its record', async (fault, { onTestFinished }) => {
    const faults = fault === 'hang after' ? [fault] : [fault, fault]
    const proxy = await openFaulty(host.url, faults)
    onTestFinished(() => proxy.close())
    const orderId = `order_paid-${fault.replace(' ', '-')}`
    // What never answers is given up soon; for the rest there is time, however busy the machine is.
    const waitMs = fault === 'late' || fault === 'hang after' ? 1_000 : 20_000
    const record = await clientOf({ baseUrl: proxy.url, timeoutMs: 3_000 }).cancel(
      { orderId, restock: true },
      { waitMs },
    )
    expect(record).toMatchObject({ status: 'succeeded', orderId, alreadyCanceled: false })
    expect(proxy.done.get(fault)).toBe(faults.length)
    expect((await clientOf().list({ orderId })).data).toEqual([record])
    expect(once(orderId)).toBe(1)
  })

  it.concurrent.for<[string, () => Record<string, string>]>([
    ['seconds', () => ({ 'retry-after': '1' })],
    ['seconds with decimals', () => ({ 'retry-after': '1.0' })],
    ['seconds, said twice by two machines', () => ({ 'retry-after': '0, 1' })],
    ['a date', () => ({ 'retry-after': new Date(Date.now() + 2_000).toUTCString() })],
    [
      'a date by another clock',
      () => ({
        'retry-after': new Date(Date.now() + 3_602_000).toUTCString(),
        date: new Date(Date.now() + 3_600_000).toUTCString(),
      }),
    ],
  ])('waits as long as Retry-After says, in %s', async ([form, headers], { onTestFinished }) => {
    const front = await openFront(host.url, [
      () => new Response('busy', { status: 503, headers: headers() }),
    ])
    onTestFinished(front.close)
    const started = performance.now()
    const record = await clientOf({ baseUrl: front.url }).cancel({
      orderId: `order_paid-after-${form.length}`,
    })
    expect(record.status).toBe('succeeded')
    expect(performance.now() - started).toBeGreaterThan(990)
    const keys = front.asked.map(({ headers }) => headers.get('idempotency-key'))
    expect(keys).toEqual([keys[0], keys[0]])
  })

  it('comes back when the gateway’s own limit lets it', async () => {
    const client = clientOf({ key: SLOW })
    await Promise.all(Array.from({ length: 60 }, () => client.stores()))
    expect((await client.cancel({ orderId: 'order_paid-limited' })).status).toBe('succeeded')
  })

  it('gives up where Retry-After exceeds its time, and says no more than is known', async () => {
    const away = (code: string, status: number) => () =>
      Response.json(
        { code, detail: 'x', status, retryable: true, acted: 'no' },
        { status, headers: { 'retry-after': '3600' } },
      )
    const front = await openFront(host.url, [
      away('rate-limited', 429),
      away('ledger-unavailable', 503),
    ])
    onTestFinished(front.close)
    const ask = () => clientOf({ baseUrl: front.url }).cancel({ orderId: 'order_paid-much-later' })
    expect(await thrown(ask(), RescindError)).toMatchObject({ code: 'rate-limited', record: null })
    expect(
      await thrown(ask(), NotKnownYet),
      'a claim whose answer was lost may be written',
    ).toMatchObject({ record: null, cause: { code: 'ledger-unavailable' } })
    expect(once('order_paid-much-later')).toBeUndefined()
  })

  it('an address where no gateway is: nothing is claimed to be canceled', async () => {
    const other = await serve({ fetch: () => Response.json({ ok: true }) })
    onTestFinished(other.close)
    expect(
      await thrown(clientOf({ baseUrl: other.url }).cancel({ orderId: 'order_open' }), NoAnswer),
    ).toMatchObject({ status: 200 })
    expect(
      await thrown(
        clientOf({ baseUrl: `${host.url}/elsewhere` }).cancel({ orderId: 'order_open' }),
        RescindError,
      ),
    ).toMatchObject({ code: 'not-found' })
    await other.close()
    const nobody = clientOf({ baseUrl: other.url, timeoutMs: 601 })
    expect(await thrown(nobody.stores(), NoAnswer)).toMatchObject({ status: null })
    expect(
      await thrown(
        nobody.cancel({ orderId: 'order_open' }, { idempotencyKey: 'doc-1', waitMs: 0 }),
        NotKnownYet,
      ),
    ).toMatchObject({ record: null, idempotencyKey: 'doc-1' })
  })

  it('a refusal after a lost answer does not pass for “nothing happened”', async () => {
    const front = await openFront(host.url, [
      () => new Response('<h1>Bad Gateway</h1>', { status: 502 }),
      () =>
        Response.json(
          { code: 'unauthenticated', detail: 'x', status: 401, retryable: false, acted: 'no' },
          { status: 401 },
        ),
    ])
    onTestFinished(front.close)
    const error = await thrown(
      clientOf({ baseUrl: front.url }).cancel({ orderId: 'order_paid-unsure' }),
      NotKnownYet,
    )
    expect(error.cause).toMatchObject({ code: 'unauthenticated' })
  })
})

describe('what is not known yet', () => {
  it('is followed until it is', async () => {
    moody('away')
    const canceling = clientOf().cancel({ orderId: 'order_paid-followed' }, { waitMs: 15_000 })
    await expect
      .poll(async () => (await clientOf().list({ orderId: 'order_paid-followed' })).data)
      .toHaveLength(1)
    host.platform('shop').mood = 'well'
    expect((await canceling).status).toBe('succeeded')
    expect(once('order_paid-followed')).toBe(1)
  })

  it('is followed by a key that may not read', async () => {
    const front = await openFront(host.url, [])
    onTestFinished(front.close)
    const client = clientOf({ baseUrl: front.url, key: CANCEL_ONLY })
    moody('away')
    const canceling = client.cancel(
      { orderId: 'order_paid-unread' },
      { waitMs: 1_000, idempotencyKey: 'unread' },
    )
    expect((await thrown(canceling, NotKnownYet)).record).toMatchObject({ status: 'accepted' })
    host.platform('shop').mood = 'well'
    expect(
      (await client.cancel({ orderId: 'order_paid-unread' }, { idempotencyKey: 'unread' })).status,
    ).toBe('succeeded')
    expect(once('order_paid-unread')).toBe(1)
  })

  it('is thrown with its record when time is up, and known later under the same key', async () => {
    moody('away')
    const ask = (waitMs: number) =>
      clientOf().cancel({ orderId: 'order_paid-later' }, { waitMs, idempotencyKey: 'SO-"4711"\\' })
    const error = await thrown(ask(0), NotKnownYet)
    expect(error.record).toMatchObject({ status: 'accepted', final: false })
    host.platform('shop').mood = 'well'
    expect(await ask(15_000)).toMatchObject({ id: error.record?.id, status: 'succeeded' })
  })

  it('a signal ends the waiting, not the cancellation', async () => {
    moody('away')
    const controller = new AbortController()
    const canceling = clientOf().cancel(
      { orderId: 'order_paid-aborted' },
      { signal: controller.signal },
    )
    await expect
      .poll(async () => (await clientOf().list({ orderId: 'order_paid-aborted' })).data)
      .toHaveLength(1)
    controller.abort(new Error('enough'))
    await expect(canceling).rejects.toThrow('enough')
    host.platform('shop').mood = 'well'
    const [open] = (await clientOf().list({ orderId: 'order_paid-aborted' })).data
    expect(await clientOf().get(open?.id ?? '', { waitMs: 15_000 })).toMatchObject({
      status: 'succeeded',
    })
  })
})

describe('a refusal', () => {
  it('is a typed error with its record', async () => {
    const error = await thrown(clientOf().cancel({ orderId: 'order_fulfilled' }), RescindError)
    expect(error).toMatchObject({
      code: 'order-not-cancelable',
      cause: 'fulfilled',
      status: 409,
      retryable: false,
      acted: 'no',
      errors: [],
      requestId: expect.stringMatching(/./),
    })
    expect(error.record).toMatchObject({
      id: error.cancellation,
      status: 'rejected',
      orderId: 'order_fulfilled',
    })
  })

  it('that needs a person says so, with its record, and is resolved', async () => {
    const error = await thrown(
      clientOf().cancel({ orderId: 'order_400-after-refund' }),
      RescindError,
    )
    expect(error).toMatchObject({
      code: 'needs-attention',
      acted: 'yes',
      record: { status: 'needs_attention', effects: { payment: { outcome: 'automatic' } } },
    })
    expect(inspect(error, { depth: 9 }), 'the buyer’s address').not.toContain(
      error.record?.order?.customer?.email ?? 'a customer',
    )
    expect(
      await clientOf().resolve(error.cancellation ?? '', {
        as: 'not_canceled',
        note: 'still open',
      }),
    ).toMatchObject({ status: 'rejected' })
  })

  it('points at what is wrong, and is asked once', async () => {
    const front = await openFront(host.url, [])
    onTestFinished(front.close)
    const client = clientOf({ baseUrl: front.url })
    expect(
      await thrown(client.cancel({ orderId: 'a b', notify: false, message: 'x' }), RescindError),
    ).toMatchObject({
      code: 'invalid-request',
      record: null,
      errors: [{ pointer: '/orderId' }, { pointer: '/message' }],
    })
    expect(
      await thrown(
        clientOf({ baseUrl: front.url, key: 'rsk_wrong' }).cancel({ orderId: 'order_open' }),
        RescindError,
      ),
    ).toMatchObject({ status: 401 })
    expect(
      await thrown(clientOf({ baseUrl: front.url, key: CANCEL_ONLY }).stores(), RescindError),
    ).toMatchObject({ status: 403 })
    expect(await thrown(client.store('elsewhere'), RescindError)).toMatchObject({
      code: 'store-not-found',
    })
    expect(front.asked).toHaveLength(4)
  })

  it('tells a log its status, code, places and request, and nothing of the request', async () => {
    const error = await thrown(
      clientOf().cancel({
        orderId: 'a b',
        notify: false,
        message: 'a word to the buyer',
        reason: 'x'.repeat(501),
      }),
      RescindError,
    )
    expect(String(error)).toBe(
      `RescindError: 400 invalid-request: ${error.problem.detail} (` +
        error.errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ') +
        `) [request ${error.requestId}]`,
    )
    expect(error.errors.map(({ pointer }) => pointer)).toEqual(['/orderId', '/reason', '/message'])
    for (const secret of [KEY, 'a word to the buyer', 'a b', 'xxx'])
      expect(String(error)).not.toContain(secret)
  })

  it('of a batch names its rows, and says how many more there are', async () => {
    const table = ['orderId', ...Array.from({ length: 9 }, () => 'a b'), ''].join('\n')
    const error = await thrown(clientOf().batches.create(table), RescindError)
    expect(String(error)).toMatch(
      /^RescindError: 422 invalid-items: .*\(row 1 \S+ .*; row 5 .*; and 4 more\) \[request .+\]$/,
    )
  })

  it('of another server is told as far as it is one', async () => {
    for (const errors of [undefined, null, 'x', []]) {
      const problem = { code: 'x', detail: 'y', status: 400, retryable: false, errors }
      const error = new RescindError(problem as never, null)
      expect(String(error)).toBe('RescindError: 400 x: y')
    }
  })

  it('that a record carries is its end, whatever its status', async () => {
    moody('away')
    const front = await openFront(host.url, [])
    onTestFinished(front.close)
    const canceling = clientOf({ baseUrl: front.url }).cancel(
      { orderId: 'order_transfer', target: 'transfer' },
      { customerToken: 'a.customer.token' },
    )
    expect(await thrown(canceling, RescindError)).toMatchObject({
      status: 503,
      code: 'platform-unavailable',
      record: { status: 'rejected' },
    })
    expect(front.asked.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it('for a reason that may pass is asked again only if wished, and keeps its record', async () => {
    moody('refusing')
    const ask = (retryRejected: boolean) =>
      clientOf().cancel(
        { orderId: 'order_paid-mended' },
        { idempotencyKey: 'mended', retryRejected },
      )
    const error = await thrown(ask(false), RescindError)
    expect(error).toMatchObject({ code: 'platform-credentials', retryable: true, acted: 'no' })
    const again = ask(true)
    await expect
      .poll(
        () =>
          host.platform('shop').calls.filter((call) => call.includes('order_paid-mended')).length,
      )
      .toBeGreaterThan(1)
    host.platform('shop').mood = 'well'
    expect(await again).toMatchObject({ id: error.cancellation, status: 'succeeded' })
  })
})
