/** Forms of the console: only our own pages may send them, and each says what was wrong with it. */
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openFixture, ORIGIN } from './fixture.ts'
import { troubled } from './people.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('forms', () => {
  const POSTS = [
    '/console/login',
    '/console/logout',
    '/console/settings',
    '/console/new/preview',
    '/console/new/cancel',
    '/console/cancellations/can_1/withdraw',
    '/console/cancellations/can_1/resolve',
    '/console/batches/start',
    '/console/webhooks/orders/test',
    '/console/webhooks/orders/enable',
    '/console/webhooks/orders/replay',
  ]

  it.each(POSTS)('%s from elsewhere is refused unread', async (path) => {
    const { app } = openFixture()
    const post = async (headers: Record<string, string>) =>
      (
        await app.fetch(
          new Request(ORIGIN + path, {
            method: 'POST',
            body: 'key=x',
            headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
          }),
        )
      ).status
    expect([
      await post({ origin: 'http://evil.example' }),
      await post({ origin: 'null' }),
      await post({}),
      await post({ origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }),
      await post({ 'content-type': 'text/plain' }),
    ]).toEqual([403, 403, 403, 403, 403])
    expect(await post({ origin: ORIGIN, 'content-type': 'application/json' })).toBe(415)
    expect(await post({ origin: ORIGIN })).not.toBe(403)
  })

  it('a foreign resolve writes nothing, our own closes it; a note is required', async () => {
    const fixture = openFixture()
    const path = await troubled(fixture)
    const resolve = (form: Record<string, string>, headers = {}) =>
      fixture.ask(`${path}/resolve`, { form, headers })
    expect(
      (await resolve({ as: 'canceled', note: 'seen' }, { origin: 'http://evil.example' })).status,
    ).toBe(403)
    for (const form of [
      { as: 'canceled', note: ' ' },
      { as: 'canceled', note: 'a\u0000b' },
      { note: 'seen' },
      { as: 'other', note: 'seen' },
    ])
      expect((await resolve(form as never)).status).toBe(400)
    expect((await fixture.ask(path)).text).toContain('What did you find')
    expect((await resolve({ as: 'not_canceled', note: 'Refund taken back' })).location).toBe(path)
    expect((await fixture.ask(path)).text).toContain(
      'A person found that the order is not canceled.',
    )
    expect((await resolve({ as: 'canceled', note: 'again' })).status).toBe(409)
  })

  it('what is no form is a clear refusal, and no fault', async () => {
    const { app, faults } = openFixture()
    const post = (path: string, type: string, body: string) =>
      app.fetch(
        new Request(ORIGIN + path, {
          method: 'POST',
          body,
          headers: { 'content-type': type, origin: ORIGIN },
        }),
      )
    for (const [path, type, body, status] of [
      ['/console/new/preview', 'multipart/form-data', 'x', 400],
      ['/console/batches/check', 'multipart/form-data; boundary=a', '--b\r\n', 400],
      [
        '/console/settings',
        'application/x-www-form-urlencoded',
        `theme=${'x'.repeat(20_000)}`,
        413,
      ],
      [
        '/console/new/preview',
        'application/x-www-form-urlencoded',
        'store=sandbox-wix&orderId=%00',
        400,
      ],
      ['/console/new/preview', 'application/x-www-form-urlencoded', '', 404],
    ] as const)
      expect((await post(path, type, body)).status, `${path} ${type}`).toBe(status)
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=a']) {
      const answer = await app.fetch(
        new Request(`${ORIGIN}/console/batches/check`, {
          method: 'POST',
          body: gzipSync('theme=dark'),
          headers: { 'content-type': type, origin: ORIGIN, 'content-encoding': 'gzip' },
        }),
      )
      expect([
        answer.status,
        answer.headers.get('accept-encoding'),
        (await answer.text()).includes('“gzip”'),
      ]).toEqual([415, 'identity', true])
    }
    expect(faults).toEqual([])
  })

  it('a preview sends nothing; two presses of its button are one cancellation', async () => {
    const { cancel, gateway } = openFixture()
    const { preview, press } = await cancel({
      reason: 'Wrong quantity',
      notify: 'yes',
      restock: 'yes',
    })
    expect(preview.text).toContain(
      '<span>Cancel order <bdi>2</bdi>: <bdi>puts the goods back, refunds 51.40 USD</bdi></span>',
    )
    expect(preview.text).toContain('Not as asked: ')
    expect(await gateway.list({ stores: null, order: 'asc', limit: 9 })).toEqual([])
    const [first, second] = await Promise.all([press(), press()])
    expect([first.status, first.location]).toEqual([303, second.location])
    const [record, ...others] = await gateway.list({ stores: null, order: 'asc', limit: 9 })
    expect(others).toEqual([])
    expect(record).toMatchObject({
      status: 'succeeded',
      caller: 'local',
      request: {
        reason: 'Wrong quantity',
        notify: true,
        restock: true,
        message: null,
        strict: false,
        target: 'order',
      },
    })
  })

  it('what is wrong is said beside its field, what was typed stays', async () => {
    const { ask, cancel } = openFixture()
    const { preview } = await cancel({
      store: 'sandbox-wix',
      orderId: 'open',
      message: 'Sorry',
      reason: 'x'.repeat(501),
    })
    expect(preview.status).toBe(400)
    expect(preview.text).toMatch(/id="message-error">.*only together with &quot;notify&quot;: true/)
    expect(preview.text).toMatch(/<textarea id="message"[^>]*aria-invalid="true"[^>]*>Sorry</)
    expect(preview.text).toMatch(/id="reason-error"/)
    const { hidden } = await cancel()
    expect((await ask('/console/new/cancel', { form: { ...hidden, key: '' } })).status).toBe(400)
    expect(
      (await ask('/console/new/preview', { form: { ...hidden, orderId: 'nowhere' } })).status,
    ).toBe(404)
  })
})
