/**
 * Proof that replicas have what was written: whoever of them takes over then knows of it, so an
 * order is not asked for twice by gateways on the two sides of a partition.
 *
 * WAIT holds up whatever comes behind it on its connection and counts only the writes of that
 * connection, so it has one of its own, on which it follows a small write: replicas take writes in
 * order, so who has that one has all that were done before it. Whoever asks while an answer is out
 * is answered by the next, all together.
 */
import type { Client, RedisOptions, Server } from './connection.ts'

/**
 * A replica that lives answers in a round trip; one that does not holds up nobody for longer than
 * this.
 */
const ANSWER_MS = 1_000

export const openReplicas = (beside: () => Client, warn: NonNullable<RedisOptions['warn']>) => {
  let witness: Client | null = null
  let next: { readonly server: Server; readonly by: Promise<number> } | null = null
  let last: Promise<unknown> = Promise.resolve()
  let isTold = false

  const open = async (): Promise<Client> => {
    if (witness) return witness
    const opened = (witness = beside())
    // What is wrong with the server is told by the other connection; here it only counts that
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

  /**
   * How many replicas have everything that was done before this was called; none where nobody can
   * say.
   */
  const count = async (server: Server): Promise<number> => {
    const begin = async () => {
      await last
      next = null
      const asked = ask(server).catch(() => 0)
      last = asked
      return asked
    }
    const { server: about, by } = (next ??= { server, by: begin() })
    return about === server ? by : 0
  }

  /** Tells an operator, once until it is well again. */
  const tell = (isWell: boolean, { replicas }: Server): boolean => {
    if (!isWell && !isTold)
      warn(
        `Fewer replicas of Redis answer than the ${replicas} that must have what is sent: ` +
          'nothing is sent until they do, since one of them may have taken over. If they were ' +
          'taken away on purpose, set RESCIND_REDIS_REPLICAS.',
      )
    isTold = !isWell
    return isWell
  }

  return {
    tell,
    /** Whether as many replicas as must have everything that was done before this was called. */
    have: async (server: Server): Promise<boolean> =>
      server.replicas === 0 || tell((await count(server)) >= server.replicas, server),
    close: () => witness?.redis.disconnect(),
  }
}
