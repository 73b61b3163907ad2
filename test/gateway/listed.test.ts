/** How the records of an order are listed: in which order, how many, and of that order alone. */
import { describe, expect, it } from 'vitest'
import { cancellationsOf } from '../../src/gateway/workflow/identity.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { request } from '../model/samples.ts'
import { openFixture, T0 } from './fixture.ts'
import { createPlatform } from './platform.ts'

describe('the records of one order', () => {
  /** Refused in turn, under the spelling of before and that of now; so long after one another. */
  const refusedIn = async (turns: readonly (readonly [orderId: 'ABC' | 'abc', ms: number])[]) => {
    const clock = { now: T0 }
    const ledger = openMemoryLedger(() => clock.now)
    const platform = createPlatform([
      { id: 'ABC', shipped: true },
      { id: 'abc', shipped: true },
    ])
    const old = openFixture({ ledger, clock, platform })
    const next = openFixture({ ledger, clock, platform, toy: { folds: true } })
    const ids: string[] = []
    for (const [orderId, ms] of turns) {
      clock.now += ms
      const fixture = orderId === 'ABC' ? old : next
      ids.push((await fixture.ask({ orderId })).record.id)
    }
    const list = async (order: 'asc' | 'desc', limit = 9) =>
      (await next.gateway.list({ stores: ['shop'], orderId: 'abc', order, limit })).map(
        ({ id }) => id,
      )
    return { ids, list }
  }
  const five = () =>
    refusedIn([
      ['ABC', 0],
      ['abc', 1],
      ['ABC', 1],
      ['abc', 1],
      ['ABC', 1],
    ])

  it('stand in the order that was asked for, whatever their spelling', async () => {
    const { ids, list } = await five()
    expect(await list('asc')).toEqual(ids)
    expect(await list('desc')).toEqual(ids.toReversed())
  })

  it('are as many as was asked for, the first ones', async () => {
    const { ids, list } = await five()
    expect(await list('asc', 2)).toEqual(ids.slice(0, 2))
    expect(await list('desc', 3)).toEqual(ids.toReversed().slice(0, 3))
  })

  it('of one moment stand by their ids, so that a page can go on after one', async () => {
    const { ids, list } = await refusedIn([
      ['ABC', 0],
      ['abc', 0],
      ['ABC', 0],
      ['abc', 0],
      ['ABC', 0],
      ['abc', 0],
    ])
    expect(await list('asc')).toEqual(ids.toSorted())
    expect(await list('desc')).toEqual(ids.toSorted().toReversed())
  })

  it('are not those of another order, where the case of an id tells orders apart', async () => {
    const { ask, gateway } = openFixture({
      platform: createPlatform([{ id: 'ABC' }, { id: 'abc' }]),
    })
    const { record } = await ask({ orderId: 'abc' })
    await ask({ orderId: 'ABC' })
    const found = await gateway.list({ stores: null, orderId: 'abc', order: 'desc', limit: 9 })
    expect(found).toEqual([record])
  })
})

describe('who a store is', () => {
  it('is asked of the ledger once, however much is asked of the store', async () => {
    let asked = 0
    const { ask, gateway } = openFixture({
      platform: createPlatform([{ id: 'open' }, { id: 'other' }]),
      wrap: (ledger) => ({
        ...ledger,
        bind: (...words) => {
          asked += 1
          return ledger.bind(...words)
        },
      }),
    })
    await ask()
    await ask({ orderId: 'other' })
    await gateway.preview(request(), false)
    expect([await gateway.moved(), asked]).toEqual([[], 1])
  })

  it('is asked again where that failed', async () => {
    let broken = 1
    const { ask, gateway, idle, records } = openFixture({
      wrap: (ledger) => ({
        ...ledger,
        bind: async (...words) => {
          if (broken-- > 0) throw new Error('the disk')
          return ledger.bind(...words)
        },
      }),
    })
    await expect(gateway.cancel(request(), 'erp', null, null)).rejects.toThrow('the disk')
    await idle()
    expect(records.size).toBe(0)
    expect((await ask()).record.status).toBe('succeeded')
  })
})

describe('a store whose settings lead to another shop', () => {
  const moved = async () => {
    const clock = { now: T0 }
    const ledger = openMemoryLedger(() => clock.now)
    const platform = createPlatform([{ id: 'open' }, { id: 'other' }])
    const at = (baseUrl: string, movedFrom: readonly string[] = []) =>
      openFixture({ ledger, clock, platform, baseUrl, store: { movedFrom } })
    await at('https://old.example').ask({ orderId: 'other' })
    return { at, next: at('https://new.example'), clock }
  }

  it('says where it leads, from where, and what to write where that is right', async () => {
    const { next } = await moved()
    const { record } = await next.ask()
    expect(record.problem?.detail).toBe(
      'The store’s settings lead to “toy new.example”, but it was first opened for ' +
        '“toy old.example”. Nothing is sent. If it is the same shop at another address, add ' +
        '"movedFrom": ["toy old.example"] to the store; if it is another shop, give it a store ' +
        'id of its own.',
    )
    expect((await next.gateway.preview(request(), false)).problem).toMatchObject({
      code: 'needs-attention',
      acted: 'no',
      detail: record.problem?.detail,
    })
  })

  it('of what was asked meanwhile it says, once it leads back, why nothing is sent', async () => {
    const { at, next } = await moved()
    const { record } = await next.ask()
    const back = at('https://old.example')
    expect((await back.resolve(record.id, 'retry', 'mended', 'ops')).problem).toMatchObject({
      acted: 'no',
      detail:
        'This cancellation was made while its store’s settings led elsewhere than to the ' +
        'merchant account for which the store was first opened. Nothing of it is sent.',
    })
  })
})

it('the cancellations of an order are neither its transfers’ nor another merchant’s', async () => {
  const clock = { now: T0 }
  const ledger = openMemoryLedger(() => clock.now)
  const platform = createPlatform([{ id: 'open', transfer: 'tr_1' }])
  const at = (baseUrl: string) => openFixture({ ledger, clock, platform, baseUrl })
  const first = at('https://old.example')
  await first.ask({ target: 'transfer' })
  const { record } = await first.ask()
  clock.now += 1
  expect((await at('https://new.example').ask({ restock: true })).record.account).toBeDefined()
  expect(await cancellationsOf(ledger, 'shop', 'open')).toEqual([record])
  expect(await cancellationsOf(ledger, 'other', 'open')).toEqual([])
})
