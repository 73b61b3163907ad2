/** One try of a delivery: what goes out, and what the receiver's answer makes of it. */
import { retryAfter } from '../../connection/classify.ts'
import { type Incoming, type Transport, TransportError } from '../../connection/transport.ts'
import { signatureOf } from './signature.ts'
import type { Webhook } from './webhook.ts'

const TRY_MS = 15_000
/** Of an answer nothing but its status and headers is of use. */
const REPLY_BYTES = 4_096

export type Outcome =
  | { readonly kind: 'delivered'; readonly result: string }
  /** The receiver wants this one never again. */
  | { readonly kind: 'given up'; readonly result: string }
  | { readonly kind: 'failed'; readonly result: string; readonly retryAfterMs: number | null }

const outcomeOf = ({ status, headers }: Incoming, now: number): Outcome => {
  const result = String(status)
  if (status >= 200 && status < 300) return { kind: 'delivered', result }
  if (headers.get('webhook-delivery')?.trim().toLowerCase() === 'abort-message')
    return { kind: 'given up', result }
  return { kind: 'failed', result, retryAfterMs: retryAfter(headers, now) }
}

/** Sends a body once. `id` is the same on every try; nothing that comes back is kept. */
export const attemptOf = async (
  transport: Transport,
  { url, keys }: Webhook,
  id: string,
  body: string,
  now: number,
): Promise<Outcome> => {
  const seconds = Math.floor(now / 1_000)
  try {
    const answer = await transport({
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'rescind',
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': await signatureOf(keys, id, seconds, body),
      },
      body,
      signal: AbortSignal.timeout(TRY_MS),
      maxBytes: REPLY_BYTES,
    })
    return outcomeOf(answer, now)
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    const reason = error.reason.replaceAll('_', ' ')
    const result = error.word === null ? reason : `${reason} (${error.word})`
    return { kind: 'failed', result, retryAfterMs: null }
  }
}
