/**
 * The console as a server: who gets in, what a form may do, what is shown to whom, and what never
 * leaves it.
 */
import { getEventListeners } from 'node:events'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { unsure } from '../../src/ledger/rules.ts'
import { type Call, held } from '../../src/console/layout.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { sleep } from '../../src/model/time.ts'
import { start } from '../../src/hosts/node/index.ts'
import { callerOf, openFixture, ORIGIN, SECRET } from './fixture.ts'

const KEY = 'rsk_right'
const all = ['read', 'cancel', 'operate'] as const
const erp = () => callerOf('erp.1 ü', KEY, [...all])

/** A record that needs a person. */
const troubled = async ({ cancel, ask }: ReturnType<typeof openFixture>, cookie?: string) => {
  const { press } = await cancel({ orderId: 'order_400-after-refund' }, cookie)
  const { location } = await press()
  expect((await ask(location ?? '', { cookie })).text).toContain('Needs you')
  return location ?? ''
}

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('sessions', () => {
  it('a key lets in, once; the cookie is signed, strict and holds no key', async () => {
    const { ask, enter } = openFixture({ callers: [await erp()] })
    expect((await ask('/console/cancellations?status=rejected')).location).toBe(
      `/console/login?next=${encodeURIComponent('/console/cancellations?status=rejected')}`,
    )
    const wrong = await ask('/console/login', { form: { key: 'rsk_wrong' } })
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null])
    expect(wrong.text).toContain('This key is not known.')
    expect(wrong.text).not.toContain('rsk_wrong')
    const right = await ask('/console/login', {
      form: { key: ` ${KEY} `, next: '/console/cancellations?status=rejected' },
    })
    expect([right.status, right.location]).toEqual([303, '/console/cancellations?status=rejected'])
    const cookie = right.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(
      /^rescind_session=[^;]+; Max-Age=43200; Path=\/console; HttpOnly; SameSite=Strict$/,
    )
    expect(decodeURIComponent(cookie)).not.toContain(KEY)
    expect((await ask('/console', { cookie: await enter(KEY) })).text).toContain('erp.1 ü')
    expect(
      (
        await ask('/console/login', {
          form: { key: KEY },
          headers: { 'x-forwarded-proto': 'https' },
        })
      ).headers.get('set-cookie'),
    ).toMatch(/; Secure/)
    for (const next of [
      '//evil.example',
      'https://evil.example',
      '/console\\evil',
      '/console/../v1',
      '/consolevil',
      '/console/@evil"',
    ]) {
      const { location } = await ask('/console/login', { form: { key: KEY, next } })
      const { origin, pathname } = new URL(location ?? '', ORIGIN)
      expect([origin, pathname], next).toEqual([ORIGIN, '/console'])
    }
    const out = await ask('/console/logout', {
      form: {},
      cookie: await enter(KEY),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(out.headers.get('set-cookie')).toMatch(/^rescind_session=; Max-Age=0; Path=\/console/)
  })

  it('what was forged, is too old, or is of a caller or key now gone, is nobody’s', async () => {
    const fixture = openFixture({
      callers: [await erp(), await callerOf('admin', 'rsk_admin', [...all])],
    })
    const cookie = await fixture.enter(KEY)
    const isIn = async (given: string, at = fixture) =>
      (await at.ask('/console', { cookie: given })).status === 200
    expect(await isIn(cookie)).toBe(true)
    expect(await isIn(cookie.replace('erp', 'adm'))).toBe(false)
    expect(
      await isIn(cookie.replace(/=(\d)/, (_, digit: string) => `=${(Number(digit) + 1) % 10}`)),
    ).toBe(false)
    expect(await isIn(cookie.replace(/.{4}(%3D)?$/, 'AAA%3D'))).toBe(false)
    expect(await isIn('rescind_session=')).toBe(false)
    // The same secret makes several gateways one; another makes them strangers.
    expect(await isIn(cookie, openFixture({ callers: [await erp()] }))).toBe(true)
    expect(await isIn(cookie, openFixture({ callers: [await erp()], secret: `${SECRET}!` }))).toBe(
      false,
    )
    expect(
      await isIn(
        cookie,
        openFixture({ callers: [await callerOf('admin', 'rsk_admin', [...all])] }),
      ),
    ).toBe(false)
    expect(
      await isIn(
        cookie,
        openFixture({ callers: [await callerOf('erp.1 ü', 'rsk_rotated', [...all])] }),
      ),
    ).toBe(false)
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    vi.setSystemTime(Date.now() + 24 * 3_600_000) // What is set is not what goes by.
    expect(await isIn(cookie)).toBe(true)
    vi.advanceTimersByTime(12 * 3_600_000 - 60_000)
    expect(await isIn(cookie)).toBe(true)
    vi.advanceTimersByTime(60_000)
    expect(await isIn(cookie)).toBe(false)
  })

  it('wrong keys are slowed down; the right one gets in, whatever the clock does', async () => {
    const { ask } = openFixture({ callers: [await erp()] })
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const wrong = async () => (await ask('/console/login', { form: { key: 'rsk_wrong' } })).status
    for (let times = 0; times < 10; times++) expect(await wrong()).toBe(401)
    for (let times = 0; times < 20; times++) expect(await wrong()).toBe(429)
    expect((await ask('/console/login', { form: { key: KEY } })).status).toBe(303)
    vi.setSystemTime(Date.now() - 3_600_000)
    expect([await wrong(), (await ask('/console/login', { form: { key: KEY } })).status]).toEqual([
      429, 303,
    ])
    vi.advanceTimersByTime(7_000)
    expect([
      await wrong(),
      await wrong(),
      (await ask('/console/login', { form: { key: KEY } })).status,
    ]).toEqual([401, 429, 303])
  })

  it('a link from elsewhere is followed by our own page, with the strict cookie', async () => {
    const { ask } = openFixture({ callers: [await erp()] })
    const { status, text } = await ask('/console', { headers: { 'sec-fetch-site': 'cross-site' } })
    expect([status, text.includes('http-equiv="refresh" content="0"')]).toEqual([200, true])
  })

  it('too short a secret is refused at the start; there is a console on Node alone', async () => {
    const environment = { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' }
    await expect(
      start({ ...environment, RESCIND_SESSION_SECRET: 'short' }, { sandbox: true }),
    ).rejects.toThrow('RESCIND_SESSION_SECRET must have at least 32 characters')
    const gateway = await start(
      { ...environment, RESCIND_SESSION_SECRET: SECRET },
      { sandbox: true },
    )
    expect((await fetch(`${gateway.url}/console`)).status).toBe(200)
    await gateway.close()
    const { gateway: cases } = openFixture()
    const { status, headers } = await createApp({
      gateway: cases,
      ready: async () => {},
      callers: null,
      adapters: [],
    }).request('/console')
    expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  })
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
      '<span>Cancel order <bdi>2</bdi>: <bdi>puts the goods back, refunds 51.3971 USD</bdi></span>',
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

describe('what a caller sees', () => {
  it('scopes and stores decide what is shown, offered and done', async () => {
    const callers = [
      await erp(),
      await callerOf('viewer', 'rsk_view', ['read']),
      await callerOf('wixer', 'rsk_wix', [...all], ['sandbox-wix']),
      await callerOf('blind', 'rsk_blind', ['cancel']),
    ]
    const fixture = openFixture({ callers })
    const { ask, enter } = fixture
    const path = await troubled(fixture, await enter(KEY))
    const viewer = await enter('rsk_view')
    const page = await ask(path, { cookie: viewer })
    expect([
      page.status,
      page.text.includes('/resolve'),
      page.text.includes('New cancellation'),
    ]).toEqual([200, false, false])
    for (const [to, form] of [
      [`${path}/resolve`, { as: 'canceled', note: 'x' }],
      [`${path}/withdraw`, { x: '' }],
      ['/console/new/preview', { store: 'sandbox-wix', orderId: 'open' }],
      ['/console/new/cancel', { store: 'sandbox-wix', orderId: 'open' }],
    ] as const) {
      expect((await ask(to, { form, cookie: viewer })).status, to).toBe(403)
    }
    expect((await ask('/console/new', { cookie: viewer })).status).toBe(403)
    const wixer = await enter('rsk_wix')
    for (const to of [path, '/console/new?store=sandbox-medusa&order=order_open'])
      expect((await ask(to, { cookie: wixer })).status, to).toBe(404)
    expect(
      (await ask(`${path}/resolve`, { form: { as: 'canceled', note: 'x' }, cookie: wixer })).status,
    ).toBe(404)
    expect(
      (
        await ask('/console/new/preview', {
          form: { store: 'sandbox-medusa', orderId: 'order_open' },
          cookie: wixer,
        })
      ).status,
    ).toBe(404)
    expect(
      (await ask('/console/cancellations?store=sandbox-medusa', { cookie: wixer })).text,
    ).toContain('None match.')
    for (const to of ['/console', '/console/cancellations', '/console/stores', '/console/new'])
      expect((await ask(to, { cookie: wixer })).text, to).not.toContain('medusa')
    expect((await ask('/console/login', { form: { key: 'rsk_blind' } })).status).toBe(403)
  })

  it('hostile text is text, wherever it comes from', async () => {
    const EVIL = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>"
    const { ask, cancel } = openFixture({
      says: (reply) =>
        reply.replaceAll(
          /"(first_name|title|product_title|variant_sku)":"[^"]*"/g,
          (_, name: string) => `"${name}":${JSON.stringify(EVIL)}`,
        ),
    })
    const { preview, press } = await cancel({
      store: 'hostile',
      reason: EVIL,
      reference: EVIL.slice(0, 90),
    })
    const { location } = await press()
    const pages = [
      preview,
      await ask(location ?? ''),
      await ask('/console'),
      await ask('/console/cancellations'),
      await ask('/console/new?store=hostile&order=order_open'),
      await ask(`/console/new?find=${encodeURIComponent(EVIL)}`),
      await ask(`/console/cancellations?reference=${encodeURIComponent(EVIL)}`),
      await ask(`/console/login?next=${encodeURIComponent(EVIL)}`),
      await ask(`/console/${encodeURIComponent(EVIL)}`),
    ]
    expect(pages[0]?.text).toContain('&lt;script&gt;')
    expect(pages[4]?.text).toContain('&lt;img src=x')
    for (const { text } of pages)
      expect(text.replaceAll(/="[^"]*"/g, '')).not.toMatch(
        /<script>|<img|<[^>]*\s(on\w+|style)[\s=>]/,
      )
  })

  it('every page is strict, small, and asks no other host for anything', async () => {
    const fixture = openFixture()
    const path = await troubled(fixture)
    const { preview } = await fixture.cancel()
    const paths = [
      '/console',
      '/console/cancellations',
      path,
      '/console/new',
      '/console/new?store=sandbox-medusa&order=order_open',
      '/console/stores',
      '/console/batches',
      '/console/nowhere',
      '/console/cancellations/can_x',
      '/console/script.js',
      '/console/style.css',
      '/console/icon.svg',
    ]
    for (const [name, { text, headers }] of [
      ['preview', preview],
      ...(await Promise.all(paths.map(async (path) => [path, await fixture.ask(path)] as const))),
    ] as const) {
      expect(headers.get('content-security-policy'), name).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src " +
          "'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      expect(
        [
          headers.get('x-content-type-options'),
          headers.get('x-frame-options'),
          headers.get('cache-control'),
          headers.get('referrer-policy'),
        ],
        name,
      ).toEqual(['nosniff', 'DENY', 'no-store', 'same-origin'])
      expect(
        text
          .match(/https?:\/\/(?!gateway\.test)[^\s<"]*/g)
          ?.filter(
            (found) => name !== '/console/stores' && found !== 'http://www.w3.org/2000/svg',
          ) ?? [],
        name,
      ).toEqual([])
      if (name !== '/console/script.js')
        expect(
          [...text.matchAll(/(?:href|src|action|formaction|url)\s*[=(]\s*["']?([^"')\s>]+)/g)]
            .map(([, to]) => to)
            .filter((to) => !/^(\/(console|problems)|#|location)/.test(to ?? '')),
          name,
        ).toEqual([])
      expect(gzipSync(text).length, name).toBeLessThanOrEqual(30 * 1024)
    }
    expect(Buffer.byteLength((await fixture.ask('/console/script.js')).text)).toBeLessThanOrEqual(
      6 * 1024,
    )
    expect((await fixture.ask('/docs')).headers.get('content-security-policy')).toContain(
      "style-src 'unsafe-inline'",
    )
  })
})

describe('lists', () => {
  it('not told in time: since when a look counts; read now on request, nothing sent', async () => {
    const { ask, cancel, gateway } = openFixture()
    const { press } = await cancel({ store: 'sandbox-shoplazza', orderId: 'aborted' })
    const path = (await press()).location ?? ''
    const id = path.split('/').at(-1) ?? ''
    const { text } = await ask(path)
    expect(text).toMatch(
      /Seen canceled, it counts at once\. Seen open, it counts only <time[^>]*>in \d seconds?</,
    )
    expect(text).not.toContain('The order now')
    const { attempts, version } = await gateway.get(id)
    expect((await ask(`${path}?look=now`)).text).toMatch(/<div id="now">.*The order now/s)
    const after = await gateway.get(id)
    expect([after.attempts, after.version]).toEqual([attempts, version])
  })

  it('a look is named only where there was one', async () => {
    const { ask } = openFixture({ says: () => null })
    const answer = await ask('/console/new/cancel', {
      form: { store: 'hostile', orderId: 'order_paid', key: `console-${crypto.randomUUID()}` },
    })
    const { text } = await ask(answer.location ?? '')
    expect(text).toContain('The store refused our credentials.')
    expect(text).not.toContain('by a look at the order')
  })

  it('a file that cannot be taken says so, and not that it would be canceled', async () => {
    const { ask } = openFixture()
    const check = async (text: string) => {
      const form = new FormData()
      form.set('file', new File([text], 'orders.csv'))
      return ask('/console/batches/check', { body: form })
    }
    const wrong = await check('store,orderId\nnowhere,open\nsandbox-wix,open\n')
    expect(wrong.text).toContain('This file cannot be taken')
    expect(wrong.text).not.toMatch(/<h1>Cancel/)
    const other = await check('store;orderId\nsandbox-wix;open\n')
    expect(other.text).toContain('<li><bdi>the columns are separated by semicolons')
    expect(other.text).toContain('Choose another file')
  })

  it('three empties are three: none yet, none match, could not load', async () => {
    const ledger = openMemoryLedger()
    let failing = false
    const fixture = openFixture({
      ledger: {
        ...ledger,
        list: (query) =>
          failing ? Promise.reject(new Error('disk at /secret')) : ledger.list(query),
      },
    })
    expect((await fixture.ask('/console/cancellations')).text).toContain('None yet.')
    expect((await fixture.ask('/console')).text).toContain('Nothing needs you.')
    const none = await fixture.ask('/console/cancellations?status=rejected&order=x')
    expect(none.text).toContain('None match.')
    expect(none.text).toContain('/console/new?find=x')
    failing = true
    for (const path of ['/console', '/console/cancellations']) {
      const { status, text } = await fixture.ask(path)
      expect(
        [status, text.includes('Could not load'), /None|Nothing needs|secret/.test(text)],
        path,
      ).toEqual([503, true, false])
    }
    for (const from of ['yesterday', '2026-02-31'])
      expect((await fixture.ask(`/console/cancellations?from=${from}`)).status, from).toBe(400)
  })

  it('a press may be written down if its writing was lost, and is not if refused', async () => {
    const ledger = openMemoryLedger()
    let failure: Error | null = null
    const { cancel } = openFixture({
      ledger: {
        ...ledger,
        claim: (...asked) => (failure ? Promise.reject(failure) : ledger.claim(...asked)),
      },
    })
    const { press } = await cancel({ orderId: 'order_paid' })
    for (const [error, words] of [
      [unsure(new Error('lost')), /may be written down.*look for it before/],
      [new Error('full'), /Nothing was accepted and nothing sent/],
    ] as const) {
      failure = error
      const { status, text } = await press()
      expect([status, text]).toEqual([503, expect.stringMatching(words)])
    }
  })

  it('filters are the address, and pages follow one another without a gap', async () => {
    const { ask, gateway } = openFixture()
    for (let n = 0; n < 30; n++)
      await gateway.cancel(
        {
          store: 'sandbox-wix',
          orderId: `open-${n}`,
          reason: null,
          reasonCode: null,
          notify: null,
          message: null,
          restock: null,
          strict: false,
          reference: n % 3 === 0 ? 'third' : null,
          target: 'order',
        },
        'erp',
        null,
        null,
      )
    const rows = (text: string) => [...text.matchAll(/id="row-(can_\w+)"/g)].map(([, id]) => id)
    const first = await ask('/console/cancellations?store=sandbox-wix')
    const older = /href="([^"]+)" rel="next"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(older).toContain('store=sandbox-wix')
    const second = await ask(older)
    expect(new Set([...rows(first.text), ...rows(second.text)]).size).toBe(30)
    expect(rows((await ask('/console/cancellations?reference=third')).text)).toHaveLength(10)
    const today = new Date().toISOString().slice(0, 10)
    expect(
      rows((await ask(`/console/cancellations?from=${today}&to=${today}&reference=third`)).text),
    ).toHaveLength(10)
    expect((await ask('/console/find?q=open-7')).location).toMatch(
      /^\/console\/cancellations\/can_/,
    )
    expect((await ask('/console/find?q=third')).location).toBe(
      '/console/cancellations?reference=third',
    )
    expect((await ask('/console/find?q=10012')).location).toBe('/console/new?find=10012')
    await gateway.close()
  })

  it('the script gets the region alone, once it changed, and is let go at the end', async () => {
    const closing = new AbortController()
    const { ask, cancel } = openFixture({ closing: closing.signal })
    const mark = /data-mark="([^"]+)"/.exec((await ask('/console/cancellations')).text)?.[1] ?? ''
    const waiting = ask('/console/cancellations', { headers: { 'rescind-live': mark } })
    await (await cancel()).press()
    const changed = await waiting
    expect(changed.status).toBe(200)
    expect(changed.text).toMatch(/^<div id="live" data-needs="" data-mark="[^"]+"/)
    expect(changed.text).toContain('51.3971 USD went back')
    const held = ask('/console/cancellations', {
      headers: { 'rescind-live': /data-mark="([^"]+)"/.exec(changed.text)?.[1] ?? '' },
    })
    closing.abort()
    expect((await held).status).toBe(204)
  })

  it('a held page leaves nothing with the closing signal, however often it looked', async () => {
    const closing = new AbortController()
    const c = {
      req: { header: () => 'same', raw: { signal: new AbortController().signal } },
    } as unknown as Call
    let [looks, composite] = [0, closing.signal]
    const pause = (signal: AbortSignal) => sleep(0)((composite = signal))
    await held(
      c,
      { closing: closing.signal } as never,
      async () => ++looks,
      (look) => (look < 50 ? 'same' : 'other'),
      pause,
    )
    expect([
      looks,
      getEventListeners(composite, 'abort').length,
      getEventListeners(closing.signal, 'abort').length,
    ]).toEqual([50, 0, 0])
    const started = performance.now()
    const sleeping = sleep(10_000)(closing.signal)
    closing.abort()
    await Promise.all([sleeping, sleep(10_000)(closing.signal)])
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(getEventListeners(closing.signal, 'abort')).toHaveLength(0)
  })
})
