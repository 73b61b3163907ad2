/**
 * The HTTP server on Node: a problem even where Node would refuse by itself, and an end that no
 * client can put off.
 */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { ConfigError } from '../../config/configuration.ts'
import type { App } from '../../http/auth.ts'
import { problem, type Problem } from '../../model/problem.ts'

/** How long a client may take to send its request. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 15_000

export interface Listening {
  readonly host: string
  readonly port: number
  readonly reusePort: boolean
}

/** Where a server on this address is reached. */
export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`

/** An answer where no route has a say; the last one of its connection. */
const last = (value: Problem, more: Readonly<Record<string, string>> = {}) => {
  const body = JSON.stringify(value)
  const headers = {
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'request-id': crypto.randomUUID(),
    connection: 'close',
    ...more,
  }
  return { body, headers, status: value.status }
}
const unreadable = () => last(problem('invalid-request', 'This is not a valid HTTP request.'))
const stopping = () =>
  last(problem('ledger-unavailable', 'This gateway is stopping; nothing was accepted.'), {
    'retry-after': '1',
  })

/** Resolves with what it comes to, and with nothing once so much time has gone by. */
export const within = async <T>(ms: number, work: Promise<T>): Promise<T | undefined> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** The answers that are not out yet, to the last byte, and all connections. */
interface Open {
  readonly answering: Map<ServerResponse, Socket>
  readonly connections: Set<Socket>
}

const isBusy = ({ answering }: Open, socket: unknown): boolean =>
  [...answering.values()].some((one) => one === socket)

const end = (outgoing: ServerResponse, { status, headers, body }: ReturnType<typeof last>) =>
  void outgoing.writeHead(status, headers).end(body)

/** A server that hands its requests to `handle`, and knows what is open of it. */
const serverFor = (handle: RequestListener): { server: Server; open: Open } => {
  const open: Open = { answering: new Map(), connections: new Set() }
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      open.answering.set(outgoing, incoming.socket)
      outgoing.once('close', () => open.answering.delete(outgoing))
      return incoming.headers.host === undefined && incoming.httpVersion === '1.1'
        ? end(outgoing, unreadable())
        : handle(incoming, outgoing)
    },
  )
  server.on('connection', (socket: Socket) => {
    open.connections.add(socket)
    socket.once('close', () => open.connections.delete(socket))
  })
  // Node's own cuts off what is written and not read yet (lib/_http_server.js: an answer that was
  // ended counts as idle).
  server.closeIdleConnections = () => {}
  server.on('checkExpectation', (_, outgoing: ServerResponse) => end(outgoing, unreadable()))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // While a request is at work, its answer must not be taken for this one.
    if (error.code === 'ECONNRESET' || !socket.writable || isBusy(open, socket))
      return socket.destroy()
    const { body, headers } = unreadable()
    return socket.end(
      `HTTP/1.1 400 Bad Request\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n${body}`,
    )
  })
  return { server, open }
}

/** Serves `fetch`, once it listens. */
export const openServer = (fetch: App['fetch'], hostname: string) => {
  let isStopping = false
  let closed: Promise<unknown> = Promise.resolve()
  const listener = getRequestListener(fetch, {
    hostname,
    errorHandler: () => new Response(unreadable().body, unreadable()),
  })
  const { server, open } = serverFor((incoming, outgoing) => {
    if (!isStopping) return void listener(incoming, outgoing)
    incoming.resume()
    return end(outgoing, stopping())
  })

  return {
    /** Resolves with the address once it listens. */
    listen: ({ host, port, reusePort }: Listening) =>
      new Promise<string>((resolve, reject) => {
        server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
          const why = code === 'EADDRINUSE' ? 'something listens there already' : message
          reject(new ConfigError(`HOST ${host}, PORT ${port}: ${why}`))
        })
        server.listen({ host, port, reusePort }, () =>
          resolve(urlOf(host, (server.address() as AddressInfo).port)),
        )
      }),

    /**
     * Takes no new connection, and answers 503 to what still comes on those that are open; each
     * ends with the answer that is under way.
     */
    stop(): void {
      isStopping = true
      closed = new Promise((resolve) => server.close(resolve))
      for (const outgoing of open.answering.keys())
        if (!outgoing.headersSent) outgoing.setHeader('connection', 'close')
    },

    /**
     * Resolves when every answer is out, or so much later: whoever has not read his by then never
     * does.
     */
    async close(graceMs: number): Promise<void> {
      for (const socket of open.connections) if (!isBusy(open, socket)) socket.destroy()
      await within(graceMs, closed)
      for (const socket of open.connections) socket.destroy()
      await closed
    },
  }
}
