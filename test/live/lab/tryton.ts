/**
 * A real Tryton 6.0 for the live tests: Debian's packages and SQLite, on loopback, gone when the
 * test is.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openKept } from './kept.ts'
import { freePort, LabFailure, run, start } from './process.ts'

/** Debian's modules belong to its own Python, whatever else is on the path. */
const PYTHON = '/usr/bin/python3'
const DATABASE = 'lab'
/** Of everybody; Tryton takes none that says one letter too often. */
const PASSWORD = 'lab-password'
const bootTimeoutMs = 120_000

/** Which versions are installed; null: not all that is needed. */
const versions = ((): string | null => {
  if (spawnSync('trytond-admin', ['--version']).status !== 0) return null
  const code =
    'import proteus, trytond, trytond.modules as m; ' +
    'print(trytond.__version__, [m.get_module_info(n)["version"] for n in ("sale", "stock")])'
  const { status, stdout } = spawnSync(PYTHON, ['-W', 'ignore', '-c', code])
  return status === 0 ? String(stdout).trim() : null
})()

/**
 * The reason why Tryton's tests do not run here; null: they do. Where RESCIND_REQUIRE_TRYTON=1 says
 * so, a missing one is a failure.
 */
export const skipped =
  process.env['RESCIND_REQUIRE_TRYTON'] === '1' || versions !== null
    ? null
    : 'no Tryton is installed (on Debian 12: apt-get install tryton-server tryton-modules-sale ' +
      'tryton-proteus), so its adapter is not tested on a real one'

export type SaleState = 'draft' | 'quotation' | 'processing' | 'shipped' | 'cancelled'

/** Calls a method as a user; the context comes by itself. Throws for an error. */
export interface User {
  call<T>(method: string, ...params: readonly unknown[]): Promise<T>
}

export interface TrytonLab {
  readonly url: string
  readonly database: string
  /** Whom everything is allowed. */
  readonly admin: User
  /** In the group Sales, and in no other. */
  readonly clerk: { readonly username: string; readonly password: string }
  /** A fresh sale of two mugs in that state; its id. */
  sale(state: SaleState, reference: string): Promise<number>
  /** So many drafts, made at once; their ids. */
  sales(count: number, reference: string): Promise<number[]>
  /** Every stored field of it that a cancel could change. */
  read(id: number): Promise<Readonly<Record<string, unknown>>>
  notes(id: number): Promise<string[]>
  stop(): Promise<void>
}

const configure = (folder: string, port: number): string => {
  const file = path.join(folder, 'trytond.conf')
  writeFileSync(
    file,
    `[database]\nuri = sqlite://\npath = ${folder}\n[web]\nlisten = 127.0.0.1:${port}\n` +
      '[session]\nauthentications = password\n',
  )
  return file
}

type Ids = Readonly<Record<string, number>>

const seed = path.join(import.meta.dirname, 'tryton', 'seed.py')
const printedIn = (folder: string) => path.join(folder, 'seed.log')

/** Creates the database with the module `sale`, and fills it. */
const createDatabase = async (folder: string): Promise<void> => {
  const [log, printed, file] = [
    path.join(folder, 'admin.log'),
    printedIn(folder),
    configure(folder, 0),
  ]
  writeFileSync(path.join(folder, 'password'), `${PASSWORD}\n`, { mode: 0o600 })
  writeFileSync(path.join(folder, `${DATABASE}.sqlite`), '')
  const modules = ['-u', 'ir', 'res', 'sale', '--activate-dependencies']
  await run({
    command: 'trytond-admin',
    args: ['-c', file, '-d', DATABASE, '--email', 'admin@lab.test', ...modules],
    cwd: folder,
    log,
    env: { TRYTONPASSFILE: path.join(folder, 'password') },
  })
  await run({
    command: PYTHON,
    args: ['-W', 'ignore', seed, file, DATABASE, PASSWORD],
    cwd: folder,
    log: printed,
    env: { DB_NAME: DATABASE },
  })
}

const idsIn = (folder: string): Ids =>
  JSON.parse(readFileSync(printedIn(folder), 'utf8').trim().split('\n').at(-1) ?? '') as Ids

