/** What the front and an account's object say to each other, across Durable Objects. */
import type { DurableObjectStub } from 'cloudflare:workers'
import type { Batches } from '../../gateway/batches/service.ts'
import type { Webhooks } from '../../gateway/deliveries/service.ts'
import type { CancellationService } from '../../gateway/service.ts'
import type { Links } from '../../gateway/links/service.ts'
import type { AuditLedger } from '../../ledger/audit.ts'
import type { Claim, Key, Ledger, LinkLedger, NoticeLedger } from '../../ledger/port.ts'
import type { Asker, Noted } from '../../model/audit.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import type { Problem } from '../../model/problem.ts'

/** What an account's object does for the front. */
export type Remote = Omit<
  CancellationService,
  'stores' | 'timing' | 'links' | 'audit' | 'countsByDay'
> & {
  countsByDay: NonNullable<CancellationService['countsByDay']>
  figures: Ledger['figures']
  ready(): Promise<void>
}

/** What the object of all batches does beside. */
export type RemoteBatches = { readonly [Name in keyof Batches as `batches.${Name}`]: Batches[Name] }

/** What a store's platform told of is written down in its ledger. */
export interface RemoteNotices {
  'notices.hear': NoticeLedger['hear']
}

/** What an object does about the webhooks of which it keeps deliveries. */
export type RemoteWebhooks = {
  readonly [Name in keyof Webhooks as `webhooks.${Name}`]: Webhooks[Name]
}

/** What the object of all links does for the others: it keeps them, and drives their runs. */
export type RemoteLinks = {
  readonly [Name in keyof Links as `links.${Name}`]: Links[Name]
} & {
  readonly [Name in keyof LinkLedger as `linkLedger.${Name}`]: LinkLedger[Name]
} & {
  'links.drive'(name: string): Promise<void>
  'links.withdraw'(id: string, name: string, asker?: Asker): Promise<Cancellation>
}

/** Records are written where their stores' ledgers are, with what that owes. */
export interface RemoteRecords {
  'records.claim'(draft: Cancellation, key: Key | null): Promise<Claim>
  'records.save'(
    before: Cancellation,
    next: Cancellation,
    noted?: Noted,
  ): Promise<Cancellation | null>
}

/** Each object has a chain of its own. */
export type RemoteAudit = {
  readonly [Name in keyof AuditLedger as `audit.${Name}`]: AuditLedger[Name]
}

/** One turn of an object's clock, of which nothing need be due: it may be time to sweep. */
export interface RemoteClock {
  'clock.tick'(): Promise<void>
}

/** All that an object can be asked for. */
export type All = Remote &
  RemoteBatches &
  RemoteNotices &
  RemoteWebhooks &
  RemoteLinks &
  RemoteRecords &
  RemoteAudit &
  RemoteClock

/**
 * What crosses from an object to the front: errors lose their kind on the way, so they go as
 * values.
 */
export type Reply =
  | { readonly value: unknown }
  | { readonly problem: Problem; readonly headers: Readonly<Record<string, string>> }
  | { readonly failed: 'inside' }
  | { readonly failed: 'ledger'; readonly written: false | null }

/**
 * The object that keeps a store's ledger, and the one that works on its account, as the
 * configuration has it now. They differ where a store came to an account that another object works
 * on already: two ledgers lock nothing together.
 */
export interface Place {
  readonly ledger: string
  readonly account: string
}
export interface Places {
  readonly of: ReadonlyMap<string, Place>
  /** Every object that ever kept a ledger, those of stores that were taken out too. */
  readonly objects: readonly string[]
}

export interface AccountStub extends DurableObjectStub {
  call(name: keyof All, ...values: unknown[]): Promise<Reply>
  /** What the directory's object alone is asked for. */
  assign(stores: readonly (readonly [id: string, account: string])[]): Promise<Places>
}
