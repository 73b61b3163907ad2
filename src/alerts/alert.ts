/** An alert: which people are told that something needs them, where, and of what. */
import type { Reach } from '../connection/address.ts'
import type { AlertEvent } from '../model/delivery.ts'

/** Where people read what they are told. */
export type Channel =
  | { readonly kind: 'mail'; readonly to: readonly string[] }
  /** An incoming webhook: who knows its URL may write there, so it is a secret. */
  | { readonly kind: 'slack' | 'teams'; readonly url: string; readonly reach: Reach }
  /** Nowhere: the console alone shows what would be told. */
  | { readonly kind: 'console' }

export interface Alert {
  /** What ledgers know it by, beside webhooks. */
  readonly id: string
  readonly name: string
  readonly channel: Channel
  /** Null: all. */
  readonly stores: readonly string[] | null
  /** Null: all. */
  readonly events: ReadonlySet<AlertEvent> | null
  /** How long nothing more is told after a message. */
  readonly quietMs: number
}

/** The server that takes mails. */
export interface Smtp {
  readonly host: string
  readonly port: number
  /** Encrypted from the first byte; else by STARTTLS. */
  readonly secure: boolean
  /** Without encryption at all, if the server has none. */
  readonly allowPlain: boolean
  readonly login: { readonly user: string; readonly password: string } | null
  readonly from: { readonly name: string; readonly address: string }
}

export const QUIET_MS = 15 * 60_000

/** No webhook's id looks so: that of a webhook is a list. */
export const alertId = (name: string): string => JSON.stringify({ alert: name })

/** What a sandbox would tell, so that a trial shows it. */
export const SANDBOX_ALERT: Alert = {
  id: alertId('people'),
  name: 'people',
  channel: { kind: 'console' },
  stores: null,
  events: null,
  quietMs: 60_000,
}
