/** What the Shoplazza imitation refuses with, in the words of both generations of its API. */
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** One refusal: `[status, body]`. */
export interface Failure {
  readonly legacy: readonly [ContentfulStatusCode, object]
  readonly modern: readonly [ContentfulStatusCode, object]
}

/** gRPC status numbers, as they shine through in the newer API. */
const GRPC = { DeadlineExceeded: 4, NotFound: 5, Aborted: 10 } as const

/** 500 with a gRPC word (page "HTTP status codes"); the body around the word is our guess. */
const grpc = (word: keyof typeof GRPC): Failure => ({
  legacy: [500, { errors: [word] }],
  modern: [500, { code: GRPC[word], message: word, details: [] }],
})

/**
 * 406 is "the order's state forbids it" (page "HTTP status codes"); body and the states that block
 * a cancel are our guess.
 */
const refusal = (sentence: string): Failure => ({
  legacy: [406, { errors: [sentence] }],
  modern: [406, { code: 'NotAcceptable', message: sentence }],
})

export const FAILURES = {
  // Cancel page 2022-01: "Unauthorized" is listed under 400; 401 is on the page "HTTP status
  // codes".
  unauthorized: {
    legacy: [400, { error: 'Unauthorized' }],
    modern: [401, { code: 'Unauthorized', message: 'Access token is missing or invalid.' }],
  },
  // Order endpoints of 2022-01; the newer API answers so for metafields.
  notFound: {
    legacy: [404, { errors: ['Unable to find resource'] }],
    modern: [404, { code: GRPC.NotFound, message: 'data not found', details: [] }],
  },
  malformed: {
    legacy: [400, { error: 'Bad Request' }],
    modern: [400, { code: 'InvalidParameter', message: 'Request body is not valid JSON.' }],
  },
  // Shapes of the webhooks page (422 with a map) and of the 2025-06 order pages.
  badReason: {
    legacy: [422, { errors: { reason: ['must be a string'] } }],
    modern: [400, { code: 'InvalidParameter', message: 'Reason must be a string.' }],
  },
  throttled: {
    legacy: [429, { errors: ['Too Many Requests'] }],
    modern: [429, { code: 'TooManyRequests', message: 'Too many requests.' }],
  },
  // Cancel page 2022-01; its status is not stated there.
  inactive: {
    legacy: [400, { error: 'store is not active' }],
    modern: [400, { code: 'StoreNotActive', message: 'store is not active' }],
  },
  aborted: grpc('Aborted'),
  deadline: grpc('DeadlineExceeded'),
  alreadyCanceled: refusal('The order has already been canceled'),
  shipped: refusal('The order has been shipped and cannot be canceled'),
  finished: refusal('The order is finished and cannot be canceled'),
} satisfies Record<string, Failure>
