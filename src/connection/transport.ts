/**
 * How bytes reach a platform: a fetch-shaped port with one implementation for every runtime that
 * has `fetch`.
 */

export interface Outgoing {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Ends the call, headers or body, when its time is up. */
  readonly signal: AbortSignal
  /** Replies longer than this are given up: `TransportError` with reason `too_large`. */
  readonly maxBytes: number
}

export interface Incoming {
  readonly status: number
  /** One that came several times: all its values, with commas between. */
  readonly headers: { get(name: string): string | null }
  readonly text: string
  /** Why nobody here can read the body; `text` is empty then. */
  readonly unread?: 'unknown coding' | 'broken coding'
}

/** What of an answer is known before its body. */
export type Head = Pick<Incoming, 'status' | 'headers'>

/** Never follows a redirect, never repeats a call. Rejects with `TransportError` only. */
export type Transport = (request: Outgoing) => Promise<Incoming>

export class TransportError extends Error {
  override readonly name = 'TransportError'
  /**
   * `false` is proof that nothing was handed to a socket; `true` and `null` (cannot be told) prove
   * nothing.
   */
  readonly sent: boolean | null
  readonly reason: 'timeout' | 'too_large' | 'unreachable' | 'connection_lost'
  /** The runtime's own word for what was in the way (`ECONNREFUSED`), from a closed list. */
  readonly word: string | null
  /** The answer that had begun, where only its body was too large, too slow, or broke off. */
  readonly answered: Head | null
  constructor(
    reason: TransportError['reason'],
    sent: boolean | null,
    {
      word = null,
      answered = null,
      ...options
    }: ErrorOptions & { readonly word?: string | null; readonly answered?: Head | null } = {},
  ) {
    super(reason, options)
    this.reason = reason
    this.sent = sent
    this.word = word
    this.answered = answered
  }
}

/**
 * What every `fetch` has undone before it hands a body on; Workers' undoes nothing else
 * (developers.cloudflare.com/workers/runtime-apis/fetch).
 */
const DECODED = /^(?:gzip|br|identity)?$/i

type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Transport over a `fetch`: no evidence of what was sent, so every thrown fetch is doubt. */
export const fetchTransport =
  (fetch: Fetch): Transport =>
  async ({ url, method, headers, body, signal, maxBytes }) => {
    const failed =
      (answered: Head | null) =>
      (cause: unknown): never => {
        const { reason, sent } =
          cause instanceof TransportError
            ? cause
            : ({ reason: signal.aborted ? 'timeout' : 'connection_lost', sent: null } as const)
        throw new TransportError(reason, sent, { cause, answered })
      }
    const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' }).catch(
      failed(null),
    )
    const text = await readCapped(response, maxBytes, signal).catch(failed(response))
    const unread = text !== '' && !DECODED.test(response.headers.get('content-encoding') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      ...(unread ? { text: '', unread: 'unknown coding' } : { text }),
    }
  }

/** At most so many calls at once. What got no turn within the patience was provably never sent. */
export const atMost = (count: number, patienceMs: number, transport: Transport): Transport => {
  const running = new Set<Outgoing>()
  const waiting = new Set<() => void>()
  return async (request) => {
    const { signal } = request
    const end = performance.now() + patienceMs
    while (running.size >= count && !signal.aborted && performance.now() < end) {
      await new Promise<void>((resolve) => {
        const go = () => {
          waiting.delete(go)
          clearTimeout(timer)
          signal.removeEventListener('abort', go)
          resolve()
        }
        const timer = setTimeout(go, end - performance.now())
        waiting.add(go)
        signal.addEventListener('abort', go)
      })
    }
    try {
      if (running.size >= count || signal.aborted) throw new TransportError('timeout', false)
      running.add(request)
      return await transport(request)
    } finally {
      running.delete(request)
      waiting.values().next().value?.()
    }
  }
}

const readCapped = async (
  response: Response,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> => {
  if (!response.body) return ''
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  const stop = () => {
    void reader.cancel().catch(() => undefined)
  }
  signal.addEventListener('abort', stop)
  try {
    let text = ''
    for (let size = 0; ;) {
      const { done, value } = await reader.read()
      if (signal.aborted) throw signal.reason
      if (done) return text + decoder.decode()
      size += value.byteLength
      if (size > maxBytes) {
        stop()
        throw new TransportError('too_large', true)
      }
      text += decoder.decode(value, { stream: true })
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
