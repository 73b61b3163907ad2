/** What keeps links from doing too much: keys of runs, a bound to how many follow, who starts one. */
import { describe, expect, it } from 'vitest'
import type { Link } from '../../src/model/link.ts'
import { type Fixture, HOUR, openFixture, SETTLE } from './fixture.ts'
import { createPlatform, lostAfter, says, type Step } from './platform.ts'

const STORES = ['erp', 'paris']
const member = (store: string, orderId: string, stage = 1) => ({
  store,
  orderId,
  stage,
  notify: null,
  message: null,
  restock: null,
})
const settle = async (fixture: Fixture, turns = 12, ms = 0) => {
  for (let turn = 0; turn < turns; turn++) await fixture.tick(ms)
}
const put = (fixture: Fixture, name: string, number: string, follow: Link['follow'] = 'tell') =>
  fixture.gateway.links?.put(
    name,
    [member('erp', `e${number}`), member('paris', `p${number}`)],
    follow,
    'erp',
  )
const platformOf = (numbers: readonly string[]) =>
  createPlatform(numbers.flatMap((number) => [{ id: `e${number}` }, { id: `p${number}` }]))
const ofParis = ({ gateway }: Fixture) =>
  gateway.list({ stores: ['paris'], orderId: 'p0', order: 'desc', limit: 100 })

describe('two processes that drive one link', () => {
  it('claim a member once, also where one of them read long ago that nobody had', async () => {
    const platform = platformOf(['0'])
    const first = openFixture({ stores: STORES, platform })
    const gate = Promise.withResolvers<void>()
    let waits = 0
    const second = openFixture({
      stores: STORES,
      platform,
      clock: first.clock,
      ledger: first.memory,
      wrap: (ledger) => ({
        ...ledger,
        async claim(draft, ...others) {
          if (draft.origin === 'link') {
            waits += 1
            await gate.promise
          }
          return ledger.claim(draft, ...others)
        },
      }),
    })
    // Each fixture knows its own records alone.
    platform.onDestructive = () => {}
    const refusesParis: Step = (calling) =>
      calling.thing.id === 'p0' ? says(409, 'shipped')(calling) : lostAfter(calling)
    platform.plan('cancel', refusesParis, refusesParis, refusesParis)
    await put(first, 'SO-1', '0')
    const asked = second.ask({ store: 'erp', orderId: 'e0', linked: 'each' })
    await expect.poll(() => waits).toBe(1)
    await settle(first, 4)
    expect(await ofParis(first)).toMatchObject([{ status: 'rejected', origin: 'link' }])
    gate.resolve()
    await asked
    await settle(second, 6, SETTLE)
    expect(await ofParis(first)).toHaveLength(1)
    expect(platform.count('cancel', 'p0')).toBe(1)
  })
})

describe('what follows', () => {
  it('is told of rather than done, once twenty of one store followed in ten minutes', async () => {
    const numbers = Array.from({ length: 23 }, (_, index) => String(index))
    const fixture = openFixture({ stores: STORES, platform: platformOf(numbers) })
    for (const number of numbers) await put(fixture, `SO-${number}`, number, 'cancel')
    await fixture.tick(HOUR)
    for (const number of numbers) {
      fixture.platform.turn('canceled', `e${number}`)
      await fixture.hear(`e${number}`, 'order.canceled', 'erp')
    }
    await settle(fixture, 12)
    await settle(fixture, 6, SETTLE)
    expect(fixture.platform.count('cancel')).toBe(20)
    expect(fixture.turns.filter((turn) => turn.startsWith('link.canceled'))).toHaveLength(20)
    expect(fixture.turns.filter((turn) => turn.startsWith('link.diverged'))).toHaveLength(3)
    await settle(fixture, 20, SETTLE)
    expect(fixture.platform.count('cancel')).toBe(20)
  })

  it('is nothing where a caller canceled one alone', async () => {
    const fixture = openFixture({ stores: STORES, platform: platformOf(['0']) })
    await put(fixture, 'SO-1', '0', 'cancel')
    await fixture.tick(HOUR)
    await fixture.ask({ store: 'erp', orderId: 'e0', linked: 'none' })
    await settle(fixture, 12, SETTLE)
    expect([fixture.platform.count('cancel'), await ofParis(fixture)]).toEqual([1, []])
  })

  it('is nothing where who put the link reaches a member no more', async () => {
    let reach: readonly string[] | null = null
    const fixture = openFixture({
      stores: STORES,
      platform: platformOf(['0']),
      reachOf: () => reach,
    })
    await put(fixture, 'SO-1', '0', 'cancel')
    await fixture.tick(HOUR)
    reach = ['erp']
    fixture.platform.turn('canceled', 'e0')
    await fixture.hear('e0', 'order.canceled', 'erp')
    await settle(fixture, 12, SETTLE)
    expect([fixture.platform.count('cancel'), fixture.turns]).toEqual([0, ['link.diverged SO-1']])
  })
})

describe('what is told of a link', () => {
  it('is told once, also where one of its orders is asked for again later', async () => {
    const fixture = openFixture({ stores: STORES, platform: platformOf(['0']) })
    await put(fixture, 'SO-1', '0')
    await fixture.ask({ store: 'erp', orderId: 'e0' })
    await settle(fixture)
    const again = await fixture.ask({ store: 'paris', orderId: 'p0', restock: true })
    expect(again.how).toBe('created')
    await settle(fixture)
    expect(fixture.turns).toEqual(['link.canceled SO-1'])
    expect(fixture.platform.count('cancel')).toBe(2)
  })
})

describe('a ledger that fails while an order waits for its turn', () => {
  it('is a fault, and no rejection that would end the process', async () => {
    const error = new Error('the ledger is away')
    let isAway = false
    const fixture = openFixture({
      stores: STORES,
      platform: platformOf(['0']),
      wrap: (ledger) => ({
        ...ledger,
        links: {
          ...ledger.links,
          of: async (...order) => {
            if (isAway) throw error
            return ledger.links.of(...order)
          },
        },
      }),
    })
    await fixture.gateway.links?.put(
      'SO-0',
      [member('erp', 'e0'), member('paris', 'p0', 2)],
      'tell',
      'erp',
    )
    await fixture.tick()
    fixture.platform.plan('cancel', lostAfter)
    await fixture.ask({ store: 'paris', orderId: 'p0' })
    await settle(fixture, 3)
    isAway = true
    fixture.expectFaults(error)
    await fixture.tick(60_000)
    isAway = false
    await settle(fixture, 6, SETTLE)
    expect(await ofParis(fixture)).toMatchObject([{ status: 'succeeded' }])
  })
})
