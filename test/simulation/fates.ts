/** Every way in which a call may fare between a gateway and the platform. */

export interface Fate {
  readonly name: string
  /** Whether the platform does what it was asked, and when: at once, or when the caller has gone. */
  readonly does: 'at once' | 'never' | 'late'
  /** What comes back. */
  readonly back:
    | 'its answer'
    | 'unreachable'
    | 'lost'
    | 'silence'
    | 'half a body'
    | 'a page'
    | 'another order'
    | 'a redirect'
    | 'accepted'
    | 'throttled'
    | 'busy'
    | 'unauthorized'
    | 'refused'
    | 500
    | 504
}

const fate = (name: string, does: Fate['does'], back: Fate['back']): Fate => ({ name, does, back })

export const WELL = fate('well', 'at once', 'its answer')
export const THROTTLED = fate('429', 'never', 'throttled')
export const BUSY = fate('503', 'never', 'busy')

type Weighed = readonly (readonly [weight: number, fate: Fate])[]

export const CANCEL_FATES: Weighed = [
  [3, fate('unreachable', 'never', 'unreachable')],
  [3, fate('lost on the way', 'never', 'lost')],
  [4, fate('reply lost', 'at once', 'lost')],
  [4, fate('lands late, reply lost', 'late', 'lost')],
  [2, fate('silence', 'never', 'silence')],
  [2, fate('done in silence', 'at once', 'silence')],
  [2, fate('lands late in silence', 'late', 'silence')],
  [2, fate('half a body', 'at once', 'half a body')],
  [2, THROTTLED],
  [2, BUSY],
  [2, fate('500', 'never', 500)],
  [2, fate('500, done', 'at once', 500)],
  [2, fate('504, lands late', 'late', 504)],
  [1, fate('a page', 'never', 'a page')],
  [1, fate('a page, done', 'at once', 'a page')],
  [1, fate('a redirect', 'never', 'a redirect')],
  [2, fate('400', 'never', 'refused')],
  [2, fate('another order’s reply', 'never', 'another order')],
  [1, fate('another order’s reply, done', 'at once', 'another order')],
  [1, fate('202, lands late', 'late', 'accepted')],
  [0.4, fate('401', 'never', 'unauthorized')],
]

export const READ_FATES: Weighed = [
  [3, fate('unreachable', 'never', 'unreachable')],
  [4, fate('reply lost', 'at once', 'lost')],
  [3, fate('silence', 'never', 'silence')],
  [2, fate('half a body', 'at once', 'half a body')],
  [2, THROTTLED],
  [2, BUSY],
  [2, fate('500', 'never', 500)],
  [1, fate('a page', 'never', 'a page')],
  [1, fate('a redirect', 'never', 'a redirect')],
  [4, fate('another order’s reply', 'never', 'another order')],
  [0.2, fate('401', 'never', 'unauthorized')],
]

export const WRITE_FATES: Weighed = [
  [2, fate('unreachable', 'never', 'unreachable')],
  [2, fate('lost on the way', 'never', 'lost')],
  [2, fate('reply lost', 'at once', 'lost')],
  [1, fate('silence', 'never', 'silence')],
  [1, fate('500, done', 'at once', 500)],
  [1, fate('400', 'never', 'refused')],
]

/** Of a platform that does not come back. */
export const LOST_FATES: Weighed = [
  [2, fate('lost on the way, for good', 'never', 'lost')],
  [2, fate('silence, for good', 'never', 'silence')],
  [1, fate('reply lost, for good', 'at once', 'lost')],
]
