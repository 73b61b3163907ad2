/**
 * Closes in the ERP what was canceled anywhere: told by the gateway's webhook, and caught up with at
 * each start: `node erp-listens.ts [STATE.json]`.
 * Safe to be told twice, late or out of order, to be down for days and to be killed anywhere.
 * RESCIND_URL and RESCIND_KEY say where the gateway is, RESCIND_WEBHOOK_SECRET what it signs with,
 * HOST and PORT where to listen.
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
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { type Cancellation, createClient, NotVerified, verify } from 'rescind/client'

/** What the webhook and the API both say of a cancellation, as far as the ERP wants to know. */
type News = Pick<Cancellation, 'id' | 'revision' | 'status' | 'origin' | 'store' | 'orderId'>

/** The ERP's own tables go in the place of this file. */
interface State {
  /** Up to where the gateway's changes were read. */
  checkpoint: string | null
  /** By cancellation, the revision that was last dealt with: what is no newer is dropped. */
  revisions: Record<string, number>
  /** The orders that are closed. */
  closed: string[]
}

const [, , stateFile = 'data/erp-listens.json'] = process.argv
const secret = process.env['RESCIND_WEBHOOK_SECRET'] ?? ''
const client = createClient({
  baseUrl: process.env['RESCIND_URL'] ?? 'http://127.0.0.1:8787',
  key: process.env['RESCIND_KEY'],
})
const MOST_BYTES = 1_048_576
/** What no webhook told of, whyever, is known so soon. */
const LOOK_MS = 300_000
const say = (line: string) => process.stdout.write(`${line}\n`)

const state: State = existsSync(stateFile)
  ? (JSON.parse(readFileSync(stateFile, 'utf8')) as State)
  : { checkpoint: null, revisions: {}, closed: [] }

/** On the disk, whole or not at all, before the gateway is told that it arrived. */
const save = (): void => {
  mkdirSync(dirname(stateFile), { recursive: true })
  const file = openSync(`${stateFile}.new`, 'w')
  writeSync(file, `${JSON.stringify(state)}\n`)
  fsyncSync(file)
  closeSync(file)
  renameSync(`${stateFile}.new`, stateFile)
}

/**
 * Deals with a state, once: whichever way it comes, its id and revision say whether it is known. An
 * ERP does both in one transaction of its database; nothing here waits between them.
 */
const take = ({ id, revision, status, origin, store, orderId }: News, way: string): void => {
  if (revision <= (state.revisions[id] ?? 0)) return
  state.revisions[id] = revision
  const order = `${store} ${orderId}`
  if (status === 'succeeded' && !state.closed.includes(order)) {
    state.closed.push(order)
    say(`${order}  closed: canceled by ${origin === 'platform' ? 'the shop' : 'us'} (${way})`)
  }
  if (status === 'needs_attention') say(`${order}  needs a person (${way})`)
}

const bodyOf = async (request: IncomingMessage): Promise<Uint8Array | null> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > MOST_BYTES) return null
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** The status to answer with: 2xx once it is on the disk, so that what is not comes again. */
const receive = async (request: IncomingMessage): Promise<number> => {
  const body = await bodyOf(request)
  if (body === null) return 413
  try {
    const event = await verify(request.headers, body, secret)
    // Links, batches and stores are told too, where the webhook asks for them.
    if (!event.type.startsWith('cancellation.')) return 204
    take(event.data as News, String(request.headers['webhook-id']))
    save()
    return 204
  } catch (error) {
    if (!(error instanceof NotVerified)) throw error
    say(`refused: ${error.reason}`)
    return 400
  }
}

/** Reads what changed since the checkpoint; with `wait` it goes on. */
const catchUp = async (wait: false | number): Promise<void> => {
  for await (const { cancellation, checkpoint } of client.changes({
    after: state.checkpoint,
    wait,
  })) {
    take(cancellation, 'caught up')
    state.checkpoint = checkpoint
    save()
  }
}

await catchUp(false)
const server = createServer((request, response) => {
  receive(request).then(
    (status) => response.writeHead(status).end(),
    (error: unknown) => {
      say(`fault: ${String(error)}`)
      response.writeHead(500).end()
    },
  )
})
server.listen(Number(process.env['PORT'] ?? 3000), process.env['HOST'] ?? '127.0.0.1', () =>
  say(`listening on ${(server.address() as AddressInfo).port}`),
)
// A gateway that stays away ends this; whoever runs it starts it again, from the checkpoint.
await catchUp(LOOK_MS)
