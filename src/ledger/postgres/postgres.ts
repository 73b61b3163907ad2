/**
 * The ledger in PostgreSQL: for several gateways that share one. The rules are those of rules.ts
 * and of the model: work reads what they judge, and writes what they say, in one transaction under
 * the locks of what it is about (work.ts, groups.ts).
 *
 * Nothing is kept in a session of the server: locks end with their transaction, no statement is
 * prepared by name, and nothing is listened for, so a pooler may give each transaction another
 * session. What a method resolved with is on the disk of the server, and of the standbys that it
 * waits for; what a failover may forget is recognized by the timeline (leases.ts).
 *
 * A method that rejects because the connection broke under the commit wrote everything or nothing,
 * but cannot know which; its error says so.
 */
import { openAudit, trimAudit } from '../audit.ts'
import type { FullLedger } from '../port.ts'
import { RETENTION } from '../retention.ts'
import { openPostgresAudit } from './audit.ts'
import { openPostgresBatches } from './batches.ts'
import { type Connection, connectPostgres } from './connection.ts'
import { openPostgresDeliveries } from './deliveries.ts'
import type { PostgresDeps } from './deps.ts'
import { dueRecords, strayRecords } from './due.ts'
import { openInspection, type Server } from './fitness.ts'
import { openGroups } from './groups.ts'
import { digestKeys } from './keys.ts'
import { holdLease, release, takeLease } from './leases.ts'
import { openPostgresLinks } from './links.ts'
import { countsByDayOf, figuresOf, listRecords } from './lists.ts'
import { openPostgresNotices } from './notices.ts'
import { addressOf, type PostgresOptions } from './options.ts'
import { claim, findRecord, save } from './records.ts'
import { addUpDays, sweepKeysAndLeases, sweepRecords } from './retention.ts'
import { migrate } from './tables.ts'
import { bind, bindings, openReserve } from './stores.ts'
import { run } from './work.ts'

export type { PostgresOptions } from './options.ts'

/** Remembers that the server was found fit, until a connection is lost. */
const openServer = (connection: Connection, inspect: () => Promise<Server>) => {
  let server: Promise<Server> | null = null
  const forget = () => {
    server = null
  }
  connection.onLost = forget
  const current = (): Promise<Server> => {
    if (server) return server
    const asked = (server = inspect())
    // Asked again by whoever comes next: a server can be mended while it runs.
    asked.catch(() => {
      if (server === asked) server = null
    })
    return asked
  }
  return { current, forget }
}

/** Connects, and brings the tables up to date. */
const open = async (address: string, options: PostgresOptions) => {
  const { url, schema } = addressOf(address)
  const connection = connectPostgres(url, schema)
  const server = openServer(connection, openInspection(connection, options))
  try {
    await server.current()
    const session = await connection.session()
    let isDone = false
    try {
      await migrate(session, schema)
      isDone = true
    } finally {
      session.end(!isDone)
    }
  } catch (cause) {
    await connection.close()
    throw new Error(`the ledger cannot be opened: ${wordsOf(cause as Error)}`, { cause })
  }
  return { connection, server, schema }
}

/** Of several addresses of one name each has its own error, and the whole no words. */
const wordsOf = (error: Error): string =>
  error.message ||
  (error as unknown as AggregateError).errors?.map(({ message }: Error) => message).join('; ') ||
  error.name

/** Opens what all functions work with, and what only the ledger as a whole does. */
const openDeps = async (address: string, options: PostgresOptions) => {
  const { clock = Date.now, now, retention = RETENTION } = options
  const { connection, server, schema } = await open(address, options)
  const groups = openGroups(connection, schema, server.current)
  const deps: PostgresDeps = {
    async read(text, ...values) {
      await server.current()
      return connection.read(text, ...values)
    },
    commit: groups.commit,
    now: now ?? clock,
    retention,
    given: () => now?.() ?? null,
    options,
    server: server.current,
  }
  return {
    deps,
    inspectAgain: server.forget,
    async close() {
      await groups.settled()
      await connection.close()
    },
  }
}

export const openPostgresLedger = async (
  address: string,
  options: PostgresOptions,
): Promise<FullLedger> => {
  const { deps, inspectAgain, close } = await openDeps(address, options)
  const batches = openPostgresBatches(deps)
  const notices = openPostgresNotices(deps)
  const shelf = openPostgresAudit(deps)
  const audit = openAudit(shelf, options.chain)
  let isClosed = false
  return {
    batches,
    deliveries: openPostgresDeliveries(deps),
    notices,
    links: openPostgresLinks(deps),
    audit,
    claim: (...values) => claim(deps, ...values),
    get: (id) => findRecord(deps, id),
    save: (...values) => save(deps, ...values),
    lease: (record, lockKey, ttlMs) => takeLease(deps, record, lockKey, ttlMs),
    hold: (name, ttlMs) => holdLease(deps, name, ttlMs),
    release: (lease) => release(deps, lease),
    due: (stores, each) => dueRecords(deps, stores, each),
    strays: (stores, most) => strayRecords(deps, stores, most),
    bind: (store, account) => bind(deps, store, account),
    bindings: () => bindings(deps),
    reserve: openReserve(deps),
    list: (query) => listRecords(deps, query),
    figures: (stores) => figuresOf(deps, stores),
    countsByDay: (...asked) => countsByDayOf(deps, ...asked),
    async sweep() {
      const wasClosed = isClosed
      try {
        await sweepKeysAndLeases(deps)
        await sweepRecords(deps)
        await addUpDays(deps)
        await batches.sweep()
        await notices.sweep()
        await trimAudit(audit, shelf, deps.now() - deps.retention.auditMs)
      } catch (error) {
        // What is left where the ledger was closed meanwhile goes with the next sweep.
        if (isClosed === wasClosed) throw error
      }
    },
    digestKeys: (id, digest) => digestKeys(deps, id, digest),
    // What was overwritten is the server's to vacuum, and its log's to be recycled.
    async scrub() {},
    async ready() {
      inspectAgain()
      await deps.commit([], () => run("update @meta set value = 1 - value where name = 'probe'"))
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await close()
    },
  }
}
