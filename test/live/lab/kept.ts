/**
 * What a lab makes once on a machine and keeps for later runs: a folder named after what it was
 * made from, where each run has a folder of its own.
 */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { LabFailure } from './process.ts'

export interface Kept {
  readonly folder: string
  /** A new folder of this process, which a later run removes where it was left behind. */
  own(kind: string): string
  /**
   * What stands in the folder under this name. Built aside and put in place in one step: a broken
   * build leaves nothing, and of two at once the second is dropped.
   */
  once(kind: string, build: (folder: string) => Promise<void>): Promise<string>
}

const openFolder = (name: string, fingerprint: string): string => {
  const root = process.env.RESCIND_LAB ?? path.join(tmpdir(), `rescind-${name}-lab`)
  const folder = path.join(root, fingerprint)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  // The name is easy to guess, and what lies there is run: it must be ours.
  const uid = process.getuid?.()
  if (uid === undefined) throw new LabFailure('the lab runs on Linux and macOS only')
  const foreign = [root, folder].find((place) => statSync(place).uid !== uid)
  if (foreign)
    throw new LabFailure(
      `${foreign} belongs to somebody else; choose another folder with RESCIND_LAB`,
    )
  return folder
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const sweep = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const pid = /^[a-z]+-(\d+)-\w+$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(path.join(folder, name), { recursive: true, force: true })
  }
}

/** `madeFrom`: another of these is another folder. */
export const openKept = (name: string, madeFrom: readonly (string | Buffer)[]): Kept => {
  const hash = createHash('sha256')
  for (const one of madeFrom) hash.update(one)
  const folder = openFolder(name, hash.digest('hex').slice(0, 12))
  sweep(folder)
  const own = (kind: string): string => {
    const made = mkdtempSync(path.join(folder, `${kind}-${process.pid}-`))
    chmodSync(made, 0o755) // Postgres may run as another user
    return made
  }
  return {
    folder,
    own,
    async once(kind, build) {
      const place = path.join(folder, kind)
      if (existsSync(place)) return place
      const made = own(kind)
      await build(made)
      try {
        renameSync(made, place)
      } catch (error) {
        if (!existsSync(place)) throw error
        rmSync(made, { recursive: true, force: true })
      }
      return place
    },
  }
}
