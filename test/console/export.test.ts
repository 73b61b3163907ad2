/** The list as a file: what the filters show, safe to open, and with a word where it is cut. */
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { tableOfList } from '../../src/console/export.ts'
import { callerService } from '../../src/gateway/caller.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { LOCAL } from '../../src/http/auth.ts'
import { callerOf, openFixture } from './fixture.ts'

const wish = {
  reason: null,
  reasonCode: null,
  notify: null,
  message: null,
  restock: null,
  strict: false,
  target: 'order',
} as const

const many = async (howMany: number, reference: string | null = null) => {
  const fixture = openFixture()
  for (let n = 0; n < howMany; n++)
    await fixture.gateway.cancel(
      { ...wish, store: 'sandbox-wix', orderId: `open-${n}`, reference },
      'erp',
      null,
      null,
    )
  return fixture
}

const rowsOf = (text: string): string[][] => Papa.parse<string[]>(text.trim()).data

describe('the list as CSV', () => {
  it('what the filters show, whatever page was looked at, with exact amounts', async () => {
    const { ask, cancel, gateway } = await many(30)
    await (await cancel({ reference: 'SO-1' })).press()
    const list = await ask('/console/cancellations?store=sandbox-wix')
    expect(list.text).toContain(
      '<a href="/console/cancellations.csv?store=sandbox-wix" download>Download as CSV</a>',
    )
    const { status, headers, text } = await ask('/console/cancellations.csv?store=sandbox-wix')
    expect([status, headers.get('content-type'), headers.get('content-disposition')]).toEqual([
      200,
      'text/csv; charset=utf-8',
      expect.stringMatching(/^attachment; filename="cancellations-\d{4}-\d\d-\d\d\.csv"$/),
    ])
    const [names = [], ...rows] = rowsOf(text)
    expect([names[0], names.at(-1), rows.length]).toEqual(['asked at', 'cancellation', 30])
    const one = rowsOf((await ask('/console/cancellations.csv?reference=SO-1')).text)
    const said = Object.fromEntries(names.map((name, index) => [name, one[1]?.[index]]))
    expect(said).toMatchObject({
      'order id': 'order_paid',
      status: 'succeeded',
      'payment amount': '51.3971',
      currency: 'USD',
      'what became of it': expect.stringContaining('51.40 USD went back'),
    })
    expect(rowsOf((await ask('/console/cancellations.csv?order=none')).text)).toEqual([names])
    await gateway.close()
  })

  it('what a spreadsheet would take for a formula is text', async () => {
    const { ask, gateway } = await many(1, '=HYPERLINK("http://evil.example";"x")')
    const { text } = await ask('/console/cancellations.csv')
    expect(rowsOf(text)[1]).toContain('\'=HYPERLINK("http://evil.example";"x")')
    await gateway.close()
  })

  it('goes on over its pages, and says where it is cut', async () => {
    const { gateway } = await many(410)
    const service = callerService(gateway, LOCAL)
    const read = async (most: number) =>
      rowsOf(await new Response(await tableOfList(service, {}, most)).text()).slice(1)
    const all = await read(1_000)
    expect([all.length, new Set(all.map((row) => row.at(-1))).size]).toEqual([410, 410])
    for (const most of [5, 200, 300, 400, 409]) {
      const rows = await read(most)
      expect([rows.length, rows.at(-1)], String(most)).toEqual([
        most + 1,
        [`Cut here: the ${most} newest of more. Narrow the filters.`],
      ])
    }
    expect((await read(410)).length).toBe(410)
    await gateway.close()
  })

  it('a ledger that is away is a page that says so, wrong filters too, and no file', async () => {
    const ledger = openMemoryLedger()
    const { ask } = openFixture({
      ledger: { ...ledger, list: () => Promise.reject(new Error('disk at /secret')) },
    })
    const { status, headers, text } = await ask('/console/cancellations.csv')
    expect([status, headers.get('content-type'), headers.get('content-disposition')]).toEqual([
      503,
      expect.stringContaining('text/html'),
      null,
    ])
    expect([text.includes('Could not load'), text.includes('secret')]).toEqual([true, false])
    expect((await ask('/console/cancellations.csv?from=x')).status).toBe(400)
  })

  it('holds what its caller reaches, and nothing without a session', async () => {
    const fixture = openFixture({
      callers: [
        await callerOf('eve', 'rsk_eve', ['read'], ['sandbox-wix']),
        await callerOf('all', 'rsk_all', ['read', 'cancel']),
      ],
    })
    const [eve, all] = [await fixture.enter('rsk_eve'), await fixture.enter('rsk_all')]
    await (await fixture.cancel({}, all)).press()
    const of = async (cookie: string) =>
      rowsOf((await fixture.ask('/console/cancellations.csv', { cookie })).text).length - 1
    expect([await of(eve), await of(all)]).toEqual([0, 1])
    expect((await fixture.ask('/console/cancellations.csv')).status).toBe(303)
  })
})

describe('the filters', () => {
  it('each that is set is a chip that takes it away; the status stays', async () => {
    const { ask } = openFixture()
    const { text } = await ask(
      '/console/cancellations?status=rejected&store=sandbox-wix&order=%20x%20&reference=&from=2026-01-01',
    )
    const chips = [...text.matchAll(/<a href="([^"]*)"><span class="out">Take away:<\/span>/g)]
    expect(chips.map(([, href]) => href?.replaceAll('&amp;', '&'))).toEqual([
      '/console/cancellations?order=+x+&from=2026-01-01&status=rejected',
      '/console/cancellations?store=sandbox-wix&from=2026-01-01&status=rejected',
      '/console/cancellations?store=sandbox-wix&order=+x+&status=rejected',
    ])
    expect(text).toContain('Clear all')
    expect(text).not.toContain('Download as CSV')
    expect((await ask('/console/cancellations')).text).not.toContain('Take away')
  })
})
