/**
 * What keeps orders in step, for people: links, what is told, and how stores are listened to; and
 * that whoever does not reach all of a link sees nothing of it.
 */
import { describe, expect, it, vi } from 'vitest'
import { webhookId } from '../../src/gateway/deliveries/webhook.ts'
import { newHealth } from '../../src/model/delivery.ts'
import type { Follow } from '../../src/model/link.ts'
import { callerOf, type FixtureOptions, openFixture, TOKEN } from './fixture.ts'

const ALL = ['read', 'cancel', 'operate'] as const
type Fixture = ReturnType<typeof openFixture>

const member = (store: string, orderId: string, stage: number) => ({
  store,
  orderId,
  stage,
  notify: null,
  message: null,
  restock: null,
})
const MEDUSA = member('sandbox-medusa', 'order_paid', 1)
const WIX = member('sandbox-wix', 'open', 3)

const wishes = {
  reason: null,
  reasonCode: null,
  notify: null,
  message: null,
  restock: null,
  strict: false,
  reference: null,
  target: 'order' as const,
}

const NAME = 'SO-815'

const linked = async (options: FixtureOptions = {}, members = [MEDUSA, WIX], follow?: Follow) => {
  const fixture = openFixture(options)
  await fixture.gateway.links?.put(NAME, members, follow ?? 'tell', 'local')
  return fixture
}

/** Cancels an order and turns the clock until it is at rest. */
const cancel = async ({ gateway }: Fixture, store: string, orderId: string, how = {}) => {
  const { record } = await gateway.cancel(
    { ...wishes, store, orderId, ...how },
    'local',
    null,
    null,
  )
  for (let turn = 0; turn < 8; turn++) await gateway.tick()
  return gateway.wait(record.id, 5_000)
}

/** Of the link one order is canceled and the other is not. */
const diverged = async (options: FixtureOptions = {}) => {
  const fixture = await linked(options)
  const record = await cancel(fixture, 'sandbox-medusa', 'order_paid', { linked: 'none' })
  expect((await fixture.ledger.links.get(NAME))?.status).toBe('diverged')
  return { fixture, record }
}

const count = (text: string) => /id="needs">(\d*)</.exec(text)?.[1]

describe('needs you', () => {
  it('begins with links that are not in step, and counts them', async () => {
    const { fixture } = await diverged()
    const { text } = await fixture.ask('/console')
    expect(text).toContain('Not in step')
    expect(text).toContain('Canceled at sandbox-medusa. Not canceled at sandbox-wix.')
    expect(text).toContain(`href="/console/links/${NAME}"`)
    expect(count(text)).toBe('1')
    await cancel(fixture, 'sandbox-wix', 'open')
    const after = (await fixture.ask('/console')).text
    expect([after.includes('Nothing needs you.'), count(after)]).toEqual([true, ''])
  })

  it('tells of an order that is open again, until it is canceled once more', async () => {
    const fixture = openFixture()
    const record = await cancel(fixture, 'sandbox-medusa', 'order_paid')
    await fixture.ledger.save({ ...record, reopenedAt: Date.now() })
    const { text } = await fixture.ask('/console')
    expect([text.includes('Open again'), count(text)]).toEqual([true, '1'])
    expect(text).toContain('/console/new?store=sandbox-medusa&amp;order=order_paid')
    const story = (await fixture.ask(`/console/cancellations/${record.id}`)).text
    expect(story).toContain('The order was canceled, and is open again in the store.')
    expect(story).toContain('cancel it once more')
    expect((await fixture.ask('/console/cancellations')).text).toContain('Open again')
    const again = await cancel(fixture, 'sandbox-medusa', 'order_paid', { reason: 'once more' })
    expect(again.id).not.toBe(record.id)
    expect((await fixture.ask('/console')).text).toContain('Nothing needs you.')
  })

  it('tells of a store that went silent', async () => {
    const fixture = openFixture({ heard: true })
    expect(count((await fixture.ask('/console')).text)).toBe('')
    await fixture.ledger.notices.saveWatch('heard', {
      version: 0,
      account: 'medusa medusa.sandbox',
      watermark: Date.now(),
      sweptAt: Date.now(),
      failingSince: null,
      missedAt: Date.now() - 900_000,
      silentSince: Date.now() - 60_000,
      turns: 1,
    })
    const { text } = await fixture.ask('/console')
    expect([text.includes('Stores that went silent'), count(text)]).toEqual([true, '1'])
    expect((await fixture.ask('/console/stores')).text).toContain('Silent')
  })
})

