/** A checked file: how much of it is looked at, whose it is, and what its page says of the stores. */
import { describe, expect, it } from 'vitest'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { callerOf, openFixture } from './fixture.ts'

const file = (content: string | Uint8Array<ArrayBuffer>, name = 'orders.csv') => {
  const body = new FormData()
  body.set('file', new File([content], name))
  return body
}
type Fixture = ReturnType<typeof openFixture>

/** Sends a file, and its page once everything that is looked at was. */
const check = async ({ ask }: Fixture, body: FormData, cookie?: string) => {
  const sent = await ask('/console/batches/check', { body, cookie })
  expect(sent.status).toBe(303)
  const path = sent.location ?? ''
  await expect
    .poll(async () => (await ask(path, { cookie })).text, { timeout: 30_000 })
    .not.toContain('so far')
  return { path, text: (await ask(path, { cookie })).text }
}

describe('a checked file', () => {
  it('of many orders is looked at in part, and says so; a wrong number keeps the figures', async () => {
    const fixture = openFixture()
    const rows = [
      ...Array.from({ length: 250 }, (_, n) => `sandbox-medusa,order_open-${n}`),
      'sandbox-wix,open',
    ]
    const { path, text } = await check(fixture, file(`store,orderId\n${rows.join('\n')}\n`))
    expect(text).toContain('Looked at 200 of 251 orders, the first of each store.')
    expect(text).toContain('199 of 250 orders')
    expect(text).toContain('200 orders would be canceled.')
    expect(text).not.toContain('data-mark')
    const draft = path.split('/').at(-1) ?? ''
    const wrong = await fixture.ask('/console/batches/start', { form: { draft, number: '200' } })
    expect([wrong.status, wrong.text.includes('This is not the number')]).toEqual([400, true])
    expect(wrong.text).toContain('Looked at 200 of 251 orders')
    expect(await fixture.batches.list({ caller: null, limit: 5 })).toEqual([])
  })

  it('of a store that turns us away is not known there, with the reason, and never “canceled”', async () => {
    const fixture = openFixture({ says: () => null })
    const { text } = await check(
      fixture,
      file('store,orderId\nhostile,a\nhostile,b\nsandbox-wix,open\n'),
    )
    expect(text).toContain('1 order would be canceled, 2 are not known.')
    expect(text).toContain('<b>2</b> <bdi>The store refused our credentials.</bdi>')
  })

  it('is nobody else’s, to look at or to start, and is gone with the fifth after it', async () => {
    const all = ['read', 'cancel', 'operate'] as const
    const fixture = openFixture({
      callers: [
        await callerOf('anna', 'rsk_anna', [...all]),
        await callerOf('bert', 'rsk_bert', [...all]),
      ],
    })
    const [anna, bert] = [await fixture.enter('rsk_anna'), await fixture.enter('rsk_bert')]
    const one = () => file('store,orderId\nsandbox-wix,open\n')
    const { path } = await check(fixture, one(), anna)
    const draft = path.split('/').at(-1) ?? ''
    for (const to of [path, '/console/batches/check/nothing'])
      expect((await fixture.ask(to, { cookie: bert })).text).toContain('is no longer here')
    const start = { form: { draft }, cookie: bert }
    expect((await fixture.ask('/console/batches/start', start)).status).toBe(400)
    expect((await fixture.ask(path, { cookie: anna })).status).toBe(200)
    for (let times = 0; times < 4; times++) await check(fixture, one(), bert)
    expect((await fixture.ask(path, { cookie: anna })).status).toBe(400)
    expect(await fixture.batches.list({ caller: null, limit: 5 })).toEqual([])
  })

  it('shows what a person should look at first: guessed letters, ids that may be rewritten', async () => {
    const fixture = openFixture()
    const bytes = Uint8Array.from(
      Buffer.from('store;orderId;reason\nsandbox-wix;4000123456789010;Gr\u00f6\u00dfe\n', 'latin1'),
    )
    const { text } = await check(fixture, file(bytes, 'M\u00e4rz <b>.csv'))
    expect(text).toContain('M\u00e4rz &lt;b&gt;.csv')
    expect(text).toContain('Look at this first')
    expect(text).toContain('“<bdi>Größe</bdi>”')
    expect(text).toMatch(/<td>2<\/td><td><bdi>orderId<\/bdi><\/td>.*nothing but zeros after 15/)
    const plain = await check(fixture, file('store,orderId\nsandbox-wix,open\n'))
    expect(plain.text).not.toContain('Look at this first')
  })

  it('of orders that stand in it twice counts each once', async () => {
    const { text } = await check(
      openFixture(),
      file('store,orderId\nsandbox-medusa,order_paid\nsandbox-medusa,order_paid\n'),
    )
    expect(text).toContain('<dt>Twice in the file</dt><dd>1</dd>')
    expect(text).toContain('1 order would be canceled.')
  })
})

