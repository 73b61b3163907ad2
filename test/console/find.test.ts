/** The search finds what was asked for here first, and the form for a new cancellation second. */
import { describe, expect, it } from 'vitest'
import { spellingsOf } from '../../src/console/find.ts'
import { callerOf, openFixture } from './fixture.ts'

const RECORD = /^\/console\/cancellations\/can_\w+$/

const setUp = () => {
  const fixture = openFixture()
  const { ask, gateway } = fixture
  const cancel = async (store: string, orderId: string, reference: string | null = null) => {
    const { record } = await gateway.cancel(
      {
        store,
        orderId,
        reason: null,
        reasonCode: null,
        notify: null,
        message: null,
        restock: null,
        strict: false,
        reference,
        target: 'order',
      },
      'erp',
      null,
      null,
    )
    return gateway.wait(record.id, 2_000)
  }
  const find = (q: string, more = '') =>
    ask(`/console/find?${new URLSearchParams({ q }).toString()}${more}`)
  return { ...fixture, cancel, find }
}

describe('the search', () => {
  it('spells what was typed as others write it', () => {
    expect(spellingsOf('#1001')).toEqual(['#1001', '1001'])
    expect(spellingsOf('so-1')).toEqual(['so-1', 'SO-1'])
    expect(spellingsOf('#')).toEqual(['#'])
  })

  it('a record by id, order id, number and reference, in blanks, with #, in other case', async () => {
    const { cancel, find } = setUp()
    const { id, order } = await cancel('sandbox-medusa', 'order_paid', 'SO-4711')
    const path = `/console/cancellations/${id}`
    expect(order?.number).toBe('2')
    for (const typed of [
      id,
      id.toLowerCase(),
      ` ${id}\t`,
      'order_paid',
      'ORDER_PAID',
      'SO-4711',
      'so-4711',
      ' SO-4711 ',
      '2',
      '#2',
      '# 2',
    ])
      expect((await find(typed)).location, typed).toBe(path)
  })

  it('an order without a record leads to the form, by id and by number', async () => {
    const { ask, enter } = openFixture({
      callers: [await callerOf('anna', 'rsk_anna', ['read', 'cancel'], ['sandbox-medusa'])],
    })
    const cookie = await enter('rsk_anna')
    for (const typed of ['order_paid', '%232', '2'])
      expect((await ask(`/console/find?q=${typed}`, { cookie })).location, typed).toBe(
        '/console/new?store=sandbox-medusa&order=order_paid',
      )
  })

  it('several records are a list; one reference of many is the filtered list', async () => {
    const { cancel, find } = setUp()
    await cancel('sandbox-wix', 'open-1', 'same')
    await cancel('sandbox-medusa', 'order_paid', 'SAME')
    const { status, text } = await find('same')
    expect([status, [...text.matchAll(/id="row-can_/g)].length]).toEqual([200, 2])
    expect(text).toContain('<h1>Search: “<bdi>same</bdi>”</h1>')
    expect(text).toContain('stores=1">Look for the order in the stores too</a>')
    for (let n = 0; n < 26; n++) await cancel('sandbox-wix', `open-many-${n}`, 'many')
    expect((await find('many')).location).toBe('/console/cancellations?reference=many')
  })

  it('asked of the stores too, a record does not hide the order', async () => {
    const { cancel, find } = setUp()
    const { id } = await cancel('sandbox-medusa', 'order_paid')
    const { status, text } = await find('order_paid', '&stores=1')
    expect(status).toBe(200)
    expect(text).toContain(`id="row-${id}"`)
    expect(text.indexOf('In the stores')).toBeGreaterThan(text.indexOf(id))
    expect(text).toContain('/console/new?store=sandbox-medusa&amp;order=order_paid')
  })

  it('nothing at all says where it was looked for; nothing typed is the list', async () => {
    const { find } = setUp()
    for (const typed of ['can_01M8Q0A0Y7Q3V5KQC94TKAFYXM', 'nowhere-at-all', '#', 'a\u0000b']) {
      const { status, text } = await find(typed)
      expect([status, text.includes('Nothing has this name.')], typed).toEqual([200, true])
    }
    for (const typed of ['', '   '])
      expect((await find(typed)).location).toBe('/console/cancellations')
  })

  it('a store that does not answer is named, and is not taken for nothing', async () => {
    const { ask } = openFixture({ says: () => null })
    const { status, text } = await ask('/console/find?q=order_nowhere')
    expect([status, text]).toEqual([200, expect.stringMatching(/Could not look: <bdi>hostile: /)])
  })

  it('who may only read finds records and orders, and no form; others’ stores are none', async () => {
    const fixture = openFixture({
      callers: [
        await callerOf('eve', 'rsk_eve', ['read'], ['sandbox-medusa']),
        await callerOf('all', 'rsk_all', ['read', 'cancel']),
      ],
    })
    const [eve, all] = [await fixture.enter('rsk_eve'), await fixture.enter('rsk_all')]
    const { status, text } = await fixture.ask('/console/find?q=order_paid', { cookie: eve })
    expect([status, text.includes('In the stores'), text.includes('/console/new')]).toEqual([
      200,
      true,
      false,
    ])
    await (await fixture.cancel({ store: 'sandbox-wix', orderId: 'paid' }, all)).press()
    expect((await fixture.ask('/console/find?q=paid', { cookie: all })).location).toMatch(RECORD)
    expect((await fixture.ask('/console/find?q=paid', { cookie: eve })).text).toContain(
      'Nothing has this name.',
    )
  })
})
