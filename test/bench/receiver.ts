/** Where the gateway that has a webhook delivers: takes everything, and tells how much that was. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { report } from './usage.ts'

const heard = new Set<string>()
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    heard.add(request.headers['webhook-id'] as string)
    response.writeHead(204).end()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
)
report(() => ({ heard: heard.size }))
