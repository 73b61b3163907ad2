/** One try of a delivery: what goes out, and what the receiver's answer makes of it. */
import { retryAfter } from '../../connection/classify.ts'
import { type Head, type Transport, TransportError } from '../../connection/transport.ts'
import { signedHeaders } from '../../connection/signing.ts'
import type { Webhook } from './webhook.ts'

const TRY_MS = 15_000
/** No receiver may put us off for longer. */
export const LONGEST_MS = 24 * 3_600_000
/** Of an answer nothing but its status and headers is of use. */
const REPLY_BYTES = 4_096
const GONE = 410

export type Outcome =
  | { readonly kind: 'delivered'; readonly result: string }
  /** The receiver wants this one never again. */
  | { readonly kind: 'given up'; readonly result: string }
  | {
      readonly kind: 'failed'
      /** An HTTP status or a word. */
      readonly result: string
      readonly retryAfterMs: number | null
      /** The receiver wants nothing any more. */
      readonly isGone: boolean
    }

const outcomeOf = ({ status, headers }: Head, now: number): Outcome => {
  const result = String(status)
  const isGone = status === GONE
  if (status >= 200 && status < 300) return { kind: 'delivered', result }
  if (!isGone && headers.get('webhook-delivery')?.trim().toLowerCase() === 'abort-message')
    return { kind: 'given up', result }
  return { kind: 'failed', result, retryAfterMs: retryAfter(headers, now, LONGEST_MS), isGone }
}

/** What it means that no whole answer came: its status counts, once that was there. */
const outcomeWithout = ({ reason, word, answered }: TransportError, now: number): Outcome => {
  if (answered) return outcomeOf(answered, now)
  const words = reason.replaceAll('_', ' ')
  const result = word === null ? words : `${words} (${word})`
  return { kind: 'failed', result, retryAfterMs: null, isGone: false }
}

/** Sends a body once. `id` is the same on every try; nothing that comes back is kept. */
export const attemptOf = async (
  transport: Transport,
  { url, keys }: Webhook,
  id: string,
  body: string,
  now: number,
): Promise<Outcome> => {
  try {
    const answer = await transport({
      url,
      method: 'POST',
      headers: await signedHeaders(keys, id, body, now),
      body,
      signal: AbortSignal.timeout(TRY_MS),
      maxBytes: REPLY_BYTES,
    })
    return outcomeOf(answer, now)
  } catch (error) {
    if (error instanceof TransportError) return outcomeWithout(error, now)
    throw error
  }
}
