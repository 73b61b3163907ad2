/** Lists of the console: three empties, filters that are addresses, pages, and live changes. */
import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { unsure } from '../../src/ledger/rules.ts'
import { type Call, held } from '../../src/console/layout.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { sleep } from '../../src/model/time.ts'
import { openFixture } from './fixture.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
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

  it('the stores page tells who answers, and who refuses our credentials', async () => {
    const { ask } = openFixture({ says: () => null })
    const before = await ask('/console/stores')
    expect(before.text).toContain('not since the start')
    await ask('/console/new?store=hostile&order=order_paid')
    await ask('/console/new?store=sandbox-wix&order=open')
    const { text } = await ask('/console/stores')
    const rowOf = (store: string) =>
      text.split('<tr>').find((row) => row.includes(`<bdi>${store}</bdi>`)) ?? ''
    expect(rowOf('hostile')).toMatch(/Credentials refused.*rescind stores check.*1 call|nothing/s)
    expect(rowOf('sandbox-wix')).toMatch(/Answers.*<time/s)
    expect(rowOf('sandbox-wix')).not.toContain('not since the start')
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
    expect(wrong.text).toMatch(/<td>2<\/td><td><bdi>store<\/bdi><\/td>/)
    const other = await check('\nstore;order\nsandbox-wix;open\n')
    expect(other.text).toContain('<li><bdi>line 2, order: is the number that people see')
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
    // Ten are shown at once; of more than a page the list has the rest.
    expect((await ask('/console/find?q=third')).text).toContain('Search: “<bdi>third</bdi>”')
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
    expect(changed.text).toContain('51.40 USD went back')
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
