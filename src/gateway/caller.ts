/**
 * The service with one caller's reach and scopes applied: the one place where that is done, so that
 * no door can forget it.
 */
import type { Store } from '../connection/store.ts'
import { isAsked } from '../model/approval.ts'
import type { Asker } from '../model/audit.ts'
import type { Cancellation } from '../model/cancellation.ts'
import type { Member } from '../model/link.ts'
import { ProblemError, refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import { type Acts, actsOf } from './audit/acts.ts'
import { callerAudit } from './audit/caller.ts'
import { type CallerLinks, callerLinks } from './links/caller.ts'
import { requestOf } from './links/members.ts'
import { LINKED_UNAPPROVED } from './links/service.ts'
import {
  beforehand,
  type Caller,
  type CallerQuery,
  type CallerRequest,
  type CallerService,
  type CancellationService,
  type LinkedPreview,
  type MemberPreview,
  mustHave,
  termsOf,
} from './service.ts'

const reaches = ({ stores }: Caller, store: string): boolean =>
  stores === null || stores.includes(store)

const storesOf = (service: CancellationService, caller: Caller): Store[] =>
  [...service.stores.values()].filter(({ id }) => reaches(caller, id))

const storeOf = (service: CancellationService, caller: Caller, id: string | null): Store => {
  const stores = storesOf(service, caller)
  if (id !== null)
    return (
      stores.find((store) => store.id === id) ??
      refuse('store-not-found', 'No store with this id is configured for this key.')
    )
  const [only, ...others] = stores
  if (only && others.length === 0) return only
  return refuse('invalid-request', 'Say which store.', {
    errors: [
      { pointer: '/store', detail: 'is required: this key reaches more than one store, or none' },
    ],
  })
}

const recordOf = async (
  service: CancellationService,
  caller: Caller,
  id: string,
): Promise<Cancellation> => {
  const record = await beforehand(service.get(id))
  return reaches(caller, record.request.store)
    ? record
    : refuse('cancellation-not-found', 'No cancellation has this id.')
}

/** A store that was taken out of the configuration is known by what was asked of it. */
const listOf = async (
  service: CancellationService,
  caller: Caller,
  { store, ...query }: CallerQuery,
): Promise<Cancellation[]> => {
  if (store === undefined) return service.list({ ...query, stores: caller.stores })
  const stores = reaches(caller, store) ? [store] : []
  const records = await service.list({ ...query, stores })
  const isKnown =
    records.length > 0 ||
    (stores.length > 0 &&
      (service.stores.has(store) ||
        (await service.list({ stores, order: 'asc', limit: 1 })).length > 0))
  if (!isKnown) storeOf(service, caller, store)
  return records
}

const linksOf = (service: CancellationService, caller: Caller, acts: Acts): CallerLinks =>
  callerLinks(service.links, {
    name: caller.name,
    ...(caller.key && { key: caller.key }),
    acts,
    must: (scope) => mustHave(caller, scope),
    reaches: (store) => reaches(caller, store),
  })

const memberPreview = async (
  service: CancellationService,
  member: Member,
  asked: CancelRequest,
): Promise<MemberPreview> => {
  const { store, orderId, stage } = member
  try {
    const found = await service.preview(requestOf(member, asked), false)
    return { store, orderId, stage, found, problem: found.problem }
  } catch (error) {
    if (error instanceof ProblemError)
      return { store, orderId, stage, found: null, problem: error.problem }
    throw error
  }
}

const previewLinked = async (
  service: CancellationService,
  caller: Caller,
  asked: CancelRequest,
  byCustomer: boolean,
): Promise<LinkedPreview> => {
  const found = await service.preview(asked, byCustomer)
  if (!service.links || asked.target !== 'order' || asked.linked === 'none') return found
  const link = await service.links.of(asked.store, found.orderId)
  if (!link?.members.every(({ store }) => reaches(caller, store))) return found
  if (caller.approval)
    return { ...found, cancelable: false, problem: found.problem ?? LINKED_UNAPPROVED }
  const others = link.members.filter(
    ({ store, orderId }) => store !== asked.store || orderId !== found.orderId,
  )
  const linked = await Promise.all(others.map((one) => memberPreview(service, one, asked)))
  return { ...found, linked }
}

/** What a caller asks about a store. */
const aboutStores = (
  service: CancellationService,
  caller: Caller,
  acts: Acts,
): Pick<
  CallerService,
  'readOrder' | 'findOrders' | 'healthOf' | 'noticesOf' | 'sweepSince' | 'erase'
> => ({
  async readOrder(store, orderId) {
    mustHave(caller, 'preview')
    const { id } = storeOf(service, caller, store)
    const act = { action: 'order.read', store: id } as const
    return acts.look(
      act,
      () => service.readOrder(id, orderId),
      ({ order }) => ({ order: order.id }),
    )
  },
  async findOrders(store, number) {
    mustHave(caller, 'preview')
    const { id } = storeOf(service, caller, store)
    const act = { action: 'order.searched', store: id } as const
    return acts.look(
      act,
      () => service.findOrders(id, number),
      (orders) => ({ orders: orders.map((order) => order.id).join(' ') }),
    )
  },
  async healthOf(store) {
    mustHave(caller, 'preview')
    return service.healthOf(storeOf(service, caller, store).id)
  },
  async noticesOf(store) {
    mustHave(caller, 'preview')
    return service.noticesOf(storeOf(service, caller, store).id)
  },
  async erase(store, orderIds) {
    mustHave(caller, 'operate')
    const { id } = storeOf(service, caller, store)
    const subject = { orders: orderIds.join(' ') }
    const act = { action: 'buyer.erased', store: id, subject } as const
    return acts.act(act, () => service.erase(id, orderIds))
  },
  async sweepSince(store, at) {
    mustHave(caller, 'operate')
    const { id } = storeOf(service, caller, store)
    const act = { action: 'store.swept', store: id, subject: {} } as const
    return acts.act(act, () => service.sweepSince(id, at))
  },
})

/** What people change about a record. */
const changing = (
  service: CancellationService,
  caller: Caller,
  { asker }: Acts,
): Pick<CallerService, 'withdraw' | 'resolve' | 'approve' | 'decline'> => {
  const { name, key: keyName = null } = caller
  return {
    async withdraw(id) {
      mustHave(caller, 'cancel')
      return service.withdraw((await recordOf(service, caller, id)).id, asker)
    },
    async resolve(id, as, note) {
      mustHave(caller, 'operate')
      const record = await recordOf(service, caller, id)
      return service.resolve(record.id, as, note, name, keyName, asker)
    },
    async approve(id, note) {
      mustHave(caller, 'approve')
      const record = await recordOf(service, caller, id)
      return service.approve(record.id, name, note, keyName, asker)
    },
    async decline(id, note) {
      mustHave(caller, 'approve')
      const record = await recordOf(service, caller, id)
      return service.decline(record.id, name, note, keyName, asker)
    },
  }
}

/**
 * The service for one caller: the one place where reach and scope are applied. `asker`: as who the
 * caller is noted; left out: it is not.
 */
export const callerService = (
  service: CancellationService,
  caller: Caller,
  asker?: Asker,
): CallerService => {
  const acts = actsOf(service.audit, asker)
  const placed = ({ store, ...request }: CallerRequest): CancelRequest => ({
    ...request,
    store: storeOf(service, caller, store).id,
  })
  return {
    caller,
    acts,
    audit: callerAudit(service.audit, () => mustHave(caller, 'operate'), caller.stores, acts),
    must: (scope) => mustHave(caller, scope),
    reaches: (store) => reaches(caller, store),
    stores: () => storesOf(service, caller),
    store: (id) => storeOf(service, caller, id),
    async cancel(request, key, customerToken) {
      mustHave(caller, 'cancel')
      const [asked, terms] = [placed(request), { ...termsOf(caller), asker: acts.asker }]
      return service.cancel(asked, caller.name, key, customerToken, null, terms)
    },
    async preview(request, byCustomer) {
      mustHave(caller, 'preview')
      const asked = placed(request)
      const act = { action: 'cancellation.previewed', store: asked.store } as const
      return acts.look(
        act,
        () => previewLinked(service, caller, asked, byCustomer),
        ({ orderId }) => ({ order: orderId }),
      )
    },
    links: linksOf(service, caller, acts),
    async get(id) {
      mustHave(caller, 'read')
      return recordOf(service, caller, id)
    },
    async list(query) {
      mustHave(caller, 'read')
      return listOf(service, caller, query)
    },
    async countsByDay(from, to) {
      mustHave(caller, 'read')
      return (await service.countsByDay?.(caller.stores, from, to)) ?? []
    },
    wait: (record, ms, signal) => service.wait(record.id, ms, signal, isAsked(record)),
    ...changing(service, caller, acts),
    ...aboutStores(service, caller, acts),
  }
}
