/** What a webhook is owed, for the tests of deliveries. */
import { type DeliveryLedger } from '../../src/ledger/port.ts'
import { type Delivery, type Owed } from '../../src/model/delivery.ts'
import { START } from './records.ts'

export const owed = (over: Partial<Owed> = {}): Owed => ({
  webhook: 'erp orders',
  subject: 'can_1',
  revision: 1,
  type: 'cancellation.succeeded',
  body: `{"revision":${over.revision ?? 1},"of":"${over.webhook ?? 'erp orders'}"}`,
  at: START,
  ...over,
})
/** The row of what was just owed. */
export const fresh = (one: Owed, over: Partial<Delivery> = {}): Delivery => ({
  ...one,
  body: one.body as string,
  state: 'owed',
  tries: 0,
  triedAt: null,
  lastResult: null,
  deliveredAt: null,
  ...over,
})
export const subjects = (rows: readonly Delivery[]) => rows.map(({ subject }) => subject)
export const NOTHING = { pending: 0, oldestPendingAt: null }

export const batchOf = (id: string) => ({
  id,
  version: 1,
  status: 'running' as const,
  caller: 'erp',
  total: 1,
  stores: ['paris'],
  createdAt: START,
  startedAt: START,
  finishedAt: null,
})

/** Tries everything that a webhook is owed. */
export const tell = async (
  deliveries: DeliveryLedger,
  webhook: string,
  at: number,
): Promise<Delivery[]> => {
  const rows = await deliveries.next(webhook, 1_000)
  for (const row of rows) await deliveries.settle(row, 'delivered', '200', at)
  return rows
}
