/** What a batch is made of, what is refused of one, and what is kept of who asked. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { createBatches, MAX_ITEMS } from '../../src/gateway/batches/service.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { finish } from '../../src/model/batch.ts'
import { START } from '../ledger/records.ts'
import { request } from '../model/samples.ts'
import { counted } from './counted.ts'

const store = {
  adapter: {
    pace: { perSecond: 3, burst: 1 },
    canonicalId: (id: string) => id.toLowerCase(),
  },
  cooldownMs: () => 0,
  health: () => ({ breaker: 'closed' }),
}

const open = () => {
  const { batches: kept } = openMemoryLedger(() => START)
  const asked: Record<string, number> = {}
  const batches = createBatches({
    // Nobody takes a row.
    ledger: counted(asked, 'ledger', { ...kept, take: async () => [] }),
    gateway: { stores: new Map([['shop', store]]) } as never,
    now: () => START,
    onFault: (error) => {
      throw error
    },
  })
  onTestFinished(() => batches.close())
  return { batches, kept, asked }
}
const refused = (work: Promise<unknown>, problem: object) =>
  expect(work).rejects.toMatchObject({ problem })

describe('a batch', () => {
  it('keeps the name of the key that it was asked with, where it has one', async () => {
    const { batches, kept } = open()
    const named = await batches.create([request()], 'erp', null, undefined, { keyName: 'night' })
    expect(named.batch).toMatchObject({ caller: 'erp', keyName: 'night' })
    expect(await kept.get(named.batch.id)).toMatchObject({ keyName: 'night' })
    const plain = await batches.create([request()], 'erp', null, undefined, { keyName: null })
    expect(plain.batch.keyName).toBeNull()
    const written = await kept.get(plain.batch.id)
    expect(written).not.toHaveProperty('keyName')
    expect(written).not.toHaveProperty('needsApproval')
  })

  it.each([
    ['none', 0, 'invalid-request'],
    ['too many', MAX_ITEMS + 1, 'too-large'],
  ])('of %s is refused, and says how many there may be', async (_, count, code) => {
    const { batches, asked } = open()
    const items = Array.from({ length: count }, () => request())
    await refused(batches.create(items, 'erp', null), {
      code,
      detail: 'A batch has 1 to 10000 items.',
      errors: [{ pointer: '/items', detail: '1 to 10000 items' }],
    })
    expect(asked).toEqual({})
  })

  it('with a row of a store that there is not is refused whole', async () => {
    const { batches, asked } = open()
    await refused(batches.create([request(), request({ store: 'nowhere' })], 'erp', null), {
      code: 'store-not-found',
      detail: 'No store with this id is configured.',
    })
    expect(asked).toEqual({})
  })

  it('under a key of another one is refused, however its orders are spelled', async () => {
    const { batches } = open()
    const { batch } = await batches.create([request({ orderId: 'ABC' })], 'erp', 'k')
    for (const orderId of ['ABC', 'abc']) {
      expect(await batches.create([request({ orderId })], 'erp', 'k')).toMatchObject({
        how: 'replayed',
        batch: { id: batch.id },
      })
      await refused(batches.create([request({ orderId, restock: true })], 'erp', 'k'), {
        code: 'idempotency-key-reused',
        detail: 'This Idempotency-Key was used before with another body.',
      })
    }
  })

  it('that is over has nothing left to do with it, and is told so', async () => {
    const { batches, kept } = open()
    const { batch } = await batches.create([request()], 'erp', null)
    const before = await kept.get(batch.id)
    if (!before) throw new Error('it is not there')
    await kept.save(finish(before, START + 1))
    for (const action of ['pause', 'resume', 'stop'] as const)
      await refused(batches[action](batch.id), {
        code: 'cancellation-conflict',
        detail: `This batch is finished: there is nothing to ${action}.`,
      })
  })
})
