/**
 * Watches what the configuration is read from, by reading it again and again: that is right where
 * the notices of a file system are not (network file systems, mounts into containers, a symlink
 * that is swapped, an editor that puts another file in its place), and costs a few kilobytes a
 * second.
 */
import type { OnFault } from './log.ts'
import type { ConfigSource } from './load.ts'

/** How often it is looked at; what is new must look the same twice, for it may be half written. */
const LOOK_MS = 1_000

export interface WatchParts {
  readonly source: Pick<ConfigSource, 'look'>
  readonly onChanged: () => void
  readonly onFault: OnFault
}

export interface ConfigWatch {
  /** Looks no more. */
  readonly stop: () => void
}

/** One look: what it saw that was not there before. Null: nothing new, or it was told of. */
const turnOf = ({ source, onChanged }: WatchParts) => {
  let seen: string | null = null
  let told: string | null = null
  return async (): Promise<void> => {
    const { isLoaded, digest } = await source.look()
    if (isLoaded) told = null
    if (isLoaded || digest === told) seen = null
    else if (digest !== seen) seen = digest
    else {
      // Once, however often it is found: what was refused is not better for being read again.
      told = digest
      seen = null
      onChanged()
    }
  }
}

export const watchConfig = (parts: WatchParts): ConfigWatch => {
  const turn = turnOf(parts)
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false
  const later = () => {
    if (isStopped) return
    timer = setTimeout(() => {
      void turn().catch(parts.onFault).then(later)
    }, LOOK_MS)
    timer.unref()
  }
  later()
  return {
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
