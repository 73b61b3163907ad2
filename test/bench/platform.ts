/**
 * The platform of the benchmark, in a process of its own: Medusa's replies, rendered beforehand, so
 * that it costs as little as it can.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSandbox } from '../../adapters/medusa/sandbox/index.ts'
import { report } from './usage.ts'

const ID = 'order_paid-template'
const sandbox = createSandbox()
const ask = async (method: string, path: string, body?: object): Promise<string> =>
  (
    await sandbox.app.fetch(
      new Request(`http://sandbox${path}`, {
        method,
        ...(body && { body: JSON.stringify(body) }),
        headers: {
          authorization: `Basic ${btoa(`${String(sandbox.settings['secretKey'])}:`)}`,
          ...(body && { 'content-type': 'application/json' }),
        },
      }),
    )
  ).text()

const FIELDS =
  `/admin/orders/${ID}?fields=%2Bcanceled_at,%2Bcurrency_code,%2Bemail,%2Bcustomer_id,` +
  '%2Bmetadata,*fulfillments'
const before = await ask('GET', FIELDS)
const changes = await ask('GET', `/admin/orders/${ID}/changes`)
const noted = await ask('POST', `/admin/orders/${ID}`, {
  metadata: { cancel_reason: 'Wrong quantity ordered' },
})
const canceling = await ask('POST', `/admin/orders/${ID}/cancel`)
const after = await ask('GET', FIELDS)

const canceled = new Map<string, number>()
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    const [, , , id = '', action] = new URL(request.url ?? '', 'http://platform').pathname.split(
      '/',
    )
    let reply = canceled.has(id) ? after : before
    if (action === 'changes') reply = changes
    else if (action === 'cancel') {
      canceled.set(id, (canceled.get(id) ?? 0) + 1)
      reply = canceling
    } else if (request.method === 'POST') reply = noted
    const text = reply.replaceAll(ID, id)
    response
      .writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(text),
      })
      .end(text)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () =>
  process.send?.({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    settings: sandbox.settings,
    bytes: before.length,
  }),
)
report(() => ({ most: Math.max(0, ...canceled.values()) }))
