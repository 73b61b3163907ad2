/** What follows where one order of a link is canceled at its platform, and how links are put. */
import { describe, expect, it } from 'vitest'
import { HOUR, openFixture, SETTLE } from './fixture.ts'
import { STORES, MEMBERS, open, settle, link, sent, states } from './linked.ts'
import { createPlatform, unreachable } from './platform.ts'

describe('an order canceled at its platform', () => {
  it('“tell”: the others get five minutes, then it is told of; nothing is sent', async () => {
    const fixture = await open()
    await fixture.tick(HOUR)
    fixture.platform.turn('canceled', 'o-acme')
    await fixture.hear('o-acme', 'order.canceled', 'acme')
    await settle(fixture, 3)
    expect(fixture.turns).toEqual([])
    await settle(fixture, 8, 60_000)
    expect(fixture.turns).toEqual(['link.diverged SO-1'])
    expect(sent(fixture)).toEqual([])
  })

  it('“tell”: where the others follow by themselves, that is told of as canceled', async () => {
    const fixture = await open()
    await fixture.tick(HOUR)
    fixture.platform.turn('canceled', 'o-acme')
    await fixture.hear('o-acme', 'order.canceled', 'acme')
    await settle(fixture, 2)
    fixture.platform.turn('canceled', 'o-erp')
    fixture.platform.turn('canceled', 'o-paris')
    await settle(fixture, 8, 60_000)
    expect(fixture.turns).toEqual(['link.canceled SO-1'])
    expect(sent(fixture)).toEqual([])
  })

  it('“cancel”: the others follow, each once, and no echo starts anything', async () => {
    const fixture = await open({}, 'cancel')
    await fixture.tick(HOUR)
    fixture.platform.turn('canceled', 'o-acme')
    await fixture.hear('o-acme', 'order.canceled', 'acme')
    await settle(fixture)
    expect(sent(fixture)).toEqual(['o-erp', 'o-paris'])
    expect(await link(fixture)).toMatchObject({ status: 'canceled' })
    for (const { store, orderId } of MEMBERS) await fixture.hear(orderId, 'order.canceled', store)
    await settle(fixture, 12, SETTLE)
    expect(sent(fixture)).toEqual(['o-erp', 'o-paris'])
    expect(fixture.turns).toEqual(['link.canceled SO-1'])
  })

  it('“cancel”: one that refuses makes the link diverge, once', async () => {
    const fixture = await open({}, 'cancel')
    await fixture.tick(HOUR)
    fixture.platform.order('o-erp').shipped = true
    fixture.platform.turn('canceled', 'o-acme')
    await fixture.hear('o-acme', 'order.canceled', 'acme')
    await settle(fixture, 20, SETTLE)
    expect(sent(fixture)).toEqual(['o-paris'])
    expect(fixture.turns).toEqual(['link.diverged SO-1'])
  })

  it('before the link was put: it diverges from the start', async () => {
    const fixture = openFixture({
      stores: STORES,
      platform: createPlatform(MEMBERS.map(({ orderId }) => ({ id: orderId }))),
    })
    fixture.platform.turn('canceled', 'o-paris')
    await fixture.gateway.links?.put('SO-1', MEMBERS, 'tell', 'erp')
    await settle(fixture, 3)
    expect(fixture.turns).toEqual(['link.diverged SO-1'])
  })

  it('before the link was put: nothing follows, whatever the link says', async () => {
    const fixture = openFixture({
      stores: STORES,
      platform: createPlatform(MEMBERS.map(({ orderId }) => ({ id: orderId }))),
    })
    fixture.platform.turn('canceled', 'o-paris')
    await fixture.gateway.links?.put('SO-1', MEMBERS, 'cancel', 'erp')
    await settle(fixture, 20, SETTLE)
    expect(fixture.turns).toEqual(['link.diverged SO-1'])
    expect(sent(fixture)).toEqual([])
  })
})

describe('a link that nothing is heard of', () => {
  it('goes after as long as records are kept, and not sooner', async () => {
    const fixture = await open()
    fixture.clock.now += 399 * 24 * HOUR
    await fixture.gateway.forget()
    expect(await link(fixture)).toMatchObject({ name: 'SO-1' })
    fixture.clock.now += 2 * 24 * HOUR
    await fixture.gateway.forget()
    expect(await fixture.ledger.links.get('SO-1')).toBeNull()
  })
})

