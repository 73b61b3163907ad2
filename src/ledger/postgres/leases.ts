/** Leases in PostgreSQL: who may work on what a lock key stands for, and until when. */
import type { Cancellation } from '../../model/cancellation.ts'
import type { Lease } from '../port.ts'
import { BUSY_RETRY_MS } from '../rules.ts'
import { type PostgresDeps, SERVER_TIME } from './deps.ts'
import { type Server, TIMELINE } from './fitness.ts'
import {
  askEach,
  lockOf,
  type ResultRow,
  run,
  type Statement,
  statement,
  type Work,
} from './work.ts'

/**
 * Epochs of a timeline: a standby that took over has a later timeline, so its epochs are above all
 * that were given before, also above those that it had not heard of.
 */
const EPOCHS = 2 ** 40

const askHolder = ({ given }: PostgresDeps, key: string): Statement =>
  statement(
    `select until - ${SERVER_TIME} as rest from @leases where key = ? and until > ${SERVER_TIME}`,
    given(),
    key,
    given(),
  )

/** The next epoch, the timeline that it is of, and the server's time. */
const askTurn = ({ given }: PostgresDeps, { tellsTimeline }: Server): Statement =>
  statement(
    `select nextval('@epochs')::float8 as epoch, ${tellsTimeline ? TIMELINE : '0::float8'} as ` +
      `timeline, ${SERVER_TIME} as at`,
    given(),
  )

const askPause = (): Statement =>
  statement("select name, value from @meta where name in ('timeline', 'resume')")

export const askHeld = ({ key, epoch }: Lease): Statement =>
  statement('select 1 as one from @leases where key = ? and epoch = ?', key, epoch)

/** Ends a lease that is held, or keeps it until a time of this process's clock. */
export function* endLease(
  { now, given }: PostgresDeps,
  { key }: Lease,
  keepUntil: number | undefined,
): Work<void> {
  if (keepUntil === undefined) yield* run('delete from @leases where key = ?', key)
  else
    yield* run(
      `update @leases set until = ${SERVER_TIME} + ? where key = ?`,
      given(),
      keepUntil - now(),
      key,
    )
}

export function* releaseLease({ key, epoch }: Lease): Work<void> {
  yield* run('delete from @leases where key = ? and epoch = ?', key, epoch)
}

function* give(key: string, turn: ResultRow, ttlMs: number, until: number): Work<Lease> {
  const epoch = Number(turn['timeline']) * EPOCHS + Number(turn['epoch'])
  yield* run(
    'insert into @leases (key, epoch, until) values (?, ?, ?) on conflict (key) do update set ' +
      'epoch = excluded.epoch, until = excluded.until',
    key,
    epoch,
    Number(turn['at']) + ttlMs,
  )
  return { key, epoch, until }
}

/** For how long no lease is given, since another server took over; 0: one is. */
function* pauseOf(
  { options }: PostgresDeps,
  kept: readonly ResultRow[],
  turn: ResultRow,
  { tellsTimeline }: Server,
): Work<number> {
  if (!tellsTimeline) return 0
  const valueOf = (name: string) =>
    kept.find((row) => row['name'] === name)?.['value'] as number | undefined
  const { at, timeline } = turn as { readonly at: number; readonly timeline: number }
  const [known, resume = 0] = [valueOf('timeline'), valueOf('resume')]
  // The server's clock may have been set back.
  const latest = at + options.pauseMs
  const next = known === timeline ? Math.min(resume, latest) : known === undefined ? 0 : latest
  if (known !== timeline || next !== resume)
    yield* run(
      "insert into @meta values ('timeline', ?), ('resume', ?) on conflict (name) do update set " +
        'value = excluded.value',
      timeline,
      next,
    )
  if (known !== undefined && known !== timeline)
    options.warn?.(
      `Another PostgreSQL took over: nothing is sent for up to ${options.pauseMs} ms, until ` +
        'everything sent before has landed.',
    )
  return Math.max(0, next - at)
}

function* wake(id: string, at: number): Work<void> {
  yield* run('update @cancellations set wake_at = ? where id = ?', at, id)
}

/** Takes a lease that no record waits for; as the port's `hold` says. */
export const holdLease = async (
  deps: PostgresDeps,
  name: string,
  ttlMs: number,
): Promise<Lease | null> => {
  const server = await deps.server()
  return deps.commit([lockOf.lease(name)], function* () {
    const [held = [], turns = []] = yield* askEach(askHolder(deps, name), askTurn(deps, server))
    return held.length > 0
      ? null
      : yield* give(name, turns[0] as ResultRow, ttlMs, deps.now() + ttlMs)
  })
}

/** Takes a lease; as the port's `lease` says. */
export const takeLease = async (
  deps: PostgresDeps,
  { id, version }: Cancellation,
  key: string,
  ttlMs: number,
): Promise<Lease | 'busy' | 'stale'> => {
  const server = await deps.server()
  return deps.commit([lockOf.subject(id), lockOf.lease(key)], function* () {
    const [current = [], held = [], turns = [], kept = []] = yield* askEach(
      statement('select version from @cancellations where id = ?', id),
      askHolder(deps, key),
      askTurn(deps, server),
      askPause(),
    )
    if (current[0]?.['version'] !== version) return 'stale'
    const [now, turn] = [deps.now(), turns[0] as ResultRow]
    const pausedMs = yield* pauseOf(deps, kept, turn, server)
    const busyMs = held[0] ? Math.min(Number(held[0]['rest']), BUSY_RETRY_MS) : 0
    if (pausedMs > 0 || busyMs > 0) {
      yield* wake(id, now + Math.max(pausedMs, busyMs))
      return 'busy'
    }
    yield* wake(id, now + ttlMs)
    return yield* give(key, turn, ttlMs, now + ttlMs)
  })
}

export const release = ({ commit }: PostgresDeps, lease: Lease): Promise<void> =>
  commit([lockOf.lease(lease.key)], () => releaseLease(lease))
