/**
 * A real Vendure shop for the live tests: server and Postgres from npm, on loopback, gone when the
 * test is. On Postgres, since two cancels at once do no harm on SQLite.
 */
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, globSync, readFileSync, writeFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { openKept } from './kept.ts'
import { createCluster, openCluster } from './postgres.ts'
import { freePort, run, start } from './process.ts'
import { type Ask, openAdmin, post, type Reply } from './vendure/api.ts'
import { makeOrder, type OrderState } from './vendure/orders.ts'
import { fillShop, type Shop } from './vendure/shop.ts'

export type { OrderState } from './vendure/orders.ts'

/** What a shop's own process does to a cancel, and for how long. */
export interface Knobs {
  readonly refuses?: string
  readonly stallsMs?: number
}

export interface VendureLab {
  readonly url: string
  readonly shop: Shop
  /** The Admin API as its superadmin. */
  readonly admin: Ask
  /** The Admin API with the key that a store has, whatever it answers. */
  readonly byKey: (query: string, variables: object) => Promise<Reply>
  /** A fresh order in that state. */
  order(state: OrderState): Promise<{ readonly id: string; readonly code: string }>
  /** Asks the platform's own database. */
  rows(sql: string, ...values: unknown[]): Promise<any[]>
  /** What the payment provider was asked for, but payments themselves; for one order, or in all. */
  paymentCalls(code?: string): number
  turn(knobs: Knobs): void
  /** Ends the server and Postgres and removes this run's folder. */
  stop(): Promise<void>
}

const project = path.join(import.meta.dirname, 'vendure/server')
const BOOT_MS = 180_000

/** A change of a pin, of the server or of what fills it makes another installation. */
const madeFrom = (): (string | Buffer)[] =>
  [
    ...globSync('*.{json,cjs}', { cwd: project }).map((name) => path.join(project, name)),
    path.join(import.meta.dirname, 'vendure/shop.ts'),
  ]
    .sort()
    .flatMap((file) => [path.basename(file), readFileSync(file)])

const installPackages = async (app: string): Promise<void> => {
  for (const name of globSync('*.{json,cjs}', { cwd: project }))
    copyFileSync(path.join(project, name), path.join(app, name))
  // `install`, not `ci`: `ci` fails when a registry lacks the lock's optional packages for other
  // systems.
  const args = ['install', '--prefix', app, '--no-audit', '--no-fund', '--loglevel=error']
  await run({ command: 'npm', args, cwd: app, log: path.join(app, 'npm.log') })
}

const isHealthy = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) })).ok
  } catch {
    return false
  }
}

/** What is kept beside the database that belongs to it. */
interface Filled {
  readonly password: string
  readonly shop: Shop | null
}
const filledFile = (folder: string) => path.join(folder, 'shop.json')
const readFilled = (folder: string): Filled =>
  JSON.parse(readFileSync(filledFile(folder), 'utf8')) as Filled
const writeFilled = (folder: string, filled: Filled) =>
  writeFileSync(filledFile(folder), JSON.stringify(filled), { mode: 0o600 })

/** Postgres and Vendure over the database in a folder, both on free ports. */
const startServer = async (app: string, folder: string, isNew: boolean) => {
  const { password } = readFilled(folder)
  const postgres = await openCluster(app, folder)
  await postgres.start()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const files = {
    knobs: path.join(folder, 'knobs.json'),
    payments: path.join(folder, 'payments.jsonl'),
  }
  const server = start({
    command: process.execPath,
    args: [path.join(app, 'server.cjs')],
    cwd: app,
    log: path.join(folder, 'vendure.log'),
    env: {
      LAB_PORT: String(port),
      LAB_DATABASE_URL: postgres.url,
      LAB_PASSWORD: password,
      LAB_KNOBS: files.knobs,
      LAB_PAYMENTS: files.payments,
      LAB_NEW: isNew ? 'yes' : 'no',
      VENDURE_DISABLE_TELEMETRY: 'true',
    },
  })
  const stop = async () => {
    await server.stop()
    await postgres.stop()
  }
  try {
    await server.until(() => isHealthy(url), BOOT_MS)
    return { url, files, stop, databaseUrl: postgres.url, admin: await openAdmin(url, password) }
  } catch (error) {
    await stop()
    throw error // the folder stays, for its logs, until the next start
  }
}

const fillDatabase = async (app: string, folder: string): Promise<void> => {
  const password = randomBytes(12).toString('hex')
  writeFilled(folder, { password, shop: null })
  await createCluster(app, folder)
  const server = await startServer(app, folder, true)
  try {
    writeFilled(folder, { password, shop: await fillShop(server.admin) })
  } finally {
    await server.stop()
  }
}

/**
 * Brings up a shop. The first start on a machine installs and fills it (minutes); later ones copy
 * what is there, and each run has ports and a database of its own.
 */
export const startVendure = async (
  say: (line: string) => void = (line) => console.error(`lab: ${line}`),
): Promise<VendureLab> => {
  const kept = openKept('vendure', madeFrom())
  const app = await kept.once('app', async (folder) => {
    say(`installing Vendure and Postgres with npm into ${kept.folder}: 260 MB, once`)
    await installPackages(folder)
  })
  const template = await kept.once('database', async (folder) => {
    say('making and filling a shop, once')
    await fillDatabase(app, folder)
  })
  const folder = kept.own('run')
  await run({
    command: 'cp',
    args: ['-a', `${template}/.`, folder], // keeps the owner
    cwd: kept.folder,
    log: path.join(folder, 'copy.log'),
  })
  say('starting Postgres and Vendure')
  const server = await startServer(app, folder, false)
  const { Pool } = createRequire(path.join(app, 'package.json'))('pg')
  const database = new Pool({ connectionString: server.databaseUrl, max: 2 })
  // Ending the server cuts it off.
  database.on('error', () => undefined)
  say(`ready at ${server.url}`)
  return labOf(readFilled(folder).shop as Shop, server, database, async () => {
    await database.end()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
}

const labOf = (
  shop: Shop,
  { url, admin, files }: Awaited<ReturnType<typeof startServer>>,
  database: { query(sql: string, values: unknown[]): Promise<{ rows: any[] }> },
  stop: () => Promise<void>,
): VendureLab => ({
  url,
  shop,
  admin,
  byKey: (query, variables) =>
    post(`${url}/admin-api`, query, variables, { 'vendure-api-key': shop.apiKey }),
  order: (state) => makeOrder({ url, shop, admin }, state),
  rows: async (sql, ...values) => (await database.query(sql, values)).rows,
  paymentCalls: (code) =>
    existsSync(files.payments)
      ? readFileSync(files.payments, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .filter((line) => code === undefined || JSON.parse(line).order === code).length
      : 0,
  turn: (knobs) => writeFileSync(files.knobs, JSON.stringify(knobs)),
  stop,
})
