/**
 * Erases one buyer's data on request: what is personal of the records of these orders, of rows of
 * batches, of links, and of what webhooks are told. All is looked at first, and records are written
 * last, so that one that was cut off is done again whole.
 */
import type { Store } from '../connection/store.ts'
import type { FullLedger } from '../ledger/port.ts'
import { sha256Hex } from '../model/audit.ts'
import type { Batch, Row } from '../model/batch.ts'
import { type Cancellation, isFinal } from '../model/cancellation.ts'
import {
  addErased,
  type Erased,
  eraseBody,
  eraseRecord,
  eraseRow,
  NOTHING_ERASED,
} from '../model/erasure.ts'
import { refuse } from '../model/problem.ts'
import { named, spellings } from './workflow/identity.ts'

export interface ErasureDeps {
  readonly ledger: FullLedger
  readonly stores: ReadonlyMap<string, Store>
  readonly now: () => number
}

/** So many rows, or records, are read at once. */
const PAGE = 500

const stillOpen = (id: string): never =>
  refuse(
    'cancellation-conflict',
    'A cancellation of this order is still open. Withdraw or resolve it, or wait, and ask again.',
    { cancellation: `/v1/cancellations/${id}` },
  )

/** Every spelling that may have been kept of these orders. */
export const spelled = (store: Store, orderIds: readonly string[]): string[] =>
  orderIds.flatMap((orderId, index) =>
    spellings([store], named(store, orderId, `/orderIds/${index}`)),
  )

const recordsOf = async (
  list: FullLedger['list'],
  store: string,
  orderId: string,
): Promise<Cancellation[]> => {
  const found: Cancellation[] = []
  for (;;) {
    const last = found.at(-1)
    const page = await list({
      stores: [store],
      orderId,
      order: 'asc',
      limit: PAGE,
      ...(last && { after: { at: last.createdAt, id: last.id } }),
    })
    found.push(...page)
    if (page.length < PAGE) return found
  }
}

/** The records of these orders; refused where one is open. */
export const recordsAtEnd = async (
  list: FullLedger['list'],
  store: string,
  orderIds: readonly string[],
): Promise<Cancellation[]> => {
  const found = await Promise.all(orderIds.map((orderId) => recordsOf(list, store, orderId)))
  const records = found.flat()
  const open = records.find(({ status }) => !isFinal(status))
  if (open) stillOpen(open.id)
  return records
}

const eraseDeliveries = async ({ ledger }: ErasureDeps, subject: string): Promise<number> => {
  const rows = (await ledger.deliveries.of(subject)).flatMap((row) => {
    const body = eraseBody(row.body)
    return body === null ? [] : [{ ...row, body }]
  })
  if (rows.length > 0) await ledger.deliveries.rewrite(rows)
  return rows.length
}

/** Writes the record without what is personal, whoever else writes it meanwhile. */
const writeErased = async (
  { ledger, now }: ErasureDeps,
  { id }: Cancellation,
): Promise<boolean> => {
  for (;;) {
    const record = await ledger.get(id)
    if (!record || record.erasedAt !== undefined) return false
    if (!isFinal(record.status)) stillOpen(id)
    if (await ledger.save(eraseRecord(record, now()))) return true
  }
}

const eraseOne = async (deps: ErasureDeps, record: Cancellation): Promise<Erased> => {
  const deliveries = await eraseDeliveries(deps, record.id)
  const keys = await deps.ledger.digestKeys(record.id, sha256Hex)
  const isWritten = await writeErased(deps, record)
  return { ...NOTHING_ERASED, records: isWritten ? 1 : 0, deliveries, keys }
}

/** Takes the words to the buyer out of the link that an order is in. */
const eraseInLink = async (
  { ledger }: ErasureDeps,
  store: string,
  orderId: string,
): Promise<boolean> => {
  for (;;) {
    const link = await ledger.links.of(store, orderId)
    if (!link) return false
    const isIts = (member: { store: string; orderId: string }) =>
      member.store === store && member.orderId === orderId
    if (!link.members.some((member) => isIts(member) && member.message !== null)) return false
    const members = link.members.map((member) =>
      isIts(member) ? { ...member, message: null } : member,
    )
    if ((await ledger.links.save({ ...link, members })) !== 'stale') return true
  }
}

async function* batchesOf({ ledger }: ErasureDeps, store: string): AsyncGenerator<Batch> {
  for (let after: string | undefined; ;) {
    const page = await ledger.batches.list({ caller: null, limit: 100, after })
    yield* page.filter(({ stores }) => stores.includes(store))
    after = page.at(-1)?.id
    if (page.length < 100) return
  }
}

async function* rowsOf(
  deps: ErasureDeps,
  store: string,
  orderIds: ReadonlySet<string>,
): AsyncGenerator<Row> {
  for await (const { id } of batchesOf(deps, store)) {
    for (let after = 0; ;) {
      const page = await deps.ledger.batches.rows(id, { limit: PAGE, after })
      yield* page.filter(({ request }) => request.store === store && orderIds.has(request.orderId))
      after = page.at(-1)?.row ?? 0
      if (page.length < PAGE) break
    }
  }
}

/** The rows of batches about these orders, under whatever spelling; how many were erased. */
export const eraseRows = async (
  deps: ErasureDeps,
  store: string,
  orderIds: readonly string[],
): Promise<number> => {
  const rows: Row[] = []
  for await (const row of rowsOf(deps, store, new Set(orderIds))) {
    if (row.phase !== 'rest')
      refuse(
        'cancellation-conflict',
        `A row of the batch ${row.batch} is still open. Stop it, or wait, and ask again.`,
      )
    const next = eraseRow(row)
    if (next) rows.push(next)
  }
  if (rows.length > 0) await deps.ledger.batches.rewrite(rows)
  return rows.length
}

/** Erases what is kept of these orders beside batches. */
export const eraseRecords = async (
  deps: ErasureDeps,
  store: string,
  orderIds: readonly string[],
): Promise<Erased> => {
  const records = await recordsAtEnd(deps.ledger.list, store, orderIds)
  let erased = NOTHING_ERASED
  for (const orderId of orderIds)
    if (await eraseInLink(deps, store, orderId)) erased = { ...erased, links: erased.links + 1 }
  for (const record of records) erased = addErased(erased, await eraseOne(deps, record))
  await deps.ledger.scrub()
  return erased
}
