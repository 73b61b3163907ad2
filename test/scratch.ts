/** Where the files of a test live: thousands of synced writes would each wait for a real disk. */
import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const IN_MEMORY = '/dev/shm'
/** Bytes; more than all the ledgers of a run of the tests. */
const ROOMY = 2 ** 29

const freeBytes = (path: string): number => {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return 0 // There is none but on Linux.
  }
}

/** A disk in memory where the system has one with room, else the usual place. */
export const scratch = freeBytes(IN_MEMORY) > ROOMY ? IN_MEMORY : tmpdir()
