/**
 * What the client throws: a refusal, an outcome that is not known yet, no answer at all, or a
 * webhook that is none. Never with a key in it.
 */
import type { Cancellation, Problem } from './types.ts'

/**
 * A record may hold a buyer's name and address: whoever writes an error to a log must not write
 * those.
 */
const unseen = (error: Error, record: Cancellation | null) =>
  Object.defineProperty(error, 'record', { value: record, enumerable: false })

/** So many places of a request are named in a line; a batch may have thousands. */
const MOST_NAMED = 5

/** What is wrong with a place, and where that is: a row of a batch, or a JSON pointer. */
const placeOf = ({ row, pointer, detail }: NonNullable<Problem['errors']>[number]): string =>
  [row === undefined ? '' : `row ${row}`, pointer, detail].filter(Boolean).join(' ')

/** A line for a log: status, code, why, the places that are wrong, and whose log has more. */
const lineOf = (problem: Problem, requestId: string | null): string => {
  const { status, code, detail, errors } = problem
  const places = Array.isArray(errors) ? errors : []
  const rest = places.length - MOST_NAMED
  const named = [
    ...places.slice(0, MOST_NAMED).map(placeOf),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ].join('; ')
  return (
    `${status} ${code}: ${detail}` +
    `${named === '' ? '' : ` (${named})`}${requestId === null ? '' : ` [request ${requestId}]`}`
  )
}

/**
 * The gateway said no, or that a person must look: `problem` says why, the other members are its
 * parts.
 */
export class RescindError extends Error {
  override readonly name = 'RescindError'
  readonly problem: Problem
  readonly code: Problem['code']
  /** Why an order cannot be canceled, from a closed list. */
  override readonly cause: Problem['cause']
  readonly status: number
  /** Whether the same request may succeed later. */
  readonly retryable: boolean
  /** Whether anything changed at the platform. */
  readonly acted: Problem['acted']
  /** The places in the request that are wrong. */
  readonly errors: NonNullable<Problem['errors']>
  /** The id of the cancellation that this is about. */
  readonly cancellation: string | null
  /** Its record, where the call was one that looks for it and it could be read. */
  declare readonly record: Cancellation | null
  /** For whoever runs the gateway: its log has the same. */
  readonly requestId: string | null
  constructor(problem: Problem, requestId: string | null, record: Cancellation | null = null) {
    super(lineOf(problem, requestId))
    this.problem = problem
    this.code = problem.code
    this.cause = problem.cause
    this.status = problem.status
    this.retryable = problem.retryable
    this.acted = problem.acted
    this.errors = problem.errors ?? []
    this.cancellation = problem.cancellation?.split('/').at(-1) ?? null
    this.requestId = requestId
    unseen(this, record)
  }
}

/**
 * Time is up and nobody knows yet what became of the order. Not a failure: the gateway goes on by
 * itself. Ask again with the same `idempotencyKey`, or read the record.
 */
export class NotKnownYet extends Error {
  override readonly name = 'NotKnownYet'
  /**
   * The record as it was last seen; null: no answer ever came, so the gateway may or may not have
   * the request.
   */
  declare readonly record: Cancellation | null
  readonly idempotencyKey: string
  constructor(record: Cancellation | null, idempotencyKey: string, cause?: unknown) {
    super(
      record
        ? `The cancellation is ${record.status}; what became of the order is not known yet.`
        : 'The gateway did not answer; whether it has the request is not known.',
      cause === undefined ? {} : { cause },
    )
    unseen(this, record)
    this.idempotencyKey = idempotencyKey
  }
}

/** Nothing answered, or not a gateway. `status` is what answered in its place, if anything did. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly status: number | null
  constructor(status: number | null, cause?: unknown) {
    super(
      status === null
        ? 'The gateway did not answer.'
        : `Something answered ${status}, but not as the gateway does.`,
      cause === undefined ? {} : { cause },
    )
    this.status = status
  }
}

const UNPROVED = {
  incomplete: 'What came lacks a header of a webhook, or has one that cannot be read.',
  stale: 'What came is too old, or its clock is wrong.',
  forged: 'What came is not signed with the secret.',
  unreadable: 'What came is signed, but is no event.',
} as const

/** What came is not to be believed; `reason` says why, for whoever sets the receiver up. */
export class NotVerified extends Error {
  override readonly name = 'NotVerified'
  readonly reason: keyof typeof UNPROVED
  /** Which header it is about. */
  readonly header: string | null
  constructor(reason: keyof typeof UNPROVED, header: string | null = null, cause?: unknown) {
    super(UNPROVED[reason], cause === undefined ? {} : { cause })
    this.reason = reason
    this.header = header
  }
}
