/** A batch outlives its gateway: killed in the middle, again and again, it ends with every item accounted for and no cancel doubled. */
import { expect, test } from 'vitest'
import { kill, pause, type Process, recordsOf, sqlite, startGateway, startPlatform, storeOf, TIMING } from './lab.ts'
import { truthOf } from './truth.ts'

const ITEMS = 60
const KILLS = 3
const PATIENCE_MS = 60_000

interface Progress { readonly status: string, readonly total: number, readonly counts: Readonly<Record<string, number>>, readonly finishedAt: string | null }
interface Item { readonly row: number, readonly orderId: string, readonly status: string, readonly cancellation: string | null }

const read = async <T>({ url }: Process, path: string): Promise<T> => await (await fetch(url + path)).json() as T
/** Waits until so many items are at rest. */
const rested = async (gateway: Process, path: string, count: number): Promise<Progress> => {
  for (const until = performance.now() + PATIENCE_MS; ; await pause(20)) {
    const progress = await read<Progress>(gateway, path)
    const { succeeded = 0, rejected = 0, needs_attention: doubtful = 0 } = progress.counts
    if (succeeded + rejected + doubtful >= count && (count < ITEMS || progress.finishedAt !== null)) return progress
    if (performance.now() > until) throw new Error(`stuck at ${JSON.stringify(progress)}`)
  }
}

test('a batch survives kill -9 in the middle', async () => {
  const platform = await startPlatform()
  const start = () => startGateway({ platform, ledger: sqlite('batch') })
  let gateway = await start()
  const items = Array.from({ length: ITEMS }, (_, index) => `${index % 10 === 9 ? 'order_fulfilled' : 'order_paid'}-batch${index}`).map((orderId) => ({ store: storeOf(orderId), orderId, reason: 'Wrong quantity ordered' }))
  const taken = await fetch(`${gateway.url}/v1/batches`, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': 'night' }, body: JSON.stringify({ items }) })
  expect(taken.status).toBe(202)
  const path = taken.headers.get('location') ?? ''
  for (let round = 1; round <= KILLS; round++) {
    await rested(gateway, path, Math.floor((ITEMS * round) / (KILLS + 2)))
    await kill(gateway)
    gateway = await start()
  }
  const { status, total, counts } = await rested(gateway, path, ITEMS)
  await pause(TIMING.settleMs)

  const rows = (await read<{ data: Item[] }>(gateway, `${path}/items?limit=100`)).data
  const verdicts = await Promise.all(rows.map(async ({ row, orderId, status: said, cancellation }) => {
    const [records, truth] = await Promise.all([recordsOf(gateway, orderId), truthOf(platform, orderId)])
    const isTold = records.length === 1 && `/v1/cancellations/${records[0]?.id}` === cancellation && records[0]?.status === said
    return { row, isTold, isTrue: truth.isCanceled === (said === 'succeeded'), canceled: truth.canceled + truth.repeated, expected: orderId.startsWith('order_paid') ? 1 : 0 }
  }))
  console.log(`batch of ${ITEMS}, killed ${KILLS} times: ${JSON.stringify(counts)}`)
  expect(verdicts.filter(({ isTold, isTrue, canceled, expected }) => !isTold || !isTrue || canceled !== expected)).toEqual([])
  expect([status, total, rows.map(({ row }) => row)]).toEqual(['finished', ITEMS, items.map((_, index) => index + 1)])
  await kill(gateway)
  await kill(platform)
}, 120_000)
