/** Links: an order is in one at most, and a write of its record makes that one due. */
import { expect, it } from 'vitest'
import type { LinkLedger } from '../../src/ledger/port.ts'
import type { Link, LinkStatus } from '../../src/model/link.ts'
import { fresh, owed } from './owing.ts'
import {
  become,
  claim,
  DAY,
  draft,
  key,
  ODD,
  type Open,
  save,
  setUp,
  standing,
  START,
  take,
} from './records.ts'

/** A link of these orders, each in the store of its first part: "paris 1". */
export const link = (name: string, orders: readonly string[], over: Partial<Link> = {}): Link => ({
  name,
  version: 0,
  revision: 0,
  status: 'open',
  caller: 'erp',
  members: orders.map((order, index) => ({
    store: order.slice(0, order.indexOf(' ')),
    orderId: order.slice(order.indexOf(' ') + 1),
    stage: index + 1,
    notify: null,
    message: null,
    restock: null,
  })),
  follow: 'tell',
  run: null,
  followed: null,
  createdAt: START,
  putAt: START,
  updatedAt: START,
  dueAt: null,
  ...over,
})

/** Saves what nothing stands in the way of. */
const put = async (links: LinkLedger, next: Link): Promise<Link> => {
  const saved = await links.save(next)
  if (saved === 'stale' || 'taken' in saved) throw new Error('expected to save the link')
  return saved
}
const names = (links: readonly Link[]) => links.map(({ name }) => name)

export const testLinks = (open: Open): void => {
  testLinkSaves(open)
  testLinkLists(open)
  testTouch(open)
}

const testLinkSaves = (open: Open): void => {
  it('a link is kept as it is, and found by its name and by each of its orders', async () => {
    const { ledger, other } = await setUp(open)
    const first = link('SO-1', ['paris 1', 'rome 1', 'paris 2'], {
      follow: 'cancel',
      run: {
        id: 'can_1',
        linked: 'each',
        askedAt: START,
        openedAt: START,
        isOpen: true,
        isLooked: false,
      },
      dueAt: START + 5,
    })
    expect(await ledger.links.save(first)).toEqual({ ...first, version: 1 })
    const saved = { ...first, version: 1 }
    expect(await other.links.get('SO-1')).toEqual(saved)
    for (const { store, orderId } of first.members)
      expect(await other.links.of(store, orderId)).toEqual(saved)
    expect([
      await ledger.links.get('SO-2'),
      await ledger.links.of('rome', '2'),
      await ledger.links.of('1', 'paris'),
    ]).toEqual([null, null, null])
  })

  it('a save is compare-and-set on the version, a new one is zero', async () => {
    const { ledger, other } = await setUp(open)
    const first = link('SO-1', ['paris 1', 'rome 1'])
    const racers = await Promise.all(
      [1, 2, 3, 4].map((revision) =>
        (revision % 2 ? other : ledger).links.save({ ...first, revision }),
      ),
    )
    expect(racers.filter((saved) => saved !== 'stale')).toEqual([await ledger.links.get('SO-1')])
    expect(await ledger.links.save({ ...link('SO-2', ['paris 9']), version: 1 })).toBe('stale')
    const next = await put(ledger.links, { ...first, version: 1, status: 'canceling' })
    expect(next.version).toBe(2)
    expect(await other.links.save({ ...first, version: 1 })).toBe('stale')
    expect(await other.links.get('SO-1')).toEqual(next)
  })

  it('an order that is in another link is refused with its name, and nothing written', async () => {
    const { ledger, other } = await setUp(open)
    const one = await put(ledger.links, link('SO-1', ['paris 1', 'rome 1']))
    const two = await put(ledger.links, link('SO-2', ['paris 2', 'rome 2']))
    expect(await other.links.save(link('SO-3', ['paris 3', 'rome 1']))).toEqual({ taken: 'SO-1' })
    expect(await other.links.save({ ...two, members: one.members })).toEqual({ taken: 'SO-1' })
    expect([await ledger.links.get('SO-3'), await ledger.links.of('paris', '3')]).toEqual([
      null,
      null,
    ])
    expect([await ledger.links.get('SO-1'), await ledger.links.get('SO-2')]).toEqual([one, two])
    const racers = await Promise.all(
      [4, 5, 6, 7].map((name) =>
        (name % 2 ? other : ledger).links.save(link(`SO-${name}`, ['paris 9', `rome ${name}`])),
      ),
    )
    expect(racers.filter((saved) => saved !== 'stale' && 'version' in saved)).toEqual([
      await ledger.links.of('paris', '9'),
    ])
  })

  it('an order that a link lets go is free, one that it takes is found', async () => {
    const { ledger, other } = await setUp(open)
    const first = await put(ledger.links, link('SO-1', ['paris 1', 'rome 1']))
    const next = await put(ledger.links, {
      ...first,
      members: link('', ['rome 1', 'oslo 1']).members,
    })
    expect(await other.links.of('paris', '1')).toBeNull()
    expect(await other.links.of('oslo', '1')).toEqual(next)
    expect(names(await other.links.list({ store: 'paris', limit: 9 }))).toEqual([])
    expect(names(await other.links.list({ store: 'oslo', limit: 9 }))).toEqual(['SO-1'])
    await put(other.links, link('SO-2', ['paris 1', 'rome 2']))
  })

  it('what a save owes is written with it, and nothing where it is refused', async () => {
    const { ledger, other } = await setUp(open)
    const owes = (revision: number) => [
      owed({ subject: 'link SO-1', type: 'link.diverged', revision }),
    ]
    const first = link('SO-1', ['paris 1', 'rome 1'])
    await ledger.links.save(first, owes(1))
    expect(await other.deliveries.of('link SO-1')).toEqual(owes(1).map((one) => fresh(one)))
    expect(await other.links.save(first, owes(2))).toBe('stale')
    expect(await other.links.save(link('SO-2', ['rome 1']), owes(3))).toEqual({ taken: 'SO-1' })
    expect(await other.deliveries.of('link SO-1')).toEqual(owes(1).map((one) => fresh(one)))
  })

  it('is deleted as it was read, and its orders are free', async () => {
    const { ledger, other } = await setUp(open)
    const first = await put(ledger.links, link('SO-1', ['paris 1', 'rome 1'], { dueAt: START }))
    const next = await put(ledger.links, first)
    expect(await other.links.delete(first)).toBe(false)
    expect(await other.links.get('SO-1')).toEqual(next)
    expect(await other.links.delete(next)).toBe(true)
    expect(await ledger.links.delete(next)).toBe(false)
    expect([
      await ledger.links.get('SO-1'),
      await ledger.links.of('rome', '1'),
      await ledger.links.due(9),
      await ledger.links.list({ limit: 9 }),
      await ledger.links.list({ store: 'paris', limit: 9 }),
    ]).toEqual([null, null, [], [], []])
    await put(ledger.links, link('SO-2', ['paris 1', 'rome 1']))
  })

  it('one that comes after one that went is not taken for it', async () => {
    const { ledger, other } = await setUp(open)
    const first = await put(ledger.links, link('SO-1', ['paris 1', 'rome 1']))
    await ledger.links.delete(first)
    const again = await put(other.links, link('SO-1', ['paris 2', 'rome 2']))
    expect(await ledger.links.save(first)).toBe('stale')
    expect(await ledger.links.delete(first)).toBe(false)
    expect(await ledger.links.get('SO-1')).toEqual(again)
  })
}

