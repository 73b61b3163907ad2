/**
 * What a call to a store passes before it leaves: the store's pace, and a breaker that leaves a
 * sick platform alone.
 */
import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  CountBreaker,
  handleWhen,
} from 'cockatiel'
import { retryAfter } from './classify.ts'
import { CallFailure } from '../adapter/failure.ts'
import { type Incoming, TransportError } from './transport.ts'

/** What an operator should know of a store's gate. */
export interface GateState {
  readonly breaker: 'closed' | 'half-open' | 'open'
  readonly waiting: number
}

export interface Gate {
  /**
   * Resolves when the store may be asked. Rejects with `CallFailure` (`unsent`) where that is too
   * far off; a destructive call is also turned away while nobody knows whether the platform is
   * well: what finds out is a read.
   */
  enter(destructive: boolean): Promise<void>
  /** Makes the call, and learns from how it ended. */
  pass(call: () => Promise<Incoming>): Promise<Incoming>
  /** How long nothing will be asked of the store, in milliseconds; 0: it may be asked. */
  cooldownMs(): number
  /** How the breaker stands, and how many calls wait for their turn. */
  state(): GateState
}

export interface GateOptions {
  /**
   * Reserves one call; how many milliseconds to wait for it. More than the patience: nothing was
   * reserved. Left out: no pace.
   */
  readonly reserve?: ((patienceMs: number) => Promise<number>) | undefined
}

/** A turn that is further off than this is not waited for. */
export const PATIENCE_MS = 10_000
/** How long a sick platform is left alone before a read finds out how it is. */
export const REST_MS = 5_000
/**
 * The longest that a platform's own `Retry-After` keeps everybody away; each record has its own
 * wait beside it.
 */
const LONGEST_REST_MS = 60_000
/**
 * Sick: half of the last calls, and at least five, got no answer or one of a gateway that got none.
 */
const SICKNESS = { threshold: 0.5, size: 20, minimumNumberOfCalls: 5 }
/** What stands before a platform says when it got no answer from it. */
export const SICK: ReadonlySet<number> = new Set([502, 503, 504])

const away = (
  result: string,
  retryAfterMs: number,
  code: 'platform-throttled' | 'platform-unavailable',
) =>
  new CallFailure({
    kind: 'unsent',
    code,
    cause: null,
    result: `not sent: ${result}`,
    upstream: null,
    retryAfterMs: Math.ceil(retryAfterMs),
    detail:
      code === 'platform-throttled'
        ? 'The store’s pace is used up.'
        : 'The platform does not answer and is left alone for a moment.',
  })

const newBreaker = (onBreak: () => void) => {
  const breaker = circuitBreaker(
    handleWhen(
      (error) => error instanceof TransportError && error.reason !== 'too_large',
    ).orWhenResult((reply) => SICK.has((reply as Incoming).status)),
    { halfOpenAfter: REST_MS, breaker: new CountBreaker(SICKNESS) },
  )
  breaker.onBreak(onBreak)
  return breaker
}

/** How a platform is, as its answers show: well, sick, or at the rest that it asked for. */
const openHealth = () => {
  let brokenAt = -Infinity
  let throttledUntil = -Infinity
  const open = () =>
    newBreaker(() => {
      brokenAt = performance.now()
    })
  let breaker = open()
  const isClosed = () => breaker.state === CircuitState.Closed
  const sickFor = () =>
    breaker.state === CircuitState.Open ? Math.max(0, brokenAt + REST_MS - performance.now()) : 0
  const throttledFor = () => Math.max(0, throttledUntil - performance.now())
  return {
    cooldownMs: () => Math.max(sickFor(), throttledFor()),
    // A rest that is over is told by the next call only; until then it is as good as half open.
    breaker: (): GateState['breaker'] =>
      isClosed() ? 'closed' : sickFor() > 0 ? 'open' : 'half-open',
    /**
     * How long the rest is that the platform asked for. Throws where the call must not wait for its
     * end.
     */
    restOf(destructive: boolean, patienceMs: number): number {
      const [sick, throttled] = [sickFor(), throttledFor()]
      if (sick > 0 || (destructive && !isClosed()))
        throw away('the platform does not answer', sick || REST_MS, 'platform-unavailable')
      if (throttled > patienceMs)
        throw away('the platform asked for a rest', throttled, 'platform-throttled')
      return throttled
    },
    async pass(call: () => Promise<Incoming>): Promise<Incoming> {
      try {
        const reply = await breaker.execute(call)
        if (reply.status === 429 || reply.status === 503) {
          const restMs = retryAfter(reply.headers, Date.now()) ?? 0
          throttledUntil = Math.max(
            throttledUntil,
            performance.now() + Math.min(restMs, LONGEST_REST_MS),
          )
        }
        return reply
      } catch (error) {
        if (error instanceof BrokenCircuitError) {
          // It broke between the question and the call. Or it goes by a wall clock that was set
          // back, and would stay open for as long.
          if (sickFor() === 0) breaker = open()
          throw new TransportError('unreachable', false, { cause: error })
        }
        throw error
      }
    },
  }
}

/** The gate of one store. One that is sick or slow costs the others nothing. */
export const openGate = ({ reserve }: GateOptions = {}): Gate => {
  const { restOf, pass, cooldownMs, breaker } = openHealth()
  let waiting = 0
  return {
    pass,
    cooldownMs,
    state: () => ({ breaker: breaker(), waiting }),
    async enter(destructive) {
      const throttled = restOf(destructive, PATIENCE_MS)
      const turn =
        (await reserve?.(PATIENCE_MS - throttled).catch((error: unknown) => {
          throw destructive ? away('the ledger gave no turn', 0, 'platform-unavailable') : error
        })) ?? 0
      if (turn > PATIENCE_MS - throttled)
        throw away('the pace is used up', turn, 'platform-throttled')
      const waitMs = Math.max(throttled, turn)
      if (waitMs <= 0) return
      waiting += 1
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(waitMs) + 1))
      waiting -= 1
      // Much may have become of the platform meanwhile.
      restOf(destructive, 0)
    },
  }
}
