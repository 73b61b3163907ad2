/** Notices: what was heard is there before it is answered, and no look loses what came meanwhile. */
import { expect, it } from 'vitest'
import { MOST_WAITING, type NoticeLedger } from '../../src/ledger/port.ts'
import { afterNothing, type Heard, lookAgainAt, type Notice } from '../../src/model/notice.ts'
import { DAY, ODD, type Open, setUp, START } from './records.ts'
import { fresh, owed } from './owing.ts'

export const heard = (over: Partial<Heard> = {}): Heard => ({
  store: 'paris',
  orderId: 'one',
  at: START,
  namesCancellation: false,
  by: 'webhook',
  ...over,
})

/** The row of what was heard first of an order. */
const row = (over: Partial<Notice> = {}): Notice => ({
  store: 'paris',
  orderId: 'one',
  version: 1,
  heardAt: START,
  dueAt: START,
  cancellationHeard: 0,
  changeHeard: 1,
  failures: 0,
  suspicion: null,
  pauseMs: 0,
  pauseUntil: 0,
  ...over,
})

const watch = (version: number, watermark = START) => ({
  version,
  account: 'medusa a.example',
  watermark,
  sweptAt: null,
  failingSince: null,
  missedAt: null,
  silentSince: null,
  turns: 0,
})

const only = async (notices: NoticeLedger, store = 'paris'): Promise<Notice> => {
  const [found, ...others] = await notices.due([store], 100)
  if (!found || others.length > 0) throw new Error('expected one notice that is due')
  return found
}
const orders = (rows: readonly Notice[]) => rows.map(({ orderId }) => orderId)

export const testNotices = (open: Open): void => {
  testHearing(open)
  testLooks(open)
  testListening(open)
}

const testHearing = (open: Open): void => {
  it('what was heard is one row of an order, due since it was first heard', async () => {
    const { ledger, other, clock } = await setUp(open)
    expect(await ledger.notices.hear([heard(), heard({ orderId: 'two' })])).toEqual(['due', 'due'])
    clock.now += 70
    expect(await other.notices.hear([heard({ at: START + 70, namesCancellation: true })])).toEqual([
      'due',
    ])
    expect(await other.notices.due(['paris', 'rome'], 9)).toEqual([
      row({ version: 2, cancellationHeard: 2 }),
      row({ orderId: 'two' }),
    ])
    expect(await ledger.notices.hear([])).toEqual([])
    expect(await ledger.notices.get('paris', 'two')).toEqual(row({ orderId: 'two' }))
    expect([
      await ledger.notices.get('paris', 'three'),
      await ledger.notices.get('rome', 'two'),
    ]).toEqual([null, null])
  })

  it('one body that names an order twice makes one row', async () => {
    const { ledger } = await setUp(open)
    const twice = [heard(), heard({ namesCancellation: true })]
    expect(await ledger.notices.hear(twice)).toEqual(['due', 'due'])
    expect(await ledger.notices.due(['paris'], 9)).toEqual([
      row({ version: 2, cancellationHeard: 2 }),
    ])
  })

  it('a mere change waits for the end of a pause, an echo of the longest is not taken', async () => {
    const {
      ledger: { notices },
      clock,
    } = await setUp(open)
    await notices.hear([heard()])
    const pause = async () =>
      notices.settle(await only(notices), afterNothing(await only(notices), clock.now))
    await pause()
    expect(await notices.hear([heard({ at: START + 1 })])).toEqual(['due'])
    expect(await notices.due(['paris'], 9)).toEqual([])
    expect(await notices.of('paris')).toMatchObject({ waiting: 1, oldestAt: START + 1 })
    clock.now = START + 5_000
    expect(await only(notices)).toMatchObject({ heardAt: START + 1, dueAt: START + 5_000 })
    // What names a cancellation waits for nothing.
    await pause()
    await notices.hear([heard({ at: clock.now, namesCancellation: true })])
    expect(await only(notices)).toMatchObject({ dueAt: clock.now, pauseMs: 20_000 })
    for (let looks = 0; looks < 5; looks++) {
      await pause()
      await notices.hear([heard({ at: clock.now, namesCancellation: true })])
    }
    await pause()
    expect(await notices.hear([heard({ at: clock.now })])).toEqual(['echo'])
    expect(await notices.of('paris')).toMatchObject({ lastAt: clock.now, waiting: 0 })
  })

  it('of racers none is lost', async () => {
    const { ledger, other } = await setUp(open)
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? other : ledger).notices.hear([
          heard({ orderId: `o${index % 5}`, namesCancellation: index === 7 }),
        ]),
      ),
    )
    const rows = await ledger.notices.due(['paris'], 100)
    expect(rows.map(({ orderId, version }) => [orderId, version])).toEqual(
      Array.from({ length: 5 }, (_, index) => [`o${index}`, 4]),
    )
    expect(rows.map(({ cancellationHeard }) => cancellationHeard > 0)).toEqual([
      false,
      false,
      true,
      false,
      false,
    ])
    expect((await other.notices.of('paris')).waiting).toBe(5)
  })

  it('more than may wait is refused, and nothing of it written', async () => {
    const { ledger, other } = await setUp(open)
    const { notices } = ledger
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => heard({ orderId: `o${index}`, at: START + 1 }))
    await notices.hear(['a', 'b', 'c'].map((orderId) => heard({ orderId })))
    expect(await other.notices.hear(many(MOST_WAITING - 2))).toBeNull()
    const [a, b] = (await notices.due(['paris'], 2)) as [Notice, Notice]
    await notices.settle(a, null)
    await notices.settle(b, afterNothing(b, START))
    expect(await other.notices.hear(many(MOST_WAITING))).toBeNull()
    expect(await notices.of('paris')).toEqual({ lastAt: START, waiting: 1, oldestAt: START })
    expect(await notices.hear(many(1))).toEqual(['due'])
  })

  it('names are kept as they are, and none is taken for another', async () => {
    const { ledger, other } = await setUp(open)
    for (const store of ODD) {
      await ledger.notices.hear([
        heard({ store, orderId: '1' }),
        heard({ store, orderId: `1:${store}` }),
      ])
      await ledger.notices.hear([heard({ store: `${store}:1`, orderId: '1' })])
      await ledger.notices.saveWatch(store, watch(0, ODD.indexOf(store)))
    }
    await ledger.notices.hear(ODD.map((orderId) => heard({ orderId })))
    for (const [index, store] of ODD.entries()) {
      expect(orders(await other.notices.due([store], 9)).sort()).toEqual(['1', `1:${store}`].sort())
      expect(orders(await other.notices.due([`${store}:1`], 9))).toEqual(['1'])
      expect(await other.notices.watch(store)).toEqual(watch(1, index))
    }
    expect(new Set(orders(await other.notices.due(['paris'], 999)))).toEqual(new Set(ODD))
  })
}

