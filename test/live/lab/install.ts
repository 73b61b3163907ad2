/**
 * Medusa and Postgres from npm, and a migrated database to copy: made once, kept in a folder named
 * after the project's files.
 */
import { cpSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { openKept } from './kept.ts'
import { createCluster, openCluster } from './postgres.ts'
import { run } from './process.ts'

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
/** What a shop adds so that it tells of its canceled orders: put where its README says. */
const example = path.join(import.meta.dirname, '../../../examples/medusa-subscriber/rescind.js')
const subscriber = 'src/subscribers/rescind.js'

/** The Medusa command line tool of an installed project, to be run with node. */
export const medusaTool = (app: string): string =>
  path.join(app, 'node_modules/@medusajs/cli/cli.js')

/** The project's files: a changed pin, provider or subscriber installs afresh. */
const madeFrom = (): (string | Buffer)[] => {
  const files = globSync('**/*.{js,json}', { cwd: project, exclude: ['node_modules/**'] }).sort()
  return [
    ...files.flatMap((file) => [file, readFileSync(path.join(project, file))]),
    subscriber,
    readFileSync(example),
  ]
}

const installPackages = async (app: string): Promise<void> => {
  cpSync(project, app, {
    recursive: true,
    filter: (file) => path.basename(file) !== 'node_modules',
  })
  cpSync(example, path.join(app, subscriber))
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
  const kept = openKept('medusa', madeFrom())
  const app = await kept.once('app', async (folder) => {
    say(`installing Medusa and Postgres with npm into ${kept.folder}: 750 MB, a few minutes, once`)
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
