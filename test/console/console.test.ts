/**
 * The console as a server: who gets in, what is shown to whom, and what never leaves it.
 */
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { start } from '../../src/hosts/node/index.ts'
import { callerOf, openFixture, ORIGIN, SECRET } from './fixture.ts'
import { troubled } from './people.ts'

const KEY = 'rsk_right'

const all = ['read', 'cancel', 'operate'] as const

const erp = () => callerOf('erp.1 ü', KEY, [...all])

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
      await ask(`/console/find?q=${encodeURIComponent(EVIL)}`),
      await ask(`/console/find?q=order_paid&stores=${encodeURIComponent(EVIL)}`),
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
      '/console/find?q=order_paid&stores=1',
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
      "style-src 'self'",
    )
  })
})
