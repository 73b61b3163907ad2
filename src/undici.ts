/** Transport on Node: undici's Pool, connections kept alive, with evidence of what was handed to a socket. */
import { type Dispatcher, Pool } from 'undici'
import { type Transport, TransportError } from './adapter/transport.ts'

const CONNECT_TIMEOUT_MS = 3_000
/** Well below what servers and balancers use, so that an idle connection is rarely found dead. */
const KEEP_ALIVE_MS = 4_000
/** More calls than that to one host wait in its pool. */
const CONNECTIONS_PER_HOST = 64

export interface NodeTransport {
  readonly transport: Transport
  close(): Promise<void>
}

/** One pool per origin. HTTP/1.1 only: undici sends HTTP/2 requests again by itself after a GOAWAY (nodejs/undici#5603). */
export const openTransport = (): NodeTransport => {
  const pools = new Map<string, Pool>()
  const poolFor = (origin: string) => {
    let pool = pools.get(origin)
    if (!pool) {
      pool = new Pool(origin, {
        connections: CONNECTIONS_PER_HOST, pipelining: 1, allowH2: false, keepAliveTimeout: KEEP_ALIVE_MS,
        connect: { timeout: CONNECT_TIMEOUT_MS }, headersTimeout: 0, bodyTimeout: 0,
      })
      pools.set(origin, pool)
    }
    return pool
  }

  const transport: Transport = ({ url, method, headers, body, signal, maxBytes }) => new Promise((resolve, reject) => {
    const { origin, pathname, search } = new URL(url)
    let controller: Dispatcher.DispatchController | null = null
    let over = false
    const end = () => {
      over = true
      signal.removeEventListener('abort', expire)
    }
    const fail = (reason: TransportError['reason'], cause?: unknown) => {
      if (over) return
      end()
      const error = new TransportError(reason, controller !== null, { cause })
      reject(error)
      controller?.abort(error)
    }
    const expire = () => fail('timeout')
    if (signal.aborted) return expire()
    signal.addEventListener('abort', expire)

    let status = 0
    let received: Record<string, string | string[] | undefined> = {}
    let size = 0
    const chunks: Uint8Array[] = []
    poolFor(origin).dispatch({ path: pathname + search, method: method as 'GET', headers, body }, {
      // Called just before the first byte is handed to a socket: until then nothing has left, whatever the error says.
      onRequestStart(started) {
        // Its time ran out in the queue; or undici is about to send it a second time, which is not its to decide.
        if (over || controller) return started.abort(new Error('not to be sent'))
        controller = started
      },
      onResponseStart(_, statusCode, responseHeaders) {
        status = statusCode
        received = responseHeaders
        if (Number(responseHeaders['content-length'] ?? 0) > maxBytes) fail('too_large')
      },
      onResponseData(_, chunk) {
        size += chunk.byteLength
        if (size > maxBytes) fail('too_large')
        else chunks.push(chunk)
      },
      onResponseEnd() {
        if (over) return
        end()
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status, text, headers: { get: (name) => { const value = received[name]; return value === undefined ? null : String(value) } } })
      },
      onResponseError: (_, cause) => fail(controller ? 'connection_lost' : 'unreachable', cause),
    })
  })

  return { transport, close: async () => { await Promise.all([...pools.values()].map((pool) => pool.destroy())) } }
}
