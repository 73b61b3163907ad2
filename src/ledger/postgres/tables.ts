/** The tables of the ledger in PostgreSQL, step by step from its first version. */
import type { Session } from './connection.ts'
import { statement } from './work.ts'

/** Texts are compared by their bytes, whatever the database's language says. */
const TEXT = 'text collate "C"'
/** Times are milliseconds, which may have a fraction; every number of ECMAScript fits. */
const NUMBER = 'double precision'

/** Each way to ask for a list has an index in the order of the list. */
const PARTIAL = [
  ['by_batch', 'batch'],
  ['by_link', 'link'],
  ['by_reference', 'reference'],
  ['by_origin', 'origin'],
] as const

/**
 * Each step brings a schema from the version of its index to the next; a step that was released is
 * never changed. An index is named with its table: names are the schema's.
 */
const MIGRATIONS: readonly string[][] = [
  [
    `create table @cancellations (
      id ${TEXT} primary key, version ${NUMBER} not null, guard ${TEXT} not null,
      store ${TEXT} not null, order_id ${TEXT} not null, status ${TEXT} not null,
      reference ${TEXT}, batch ${TEXT}, message ${TEXT}, origin ${TEXT}, link ${TEXT},
      approval ${TEXT}, reopened_at ${NUMBER}, doubt_since ${NUMBER},
      created_at ${NUMBER} not null, updated_at ${NUMBER} not null, settled_at ${NUMBER},
      wake_at ${NUMBER}, body ${TEXT} not null)`,
    // What may stand in the way (`guard` in rules.ts).
    'create index cancellations_by_guard on @cancellations (guard, created_at, id) where ' +
      "status <> 'rejected' and reopened_at is null",
    'create index cancellations_by_wake on @cancellations (store, wake_at) where ' +
      'wake_at is not null',
    'create index cancellations_by_creation on @cancellations (created_at, id)',
    'create index cancellations_by_update on @cancellations (updated_at, id)',
    'create index cancellations_by_status on @cancellations (status, created_at, id)',
    'create index cancellations_by_store on @cancellations (store, status, created_at, id)',
    'create index cancellations_by_store_update on @cancellations (store, status, updated_at, id)',
    'create index cancellations_by_order on @cancellations (order_id, created_at, id)',
    ...PARTIAL.map(
      ([index, column]) =>
        `create index cancellations_${index} on @cancellations (${column}, created_at, id) ` +
        `where ${column} is not null`,
    ),
    'create index cancellations_by_reopening on @cancellations (created_at, id) where ' +
      'reopened_at is not null',
    'create index cancellations_by_approval on @cancellations (created_at, id) where ' +
      'approval is not null',
    'create index cancellations_by_openness on @cancellations (status, updated_at) where ' +
      'settled_at is null',
    'create index cancellations_by_doubt on @cancellations (doubt_since) where ' +
      'doubt_since is not null',
    'create index cancellations_by_settling on @cancellations (settled_at) where ' +
      'settled_at is not null',
    `create table @keys (scope ${TEXT} primary key, id ${TEXT} not null,
      fingerprint ${TEXT} not null, expires_at ${NUMBER} not null)`,
    'create index keys_by_expiry on @keys (expires_at)',
    `create table @leases (key ${TEXT} primary key, epoch ${NUMBER} not null,
      until ${NUMBER} not null)`,
    'create sequence @epochs',
    `create table @stores (id ${TEXT} primary key, account ${TEXT} not null)`,
    // What is reserved need not survive a crash, so no write waits for the disk.
    `create unlogged table @pace (bucket ${TEXT} primary key, full_at ${NUMBER} not null,
      wait ${NUMBER} not null)`,
    // By how much the counts of a day moved, added up by a sweep: a row that every write of a day
    // counts in would have them wait for each other.
    `create table @day_moves (day ${NUMBER} not null, store ${TEXT} not null,
      status ${TEXT} not null, moved integer not null)`,
    `create table @day_tallies (day ${NUMBER} not null, store ${TEXT} not null,
      status ${TEXT} not null, count integer not null, primary key (day, store, status))`,
  ],
  [
    `create table @batches (id ${TEXT} primary key, version ${NUMBER} not null,
      caller ${TEXT} not null, finished_at ${NUMBER}, body ${TEXT} not null)`,
    'create index batches_by_caller on @batches (caller, id)',
    'create index batches_unfinished on @batches (id) where finished_at is null',
    'create index batches_by_finish on @batches (finished_at) where finished_at is not null',
    // Phases by rank (rules.ts): 0 waiting, 1 taken, 2 open, 3 at rest.
    `create table @batch_rows (batch ${TEXT} not null, number integer not null,
      store ${TEXT} not null, phase integer not null, status ${TEXT} not null,
      at ${NUMBER} not null, outcome ${TEXT} not null, request ${TEXT} not null,
      primary key (batch, number))`,
    'create index rows_by_phase on @batch_rows (batch, phase, store, status, number)',
    'create index rows_by_status on @batch_rows (batch, status, number)',
    'create index rows_open on @batch_rows (store) where phase in (1, 2)',
    'create index rows_at_rest on @batch_rows (store, at) where phase = 3',
  ],
  [
    `create table @deliveries (subject ${TEXT} not null, webhook ${TEXT} not null,
      revision ${NUMBER} not null, type ${TEXT} not null, body ${TEXT} not null,
      at ${NUMBER} not null, state ${TEXT} not null, tries ${NUMBER} not null,
      tried_at ${NUMBER}, last_result ${TEXT}, delivered_at ${NUMBER},
      primary key (subject, webhook))`,
    'create index deliveries_owed on @deliveries (webhook, tried_at nulls first, at, subject) ' +
      "where state = 'owed'",
    'create index deliveries_by_change on @deliveries (webhook, state, at, subject)',
    `create table @webhooks (name ${TEXT} primary key, version ${NUMBER} not null,
      body ${TEXT} not null)`,
    // Of each store how many notices wait, and the highest version of those that are gone, so that
    // none is given to a row twice.
    `create table @listening (store ${TEXT} primary key, last_at ${NUMBER},
      waiting integer not null default 0, spent ${NUMBER} not null default 0, watch ${TEXT})`,
    `create table @notices (store ${TEXT} not null, order_id ${TEXT} not null,
      version ${NUMBER} not null, heard_at ${NUMBER}, due_at ${NUMBER}, kept_until ${NUMBER},
      body ${TEXT} not null, primary key (store, order_id))`,
    'create index notices_due on @notices (store, due_at, order_id) where due_at is not null',
    'create index notices_heard on @notices (store, heard_at) where heard_at is not null',
    'create index notices_kept on @notices (kept_until) where kept_until is not null',
    `create table @links (name ${TEXT} primary key, version ${NUMBER} not null,
      status ${TEXT} not null, due_at ${NUMBER}, body ${TEXT} not null)`,
    'create index links_due on @links (due_at, name) where due_at is not null',
    'create index links_by_status on @links (status, name)',
    `create table @link_members (store ${TEXT} not null, order_id ${TEXT} not null,
      name ${TEXT} not null, status ${TEXT} not null, primary key (store, order_id))`,
    'create index members_by_link on @link_members (name)',
    'create index members_by_store on @link_members (store, name)',
    'create index members_by_order on @link_members (order_id, name)',
    // Entries have their place when they are written, and their number when the log is next read:
    // a number that each write had to wait for would have them wait for each other.
    `create table @audit (place bigint generated always as identity primary key,
      seq ${NUMBER} unique, at ${NUMBER} not null, body ${TEXT} not null, previous ${TEXT},
      hash ${TEXT})`,
    'create index audit_unnumbered on @audit (place) where seq is null',
    // The last that is sealed; also where everything before it was trimmed.
    `create table @audit_seal (one integer primary key check (one = 1), seq ${NUMBER} not null,
      hash ${TEXT} not null)`,
    `insert into @audit_seal values (1, 0, '${'0'.repeat(64)}')`,
    "insert into @meta values ('probe', 0), ('links', 0)",
  ],
]

