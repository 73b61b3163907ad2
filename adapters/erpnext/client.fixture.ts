/**
 * Frappe’s own client for its REST API, taken from the registry when a test first asks for it, and
 * kept beside the installed packages, where it finds its one dependency.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = 'frappe-js-sdk@1.14.1'
const TARBALL = 'frappe-js-sdk-1.14.1.tgz'
const SHA512 =
  'HxY1KygYs/05ykjKo1YB0hQlUOiA3odEg+TWKIWRgNH0bURlXxSPiNKtBmQVOm92EhDGyqQQjQe5I1QdKSImbw=='

const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))
const kept = join(cache, TARBALL.replace('.tgz', ''))

const run = (command: string, args: readonly string[], cwd: string): void => {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}: ${stderr}`)
}

/** Brings the package, once a machine; a broken try leaves nothing. */
const bring = (): void => {
  if (existsSync(kept)) return
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'frappe-'))
  try {
    run('npm', ['pack', PACKAGE, '--ignore-scripts', '--silent'], folder)
    const digest = createHash('sha512').update(readFileSync(join(folder, TARBALL)))
    if (digest.digest('base64') !== SHA512) throw new Error(`${PACKAGE} is not what it was`)
    run('tar', ['-xzf', TARBALL], folder)
    renameSync(join(folder, 'package'), kept)
  } catch (error) {
    // Somebody else was first.
    if (!existsSync(kept)) throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Filter = readonly unknown[]

/** As far as it is used here. */
export interface FrappeDb {
  getDoc(doctype: string, name: string): Promise<any>
  getDocList(
    doctype: string,
    query: {
      readonly fields?: readonly string[]
      readonly filters?: readonly Filter[]
      readonly orFilters?: readonly Filter[]
      readonly orderBy?: { readonly field: string; readonly order: 'asc' | 'desc' }
      readonly limit?: number
    },
  ): Promise<any[]>
  updateDoc(doctype: string, name: string, change: object): Promise<any>
  createDoc(doctype: string, document: object): Promise<any>
  cancel(doctype: string, name: string): Promise<any>
}
interface Library {
  readonly FrappeApp: new (
    url: string,
    token: { readonly useToken: true; readonly token: () => string; readonly type: 'token' },
  ) => { db(): FrappeDb }
}

const load = (): { readonly library: Library } | { readonly missing: string } => {
  try {
    bring()
    return { library: createRequire(import.meta.url)(join(kept, 'lib/index.js')) as Library }
  } catch (error) {
    if (process.env['RESCIND_REQUIRE_SCHEMAS'] === '1') throw error
    return { missing: `Frappe’s client could not be had: ${(error as Error).message}` }
  }
}
const loaded = load()

/** Why the client is not at hand; null: it is. */
export const missing: string | null = 'missing' in loaded ? loaded.missing : null

export const connect = (url: string, token: string): FrappeDb => {
  if (!('library' in loaded)) throw new Error(loaded.missing)
  return new loaded.library.FrappeApp(url, {
    useToken: true,
    token: () => token,
    type: 'token',
  }).db()
}
