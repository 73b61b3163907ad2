/**
 * The rules that every answer must keep, in a model that knows no clock, no platform and no ledger.
 */
import { type Answer, isAtRest } from './lab.ts'

export interface Body {
  readonly orderId: string
  readonly restock?: boolean
}
interface Bound {
  readonly body: Body
  readonly id: string
}

export interface Model {
  readonly name: string
  readonly orders: readonly string[]
  /** Every record as it was last seen. */
  readonly records: Map<string, Answer>
  readonly keys: Map<string, Bound>
  /**
   * Ids that a person had tried again; resolved in any way, or told how it stands; that their key
   * may have started over.
   */
  readonly retried: Set<string>
  readonly resolved: Set<string>
  readonly answered: Set<string>
  readonly restarted: Set<string>
}

export const newModel = (name: string, orders: readonly string[]): Model => ({
  name,
  orders,
  records: new Map(),
  keys: new Map(),
  retried: new Set(),
  resolved: new Set(),
  answered: new Set(),
  restarted: new Set(),
})

export const sameBody = (one: Body, two: Body): boolean =>
  one.orderId === two.orderId && (one.restock ?? null) === (two.restock ?? null)

export interface Outcome {
  readonly outcome: string
  readonly id: string | null
}

/** What an answer says became of the request; throws where its status contradicts its body. */
export const outcomeOf = async (response: Response): Promise<Outcome> => {
  const body = (await response.json()) as { status: string | number; code?: string }
  const id = response.headers.get('location')?.split('/').at(-1) ?? null
  if (response.status === 200 || response.status === 201) {
    if (body.status !== 'succeeded') throw new Error(`${response.status} with ${body.status}`)
  } else if (response.status === 202) {
    if (!['accepted', 'sending', 'in_doubt'].includes(String(body.status)))
      throw new Error(`202 with ${body.status}`)
  } else if (response.status >= 500) {
    throw new Error(`${response.status} ${body.code}`)
  }
  if (id === null) return { outcome: body.code ?? 'none', id }
  if (response.headers.has('rescind-deduplicated')) return { outcome: 'deduplicated', id }
  return { outcome: response.headers.has('idempotent-replayed') ? 'replayed' : 'created', id }
}

/**
 * What must become of a request, where these are the records of its order, the oldest first. An id
 * of null: any.
 */
export const expected = (
  records: readonly Answer[],
  body: Body,
  bound: Bound | undefined,
): Outcome => {
  if (bound)
    return sameBody(bound.body, body)
      ? { outcome: 'replayed', id: bound.id }
      : { outcome: 'idempotency-key-reused', id: null }
  const standing = records.filter(({ status }) => status !== 'rejected')
  const same = standing.find(({ restock }) => restock === (body.restock ?? null))
  if (same) return { outcome: 'deduplicated', id: same.id }
  return {
    outcome: standing.some(({ final }) => !final) ? 'cancellation-conflict' : 'created',
    id: null,
  }
}

/** Remembers a record; throws where it went a way that no record may go. */
export const observe = (model: Model, record: Answer): void => {
  const { id } = record
  const last = model.records.get(id)
  model.records.set(id, record)
  if (!last) return
  const fault = (why: string) => {
    throw new Error(`${record.orderId} ${id}: ${why}`)
  }
  if (
    last.createdAt !== record.createdAt ||
    last.orderId !== record.orderId ||
    last.restock !== record.restock
  )
    fault('it is another request than before')
  if (record.updatedAt < last.updatedAt)
    fault(`its time went back, from ${last.updatedAt} to ${record.updatedAt}`)
  if (record.attempts.length < last.attempts.length) fault('attempts were forgotten')
  if (!isAtRest(last)) return
  const mayMove =
    last.status === 'needs_attention'
      ? model.resolved.has(id)
      : last.status === 'rejected' && model.restarted.has(id) && last.problem?.retryable === true
  if (mayMove) return
  if (last.status !== record.status) fault(`it was ${last.status} and is ${record.status}`)
  if (JSON.stringify(last.effects) !== JSON.stringify(record.effects)) fault('its effects changed')
}
