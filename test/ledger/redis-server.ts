/**
 * A Redis server of a test's own: Debian's program on a free loopback port, ended by its process
 * id.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'

/**
 * The reason why the tests of Redis do not run here; null: they do. Where RESCIND_REQUIRE_REDIS=1
 * says so, a missing server is a failure.
 */
export const skipped =
  process.env['RESCIND_REQUIRE_REDIS'] === '1' ||
  spawnSync('redis-server', ['--version']).status === 0
    ? null
    : 'no redis-server is installed (on Debian: apt-get install redis-server), so nothing about ' +
      'the Redis ledger is tested'

/** A `describe` that needs a Redis server; skipped only where there is none, and aloud. */
export const describeRedis = (name: string, tests: () => void): void => {
  if (skipped === null) {
    describe(name, tests)
    return
  }
  process.stdout.write(`skipped: ${name}: ${skipped}\n`)
  describe.skip(`${name} (${skipped})`, tests)
}

export interface RedisServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  signal(name: NodeJS.Signals): void
  /** Ends the process and leaves its data. */
  end(name?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and data. */
  start(...settings: string[]): Promise<void>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

const DURABLE = ['--appendonly', 'yes', '--maxmemory-policy', 'noeviction']

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

const launch = (port: number, folder: string, settings: readonly string[]): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...settings],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    let output = ''
    running.add(child)
    child.once('error', (error: NodeJS.ErrnoException) => {
      running.delete(child)
      reject(
        error.code === 'ENOENT'
          ? new Error(
              'there is no redis-server here: install it (on Debian: apt-get install redis-server)',
            )
          : error,
      )
    })
    child.once('exit', () => {
      running.delete(child)
      reject(new Error(`redis-server did not start:\n${output}`))
    })
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk
      if (output.includes('Ready to accept connections')) resolve(child)
    })
  })

/** Starts a server; durable unless other settings are given. */
export const startRedis = async (...settings: string[]): Promise<RedisServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'rescind-redis-'))
  const chosen = settings.length > 0 ? settings : DURABLE
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
  const end = async (name: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(name)
    await ended
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid ?? 0
    },
    signal: (name) => {
      child.kill(name)
    },
    end,
    async start(...others) {
      child = await launch(port, folder, others.length > 0 ? others : chosen)
    },
    async remove() {
      child.kill('SIGCONT')
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