describe('links', () => {
  it('are listed by status, and one shows its orders by stage with their cancellations', async () => {
    const { fixture, record } = await diverged()
    expect((await fixture.ask('/console/links?status=diverged')).text).toContain(NAME)
    expect((await fixture.ask('/console/links?status=canceled')).text).toContain('None match.')
    expect((await fixture.ask('/console/links?status=other')).status).toBe(400)
    const { text } = await fixture.ask(`/console/links/${NAME}`)
    expect(text).toContain(`href="/console/cancellations/${record.id}"`)
    expect(text).toContain('/console/new?store=sandbox-wix&amp;order=open')
    expect(text).not.toContain('/console/new?store=sandbox-medusa')
    expect((await fixture.ask('/console/links/other')).status).toBe(404)
  })

  it('go on page after page, and say how one is made where there is none', async () => {
    const fixture = openFixture()
    expect((await fixture.ask('/console/links')).text).toContain('None yet.')
    for (let n = 0; n < 27; n++)
      await fixture.gateway.links?.put(
        `SO-${String(n).padStart(2, '0')}`,
        [member('sandbox-medusa', `order_paid-${n}`, 1), member('sandbox-wix', `open-${n}`, 2)],
        'tell',
        'local',
      )
    const seen: string[] = []
    for (let path: string | undefined = '/console/links'; path;) {
      const { text } = await fixture.ask(path)
      seen.push(
        ...[...text.matchAll(/href="\/console\/links\/(SO-\d\d)"/g)].map(([, name]) => name!),
      )
      path = /rel="next"\s+href="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&')
    }
    expect([seen.length, new Set(seen).size]).toEqual([27, 27])
  })

  it('a story shows its link, each order with the way to its own', async () => {
    const fixture = await linked()
    const record = await cancel(fixture, 'sandbox-medusa', 'order_paid')
    const [other] = await fixture.gateway.list({
      stores: ['sandbox-wix'],
      orderId: 'open',
      order: 'desc',
      limit: 1,
    })
    const { text } = await fixture.ask(`/console/cancellations/${record.id}`)
    expect(text).toContain('This cancellation.')
    expect(text).toContain('asked by <bdi>local</bdi> <time')
    expect(text).toContain(`href="/console/cancellations/${other?.id}"`)
    expect(text).toContain('All of its orders are canceled.')
    expect((await fixture.ask(`/console/cancellations/${other?.id}`)).text).toContain(
      `<a href="/console/cancellations/${record.id}">its link</a>`,
    )
  })

  it('a story of a later stage says that its turn has not come', async () => {
    const fixture = await linked({}, [member('sandbox-medusa', 'order_slow', 1), WIX])
    const { record } = await fixture.gateway.cancel(
      { ...wishes, store: 'sandbox-wix', orderId: 'open' },
      'local',
      null,
      null,
    )
    const { text } = await fixture.ask(`/console/cancellations/${record.id}`)
    expect(text).toContain('Its turn comes once the earlier stages of its link are done.')
    expect(text).toContain('Waiting for its turn')
    expect((await fixture.ask(`/console/links/${NAME}`)).text).toContain(
      'one stage after the other',
    )
    await vi.waitFor(
      async () => {
        await fixture.gateway.tick()
        expect((await fixture.ledger.links.get(NAME))?.status).toBe('canceled')
      },
      { timeout: 20_000, interval: 50 },
    )
  })

  it('what somebody canceled in the store says so, and who asked is nobody', async () => {
    const fixture = await linked()
    const { status } = await fixture.sandboxes.get('medusa')!.app.fetch(
      new Request('http://medusa.sandbox/admin/orders/order_paid/cancel', {
        method: 'POST',
        headers: { authorization: `Basic ${btoa('sk_sandbox:')}` },
      }),
    )
    expect(status).toBe(200)
    await fixture.ledger.notices.hear([
      {
        store: MEDUSA.store,
        orderId: MEDUSA.orderId,
        at: Date.now(),
        namesCancellation: true,
        by: 'sweep',
      },
    ])
    await fixture.gateway.tick()
    const [record] = await fixture.gateway.list({
      stores: ['sandbox-medusa'],
      origin: 'platform',
      order: 'desc',
      limit: 1,
    })
    const { text } = await fixture.ask(`/console/cancellations/${record?.id}`)
    expect(text).toContain('Somebody canceled the order in the store.')
    expect(text).toContain('canceled by somebody in the store')
    expect(text).not.toContain('As curl')
  })
})

