/**
 * What the gateway is measured against: a script by hand that makes the same calls to the platform
 * and writes the same row to the disk, and nothing else.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { Pool } from 'undici'
import { report } from './usage.ts'

const { PLATFORM = '', SECRET_KEY = '', DATABASE = '', CALLER_KEY = '' } = process.env
const pool = new Pool(PLATFORM, { connections: 64, pipelining: 1 })
const headers = { authorization: `Basic ${btoa(`${SECRET_KEY}:`)}`, accept: 'application/json' }
const FIELDS =
  'fields=%2Bcanceled_at%2C%2Bcurrency_code%2C%2Bemail%2C%2Bcustomer_id%2C%2Bmetadata' +
  '%2C*fulfillments'

const call = async (method: 'GET' | 'POST', path: string, body?: object): Promise<any> => {
  const response = await pool.request({
    method,
    path,
    headers: body ? { ...headers, 'content-type': 'application/json' } : headers,
    body: body ? JSON.stringify(body) : null,
    signal: AbortSignal.timeout(20_000),
  })
  const reply = await response.body.json()
  if (response.statusCode !== 200) throw new Error(`${method} ${path}: ${response.statusCode}`)
  return reply
}

const database = new DatabaseSync(DATABASE)
database.exec(
  'pragma journal_mode = wal; pragma synchronous = full; create table rows (id text primary ' +
    'key, status text not null, body text not null) without rowid',
)
const insert = database.prepare('insert into rows (id, status, body) values (?, ?, ?)')
const update = database.prepare('update rows set status = ?, body = ? where id = ?')

let waiting: { run: () => void; done: () => void }[] = []
/** On the disk when it resolves; one commit for all that came in one turn. */
const commit = (run: () => void) =>
  new Promise<void>((done) => {
    if (waiting.push({ run, done }) === 1)
      setImmediate(() => {
        const group = waiting
        waiting = []
        database.exec('begin immediate')
        for (const job of group) job.run()
        database.exec('commit')
        for (const job of group) job.done()
      })
  })

const cancel = async ({
  orderId,
  reason,
}: {
  orderId: string
  reason: string
}): Promise<object> => {
  const { order } = await call('GET', `/admin/orders/${orderId}?${FIELDS}`)
  const { order_changes: changes } = await call('GET', `/admin/orders/${orderId}/changes`)
  if (
    order.status === 'canceled' ||
    changes.some(({ status }: { status: string }) => status === 'pending' || status === 'requested')
  )
    throw new Error('not cancelable')
  await commit(() => insert.run(orderId, 'sending', JSON.stringify({ orderId, reason, order })))
  await call('POST', `/admin/orders/${orderId}`, { metadata: { cancel_reason: reason } })
  await call('POST', `/admin/orders/${orderId}/cancel`)
  const { order: canceled } = await call('GET', `/admin/orders/${orderId}?${FIELDS}`)
  await commit(() =>
    update.run('succeeded', JSON.stringify({ orderId, reason, order: canceled }), orderId),
  )
  return { id: orderId, status: canceled.status, order: canceled }
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.headers.authorization !== `Bearer ${CALLER_KEY}`) return answer(401, {})
    return cancel(JSON.parse(Buffer.concat(chunks).toString())).then(
      (body) => answer(201, body),
      (error: Error) => answer(500, { error: error.message }),
    )
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
)
report()
