/** Every error in the console is a page of it, whatever was asked and however. */
import { describe, expect, it } from 'vitest'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { unsure } from '../../src/ledger/rules.ts'
import { callerOf, ORIGIN, openFixture } from './fixture.ts'

type Answer = Awaited<ReturnType<ReturnType<typeof openFixture>['ask']>>

/** A page with its ways on, the matter and what to do; and by what name it stands in the log. */
const expectPage = ({ headers, text }: Answer, about: string): void => {
  const id = headers.get('request-id') ?? ''
  expect(id, about).not.toBe('')
  expect(
    [
      headers.get('content-type'),
      text.includes('<nav aria-label="Main">'),
      /<h1><svg.*?<\/svg> ?[A-Z][^<]+<\/h1>/.test(text),
      text.includes('<strong>What to do:</strong>'),
      text.includes(`In the log it is request <code>${id}</code>`),
      /\bat .*\.ts\b|Error:|"code"|\/secret/.test(text),
    ],
    about,
  ).toEqual(['text/html; charset=UTF-8', true, true, true, true, false])
}

const form = { store: 'sandbox-medusa', orderId: 'order_paid', target: 'order' }
const NOWHERE = 'can_01M8Q0A0Y7Q3V5KQC94TKAFYXM'

describe('errors', () => {
  it.each([
    ['GET', '/console/nowhere', 404],
    ['GET', '/console/cancellations/can_x', 404],
    ['GET', `/console/cancellations/${NOWHERE}`, 404],
    ['GET', '/console/cancellations?from=yesterday', 400],
    ['GET', '/console/cancellations?cursor=x', 400],
    ['GET', '/console/batches/bat_x', 404],
    ['GET', '/console/batches/bat_x/items.csv', 404],
    ['GET', '/console/links/nobody', 404],
    ['GET', '/console/links?status=odd', 400],
    ['GET', '/console/new?store=nowhere&order=x', 404],
    ['GET', '/console/new?store=sandbox-medusa&order=none', 404],
    ['GET', '/console/new?store=sandbox-medusa&order=%00', 400],
    ['GET', '/console/%E0%A4%A', 404],
    ['POST', '/console/nowhere', 404],
    ['POST', '/console/cancellations', 404],
    ['POST', `/console/cancellations/${NOWHERE}/withdraw`, 404],
    ['POST', `/console/cancellations/${NOWHERE}/resolve`, 404],
    ['POST', '/console/new/cancel', 400],
    ['POST', '/console/batches/bat_x/stop', 404],
    ['POST', '/console/batches/check', 400],
  ])('%s %s is a page that says %i', async (method, path, status) => {
    const { ask, faults } = openFixture()
    const answer = await ask(path, method === 'POST' ? { form } : {})
    expect([answer.status, faults]).toEqual([status, []])
    expectPage(answer, path)
  })

  it('what the state forbids, too large a form, a body of another kind, a form from elsewhere', async () => {
    const { ask, cancel, app } = openFixture()
    const { location } = await (await cancel()).press()
    const settled = await ask(`${location}/withdraw`, { form: {} })
    const large = await ask('/console/new/preview', {
      form: { ...form, reason: 'x'.repeat(20_000) },
    })
    const foreign = await ask(`${location}/withdraw`, {
      form: {},
      headers: { origin: 'http://evil.example' },
    })
    const json = await app.fetch(
      new Request(`${ORIGIN}/console/new/preview`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', origin: ORIGIN },
      }),
    )
    const other: Answer = {
      status: json.status,
      headers: json.headers,
      text: await json.text(),
      location: null,
    }
    expect([settled, large, foreign, other].map(({ status }) => status)).toEqual([
      409, 413, 403, 415,
    ])
    for (const answer of [settled, large, foreign, other]) expectPage(answer, String(answer.status))
    expect(settled.text).toContain('<h1>')
  })

  it('a key that may not, and a store beyond its reach, with the ways that it has', async () => {
    const fixture = openFixture({
      callers: [await callerOf('eve', 'rsk_eve', ['read'], ['sandbox-medusa'])],
    })
    const cookie = await fixture.enter('rsk_eve')
    for (const [path, options, status] of [
      ['/console/new', {}, 403],
      ['/console/new/preview', { form }, 403],
      [`/console/cancellations/${NOWHERE}/resolve`, { form: {} }, 403],
      ['/console/webhooks/none/test', { form: {} }, 404],
      // It is elsewhere that the form comes from; who asks is known all the same.
      ['/console/settings', { form: {}, headers: { origin: 'http://evil.example' } }, 403],
    ] as const) {
      const answer = await fixture.ask(path, { ...options, cookie })
      expect(answer.status, path).toBe(status)
      expectPage(answer, path)
      expect(answer.text).toContain('<bdi>eve</bdi>')
    }
  })

  it('a session that is over says that nothing was done; nobody is told more than to log in', async () => {
    const fixture = openFixture({
      callers: [await callerOf('eve', 'rsk_eve', ['read'], ['sandbox-medusa'])],
    })
    const { status, location } = await fixture.ask('/console/new/cancel', { form })
    expect([status, location]).toEqual([303, '/console/login?over=1'])
    expect((await fixture.ask(location ?? '')).text).toContain(
      'Your session is over, so what you pressed was not done.',
    )
    expect((await fixture.ask('/console/login')).text).not.toContain('session is over')
    const foreign = await fixture.ask('/console/settings', {
      form: {},
      headers: { origin: 'http://evil.example' },
    })
    expect([foreign.status, foreign.text.includes('href="/console/login">Log in</a>')]).toEqual([
      403,
      true,
    ])
    expect(foreign.text).not.toContain('<nav')
  })

  it('the ledger away: each page and form says what is known of it, and shows no emptiness', async () => {
    const ledger = openMemoryLedger()
    const away = () => Promise.reject(new Error('disk at /secret'))
    const { ask } = openFixture({
      ledger: {
        ...ledger,
        list: away,
        get: away,
        countsByDay: away,
        claim: () => Promise.reject(unsure(new Error('lost at /secret'))),
        batches: { ...ledger.batches, list: away, get: away },
        links: { ...ledger.links, list: away, get: away, of: away },
      },
    })
    for (const path of [
      '/console',
      '/console/cancellations',
      '/console/cancellations.csv',
      `/console/cancellations/${NOWHERE}`,
      '/console/find?q=x',
      '/console/batches',
      '/console/batches/bat_x',
      '/console/links',
    ]) {
      const answer = await ask(path)
      expect([answer.status, answer.text.includes('Nothing was accepted')], path).toEqual([
        503,
        true,
      ])
      expectPage(answer, path)
    }
    const key = `console-${crypto.randomUUID()}`
    const pressed = await ask('/console/new/cancel', { form: { ...form, key } })
    expect(pressed.status).toBe(503)
    expectPage(pressed, 'pressed')
  })

  it('only the counts away is no page without them', async () => {
    const ledger = openMemoryLedger()
    const { ask } = openFixture({
      ledger: { ...ledger, countsByDay: () => Promise.reject(new Error('disk at /secret')) },
    })
    const answer = await ask('/console')
    expect(answer.status).toBe(503)
    expectPage(answer, 'counts')
  })

  it('our own fault says so, with the request by which it stands in the log', async () => {
    const { ask, faults, gateway } = openFixture()
    Object.defineProperty(gateway, 'stores', {
      get() {
        throw new TypeError('undefined at /secret/file.ts')
      },
    })
    const answer = await ask('/console/stores')
    expect([answer.status, faults.length]).toEqual([500, 1])
    expect(answer.text).toContain('We made a mistake')
    expectPage(answer, 'fault')
  })
})
