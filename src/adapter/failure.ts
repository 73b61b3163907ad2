/**
 * How a call to a platform can fail, and what each failure proves: nothing left, it was refused, or
 * nobody knows.
 */
import type { Cause, ProblemCode, Upstream } from '../model/problem.ts'
import type { ErrorRule } from './contract.ts'

export interface Failure {
  /**
   * `unsent`: certainly not processed, may be sent again. `refused`: an explicit no (look all the
   * same: money may have moved). `doubt`: it may or may not have happened.
   */
  readonly kind: 'unsent' | 'refused' | 'doubt'
  readonly code: Extract<
    ProblemCode,
    | 'platform-unavailable'
    | 'platform-throttled'
    | 'platform-credentials'
    | 'order-not-found'
    | 'order-not-cancelable'
    | 'unsupported'
  >
  readonly cause: Cause | null
  /** A sentence for people, without anything the platform or the caller wrote. */
  readonly detail: string
  /** For the attempt's record: the HTTP status, or a word for what happened instead. */
  readonly result: string
  readonly upstream: Upstream | null
  /** How long the platform asks us to stay away. */
  readonly retryAfterMs: number | null
  /** The platform's own word that the order is canceled already: no later read undoes it. */
  readonly saysCanceled?: boolean
  /** It was the text of the reason that was refused. */
  readonly aboutReason?: boolean
}

export class CallFailure extends Error {
  override readonly name = 'CallFailure'
  readonly failure: Failure
  constructor(failure: Failure, options?: ErrorOptions) {
    super(`${failure.kind}: ${failure.result}`, options)
    this.failure = failure
  }
}

export interface Meaning extends Pick<
  Failure,
  'kind' | 'code' | 'cause' | 'detail' | 'saysCanceled' | 'aboutReason'
> {}

type Means = ErrorRule['means']

/** What is the same whatever the status was. */
const MEANINGS: { readonly [Name in Exclude<Means, Cause | 'not_processed' | 'doubt'>]: Meaning } =
  {
    credentials: {
      kind: 'refused',
      code: 'platform-credentials',
      cause: null,
      detail: 'The platform refused the store’s credentials.',
    },
    credentials_perhaps: {
      kind: 'doubt',
      code: 'platform-credentials',
      cause: null,
      detail:
        'The platform turned the call away without a word: too many at once, or the store’s ' +
        'credentials lack a permission.',
    },
    order_not_found: {
      kind: 'refused',
      code: 'order-not-found',
      cause: null,
      detail: 'The platform has no order with this id.',
    },
    already_canceled: {
      kind: 'refused',
      code: 'order-not-cancelable',
      cause: 'refused',
      detail: 'The platform says that the order is canceled already.',
      saysCanceled: true,
    },
    reason_refused: {
      kind: 'refused',
      code: 'order-not-cancelable',
      cause: 'refused',
      detail: 'The platform does not take the text of the reason.',
      aboutReason: true,
    },
  }

/** What a rule of an adapter, or of ours, makes of an answer. */
export const meaning = (means: Means, status: number): Meaning => {
  switch (means) {
    case 'credentials':
    case 'credentials_perhaps':
    case 'order_not_found':
    case 'already_canceled':
    case 'reason_refused':
      return MEANINGS[means]
    case 'not_processed':
      return {
        kind: 'unsent',
        code: status === 429 ? 'platform-throttled' : 'platform-unavailable',
        cause: null,
        detail: 'The platform turned the call away before doing anything.',
      }
    case 'doubt':
      return {
        kind: 'doubt',
        code: 'platform-unavailable',
        cause: null,
        detail: `The platform answered ${status}, which does not tell whether it was done.`,
      }
    default:
      return {
        kind: 'refused',
        code: 'order-not-cancelable',
        cause: means,
        detail: 'The platform refused to cancel the order.',
      }
  }
}

/**
 * What an adapter throws where an answer is 2xx and its content says otherwise: an empty list,
 * another order than the one asked for.
 */
export const failureOf = (means: ErrorRule['means'], result: string): CallFailure =>
  new CallFailure({ ...meaning(means, 200), result, upstream: null, retryAfterMs: null })
