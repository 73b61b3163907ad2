/**
 * A real TCP server that does to a connection whatever a test says, and counts the requests that
 * arrived whole.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net'

export interface StandIn {
  readonly url: string
  readonly port: number
  /** Every request that arrived whole, as text. */
  readonly requests: readonly string[]
  /** How many bytes arrived, of whatever. */
  readonly bytes: () => number
  /** How many connections are open. */
  readonly connections: () => number
  close(): Promise<void>
}

export interface Behavior {
  /** On a new connection. */
  readonly connected?: (socket: Socket) => void
  /** On a whole request; `count` is 1 for the first that ever came. */
  readonly asked?: (socket: Socket, count: number) => void
}

/** The length of the first whole request in `text`; 0: it is not all there yet. */
const requestLength = (text: string): number => {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return 0
  const length = end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0)
  return text.length >= length ? length : 0
}

export const openStandIn = async ({ connected, asked }: Behavior): Promise<StandIn> => {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  let bytes = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    let waiting = ''
    socket.on('data', (chunk) => {
      bytes += chunk.length
      waiting += chunk.toString('latin1')
      for (let length = requestLength(waiting); length > 0; length = requestLength(waiting)) {
        requests.push(waiting.slice(0, length))
        waiting = waiting.slice(length)
        asked?.(socket, requests.length)
      }
    })
    connected?.(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    bytes: () => bytes,
    connections: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** A whole reply. */
export const reply = (
  status: string,
  body: string | Buffer = '',
  headers: Readonly<Record<string, string>> = {},
): Buffer =>
  Buffer.concat([
    Buffer.from(
      `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    ),
    Buffer.from(body),
  ])
