/**
 * Links on Workers: one object keeps all of them and drives their runs, while records stay where
 * their stores' ledgers are. What is done there is asked for across objects, and may be repeated.
 */
import type { Store } from '../../connection/store.ts'
import { createDriver, type Driver, type LinksLedger } from '../../gateway/links/driver.ts'
import { createLinks, type Links } from '../../gateway/links/service.ts'
import { withdrawRun } from '../../gateway/links/withdraw.ts'
import { noteChange } from '../../gateway/revision.ts'
import type { Records } from '../../gateway/workflow/records.ts'
import type { Timing } from '../../gateway/workflow/timing.ts'
import type { FullLedger, LinkLedger } from '../../ledger/port.ts'
import type { Retention } from '../../ledger/retention.ts'
import type { Asker } from '../../model/audit.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import { ProblemError, refuse } from '../../model/problem.ts'
import type { All } from './account.ts'

/** The object that keeps links: an account by a name that no host has. */
export const LINKS = 'all links'

/** How soon a run is looked at again: what another object wrote may not have been told of. */
const RECHECK_MS = 30_000

/** Asks an object; rejects as the use case does. */
export type Ask = <Name extends keyof All>(
  object: string,
  name: Name,
  ...values: unknown[]
) => Promise<Awaited<ReturnType<All[Name]>>>

/** The links as every other object has them. */
export const remoteLinks = (ask: Ask): LinkLedger => ({
  get: (name) => ask(LINKS, 'linkLedger.get', name),
  of: (store, orderId) => ask(LINKS, 'linkLedger.of', store, orderId),
  save: (next) => ask(LINKS, 'linkLedger.save', next),
  delete: (link) => ask(LINKS, 'linkLedger.delete', link),
  list: (query) => ask(LINKS, 'linkLedger.list', query),
  due: (limit) => ask(LINKS, 'linkLedger.due', limit),
  count: (...asked) => ask(LINKS, 'linkLedger.count', ...asked),
})

/** What callers may do with them, as the front asks for it. */
export const frontLinks = (ask: Ask): Links => ({
  put: (...asked) => ask(LINKS, 'links.put', ...asked),
  get: (name) => ask(LINKS, 'links.get', name),
  of: (...order) => ask(LINKS, 'links.of', ...order),
  list: (query) => ask(LINKS, 'links.list', query),
  delete: (name) => ask(LINKS, 'links.delete', name),
})

/** Who drives links, as every other object has it: it only says that there is something to do. */
export const remoteDriver = (ask: Ask): Driver => ({
  drive: (name) => ask(LINKS, 'links.drive', name),
  begin: async () => {},
  rest: async () => {},
  forget: async () => {},
  close: async () => {},
})

export interface LinksParts {
  readonly ask: Ask
  /** Of this object: what it keeps itself. */
  readonly ledger: FullLedger
  readonly stores: ReadonlyMap<string, Store>
  readonly timing: Timing
  readonly retention: Retention
  readonly idSuffix: (store: Store) => string
  /** The object that keeps a store's ledger, and the one that works on its account. */
  readonly ledgerOf: (store: string) => Promise<string>
  readonly accountOf: (store: string) => Promise<string>
  /** The object that has a record, by its id. */
  readonly objectOf: (id: string) => Promise<string>
  readonly reaches: (caller: string, stores: readonly string[]) => boolean
  readonly owes: Parameters<typeof createDriver>[0]['owes']
  readonly onOwed: Parameters<typeof createDriver>[0]['onOwed']
  readonly onFault: (error: unknown) => void
}

/** The ledger that links are driven by: they are here, records and notices are elsewhere. */
const ledgerOver = ({ ask, ledger, stores, ledgerOf, objectOf }: LinksParts): LinksLedger => ({
  links: ledger.links,
  async get(id) {
    try {
      return await ask(await objectOf(id), 'get', id)
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === 'cancellation-not-found')
        return null
      throw error
    }
  },
  async list(query) {
    const [store] = query.stores ?? []
    // Of one that was taken out of the configuration nobody knows any more where its ledger is.
    return store !== undefined && stores.has(store) ? ask(await ledgerOf(store), 'list', query) : []
  },
  notices: {
    async hear(heard) {
      const [first] = heard
      return first ? ask(await ledgerOf(first.store), 'notices.hear', heard) : []
    },
  },
})

/** What the object of all links does. */
export interface LinksDesk {
  readonly links: Links
  readonly driver: Driver
  withdraw(id: string, name: string, asker?: Asker): Promise<Cancellation>
}

export const openLinks = (parts: LinksParts): LinksDesk => {
  const { ask, stores, timing, ledgerOf, accountOf, objectOf, onFault } = parts
  const ledger = ledgerOver(parts)
  const now = Date.now
  const records = {
    claim: async (...[draft, key]: Parameters<All['records.claim']>) =>
      ask(await ledgerOf(draft.request.store), 'records.claim', draft, key),
    save: async (...[before, next, , , noted]: Parameters<Records['save']>) =>
      ask(await objectOf(before.id), 'records.save', before, next, noted),
  }
  const get = async (id: string) =>
    (await ledger.get(id)) ?? refuse('cancellation-not-found', 'No cancellation has this id.')
  const driver = createDriver({
    ...parts,
    ledger,
    workflow: { records, timing, now, saved: () => {}, failpoint: () => {} },
    previewOf: async (request) => ask(await accountOf(request.store), 'preview', request, false),
    recheckMs: RECHECK_MS,
    keptMs: parts.retention.recordsMs,
    onCreated: () => {},
    onClosed: () => {},
    onFault,
  })
  const revision = { ledger, records, stores, timing, now, get, saved: () => {} }
  return {
    links: createLinks({ ledger, stores, now }),
    driver,
    withdraw(id, name, asker) {
      const what = { action: 'cancellation.withdrawn', subject: {} } as const
      const deps = { ...revision, ledger: { audit: parts.ledger.audit } }
      return noteChange(deps, asker, id, what, (noted) => withdrawRun(revision, id, name, noted))
    },
  }
}
