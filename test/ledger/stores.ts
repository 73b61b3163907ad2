/**
 * What a ledger knows of stores: for which account each was first opened, and whose records wait
 * though nobody asks for them.
 */
import { expect, it } from 'vitest'
import { become, type Open, save, setUp, standing, START } from './records.ts'

export const testStores = (open: Open): void => {
  it('a store is bound to the account it was first opened for, whoever asks later', async () => {
    const { ledger, other } = await setUp(open)
    expect(await ledger.bindings()).toEqual(new Map())
    expect(
      await Promise.all([
        ledger.bind('paris', 'medusa a.example'),
        ledger.bind('paris', 'medusa b.example'),
      ]),
    ).toEqual(['medusa a.example', 'medusa a.example'])
    expect(await other.bind('paris', 'wix c.example')).toBe('medusa a.example')
    expect(await other.bind('rome', 'wix c.example')).toBe('wix c.example')
    expect(await ledger.bind('rome', 'wix d.example')).toBe('wix c.example')
    expect(await other.bindings()).toEqual(
      new Map([
        ['paris', 'medusa a.example'],
        ['rome', 'wix c.example'],
      ]),
    )
  })

  it('what is due of unnamed stores: the longest waiting first, no more than asked', async () => {
    const { ledger, other, clock } = await setUp(open)
    expect(await ledger.strays(['paris'], 10)).toEqual([])
    const paris = await standing(ledger, { store: 'paris' }, 'accepted')
    const rome = await standing(ledger, { store: 'rome' }, 'in_doubt')
    const oslo = await standing(ledger, { store: 'oslo' }, 'accepted')
    const settled = await standing(ledger, { store: 'oslo', orderId: 'done' }, 'succeeded')
    await save(ledger, { ...become(rome, 'in_doubt', START), wakeAt: START + 20 })
    clock.now = START + 1_000
    const ids = async (...values: Parameters<typeof ledger.strays>) =>
      (await other.strays(...values)).map(({ id }) => id)
    expect(new Set(await ids(['paris'], 10))).toEqual(new Set([rome.id, oslo.id]))
    expect(await ids(['paris', 'rome', 'oslo'], 10)).toEqual([])
    expect(await ids(['rome'], 10)).not.toContain(settled.id)
    expect(new Set(await ids([], 10))).toEqual(new Set([paris.id, rome.id, oslo.id]))
    expect(await ids([], 2)).toHaveLength(2)
  })
}
