/**
 * The tables of a ledger as version 3 made them: what was released stays as it was, so it is
 * written out here once more.
 */
export const VERSION_3 = `
create table meta (name text primary key, value integer not null) without rowid;
create table cancellations (
  id text primary key, version integer not null, guard text not null, store text not null,
  order_id text not null,
  status text not null, reference text, created_at integer not null, updated_at integer not null,
  settled_at integer, wake_at integer, body text not null) without rowid;
create index by_guard on cancellations (guard);
create index by_creation on cancellations (created_at, id);
create index by_update on cancellations (updated_at, id);
create index by_store on cancellations (store, created_at, id);
create index by_reference on cancellations (reference) where reference is not null;
create index by_settling on cancellations (settled_at) where settled_at is not null;
create table keys (scope text primary key, id text not null, fingerprint text not null,
  expires_at integer not null) without rowid;
create table leases (key text primary key, epoch integer not null,
  until integer not null) without rowid;
insert into meta (name, value) values ('epoch', 0), ('probe', 0);
create index by_store_wake on cancellations (store, wake_at) where wake_at is not null;
alter table cancellations add column batch text;
create index by_batch on cancellations (batch, created_at, id) where batch is not null;
create table batches (id text primary key, version integer not null, caller text not null,
  finished_at integer, body text not null) without rowid;
create index batches_by_caller on batches (caller, id);
create index batches_unfinished on batches (id) where finished_at is null;
create index batches_by_finish on batches (finished_at) where finished_at is not null;
create table batch_rows (
  batch text not null, number integer not null, store text not null, phase integer not null,
  status text not null, at integer not null, outcome text not null, request text not null,
  primary key (batch, number)) without rowid;
create index rows_by_phase on batch_rows (batch, phase, store, status, number);
create index rows_by_status on batch_rows (batch, status, number);
create index rows_open on batch_rows (store) where phase in (1, 2);
create index rows_at_rest on batch_rows (store, at) where phase = 3;
insert into meta (name, value) values ('schema', 3);
`
