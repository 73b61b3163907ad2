/**
 * Transport on Node: undici's Pool, connections kept alive, with evidence of what was handed to a
 * socket.
 */
import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { promisify } from 'node:util'
import {
  brotliDecompress,
  gunzip,
  inflate,
  inflateRaw,
  type InputType,
  zstdDecompress,
} from 'node:zlib'
import { type Dispatcher, Pool } from 'undici'
import { type Head, type Incoming, type Transport, TransportError } from './transport.ts'

const CONNECT_TIMEOUT_MS = 3_000
/** Well below what servers and balancers use, so that an idle connection is rarely found dead. */
const KEEP_ALIVE_MS = 4_000
/** More calls than that to one host wait in its pool. */
const CONNECTIONS_PER_HOST = 64
/** Twice what proxies let through at most (nginx's and AWS's limits are 32 and 64 KiB). */
const MAX_HEADER_BYTES = 131_072

/** The word for a name that leads only to addresses that may not be connected to. */
const FORBIDDEN = 'EADDRFORBIDDEN'

export interface NodeTransport {
  readonly transport: Transport
  /**
   * Closes connections to where nobody leads any more, each after its last answer; who asks there
   * all the same gets a new one.
   */
  keepOnly(origins: ReadonlySet<string>): void
  close(): Promise<void>
}

/** The runtime's own look-up, of whose answers only those are taken that may be connected to. */
const lookupOf =
  (isAllowed: (address: string) => boolean): LookupFunction =>
  (host, options, done) =>
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const [first, ...others] = (addresses ?? []).filter(({ address }) => isAllowed(address))
      if (error) done(error, '')
      else if (!first) done(Object.assign(new Error(FORBIDDEN), { code: FORBIDDEN }), '')
      else if (options.all) done(null, [first, ...others])
      else done(null, first.address, first.family)
    })

/**
 * `isAllowed` judges every address that a name leads to; a literal one is not looked up, so whoever
 * builds the URL judges that. One pool per origin. HTTP/1.1 only: undici sends HTTP/2 requests
 * again by itself after a GOAWAY (nodejs/undici#5603).
 */
export const openTransport = (isAllowed?: (address: string) => boolean): NodeTransport => {
  const pools = new Map<string, Pool>()
  /** Pools that end with the calls that are under way. */
  const leaving = new Set<Pool>()
  const poolFor = (origin: string) => {
    let pool = pools.get(origin)
    if (!pool) {
      pool = new Pool(origin, {
        connections: CONNECTIONS_PER_HOST,
        pipelining: 1,
        allowH2: false,
        keepAliveTimeout: KEEP_ALIVE_MS,
        maxHeaderSize: MAX_HEADER_BYTES,
        connect: {
          timeout: CONNECT_TIMEOUT_MS,
          ...(isAllowed && { lookup: lookupOf(isAllowed) }),
        },
        headersTimeout: 0,
        bodyTimeout: 0,
      })
      pools.set(origin, pool)
    }
    return pool
  }
  const transport: Transport = ({ url, method, headers, body, signal, maxBytes }) =>
    new Promise((resolve, reject) => {
      const { origin, pathname, search } = new URL(url)
      const call = openCall(signal, resolve, reject)
      if (call.isOver()) return
      poolFor(origin).dispatch(
        {
          path: pathname + search,
          method: method as 'GET',
          // Caches give their one compressed variant to everybody, whatever was asked for.
          headers: { 'accept-encoding': 'identity', ...headers },
          body,
        },
        receive(call, maxBytes),
      )
    })
  return {
    transport,
    keepOnly(origins) {
      for (const [origin, pool] of pools) {
        if (origins.has(origin)) continue
        pools.delete(origin)
        leaving.add(pool)
        void pool.close().then(
          () => leaving.delete(pool),
          () => leaving.delete(pool),
        )
      }
    },
    close: async () => {
      await Promise.all([...pools.values(), ...leaving].map((pool) => pool.destroy()))
    },
  }
}

