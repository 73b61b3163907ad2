/**
 * The front on Workers: every use case goes to the Durable Object that keeps the ledger of the
 * store that it is about.
 */
import type { DurableObjectNamespace } from 'cloudflare:workers'
import type { Store } from '../../connection/store.ts'
import type { AccountStub, All, Places, Remote, Reply } from './account.ts'
import { auditOver } from './audit.ts'
import type { Directory } from './directory.ts'
import { type Ask, frontLinks, LINKS, remoteLinks } from './links.ts'
import { BATCHES, first, webhooksOf } from './webhooks.ts'
import { type Act, actsOf } from '../../gateway/audit/acts.ts'
import type { Batches } from '../../gateway/batches/service.ts'
import type { Webhooks } from '../../gateway/deliveries/service.ts'
import type { CancellationService } from '../../gateway/service.ts'
import { createHooks, type Hooks } from '../../gateway/notices/hear.ts'
import { recordsAtEnd, spelled } from '../../gateway/erasure.ts'
import { canonical } from '../../gateway/workflow/identity.ts'
import type { Timing } from '../../gateway/workflow/timing.ts'
import {
  type Figures,
  LedgerUnavailable,
  type LinkLedger,
  type NoticeLedger,
} from '../../ledger/port.ts'
import { stands } from '../../ledger/rules.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import type { Erased } from '../../model/erasure.ts'
import type { Heard } from '../../model/notice.ts'
import { ProblemError, refuse } from '../../model/problem.ts'
import { type CancelRequest, sameWishes } from '../../model/request.ts'

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const MARK_LENGTH = 6

/**
 * What the ids of an object's cancellations end in, so that an id leads to it (FNV-1a; two objects
 * may share one).
 */
export const markOf = (object: string): string => {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(object))
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return Array.from(
    { length: MARK_LENGTH },
    (_, index) => CROCKFORD[(hash >>> (2 + 5 * index)) & 31],
  ).join('')
}

/**
 * An object that went away in the middle (a restart, a deployment) did these or did not: asked
 * again they do no harm, and nothing is lost.
 */
const HARMLESS: ReadonlySet<keyof All> = new Set([
  'get',
  'list',
  'countsByDay',
  'figures',
  'wait',
  'preview',
  'readOrder',
  'findOrders',
  'healthOf',
  'noticesOf',
  'sweepSince',
  'erase',
  'eraseRows',
  'notices.hear',
  'links.get',
  'links.of',
  'links.list',
  'links.drive',
  'linkLedger.get',
  'linkLedger.of',
  'linkLedger.list',
  'linkLedger.due',
  'linkLedger.count',
  'clock.tick',
  'audit.read',
  'audit.head',
  'webhooks.list',
  'webhooks.of',
  'webhooks.enable',
  'ready',
  'batches.get',
  'batches.list',
  'batches.items',
])

export interface FrontOptions {
  readonly stores: ReadonlyMap<string, Store>
  readonly timing: Timing
  readonly namespace: DurableObjectNamespace<AccountStub>
  readonly directory: Directory
  /** Whether a caller has webhooks at all; most have none, and then nobody is asked. */
  readonly hasWebhooks: (caller: string) => boolean
  /** How what platforms sent was taken: a word of ours. */
  readonly onNotice?: (store: Store, outcome: string) => void
  /** Told of a store for which nothing can be canceled until a person gives it another id. */
  readonly onSplit: (store: string) => void
}

/** How many records of one order are looked through. */
const EARLIER = 100
const SPLIT =
  'This store has come to an account of which another ledger keeps the cancellations, and two ' +
  'ledgers do not lock each other. Once nothing of it is open any more, give it a new id.'

export const askingIn =
  (namespace: FrontOptions['namespace']): Ask =>
  async <Name extends keyof All>(
    object: string,
    name: Name,
    ...values: unknown[]
  ): Promise<Awaited<ReturnType<All[Name]>>> => {
    let reply: Reply
    try {
      reply = await namespace.get(namespace.idFromName(object)).call(name, ...values)
    } catch (cause) {
      throw new LedgerUnavailable('the account’s object does not answer', {
        cause,
        written: HARMLESS.has(name) ? false : null,
      })
    }
    if ('problem' in reply) throw new ProblemError(reply.problem, reply.headers)
    if ('value' in reply) return reply.value as Awaited<ReturnType<All[Name]>>
    throw reply.failed === 'ledger'
      ? new LedgerUnavailable('the account’s ledger does not take writes', reply)
      : new Error('the account’s object failed; its log says where')
  }

/** The id says which object; where two share a mark, the one that knows the record. */
export const locate = async (
  ask: Ask,
  directory: Directory,
  id: string,
): Promise<{ object: string; record: Cancellation }> => {
  for (const object of (await directory()).objects.filter((object) =>
    id.endsWith(markOf(object)),
  )) {
    try {
      return { object, record: await ask(object, 'get', id) }
    } catch (error) {
      if (!(error instanceof ProblemError && error.problem.code === 'cancellation-not-found'))
        throw error
    }
  }
  return refuse('cancellation-not-found', 'No cancellation has this id.')
}

