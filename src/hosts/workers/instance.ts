/**
 * What an account's object works with: the ledger of its stores, their gateway, and its part of
 * batches, webhooks and links.
 */
import type { DurableObjectStorage } from 'cloudflare:workers'
import { atMost, fetchTransport } from '../../connection/transport.ts'
import type { Store } from '../../connection/store.ts'
import { type BatchDesk, createBatches } from '../../gateway/batches/service.ts'
import { type Deliveries, openDeliveries } from '../../gateway/deliveries/deliveries.ts'
import { createGateway, type Gateway } from '../../gateway/gateway.ts'
import { retention } from '../../gateway/retention.ts'
import type { FullLedger } from '../../ledger/port.ts'
import type { Retention } from '../../ledger/retention.ts'
import { guarded } from '../../ledger/rules.ts'
import type { Sql } from '../../ledger/sql/database.ts'
import { durableSql } from '../../ledger/sql/durable.ts'
import { openSqlLedger } from '../../ledger/sql/sql.ts'
import { migrate } from '../../ledger/sql/tables.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import { refuse } from '../../model/problem.ts'
import type { All, Place } from './account.ts'
import { type Bindings, type Context, openContext } from './context.ts'
import { chainsOf } from './audit.ts'
import { askingIn, locate, markOf, openFront } from './front.ts'
import { type Ask, LINKS, type LinksDesk, openLinks, remoteDriver, remoteLinks } from './links.ts'
import { faultOf, type Log, logger } from './log.ts'

/** So many receivers are spoken to at once, and how long one waits for its turn. */
const RECEIVERS_AT_ONCE = 2
const TURN_MS = 10_000

/**
 * The front of these bindings. A store that is split off its account's others is told of in the
 * log.
 */
export const frontOf = (bindings: Bindings, { config, stores, timing, directory }: Context) =>
  openFront({
    stores,
    timing,
    directory,
    hasWebhooks: (caller) => (config?.webhooks ?? []).some((one) => one.caller === caller),
    namespace: bindings.ACCOUNTS,
    onSplit: (store) =>
      logger(bindings)('error', 'two ledgers keep one account: give this store a new id', {
        store,
      }),
  })

/**
 * What an object tells webhooks of its own records. Names and literal addresses were checked in the
 * configuration; what a name resolves to cannot be seen here.
 */
const deliveriesOf = (
  ledger: FullLedger,
  config: Context['config'],
  log: Log,
  onFault: (error: unknown) => void,
): Deliveries => {
  // Looked up at each call: tests replace it.
  const transport = fetchTransport((url, init) => globalThis.fetch(url, init))
  // An object has six connections: a slow receiver must leave enough of them to the platform.
  const few = atMost(RECEIVERS_AT_ONCE, TURN_MS, transport)
  return openDeliveries({
    ledger,
    webhooks: config?.webhooks ?? [],
    transportFor: () => few,
    now: Date.now,
    random: Math.random,
    onTried({ caller, name }, { subject, type, tries }, { kind, result }) {
      const fields = { caller, webhook: name, subject, type, tries: tries + 1, result }
      if (kind !== 'delivered') log('warn', 'not told yet', fields)
    },
    onDisabled: ({ caller, name }, { failingSince }) =>
      log('error', 'this webhook is switched off: mend its receiver, then enable it', {
        caller,
        webhook: name,
        failingSince,
      }),
    onFault,
  })
}

/** The stores that a caller reaches as the configuration is now; null: all. */
const storesOf = (config: Context['config'], caller: string): readonly string[] | null => {
  if (!config) return null
  const stores = config.callers.find(({ name }) => name === caller)?.stores ?? []
  return stores.includes('*') ? null : stores
}

const mustBeApproved = (config: Context['config'], caller: string): boolean =>
  config?.callers.some(({ name, approval }) => name === caller && approval === 'required') ?? false

/** Whether this caller reaches all of these stores, and what follows in its name is approved. */
const reachesBy =
  (config: Context['config']) =>
  (caller: string, asked: readonly string[]): boolean => {
    if (mustBeApproved(config, caller)) return false
    const stores = storesOf(config, caller)
    return stores === null || asked.every((store) => stores.includes(store))
  }

export interface Instance {
  readonly sql: Sql
  readonly deliveries: Deliveries
  readonly desk: LinksDesk
  readonly stores: readonly string[]
  readonly ledger: FullLedger
  readonly gateway: Gateway
  readonly batches: BatchDesk
  readonly sandboxes: Context['sandboxes']
}

export interface InstanceParts {
  readonly bindings: Bindings
  readonly storage: DurableObjectStorage
  /** Whether this object has the name. */
  readonly isHere: (object: string) => boolean
  readonly log: Log
}

const logSaved = (
  log: Log,
  { id, status, platform, request, problem: why, hindrance }: Cancellation,
): void =>
  log(
    status === 'needs_attention' ? 'warn' : 'info',
    status === 'needs_attention' ? 'needs attention' : 'saved',
    {
      cancellation: id,
      status,
      platform,
      store: request.store,
      ...(why && { code: why.code, cause: why.cause, detail: why.detail }),
      ...(hindrance && { hindrance: hindrance.result }),
    },
  )

