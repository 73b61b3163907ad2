/** The front on Workers: every use case goes to the Durable Object of the platform account that it is about. */
import type { DurableObjectNamespace, DurableObjectStub } from 'cloudflare:workers'
import type { Store } from './adapter/store.ts'
import type { Batches } from './gateway/batches.ts'
import type { UseCases } from './gateway/gateway.ts'
import type { Timing } from './gateway/timing.ts'
import { LedgerUnavailable } from './ledger/ledger.ts'
import type { Cancellation } from './model/cancellation.ts'
import { type Problem, ProblemError, refuse } from './model/problem.ts'

/** What an account's object does for the front. */
export type Remote = Omit<UseCases, 'stores' | 'timing'> & { ready(): Promise<void> }

/** What the object of all batches does beside. */
export type RemoteBatches = { readonly [Name in keyof Batches as `batches.${Name}`]: Batches[Name] }
type All = Remote & RemoteBatches

/** The object that keeps batches: an account by a name that no host has. */
const BATCHES = 'all batches'

/** What crosses from an object to the front: errors lose their kind on the way, so they go as values. */
export type Reply =
  | { readonly value: unknown }
  | { readonly problem: Problem, readonly headers: Readonly<Record<string, string>> }
  | { readonly failed: 'inside' }
  | { readonly failed: 'ledger', readonly written: false | null }

export interface AccountStub extends DurableObjectStub { call(name: keyof All, ...values: unknown[]): Promise<Reply> }

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const MARK_LENGTH = 6

/** What the ids of an account's cancellations end in, so that an id leads to its object (FNV-1a; two accounts may share one). */
export const markOf = (account: string): string => {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(account)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return Array.from({ length: MARK_LENGTH }, (_, index) => CROCKFORD[(hash >>> (2 + 5 * index)) & 31]).join('')
}

/** An object that went away in the middle (a restart, a deployment) did these or did not: asked again they do no harm, and nothing is lost. */
const HARMLESS: ReadonlySet<keyof All> = new Set(['get', 'list', 'wait', 'preview', 'readOrder', 'findOrders', 'ready', 'batches.get', 'batches.list', 'batches.items'])

export const openFront = (stores: ReadonlyMap<string, Store>, timing: Timing, namespace: DurableObjectNamespace<AccountStub>): UseCases & Pick<Remote, 'ready'> & { readonly batches: Batches } => {
  const accounts = [...new Set([...stores.values()].map(({ account }) => account))]

  const ask = async <Name extends keyof All>(account: string, name: Name, ...values: unknown[]): Promise<Awaited<ReturnType<All[Name]>>> => {
    let reply: Reply
    try {
      reply = await namespace.get(namespace.idFromName(account)).call(name, ...values)
    } catch (cause) {
      throw new LedgerUnavailable('the account’s object does not answer', { cause, written: HARMLESS.has(name) ? false : null })
    }
    if ('problem' in reply) throw new ProblemError(reply.problem, reply.headers)
    if ('value' in reply) return reply.value as Awaited<ReturnType<All[Name]>>
    throw reply.failed === 'ledger' ? new LedgerUnavailable('the account’s ledger does not take writes', reply) : new Error('the account’s object failed; its log says where')
  }
  const of = (store: string): string => stores.get(store)?.account ?? refuse('store-not-found', 'No store with this id is configured.')

  /** The id says which account; where two share a mark, the one that knows the record. */
  const locate = async (id: string): Promise<{ account: string, record: Cancellation }> => {
    for (const account of accounts.filter((account) => id.endsWith(markOf(account)))) {
      try {
        return { account, record: await ask(account, 'get', id) }
      } catch (error) {
        if (!(error instanceof ProblemError && error.problem.code === 'cancellation-not-found')) throw error
      }
    }
    return refuse('cancellation-not-found', 'No cancellation has this id.')
  }

  return {
    stores,
    timing,
    cancel: (request, ...rest) => ask(of(request.store), 'cancel', request, ...rest),
    get: async (id) => (await locate(id)).record,
    wait: async (id, ms) => ask((await locate(id)).account, 'wait', id, ms),
    withdraw: async (id) => ask((await locate(id)).account, 'withdraw', id),
    resolve: async (id, ...rest) => ask((await locate(id)).account, 'resolve', id, ...rest),
    preview: (request, byCustomer) => ask(of(request.store), 'preview', request, byCustomer),
    readOrder: (store, orderId) => ask(of(store), 'readOrder', store, orderId),
    findOrders: (store, number) => ask(of(store), 'findOrders', store, number),
    /** Each account gives its next page; merged in order, their best are the next page of all. */
    async list(query) {
      const meant = query.stores === null ? accounts : [...new Set(query.stores.flatMap((id) => stores.get(id)?.account ?? []))]
      const pages = await Promise.all(meant.map((account) => ask(account, 'list', query)))
      const at = (record: Cancellation) => (query.updatedAfter === undefined ? record.createdAt : record.updatedAt)
      const sign = query.order === 'asc' ? 1 : -1
      return pages.flat().sort((a, b) => sign * (at(a) - at(b) || (a.id < b.id ? -1 : 1))).slice(0, query.limit)
    },
    batches: {
      create: (...values) => ask(BATCHES, 'batches.create', ...values),
      get: (id) => ask(BATCHES, 'batches.get', id),
      list: (query) => ask(BATCHES, 'batches.list', query),
      items: (...values) => ask(BATCHES, 'batches.items', ...values),
      pause: (id) => ask(BATCHES, 'batches.pause', id),
      resume: (id) => ask(BATCHES, 'batches.resume', id),
      stop: (id) => ask(BATCHES, 'batches.stop', id),
    },
    async ready() {
      await Promise.all(accounts.map((account) => ask(account, 'ready')))
    },
  }
}
