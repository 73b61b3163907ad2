/** Deliveries in PostgreSQL: what webhooks are owed, beside the records that they are told of. */
import {
  afterOwing,
  afterReplay,
  afterTrying,
  type Delivery,
  type DeliveryState,
  type EventType,
  type Health,
  type Owed,
} from '../../model/delivery.ts'
import type { DeliveryLedger, Pending } from '../port.ts'
import type { PostgresDeps } from './deps.ts'
import { forgetDeliveries } from './retention.ts'
import { ask, lockOf, type ResultRow, run, type Work } from './work.ts'

const toDelivery = (found: ResultRow): Delivery => ({
  webhook: found['webhook'] as string,
  subject: found['subject'] as string,
  revision: found['revision'] as number,
  type: found['type'] as EventType,
  body: found['body'] as string,
  at: found['at'] as number,
  state: found['state'] as DeliveryState,
  tries: found['tries'] as number,
  triedAt: found['tried_at'] as number | null,
  lastResult: found['last_result'] as string | null,
  deliveredAt: found['delivered_at'] as number | null,
})

/** The subjects are locked whenever a row of theirs is written. */
export const subjectLocks = (rows: readonly Pick<Owed, 'subject'>[]): string[] =>
  rows.map(({ subject }) => lockOf.subject(subject))

type Place = Pick<Owed, 'subject' | 'webhook'>
const placeOf = ({ subject, webhook }: Place): string => JSON.stringify([subject, webhook])

/** Reads rows by subject and webhook. */
function* find(places: readonly Place[]): Work<Map<string, Delivery>> {
  const found = yield* ask(
    'select * from @deliveries where (subject, webhook) in (select * from unnest(?::text[], ' +
      '?::text[]))',
    places.map(({ subject }) => subject),
    places.map(({ webhook }) => webhook),
  )
  return new Map(found.map(toDelivery).map((row) => [placeOf(row), row]))
}

function* put(rows: readonly Delivery[]): Work<void> {
  if (rows.length === 0) return
  yield* run(
    'insert into @deliveries (subject, webhook, revision, type, body, at, state, tries, ' +
      'tried_at, last_result, delivered_at) select * from unnest(?::text[], ?::text[], ' +
      '?::float8[], ?::text[], ?::text[], ?::float8[], ?::text[], ?::float8[], ?::float8[], ' +
      '?::text[], ?::float8[]) on conflict (subject, webhook) do update set revision = ' +
      'excluded.revision, type = excluded.type, body = excluded.body, at = excluded.at, state = ' +
      'excluded.state, tries = excluded.tries, tried_at = excluded.tried_at, last_result = ' +
      'excluded.last_result, delivered_at = excluded.delivered_at',
    rows.map(({ subject }) => subject),
    rows.map(({ webhook }) => webhook),
    rows.map(({ revision }) => revision),
    rows.map(({ type }) => type),
    rows.map(({ body }) => body),
    rows.map(({ at }) => at),
    rows.map(({ state }) => state),
    rows.map(({ tries }) => tries),
    rows.map(({ triedAt }) => triedAt),
    rows.map(({ lastResult }) => lastResult),
    rows.map(({ deliveredAt }) => deliveredAt),
  )
}

/** Writes what is owed, in the transaction of what it tells of. */
export function* oweIn(owed: readonly Owed[]): Work<void> {
  if (owed.length === 0) return
  const rows = yield* find(owed)
  const changed = new Map<string, Delivery>()
  for (const one of owed) {
    const place = placeOf(one)
    const next = afterOwing(changed.get(place) ?? rows.get(place) ?? null, one)
    if (next) changed.set(place, next)
  }
  yield* put([...changed.values()])
}

/** Writes what a try changed of a row, where it did: its body stays where it is. */
function* settle(
  ...[sent, state, result, at]: Parameters<DeliveryLedger['settle']>
): Work<boolean> {
  const found = (yield* find([sent])).get(placeOf(sent)) ?? null
  const row = afterTrying(found, sent, state, result, at)
  if (!row) return false
  yield* run(
    'update @deliveries set state = ?, tries = ?, tried_at = ?, last_result = ?, delivered_at = ' +
      '? where subject = ? and webhook = ?',
    row.state,
    row.tries,
    row.triedAt,
    row.lastResult,
    row.deliveredAt,
    row.subject,
    row.webhook,
  )
  return true
}

