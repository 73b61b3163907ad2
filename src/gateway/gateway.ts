/**
 * The gateway: the service over one ledger and these stores, and the clock that picks up what is
 * due.
 */
import type { Store } from '../connection/store.ts'
import type { FullLedger, Query } from '../ledger/port.ts'
import { RETENTION, type Retention } from '../ledger/retention.ts'
import { inOrderOf } from '../ledger/rules.ts'
import { isAsked } from '../model/approval.ts'
import { type Cancellation, isAtRest, type Status } from '../model/cancellation.ts'
import type { Owed } from '../model/delivery.ts'
import { refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import { createAdmission } from './admission.ts'
import { admissionOf, ask, type AskDeps, storeOf } from './ask.ts'
import { auditOf } from './audit/log.ts'
import { createDriver, type Driver, type DriverDeps } from './links/driver.ts'
import { waitForLink } from './links/members.ts'
import { createLinks, type Links } from './links/service.ts'
import { withdrawRun } from './links/withdraw.ts'
import { eraseRecords, eraseRows, recordsAtEnd, spelled } from './erasure.ts'
import { findOrders, preview, readOrder } from './read.ts'
import { createRecords, type Owes, type Records } from './workflow/records.ts'
import { approve, decline, noteChange, resolve, type RevisionDeps, withdraw } from './revision.ts'
import { createScheduler } from './scheduler.ts'
import type { CancellationService } from './service.ts'
import { workStrays } from './strays.ts'
import { createWatchers, type Watchers } from './watchers.ts'
import type { Hooks } from './notices/hear.ts'
import { createNotices, type Notices, type NoticesOptions } from './notices/service.ts'
import {
  canonical,
  createIdentities,
  type Identities,
  type Moved,
  movedProblem,
  named,
  spellings,
} from './workflow/identity.ts'
import { createLockKeys } from './workflow/lock-keys.ts'
import { attempt, type Failpoint, type WorkflowDeps } from './workflow/run.ts'
import type { Timing } from './workflow/timing.ts'

export interface GatewayOptions {
  readonly ledger: FullLedger
  readonly stores: ReadonlyMap<string, Store>
  readonly timing: Timing
  /** For how long records are kept; the ledger has its own. */
  readonly retention?: Retention
  readonly now?: () => number
  readonly random?: () => number
  /**
   * What the ids of a store's cancellations end in, in the place of as much chance, so that a front
   * can tell whose they are.
   */
  readonly idSuffix?: (store: Store) => string
  readonly failpoint?: (name: Failpoint) => void
  /** `before`: its status until now; null: it is new. */
  readonly onSaved?: (record: Cancellation, before: Status | null) => void
  /** What a change of a record owes to webhooks. */
  readonly owes?: Owes
  readonly onOwed?: (owed: readonly Owed[]) => void
  /** Which stores a caller reaches; null: all. Left out: everybody reaches all. */
  readonly reachOf?: (caller: string) => readonly string[] | null
  /** Whether what a caller asks must be approved. Left out: nobody's. */
  readonly mustBeApproved?: (caller: string) => boolean
  /** Who drives links, where that is elsewhere. Left out: this gateway. */
  readonly driver?: Driver
  /** What a link that came to be canceled, or diverged, owes to webhooks. */
  readonly owesOfLink?: DriverDeps['owes']
  /** Who is told of what happens in a store, and of the notices themselves. */
  readonly notices?: Partial<NoticesOptions>
  readonly onFault?: (error: unknown, record: Cancellation | null) => void
}

/** The service with its clock. */
export interface Gateway extends CancellationService {
  /** What platforms send of their own accord. */
  readonly hooks: Hooks
  /** How records are written here, for who drives a link from elsewhere. */
  readonly records: Records
  /** Stores whose settings lead elsewhere than when they were first opened. */
  moved(): Promise<Moved[]>
  /** Resolves when this process does not work on the record, now or no longer. */
  idle(id: string): Promise<void>
  /**
   * One turn of the clock: takes up what is due. Resolves when all of it is worked, or as soon as
   * it is begun: a clock that waited would let one slow store hold up all others.
   */
  tick(until?: 'worked' | 'begun'): Promise<number>
  /** Deletes links that nothing was heard of for as long as records are kept. */
  forget(): Promise<void>
  /** Begins nothing any more; resolves when what was begun is worked. */
  close(): Promise<void>
}

interface GatewayDeps extends RevisionDeps, AskDeps {
  readonly identities: Identities
  readonly watchers: Watchers
  readonly failpoint: (name: Failpoint) => void
  readonly notices: Notices
  readonly links: Links
}

const list = async ({ ledger, stores }: GatewayDeps, query: Query): Promise<Cancellation[]> => {
  if (query.orderId === undefined) return ledger.list(query)
  const meant =
    query.stores === null ? stores.values() : query.stores.flatMap((id) => stores.get(id) ?? [])
  const found = await Promise.all(
    spellings(meant, query.orderId).map((orderId) => ledger.list({ ...query, orderId })),
  )
  return found.flat().sort(inOrderOf(query)).slice(0, query.limit)
}

const previewOf = async (
  deps: Pick<GatewayDeps, 'stores' | 'identities'>,
  request: CancelRequest,
  byCustomer: boolean,
) => {
  const store = storeOf(deps, request.store)
  const from = await deps.identities.movedFrom(store)
  const stands = from === null ? null : movedProblem(store, from, 'no')
  return preview(store, canonical(store, request), byCustomer, stands)
}

/** Nothing more happens by itself: of it, or of the run of its link. */
const isOver = async ({ ledger }: GatewayDeps, record: Cancellation): Promise<boolean> => {
  if (!isAtRest(record.status)) return false
  if (record.link === undefined) return true
  const { store, orderId } = record.request
  const link = await ledger.links.of(store, orderId)
  return !(link?.name === record.link && link.run?.isOpen)
}

/** What people change about a record, each with its entry of the audit log. */
const changesOf = (
  deps: GatewayDeps,
): Pick<CancellationService, 'withdraw' | 'resolve' | 'approve' | 'decline'> => ({
  async withdraw(id, asker) {
    const { link } = await deps.get(id)
    const what = { action: 'cancellation.withdrawn', subject: {} } as const
    return noteChange(deps, asker, id, what, (noted) =>
      link === undefined ? withdraw(deps, id, noted) : withdrawRun(deps, id, link, noted),
    )
  },
  async resolve(id, as, note, by, keyName = null, asker) {
    const what = { action: 'cancellation.resolved', subject: { as } } as const
    const next = await noteChange(deps, asker, id, what, (noted) =>
      resolve(deps, id, { as, note, by, keyName }, noted),
    )
    if (next.status === 'accepted') void deps.scheduler.work(next)
    return next
  },
  async approve(id, by, note, keyName = null, asker) {
    const what = { action: 'cancellation.approved', subject: {} } as const
    const next = await noteChange(deps, asker, id, what, (noted) =>
      approve(deps, id, { by, keyName, note }, noted),
    )
    deps.failpoint('approved')
    void deps.scheduler.work(next)
    return next
  },
  decline(id, by, note, keyName = null, asker) {
    const what = { action: 'cancellation.declined', subject: {} } as const
    return noteChange(deps, asker, id, what, (noted) =>
      decline(deps, id, { by, keyName, note }, noted),
    )
  },
})

const serviceOf = (deps: GatewayDeps): CancellationService => ({
  stores: deps.stores,
  timing: deps.timing,
  links: deps.links,
  audit: auditOf(deps.ledger.audit),
  cancel: (request, caller, key, customerToken, batchId = null, terms = {}) => {
    const { keyName = null, needsApproval = false, asker } = terms
    const who = { caller, key, customerToken, batchId, keyName, needsApproval, asker }
    return ask(deps, request, who)
  },
  async forgo(request, caller, key, batchId, keyName = null) {
    const who = { caller, key, batchId, keyName, needsApproval: false }
    const more = { ...who, byCustomer: false, atOnce: false }
    return deps.admission.forgone(admissionOf(deps, request, more))
  },
  get: deps.get,
  list: (query) => list(deps, query),
  countsByDay: deps.ledger.countsByDay,
  wait: (id, ms, signal, isKnownAsked = false) =>
    deps.watchers.wait(
      () => deps.get(id),
      (record) => (isAsked(record) && !isKnownAsked) || isOver(deps, record),
      id,
      ms,
      signal,
    ),
  ...changesOf(deps),
  preview: (request, byCustomer) => previewOf(deps, request, byCustomer),
  async readOrder(id, orderId) {
    const store = storeOf(deps, id)
    return readOrder(store, named(store, orderId))
  },
  findOrders: async (store, number) => findOrders(storeOf(deps, store), number),
  healthOf: async (store) => storeOf(deps, store).health(),
  noticesOf: async (store) => deps.notices.of(storeOf(deps, store)),
  async erase(id, orderIds) {
    const all = spelled(storeOf(deps, id), orderIds)
    await recordsAtEnd(deps.ledger.list, id, all)
    const rows = await eraseRows(deps, id, all)
    const erased = await eraseRecords(deps, id, all)
    return { ...erased, rows }
  },
  eraseRows: (store, orderIds) => eraseRows(deps, store, orderIds),
  sweepSince: async (store, at) => deps.notices.sweepSince(storeOf(deps, store), at),
})

/** With what is left out put in. */
const complete = (options: GatewayOptions) => ({
  retention: RETENTION,
  now: Date.now,
  random: Math.random,
  idSuffix: () => '',
  failpoint: () => {},
  onSaved: () => {},
  owes: () => [],
  onOwed: () => {},
  reachOf: () => null,
  mustBeApproved: () => false,
  owesOfLink: () => [],
  onFault: () => {},
  ...options,
})
type Complete = ReturnType<typeof complete>

/** What everything works with: records and how they are written, stores and whose they are. */
const openBase = ({ ledger, stores, timing, now, random, failpoint, ...told }: Complete) => {
  const watchers = createWatchers()
  const saved = (record: Cancellation, before: Status | null) => {
    told.onSaved(record, before)
    watchers.notify(record.id)
  }
  const get = async (id: string): Promise<Cancellation> =>
    (await ledger.get(id)) ?? refuse('cancellation-not-found', 'No cancellation has this id.')
  const identities = createIdentities(ledger, stores)
  const records = createRecords(ledger, told.owes, told.onOwed)
  const shared = { ledger, records, stores, timing, now, saved }
  const workflow: WorkflowDeps = {
    ...shared,
    random,
    lockKey: createLockKeys(),
    movedFrom: identities.movedFrom,
    failpoint,
    fault: told.onFault,
  }
  return { shared, workflow, identities, watchers, get }
}
type Base = ReturnType<typeof openBase>

/** What takes requests in and works on them. */
const openWork = (options: Complete, { shared, workflow, identities }: Base, driver: Driver) => {
  const { ledger, stores, idSuffix, failpoint, onFault } = options
  const { records, timing, now, saved } = shared
  const drive = (name: string) => void driver.drive(name).catch((error) => onFault(error, null))
  const scheduler = createScheduler({
    ledger,
    stores,
    attempt: (store, record, customerToken) =>
      record.waitsForLink
        ? waitForLink(workflow, ledger.links, drive, record).catch((error: unknown) => {
            // It is due as it was; nobody may have to handle a rejection of the scheduler's.
            onFault(error, record)
            return null
          })
        : attempt(workflow, store, record, customerToken),
    onFault: (error) => onFault(error, null),
  })
  const admission = createAdmission({
    ledger,
    records,
    identities,
    timing,
    now,
    idSuffix,
    onRestarted: (record, before) => saved(record, before.status),
    onCreated: (record) => {
      failpoint('claimed')
      saved(record, null)
    },
  })
  return { scheduler, admission }
}

/** What keeps orders in step with their platforms and with each other. */
const openSync = (options: Complete, { shared, workflow, watchers, identities }: Base) => {
  const { ledger, stores, now, idSuffix, onOwed, reachOf, mustBeApproved, owesOfLink } = options
  const common = {
    ledger,
    workflow,
    stores,
    idSuffix,
    onOwed,
    onCreated: (record: Cancellation) => shared.saved(record, null),
    onFault: (error: unknown) => options.onFault(error, null),
  }
  const reaches = (caller: string, asked: readonly string[]): boolean => {
    const reach = reachOf(caller)
    return reach === null || asked.every((store) => reach.includes(store))
  }
  const notices = createNotices({
    ...common,
    options: {
      isListening: () => false,
      owesOf: () => [],
      onNotice: () => {},
      ...options.notices,
    },
  })
  const driver =
    options.driver ??
    createDriver({
      ...common,
      // What would follow in its name nobody has approved.
      reaches: (caller, asked) => !mustBeApproved(caller) && reaches(caller, asked),
      previewOf: (request) => previewOf({ stores, identities }, request, false),
      recheckMs: null,
      keptMs: options.retention.recordsMs,
      owes: owesOfLink,
      onClosed: (ids) => ids.forEach(watchers.notify),
    })
  return { notices, driver, links: createLinks({ ledger, stores, now }), reaches }
}

/** Records, told of as those that this gateway writes of its own accord. */
const telling = ({ shared: { records, saved } }: Base): Records => ({
  async claim(draft, key) {
    const claim = await records.claim(draft, key)
    if (claim.outcome === 'created') saved(claim.record, null)
    return claim
  },
  async save(before, next, ...rest) {
    const written = await records.save(before, next, ...rest)
    if (written) saved(written, before.status)
    return written
  },
})

export const createGateway = (options: GatewayOptions): Gateway => {
  const whole = complete(options)
  const base = openBase(whole)
  const { shared, identities, watchers, get } = base
  const sync = openSync(whole, base)
  const work = openWork(whole, base, sync.driver)
  const { failpoint } = whole
  const onFault = (error: unknown) => whole.onFault(error, null)
  const { scheduler } = work
  const { notices, driver } = sync
  return {
    ...serviceOf({ ...shared, ...work, ...sync, identities, watchers, get, failpoint, onFault }),
    hooks: notices.hooks,
    records: telling(base),
    moved: identities.moved,
    idle: scheduler.idle,
    async tick(until = 'worked') {
      const names = [...whole.stores.keys()]
      const begun = await scheduler.takeUp(names)
      await workStrays(shared, names)
      await Promise.all([notices.begin(), driver.begin()])
      if (until === 'worked') {
        await Promise.all([...begun, notices.rest(), driver.rest()])
        // What a sweep found, or a look, is taken up in the same turn.
        await Promise.all([notices.begin(), driver.begin()])
        await Promise.all([notices.rest(), driver.rest()])
      }
      return begun.length
    },
    forget: driver.forget,
    async close() {
      await Promise.all([scheduler.close(), notices.close(), driver.close()])
    },
  }
}
