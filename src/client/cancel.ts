/**
 * Cancels an order: asks until there is an answer, under one key, and looks until the answer is
 * known.
 */
import { type Ask, backoff, now, segment, sleep, visible } from './ask.ts'
import { NoAnswer, NotKnownYet, RescindError } from './errors.ts'
import type { Cancellation, CancelRequest, Problem } from './types.ts'

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

/** An order that is linked rests with the run of its link, which may go on after it. */
const isAtRest = ({ status, link }: Cancellation): boolean =>
  (status === 'succeeded' || status === 'rejected' || status === 'needs_attention') &&
  link?.status !== 'canceling'

/** A person must approve it, which may take days: nobody waits for that. */
const awaitsApproval = ({ approval }: Cancellation): boolean =>
  approval?.state === 'awaited' && approval.askedAt !== null

/**
 * That it is canceled, and not every order that it is linked with: what the gateway would say to a
 * request that waited. Asking again would begin another run.
 */
const divergedOf = ({ id, attempts }: Cancellation): Problem => ({
  type: '/problems/linked-diverged',
  title: 'Linked orders are no longer alike',
  status: 409,
  detail: 'This order is canceled, and not every order that it is linked with.',
  code: 'linked-diverged',
  retryable: true,
  acted: attempts.length > 0 ? 'yes' : 'unknown',
  instance: `/v1/cancellations/${id}`,
  cancellation: `/v1/cancellations/${id}`,
})

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

/**
 * Reads a record; with `waitMs` until it is final or needs attention, and the run of its link is
 * over, or the time is up.
 */
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

const headersOf = (idempotencyKey: string, customerToken: string | undefined) => {
  if (visible('idempotencyKey', idempotencyKey).length > 255)
    throw new TypeError('idempotencyKey must have at most 255 characters')
  return {
    'idempotency-key': `"${idempotencyKey.replaceAll(/["\\]/g, '\\$&')}"`,
    ...(customerToken !== undefined && {
      'rescind-customer-token': visible('customerToken', customerToken),
    }),
  }
}

/** A request that is asked, and what is known of it. */
interface Asked {
  readonly ask: Ask
  readonly get: ReturnType<typeof createGet>
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly until: number
  readonly signal: AbortSignal | undefined
  record: Cancellation | null
  /**
   * Once a try may have been written down without our knowing, only an answer about a record tells
   * what became of the request.
   */
  lost: boolean
}

const leftOf = ({ until }: Asked): number => Math.max(0, until - now())

const post = async (asked: Asked): Promise<Cancellation> =>
  toRecord(
    await asked.ask({
      method: 'POST',
      path: '/v1/cancellations',
      headers: asked.headers,
      body: asked.body,
      signal: asked.signal,
      holdMs: () => Math.min(HOLD_MS, leftOf(asked)),
      atLeastUntil: asked.until,
      onFailure: (error) => {
        asked.lost ||=
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
const follow = async (asked: Asked, id: string): Promise<Cancellation> => {
  try {
    return await asked.get(id, { waitMs: leftOf(asked), signal: asked.signal })
  } catch (error) {
    if (!(error instanceof RescindError) || error.code !== 'forbidden') throw error
    await sleep(SHORTEST_LOOK_MS, asked.signal)
    return post(asked)
  }
}

/** The refusal with the record that it is about, where that can be read. */
const withRecord = async (
  { record, get, signal }: Asked,
  error: RescindError,
): Promise<RescindError> => {
  const id = error.cancellation
  const found = record ?? (id === null ? null : await get(id, { signal }).catch(() => null))
  return new RescindError(error.problem, error.requestId, found)
}

/** One request to its end, or until the time is up. Throws what is no success. */
const askOnce = async (asked: Asked, idempotencyKey: string): Promise<Cancellation> => {
  asked.record = null
  let record = (asked.record = await post(asked))
  while (!isAtRest(record) && !awaitsApproval(record) && leftOf(asked) > 0)
    record = asked.record = await follow(asked, record.id)
  if (isAtRest(record) && record.status === 'succeeded') {
    if (!record.link || record.link.status === 'canceled') return record
    throw new RescindError(divergedOf(record), null, record)
  }
  if (!isAtRest(record) || !record.problem) throw new NotKnownYet(record, idempotencyKey)
  throw new RescindError(record.problem, null, record)
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
    const asked: Asked = {
      ask,
      get,
      headers: headersOf(idempotencyKey, customerToken),
      body: JSON.stringify(request),
      until: now() + waitMs,
      signal,
      record: null,
      lost: false,
    }
    for (let again = 0; ; again++) {
      try {
        return await askOnce(asked, idempotencyKey)
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof NotKnownYet) throw error
        if (!(error instanceof RescindError) || error.cancellation === null)
          throw asked.lost || asked.record
            ? new NotKnownYet(asked.record, idempotencyKey, error)
            : error
        const delayMs = backoff(again, FIRST_AGAIN_MS)
        if (!retryRejected || !error.retryable || delayMs > leftOf(asked))
          throw await withRecord(asked, error)
        await sleep(delayMs, signal)
      }
    }
  }
}
