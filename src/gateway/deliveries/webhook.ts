/** A webhook: where one caller wants to be told, and of what. */
import type { Batch } from '../../model/batch.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import { type EventType, eventOf, type Owed } from '../../model/delivery.ts'
import { cancellationData, eventBody } from '../../model/event.ts'
import type { Link, LinkStatus } from '../../model/link.ts'
import type { Reach } from '../../connection/address.ts'

export interface Webhook {
  /** Its caller's name and its own: what ledgers know it by. */
  readonly id: string
  readonly caller: string
  readonly name: string
  readonly url: string
  /** The secret's bytes; two while a secret is changed. */
  readonly keys: readonly Uint8Array<ArrayBuffer>[]
  /** Null: all. */
  readonly events: ReadonlySet<EventType> | null
  /** Of which stores its caller may know; null: of all. */
  readonly stores: ReadonlySet<string> | null
  readonly reach: Reach
}

export const webhookId = (caller: string, name: string): string => JSON.stringify([caller, name])

const dataOf = (record: Cancellation, link: LinkStatus | null): object =>
  cancellationData({
    ...record,
    ...record.request,
    revision: record.revision ?? 0,
    origin: record.origin ?? 'caller',
    link: link && { name: record.link as string, status: link },
  })

const wants = ({ events }: Webhook, type: EventType): boolean => events?.has(type) ?? true
export const mayKnow = ({ stores }: Webhook, store: string): boolean => stores?.has(store) ?? true

/** What a change of a record owes to these webhooks; nothing, where it is no event. */
export const owedOf = (
  webhooks: readonly Webhook[],
  before: Cancellation | null,
  next: Cancellation,
  link: LinkStatus | null = null,
): readonly Owed[] => {
  if (webhooks.length === 0) return []
  const type = eventOf(before, next)
  if (type === null) return []
  const { id: subject, updatedAt: at, revision = 0 } = next
  const told = webhooks.filter((webhook) => mayKnow(webhook, next.request.store))
  const body = told.some((webhook) => wants(webhook, type))
    ? eventBody(type, at, dataOf(next, link))
    : null
  return told.map((webhook) => ({
    webhook: webhook.id,
    subject,
    revision,
    type,
    body: wants(webhook, type) ? body : null,
    at,
  }))
}

/** What a store that fell silent, or is heard again, owes to those who may know of it. */
export const owedOfStore = (
  webhooks: readonly Webhook[],
  { store, platform }: { readonly store: string; readonly platform: string },
  type: 'store.silent' | 'store.back',
  revision: number,
  at: number,
): readonly Owed[] =>
  webhooks
    .filter((webhook) => mayKnow(webhook, store))
    .map((webhook) => ({
      webhook: webhook.id,
      subject: `store_${store}`,
      revision,
      type,
      body: wants(webhook, type)
        ? eventBody(type, at, { id: store, revision, store, platform, url: `/v1/stores/${store}` })
        : null,
      at,
    }))

/**
 * What a link that came to be canceled, or diverged, owes to those who may know of every member;
 * `members` in its order, each with how it stands.
 */
export const owedOfLink = (
  webhooks: readonly Webhook[],
  { name, revision, status, createdAt, updatedAt: at }: Link,
  members: readonly { readonly store: string; readonly orderId: string; readonly state: string }[],
): readonly Owed[] => {
  const type = status === 'canceled' ? 'link.canceled' : 'link.diverged'
  const url = `/v1/links/${encodeURIComponent(name)}`
  const body = eventBody(type, at, { id: name, revision, status, members, url })
  return webhooks
    .filter((webhook) => members.every(({ store }) => mayKnow(webhook, store)))
    .map((webhook) => ({
      webhook: webhook.id,
      // One of the same name that is put after this one is gone begins its revisions anew.
      subject: `link_${name}_${createdAt}`,
      revision,
      type,
      body: wants(webhook, type) ? body : null,
      at,
    }))
}

/**
 * What a batch that came to its end owes to those who may see it: its caller, and who reaches every
 * store.
 */
export const owedOfBatch = (
  webhooks: readonly Webhook[],
  { id, caller, status, total, finishedAt }: Batch,
): readonly Owed[] => {
  const type = 'batch.finished'
  // It comes to its end once.
  const revision = 1
  const at = finishedAt as number
  const body = eventBody(type, at, { id, revision, status, total, url: `/v1/batches/${id}` })
  return webhooks
    .filter((webhook) => webhook.caller === caller || webhook.stores === null)
    .filter((webhook) => wants(webhook, type))
    .map((webhook) => ({ webhook: webhook.id, subject: id, revision, type, body, at }))
}

/** A body that says what a webhook asked to be shown. */
export const testBody = (webhook: Webhook, at: number): string =>
  eventBody('webhook.test', at, { id: webhook.name, url: '/v1/webhooks' })

/** What the caller's other webhooks are told of one that was switched off. */
export const disabledBy = (
  webhooks: readonly Webhook[],
  off: Webhook,
  revision: number,
  at: number,
): readonly Owed[] => {
  const type = 'webhook.disabled'
  const data = { id: off.name, revision, url: '/v1/webhooks' }
  return webhooks
    .filter((other) => other.caller === off.caller && other.id !== off.id && wants(other, type))
    .map(({ id: webhook }) => ({
      webhook,
      subject: `webhook_${off.name}`,
      revision,
      type,
      body: eventBody(type, at, data),
      at,
    }))
}
