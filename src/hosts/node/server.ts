/**
 * The HTTP server on Node: a problem even where Node would refuse by itself, and an end that no
 * client can put off.
 */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { ConfigError } from '../../config/configuration.ts'
import type { App } from '../../http/app.ts'
import { problem, type Problem } from '../../model/problem.ts'

/** How long a client may take to send its request. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 15_000

export interface Listening {
  readonly host: string
  readonly port: number
  readonly reusePort: boolean
}

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

/** Serves `fetch`, once it listens. */
export const openServer = (fetch: App['fetch'], hostname: string) => {
  let isStopping = false
  /** The answers that are not out yet, to the last byte, and all connections. */
  const answering = new Map<ServerResponse, Socket>()
  const connections = new Set<Socket>()
  const isBusy = (socket: unknown): boolean => [...answering.values()].some((one) => one === socket)
  const end = (outgoing: ServerResponse, { status, headers, body }: ReturnType<typeof last>) =>
    void outgoing.writeHead(status, headers).end(body)
  const listener = getRequestListener(fetch, {
    hostname,
    errorHandler: () => new Response(unreadable().body, unreadable()),
  })

  const server: Server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      answering.set(outgoing, incoming.socket)
      outgoing.once('close', () => answering.delete(outgoing))
      if (incoming.headers.host === undefined && incoming.httpVersion === '1.1')
        return end(outgoing, unreadable())
      if (!isStopping) return void listener(incoming, outgoing)
      incoming.resume()
      return end(outgoing, stopping())
    },
  )
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  // Node's own cuts off what is written and not read yet (lib/_http_server.js: an answer that was
  // ended counts as idle).
  server.closeIdleConnections = () => {}
  server.on('checkExpectation', (_, outgoing: ServerResponse) => end(outgoing, unreadable()))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // While a request is at work, its answer must not be taken for this one.
    if (error.code === 'ECONNRESET' || !socket.writable || isBusy(socket)) return socket.destroy()
    const { body, headers } = unreadable()
    return socket.end(
      `HTTP/1.1 400 Bad Request\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n${body}`,
    )
  })
  let closed: Promise<unknown> = Promise.resolve()

  return {
    /** Resolves with the address once it listens. */
    listen: ({ host, port, reusePort }: Listening) =>
      new Promise<string>((resolve, reject) => {
        server.once('error', ({ code, message }: NodeJS.ErrnoException) =>
          reject(
            new ConfigError(
              `HOST ${host}, PORT ${port}: ` +
                `${code === 'EADDRINUSE' ? 'something listens there already' : message}`,
            ),
          ),
        )
        server.listen({ host, port, reusePort }, () =>
          resolve(
            `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
          ),
        )
      }),

    /**
     * Takes no new connection, and answers 503 to what still comes on those that are open; each
     * ends with the answer that is under way.
     */
    stop(): void {
      isStopping = true
      closed = new Promise((resolve) => server.close(resolve))
      for (const outgoing of answering.keys())
        if (!outgoing.headersSent) outgoing.setHeader('connection', 'close')
    },

    /**
     * Resolves when every answer is out, or so much later: whoever has not read his by then never
     * does.
     */
    async close(graceMs: number): Promise<void> {
      for (const socket of connections) if (!isBusy(socket)) socket.destroy()
      await within(graceMs, closed)
      for (const socket of connections) socket.destroy()
      await closed
    },
  }
}
