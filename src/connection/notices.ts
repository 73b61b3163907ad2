/**
 * What a webhook that a store was sent comes to: whether it is the platform's own, and which orders
 * are due for a look. Pure but for its hashes; of what came only topic and ids get out.
 */
import { spellingOf } from '../adapter/contract.ts'
import type { AnyAdapter } from '../adapter/platform.ts'
import { inBody, type Notices } from '../adapter/notices.ts'
import type { WebhookSettings } from '../adapter/settings.ts'
import { isOrderId } from '../model/request.ts'
import { isSame, type Proof, prove, read, type Received } from './signature.ts'

export type { Received } from './signature.ts'

const LONGEST = 1_048_576
const MOST_ORDERS = 100

export type Verdict =
  /** Its orders are due; `topic` is a word of the adapter's, null where there is none. */
  | {
      readonly kind: 'accepted'
      readonly topic: string | null
      readonly namesCancellation: boolean
      /** In their one spelling, 1 to 100, each once. */
      readonly orderIds: readonly string[]
    }
  /** The platform's own, and nothing to do: answered 200. */
  | {
      readonly kind: 'ignored'
      readonly because: 'another topic' | 'no order' | 'too many orders'
    }
  | { readonly kind: 'ping' }
  /** Answered 401; why is for the operator's count, and for nobody outside. */
  | {
      readonly kind: 'refused'
      readonly because: 'empty' | 'too long' | 'unproved' | 'stale' | 'another shop' | 'no topic'
    }
  /** This store takes none in this way: answered 404. */
  | { readonly kind: 'absent' }

type Reason<K> = Extract<Verdict, { readonly kind: K; readonly because: string }>['because']
const refused = (because: Reason<'refused'>): Verdict => ({ kind: 'refused', because })
const ignored = (because: Reason<'ignored'>): Verdict => ({ kind: 'ignored', because })

const faultOf = ({ body }: Received): Verdict | null =>
  body.length === 0 ? refused('empty') : body.length > LONGEST ? refused('too long') : null

/** What the ids say, each as a request may have it and in its one spelling. */
const toVerdict = (
  adapter: AnyAdapter,
  topic: string | null,
  namesCancellation: boolean,
  named: unknown,
): Verdict => {
  const list = Array.isArray(named) ? named : [named]
  if (list.length > MOST_ORDERS) return ignored('too many orders')
  const orderIds = list.flatMap((one): string[] => {
    const id = typeof one === 'number' ? String(one) : one
    if (typeof id !== 'string' || !isOrderId(id)) return []
    const spelled = spellingOf(adapter, id)
    return spelled === null ? [] : [spelled]
  })
  return orderIds.length === 0
    ? ignored('no order')
    : { kind: 'accepted', topic, namesCancellation, orderIds: [...new Set(orderIds)] }
}

/** The platform's meaning of a topic, which its own words have and no others. */
const meaningOf = ({ topics }: Notices<unknown>, topic: unknown) =>
  typeof topic === 'string' && Object.hasOwn(topics, topic)
    ? { topic, namesCancellation: topics[topic] === 'cancellation' }
    : null

const proveWithEither = async (
  { signature }: Notices<unknown>,
  { webhookSecret, previousWebhookSecret }: WebhookSettings,
  received: Received,
  nowMs: number,
): Promise<Proof> => {
  let proof: Proof = { kind: 'unproved' }
  for (const secret of [webhookSecret, previousWebhookSecret]) {
    if (secret === undefined || proof.kind !== 'unproved') continue
    proof = await prove(signature, received, secret, nowMs)
  }
  return proof
}

/** Reads a webhook that the platform signed. `settings` are those of the store's adapter. */
export const readNotice = async (
  adapter: AnyAdapter,
  settings: WebhookSettings,
  received: Received,
  nowMs: number,
): Promise<Verdict> => {
  const { notices } = adapter
  if (!notices || settings.webhookSecret === undefined) return { kind: 'absent' }
  const fault = faultOf(received)
  if (fault) return fault
  const { headers } = received
  const proof = await proveWithEither(notices, settings, received, nowMs)
  if (proof.kind === 'stale') return refused('stale')
  if (proof.kind === 'unproved')
    return notices.ping?.(read(received.body), headers) ? { kind: 'ping' } : refused('unproved')
  const { body } = proof
  if (notices.shop && !notices.shop(settings, body, headers)) return refused('another shop')
  const topic = notices.topic(body, headers)
  if (topic === undefined || topic === null) return refused('no topic')
  const meaning = meaningOf(notices, topic)
  if (!meaning) return ignored('another topic')
  const named = notices.orderIds(body, headers)
  return toVerdict(adapter, meaning.topic, meaning.namesCancellation, named)
}

/** Where plugins and automation rules put the id of an order. */
const plainIds = inBody('/data/orderId', '/data/id', '/orderId', '/order_id', '/id', '/_id')

/**
 * Reads a webhook that nobody signed: who knows the store's token may say that an order is to be
 * looked at, in the platform's form or a plain one. The shop is the token's.
 */
export const readTokenNotice = async (
  adapter: AnyAdapter,
  settings: WebhookSettings,
  token: string,
  received: Received,
): Promise<Verdict> => {
  if (settings.webhookToken === undefined) return { kind: 'absent' }
  if (!(await isSame(settings.webhookToken, token))) return refused('unproved')
  const fault = faultOf(received)
  if (fault) return fault
  const { notices } = adapter
  const { headers } = received
  const body = read(received.body)
  if (notices?.ping?.(body, headers)) return { kind: 'ping' }
  const meaning = notices ? meaningOf(notices, notices.topic(body, headers)) : null
  const named = notices?.orderIds(body, headers) ?? plainIds(body, headers)
  return toVerdict(adapter, meaning?.topic ?? null, meaning?.namesCancellation ?? false, named)
}
