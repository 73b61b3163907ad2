/** How a command looks at what it sent, until that is at rest or somebody has had enough. */
import type { Cancellation, Client } from '../client/index.ts'
import { statusWord } from '../messages/words.ts'
import { next, there } from './paste.ts'
import { EXIT, Halt, type Terminal } from './terminal.ts'

/**
 * Sends it once, then looks until it is at rest or the time is up; Ctrl-C ends the looking, never
 * the cancellation.
 */
export const follow = async (
  terminal: Terminal,
  client: Client,
  waitMs: number,
  send: () => Promise<Cancellation>,
): Promise<Cancellation> => {
  const stop = new AbortController()
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(EXIT.unknown)
    stop.abort()
  }
  process.on('SIGINT', interrupt)
  try {
    const sent = await send()
    const isOver = sent.final || sent.status === 'needs_attention'
    if ((isOver && sent.link?.status !== 'canceling') || waitMs === 0) return sent
    // A person is waited for: that may take days.
    if (sent.approval?.state === 'awaited') return sent
    if (terminal.isLive)
      terminal.say(`${statusWord(sent)} … (Ctrl-C ends the looking, not the cancellation)`)
    return await client.get(sent.id, { waitMs, signal: stop.signal }).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error
      throw new Halt(
        EXIT.unknown,
        '\nSent; still being checked. The gateway goes on by itself.',
        next('What became of it:', there('show', sent.id)),
        sent,
      )
    })
  } finally {
    process.off('SIGINT', interrupt)
  }
}