describe('whoever does not reach all of a link', () => {
  it('sees it nowhere: not in the list, not at its address, not in a story, not as a need', async () => {
    const { fixture, record } = await diverged({
      callers: [
        await callerOf('admin', 'rsk_admin', [...ALL]),
        await callerOf('shop', 'rsk_shop', [...ALL], ['sandbox-medusa']),
      ],
    })
    const at = async (key: string) => {
      const cookie = await fixture.enter(key)
      const pages = await Promise.all(
        ['', '/links', `/links/${NAME}`, `/cancellations/${record.id}`].map((path) =>
          fixture.ask(`/console${path}`, { cookie }),
        ),
      )
      return {
        statuses: pages.map(({ status }) => status),
        // The address itself is in the footer’s form.
        found: pages.map(({ text }) =>
          text.replace(/name="back" value="[^"]*"/, '').includes(NAME),
        ),
      }
    }
    expect(await at('rsk_admin')).toEqual({
      statuses: [200, 200, 200, 200],
      found: [true, true, true, true],
    })
    expect(await at('rsk_shop')).toEqual({
      statuses: [200, 200, 404, 200],
      found: [false, false, false, false],
    })
  })
})

describe('the preview of a linked order', () => {
  const preview = (fixture: Fixture, fields: Record<string, string> = {}) =>
    fixture.cancel({ store: 'sandbox-medusa', orderId: 'order_paid', ...fields })

  it('shows the others, takes all along unless it is told otherwise, and sends what it showed', async () => {
    const fixture = await linked()
    const { preview: page, hidden, press } = await preview(fixture)
    expect(page.text).toContain('It is linked with other orders')
    expect(page.text).toMatch(/Cancel order \S+ and 1 linked order/)
    expect(hidden['linked']).toBe('all')
    const { location } = await press()
    for (let turn = 0; turn < 8; turn++) await fixture.gateway.tick()
    expect((await fixture.ask(location ?? '')).text).toContain('All of its orders are canceled.')
  })

  it('this order alone leaves the others as they are', async () => {
    const fixture = await linked()
    const { preview: page, hidden, press } = await preview(fixture, { linked: 'none' })
    expect(hidden['linked']).toBe('none')
    expect(page.text).toContain('It would stay as it is.')
    await press()
    for (let turn = 0; turn < 8; turn++) await fixture.gateway.tick()
    expect(await fixture.gateway.list({ stores: ['sandbox-wix'], order: 'asc', limit: 1 })).toEqual(
      [],
    )
  })

  it('all or none has no button where one cannot be canceled; each has', async () => {
    const shipped = member('sandbox-medusa', 'order_shipped', 2)
    const fixture = await linked({}, [MEDUSA, shipped])
    const all = await preview(fixture)
    expect(all.preview.text).toContain('Nothing would be canceled: order')
    expect(all.preview.text).not.toContain('/console/new/cancel')
    const each = await preview(fixture, { linked: 'each' })
    expect(each.hidden['linked']).toBe('each')
    expect(each.preview.text).toContain('Cannot be canceled')
  })

  it('what is canceled already still takes along what is open', async () => {
    const { fixture } = await diverged()
    const { preview: page } = await preview(fixture)
    expect(page.text).toContain('what is open of its link can be')
    expect(page.text).toContain('Cancel 1 linked order')
    expect((await preview(fixture, { linked: 'none' })).preview.text).toContain(
      'there is nothing to send',
    )
  })

  it('an order without a link asks for nothing of the kind', async () => {
    const { preview: page, hidden } = await preview(openFixture())
    expect([page.text.includes('linked'), 'linked' in hidden]).toEqual([false, false])
  })
})