/**
 * Where a store's ledger and its account are in two objects: an earlier cancellation still speaks
 * for its order, and nothing new is taken.
 */
const cancelSplit = async (
  ask: Ask,
  ledger: string,
  request: CancelRequest,
  onSplit: FrontOptions['onSplit'],
): ReturnType<CancellationService['cancel']> => {
  const before = await ask(ledger, 'list', {
    stores: [request.store],
    orderId: request.orderId,
    order: 'desc',
    limit: EARLIER,
  })
  const earlier = before.find(
    (record) => stands(record) && record.request.target === request.target,
  )
  if (earlier && sameWishes(earlier.request, request))
    return { record: earlier, how: 'deduplicated' }
  onSplit(request.store)
  return refuse(
    'needs-attention',
    SPLIT,
    earlier ? { cancellation: `/v1/cancellations/${earlier.id}`, acted: 'unknown' } : {},
  )
}

/** The objects that keep the ledgers of these stores; null: of all that there ever were. */
const keeping = ({ of, objects }: Places, stores: readonly string[] | null): readonly string[] =>
  stores === null ? objects : [...new Set(stores.flatMap((id) => of.get(id)?.ledger ?? []))]

/** What was asked, as the front notes it where no object writes anything down of it. */
const actOf = ({ store, orderId }: CancelRequest): Act => ({
  action: 'cancellation.asked',
  store,
  subject: { order: orderId },
})

/** Each object gives its next page; merged in order, their best are the next page of all. */
const listAll = async (
  ask: Ask,
  places: Places,
  query: Parameters<CancellationService['list']>[0],
): Promise<Cancellation[]> => {
  const meant = keeping(places, query.stores)
  const pages = await Promise.all(meant.map((object) => ask(object, 'list', query)))
  const at = (record: Cancellation) =>
    query.updatedAfter === undefined ? record.createdAt : record.updatedAt
  const sign = query.order === 'asc' ? 1 : -1
  return pages
    .flat()
    .sort((a, b) => sign * (at(a) - at(b) || (a.id < b.id ? -1 : 1)))
    .slice(0, query.limit)
}

const batchesOf = (ask: Ask): Batches => ({
  create: (...values) => ask(BATCHES, 'batches.create', ...values),
  get: (id) => ask(BATCHES, 'batches.get', id),
  list: (query) => ask(BATCHES, 'batches.list', query),
  items: (...values) => ask(BATCHES, 'batches.items', ...values),
  pause: (id) => ask(BATCHES, 'batches.pause', id),
  resume: (id) => ask(BATCHES, 'batches.resume', id),
  stop: (id) => ask(BATCHES, 'batches.stop', id),
})

/** Proves what platforms send here, and has it written down where the store's ledger is. */
const hooksOf = (
  stores: FrontOptions['stores'],
  onNotice: NonNullable<FrontOptions['onNotice']>,
  hear: NoticeLedger['hear'],
): Hooks =>
  createHooks({
    ledger: { hear },
    stores,
    now: Date.now,
    onIgnored: onNotice,
    onRefused: (store) => onNotice(store, 'refused'),
    onEcho: (store) => onNotice(store, 'echo'),
    onDue: () => {},
  })

/** Rows of batches are in another object than the records of the store. */
const eraseOver = async (
  ask: Ask,
  ledger: string,
  store: Store,
  orderIds: readonly string[],
): Promise<Erased> => {
  const all = spelled(store, orderIds)
  await recordsAtEnd((query) => ask(ledger, 'list', query), store.id, all)
  const rows = await ask(BATCHES, 'eraseRows', store.id, all)
  return { ...(await ask(ledger, 'erase', store.id, orderIds)), rows }
}

/** Wakes the objects whose stores are swept. */
const wakeSwept = async (
  ask: Ask,
  directory: Directory,
  stores: FrontOptions['stores'],
): Promise<void> => {
  const { of } = await directory()
  const sweeping = [...stores.values()].filter(({ sweepMs }) => sweepMs !== null)
  const accounts = new Set(sweeping.flatMap(({ id }) => of.get(id)?.account ?? []))
  await Promise.all([...accounts].map((object) => ask(object, 'clock.tick')))
}

/** The service over all objects, and what else the Worker asks of them. */
export interface Front extends CancellationService, Pick<Remote, 'ready' | 'figures'> {
  readonly batches: Batches
  readonly hooks: Hooks
  readonly webhooks: Webhooks
  readonly countLinks: LinkLedger['count']
  /** Wakes the objects whose stores are swept: nobody else may ever ask them. */
  readonly wake: () => Promise<void>
}

