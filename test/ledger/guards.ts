/** One cancellation per target and order: who stands in whose way. */
import { expect, it } from 'vitest'
import type { Cancellation, Status } from '../../src/model/cancellation.ts'
import {
  become,
  claim,
  draft,
  everything,
  type Open,
  setUp,
  standing,
  START,
  type Wish,
} from './records.ts'

const OPEN: readonly Status[] = ['accepted', 'sending', 'in_doubt', 'needs_attention']
const OTHER_WISHES: readonly Wish[] = [
  { notify: true },
  { notify: false },
  { message: 'm' },
  { restock: true },
  { restock: false },
]
const SAME_WISHES: readonly Wish[] = [
  {},
  { reason: 'r' },
  { reasonCode: 'fraud' },
  { strict: true },
  { reference: 'x' },
  { caller: 'someone else' },
]

/** What somebody canceled at the platform, of one order. */
const atPlatform = () => ({ ...draft({ orderId: 'one', caller: '' }), origin: 'platform' as const })

export const testGuards = (open: Open): void => {
  it.each(OPEN)('%s: the same wishes are one cancellation, others conflict', async (status) => {
    const { ledger, other } = await setUp(open)
    const earlier = await standing(ledger, { orderId: 'one' }, status)
    for (const wish of SAME_WISHES)
      expect(await other.claim(draft({ orderId: 'one', ...wish }), null)).toEqual({
        outcome: 'deduplicated',
        record: earlier,
      })
    for (const wish of OTHER_WISHES)
      expect(await other.claim(draft({ orderId: 'one', ...wish }), null)).toEqual({
        outcome: 'conflict',
        record: earlier,
      })
    expect(await everything(ledger)).toEqual([earlier.id])
  })

  it.each(OPEN)('%s stands in the way of a final draft too', async (status) => {
    const { ledger } = await setUp(open)
    const earlier = await standing(ledger, { orderId: 'one' }, status)
    expect(
      await ledger.claim(become(draft({ orderId: 'one', notify: true }), 'succeeded'), null),
    ).toEqual({ outcome: 'conflict', record: earlier })
  })

  it('false is not the same wish as none', async () => {
    const { ledger } = await setUp(open)
    await claim(ledger, draft({ orderId: 'one', notify: false, restock: false }))
    expect((await ledger.claim(draft({ orderId: 'one' }), null)).outcome).toBe('conflict')
    expect(
      (await ledger.claim(draft({ orderId: 'one', notify: false, restock: false }), null)).outcome,
    ).toBe('deduplicated')
  })

  it('succeeded: the same wishes are one cancellation, others are told, then pass', async () => {
    const { ledger, other } = await setUp(open)
    const first = await standing(ledger, { orderId: 'one' }, 'succeeded')
    expect(await other.claim(draft({ orderId: 'one' }), null)).toEqual({
      outcome: 'deduplicated',
      record: first,
    })
    const second = draft({ orderId: 'one', notify: true, at: START + 1 })
    expect(await ledger.claim(second, null)).toEqual({ outcome: 'settled', record: first })
    expect(await ledger.get(second.id)).toBeNull()
    const done = become(second, 'succeeded')
    expect(await ledger.claim(done, null)).toEqual({ outcome: 'created', record: done })
    expect(await other.claim(draft({ orderId: 'one', notify: true }), null)).toEqual({
      outcome: 'deduplicated',
      record: done,
    })
    expect(await other.claim(draft({ orderId: 'one' }), null)).toEqual({
      outcome: 'deduplicated',
      record: first,
    })
    expect(await other.claim(draft({ orderId: 'one', restock: true }), null)).toEqual({
      outcome: 'settled',
      record: done,
    })
  })

  it('of twenty final drafts with the same wishes one passes a settled guard', async () => {
    const { ledger, other } = await setUp(open)
    await standing(ledger, { orderId: 'one' }, 'succeeded')
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? other : ledger).claim(
          become(draft({ orderId: 'one', notify: true }), 'succeeded'),
          null,
        ),
      ),
    )
    expect(claims.map(({ outcome }) => outcome).sort()).toEqual([
      'created',
      ...Array<string>(19).fill('deduplicated'),
    ])
  })

  it('rejected does not stand in the way of anything', async () => {
    const { ledger } = await setUp(open)
    await standing(ledger, { orderId: 'one' }, 'rejected')
    const second = await standing(ledger, { orderId: 'one' }, 'rejected')
    const third = await claim(ledger, draft({ orderId: 'one', notify: true }))
    expect(new Set(await everything(ledger)).size).toBe(3)
    expect(await ledger.claim(draft({ orderId: 'one', notify: true }), null)).toEqual({
      outcome: 'deduplicated',
      record: third,
    })
    expect(await ledger.get(second.id)).toEqual(second)
  })

  it('what needs attention stands in the way until it is resolved as rejected', async () => {
    const { ledger } = await setUp(open)
    const earlier = await standing(ledger, { orderId: 'one' }, 'needs_attention')
    expect((await ledger.claim(draft({ orderId: 'one', notify: true }), null)).outcome).toBe(
      'conflict',
    )
    await ledger.save(become(earlier, 'rejected'))
    await claim(ledger, draft({ orderId: 'one', notify: true }))
  })

  it('transfers and orders are guarded apart', async () => {
    const { ledger } = await setUp(open)
    const transfer = await claim(ledger, draft({ orderId: 'one', target: 'transfer' }))
    const order = await claim(ledger, draft({ orderId: 'one', notify: true }))
    expect(await ledger.claim(draft({ orderId: 'one', target: 'transfer' }), null)).toEqual({
      outcome: 'deduplicated',
      record: transfer,
    })
    expect(
      await ledger.claim(draft({ orderId: 'one', target: 'transfer', notify: true }), null),
    ).toEqual({ outcome: 'conflict', record: transfer })
    expect(await ledger.claim(draft({ orderId: 'one' }), null)).toEqual({
      outcome: 'conflict',
      record: order,
    })
  })

  it.each(['succeeded', 'rejected'] as const)(
    'a transfer that %s does not stand in the way of a later one',
    async (status) => {
      const { ledger } = await setUp(open)
      await standing(ledger, { orderId: 'one', target: 'transfer' }, status)
      const second = await claim(ledger, draft({ orderId: 'one', target: 'transfer' }))
      expect(
        (await ledger.claim(draft({ orderId: 'one', target: 'transfer' }), null)).record,
      ).toEqual(second)
    },
  )

  it.each(['sending', 'in_doubt', 'needs_attention'] as const)(
    'a transfer that is %s does',
    async (status) => {
      const { ledger } = await setUp(open)
      const first = await standing(ledger, { orderId: 'one', target: 'transfer' }, status)
      expect(await ledger.claim(draft({ orderId: 'one', target: 'transfer' }), null)).toEqual({
        outcome: 'deduplicated',
        record: first,
      })
    },
  )

  it('orders of two stores, and two orders of one store, are guarded apart', async () => {
    const { ledger } = await setUp(open)
    await claim(ledger, draft({ store: 'paris', orderId: '1' }))
    await claim(ledger, draft({ store: 'bazaar', orderId: '1' }))
    await claim(ledger, draft({ store: 'paris', orderId: '2' }))
  })

  it('what was canceled at the platform is written once, and answers no request', async () => {
    const { ledger, other } = await setUp(open)
    const first = await claim(ledger, become(atPlatform(), 'succeeded'))
    expect(await other.claim(become(atPlatform(), 'succeeded'), null)).toEqual({
      outcome: 'deduplicated',
      record: first,
    })
    const asked = await claim(ledger, draft({ orderId: 'one' }))
    expect(await other.claim(draft({ orderId: 'one' }), null)).toEqual({
      outcome: 'deduplicated',
      record: asked,
    })
    // Another account's is another order.
    await claim(ledger, { ...become(atPlatform(), 'succeeded'), account: 'medusa b.example' })
  })

  it.each([...OPEN, 'succeeded'] as const)(
    'a request that is %s holds its order, whatever it wishes: nothing is added to it',
    async (status) => {
      const { ledger, other } = await setUp(open)
      const asked = await standing(ledger, { orderId: 'one', notify: true }, status)
      expect(await other.claim(become(atPlatform(), 'succeeded'), null)).toEqual({
        outcome: 'deduplicated',
        record: asked,
      })
      expect(await everything(ledger)).toEqual([asked.id])
    },
  )

  it('what the platform canceled after a refusal is added; the last that stands answers', async () => {
    const { ledger, other } = await setUp(open)
    await standing(ledger, { orderId: 'one' }, 'rejected')
    const first = await claim(ledger, become(atPlatform(), 'succeeded'))
    const answer = async () => (await other.claim(become(atPlatform(), 'succeeded'), null)).record
    expect(await answer()).toEqual(first)
    const later = await standing(ledger, { orderId: 'one', at: START + 1 }, 'succeeded')
    expect(await answer()).toEqual(later)
    const last = await claim(
      ledger,
      become(draft({ orderId: 'one', notify: true, message: 'm', at: START + 2 }), 'succeeded'),
    )
    expect(await answer()).toEqual(last)
    const reopened = await ledger.save({ ...last, reopenedAt: START + 3 })
    expect(await answer()).toEqual(later)
    await ledger.save({ ...(reopened as Cancellation), reopenedAt: undefined })
    expect((await answer()).id).toBe(last.id)
  })

  it('of one moment the last by its id answers, whoever brought it about', async () => {
    const { ledger, other } = await setUp(open)
    await claim(ledger, { ...become(atPlatform(), 'succeeded'), id: 'can_1b' })
    await standing(ledger, { id: 'can_1a', orderId: 'one' }, 'succeeded')
    const answer = async () =>
      (await other.claim(become(atPlatform(), 'succeeded'), null)).record.id
    expect(await answer()).toBe('can_1b')
    await claim(ledger, become(draft({ id: 'can_1d', orderId: 'one', notify: true }), 'succeeded'))
    expect(await answer()).toBe('can_1d')
  })

  it('what is open again at its platform stands in nobody’s way, nor before what does', async () => {
    const { ledger, other } = await setUp(open)
    const words = (message: string, after: number) =>
      become(draft({ orderId: 'one', notify: true, message, at: START + after }), 'succeeded')
    const first = await claim(ledger, words('a', 0))
    const second = await claim(ledger, words('b', 1))
    const reopened = (await ledger.save({ ...second, reopenedAt: START + 9 })) as Cancellation
    for (const message of ['b', 'c'])
      expect(await other.claim(draft({ orderId: 'one', notify: true, message }), null)).toEqual({
        outcome: 'settled',
        record: first,
      })
    expect((await ledger.save({ ...first, reopenedAt: START + 9 }))?.id).toBe(first.id)
    const again = draft({ orderId: 'one', notify: true, message: 'b', at: START + 10 })
    expect(await other.claim(again, null)).toEqual({ outcome: 'created', record: again })
    // Canceled again, it stands as before.
    await ledger.save(become(again, 'rejected'))
    const back = await ledger.save({ ...reopened, reopenedAt: undefined })
    expect(await other.claim(draft(second.request), null)).toEqual({
      outcome: 'deduplicated',
      record: back,
    })
  })

  it('a refused one starts again where what stood is open again', async () => {
    const { ledger } = await setUp(open)
    const refused = await standing(ledger, { orderId: 'one' }, 'rejected')
    const done = await standing(ledger, { orderId: 'one' }, 'succeeded')
    expect(await ledger.save(become(refused, 'accepted'))).toBeNull()
    await ledger.save({ ...done, reopenedAt: START + 1 })
    expect((await ledger.save(become(refused, 'accepted')))?.status).toBe('accepted')
  })

  it('a link’s record is guarded as a caller’s', async () => {
    const { ledger, other } = await setUp(open)
    const record = await claim(ledger, { ...draft({ orderId: 'one' }), origin: 'link' })
    expect(await other.claim(draft({ orderId: 'one' }), null)).toEqual({
      outcome: 'deduplicated',
      record,
    })
    expect((await other.claim(draft({ orderId: 'one', notify: true }), null)).outcome).toBe(
      'conflict',
    )
  })
}
