/** The tables of the SQL ledger, step by step from its first version. */
import type { Sql } from './database.ts'

const ONE_MORE =
  'insert into batch_tallies values (new.batch, new.phase, new.store, new.status, 1) on ' +
  'conflict do update set count = count + 1'
const ONE_LESS =
  'update batch_tallies set count = count - 1 where batch = old.batch and phase = old.phase and ' +
  'store = old.store and status = old.status'

/** By what a record is counted: the day that it was made on, in UTC, its store and its status. */
const OLD_TALLY = 'day = old.created_at / 86400000 and store = old.store and status = old.status'
const ONE_MORE_OF_DAY =
  'insert into day_tallies values (new.created_at / 86400000, new.store, new.status, 1) on ' +
  'conflict do update set count = count + 1'
const ONE_LESS_OF_DAY =
  `update day_tallies set count = count - 1 where ${OLD_TALLY}; ` +
  `delete from day_tallies where ${OLD_TALLY} and count = 0`

/**
 * Each step brings a database from the version of its index to the next; a step that was released
 * is never changed.
 */
const MIGRATIONS: readonly string[][] = [
  [
    `create table cancellations (
      id text primary key, version integer not null, guard text not null, store text not null,
      order_id text not null, status text not null, reference text,
      created_at integer not null, updated_at integer not null,
      settled_at integer, wake_at integer, body text not null) without rowid`,
    'create index by_guard on cancellations (guard)',
    'create index by_wake on cancellations (wake_at) where wake_at is not null',
    'create index by_creation on cancellations (created_at, id)',
    'create index by_update on cancellations (updated_at, id)',
    'create index by_store on cancellations (store, created_at, id)',
    'create index by_reference on cancellations (reference) where reference is not null',
    'create index by_settling on cancellations (settled_at) where settled_at is not null',
    'create table keys (scope text primary key, id text not null, fingerprint text not null, ' +
      'expires_at integer not null) without rowid',
    'create table leases (key text primary key, epoch integer not null, until integer not null) ' +
      'without rowid',
    "insert into meta (name, value) values ('epoch', 0), ('probe', 0)",
  ],
  // What is due is asked for store by store.
  [
    'drop index by_wake',
    'create index by_store_wake on cancellations (store, wake_at) where wake_at is not null',
  ],
  [
    'alter table cancellations add column batch text',
    'create index by_batch on cancellations (batch, created_at, id) where batch is not null',
    'create table batches (id text primary key, version integer not null, caller text not null, ' +
      'finished_at integer, body text not null) without rowid',
    'create index batches_by_caller on batches (caller, id)',
    'create index batches_unfinished on batches (id) where finished_at is null',
    'create index batches_by_finish on batches (finished_at) where finished_at is not null',
    // Phases by rank (rules.ts): 0 waiting, 1 taken, 2 open, 3 at rest.
    `create table batch_rows (
      batch text not null, number integer not null, store text not null, phase integer not null,
      status text not null, at integer not null,
      outcome text not null, request text not null, primary key (batch, number)) without rowid`,
    'create index rows_by_phase on batch_rows (batch, phase, store, status, number)',
    'create index rows_by_status on batch_rows (batch, status, number)',
    'create index rows_open on batch_rows (store) where phase in (1, 2)',
    'create index rows_at_rest on batch_rows (store, at) where phase = 3',
  ],
  [
    'alter table cancellations add column doubt_since integer',
    "update cancellations set doubt_since = coalesce(json_extract(body, '$.attempts[#-1].at'), " +
      "updated_at) where status = 'in_doubt'",
    'create index by_openness on cancellations (status, updated_at, settled_at) where ' +
      'settled_at is null',
    'create index by_doubt on cancellations (doubt_since) where doubt_since is not null',
  ],
  [
    'create index by_order on cancellations (order_id, created_at, id)',
    "create index by_rejection on cancellations (created_at, id) where status = 'rejected'",
  ],
  ['create table stores (id text primary key, account text not null) without rowid'],
  // Nothing that is asked often reads more the more there is.
  [
    'alter table cancellations add column message text',
    // What may stand in the way (`guard` in rules.ts): what is open, and what succeeded. A partial
    // index holds the columns of its condition too, or every record would be looked at.
    'drop index by_guard',
    'create index by_guard on cancellations (guard, created_at, id, settled_at) where ' +
      'settled_at is null',
    'create index by_success on cancellations (guard, created_at, id, message, settled_at, ' +
      "status) where settled_at is not null and status <> 'rejected'",
    // One for each way to ask for a list (ranges.ts).
    ...['by_store', 'by_order', 'by_batch', 'by_reference', 'by_rejection', 'by_update'].map(
      (index) => `drop index ${index}`,
    ),
    'create index by_update on cancellations (updated_at, id, created_at)',
    'create index by_store on cancellations (store, status, created_at, id)',
    'create index by_store_update on cancellations (store, status, updated_at, id, created_at)',
    ...[
      ['by_order', 'order_id'],
      ['by_batch', 'batch'],
    ].map(
      ([index, column]) =>
        `create index ${index} on cancellations (${column}, created_at, id, store, status, ` +
        `updated_at, settled_at) where ${column} is not null and settled_at is not null`,
    ),
    'create index by_reference on cancellations (reference, store, status, created_at, id, ' +
      'settled_at) where reference is not null and settled_at is not null',
    'create index by_reference_update on cancellations (reference, store, status, updated_at, ' +
      'id, created_at, settled_at) where reference is not null and settled_at is not null',
    ...[
      ['by_open_order', 'order_id'],
      ['by_open_batch', 'batch'],
      ['by_open_reference', 'reference'],
    ].map(
      ([index, column]) =>
        `create index ${index} on cancellations (${column}, created_at, id, store, status, ` +
        `updated_at, settled_at) where ${column} is not null and settled_at is null`,
    ),
    `create index by_oddity on cancellations (
        updated_at, id, created_at, store, status, reference, order_id, batch)
      where updated_at not between created_at and created_at + 86400000`,
    'create index keys_by_expiry on keys (expires_at)',
    // How many rows of a batch stand how, kept by whatever writes one.
    `create table batch_tallies (
      batch text not null, phase integer not null, store text not null, status text not null,
      count integer not null, primary key (batch, phase, store, status)) without rowid`,
    'insert into batch_tallies select batch, phase, store, status, count(*) from batch_rows ' +
      'group by batch, phase, store, status',
    `create trigger row_came after insert on batch_rows begin ${ONE_MORE}; end`,
    `create trigger row_went after delete on batch_rows begin ${ONE_LESS}; end`,
    'create trigger row_moved after update of phase, status on batch_rows when new.phase <> ' +
      `old.phase or new.status <> old.status begin ${ONE_LESS}; ${ONE_MORE}; end`,
  ],
  // What webhooks are owed of a subject, and are told no longer than its record is kept.
  [
    `create table deliveries (
      subject text not null, webhook text not null, revision integer not null, type text not null,
      body text not null, at integer not null, state text not null, tries integer not null,
      tried_at integer, last_result text, delivered_at integer,
      primary key (subject, webhook)) without rowid`,
    'create index deliveries_owed on deliveries (webhook, tried_at, at, subject) where ' +
      "state = 'owed'",
    'create index deliveries_by_change on deliveries (webhook, state, at)',
    // Null: nothing is sent.
    'create table webhooks (name text primary key, next_at integer, body text not null) ' +
      'without rowid',
    ...['cancellations', 'batches'].map(
      (table) =>
        `create trigger told_of_${table} after delete on ${table} begin ` +
        'delete from deliveries where subject = old.id; end',
    ),
  ],
  // What was heard of orders, what links them, and records by who brought them about.
  [
    'alter table cancellations add column origin text',
    'alter table cancellations add column link text',
    'alter table cancellations add column reopened_at integer',
    // What is open again at its platform speaks for its order no more.
    'drop index by_success',
    'create index by_success on cancellations (guard, created_at, id, message, settled_at, ' +
      "status, reopened_at) where settled_at is not null and status <> 'rejected' and " +
      'reopened_at is null',
    `create index by_link on cancellations (link, created_at, id, store, status, updated_at,
      settled_at) where link is not null and settled_at is not null`,
    ...[
      ['by_open_link', 'link'],
      ['by_open_origin', 'origin'],
    ].map(
      ([index, column]) =>
        `create index ${index} on cancellations (${column}, created_at, id, store, status, ` +
        `updated_at, settled_at) where ${column} is not null and settled_at is null`,
    ),
    // Null: a caller, as most records are; so only the others cost anything.
    'create index by_origin on cancellations (origin, store, status, created_at, id, settled_at) ' +
      'where origin is not null and settled_at is not null',
    'create index by_origin_update on cancellations (origin, store, status, updated_at, id, ' +
      'created_at, settled_at) where origin is not null and settled_at is not null',
    'drop index by_oddity',
    `create index by_oddity on cancellations (
        updated_at, id, created_at, store, status, reference, order_id, batch, link, origin)
      where updated_at not between created_at and created_at + 86400000`,
    // Of each store how many notices wait, kept by whatever writes one; and the highest version of
    // those that are gone, so that none is given to a row twice.
    `create table listening (
      store text primary key, last_at integer, waiting integer not null default 0,
      spent integer not null default 0, watch text) without rowid`,
    `create table notices (
      store text not null, order_id text not null, version integer not null, heard_at integer,
      due_at integer, kept_until integer, body text not null,
      primary key (store, order_id)) without rowid`,
    'create index notices_due on notices (store, due_at, order_id) where due_at is not null',
    'create index notices_heard on notices (store, heard_at) where heard_at is not null',
    'create index notices_kept on notices (kept_until) where kept_until is not null',
    'create trigger notice_came after insert on notices when new.due_at is not null begin ' +
      'update listening set waiting = waiting + 1 where store = new.store; end',
    `create trigger notice_went after delete on notices begin
      update listening
      set waiting = waiting - (old.due_at is not null), spent = max(spent, old.version)
      where store = old.store;
    end`,
    `create trigger notice_moved after update of due_at on notices
      when (new.due_at is null) <> (old.due_at is null) begin
      update listening set waiting = waiting + iif(new.due_at is null, -1, 1)
      where store = new.store;
    end`,
    // A member has its link's status, so that a store's links are found by it.
    'create table links (name text primary key, version integer not null, status text not null, ' +
      'due_at integer, body text not null) without rowid',
    'create index links_due on links (due_at, name) where due_at is not null',
    'create index links_by_status on links (status, name)',
    'create table link_members (store text not null, order_id text not null, name text not null, ' +
      'status text not null, primary key (store, order_id)) without rowid',
    'create index members_by_link on link_members (name)',
    'create index members_by_store on link_members (store, name)',
    'create index members_by_status on link_members (store, status, name)',
    'create index members_by_order on link_members (order_id, name, store, status)',
    // The highest version of a link that is gone.
    "insert into meta (name, value) values ('links', 0)",
    `create trigger link_went after delete on links begin
      delete from link_members where name = old.name;
      update meta set value = max(value, old.version) where name = 'links';
    end`,
  ],
  // Records whose order is open again, of which there are few.
  [
    `create index by_reopening on cancellations (created_at, id, updated_at, store, status,
      order_id, reference, batch, link, origin, reopened_at) where reopened_at is not null`,
  ],
  // How many records of each day stand how, kept by whatever writes one.
  [
    'create table day_tallies (day integer not null, store text not null, status text not null, ' +
      'count integer not null, primary key (day, store, status)) without rowid',
    'insert into day_tallies select created_at / 86400000, store, status, count(*) from ' +
      'cancellations group by 1, 2, 3',
    `create trigger record_came after insert on cancellations begin ${ONE_MORE_OF_DAY}; end`,
    `create trigger record_went after delete on cancellations begin ${ONE_LESS_OF_DAY}; end`,
    'create trigger record_moved after update of status on cancellations when new.status <> ' +
      `old.status begin ${ONE_LESS_OF_DAY}; ${ONE_MORE_OF_DAY}; end`,
  ],
  // Records that wait for somebody's approval, of which there are few.
  [
    'alter table cancellations add column approval text',
    `create index by_approval on cancellations (created_at, id, updated_at, store, status,
      order_id, reference, batch, link, origin, approval) where approval is not null`,
  ],
  // The audit log: numbered as it is written, sealed with its hashes later.
  [
    'create table audit (seq integer primary key, at integer not null, body text not null, ' +
      'previous text, hash text)',
    // The last that is sealed; also where everything before it was trimmed.
    'create table audit_seal (one integer primary key check (one = 1), seq integer not null, ' +
      'hash text not null)',
    `insert into audit_seal values (1, 0, '${'0'.repeat(64)}')`,
  ],
]

/**
 * Creates the tables, or brings older ones up to date; whether there was anything to do. Refuses a
 * database of a later version.
 */
export const migrate = (sql: Sql): boolean => {
  sql.run(
    'create table if not exists meta (name text primary key, value integer not null) without rowid',
  )
  sql.run("insert or ignore into meta (name, value) values ('schema', 0)")
  const version = Number(sql.all("select value from meta where name = 'schema'")[0]?.['value'])
  if (version > MIGRATIONS.length)
    throw new Error(
      `the ledger is of version ${version}; this program knows ${MIGRATIONS.length}: use the ` +
        'newer program',
    )
  for (const statement of MIGRATIONS.slice(version).flat()) sql.run(statement)
  sql.run("update meta set value = ? where name = 'schema'", MIGRATIONS.length)
  return version < MIGRATIONS.length
}