/** What the parts of an instance share. */
interface Base {
  readonly context: Context
  readonly ask: Ask
  /** As this object keeps it. */
  readonly local: FullLedger
  readonly kept: Retention
  readonly deliveries: Deliveries
  readonly log: Log
  readonly onFault: (error: unknown) => void
}

/** The gateway of the stores that are worked on here; links are another object's. */
const gatewayOf = (
  { context, ask, local, kept, deliveries, log, onFault }: Base,
  stores: ReadonlyMap<string, Store>,
  places: ReadonlyMap<string, Place>,
  isLinks: boolean,
): Gateway => {
  const { config } = context
  // Orders of one store alone are in no link, and nobody need be asked.
  const isAlone = context.stores.size < 2
  return createGateway({
    ledger: isLinks || isAlone ? local : { ...local, links: remoteLinks(ask) },
    stores,
    timing: context.timing,
    retention: kept,
    idSuffix: (store) => markOf(places.get(store.id)?.account ?? store.account),
    owes: deliveries.owes,
    onOwed: deliveries.onOwed,
    reachOf: (caller) => storesOf(config, caller),
    mustBeApproved: (caller) => mustBeApproved(config, caller),
    ...(isAlone ? {} : { driver: remoteDriver(ask) }),
    notices: { isListening: deliveries.isListening, owesOf: deliveries.owesOf },
    onSaved: (record) => {
      // What is lost of this is found when the run is looked at again.
      if (record.link !== undefined && !isAlone)
        void ask(LINKS, 'links.drive', record.link).catch(onFault)
      logSaved(log, record)
    },
    onFault: (error, record) =>
      log('error', 'fault', { ...faultOf(error), cancellation: record?.id ?? null }),
  })
}

const deskOf = async ({
  context,
  ask,
  local,
  kept,
  deliveries,
  onFault,
}: Base): Promise<LinksDesk> => {
  const { of } = await context.directory()
  const placeOf = async (store: string) =>
    of.get(store) ?? refuse('store-not-found', 'No store with this id is configured.')
  return openLinks({
    ask,
    ledger: local,
    stores: context.stores,
    timing: context.timing,
    retention: kept,
    idSuffix: (store) => markOf(of.get(store.id)?.account ?? store.account),
    ledgerOf: async (store) => (await placeOf(store)).ledger,
    accountOf: async (store) => (await placeOf(store)).account,
    objectOf: async (id) => (await locate(ask, context.directory, id)).object,
    reaches: reachesBy(context.config),
    owes: deliveries.owesOfLink,
    onOwed: deliveries.onOwed,
    onFault,
  })
}

export const openInstance = async ({
  bindings,
  storage,
  isHere,
  log,
}: InstanceParts): Promise<Instance> => {
  const onFault = (error: unknown) => log('error', 'fault', faultOf(error))
  const context = await openContext(bindings, (...asked) => local.reserve(...asked))
  const { of } = await context.directory()
  // What works on an account works on all of its stores, for only so they are locked together; a
  // store whose account another object works on is left to it.
  const places = new Map([...of].filter(([, { account }]) => isHere(account)))
  const opened = new Map([...context.stores].filter(([store]) => places.has(store)))
  const sql = durableSql(storage)
  storage.transactionSync(() => migrate(sql))
  const kept = retention(context.config?.retention)
  const chain = (await chainsOf(context.directory)).find(isHere)
  const local: FullLedger = guarded(openSqlLedger(sql, Date.now, { retention: kept, chain }))
  const ask = askingIn(bindings.ACCOUNTS)
  const deliveries = deliveriesOf(local, context.config, log, onFault)
  const base = { context, ask, local, kept, deliveries, log, onFault }
  return {
    sql,
    stores: [...opened.keys()],
    ledger: local,
    gateway: gatewayOf(base, opened, places, isHere(LINKS)),
    // Only the object of batches has any; their rows go to the accounts like anybody's requests.
    batches: createBatches({
      ledger: local.batches,
      gateway: frontOf(bindings, context),
      owes: deliveries.owesOfBatch,
      onOwed: deliveries.onOwed,
      onFault,
    }),
    deliveries,
    desk: await deskOf(base),
    sandboxes: context.sandboxes,
  }
}

/** What an object does under a name. */
export const useCaseOf = (
  { gateway, ledger, batches, deliveries, desk }: Instance,
  name: keyof All,
): ((...values: unknown[]) => Promise<unknown>) => {
  const [group = '', member] = name.split('.')
  const found =
    member === undefined
      ? { ...gateway, ready: ledger.ready, figures: ledger.figures }[group as 'ready']
      : {
          batches,
          notices: ledger.notices,
          webhooks: deliveries.webhooks,
          clock: { tick: () => gateway.tick('begun') },
          linkLedger: ledger.links,
          links: { ...desk.links, drive: desk.driver.drive, withdraw: desk.withdraw },
          records: {
            ...gateway.records,
            save: (...[before, next, noted]: Parameters<All['records.save']>) =>
              gateway.records.save(before, next, undefined, undefined, noted),
          },
          audit: ledger.audit,
        }[group as 'batches'][member as 'get']
  return found as (...values: unknown[]) => Promise<unknown>
}
