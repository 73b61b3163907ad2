/**
 * Erasing what is personal of one order's records: every text of a buyer's or a merchant's goes,
 * what keeps the order from being canceled twice and what the books need stays.
 */
import type { Row } from './batch.ts'
import type { Cancellation } from './cancellation.ts'
import { EFFECTS, type Effects } from './effect.ts'
import type { Problem } from './problem.ts'
import type { CancelRequest } from './request.ts'

const eraseRequest = <T extends CancelRequest>(request: T): T => ({
  ...request,
  reason: null,
  message: null,
  reference: null,
})

/** Details are sentences, and may quote. */
const eraseEffects = (effects: Effects): Effects =>
  Object.fromEntries(
    EFFECTS.map((name) => {
      const { detail: _, ...effect } = effects[name]
      return [name, effect]
    }),
  ) as Effects

const eraseProblem = (problem: Problem): Problem => {
  const { errors: _, upstream, ...rest } = problem
  return {
    ...rest,
    detail: `${problem.title}.`,
    ...(upstream && { upstream: { ...upstream, message: null } }),
  }
}

/** A settled record without anything personal; the same where nothing was left. */
export const eraseRecord = (record: Cancellation, at: number): Cancellation => {
  if (record.erasedAt !== undefined) return record
  const { hindrance: _, ...rest } = record
  const { request, order, effects, problem, resolution, approval } = rest
  return {
    ...rest,
    erasedAt: at,
    request: eraseRequest(request),
    order: order && { ...order, customer: null, reason: null },
    before: null,
    memo: null,
    effects: eraseEffects(effects),
    problem: problem && eraseProblem(problem),
    resolution: resolution && { ...resolution, note: '' },
    ...(approval && { approval: { ...approval, note: null } }),
  }
}

/** A batch's row at rest likewise; null: nothing was left. */
export const eraseRow = (row: Row): Row | null => {
  const next = {
    ...row,
    request: eraseRequest(row.request),
    problem: row.problem && eraseProblem(row.problem),
  }
  return JSON.stringify(next) === JSON.stringify(row) ? null : next
}

/** What a webhook is told, without the caller's own reference; null: there was none. */
export const eraseBody = (body: string): string | null => {
  const told = JSON.parse(body) as { data?: { reference?: unknown } }
  if (typeof told.data?.reference !== 'string') return null
  return JSON.stringify({ ...told, data: { ...told.data, reference: null } })
}

/** How much of what was erased. */
export interface Erased {
  readonly records: number
  readonly rows: number
  readonly deliveries: number
  readonly links: number
  readonly keys: number
}

export const NOTHING_ERASED: Erased = { records: 0, rows: 0, deliveries: 0, links: 0, keys: 0 }

export const addErased = (a: Erased, b: Erased): Erased => ({
  records: a.records + b.records,
  rows: a.rows + b.rows,
  deliveries: a.deliveries + b.deliveries,
  links: a.links + b.links,
  keys: a.keys + b.keys,
})
