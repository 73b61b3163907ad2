/** Who waits for a record: woken by what this process saves, and looking for what another wrote. */
import type { Cancellation } from '../model/cancellation.ts'

/** How often a waiting caller looks for what another process wrote. */
const POLL_MS = 250

/** Resolves with `woken`, or after so many milliseconds. */
const pause = async (ms: number, woken: Promise<void>): Promise<void> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([woken, over])
  clearTimeout(timer)
}

export interface Watchers {
  /** A record was saved by this process. */
  notify(id: string): void
  /** Holds until it is over, the time is up or the signal comes; then the record. */
  wait(
    get: () => Promise<Cancellation>,
    isOver: (record: Cancellation) => boolean | Promise<boolean>,
    id: string,
    ms: number,
    signal?: AbortSignal,
  ): Promise<Cancellation>
}

export const createWatchers = (): Watchers => {
  const watchers = new Map<string, Set<() => void>>()
  return {
    notify(id) {
      for (const wake of watchers.get(id) ?? []) wake()
    },
    async wait(get, isOver, id, ms, signal) {
      const end = performance.now() + ms
      const watching = watchers.get(id) ?? new Set()
      watchers.set(id, watching)
      let resume = () => {}
      const wake = () => resume()
      watching.add(wake)
      signal?.addEventListener('abort', wake)
      try {
        for (;;) {
          // From before the record is read: what is saved in between must not be missed.
          const saved = new Promise<void>((resolve) => {
            resume = resolve
          })
          const record = await get()
          const leftMs = end - performance.now()
          if (leftMs <= 0 || signal?.aborted || (await isOver(record))) return record
          await pause(Math.min(leftMs, POLL_MS), saved)
        }
      } finally {
        signal?.removeEventListener('abort', wake)
        watching.delete(wake)
        if (watching.size === 0) watchers.delete(id)
      }
    },
  }
}
