/**
 * The tables of a ledger as version 8 made them, the last before there were notices and links: what
 * was released stays as it was, so what it added to version 7 is written out here once more.
 */
import { VERSION_7 } from './version-7.ts'

export const VERSION_8 = `${VERSION_7}
create table deliveries (
      subject text not null, webhook text not null, revision integer not null, type text not null,
      body text not null, at integer not null, state text not null, tries integer not null,
      tried_at integer, last_result text, delivered_at integer,
      primary key (subject, webhook)) without rowid;
create index deliveries_owed on deliveries (webhook, tried_at, at, subject) where state = 'owed';
create index deliveries_by_change on deliveries (webhook, state, at);
create table webhooks (name text primary key, next_at integer, body text not null) without rowid;
create trigger told_of_cancellations after delete on cancellations begin
  delete from deliveries where subject = old.id; end;
create trigger told_of_batches after delete on batches begin
  delete from deliveries where subject = old.id; end;
update meta set value = 8 where name = 'schema';
`
