/** What the doctor finds out about the ledger: durable, with room, and of these stores. */
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Configuration } from '../config/configuration.ts'
import { identityOf, leadsTo } from '../connection/store.ts'
import { filesOf, isOpenToOthers, openSqlite, readBindings } from '../ledger/sql/sqlite.ts'
import type { Environment } from '../hosts/node/load.ts'
import { openLedger } from '../hosts/node/ledger.ts'
import { redisOf } from '../hosts/node/settings.ts'
import { bad, type Line, ok, warn } from './doctor-line.ts'
import { next, quoted } from './paste.ts'

const LITTLE_SPACE_BYTES = 200 * 1_048_576

/** The nearest folder that is there already. */
const standing = (path: string): string => (existsSync(path) ? path : standing(dirname(path)))

/**
 * Whether another process has the ledger open: in WAL mode every one holds a shared lock on the
 * file.
 */
const isHeld = (path: string): boolean => {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('pragma locking_mode = exclusive; begin immediate; rollback')
    return false
  } catch (error) {
    if (/locked/.test((error as Error).message)) return true
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error })
  } finally {
    database.close()
  }
}

const mayNot = (path: string, mode: number): boolean => {
  try {
    accessSync(path, mode)
    return false
  } catch {
    return true
  }
}

/** Who runs this; the user of a container may have a number and no name. */
const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.())
  }
}

/** Why no ledger can lie there; null: it can. */
const placeFault = (path: string): Line | null => {
  if (path === '')
    return bad('ledger', 'RESCIND_LEDGER names no file', 'it looks like sqlite:data/rescind.db')
  const folder = dirname(resolve(path))
  const there = standing(folder)
  const user = userName()
  if (!statSync(there).isDirectory())
    return bad(
      'ledger',
      `${path} cannot be made: ${there} is a file`,
      'name a folder in RESCIND_LEDGER',
    )
  if (existsSync(path) && statSync(path).isDirectory())
    return bad(
      'ledger',
      `${path} is a folder`,
      `name a file in it: RESCIND_LEDGER=${quoted(`sqlite:${join(path, 'rescind.db')}`)}`,
    )
  if (mayNot(there, constants.W_OK | constants.X_OK))
    return there === folder
      ? bad(
          'ledger',
          `the user ${user} may not write into ${folder}, where ${path} lies with its log`,
          next('whose it is:', `ls -ld ${quoted(folder)}`),
        )
      : bad(
          'ledger',
          `the folder ${folder} does not exist, and the user ${user} may not make it in ${there}`,
          next(
            'this makes it, if the gateway runs as this user:',
            `sudo install -d -m 700 -o ${quoted(user)} ${quoted(folder)}`,
          ),
        )
  return existsSync(path) && mayNot(path, constants.R_OK | constants.W_OK)
    ? bad(
        'ledger',
        `the user ${user} may not read and write ${path}`,
        next('whose it is:', `ls -l ${quoted(path)}`),
      )
    : null
}

/** Whether it is there, and who has it. */
const holdLine = (path: string, isRunning: boolean): Line => {
  if (!existsSync(path)) {
    if (isRunning)
      return warn(
        'ledger',
        `${path} is not there, and a gateway runs here: it keeps its ledger elsewhere, or the ` +
          'file was taken away',
        'look where it was started, and with which RESCIND_LEDGER',
      )
    const folder = existsSync(dirname(resolve(path)))
      ? ''
      : `, with the folder ${dirname(path)}, which is not there yet`
    return ok(
      'ledger',
      `${path} is made at the first start${folder}; its file system keeps a write-ahead log with ` +
        'full sync',
    )
  }
  const durable = `${path} is durable (write-ahead log, full sync)`
  if (!isHeld(path)) return ok('ledger', `${durable}, and nobody has it open`)
  return isRunning
    ? ok('ledger', `${durable}, and the running gateway has it open`)
    : warn(
        'ledger',
        `${path} is open in another process, but no gateway answers here`,
        'look for a gateway with another HOST or PORT: two on one file wait for each other',
      )
}

const checkSqlite = (path: string, isRunning: boolean): Line[] => {
  const fault = placeFault(path)
  if (fault) return [fault]
  const folder = standing(dirname(resolve(path)))
  const trial = mkdtempSync(join(folder, '.rescind-doctor-'))
  try {
    openSqlite(join(trial, 'trial.db')).close()
  } finally {
    rmSync(trial, { recursive: true, force: true })
  }
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const lines = [
    holdLine(path, isRunning),
    ...filesOf(path)
      .filter(isOpenToOthers)
      .map((file) =>
        warn(
          'ledger',
          `other users of this machine can read ${file}`,
          next('', `chmod 600 ${quoted(file)}`),
        ),
      ),
  ]
  return free < LITTLE_SPACE_BYTES
    ? [
        ...lines,
        warn(
          'ledger',
          `only ${Math.round(free / 1_048_576)} MiB are free where it lies`,
          'make room: a full disk accepts nothing',
        ),
      ]
    : lines
}

/**
 * Stores whose settings lead to another merchant account than the one that the ledger knows them
 * by.
 */
export const checkMoves = (
  config: Configuration | null,
  bindings: ReadonlyMap<string, string>,
): Line[] =>
  (config?.stores ?? []).flatMap(({ id, adapter, settings, movedFrom = [] }): Line[] => {
    const [first, now] = [bindings.get(id), identityOf(adapter, settings)]
    return first === undefined || leadsTo({ identity: now }, first) || movedFrom.includes(first)
      ? []
      : [
          bad(
            `store ${id}`,
            `its settings lead to “${now}”, but it was first opened for “${first}”: nothing is ` +
              'sent for it',
            `the same shop at another address: "movedFrom": ["${first}"] beside its settings; ` +
              'another shop: give it another id',
          ),
        ]
  })

export const bindingsIn = async (address: string): Promise<ReadonlyMap<string, string>> => {
  if (address.startsWith('sqlite:'))
    return existsSync(address.slice('sqlite:'.length))
      ? readBindings(address.slice('sqlite:'.length))
      : new Map()
  if (!/^(?:rediss?|postgres(?:ql)?):/.test(address)) return new Map()
  const ledger = await openLedger(address, {
    pauseMs: 0,
    ...redisOf(process.env),
    allowVolatile: true,
  })
  return ledger.bindings().finally(() => ledger.close())
}

export const checkLedger = async (
  address: string,
  isRunning: boolean,
  environment: Environment,
): Promise<Line[]> => {
  try {
    if (address === 'memory:')
      return [
        warn(
          'ledger',
          'RESCIND_LEDGER is memory: everything is forgotten when the gateway stops',
          'use sqlite:PATH, redis://… or postgres://…',
        ),
      ]
    if (address.startsWith('sqlite:'))
      return checkSqlite(address.slice('sqlite:'.length), isRunning)
    const warnings: string[] = []
    const ledger = await openLedger(address, {
      pauseMs: 0,
      ...redisOf(environment),
      warn: (message) => {
        warnings.push(message)
      },
    })
    await ledger.ready().finally(() => ledger.close())
    const name = address.startsWith('postgres') ? 'PostgreSQL' : 'Redis'
    const where = URL.canParse(address) ? new URL(address).host : name
    return warnings.length > 0
      ? warnings.map((message) =>
          warn('ledger', message, 'docs/operations.md, “The ledger”, says what it should be'),
        )
      : [ok('ledger', `${name} at ${where} keeps what it is given`)]
  } catch (error) {
    return [
      bad(
        'ledger',
        (error as Error).message,
        'docs/operations.md, “The ledger”, says what it must be',
      ),
    ]
  }
}
