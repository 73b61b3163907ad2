/**
 * Cancels an order: asks until there is an answer, under one key, and looks until the answer is
 * known.
 */
import { type Ask, backoff, now, segment, sleep, visible } from './ask.ts'
import { NoAnswer, NotKnownYet, RescindError } from './errors.ts'
import type { Cancellation, CancelRequest } from './types.ts'

export interface CancelOptions {
  /**
   * 1–255 visible ASCII characters. The same request under the same key is done once, whoever sends
   * it again and when. Left out: a new one for this call.
   */
  readonly idempotencyKey?: string | undefined
  /** How long to wait for a final state. Default one minute; 0: not at all. */
  readonly waitMs?: number | undefined
  /** Ends the waiting. What was asked stays asked. */
  readonly signal?: AbortSignal | undefined
  /** Transfers: the customer's own token. */
  readonly customerToken?: string | undefined
  /**
   * Ask again, while there is time, when it is rejected for a reason that may pass. Default false:
   * what may pass takes a person, or an hour.
   */
  readonly retryRejected?: boolean | undefined
}

const DEFAULT_WAIT_MS = 60_000
/**
 * How long the gateway is asked to hold an answer: short enough that a connection which died
 * silently is noticed in time.
 */
const HOLD_MS = 15_000
/** A gateway, or what stands before it, that answers at once must not be asked all the time. */
const SHORTEST_LOOK_MS = 500
const FIRST_AGAIN_MS = 1_000

const isAtRest = ({ status }: Cancellation): boolean =>
  status === 'succeeded' || status === 'rejected' || status === 'needs_attention'

/** What an answer must have before it is believed: another server's 200 is no cancellation. */
export const toRecord = (body: unknown): Cancellation => {
  const record = body as Partial<Cancellation> | null
  if (
    typeof record !== 'object' ||
    typeof record?.id !== 'string' ||
    typeof record.status !== 'string'
  )
    throw new NoAnswer(200)
  return record as Cancellation
}

export interface GetOptions {
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Reads a record; with `waitMs` until it is final or needs attention, or the time is up. */
export const createGet =
  (ask: Ask) =>
  async (id: string, { waitMs = 0, signal }: GetOptions = {}): Promise<Cancellation> => {
    const until = now() + waitMs
    for (;;) {
      const started = now()
      const record = toRecord(
        await ask({
          method: 'GET',
          path: `/v1/cancellations/${segment('id', id)}`,
          signal,
          ...(waitMs > 0 && { holdMs: () => Math.min(HOLD_MS, Math.max(0, until - now())) }),
        }),
      )
      if (isAtRest(record) || now() >= until) return record
      await sleep(Math.max(0, SHORTEST_LOOK_MS - (now() - started)), signal)
    }
  }

export const createCancel = (ask: Ask) => {
  const get = createGet(ask)

  return async (
    request: CancelRequest,
    {
      idempotencyKey = crypto.randomUUID(),
      waitMs = DEFAULT_WAIT_MS,
      signal,
      customerToken,
      retryRejected = false,
    }: CancelOptions = {},
  ): Promise<Cancellation> => {
    if (visible('idempotencyKey', idempotencyKey).length > 255)
      throw new TypeError('idempotencyKey must have at most 255 characters')
    const until = now() + waitMs
    const left = () => Math.max(0, until - now())
    const body = JSON.stringify(request)
    const headers = {
      'idempotency-key': `"${idempotencyKey.replaceAll(/["\\]/g, '\\$&')}"`,
      ...(customerToken !== undefined && {
        'rescind-customer-token': visible('customerToken', customerToken),
      }),
    }
    let record: Cancellation | null = null
    // Once a try may have been written down without our knowing, only an answer about a record
    // tells what became of the request.
    let lost = false

    const post = async (): Promise<Cancellation> =>
      toRecord(
        await ask({
          method: 'POST',
          path: '/v1/cancellations',
          headers,
          body,
          signal,
          holdMs: () => Math.min(HOLD_MS, left()),
          atLeastUntil: until,
          onFailure: (error) => {
            lost ||=
              error instanceof NoAnswer
                ? (error.status ?? 500) >= 500
                : error.code === 'internal' || error.code === 'ledger-unavailable'
          },
        }),
      )

    /**
     * The record as it comes to rest. A key that may cancel but not read asks again under its
     * idempotency key, which is the same.
     */
    const follow = async (id: string): Promise<Cancellation> => {
      try {
        return await get(id, { waitMs: left(), signal })
      } catch (error) {
        if (!(error instanceof RescindError) || error.code !== 'forbidden') throw error
        await sleep(SHORTEST_LOOK_MS, signal)
        return post()
      }
    }

    const refusal = async (error: RescindError): Promise<RescindError> => {
      const id = error.cancellation
      const found = record ?? (id === null ? null : await get(id, { signal }).catch(() => null))
      return new RescindError(error.problem, error.requestId, found)
    }

    for (let again = 0; ; again++) {
      try {
        record = await post()
        while (!isAtRest(record) && left() > 0) record = await follow(record.id)
        if (record.status === 'succeeded') return record
        if (!isAtRest(record) || !record.problem) throw new NotKnownYet(record, idempotencyKey)
        throw new RescindError(record.problem, null, record)
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof NotKnownYet) throw error
        if (!(error instanceof RescindError) || error.cancellation === null)
          throw lost || record ? new NotKnownYet(record, idempotencyKey, error) : error
        const delayMs = backoff(again, FIRST_AGAIN_MS)
        if (!retryRejected || !error.retryable || delayMs > left()) throw await refusal(error)
        record = null
        await sleep(delayMs, signal)
      }
    }
  }
}