const testLooks = (open: Open): void => {
  it('due: of each store no more than asked, the longest due first', async () => {
    const { ledger, other, clock } = await setUp(open)
    const { notices } = ledger
    const hear = (store: string, orderId: string, after: number) =>
      notices.hear([heard({ store, orderId, at: START + after })])
    for (const [orderId, after] of [
      ['c', 30],
      ['b', 20],
      ['d', 30],
      ['a', 50],
    ] as const)
      await hear('paris', orderId, after)
    await hear('rome', 'x', 10)
    await hear('oslo', 'y', 10)
    clock.now = START + 30
    expect(orders(await other.notices.due(['rome', 'paris'], 9))).toEqual(['x', 'b', 'c', 'd'])
    expect(orders(await other.notices.due(['paris', 'rome'], 2))).toEqual(['b', 'c', 'x'])
    expect(await other.notices.due([], 9)).toEqual([])
    clock.now = START + 50
    expect(orders(await other.notices.due(['paris'], 9))).toEqual(['b', 'c', 'd', 'a'])
  })

  it('a look that concludes writes only over what it read', async () => {
    const { ledger, other } = await setUp(open)
    const { notices } = ledger
    await notices.hear([heard()])
    const read = await only(notices)
    await other.notices.hear([heard({ at: START + 1 })])
    expect(await notices.settle(read, null)).toBe(false)
    expect(await notices.settle(read, afterNothing(read, START + 2))).toBe(false)
    const again = await only(notices)
    expect(again).toEqual(row({ version: 2, changeHeard: 2 }))
    const suspicion = { of: 'gone', at: START + 3 } as const
    const later = lookAgainAt(again, START, { failures: 2, suspicion })
    expect(await other.notices.settle(again, later)).toBe(true)
    expect(await only(notices)).toEqual(row({ version: 3, changeHeard: 2, failures: 2, suspicion }))
    expect(await notices.settle(again, null)).toBe(false)
    expect(await notices.settle(await only(notices), null)).toBe(true)
    expect(await other.notices.due(['paris'], 9)).toEqual([])
    expect(await notices.settle(again, null)).toBe(false)
  })

  it('of two looks at one row one concludes', async () => {
    const { ledger, other } = await setUp(open)
    await ledger.notices.hear([heard()])
    const read = await only(ledger.notices)
    const settled = await Promise.all([
      ledger.notices.settle(read, null),
      other.notices.settle(read, afterNothing(read, START)),
    ])
    expect(settled.filter(Boolean)).toEqual([true])
  })

  it('a row that comes after one that went is not taken for it', async () => {
    const { ledger, other, clock } = await setUp(open)
    const { notices } = ledger
    await notices.hear([heard(), heard({ orderId: 'two' })])
    const [late, two] = (await notices.due(['paris'], 9)) as [Notice, Notice]
    await notices.settle(late, null)
    await other.notices.hear([heard()])
    expect(await notices.settle(late, null)).toBe(false)
    // Nor where a sweep forgot it.
    await notices.settle(two, afterNothing(two, START))
    clock.now += DAY
    await other.notices.sweep()
    await other.notices.hear([heard({ orderId: 'two', at: clock.now })])
    for (const read of [two, { ...two, version: 2 }])
      expect(await notices.settle(read, null)).toBe(false)
    expect(orders(await notices.due(['paris'], 9))).toEqual(['one', 'two'])
  })

  it.each(['its own', 'the ledger’s'] as const)(
    '%s sweep forgets what keeps nobody waiting, and nothing that waits for a look',
    async (which) => {
      const { ledger, other, clock } = await setUp(open)
      const { notices } = ledger
      await notices.hear([heard(), heard({ orderId: 'two' }), heard({ orderId: 'three' })])
      const [one, three] = (await notices.due(['paris'], 9)) as [Notice, Notice]
      for (const read of [one, three]) await notices.settle(read, afterNothing(read, START))
      await notices.hear([heard({ orderId: three.orderId, namesCancellation: true })])
      const sweep = () => (which === 'its own' ? other.notices.sweep() : other.sweep())
      clock.now = START + 5_000 + 3_600_000 - 1
      await sweep()
      const rests = heard({ at: START + 1_000 })
      expect(await notices.hear([rests])).toEqual(['due'])
      expect(orders(await notices.due(['paris'], 9))).toContain('one')
      const [found] = (await notices.due(['paris'], 9)).filter(({ orderId }) => orderId === 'one')
      await notices.settle(found as Notice, afterNothing(found as Notice, START))
      clock.now += DAY
      await sweep()
      expect(orders(await other.notices.due(['paris'], 9)).sort()).toEqual(['three', 'two'])
      await notices.hear([rests])
      expect(await notices.of('paris')).toEqual({
        lastAt: rests.at,
        waiting: 3,
        oldestAt: START,
      })
      // Its pause went with it.
      const back = (await notices.due(['paris'], 9)).find(({ orderId }) => orderId === 'one')
      expect(back).toMatchObject({ dueAt: rests.at, pauseMs: 0 })
    },
  )
}

