/**
 * Proof that replicas have what was written: whoever of them takes over then knows of it, so an
 * order is not asked for twice by gateways on the two sides of a partition.
 *
 * WAIT holds up whatever comes behind it on its connection and counts only the writes of that
 * connection, so it has one of its own, on which it follows a small write: replicas take writes in
 * order, so who has that one has all that were done before it. Whoever asks while an answer is out
 * is answered by the next, all together.
 */
import type { Client } from './connection.ts'
import type { RedisOptions } from './options.ts'
import { COMMON, type Scripts } from './prelude.ts'
import type { Server } from './server.ts'

/**
 * A replica that lives answers in a round trip; one that does not holds up nobody for longer than
 * this.
 */
const ANSWER_MS = 1_000

/**
 * Answers 1 where this is the server that is meant; its write comes after everything that this
 * process knows to be done.
 */
const witnessLua = `${COMMON}
local info = redis.pcall('INFO', 'server')
local isMeant = type(info) == 'string' and info:find('run_id:' .. ARGV[1], 1, true)
if ARGV[1] ~= '' and not isMeant then return 0 end
call('SET', p .. 'probe', ARGV[1])
return 1
`

export const REPLICA_SCRIPTS: Scripts = { witness: witnessLua }

export interface Replicas {
  /** Warns an operator where replicas are missing, once until it is well again. */
  report(isWell: boolean, server: Server): boolean
  /** Whether as many replicas as must have everything that was done before this was called. */
  have(server: Server): Promise<boolean>
  close(): void
}

/** Warns once until it is well again. */
const openReport = (warn: NonNullable<RedisOptions['warn']>): Replicas['report'] => {
  let isWarned = false
  return (isWell, { replicas }) => {
    if (!isWell && !isWarned)
      warn(
        `Fewer replicas of Redis answer than the ${replicas} that must have what is sent: ` +
          'nothing is sent until they do, since one of them may have taken over. If they were ' +
          'taken away on purpose, set RESCIND_REDIS_REPLICAS.',
      )
    isWarned = !isWell
    return isWell
  }
}

export const openReplicas = (
  duplicate: () => Client,
  warn: NonNullable<RedisOptions['warn']>,
): Replicas => {
  let witness: Client | null = null
  let next: { readonly server: Server; readonly count: Promise<number> } | null = null
  let last: Promise<unknown> = Promise.resolve()
  const report = openReport(warn)

  const open = async (): Promise<Client> => {
    if (witness) return witness
    const opened = (witness = duplicate())
    // What is wrong with the server is reported by the other connection; here it only counts that
    // nothing was acknowledged.
    opened.redis.on('error', () => {})
    await opened.redis.connect()
    return opened
  }

  const ask = async ({ runId, replicas }: Server): Promise<number> => {
    const { redis, script } = await open()
    if ((await script('witness', runId)) === 1) return redis.wait(replicas, ANSWER_MS)
    // The address leads elsewhere by now.
    redis.disconnect(true)
    return 0
  }

  /** Asks after the question that is out, for all who come until then. */
  const askNext = async (server: Server): Promise<number> => {
    await last
    next = null
    const asked = ask(server).catch(() => 0)
    last = asked
    return asked
  }

  /**
   * How many replicas have everything that was done before this was called; none where nobody can
   * say.
   */
  const countOf = async (server: Server): Promise<number> => {
    next ??= { server, count: askNext(server) }
    return next.server === server ? next.count : 0
  }

  return {
    report,
    have: async (server) =>
      server.replicas === 0 || report((await countOf(server)) >= server.replicas, server),
    close: () => witness?.redis.disconnect(),
  }
}