/** Writes the bodies of rows anew, where they are of the same revision still. */
function* rewrite(rows: readonly Delivery[]): Work<void> {
  for (const { body, subject, webhook, revision } of rows)
    yield* run(
      'update @deliveries set body = ? where subject = ? and webhook = ? and revision = ?',
      body,
      subject,
      webhook,
      revision,
    )
}

/** By an index that has the oldest first. */
const pendingOf = async (
  { read }: PostgresDeps,
  webhook: string,
  most: number | null = null,
): Promise<Pending> => {
  const [found] = await read(
    'select count(*)::int as pending, min(at) as oldest from (select at from @deliveries where ' +
      "webhook = ? and state = 'owed' order by at limit ?) as owed",
    webhook,
    most,
  )
  return {
    pending: found?.['pending'] as number,
    oldestPendingAt: found?.['oldest'] as number | null,
  }
}

const REPLAYED_AT_ONCE = 100

/** Goes by change, so that what is delivered again meanwhile is not met a second time. */
const replayTold = async (
  { read, commit }: PostgresDeps,
  state: DeliveryState,
  webhook: string,
  since: number,
  until: number,
): Promise<number> => {
  let [at, subject, count] = [since, '', 0]
  for (;;) {
    const told = (
      await read(
        'select at, subject from @deliveries where webhook = ? and state = ? and (at, subject) > ' +
          '(?, ?) and at <= ? order by at, subject limit ?',
        webhook,
        state,
        at,
        subject,
        until,
        REPLAYED_AT_ONCE,
      )
    ).map((row) => ({ at: row['at'] as number, subject: row['subject'] as string, webhook }))
    const last = told.at(-1)
    if (!last) return count
    count += await commit(subjectLocks(told), function* () {
      const rows = [...(yield* find(told)).values()].filter(
        (row) => row.state === state && row.at >= since && row.at <= until,
      )
      yield* put(rows.map(afterReplay))
      return rows.length
    })
    if (told.length < REPLAYED_AT_ONCE) return count
    ;({ at, subject } = last)
  }
}

const findHealth = async ({ read }: PostgresDeps, webhook: string): Promise<Health | null> => {
  const [found] = await read('select body from @webhooks where name = ?', webhook)
  return found ? (JSON.parse(found['body'] as string) as Health) : null
}

function* saveHealth(webhook: string, next: Health): Work<Health | null> {
  const saved = { ...next, version: next.version + 1 }
  const written = yield* ask(
    next.version === 0
      ? 'insert into @webhooks (version, body, name) values (?, ?, ?) on conflict do nothing ' +
          'returning name'
      : 'update @webhooks set version = ?, body = ? where name = ? and version = ? returning name',
    saved.version,
    JSON.stringify(saved),
    webhook,
    ...(next.version === 0 ? [] : [next.version]),
  )
  return written.length === 1 ? saved : null
}

/** Every webhook that has a row or a health: a walk from one to the next along an index. */
const WEBHOOKS = `with recursive found(webhook) as (
    select min(webhook) from @deliveries
    union all
    select (select min(webhook) from @deliveries where webhook > found.webhook) from found
    where found.webhook is not null)
  select webhook from found where webhook is not null union select name from @webhooks`

/** Opens the deliveries of a migrated schema. */
export const openPostgresDeliveries = (deps: PostgresDeps): DeliveryLedger => {
  const { read, commit } = deps
  return {
    owe: (owed) =>
      owed.length === 0 ? Promise.resolve() : commit(subjectLocks(owed), () => oweIn(owed)),
    next: async (webhook, limit) =>
      (
        await read(
          "select * from @deliveries where webhook = ? and state = 'owed' order by tried_at " +
            'nulls first, at, subject limit ?',
          webhook,
          limit,
        )
      ).map(toDelivery),
    settle: (...values) => commit(subjectLocks([values[0]]), () => settle(...values)),
    rewrite: (rows) => commit(subjectLocks(rows), () => rewrite(rows)),
    of: async (subject) =>
      (await read('select * from @deliveries where subject = ? order by webhook', subject)).map(
        toDelivery,
      ),
    owedOf: (webhook, most) => pendingOf(deps, webhook, most),
    async replay(webhook, since, until) {
      const delivered = await replayTold(deps, 'delivered', webhook, since, until)
      return delivered + (await replayTold(deps, 'failed', webhook, since, until))
    },
    health: (webhook) => findHealth(deps, webhook),
    saveHealth: (webhook, next) => commit([`webhook ${webhook}`], () => saveHealth(webhook, next)),
    webhooks: async () => (await read(WEBHOOKS)).map(({ webhook }) => webhook as string),
    forget: (webhook) => forgetDeliveries(deps, webhook),
  }
}