describe('putting a link', () => {
  it('the same again writes nothing; an order is in one link at most', async () => {
    const fixture = await open()
    const before = await link(fixture)
    expect(await fixture.gateway.links?.put('SO-1', MEMBERS, 'tell', 'erp')).toMatchObject({
      isNew: false,
    })
    expect(await link(fixture)).toEqual(before)
    // A link of before there was the wish for a refund is no other one without it.
    const unwished = MEMBERS.map((member) => ({ ...member, refund: null }))
    await fixture.gateway.links?.put('SO-1', unwished, 'tell', 'erp')
    expect(await link(fixture)).toEqual(before)
    const [first, ...rest] = MEMBERS
    const wished = [{ ...(first as (typeof MEMBERS)[number]), refund: true }, ...rest]
    await fixture.gateway.links?.put('SO-1', wished, 'tell', 'erp')
    expect((await link(fixture)).members[0]).toMatchObject({ refund: true })
    await expect(
      fixture.gateway.links?.put('SO-2', MEMBERS.slice(0, 2), 'tell', 'erp'),
    ).rejects.toMatchObject({ problem: { code: 'already-linked' } })
  })

  it('a change, or a delete, is refused while its orders are being canceled', async () => {
    const fixture = await open()
    fixture.platform.plan('look', ...Array.from({ length: 30 }, () => unreachable))
    await fixture.ask({ store: 'erp', orderId: 'o-erp' })
    await settle(fixture, 2)
    const conflict = { problem: { code: 'cancellation-conflict' } }
    await expect(
      fixture.gateway.links?.put('SO-1', MEMBERS.slice(0, 2), 'tell', 'erp'),
    ).rejects.toMatchObject(conflict)
    await expect(fixture.gateway.links?.delete('SO-1')).rejects.toMatchObject(conflict)
  })
})

describe('an order that was opened again', () => {
  /** All were canceled by a request; then one of them reads open again. */
  const reopened = async (follow: 'tell' | 'cancel') => {
    const fixture = await open({}, follow)
    const { record } = await fixture.ask({ store: 'erp', orderId: 'o-erp' }, { key: 'k' })
    await settle(fixture)
    await fixture.tick(HOUR)
    fixture.platform.turn('open', 'o-acme')
    await fixture.hear('o-acme', null, 'acme')
    await fixture.tick()
    await fixture.tick(SETTLE)
    await settle(fixture, 3)
    expect(fixture.turns).toEqual(['link.canceled SO-1', 'link.diverged SO-1'])
    return { fixture, record }
  }

  it('is not canceled again by a repeat of the request', async () => {
    const { fixture, record } = await reopened('tell')
    const again = await fixture.ask({ store: 'erp', orderId: 'o-erp' }, { key: 'k' })
    expect(again.record.id).toBe(record.id)
    await settle(fixture, 6, SETTLE)
    expect(sent(fixture)).toEqual(['o-erp', 'o-paris', 'o-acme'])
    expect(states(fixture)).toEqual(['canceled', 'canceled', 'open'])
  })

  it('is not canceled again because another was canceled at its platform', async () => {
    const fixture = await open({}, 'cancel')
    await fixture.ask({ store: 'acme', orderId: 'o-acme', linked: 'none' })
    await fixture.tick(HOUR)
    fixture.platform.turn('open', 'o-acme')
    await fixture.hear('o-acme', null, 'acme')
    await fixture.tick()
    await fixture.tick(SETTLE)
    fixture.platform.turn('canceled', 'o-erp')
    await fixture.hear('o-erp', 'order.canceled', 'erp')
    await settle(fixture, 12, SETTLE)
    expect(sent(fixture)).toEqual(['o-acme', 'o-paris'])
    expect(states(fixture)).toEqual(['canceled', 'canceled', 'open'])
  })

  it('is canceled by a new request', async () => {
    const { fixture } = await reopened('tell')
    await fixture.tick(HOUR)
    await fixture.ask({ store: 'acme', orderId: 'o-acme' }, { key: 'new' })
    await settle(fixture)
    expect(states(fixture)).toEqual(['canceled', 'canceled', 'canceled'])
    expect(sent(fixture)).toEqual(['o-erp', 'o-paris', 'o-acme', 'o-acme'])
  })
})

describe('a member whose store was taken out of the configuration', () => {
  it('is passed over where each goes for itself, and the run ends', async () => {
    const fixture = await open()
    const { stores } = fixture
    stores.delete('paris')
    await fixture.ask({ store: 'erp', orderId: 'o-erp', linked: 'each' })
    await settle(fixture)
    expect(sent(fixture)).toEqual(['o-erp', 'o-acme'])
    expect(await link(fixture)).toMatchObject({ status: 'diverged', run: { isOpen: false } })
  })
})
