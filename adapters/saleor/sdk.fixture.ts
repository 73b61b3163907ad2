/**
 * Saleor's own SDK for apps, as a judge of webhooks: taken from the registry when a test first asks
 * for it, and kept beside the installed packages. As a dependency it would bring a telemetry and
 * demand React for two functions.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const PACKAGE = '@saleor/app-sdk@1.15.0'
const TARBALL = 'saleor-app-sdk-1.15.0.tgz'
const SHA512 =
  'M3OokC5x/NHJFmiQ9QNFO5lQZZVSa9KUP9X2UHwVOfmGDREiZmp5wN3p0tiZRUZe+2OXBNt7NdRbju8frg5pVA=='

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
  const folder = mkdtempSync(join(cache, 'saleor-'))
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

/** What of it is used, as its documentation and its types have it. */
export interface AppSdk {
  /** Fails where the signature is none. */
  verifySignatureWithJwks(jwks: string, signature: string, rawBody: string): Promise<void>
  /** Headers by their names in lower case. */
  getSaleorHeaders(headers: Readonly<Record<string, string>>): {
    readonly event?: string
    readonly signature?: string
    readonly saleorApiUrl?: string
  }
}

const load = async (): Promise<AppSdk> => {
  bring()
  const [auth, headers] = await Promise.all(
    ['auth/index.mjs', 'headers.mjs'].map(
      (file) => import(pathToFileURL(join(kept, file)).href) as Promise<object>,
    ),
  )
  return { ...auth, ...headers } as AppSdk
}

/**
 * The SDK, or why it is not at hand (it needs `jose` and `debug`, which other packages here bring).
 * Where RESCIND_REQUIRE_SCHEMAS=1 says that what comes from the registry must be there, that is an
 * error.
 */
export const sdk: AppSdk | string = await load().catch((error: unknown) => {
  if (process.env['RESCIND_REQUIRE_SCHEMAS'] === '1') throw error
  return `Saleor’s SDK could not be taken from the registry: ${(error as Error).message}`
})