/** One call until its end, which comes once: an answer, a failure, or that its time is up. */
const openCall = (
  signal: AbortSignal,
  resolve: (incoming: Incoming) => void,
  reject: (error: TransportError) => void,
) => {
  let controller: Dispatcher.DispatchController | null = null
  let answered: Head | null = null
  let over = false
  const end = () => {
    over = true
    signal.removeEventListener('abort', expire)
  }
  const fail = (reason: TransportError['reason'], cause?: unknown) => {
    if (over) return
    end()
    const error = new TransportError(reason, controller !== null, {
      cause,
      word: wordOf(cause),
      answered,
    })
    reject(error)
    controller?.abort(error)
  }
  const expire = () => fail('timeout')
  if (signal.aborted) expire()
  else signal.addEventListener('abort', expire)
  return {
    isOver: () => over,
    isSent: () => controller !== null,
    fail,
    /** Called just before the first byte is handed to a socket. */
    start(started: Dispatcher.DispatchController): void {
      // Its time ran out in the queue; or undici is about to send it a second time, which is not
      // its to decide.
      if (over || controller) return started.abort(new Error('not to be sent'))
      controller = started
    },
    begin(head: Head): void {
      answered = head
    },
    answer(incoming: Incoming): void {
      if (over) return
      end()
      resolve(incoming)
    },
  }
}

/** What undici tells of a call's answer, put together. */
const receive = (
  call: ReturnType<typeof openCall>,
  maxBytes: number,
): Dispatcher.DispatchHandler => {
  let status = 0
  let received: Record<string, string | string[] | undefined> = {}
  let size = 0
  const chunks: Buffer[] = []
  const get = (name: string) => {
    const value = received[name]
    return Array.isArray(value) ? value.join(', ') : (value ?? null)
  }
  return {
    // Until then nothing has left, whatever the error says.
    onRequestStart: call.start,
    onResponseStart(_, statusCode, responseHeaders) {
      status = statusCode
      received = responseHeaders
      // Those below only announce the answer.
      if (status >= 200) call.begin({ status, headers: { get } })
      if (Number(responseHeaders['content-length'] ?? 0) > maxBytes) call.fail('too_large')
    },
    onResponseData(_, chunk) {
      size += chunk.byteLength
      if (size > maxBytes) call.fail('too_large')
      else chunks.push(chunk)
    },
    onResponseEnd() {
      if (call.isOver()) return
      const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)
      // Until it is decoded the call is not over: its time may run out, and its size only shows
      // then.
      decoded(bytes, get('content-encoding'), maxBytes).then(
        (content) => call.answer({ status, headers: { get }, ...content }),
        () => call.fail('too_large'),
      )
    },
    onResponseError: (_, cause) =>
      call.fail(
        isOverflow(cause) ? 'too_large' : call.isSent() ? 'connection_lost' : 'unreachable',
        cause,
      ),
  }
}

type Decode = (bytes: InputType, options: { readonly maxOutputLength: number }) => Promise<Buffer>
const zlib = promisify(inflate) as Decode
const raw = promisify(inflateRaw) as Decode
/**
 * Many a server sends "deflate" without the wrapping of RFC 1950, whose first byte ends in an 8.
 */
const deflate: Decode = (bytes, options) =>
  (((bytes as Buffer)[0] ?? 0) % 16 === 8 ? zlib : raw)(bytes, options)
const DECODERS: ReadonlyMap<string, Decode> = new Map([
  ['gzip', promisify(gunzip) as Decode],
  ['x-gzip', promisify(gunzip) as Decode],
  ['deflate', deflate],
  ['br', promisify(brotliDecompress) as Decode],
  ['zstd', promisify(zstdDecompress) as Decode],
])
/** More codings than anybody means are an attack on whoever undoes them. */
const MOST_CODINGS = 5

/**
 * The body's text, its codings undone from the last to the first. Rejects where it becomes larger
 * than may be.
 */
const decoded = async (
  bytes: Buffer,
  encoding: string | null,
  maxOutputLength: number,
): Promise<Pick<Incoming, 'text' | 'unread'>> => {
  const codings = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'identity')
  let content = bytes
  if (bytes.length > 0) {
    if (codings.length > MOST_CODINGS || !codings.every((coding) => DECODERS.has(coding)))
      return { text: '', unread: 'unknown coding' }
    try {
      for (const coding of codings.toReversed())
        content = await (DECODERS.get(coding) as Decode)(content, { maxOutputLength })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw error
      return { text: '', unread: 'broken coding' }
    }
  }
  return { text: content.toString('utf8') }
}

/** What of the runtime's own codes is told; never its texts, which may hold an address. */
const TOLD: ReadonlySet<string> = new Set([
  FORBIDDEN,
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'EPIPE',
  'EPROTO',
  'EMFILE',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
])
const codeOf = (error: unknown): unknown =>
  (error as { readonly code?: unknown } | null | undefined)?.code
const isOverflow = (error: unknown): boolean => codeOf(error) === 'UND_ERR_HEADERS_OVERFLOW'
const wordOf = (error: unknown): string | null =>
  [error, (error as Error | null | undefined)?.cause]
    .map(codeOf)
    .find((code): code is string => typeof code === 'string' && TOLD.has(code)) ?? null