/** Makes the schema where it is missing; what right that needs, it says in words. */
const makeSchema = async (session: Session, schema: string): Promise<void> => {
  const [found] = await session.send(
    statement(
      "select has_database_privilege(current_database(), 'create') as creates, " +
        "(select has_schema_privilege(oid, 'create') from pg_namespace where nspname = ?) as " +
        'fills, current_user::text as name, current_database()::text as database',
      schema,
    ),
  )
  const isThere = typeof found?.['fills'] === 'boolean'
  if (isThere ? found['fills'] : found?.['creates']) {
    if (!isThere) await session.command(`create schema "${schema}"`)
    return
  }
  const { name, database } = found ?? {}
  throw new Error(
    isThere
      ? `${name} may not create tables in the schema ${schema}: grant create, usage on schema ` +
          `${schema} to ${name}`
      : `${name} may not create the schema ${schema}: create schema ${schema} authorization ` +
          `${name}; or grant create on database ${database} to ${name}`,
  )
}

const steps = async (session: Session, schema: string): Promise<void> => {
  // One after another, whoever starts at once.
  await session.send(
    statement(
      'select 1 as one from pg_advisory_xact_lock(hashtextextended(?, 0))',
      `${schema} tables`,
    ),
  )
  const [there] = await session.send(
    statement(
      'select exists (select 1 from pg_class join pg_namespace as space on space.oid = ' +
        "relnamespace where nspname = ? and relname = 'meta') as is_there",
      schema,
    ),
  )
  let version = 0
  if (there?.['is_there']) {
    const [found] = await session.send(statement("select value from @meta where name = 'schema'"))
    version = Number(found?.['value'] ?? 0)
  }
  if (version > MIGRATIONS.length)
    throw new Error(
      `the ledger is of version ${version}; this program knows ${MIGRATIONS.length}: use the ` +
        'newer program',
    )
  if (version === MIGRATIONS.length) return
  await makeSchema(session, schema)
  await session.send(
    statement(
      `create table if not exists @meta (name ${TEXT} primary key, value ${NUMBER} not null)`,
    ),
  )
  await session.command(MIGRATIONS.slice(version).flat().join('; '))
  await session.send(
    statement(
      "insert into @meta values ('schema', ?) on conflict (name) do update set value = " +
        'excluded.value',
      MIGRATIONS.length,
    ),
  )
}

/** Creates the tables, or brings older ones up to date; refuses those of a later version. */
export const migrate = async (session: Session, schema: string): Promise<void> => {
  await session.command('begin')
  try {
    await steps(session, schema)
    await session.command('commit')
  } catch (error) {
    await session.command('rollback').catch(() => {})
    throw error
  }
}
