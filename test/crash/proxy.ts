/** A TCP proxy that does to a call what networks and platforms do: resets, hanging, late landing, half replies, errors after the deed. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type Fault = 'none' | 'reset before' | 'reset after' | 'late' | 'error after' | 'half reply' | 'hang'

export interface Proxy {
  readonly url: string
  /** How often each fault was done to a call. */
  readonly done: ReadonlyMap<Fault, number>
  close(): void
}

export interface ProxyOptions {
  readonly target: string
  /** The fault for a request, given its first line. */
  readonly choose: (line: string) => Fault
  /** Of a late call: how long after its connection was reset it reaches the platform. */
  readonly lateMs: () => number
}

const HTML = '<html><body>Internal Server Error</body></html>'
const ERROR = `HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/html\r\ncontent-length: ${HTML.length}\r\nconnection: close\r\n\r\n${HTML}`

/** The length of the first whole request in `bytes`; 0: it is not all there yet. */
const requestLength = (bytes: Buffer): number => {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return 0
  const length = end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1] ?? 0)
  return bytes.length >= length ? length : 0
}

/**
 * Listens on a free loopback port. Every request goes out on a connection of its own, so that a fault touches one call only.
 * The platform closes those when they idle: that a client hangs up is nothing it notices.
 */
export const openProxy = ({ target, choose, lateMs }: ProxyOptions): Promise<Proxy> => {
  const { hostname, port } = new URL(target)
  const done = new Map<Fault, number>()
  const open = new Set<Socket>()
  const keep = (socket: Socket) => {
    open.add(socket)
    return socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy())
  }

  const forward = (request: Buffer, client: Socket, fault: Fault) => {
    const upstream = keep(connect(Number(port), hostname, () => upstream.write(request)))
    upstream.on('data', (chunk) => {
      if (client.destroyed || fault === 'hang') return
      if (fault === 'reset after') client.resetAndDestroy()
      else if (fault === 'half reply') client.end(chunk.subarray(0, chunk.length / 2))
      else if (fault === 'error after') client.end(ERROR)
      else client.write(chunk)
    })
  }

  const handle = (request: Buffer, client: Socket) => {
    const fault = choose(request.toString('latin1', 0, request.indexOf('\r\n')))
    done.set(fault, (done.get(fault) ?? 0) + 1)
    if (fault === 'reset before') return client.resetAndDestroy()
    if (fault !== 'late') return forward(request, client, fault)
    client.resetAndDestroy()
    return setTimeout(() => forward(request, client, fault), lateMs())
  }

  const server = createServer((client) => {
    let waiting: Buffer = Buffer.alloc(0)
    keep(client).on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk])
      for (let length = requestLength(waiting); length > 0; length = requestLength(waiting)) {
        const request = waiting.subarray(0, length)
        waiting = waiting.subarray(length)
        handle(request, client)
      }
    })
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    done,
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  })))
}
