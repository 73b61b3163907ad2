/**
 * The tables of a ledger as version 7 made them, the last before there were deliveries: what was
 * released stays as it was, so it is written out here once more.
 */
export const VERSION_7 = `
create table meta (name text primary key, value integer not null) without rowid;
create table cancellations (
      id text primary key, version integer not null, guard text not null, store text not null,
      order_id text not null, status text not null, reference text,
      created_at integer not null, updated_at integer not null,
      settled_at integer, wake_at integer, body text not null, batch text, doubt_since integer, message text) without rowid;
create index by_creation on cancellations (created_at, id);
create index by_settling on cancellations (settled_at) where settled_at is not null;
create table keys (scope text primary key, id text not null, fingerprint text not null, expires_at integer not null) without rowid;
create table leases (key text primary key, epoch integer not null, until integer not null) without rowid;
create index by_store_wake on cancellations (store, wake_at) where wake_at is not null;
create table batches (id text primary key, version integer not null, caller text not null, finished_at integer, body text not null) without rowid;
create index batches_by_caller on batches (caller, id);
create index batches_unfinished on batches (id) where finished_at is null;
create index batches_by_finish on batches (finished_at) where finished_at is not null;
create table batch_rows (
      batch text not null, number integer not null, store text not null, phase integer not null,
      status text not null, at integer not null,
      outcome text not null, request text not null, primary key (batch, number)) without rowid;
create index rows_by_phase on batch_rows (batch, phase, store, status, number);
create index rows_by_status on batch_rows (batch, status, number);
create index rows_open on batch_rows (store) where phase in (1, 2);
create index rows_at_rest on batch_rows (store, at) where phase = 3;
create index by_openness on cancellations (status, updated_at, settled_at) where settled_at is null;
create index by_doubt on cancellations (doubt_since) where doubt_since is not null;
create table stores (id text primary key, account text not null) without rowid;
create index by_guard on cancellations (guard, created_at, id, settled_at) where settled_at is null;
create index by_success on cancellations (guard, created_at, id, message, settled_at, status) where settled_at is not null and status <> 'rejected';
create index by_update on cancellations (updated_at, id, created_at);
create index by_store on cancellations (store, status, created_at, id);
create index by_store_update on cancellations (store, status, updated_at, id, created_at);
create index by_order on cancellations (order_id, created_at, id, store, status, updated_at, settled_at) where order_id is not null and settled_at is not null;
create index by_batch on cancellations (batch, created_at, id, store, status, updated_at, settled_at) where batch is not null and settled_at is not null;
create index by_reference on cancellations (reference, store, status, created_at, id, settled_at) where reference is not null and settled_at is not null;
create index by_reference_update on cancellations (reference, store, status, updated_at, id, created_at, settled_at) where reference is not null and settled_at is not null;
create index by_open_order on cancellations (order_id, created_at, id, store, status, updated_at, settled_at) where order_id is not null and settled_at is null;
create index by_open_batch on cancellations (batch, created_at, id, store, status, updated_at, settled_at) where batch is not null and settled_at is null;
create index by_open_reference on cancellations (reference, created_at, id, store, status, updated_at, settled_at) where reference is not null and settled_at is null;
create index by_oddity on cancellations (
        updated_at, id, created_at, store, status, reference, order_id, batch)
      where updated_at not between created_at and created_at + 86400000;
create index keys_by_expiry on keys (expires_at);
create table batch_tallies (
      batch text not null, phase integer not null, store text not null, status text not null,
      count integer not null, primary key (batch, phase, store, status)) without rowid;
create trigger row_came after insert on batch_rows begin insert into batch_tallies values (new.batch, new.phase, new.store, new.status, 1) on conflict do update set count = count + 1; end;
create trigger row_went after delete on batch_rows begin update batch_tallies set count = count - 1 where batch = old.batch and phase = old.phase and store = old.store and status = old.status; end;
create trigger row_moved after update of phase, status on batch_rows when new.phase <> old.phase or new.status <> old.status begin update batch_tallies set count = count - 1 where batch = old.batch and phase = old.phase and store = old.store and status = old.status; insert into batch_tallies values (new.batch, new.phase, new.store, new.status, 1) on conflict do update set count = count + 1; end;
insert into meta (name, value) values ('epoch', 0), ('probe', 0), ('schema', 7);
`
