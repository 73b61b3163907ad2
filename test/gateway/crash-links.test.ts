/** The process dies at the failpoints of notices and links; the next one ends what it began. */
import { describe, expect, it } from 'vitest'
import { FAILPOINTS, type Failpoint } from '../../src/gateway/workflow/run.ts'
import { type Fixture, SETTLE } from './fixture.ts'
import { CRASH, lives } from './lives.ts'
import { createPlatform, lostAfter, says, type Step } from './platform.ts'

/** How long one process alone may look for a store. */
const LOOKING = 60_000
const STORES = ['erp', 'paris', 'acme']
const MEMBERS = STORES.map((store, index) => ({
  store,
  orderId: `o-${store}`,
  stage: index + 1,
  notify: null,
  message: null,
  restock: null,
}))

const recordsOf = ({ gateway }: Fixture, orderId: string) =>
  gateway.list({ stores: null, orderId, order: 'desc', limit: 100 })
const cancels = ({ calls }: ReturnType<typeof createPlatform>) =>
  calls.filter(({ route }) => route === 'cancel').map(({ id }) => id)

/** Turns the clock until nothing moves any more. */
const settle = async ({ tick }: Fixture, turns = 12) => {
  for (let turn = 0; turn < turns; turn++) await tick(SETTLE)
}

/** What the first process does is cut off; what it then says of that is expected. */
const cutOff = async (first: Fixture, ...acts: (() => Promise<unknown>)[]) => {
  for (const act of acts) await act().catch((error: unknown) => expect(error).toBe(CRASH))
  first.expectFaults(...first.faults)
  expect(first.faults.every((fault) => fault === CRASH)).toBe(true)
}

describe.each(['heard', 'noticed', 'concluded'] as const)('a crash when it is %s', (at) => {
  it('and nobody had asked: one record of the platform, and its echo costs no read', async () => {
    const { first, next, platform, isDead } = lives(at)
    platform.turn('canceled')
    await cutOff(
      first,
      () => first.hear(),
      () => first.tick(),
    )
    expect(isDead()).toBe(true)
    const second = next()
    await settle(second, 3)
    expect(await recordsOf(second, 'open')).toMatchObject([
      { origin: 'platform', status: 'succeeded', revision: 1 },
    ])
    const looks = platform.count('look')
    await second.hear()
    await second.tick(LOOKING)
    expect([platform.count('look'), cancels(platform)]).toEqual([looks, []])
    expect(await second.ledger.notices.of('shop')).toMatchObject({ waiting: 0 })
  })

  it('and its cancellation was in doubt: it succeeds, and nothing is sent again', async () => {
    const { first, next, platform, isDead } = lives(at)
    platform.plan('cancel', lostAfter)
    const { record } = await first.ask()
    expect(record.status).toBe('in_doubt')
    await cutOff(
      first,
      () => first.hear(),
      () => first.tick(),
    )
    expect(isDead()).toBe(true)
    const second = next()
    await settle(second, 3)
    expect(await recordsOf(second, 'open')).toMatchObject([
      { id: record.id, status: 'succeeded', revision: 2 },
    ])
    expect(cancels(platform)).toEqual(['open'])
  })
})

/** How often three orders in three stages pass each point. */
const HITS: Partial<Record<Failpoint, number>> = {
  claimed: 1,
  leased: 3,
  looked: 3,
  intended: 3,
  performed: 3,
  confirmed: 3,
  settled: 3,
  // That of the asked one lets its cancellation look by itself.
  noticed: 2,
  concluded: 2,
  linked: 1,
  'member claimed': 2,
  released: 3,
}
const CRASHES = FAILPOINTS.flatMap((at) =>
  Array.from({ length: HITS[at] ?? 0 }, (_, index) => [at, index + 1] as const),
)
const refusesParis: Step = (calling) =>
  calling.thing.id === 'o-paris' ? says(409, 'shipped')(calling) : calling.go()
const open = (platform = createPlatform(MEMBERS.map(({ orderId }) => ({ id: orderId })))) => ({
  stores: STORES,
  platform,
})

/** Links, asks for the order in the middle, and goes on until the first process dies. */
const ask = (first: Fixture) =>
  cutOff(
    first,
    async () => first.gateway.links?.put('SO-1', MEMBERS, 'tell', 'erp'),
    () => first.ask({ store: 'paris', orderId: 'o-paris' }, { key: 'k' }),
    ...Array.from({ length: 12 }, () => () => first.tick()),
  )

describe.each(CRASHES)('a crash of a link when it is %s, for the %i. time', (at, hit) => {
  it('all are canceled, each once and in its turn, and that is told once', async () => {
    const { first, next, platform, isDead } = lives(at, open(), hit)
    await ask(first)
    expect(isDead()).toBe(true)
    const second = next()
    await second.ask({ store: 'paris', orderId: 'o-paris' }, { key: 'k' })
    await settle(second)
    expect(cancels(platform)).toEqual(['o-erp', 'o-paris', 'o-acme'])
    const link = await second.ledger.links.get('SO-1')
    expect(link).toMatchObject({ status: 'canceled', revision: 1, run: { isOpen: false } })
    for (const { orderId } of MEMBERS)
      expect(await recordsOf(second, orderId)).toMatchObject([{ status: 'succeeded' }])
  })

  it('one refuses in the middle: what is later is not sent, and that is told once', async () => {
    const { first, next, platform, isDead } = lives(at, open(), hit)
    platform.plan('cancel', ...Array.from({ length: 9 }, () => refusesParis))
    await ask(first)
    // What comes after the refusal is not passed.
    if (hit < 3) expect(isDead()).toBe(true)
    const second = next()
    await settle(second)
    expect(platform.order('o-acme').state).toBe('open')
    expect(platform.count('cancel', 'o-acme')).toBe(0)
    expect(platform.count('cancel', 'o-erp')).toBe(1)
    const link = await second.ledger.links.get('SO-1')
    expect(link).toMatchObject({ status: 'diverged', revision: 1, run: { isOpen: false } })
  })
})
