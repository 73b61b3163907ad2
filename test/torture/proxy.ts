/**
 * A TCP proxy that does to a call what networks and platforms do: resets, hanging, late landing,
 * half and endless replies, errors before and after the deed.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type Fault =
  | 'none'
  | 'reset before'
  | 'reset after'
  | 'late'
  | 'half reply'
  | 'slow-loris'
  | 'hang before'
  | 'hang after'
  | `${500 | 502 | 503 | 504} ${'before' | 'after'}`
  | '429 in seconds'
  | '429 by date'

export interface Proxy {
  readonly url: string
  /** How often each fault was done to a call. */
  readonly done: ReadonlyMap<Fault, number>
  /** Refuses every connection, as a platform does that is down; or no longer. */
  refuse(down: boolean): Promise<void>
  close(): void
}

export interface ProxyOptions {
  readonly target: string
  /** The fault for a request, given its first line. */
  readonly choose: (line: string) => Fault
  /** Of a late call: how long after its connection was reset it reaches the platform. */
  readonly lateMs: () => number
}

const HTML = '<html><body>Something went wrong</body></html>'
const RETRY_S = 1
/** A byte so often: far too slow for any reply. */
const DRIP_MS = 40

/** The reply that stands for a fault's own: 500, 502, 503, 504 or 429; null: the fault has none. */
const replyOf = (fault: Fault): string | null => {
  const status = /^\d{3}/.exec(fault)?.[0]
  if (status === undefined) return null
  const wait =
    fault === '429 in seconds'
      ? String(RETRY_S)
      : fault === '429 by date'
        ? new Date(Date.now() + RETRY_S * 1000).toUTCString()
        : null
  return [
    `HTTP/1.1 ${status} Error`,
    'content-type: text/html',
    `content-length: ${HTML.length}`,
    ...(wait === null ? [] : [`retry-after: ${wait}`]),
    'connection: close',
    '',
    HTML,
  ].join('\r\n')
}

/** The length of the first whole request in `bytes`; 0: it is not all there yet. */
const requestLength = (bytes: Buffer): number => {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return 0
  const length =
    end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1] ?? 0)
  return bytes.length >= length ? length : 0
}

/** A byte at a time, until the client has had enough. */
const drip = (reply: Buffer, client: Socket, at = 0): void => {
  if (client.destroyed || at >= reply.length) return
  client.write(reply.subarray(at, at + 1))
  setTimeout(drip, DRIP_MS, reply, client, at + 1)
}

/** Passes a piece of the platform's reply on, or does instead what the fault does to replies. */
const passOn = (chunk: Buffer, client: Socket, fault: Fault): void => {
  if (client.destroyed || fault === 'hang after') return
  const reply = replyOf(fault)
  if (fault === 'reset after') client.resetAndDestroy()
  else if (fault === 'half reply') client.end(chunk.subarray(0, chunk.length / 2))
  else if (fault === 'slow-loris') drip(chunk, client)
  else if (reply !== null) client.end(reply)
  else client.write(chunk)
}

/** Hands over each request that a connection brings, once it is whole. */
const onRequest = (client: Socket, handle: (request: Buffer) => void): void => {
  let waiting: Buffer = Buffer.alloc(0)
  client.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk])
    for (let length = requestLength(waiting); length > 0; length = requestLength(waiting)) {
      const request = waiting.subarray(0, length)
      waiting = waiting.subarray(length)
      handle(request)
    }
  })
}

/** A loopback address of its own, so that nobody else takes the port while it is down. */
const ownAddress = (): string => {
  const bytes = [...crypto.getRandomValues(new Uint8Array(3))]
  return `127.${bytes.map((byte) => 1 + (byte % 254)).join('.')}`
}

/**
 * Listens on a free loopback port. Every request goes out on a connection of its own, so that a
 * fault touches one call only.
 * The platform closes those when they idle: that a client hangs up is nothing it notices.
 */
export const openProxy = async ({ target, choose, lateMs }: ProxyOptions): Promise<Proxy> => {
  const { hostname, port: targetPort } = new URL(target)
  const done = new Map<Fault, number>()
  const open = new Set<Socket>()
  const keep = (socket: Socket) => {
    open.add(socket)
    return socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy())
  }

  const forward = (request: Buffer, client: Socket, fault: Fault) => {
    const upstream = keep(connect(Number(targetPort), hostname, () => upstream.write(request)))
    upstream.on('data', (chunk) => passOn(chunk, client, fault))
  }
  const handle = (request: Buffer, client: Socket) => {
    const fault = choose(request.toString('latin1', 0, request.indexOf('\r\n')))
    done.set(fault, (done.get(fault) ?? 0) + 1)
    if (fault === 'reset before') return client.resetAndDestroy()
    if (fault === 'hang before') return undefined
    if (fault.startsWith('429') || fault.endsWith(' before'))
      return client.end(replyOf(fault) ?? '')
    if (fault !== 'late') return forward(request, client, fault)
    client.resetAndDestroy()
    return setTimeout(() => forward(request, client, fault), lateMs())
  }

  const server = createServer((client) =>
    onRequest(keep(client), (request) => handle(request, client)),
  )
  const host = ownAddress()
  const listen = (on: number) => once(server.listen(on, host), 'listening')
  await listen(0)
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.close()
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://${host}:${port}`,
    done,
    close,
    async refuse(down) {
      if (down !== server.listening) return
      if (!down) return void (await listen(port))
      const closed = once(server, 'close')
      close()
      await closed
    },
  }
}