const testLinkLists = (open: Open): void => {
  it('lists by name what every filter asks for, page by page', async () => {
    const { ledger, other } = await setUp(open)
    const statuses: readonly LinkStatus[] = ['open', 'canceling', 'canceled', 'diverged']
    const made: Link[] = []
    for (let index = 0; index < 60; index++)
      made.push(
        await put(
          ledger.links,
          link(
            `SO-${(index * 37) % 60}`,
            [`s${index % 3} ${index}`, `s${index % 5} x${index}`, `s9 y${index}`],
            { status: statuses[index % 4] as LinkStatus },
          ),
        ),
      )
    made.push(await put(ledger.links, link('SO-both', ['s0 17', 's17 a', 's17 b'])))
    made.push(await put(other.links, { ...(made[8] as Link), status: 'canceled' }))
    made.splice(8, 1)
    for (const store of [undefined, 's0', 's4', 's9', 's17', 'none'])
      for (const orderId of [undefined, '17', 'x17', 'a', 'none'])
        for (const status of [undefined, ...statuses])
          for (const limit of [7, 100]) {
            const asked = { store, orderId, status, limit }
            const found: Link[] = []
            for (let after: string | undefined; ; after = found.at(-1)?.name) {
              const page = await other.links.list({ ...asked, after })
              found.push(...page)
              if (page.length < limit) break
            }
            expect(names(found), JSON.stringify(asked)).toEqual(
              names(
                made.filter(
                  (one) =>
                    (status ?? one.status) === one.status &&
                    one.members.some(
                      (member) =>
                        (store ?? member.store) === member.store &&
                        (orderId ?? member.orderId) === member.orderId,
                    ),
                ),
              ).sort(),
            )
          }
    for (const status of statuses)
      for (const most of [0, 3, 100])
        expect(await other.links.count(status, most), status).toBe(
          Math.min(most, made.filter((one) => one.status === status).length),
        )
    expect(await other.links.list({ orderId: '17', store: 's0', limit: 9 })).toEqual([
      made.find(({ name }) => name === 'SO-both'),
    ])
  })

  it('finds the few of many', async () => {
    const { ledger } = await setUp(open)
    await Promise.all(
      Array.from({ length: 1_500 }, (_, index) =>
        put(
          ledger.links,
          link(`SO-${1_000 + index}`, [`s${index % 2} ${index}`], {
            status: index < 1_450 === (index % 2 === 0) ? 'canceled' : 'open',
          }),
        ),
      ),
    )
    const few = { store: 's0', status: 'open' } as const
    const [first, ...others] = names(await ledger.links.list({ ...few, limit: 99 }))
    expect([first, others.length]).toEqual(['SO-2450', 24])
    expect(names(await ledger.links.list({ ...few, limit: 2, after: 'SO-2450' }))).toEqual([
      'SO-2452',
      'SO-2454',
    ])
  })

  it('due: those whose time has come, the longest due first', async () => {
    const { ledger, other, clock } = await setUp(open)
    const times = { c: 30, b: 20, d: 30, a: 50, z: null }
    for (const [name, after] of Object.entries(times))
      await put(
        ledger.links,
        link(name, [`paris ${name}`], { dueAt: after === null ? null : START + after }),
      )
    expect(await other.links.due(9)).toEqual([])
    clock.now = START + 30
    expect(names(await other.links.due(9))).toEqual(['b', 'c', 'd'])
    expect(names(await other.links.due(1))).toEqual(['b'])
    const [first] = (await other.links.due(1)) as [Link]
    await put(ledger.links, { ...first, dueAt: null })
    expect(names(await other.links.due(9))).toEqual(['c', 'd'])
  })

  it('names are kept as they are, and none is taken for another', async () => {
    const { ledger, other } = await setUp(open)
    const odd = ODD.filter((name) => name !== '')
    const made = new Map<string, Link>()
    for (const [index, name] of odd.entries())
      made.set(
        name,
        await put(ledger.links, {
          ...link(name, ['', '', '']),
          members: [
            { store: name, orderId: '1' },
            { store: 'paris', orderId: name },
            { store: `${name}","`, orderId: `x","${name}` },
          ].map((member) => ({
            ...member,
            stage: index,
            notify: null,
            message: null,
            restock: null,
          })),
        }),
      )
    for (const name of odd) {
      expect(await other.links.get(name)).toEqual(made.get(name))
      expect(await other.links.of('paris', name)).toEqual(made.get(name))
      expect(await other.links.of(name, '1')).toEqual(made.get(name))
      expect(names(await other.links.list({ store: name, limit: 9 }))).toEqual([name])
    }
    expect(new Set(names(await other.links.list({ store: 'paris', limit: 999 })))).toEqual(
      new Set(odd),
    )
  })
}

