/** The SQL ledger over node:sqlite keeps every promise, with two handles on one file. */
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { type Query, RECORD_LIFE_MS } from '../../src/ledger/port.ts'
import { guardOf } from '../../src/ledger/rules.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { temporaryFile } from './files.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { link } from './links.ts'
import { heard } from './notices.ts'
import { become, draft, query, standing, START } from './records.ts'
import { testLedger } from './suite.ts'
import { VERSION_3 } from './version-3.ts'
import { VERSION_7 } from './version-7.ts'
import { VERSION_8 } from './version-8.ts'

testLedger('sqlite', async (now, options) => {
  const path = temporaryFile()
  const open = async (others = options) => openSqliteLedger(path, now, others)
  return { ledger: await open(), beside: open }
})

it('a ledger of an earlier version is brought up to date', async () => {
  const path = temporaryFile()
  const file = new DatabaseSync(path)
  file.exec(VERSION_3)
  const insert = file.prepare(`
    insert into cancellations (id, version, guard, store, order_id, status, reference, batch,
      created_at, updated_at, settled_at, wake_at, body)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const write = (record: Cancellation) =>
    insert.run(
      record.id,
      record.version,
      guardOf(record),
      record.request.store,
      record.request.orderId,
      record.status,
      record.request.reference,
      record.batchId,
      record.createdAt,
      record.updatedAt,
      record.settledAt,
      record.wakeAt,
      JSON.stringify(record),
    )
  const doubtful = {
    ...become(draft({ orderId: 'one' }), 'in_doubt'),
    attempts: [{ at: START - 7_000, call: 'POST /cancel', result: null, ms: null, unsent: false }],
  }
  const told = become(
    {
      ...draft({ orderId: 'two', notify: true, message: 'Sorry', reference: 'r' }),
      batchId: 'bat_1',
    },
    'succeeded',
  )
  for (const record of [doubtful, told]) write(record)
  const row = file.prepare(
    'insert into batch_rows (batch, number, store, phase, status, at, outcome, request) values ' +
      '(?, ?, ?, ?, ?, ?, ?, ?)',
  )
  for (const [number, phase, status] of [
    [1, 3, 'succeeded'],
    [2, 0, 'accepted'],
    [3, 0, 'accepted'],
  ] as const)
    row.run('bat_1', number, 'paris', phase, status, START, '{}', JSON.stringify(told.request))
  file.close()

  const later = openSqliteLedger(path, () => START)
  expect(await later.figures(['paris'])).toEqual({
    counts: { accepted: 0, sending: 0, in_doubt: 1, needs_attention: 0 },
    awaitingApproval: 0,
    oldestDoubtAt: START - 7_000,
    oldestAttentionAt: null,
    nextDueAt: [START],
  })
  for (const wish of [
    { orderId: 'two' },
    { reference: 'r' },
    { batchId: 'bat_1' },
    { stores: ['paris'], status: 'succeeded' },
  ] as const)
    expect(await later.list(query(wish))).toEqual([told])
  // Its words are known though its row does not tell them.
  expect(await later.claim(draft(told.request), null)).toEqual({
    outcome: 'deduplicated',
    record: told,
  })
  expect(await later.claim(draft({ ...told.request, message: 'Other words' }), null)).toEqual({
    outcome: 'settled',
    record: told,
  })
  expect((await later.claim(draft(doubtful.request), null)).outcome).toBe('deduplicated')
  const tally = { store: 'paris', phase: 'waiting', status: 'accepted', count: 2 }
  expect(await later.batches.tallies('bat_1')).toEqual([
    tally,
    { ...tally, phase: 'rest', status: 'succeeded', count: 1 },
  ])
  await later.close()
})

it('a ledger from before there were deliveries owes what changes from then on', async () => {
  const path = temporaryFile()
  const file = new DatabaseSync(path)
  file.exec(VERSION_7)
  const record = become(draft({ orderId: 'one' }), 'in_doubt')
  file
    .prepare(
      'insert into cancellations (id, version, guard, store, order_id, status, created_at, ' +
        'updated_at, wake_at, body, doubt_since) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      record.id,
      record.version,
      guardOf(record),
      record.request.store,
      record.request.orderId,
      record.status,
      record.createdAt,
      record.updatedAt,
      record.wakeAt,
      JSON.stringify(record),
      record.updatedAt,
    )
  file.close()

  const clock = { now: START }
  const later = openSqliteLedger(path, () => clock.now)
  expect(await later.get(record.id)).toEqual(record)
  expect([await later.deliveries.of(record.id), await later.deliveries.webhooks()]).toEqual([
    [],
    [],
  ])
  const owed = {
    webhook: 'erp orders',
    subject: record.id,
    revision: 1,
    type: 'cancellation.succeeded',
    body: '{}',
    at: START,
  } as const
  await later.save(become(record, 'succeeded'), undefined, undefined, [owed])
  expect(await later.deliveries.of(record.id)).toMatchObject([{ ...owed, state: 'owed' }])
  clock.now += RECORD_LIFE_MS
  await later.sweep()
  expect([await later.get(record.id), await later.deliveries.of(record.id)]).toEqual([null, []])
  await later.close()
})

it('a ledger from before there were notices and links takes them, and knows what it held', async () => {
  const path = temporaryFile()
  const file = new DatabaseSync(path)
  file.exec(VERSION_8)
  const insert = file.prepare(
    'insert into cancellations (id, version, guard, store, order_id, status, message, created_at, ' +
      'updated_at, settled_at, wake_at, body) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const open = become(draft({ orderId: 'one' }), 'accepted')
  // Settled days after it was made.
  const done = become(draft({ orderId: 'two' }), 'succeeded', START + 500_000_000)
  for (const record of [open, done])
    insert.run(
      record.id,
      record.version,
      guardOf(record),
      record.request.store,
      record.request.orderId,
      record.status,
      record.request.message,
      record.createdAt,
      record.updatedAt,
      record.settledAt,
      record.wakeAt,
      JSON.stringify(record),
    )
  file.close()

  const later = openSqliteLedger(path, () => START)
  const list = (asked: Partial<Query>) => later.list(query(asked))
  expect(await later.countsByDay(null, START, START)).toEqual(
    ['accepted', 'succeeded'].map((status) => ({ day: START, store: 'paris', status, count: 1 })),
  )
  expect([await list({ origin: 'caller' }), await list({ origin: 'platform' })]).toEqual([
    [open, done],
    [],
  ])
  expect(
    await list({ origin: 'caller', updatedAfter: START + 1, createdAfter: START - 1 }),
  ).toEqual([done])
  for (const held of [open, done])
    expect(
      await later.claim({ ...draft(held.request), origin: 'platform', caller: '' }, null),
    ).toEqual({ outcome: 'deduplicated', record: held })
  await later.links.save(link('SO-1', ['paris one', 'paris two']))
  const saved = await later.save({ ...open, link: 'SO-1' })
  expect(await list({ link: 'SO-1' })).toEqual([saved])
  expect(await later.links.get('SO-1')).toMatchObject({ version: 2, dueAt: START })
  await later.save({ ...done, reopenedAt: START })
  expect((await later.claim(draft(done.request), null)).outcome).toBe('created')
  expect(await later.notices.hear([heard()])).toEqual(['due'])
  expect(await later.notices.of('paris')).toMatchObject({ waiting: 1 })
  await later.close()
})

it('the few in need, open, refused or of one order are found without reading all', async () => {
  const ledger = openSqliteLedger(temporaryFile(), () => START)
  await Promise.all(
    Array.from({ length: 2_000 }, (_, n) =>
      standing(
        ledger,
        { orderId: `order-${n}` },
        n === 7 ? 'needs_attention' : n === 8 ? 'rejected' : 'succeeded',
      ),
    ),
  )
  const ms = async (asked: Partial<Query>) => {
    const runs: number[] = []
    for (let run = 0; run < 9; run++) {
      const begun = performance.now()
      const found = await ledger.list({ stores: null, order: 'desc', limit: 100, ...asked })
      runs.push(performance.now() - begun)
      if (Object.keys(asked).length > 0) expect(found).toHaveLength(1)
    }
    return runs.sort((a, b) => a - b)[4] as number
  }
  // Read one by one, these would take many times as long as a page of a hundred; found by an index,
  // far less than that.
  const page = await ms({})
  for (const asked of [
    { status: 'needs_attention' },
    { status: 'rejected' },
    { orderId: 'order-9' },
  ] as const)
    expect(await ms(asked), JSON.stringify(asked)).toBeLessThan(page)
  await ledger.close()
})
