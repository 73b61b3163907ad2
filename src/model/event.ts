/**
 * What an event says, to the byte: the same whether the gateway sends it, or a command that plays
 * the gateway for a developer.
 */
import type { Origin, Status } from './cancellation.ts'
import type { EventType, Owed } from './delivery.ts'
import type { EffectName, Effects } from './effect.ts'
import type { LinkStatus } from './link.ts'
import type { Problem } from './problem.ts'

/** What is told of a cancellation, as the API names it. */
export interface ToldCancellation {
  readonly id: string
  readonly revision: number
  readonly status: Status
  readonly origin: Origin
  readonly store: string
  readonly platform: string
  readonly orderId: string
  readonly reference: string | null
  readonly link: { readonly name: string; readonly status: LinkStatus } | null
  readonly batchId: string | null
  readonly alreadyCanceled: boolean
  readonly effects: { readonly [name in EffectName]: Pick<Effects[name], 'outcome'> }
  readonly problem: Pick<Problem, 'code' | 'cause' | 'acted'> | null
}

/** What is told of every effect: its outcome, in one word. */
const outcomes = (effects: ToldCancellation['effects']): Record<EffectName, string> =>
  Object.fromEntries(
    Object.entries(effects).map(([name, { outcome }]) => [name, outcome]),
  ) as Record<EffectName, string>

/** No text in it is a buyer's or a merchant's, and no amount: who needs more reads the record. */
export const cancellationData = ({
  id,
  revision,
  status,
  origin,
  store,
  platform,
  orderId,
  reference,
  link,
  batchId,
  alreadyCanceled,
  effects,
  problem,
}: ToldCancellation): object => ({
  id,
  revision,
  status,
  origin,
  store,
  platform,
  orderId,
  reference,
  link: link && { name: link.name, status: link.status },
  batchId,
  alreadyCanceled,
  effects: outcomes(effects),
  problem: problem && { code: problem.code, cause: problem.cause ?? null, acted: problem.acted },
  url: `/v1/cancellations/${id}`,
})

export const eventBody = (type: EventType, at: number, data: object): string =>
  JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })

/**
 * The `webhook-id` of what is owed, the same on every try. What a subject's own name may hold
 * beside letters is encoded: a header takes ASCII only, and a dot would end the id within what is
 * signed.
 */
export const deliveryId = ({ subject, revision }: Pick<Owed, 'subject' | 'revision'>): string =>
  `evt_${encodeURIComponent(subject.toWellFormed()).replaceAll('.', '%2E')}_${revision}`
