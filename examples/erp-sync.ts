/**
 * Cancels in the shops what was canceled in the ERP since the last run: `node erp-sync.ts
 * CANCELED.json [PLACE.json]`.
 * Safe to run twice, to be killed anywhere and to be run by a timer, one at a time. RESCIND_URL and
 * RESCIND_KEY say where the gateway is.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { type Cancellation, createClient, NotKnownYet, RescindError } from 'rescind/client'

/**
 * What the ERP knows of a canceled document. Its own query or API goes in the place of the file.
 */
interface Canceled {
  document: string
  canceledAt: string
  store: string
  orderId: string
  reason?: string
  notify?: boolean
  restock?: boolean
}

/** How far the last run came, and what it left open: to be asked about again. */
interface Place {
  after: string
  open: string[]
}

const [, , source = 'canceled.json', placeFile = 'data/erp-sync.json'] = process.argv
const client = createClient({
  baseUrl: process.env['RESCIND_URL'] ?? 'http://127.0.0.1:8787',
  key: process.env['RESCIND_KEY'],
})
const say = (line: string) => process.stdout.write(`${line}\n`)

/** Where a document stands in the order of cancellations; two may have the same time. */
const positionOf = ({ canceledAt, document }: Canceled) => `${canceledAt} ${document}`

const readCanceled = (): Canceled[] => {
  const all = JSON.parse(readFileSync(source, 'utf8')) as Canceled[]
  // A row without a number would share its key with the next one like it.
  for (const row of all)
    if (!row.document || !row.canceledAt)
      throw new Error(`a row of ${source} has no document number or no time`)
  return all.toSorted((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1))
}

const readPlace = (): Place =>
  existsSync(placeFile)
    ? (JSON.parse(readFileSync(placeFile, 'utf8')) as Place)
    : { after: '', open: [] }

/** On the disk, whole or not at all, before the next order is touched. */
const savePlace = (place: Place): void => {
  mkdirSync(dirname(placeFile), { recursive: true })
  const file = openSync(`${placeFile}.new`, 'w')
  writeSync(file, `${JSON.stringify(place)}\n`)
  fsyncSync(file)
  closeSync(file)
  renameSync(`${placeFile}.new`, placeFile)
}

/** What was not done as asked: canceled is not the same as mailed or restocked. */
const unkept = ({ effects }: Cancellation): string =>
  Object.entries(effects)
    .filter(([, { honored }]) => honored === false)
    .map(([name, { outcome }]) => `; ${name}: ${outcome}`)
    .join('')

/**
 * Asks for one document; whether it is done with, and what to tell. Throws where going on makes no
 * sense.
 */
const cancel = async ({
  document,
  store,
  orderId,
  reason,
  notify,
  restock,
}: Canceled): Promise<{ done: boolean; says: string }> => {
  try {
    // The key comes from the document: however often it is asked for, and after whatever crash, it
    // is one cancellation.
    const record = await client.cancel(
      { store, orderId, reason, notify, restock, reference: document },
      { idempotencyKey: `erp-${document}`, waitMs: 20_000 },
    )
    return {
      done: true,
      says: record.alreadyCanceled
        ? 'was canceled already, nothing was sent'
        : `canceled${unkept(record)}`,
    }
  } catch (error) {
    if (error instanceof NotKnownYet)
      return { done: false, says: 'not known yet, asked again at the next run' }
    if (!(error instanceof RescindError) || error.status === 401 || error.status === 403)
      throw error
    if (error.code === 'needs-attention')
      return {
        done: false,
        says: `needs a person: ${error.problem.detail} (${error.cancellation})`,
      }
    return {
      done: !error.retryable,
      says:
        'not canceled: ' +
        `${error.problem.detail}${error.retryable ? ' Asked again at the next run.' : ''}`,
    }
  }
}

const place = readPlace()
const todo = readCanceled().filter(
  (row) => positionOf(row) > place.after || place.open.includes(row.document),
)
for (const row of todo) {
  const { done, says } = await cancel(row)
  place.open = [
    ...place.open.filter((document) => document !== row.document),
    ...(done ? [] : [row.document]),
  ]
  if (positionOf(row) > place.after) place.after = positionOf(row)
  savePlace(place)
  say(`${row.document}  ${row.store} ${row.orderId}  ${says}`)
}
say(todo.length === 0 ? 'Nothing new.' : `${todo.length} asked for, ${place.open.length} open.`)
process.exitCode = place.open.length > 0 ? 4 : 0
