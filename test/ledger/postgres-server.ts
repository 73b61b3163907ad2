/**
 * A PostgreSQL server of a test's own: Debian's programs on a free loopback port, ended by its
 * process id. It refuses to be root, so where the tests are, it runs as `postgres`, or `nobody`.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'
import { scratch } from '../scratch.ts'
import { freePort } from './redis-server.ts'

const PROGRAMS = '/usr/lib/postgresql'

/** The programs of the latest version that is installed; null: none is. */
const programs = ((): string | null => {
  const versions = existsSync(PROGRAMS) ? readdirSync(PROGRAMS) : []
  return (
    versions
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(PROGRAMS, version, 'bin'))
      .find((folder) => existsSync(join(folder, 'postgres'))) ?? null
  )
})()

/**
 * The reason why the tests of PostgreSQL do not run here; null: they do. Where
 * RESCIND_REQUIRE_POSTGRES=1 says so, a missing server is a failure.
 */
export const skipped =
  process.env['RESCIND_REQUIRE_POSTGRES'] === '1' || programs !== null
    ? null
    : 'no PostgreSQL is installed (on Debian: apt-get install postgresql), so nothing about the ' +
      'PostgreSQL ledger is tested'

/** A `describe` that needs a PostgreSQL server; skipped only where there is none, and aloud. */
export const describePostgres = (name: string, tests: () => void): void => {
  if (skipped === null) {
    describe(name, tests)
    return
  }
  process.stdout.write(`skipped: ${name}: ${skipped}\n`)
  describe.skip(`${name} (${skipped})`, tests)
}

/** A data folder is made first, which takes seconds of a processor of its own. */
export const SLOW_START_MS = 120_000

/** Whom the server runs as; null: whoever runs the tests, who is not root. */
export const owner = ((): { uid: number; gid: number } | null => {
  if (process.getuid?.() !== 0) return null
  for (const name of ['postgres', 'nobody']) {
    const found = spawnSync('id', ['-u', name], { encoding: 'utf8' })
    const group = spawnSync('id', ['-g', name], { encoding: 'utf8' })
    if (found.status === 0) return { uid: Number(found.stdout), gid: Number(group.stdout) }
  }
  return null
})()

export interface PostgresServer {
  readonly url: string
  readonly port: number
  /** Where its data is; gone with it. */
  readonly folder: string
  /** Signals it and all that it has started: each session is a process of its own. */
  signal(name: NodeJS.Signals): void
  /** Ends the process and leaves its data. */
  end(name?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and data. */
  start(...settings: string[]): Promise<void>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

const launch = (port: number, folder: string, settings: readonly string[]): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      join(programs ?? '', 'postgres'),
      ['-D', folder, '-p', String(port), '-k', '', '-c', 'listen_addresses=127.0.0.1'].concat(
        settings.flatMap((setting) => ['-c', setting]),
      ),
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder, ...owner },
    )
    let output = ''
    running.add(child)
    child.once('error', reject)
    child.once('exit', () => {
      running.delete(child)
      reject(new Error(`postgres did not start:\n${output}`))
    })
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk
      if (/ready to accept (read-only )?connections/.test(output)) resolve(child)
    })
  })

/** The server first, so that it starts nothing anew in the place of what is ended. */
const signalAll = ({ pid, exitCode, signalCode }: ChildProcess, name: NodeJS.Signals): void => {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  const started = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  for (const one of [pid, ...started.filter(Boolean).map(Number)]) {
    try {
      process.kill(one, name)
    } catch {
      // It ended by itself.
    }
  }
}

/** Makes a data folder; its superuser `rescind` needs no password. */
const makeFolder = (): string => {
  if (programs === null)
    throw new Error(
      'there is no PostgreSQL here: install it (on Debian: apt-get install postgresql)',
    )
  const folder = mkdtempSync(join(scratch, 'rescind-postgres-'))
  if (owner) chownSync(folder, owner.uid, owner.gid)
  execFileSync(
    join(programs, 'initdb'),
    ['-D', folder, '-A', 'trust', '-U', 'rescind', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { stdio: 'ignore', cwd: '/', ...owner },
  )
  return folder
}

const SETTINGS = ['shared_buffers=32MB', 'max_connections=100']

/** Starts a server; each setting is `name=value`. */
export const startPostgres = (...settings: string[]): Promise<PostgresServer> =>
  serveFolder(makeFolder(), settings)

/** Starts a standby of a server, which asks for what it writes under this name. */
export const startStandby = (
  { folder: primary, port }: PostgresServer,
  name: string,
): Promise<PostgresServer> => {
  const folder = `${primary}-${name}`
  const from = `host=127.0.0.1 port=${port} user=rescind application_name=${name}`
  execFileSync(
    join(programs ?? '', 'pg_basebackup'),
    ['-d', from, '-D', folder, '-X', 'stream', '-R', '--no-sync', '-c', 'fast'],
    { stdio: 'ignore', cwd: '/', ...owner },
  )
  return serveFolder(folder, [])
}

const serveFolder = async (
  folder: string,
  settings: readonly string[],
): Promise<PostgresServer> => {
  const chosen = [...SETTINGS, ...settings]
  let port = await freePort()
  // Between asking for a free port and taking it another program may be quicker.
  let child = await launch(port, folder, chosen)
    .catch(async (error: Error) => {
      if (!/in use/i.test(error.message)) throw error
      port = await freePort()
      return launch(port, folder, chosen)
    })
    .catch((error: unknown) => {
      rmSync(folder, { recursive: true, force: true })
      throw error
    })
  const end = async (name: NodeJS.Signals = 'SIGINT') => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    if (name === 'SIGKILL') signalAll(child, name)
    else child.kill(name)
    await ended
  }
  return {
    folder,
    url: `postgres://rescind@127.0.0.1:${port}/postgres`,
    port,
    signal: (name) => signalAll(child, name),
    end,
    async start(...others) {
      child = await launchAgain(port, folder, [...chosen, ...others])
    },
    async remove() {
      signalAll(child, 'SIGCONT')
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

/** What a killed server had started may hold its memory for a moment longer. */
const launchAgain = async (
  port: number,
  folder: string,
  settings: readonly string[],
): Promise<ChildProcess> => {
  for (let tries = 0; ; tries++) {
    try {
      return await launch(port, folder, settings)
    } catch (error) {
      const isSoon = /shared memory block|lock file|in use/i.test((error as Error).message)
      if (!isSoon || tries === 50) throw error
      await new Promise((resolve) => {
        setTimeout(resolve, 100)
      })
    }
  }
}
