/**
 * The client, `rescind/client`: the gateway's API as functions, for Node, Workers and browsers;
 * needs nothing but `fetch`.
 */
import { type ClientOptions, createAsk, search, segment, visible } from './ask.ts'
import { createAudit } from './audit.ts'
import { createBatches, eachOf, type Page } from './batches.ts'
import { createChanges } from './changes.ts'
import { createCancel, createGet, toRecord } from './cancel.ts'
import { createErase } from './erase.ts'
import { createLinks } from './links.ts'
import { createSweep } from './sweep.ts'
import type {
  ApproveRequest,
  Cancellation,
  CancelRequest,
  DeclineRequest,
  Order,
  Platform,
  Preview,
  ResolveRequest,
  Store,
} from './types.ts'
import { createWebhooks } from './webhooks.ts'

export type { ClientOptions } from './ask.ts'
export type { AuditFilters } from './audit.ts'
export type { CreateBatchOptions, ItemFilters, Page, TakenBatch } from './batches.ts'
export type { Change, ChangesOptions } from './changes.ts'
export type { CancelOptions, GetOptions } from './cancel.ts'
export { NoAnswer, NotKnownYet, NotVerified, RescindError } from './errors.ts'
export type { LinkFilters } from './links.ts'
export type * from './types.ts'
export {
  type CancellationEvent,
  type OtherEvent,
  type ReceivedHeaders,
  verify,
  type VerifyOptions,
  type WebhookEvent,
} from './verify.ts'
export type { ReplayOptions } from './webhooks.ts'

export interface ListFilters {
  readonly store?: string | undefined
  readonly orderId?: string | undefined
  readonly status?: Cancellation['status'] | undefined
  readonly reference?: string | undefined
  readonly batchId?: string | undefined
  readonly createdAfter?: Date | string | undefined
  readonly createdBefore?: Date | string | undefined
  readonly updatedAfter?: Date | string | undefined
  readonly origin?: Cancellation['origin'] | undefined
  /** Only what waits for somebody's approval. */
  readonly approval?: 'awaited' | undefined
  /** The name of a link. */
  readonly link?: string | undefined
  readonly order?: 'asc' | 'desc' | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export type Client = ReturnType<typeof createClient>

/** A client of one gateway. It keeps no state and writes no log. */
export const createClient = (options: ClientOptions) => {
  const ask = createAsk(options)
  const read = (path: string) => ask({ method: 'GET', path })
  const all = async <T>(path: string) => ((await read(path)) as Page<T>).data
  const list = async (filters: ListFilters = {}) =>
    (await read(`/v1/cancellations${search(filters)}`)) as Page<Cancellation>
  const storePath = (id: string) => `/v1/stores/${segment('store', id)}`
  const act = async (id: string, name: string, body?: string) =>
    toRecord(
      await ask({
        method: 'POST',
        path: `/v1/cancellations/${segment('id', id)}/${name}`,
        body,
        once: true,
      }),
    )

  return {
    /**
     * Cancels an order. Resolves when it is canceled, and only then: a refusal throws
     * `RescindError`, an outcome that is not known in time `NotKnownYet`. Lost answers, 429 and 5xx
     * are tried again under one idempotency key. Takes at most `waitMs` and `timeoutMs` together.
     */
    cancel: createCancel(ask),
    /** What would become of it; touches nothing. */
    preview: async (
      request: CancelRequest,
      { customerToken }: { readonly customerToken?: string | undefined } = {},
    ) =>
      (await ask({
        method: 'POST',
        path: '/v1/cancellations/preview',
        body: JSON.stringify(request),
        ...(customerToken !== undefined && {
          headers: { 'rescind-customer-token': visible('customerToken', customerToken) },
        }),
      })) as Preview,
    /** One record, whatever its status. */
    get: createGet(ask),
    list,
    /** Every record that the filters let through, page after page. */
    each: (filters: ListFilters = {}) =>
      eachOf((cursor) => list({ ...filters, cursor }), filters.cursor),
    changes: createChanges(ask),
    /** Takes back what was not sent. Not tried again by itself: a second one would be refused. */
    withdraw: (id: string) => act(id, 'withdraw'),
    /** A person closes what needs attention. Not tried again by itself either. */
    resolve: (id: string, resolution: ResolveRequest) =>
      act(id, 'resolve', JSON.stringify(resolution)),
    /** Lets what another key asked be sent. Not tried again by itself either. */
    approve: (id: string, approval: ApproveRequest = {}) =>
      act(id, 'approve', JSON.stringify(approval)),
    /** Ends what another key asked; nothing is sent. Not tried again by itself either. */
    decline: (id: string, refusal: DeclineRequest) => act(id, 'decline', JSON.stringify(refusal)),
    stores: () => all<Store>('/v1/stores'),
    store: async (id: string) => (await read(storePath(id))) as Store,
    platforms: () => all<Platform>('/v1/platforms'),
    /** The order as it is now. */
    order: async (store: string, orderId: string) =>
      (await read(`${storePath(store)}/orders/${segment('orderId', orderId)}`)) as Order,
    /** Orders by the number people see. */
    findOrders: (store: string, number: string) =>
      all<Order>(`${storePath(store)}/orders${search({ number })}`),
    batches: createBatches(ask),
    links: createLinks(ask),
    /** Has a store asked again what changed there since a time. */
    sweep: createSweep(ask),
    webhooks: createWebhooks(ask),
    /** For keys with the scope `operate` that reach every store. */
    audit: createAudit(ask),
    /** Takes what is personal out of all that is kept of these orders. */
    erase: createErase(ask),
  }
}