describe('what was not canceled', () => {
  it('comes back as it was sent, safe from formulas and from being rewritten, with its reason', async () => {
    const fixture = openFixture()
    const ids = ['0012', '4000123456789012', '=1+1', '-5', '12E45', 'plain']
    const { path } = await check(
      fixture,
      file(
        `Shop;Order ID;Reference;strict;message;notify\n` +
          `${ids.map((id) => `sandbox-wix;${id};R-${id};x;;`).join('\n')}\n` +
          `sandbox-wix;open;;;;\nsandbox-wix;none;;;"Two\nlines";ja\n`,
      ),
    )
    const { location } = await fixture.ask('/console/batches/start', {
      form: { draft: path.split('/').at(-1) ?? '' },
    })
    const id = location?.split('/').at(-1) ?? ''
    await expect
      .poll(
        async () => {
          await fixture.batches.tick()
          return (await fixture.batches.get(id)).finishedAt
        },
        { timeout: 30_000 },
      )
      .not.toBeNull()
    const page = await fixture.ask(location ?? '')
    expect(page.text).toContain(`href="/console/batches/${id}/not-canceled.csv"`)
    const answer = await fixture.app.fetch(
      new Request(`http://gateway.test/console/batches/${id}/not-canceled.csv`),
    )
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="${id}-not-canceled.csv"`,
    )
    const bytes = new Uint8Array(await answer.arrayBuffer())
    const table = new TextDecoder('utf-16le').decode(bytes)
    const [head, ...lines] = table.trimEnd().split('\r\n')
    expect(head).toBe('store\torderId\tnotify\tmessage\tstrict\treference\twhy')
    expect(lines.map((line) => line.split('\t')[1])).toEqual([
      '0012\u00a0',
      '4000123456789012\u00a0',
      `"'=1+1"`,
      `"'-5"`,
      '12E45\u00a0',
      'plain',
      'none',
    ])
    expect(lines.at(-1)).toMatch(/^sandbox-wix\tnone\tyes\t"Two\nlines"\t\t\tThe store knows no/)

    const again = await check(fixture, file(bytes, 'again.csv'))
    expect(again.text).toContain('No order would be canceled, 7 cannot be.')
    const second = await fixture.ask('/console/batches/start', {
      form: { draft: again.path.split('/').at(-1) ?? '' },
    })
    const next = second.location?.split('/').at(-1) ?? ''
    expect(next).not.toBe(id)
    const items = await fixture.batches.items(next, { limit: 10 })
    expect(items.map(({ request }) => request.orderId)).toEqual([...ids, 'none'])
    expect(items[0]?.request).toMatchObject({ reference: 'R-0012', strict: true, notify: null })
    expect(items.at(-1)?.request).toMatchObject({ message: 'Two\nlines', notify: true })
  })
})

describe('a look that fails', () => {
  it('for want of the ledger leaves the order not known, and the page as it is', async () => {
    const ledger = openMemoryLedger()
    const fixture = openFixture({
      ledger: {
        ...ledger,
        links: { ...ledger.links, of: () => Promise.reject(new Error('disk at /secret')) },
      },
    })
    const { text } = await check(fixture, file('store,orderId\nsandbox-wix,open\n'))
    expect(text).toContain('No order would be canceled, 1 is not known.')
    expect(text).toContain('The ledger cannot be reached.')
    expect(text).not.toContain('secret')
    expect(fixture.faults).toEqual([])
  })
})