const testTouch = (open: Open): void => {
  it('a claim and a save make the link of their order due, and what was read of it stale', async () => {
    const { ledger, other, clock } = await setUp(open)
    const first = await put(ledger.links, link('SO-1', ['paris 1', 'rome 1']))
    const far = await put(ledger.links, link('SO-2', ['paris 2'], { dueAt: START + DAY }))
    clock.now += 100
    const record = await claim(other, draft({ orderId: '1' }))
    expect(await ledger.links.get('SO-1')).toEqual({ ...first, version: 2, dueAt: clock.now })
    expect(await ledger.links.save({ ...first, status: 'canceling' })).toBe('stale')
    expect(await ledger.links.delete(first)).toBe(false)
    const read = (await ledger.links.of('rome', '1')) as Link
    const looked = await put(ledger.links, { ...read, dueAt: null })
    clock.now += 100
    await save(other, become(record, 'succeeded'))
    expect(await ledger.links.of('paris', '1')).toEqual({
      ...looked,
      version: looked.version + 1,
      dueAt: clock.now,
    })
    // Due already: it stays so, and still what was read is stale.
    clock.now += 100
    await claim(other, draft({ store: 'rome', orderId: '1' }))
    expect(await ledger.links.of('paris', '1')).toMatchObject({
      version: looked.version + 2,
      dueAt: START + 200,
    })
    expect(await ledger.links.get('SO-2')).toEqual(far)
    await claim(other, draft({ orderId: '2' }))
    expect(await ledger.links.get('SO-2')).toMatchObject({ version: 2, dueAt: clock.now })
    expect(names(await other.links.due(9))).toEqual(['SO-1', 'SO-2'])
  })

  it('what writes nothing touches nothing, nor a record of no link', async () => {
    const { ledger, other, clock } = await setUp(open)
    const record = await standing(ledger, { orderId: '1' }, 'accepted', key('k'))
    const rejected = await standing(ledger, { orderId: '2' }, 'rejected')
    await standing(ledger, { orderId: '2' }, 'succeeded')
    const first = await put(ledger.links, link('SO-1', ['paris 1', 'paris 2']))
    clock.now += 100
    await other.claim(draft({ orderId: '1' }), key('k'))
    await other.claim(draft({ orderId: '1' }), null)
    await other.claim(draft({ orderId: '1', notify: true }), null)
    await other.save({ ...become(record, 'succeeded'), version: 7 })
    await other.save(become(rejected, 'accepted'))
    const lease = await take(other, record, 'lock')
    await other.save(become(record, 'succeeded'), { ...lease, epoch: lease.epoch + 1 })
    await other.release(lease)
    await claim(other, draft({ store: 'rome', orderId: '1' }))
    await other.sweep()
    expect(await ledger.links.get('SO-1')).toEqual(first)
    expect(await ledger.links.due(9)).toEqual([])
  })
}