const post = async (url: string, method: string, params: readonly unknown[], session?: string) => {
  const reply = await fetch(`${url}/${DATABASE}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(session !== undefined && { authorization: session }),
    },
    body: JSON.stringify({ id: 1, method, params }),
  })
  const text = await reply.text()
  const { result, error } = JSON.parse(text) as { result?: unknown; error?: unknown }
  if (error !== undefined) throw new LabFailure(`${method}: ${text}`)
  return result
}

const openUser = async (url: string, username: string, company: number) => {
  const told = await post(url, 'common.db.login', [username, { password: PASSWORD }, 'en'])
  const session = `Session ${btoa([username, ...(told as unknown[])].join(':'))}`
  const context = { company, company_filter: 'one', language: 'en' }
  const call = async <T>(method: string, ...params: readonly unknown[]): Promise<T> =>
    (await post(url, method, [...params, context], session)) as T
  return { call }
}

const draft = (ids: Ids, reference: string) => ({
  company: ids['company'],
  currency: ids['currency'],
  party: ids['party'],
  invoice_address: ids['address'],
  shipment_address: ids['address'],
  warehouse: ids['warehouse'],
  payment_term: ids['payment_term'],
  invoice_method: 'order',
  shipment_method: 'order',
  reference,
  lines: [
    [
      'create',
      [
        {
          type: 'line',
          product: ids['product'],
          unit: ids['unit'],
          quantity: 2,
          unit_price: { __class__: 'Decimal', decimal: '12.5000' },
          description: 'Mug',
        },
      ],
    ],
  ],
})

/** The buttons that lead from a draft to each state. */
const BUTTONS: Readonly<Record<SaleState, readonly string[]>> = {
  draft: [],
  quotation: ['quote'],
  processing: ['quote', 'confirm'],
  shipped: ['quote', 'confirm'],
  cancelled: ['cancel'],
}
const SHIPMENT_BUTTONS = ['assign_try', 'pick', 'pack', 'done']

const salesOf = ({ call }: User, ids: Ids) => {
  const read = async (id: number) => {
    const fields = ['state', 'invoice_state', 'shipment_state', 'shipments', 'invoices', 'comment']
    const rest = ['number', 'reference', 'description', 'lines', 'write_date', '_timestamp']
    const [sale] = await call<Record<string, unknown>[]>(
      'model.sale.sale.read',
      [id],
      [...fields, ...rest],
    )
    if (!sale) throw new LabFailure(`there is no sale ${id}`)
    return sale
  }
  const sales = (count: number, reference: string) =>
    call<number[]>(
      'model.sale.sale.create',
      Array.from({ length: count }, () => draft(ids, reference)),
    )
  return {
    read,
    sales,
    async sale(state: SaleState, reference: string) {
      const [id] = await sales(1, reference)
      if (id === undefined) throw new LabFailure('no sale was created')
      for (const button of BUTTONS[state]) await call(`model.sale.sale.${button}`, [id])
      if (state === 'shipped') {
        const { shipments } = await read(id)
        for (const button of SHIPMENT_BUTTONS)
          await call(`model.stock.shipment.out.${button}`, shipments)
      }
      return id
    },
    async notes(id: number) {
      const domain = [['resource', '=', `sale.sale,${id}`]]
      const notes = await call<{ message: string }[]>(
        'model.ir.note.search_read',
        domain,
        0,
        null,
        null,
        ['message'],
      )
      return notes.map(({ message }) => message)
    },
  }
}

const isUp = async (url: string): Promise<boolean> => {
  try {
    const body = JSON.stringify({ id: 1, method: 'common.server.version', params: [] })
    const headers = { 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(5_000)
    return (await fetch(`${url}/`, { method: 'POST', headers, body, signal })).ok
  } catch {
    return false
  }
}

/**
 * Brings up a seeded Tryton, on a database of its own. The first start on a machine creates the
 * tables (a minute or a few); later ones copy them.
 */
export const startTryton = async (
  say: (line: string) => void = (line) => console.error(`lab: ${line}`),
): Promise<TrytonLab> => {
  // A fiscal year is of the year in which it was filled.
  const year = String(new Date().getFullYear())
  const kept = openKept('tryton', [versions ?? '', year, PASSWORD, readFileSync(seed)])
  const template = await kept.once('database', async (made) => {
    say('creating the database of Tryton, once')
    await createDatabase(made)
  })
  const folder = kept.own('run')
  cpSync(template, folder, { recursive: true })
  const ids = idsIn(folder)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = start({
    command: 'trytond',
    args: ['-c', configure(folder, port), '-d', DATABASE],
    cwd: folder,
    log: path.join(folder, 'trytond.log'),
  })
  try {
    await server.until(() => isUp(url), bootTimeoutMs)
    const admin = await openUser(url, 'admin', ids['company'] ?? 0)
    say(`Tryton is ready at ${url}`)
    return {
      url,
      database: DATABASE,
      admin,
      clerk: { username: 'clerk', password: PASSWORD },
      ...salesOf(admin, ids),
      async stop() {
        await server.stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await server.stop()
    throw error // the folder stays, for its logs
  }
}
