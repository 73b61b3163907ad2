/** A ledger that tells how its database is asked, and what its queries mean. */
import { onTestFinished } from 'vitest'
import { awaitsApproval } from '../../src/model/approval.ts'
import { openSqlite, openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { openSqlLedger } from '../../src/ledger/sql/sql.ts'
import { type Query } from '../../src/ledger/port.ts'
import type { Sql, Value } from '../../src/ledger/sql/database.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { temporaryFile } from './files.ts'
import { START } from './records.ts'

/** A ledger that remembers what was asked of its database. */
export const watched = (isAtOnceFromStart = false) => {
  let isAtOnce = isAtOnceFromStart
  const clock = { now: START }
  const path = temporaryFile()
  openSqliteLedger(path).close()
  const file = openSqlite(path)
  const asked = new Map<string, Value[]>()
  const sizes: number[] = []
  let transactions = 0
  const sql: Sql = {
    ...file,
    all: (text, ...values) => {
      asked.set(text, values)
      const found = file.all(text, ...values)
      sizes.push(found.length)
      return found
    },
    run: (text, ...values) => {
      asked.set(text, values)
      file.run(text, ...values)
    },
    commit: async (work) => {
      transactions += 1
      // A Durable Object writes in the same turn.
      return isAtOnce ? work() : file.commit(work)
    },
  }
  const ledger = openSqlLedger(sql, () => clock.now)
  onTestFinished(() => ledger.close().catch(() => {}))
  /**
   * How SQLite goes about each statement: what reads a whole table or index, or sorts, is told, and
   * what looks up records that the index alone should tell of.
   */
  const slow = () =>
    [...asked].flatMap(([text, values]) => {
      const plan = file
        .all(`explain query plan ${text}`, ...values)
        .map(({ detail }) => String(detail))
      const isSlow = (step: string) =>
        /^SCAN (?!found|waiting|CONSTANT|\(subquery|json_each)|TEMP B-TREE/.test(step) ||
        (/indexed by/.test(text) && /USING INDEX/.test(step))
      return plan.filter(isSlow).map((step) => `${step}: ${text}`)
    })
  return {
    ledger,
    clock,
    asked,
    slow,
    sizes,
    transactions: () => transactions,
    writeAtOnce: () => {
      isAtOnce = true
    },
    file,
    forget: () => {
      asked.clear()
      sizes.length = 0
      transactions = 0
    },
  }
}

const FILTERS: Record<string, readonly Partial<Query>[]> = {
  stores: [
    {},
    { stores: ['s1'] },
    { stores: Array.from({ length: 100 }, (_, index) => `s${index}`) },
    { stores: [] },
  ],
  status: [{}, { status: 'rejected' }, { status: 'needs_attention' }],
  reference: [{}, { reference: 'r' }],
  subject: [
    {},
    { orderId: 'o' },
    { batchId: 'b' },
    { orderId: 'o', batchId: 'b' },
    { link: 'l' },
    { link: 'l', orderId: 'o', origin: 'platform' },
    { origin: 'platform' },
    { origin: 'link', batchId: 'b' },
    { origin: 'caller' },
    { reopened: true },
    { reopened: true, link: 'l', origin: 'caller' },
    { approval: 'awaited' },
    { approval: 'awaited', batchId: 'b', origin: 'caller' },
    { origin: 'caller', orderId: 'o' },
  ],
  created: [
    {},
    { createdAfter: START },
    { createdBefore: START + 5 },
    { createdAfter: START, createdBefore: START + 5 },
  ],
  updated: [{}, { updatedAfter: START }],
  direction: [{ order: 'asc' }, { order: 'desc' }],
  cursor: [{}, { after: { at: START + 3, id: 'can_5' } }],
}

export const every = Object.values(FILTERS).reduce<Partial<Query>[]>(
  (all, some) => all.flatMap((one) => some.map((other) => ({ ...one, ...other }))),
  [{}],
)

/** What a query means, said plainly. */
export const expected = (
  records: readonly Cancellation[],
  {
    stores,
    status,
    reference,
    orderId,
    batchId,
    origin,
    link,
    reopened,
    approval,
    createdAfter = -1,
    createdBefore = Infinity,
    updatedAfter,
    order,
    limit,
    after,
  }: Query,
): string[] => {
  const at = ({ createdAt, updatedAt }: Cancellation) =>
    updatedAfter === undefined ? createdAt : updatedAt
  const compare = (a: { at: number; id: string }, b: { at: number; id: string }) =>
    (order === 'asc' ? 1 : -1) * (a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  return records
    .filter(
      (record) =>
        (stores?.includes(record.request.store) ?? true) &&
        (status ?? record.status) === record.status &&
        (reference ?? record.request.reference) === record.request.reference &&
        (orderId ?? record.request.orderId) === record.request.orderId &&
        (batchId ?? record.batchId) === record.batchId &&
        (origin ?? record.origin ?? 'caller') === (record.origin ?? 'caller') &&
        (link ?? record.link) === record.link &&
        (reopened === undefined || record.reopenedAt !== undefined) &&
        (approval === undefined || awaitsApproval(record)) &&
        record.createdAt > createdAfter &&
        record.createdAt < createdBefore &&
        record.updatedAt > (updatedAfter ?? -1),
    )
    .map((record) => ({ at: at(record), id: record.id }))
    .filter((place) => !after || compare(place, after) > 0)
    .sort(compare)
    .slice(0, limit)
    .map(({ id }) => id)
}
