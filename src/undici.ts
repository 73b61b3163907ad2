/** Transport on Node: undici's Pool, connections kept alive, with evidence of what was handed to a socket. */
import { channel } from 'node:diagnostics_channel'
import { errors, Pool } from 'undici'
import { type Transport, TransportError } from './adapter/transport.ts'

const CONNECT_TIMEOUT_MS = 3_000
/** Well below what servers and balancers use, so that an idle connection is rarely found dead. */
const KEEP_ALIVE_MS = 4_000
const CONNECTIONS_PER_HOST = 64

/** Whether a request's headers were written to a socket; undefined where undici gave no sign of the request at all. */
interface Evidence { sent: boolean | undefined }

/** The request being created right now: undici makes it, and says so, within the call that asks for it. */
let creating: Evidence | undefined
const evidence = new WeakMap<object, Evidence>()

channel('undici:request:create').subscribe((message) => {
  if (!creating) return
  creating.sent = false
  evidence.set((message as { request: object }).request, creating)
  creating = undefined
})
channel('undici:client:sendHeaders').subscribe((message) => {
  const known = evidence.get((message as { request: object }).request)
  if (known) known.sent = true
})

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

  const transport: Transport = async ({ url, method, headers, body, signal, maxBytes }) => {
    const { origin, pathname, search } = new URL(url)
    const seen: Evidence = { sent: undefined }
    const failed = (cause: unknown, sent = seen.sent): never => {
      if (cause instanceof TransportError) throw cause
      const connecting = cause instanceof errors.ConnectTimeoutError || ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes((cause as { code?: string }).code ?? '')
      // No sign of the request: it may wait in the pool's queue and leave later, so nothing is proved.
      throw new TransportError(connecting ? 'unreachable' : signal.aborted ? 'timeout' : 'connection_lost', sent ?? null, { cause })
    }
    creating = seen
    const pending = poolFor(origin).request({ path: pathname + search, method: method as 'GET', headers, body, signal })
    creating = undefined
    const response = await pending.catch(failed)
    try {
      const declared = Number(response.headers['content-length'] ?? 0)
      if (declared > maxBytes) throw new TransportError('too_large', true)
      const chunks: Uint8Array[] = []
      let size = 0
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        size += chunk.byteLength
        if (size > maxBytes) throw new TransportError('too_large', true)
        chunks.push(chunk)
      }
      return {
        status: response.statusCode,
        headers: { get: (name) => { const value = response.headers[name]; return value === undefined ? null : String(value) } },
        text: Buffer.concat(chunks).toString('utf8'),
      }
    } catch (error) {
      response.body.destroy()
      return failed(error, true)
    }
  }

  return { transport, close: async () => { await Promise.all([...pools.values()].map((pool) => pool.destroy())) } }
}