/** What is asked about a store, of who works on it. */
const aboutStores = (ask: Ask, worksOn: (store: string) => Promise<string>) =>
  ({
    preview: async (request, byCustomer) =>
      ask(await worksOn(request.store), 'preview', request, byCustomer),
    readOrder: async (store, orderId) => ask(await worksOn(store), 'readOrder', store, orderId),
    findOrders: async (store, number) => ask(await worksOn(store), 'findOrders', store, number),
    healthOf: async (store) => ask(await worksOn(store), 'healthOf', store),
    noticesOf: async (store) => ask(await worksOn(store), 'noticesOf', store),
    sweepSince: async (store, at) => ask(await worksOn(store), 'sweepSince', store, at),
  }) satisfies Partial<CancellationService>

/** What is asked of every object that keeps a ledger. */
const overAll = (ask: Ask, directory: Directory) =>
  ({
    list: async (query) => listAll(ask, await directory(), query),
    /** Each store's records are in one object, so nothing is counted twice. */
    async countsByDay(stores, ...days) {
      const meant = keeping(await directory(), stores)
      const counts = meant.map((object) => ask(object, 'countsByDay', stores, ...days))
      return (await Promise.all(counts)).flat()
    },
    async figures(stores) {
      const { objects } = await directory()
      const all = await Promise.all(objects.map((object) => ask(object, 'figures', stores)))
      const sum = (status: keyof Figures['counts']) =>
        all.reduce((total, { counts }) => total + counts[status], 0)
      return {
        counts: {
          accepted: sum('accepted'),
          sending: sum('sending'),
          in_doubt: sum('in_doubt'),
          needs_attention: sum('needs_attention'),
        },
        awaitingApproval: all.reduce((total, one) => total + one.awaitingApproval, 0),
        oldestDoubtAt: first(all.map(({ oldestDoubtAt }) => oldestDoubtAt)),
        oldestAttentionAt: first(all.map(({ oldestAttentionAt }) => oldestAttentionAt)),
        nextDueAt: stores.map((_, index) =>
          first(all.map(({ nextDueAt }) => nextDueAt[index] ?? null)),
        ),
      }
    },
    async ready() {
      await Promise.all((await directory()).objects.map((object) => ask(object, 'ready')))
    },
  }) satisfies Partial<Front>

export const openFront = ({
  stores,
  timing,
  namespace,
  directory,
  hasWebhooks,
  onNotice = () => {},
  onSplit,
}: FrontOptions): Front => {
  const ask = askingIn(namespace)
  const audit = auditOver(ask, directory)
  const placeOf = async (store: string) =>
    (await directory()).of.get(store) ??
    refuse('store-not-found', 'No store with this id is configured.')
  /** What only reads the platform goes to who works on the account. */
  const worksOn = async (store: string): Promise<string> => (await placeOf(store)).account
  const keeps = async (id: string): Promise<string> => (await locate(ask, directory, id)).object

  return {
    stores,
    timing,
    links: frontLinks(ask),
    countLinks: remoteLinks(ask).count,
    audit,
    async cancel(asks, ...rest) {
      const { ledger, account } = await placeOf(asks.store)
      const request = canonical(stores.get(asks.store) as Store, asks)
      return ledger === account
        ? ask(ledger, 'cancel', asks, ...rest)
        : actsOf(audit, rest[4]?.asker).act(actOf(request), () =>
            cancelSplit(ask, ledger, request, onSplit),
          )
    },
    forgo: async (request, ...rest) =>
      ask((await placeOf(request.store)).ledger, 'forgo', request, ...rest),
    get: async (id) => (await locate(ask, directory, id)).record,
    wait: async (id, ms, _, isKnownAsked) =>
      ask(await keeps(id), 'wait', id, ms, undefined, isKnownAsked),
    async withdraw(id, asker) {
      const { object, record } = await locate(ask, directory, id)
      return record.link === undefined
        ? ask(object, 'withdraw', id, asker)
        : ask(LINKS, 'links.withdraw', id, record.link, asker)
    },
    resolve: async (id, ...rest) => ask(await keeps(id), 'resolve', id, ...rest),
    approve: async (id, ...rest) => ask(await keeps(id), 'approve', id, ...rest),
    decline: async (id, ...rest) => ask(await keeps(id), 'decline', id, ...rest),
    ...aboutStores(ask, worksOn),
    hooks: hooksOf(stores, onNotice, async (heard) =>
      ask(await worksOn((heard[0] as Heard).store), 'notices.hear', heard),
    ),
    ...overAll(ask, directory),
    erase: async (store, orderIds) =>
      eraseOver(ask, (await placeOf(store)).ledger, stores.get(store) as Store, orderIds),
    eraseRows: (...asked) => ask(BATCHES, 'eraseRows', ...asked),
    batches: batchesOf(ask),
    webhooks: webhooksOf({ ask, directory, hasWebhooks, objectOf: keeps }),
    wake: () => wakeSwept(ask, directory, stores),
  }
}