const testListening = (open: Open): void => {
  it('of a store: when a webhook told of it, how many wait, and since when', async () => {
    const { ledger, other } = await setUp(open)
    const { notices } = ledger
    const nothing = { lastAt: null, waiting: 0, oldestAt: null }
    expect(await notices.of('paris')).toEqual(nothing)
    await notices.hear([heard({ by: 'sweep', orderId: 'two', at: START + 1 })])
    expect(await other.notices.of('paris')).toEqual({
      lastAt: null,
      waiting: 1,
      oldestAt: START + 1,
    })
    await other.notices.hear([heard({ at: START + 2 })])
    await other.notices.hear([heard({ at: START + 3 })])
    await other.notices.hear([heard({ by: 'sweep', at: START + 4 })])
    expect(await notices.of('paris')).toEqual({
      lastAt: START + 3,
      waiting: 2,
      oldestAt: START + 1,
    })
    expect(await notices.of('rome')).toEqual(nothing)
  })

  it('how many wait is told whatever a look made of them', async () => {
    const { ledger, clock } = await setUp(open)
    const { notices } = ledger
    const names = ['a', 'b', 'c', 'd']
    await notices.hear(names.map((orderId, index) => heard({ orderId, at: START + index })))
    clock.now += 10
    const [a, b, c] = (await notices.due(['paris'], 9)) as [Notice, Notice, Notice]
    const of = async () => {
      const { waiting, oldestAt } = await notices.of('paris')
      return [waiting, oldestAt]
    }
    await notices.settle(a, null)
    expect(await of()).toEqual([3, START + 1])
    await notices.settle(b, afterNothing(b, clock.now))
    expect(await of()).toEqual([2, START + 2])
    await notices.settle(c, lookAgainAt(c, clock.now + 99, { failures: 1, suspicion: null }))
    expect(await of()).toEqual([2, START + 2])
    await notices.hear([heard({ orderId: 'b', at: clock.now })])
    expect(await of()).toEqual([3, START + 2])
  })

  it('a watch is compare-and-set, and what it owes is written with it', async () => {
    const { ledger, other } = await setUp(open)
    const owes = (revision: number) => [
      owed({ subject: 'store_paris', type: 'store.silent', revision }),
    ]
    expect(await ledger.notices.watch('paris')).toBeNull()
    expect(await ledger.notices.saveWatch('paris', watch(1), owes(1))).toBeNull()
    expect(await other.deliveries.of('store_paris')).toEqual([])
    const saved = await Promise.all([
      ledger.notices.saveWatch('paris', watch(0, 1)),
      other.notices.saveWatch('paris', watch(0, 2)),
    ])
    expect(saved.filter(Boolean)).toEqual([await ledger.notices.watch('paris')])
    expect(await other.notices.saveWatch('paris', watch(1, 3), owes(2))).toEqual(watch(2, 3))
    expect(await ledger.notices.saveWatch('paris', watch(1, 4), owes(3))).toBeNull()
    expect(await ledger.notices.watch('paris')).toEqual(watch(2, 3))
    expect(await ledger.deliveries.of('store_paris')).toEqual(owes(2).map((one) => fresh(one)))
    expect(await ledger.notices.watch('rome')).toBeNull()
    // It is nothing that a store was heard of.
    await ledger.sweep()
    expect(await other.notices.of('paris')).toEqual({ lastAt: null, waiting: 0, oldestAt: null })
  })
}
