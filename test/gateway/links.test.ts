/** Links: orders that are one sale are canceled together, stage by stage, or not at all. */
import { describe, expect, it } from 'vitest'
import { HOUR, openFixture, SETTLE } from './fixture.ts'
import { STORES, MEMBERS, open, settle, link, states, sent, recordsOf } from './linked.ts'
import { createPlatform, lostAfter, says, unreachable } from './platform.ts'

describe('a cancel of a linked order', () => {
  it('cancels all, stage by stage, each once', async () => {
    const fixture = await open()
    const { record } = await fixture.ask({ store: 'paris', orderId: 'o-paris', reference: 'SO-1' })
    expect(record).toMatchObject({ status: 'accepted', waitsForLink: true, link: 'SO-1' })
    await settle(fixture)
    expect(sent(fixture)).toEqual(['o-erp', 'o-paris', 'o-acme'])
    expect(await link(fixture)).toMatchObject({
      status: 'canceled',
      revision: 1,
      run: { id: record.id, isOpen: false },
    })
    expect(fixture.turns).toEqual(['link.canceled SO-1'])
    const [member] = await recordsOf(fixture, 'o-acme')
    expect(member).toMatchObject({
      origin: 'link',
      causedBy: record.id,
      caller: 'erp',
      status: 'succeeded',
      request: { reference: 'SO-1' },
    })
    expect((await fixture.get(record.id)).origin).toBeUndefined()
  })

  it('looks at everybody first: one that cannot be canceled, and nothing is sent', async () => {
    const fixture = await open()
    fixture.platform.order('o-acme').shipped = true
    const { record } = await fixture.ask({ store: 'erp', orderId: 'o-erp' })
    await settle(fixture)
    expect(await fixture.get(record.id)).toMatchObject({
      status: 'rejected',
      problem: { code: 'order-not-cancelable', cause: 'linked_refused', acted: 'no' },
    })
    expect((await fixture.get(record.id)).problem?.detail).toContain('o-acme of the store acme')
    expect(sent(fixture)).toEqual([])
    expect(await link(fixture)).toMatchObject({ status: 'open', run: { isOpen: false } })
    expect(fixture.turns).toEqual([])
  })

  it('says of the asked one itself why it cannot be canceled', async () => {
    const fixture = await open()
    fixture.platform.order('o-erp').shipped = true
    const { record } = await fixture.ask({ store: 'erp', orderId: 'o-erp' })
    await settle(fixture)
    expect(await fixture.get(record.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'fulfilled' },
    })
    expect(sent(fixture)).toEqual([])
  })

  it('waits for one that cannot be read, and ends expired at its deadline', async () => {
    const fixture = await open()
    fixture.platform.plan('look', ...Array.from({ length: 4 }, () => unreachable))
    const { record } = await fixture.ask({ store: 'erp', orderId: 'o-erp' })
    await settle(fixture, 3)
    expect((await fixture.get(record.id)).status).toBe('accepted')
    await settle(fixture, 12, 5_000)
    expect(states(fixture)).toEqual(['canceled', 'canceled', 'canceled'])

    const other = await open()
    other.platform.plan('look', ...Array.from({ length: 3_000 }, () => unreachable))
    const { record: late } = await other.ask({ store: 'erp', orderId: 'o-erp' })
    await settle(other, 20, 300_000)
    expect(await other.get(late.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'expired', retryable: true },
    })
    expect(sent(other)).toEqual([])
  })

  it('expired, and asked again under its key, waits for its turn again', async () => {
    const fixture = await open()
    fixture.platform.plan('look', ...Array.from({ length: 900 }, () => unreachable))
    const { record } = await fixture.ask({ store: 'paris', orderId: 'o-paris' }, { key: 'k' })
    await settle(fixture, 20, 300_000)
    expect((await fixture.get(record.id)).status).toBe('rejected')
    fixture.platform.plan('look', ...Array.from({ length: 2_000 }, () => unreachable))
    const again = await fixture.ask({ store: 'paris', orderId: 'o-paris' }, { key: 'k' })
    expect(again.record).toMatchObject({ id: record.id, status: 'accepted', waitsForLink: true })
    expect(sent(fixture)).toEqual([])
  })

  it('with “each”: a refusal counts as done, and the others are canceled', async () => {
    const fixture = await open()
    fixture.platform.order('o-paris').shipped = true
    await fixture.ask({ store: 'erp', orderId: 'o-erp', linked: 'each' })
    await settle(fixture)
    expect(sent(fixture)).toEqual(['o-erp', 'o-acme'])
    expect(await link(fixture)).toMatchObject({ status: 'diverged', revision: 1 })
    expect(fixture.turns).toEqual(['link.diverged SO-1'])
  })

  it('with “none”: it alone', async () => {
    const fixture = await open()
    await fixture.ask({ store: 'erp', orderId: 'o-erp', linked: 'none' })
    await settle(fixture)
    expect(sent(fixture)).toEqual(['o-erp'])
  })

  it('a refusal in a stage: nothing later is sent, and what is canceled stays so', async () => {
    const fixture = await open()
    fixture.platform.plan('cancel', ({ go }) => go(), says(409, 'shipped'))
    const { record } = await fixture.ask({ store: 'erp', orderId: 'o-erp' })
    await settle(fixture)
    expect(sent(fixture)).toEqual(['o-erp', 'o-paris'])
    expect(states(fixture)).toEqual(['canceled', 'open', 'open'])
    expect(await link(fixture)).toMatchObject({ status: 'diverged' })
    expect((await fixture.get(record.id)).status).toBe('succeeded')
    const [acme] = await recordsOf(fixture, 'o-acme')
    expect(acme).toMatchObject({ status: 'rejected', problem: { cause: 'linked_refused' } })
    expect(fixture.turns).toEqual(['link.diverged SO-1'])
  })

  it('doubt holds the later stages until it ends', async () => {
    const fixture = await open()
    fixture.platform.plan('cancel', lostAfter)
    fixture.platform.plan(
      'look',
      ...Array.from(
        { length: 4 },
        () =>
          ({ go }: any) =>
            go(),
      ),
    )
    await fixture.ask({ store: 'erp', orderId: 'o-erp' })
    fixture.platform.plan('look', says(500), says(500))
    await settle(fixture, 4)
    expect(sent(fixture)).toEqual(['o-erp'])
    await settle(fixture, 12, SETTLE)
    expect(sent(fixture)).toEqual(['o-erp', 'o-paris', 'o-acme'])
  })

  it('needing a person holds them too, and resolving sets them free', async () => {
    const fixture = await open({ toy: { repeat: 'harmful' } })
    fixture.platform.plan('cancel', ({ line }) => line.hangUp())
    const { record } = await fixture.ask({ store: 'erp', orderId: 'o-erp' })
    await settle(fixture, 20, SETTLE)
    expect((await fixture.get(record.id)).status).toBe('needs_attention')
    expect(sent(fixture)).toEqual(['o-erp'])
    await fixture.resolve(record.id, 'canceled', 'Seen to.', 'ada')
    await settle(fixture)
    expect(sent(fixture)).toEqual(['o-erp', 'o-paris', 'o-acme'])
    expect(await link(fixture)).toMatchObject({ status: 'canceled' })
  })

  it('side by side in one stage', async () => {
    const fixture = openFixture({
      stores: STORES,
      platform: createPlatform(MEMBERS.map(({ orderId }) => ({ id: orderId }))),
    })
    const members = MEMBERS.map((member) => ({ ...member, stage: 1 }))
    await fixture.gateway.links?.put('SO-1', members, 'tell', 'erp')
    await fixture.ask({ store: 'erp', orderId: 'o-erp' })
    await settle(fixture)
    expect([...sent(fixture)].sort()).toEqual(['o-acme', 'o-erp', 'o-paris'])
  })

  it('wishes stay with the asked one; a member has its own', async () => {
    const fixture = openFixture({
      stores: STORES,
      platform: createPlatform(MEMBERS.map(({ orderId }) => ({ id: orderId }))),
    })
    const [erp, paris, acme] = MEMBERS as [
      (typeof MEMBERS)[0],
      (typeof MEMBERS)[0],
      (typeof MEMBERS)[0],
    ]
    await fixture.gateway.links?.put(
      'SO-1',
      [erp, paris, { ...acme, notify: true as never }],
      'tell',
      'erp',
    )
    await fixture.ask({ store: 'erp', orderId: 'o-erp', restock: true })
    await settle(fixture)
    const bodies = fixture.platform.calls.filter(({ route }) => route === 'cancel')
    expect(bodies.map(({ body }) => [body.restock, body.notify])).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ])
  })

  it('a request for another member joins the run; another way of it is a conflict', async () => {
    const fixture = await open()
    fixture.platform.plan('look', unreachable, unreachable, unreachable)
    const { record } = await fixture.ask({ store: 'erp', orderId: 'o-erp' })
    await fixture.tick()
    await expect(
      fixture.ask({ store: 'paris', orderId: 'o-paris', linked: 'each' }),
    ).rejects.toMatchObject({ problem: { code: 'cancellation-conflict' } })
    const joined = await fixture.ask({ store: 'paris', orderId: 'o-paris' })
    await settle(fixture, 12, 5_000)
    expect(sent(fixture)).toEqual(['o-erp', 'o-paris', 'o-acme'])
    expect((await fixture.get(joined.record.id)).status).toBe('succeeded')
    expect((await link(fixture)).run?.id).toBe(record.id)
  })

  it('asked again after a part was canceled, goes on with what is open', async () => {
    const fixture = await open()
    fixture.platform.order('o-paris').shipped = true
    const first = await fixture.ask(
      { store: 'erp', orderId: 'o-erp', linked: 'each' },
      { key: 'k' },
    )
    await settle(fixture)
    fixture.platform.order('o-paris').shipped = false
    await fixture.tick(HOUR)
    const again = await fixture.ask(
      { store: 'erp', orderId: 'o-erp', linked: 'each' },
      { key: 'k' },
    )
    expect(again.record.id).toBe(first.record.id)
    await settle(fixture)
    expect(states(fixture)).toEqual(['canceled', 'canceled', 'canceled'])
    expect(sent(fixture)).toEqual(['o-erp', 'o-acme', 'o-paris'])
    expect(fixture.turns).toEqual(['link.diverged SO-1', 'link.canceled SO-1'])
  })

  it('withdrawn before anything is sent takes back all; afterwards nothing', async () => {
    const fixture = await open()
    fixture.platform.plan('look', ...Array.from({ length: 30 }, () => unreachable))
    const { record } = await fixture.ask({ store: 'erp', orderId: 'o-erp' })
    await settle(fixture, 2)
    expect(await fixture.gateway.withdraw(record.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'withdrawn' },
    })
    await settle(fixture)
    expect(sent(fixture)).toEqual([])
    expect(await link(fixture)).toMatchObject({ status: 'open' })

    const other = await open()
    other.platform.plan('cancel', lostAfter)
    const sentOne = await other.ask({ store: 'erp', orderId: 'o-erp' })
    await settle(other, 2)
    await expect(other.gateway.withdraw(sentOne.record.id)).rejects.toMatchObject({
      problem: { code: 'not-withdrawable' },
    })
  })

  it('a wish that only another member could keep is refused, and nothing is sent', async () => {
    const fixture = await open()
    const erp = fixture.stores.get('erp')
    Object.assign(erp as object, {
      capabilities: { ...erp?.capabilities, restock: { can: 'never', source: 'manual' } },
    })
    await expect(
      fixture.ask({ store: 'erp', orderId: 'o-erp', restock: true }),
    ).rejects.toMatchObject({
      problem: { code: 'unsupported', errors: [{ pointer: '/restock' }] },
    })
  })
})

describe('reach', () => {
  const reachOf = (caller: string) => (caller === 'far' ? null : ['erp', 'paris'])

  it('who does not reach every member cancels alone, and may not ask otherwise', async () => {
    const fixture = await open({ reachOf })
    await expect(
      fixture.ask({ store: 'paris', orderId: 'o-paris', linked: 'all' }, { caller: 'near' }),
    ).rejects.toMatchObject({ problem: { code: 'forbidden' } })
    await fixture.ask({ store: 'paris', orderId: 'o-paris' }, { caller: 'near' })
    await settle(fixture)
    expect(sent(fixture)).toEqual(['o-paris'])
  })
})