describe('webhooks', () => {
  const open = (answers = () => 204) =>
    openFixture({
      webhooks: [
        { caller: 'local', name: 'orders' },
        { caller: 'other', name: 'theirs' },
      ],
      answers,
    })
  const form = {}
  const posting = (fixture: Fixture, path: string, fields: Record<string, string> = form) =>
    fixture.ask(`/console/webhooks/${path}`, {
      form: fields,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })

  it('are the caller’s own, with the way to have one tried', async () => {
    const fixture = open()
    const { text } = await fixture.ask('/console/webhooks')
    expect([text.includes('local.example'), text.includes('theirs')]).toEqual([true, false])
    expect((await posting(fixture, 'orders/test')).text).toContain('The test arrived:')
    expect(fixture.told).toHaveLength(1)
    expect((await posting(fixture, 'theirs/test')).status).toBe(404)
    expect(fixture.told).toHaveLength(1)
    expect((await fixture.ask('/console/webhooks/orders/test')).location).toBe('/console/webhooks')
    expect((await openFixture().ask('/console/webhooks')).text).toContain('None of this key.')
  })

  it('a test that fails says with what; one that is off can be switched on', async () => {
    const fixture = open(() => 503)
    expect((await posting(fixture, 'orders/test')).text).toContain(
      'The test did not arrive: <code><bdi>503',
    )
    const off = { ...newHealth('https://local.example/hooks'), enabled: false, failingSince: 1 }
    await fixture.ledger.deliveries.saveHealth(webhookId('local', 'orders'), off)
    expect((await fixture.ask('/console/webhooks')).text).toContain('Switched off')
    expect((await posting(fixture, 'orders/enable')).text).toContain('It is on.')
  })

  it('tells again what changed since a time in UTC, and takes none to come', async () => {
    const fixture = open()
    const record = await cancel(fixture, 'sandbox-medusa', 'order_paid')
    await fixture.ledger.deliveries.owe([
      {
        webhook: webhookId('local', 'orders'),
        subject: record.id,
        revision: 1,
        type: 'cancellation.succeeded',
        body: '{}',
        at: Date.now() - 1_000,
      },
    ])
    const [row] = await fixture.ledger.deliveries.of(record.id)
    await fixture.ledger.deliveries.settle(row!, 'delivered', '204', Date.now())
    const story = (await fixture.ask(`/console/cancellations/${record.id}`)).text
    expect(story).toMatch(/told<\/strong>.*orders.*cancellation\.succeeded.*204/s)
    const since = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16)
    expect((await posting(fixture, 'orders/replay', { since })).text).toContain('1 told again')
    expect((await fixture.ask('/console/webhooks')).text).toContain('1 to be told')
    for (const wrong of ['', 'yesterday', '2999-01-01T00:00'])
      expect((await posting(fixture, 'orders/replay', { since: wrong })).status, wrong).toBe(400)
  })
})

describe('the stores', () => {
  it('show how each is listened to, and never the token of the address', async () => {
    const fixture = openFixture({ heard: true })
    const { text } = await fixture.ask('/console/stores')
    expect(text).toContain('/hooks/heard/{token}')
    expect(text).not.toContain(TOKEN)
    expect(text).toContain('every 10 s')
    expect(text).toContain('cannot be asked what changed')
    expect(text).toContain('Not listened to')
  })
})
