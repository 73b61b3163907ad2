/** Deliveries in memory: for tests and trials. */
import {
  afterOwing,
  afterReplay,
  afterTrying,
  type Delivery,
  type Health,
  type Owed,
} from '../../model/delivery.ts'
import type { DeliveryLedger } from '../port.ts'
import { inOrderToTell, type Owe } from '../rules.ts'

export interface MemoryDeliveries {
  readonly ledger: DeliveryLedger
  readonly owe: Owe
  /** Deletes the rows of a subject. */
  readonly forgetSubject: (subject: string) => void
}

interface State {
  /** By subject and webhook. */
  readonly rows: Map<string, Map<string, Delivery>>
  readonly health: Map<string, Health>
}

const find = ({ rows }: State, { subject, webhook }: Owed): Delivery | null =>
  rows.get(subject)?.get(webhook) ?? null

/** Writes a row, where there is anything to write; whether there was. */
const put = ({ rows }: State, row: Delivery | null): boolean => {
  if (!row) return false
  rows.set(row.subject, (rows.get(row.subject) ?? new Map()).set(row.webhook, row))
  return true
}

const rowsOf = ({ rows }: State, webhook: string): Delivery[] =>
  [...rows.values()].flatMap((some) => some.get(webhook) ?? [])

const owedTo = (state: State, webhook: string): Delivery[] =>
  rowsOf(state, webhook).filter((row) => row.state === 'owed')

const replay = (state: State, webhook: string, since: number, until: number): number => {
  const told = rowsOf(state, webhook).filter(
    ({ state: its, at }) => (its === 'delivered' || its === 'failed') && since <= at && at <= until,
  )
  for (const row of told) put(state, afterReplay(row))
  return told.length
}

const saveHealth = ({ health }: State, webhook: string, next: Health): Health | null => {
  if ((health.get(webhook)?.version ?? 0) !== next.version) return null
  const saved = { ...next, version: next.version + 1 }
  health.set(webhook, saved)
  return saved
}

export const openMemoryDeliveries = (): MemoryDeliveries => {
  const state: State = { rows: new Map(), health: new Map() }
  const { rows, health } = state
  const owe: Owe = (owed) => {
    for (const one of owed) put(state, afterOwing(find(state, one), one))
  }
  const ledger: DeliveryLedger = {
    owe: async (owed) => owe(owed),
    next: async (webhook, limit) => owedTo(state, webhook).sort(inOrderToTell).slice(0, limit),
    settle: async (sent, its, result, at) =>
      put(state, afterTrying(find(state, sent), sent, its, result, at)),
    async rewrite(all) {
      for (const row of all) {
        const current = find(state, row)
        if (current?.revision === row.revision) put(state, { ...current, body: row.body })
      }
    },
    of: async (subject) =>
      [...(rows.get(subject)?.values() ?? [])].sort((a, b) => (a.webhook < b.webhook ? -1 : 1)),
    async owedOf(webhook, most = Infinity) {
      const times = owedTo(state, webhook).map(({ at }) => at)
      return {
        pending: Math.min(most, times.length),
        oldestPendingAt: times.length === 0 ? null : Math.min(...times),
      }
    },
    replay: async (webhook, since, until) => replay(state, webhook, since, until),
    health: async (webhook) => health.get(webhook) ?? null,
    saveHealth: async (webhook, next) => saveHealth(state, webhook, next),
    webhooks: async () => [
      ...new Set([...health.keys(), ...[...rows.values()].flatMap((some) => [...some.keys()])]),
    ],
    async forget(webhook) {
      health.delete(webhook)
      for (const some of rows.values()) some.delete(webhook)
    },
  }
  return { ledger, owe, forgetSubject: (subject) => void rows.delete(subject) }
}
