/** PostgreSQL servers of one test each, and a ledger in them, for the tests of what goes wrong. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import type { FullLedger } from '../../src/ledger/port.ts'
import { openPostgresLedger, type PostgresOptions } from '../../src/ledger/postgres/postgres.ts'
import { owner, type PostgresServer, startPostgres } from './postgres-server.ts'
import { freePort } from './redis-server.ts'
import { START } from './records.ts'

export const PAUSE_MS = 60_000
export const SOON = { timeout: 60_000, interval: 50 }

export const serve = async (...settings: string[]): Promise<PostgresServer> => {
  const server = await startPostgres(...settings)
  onTestFinished(() => server.remove())
  return server
}

export const open = async (
  server: { readonly url: string },
  options: Partial<PostgresOptions> = {},
): Promise<FullLedger> => {
  const ledger = await openPostgresLedger(server.url, {
    pauseMs: PAUSE_MS,
    now: () => START,
    ...options,
  })
  onTestFinished(() => ledger.close())
  return ledger
}

/** Whether Debian's pooler is here; where not, that is said. */
export const hasPooler = existsSync('/usr/sbin/pgbouncer')
if (!hasPooler)
  process.stdout.write('skipped: no pgbouncer is installed, so none is asked through\n')

/** A pooler that gives each transaction any of three sessions. */
export const pool = async ({ port }: PostgresServer): Promise<{ readonly url: string }> => {
  const [folder, own] = [mkdtempSync(join(tmpdir(), 'rescind-pooler-')), await freePort()]
  const file = join(folder, 'pooler.ini')
  writeFileSync(
    file,
    `[databases]
postgres = host=127.0.0.1 port=${port} user=rescind
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
`,
  )
  chmodSync(folder, 0o755)
  const child = spawn('/usr/sbin/pgbouncer', [file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...owner,
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`pgbouncer did not start:\n${output}`)))
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk
      if (/process up/.test(output)) resolve()
    })
  })
  return { url: `postgres://rescind@127.0.0.1:${own}/postgres` }
}

/** Runs statements as the superuser of a server, on a connection of their own. */
export const administer = async (
  { url }: { readonly url: string },
  ...statements: string[]
): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client(url)
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const statement of statements)
      rows = (await client.query<Record<string, unknown>>(statement)).rows
    return rows
  } finally {
    await client.end()
  }
}

/**
 * What becomes of a connection when a word comes by from the client. `stall`: nothing passes any
 * more, and the server does not hear that anybody is gone.
 */
export type Cut = 'before' | 'after' | 'stall'

/** A way to the server that breaks a connection at a word: before the server has it, or after. */
export const breakable = async ({ port }: PostgresServer) => {
  let cut: { readonly at: string; readonly when: Cut } | null = null
  let count = 0
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    let isMute = false
    let isStalled = false
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    client.on('data', (chunk) => {
      if (isStalled) return
      if (!cut || !chunk.includes(cut.at)) return void server.write(chunk)
      count += 1
      if (cut.when === 'stall') {
        isStalled = true
        return
      }
      if (cut.when === 'before') {
        server.destroy()
        return void client.destroy()
      }
      // The server does it, and nobody hears of that.
      isMute = true
      cut = null
      server.write(chunk)
    })
    server.on('data', (chunk) => {
      if (!isMute) return void client.write(chunk)
      server.destroy()
      client.destroy()
    })
    server.on('close', () => client.destroy())
    client.on('close', () => {
      if (!isStalled) server.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  const address = proxy.address()
  const own = typeof address === 'object' && address ? address.port : 0
  return {
    url: `postgres://rescind@127.0.0.1:${own}/postgres`,
    cutAt(at: string | null, when: Cut = 'before') {
      cut = at === null ? null : { at, when }
      count = 0
    },
    cuts: () => count,
  }
}
