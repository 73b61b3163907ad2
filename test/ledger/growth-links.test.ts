/**
 * What is heard of orders and what links them costs as much however much there is, and nothing
 * where there is nothing.
 */
import { expect, it } from 'vitest'
import { afterNothing } from '../../src/model/notice.ts'
import { link } from './links.ts'
import { heard } from './notices.ts'
import { become, claim, DAY, draft, key, save, START, take } from './records.ts'
import { watched } from './watched.ts'

const many = Array.from({ length: 300 }, (_, index) => index)

it('notices are found by indexes, no more read than asked for, and counted by what is kept', async () => {
  const { ledger, slow, sizes, clock, forget } = watched()
  const { notices } = ledger
  for (const store of ['paris', 'rome'])
    await notices.hear(many.map((index) => heard({ store, orderId: `o${index}`, at: START - 9 })))
  for (const row of await notices.due(['rome'], 300))
    await notices.settle(row, afterNothing(row, START))
  forget()
  expect((await notices.due(['paris', 'rome'], 4)).length).toBe(4)
  expect(await notices.hear([heard(), heard({ orderId: 'o7' })])).toEqual(['due', 'due'])
  expect((await notices.of('paris')).waiting).toBe(301)
  await notices.saveWatch('paris', {
    version: 0,
    account: 'a',
    watermark: START,
    sweptAt: null,
    failingSince: null,
    missedAt: null,
    silentSince: null,
    turns: 0,
  })
  await notices.watch('paris')
  const [row] = await notices.due(['paris'], 1)
  if (row) await notices.settle(row, null)
  expect(Math.max(...sizes)).toBe(4)
  clock.now += DAY
  await notices.sweep()
  expect(Math.max(...sizes)).toBe(50)
  expect(slow()).toEqual([])
})

it('links are found by indexes, whatever is asked for', async () => {
  const { ledger, slow, sizes, clock, forget } = watched()
  const { links } = ledger
  for (const index of many)
    await links.save(
      link(`SO-${index}`, [`paris ${index}`, `rome ${index}`], {
        status: index === 7 ? 'diverged' : 'canceled',
        dueAt: START + index,
      }),
    )
  clock.now += 3
  forget()
  for (const store of [undefined, 'paris'])
    for (const orderId of [undefined, '7'])
      for (const status of [undefined, 'canceled', 'diverged'] as const)
        for (const after of [undefined, 'SO-2'])
          await links.list({ store, orderId, status, limit: 5, after })
  expect((await links.due(9)).length).toBe(4)
  const read = await links.of('paris', '7')
  expect(read?.name).toBe('SO-7')
  const saved = read && (await links.save({ ...read, status: 'canceled', dueAt: null }))
  if (saved && typeof saved === 'object' && 'version' in saved) await links.delete(saved)
  expect(await links.get('SO-7')).toBeNull()
  await save(ledger, become(await claim(ledger, draft({ orderId: '9' })), 'succeeded'))
  expect(Math.max(...sizes)).toBe(5)
  // One order is in one link, which is put in order by itself.
  const one = /TEMP B-TREE FOR ORDER BY: .*store = \? and order_id = \?/s
  expect(slow().filter((step) => !one.test(step))).toEqual([])
})

it('where there is no link, a claim and a save ask for one once each, and write nothing', async () => {
  const { ledger, asked, sizes, forget } = watched()
  const about = () => [...asked.keys()].filter((text) => /link_members|links |notices/.test(text))
  const record = await claim(ledger, draft(), key('k'))
  expect(about().length).toBe(1)
  forget()
  await save(ledger, become(record, 'succeeded'), await take(ledger, record, 'lock'))
  expect(about().length).toBe(1)
  expect(sizes.length).toBeGreaterThan(0)
})

it.each(['that were open again', 'of the platform'] as const)(
  'a claim reads no more after many %s',
  async (which) => {
    const { ledger, slow, sizes, forget } = watched()
    const words = (message: string, at = START) =>
      draft({ orderId: 'one', notify: true, message, at })
    const first = await claim(ledger, become(words('first'), 'succeeded'))
    for (const index of many) {
      const made = become(words(`${index}`, START + 1 + index), 'succeeded')
      if (which === 'of the platform')
        await ledger.claim({ ...made, origin: 'platform', account: `${index}` }, null)
      else await save(ledger, { ...(await claim(ledger, made)), reopenedAt: START })
    }
    forget()
    expect(await ledger.claim(words('other'), null)).toEqual({ outcome: 'settled', record: first })
    expect(
      await ledger.claim({ ...become(words('other'), 'succeeded'), origin: 'platform' }, null),
    ).toEqual({ outcome: 'deduplicated', record: first })
    expect(Math.max(...sizes)).toBeLessThan(3)
    expect(slow()).toEqual([])
  },
)
