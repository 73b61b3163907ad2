/**
 * Shopify's schemas as it publishes them, in a package of its own for other tools: taken from the
 * registry when a test first asks for them, and kept beside the installed packages. As a dependency
 * it would bring four hundred others for five files.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { buildClientSchema, type GraphQLSchema, type IntrospectionQuery } from 'graphql'

const PACKAGE = '@shopify/dev-mcp@1.16.0'
const TARBALL = 'shopify-dev-mcp-1.16.0.tgz'
const SHA512 =
  'tqgRnK7sQhjew+htxtleTH23nXB5fZcsrhWgEkomsorGXvLOB2mh2upwZm8uzuTDNTZnqtLMe64yIwh6s2awtw=='

const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))
const kept = join(cache, TARBALL.replace('.tgz', ''))

const run = (command: string, args: readonly string[], cwd: string): void => {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}: ${stderr}`)
}

/** Brings the files of the package, once a machine; a broken try leaves nothing. */
const bring = (): void => {
  if (existsSync(kept)) return
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'shopify-'))
  try {
    run('npm', ['pack', PACKAGE, '--ignore-scripts', '--silent'], folder)
    const digest = createHash('sha512').update(readFileSync(join(folder, TARBALL)))
    if (digest.digest('base64') !== SHA512) throw new Error(`${PACKAGE} is not what it was`)
    run('tar', ['-xzf', TARBALL], folder)
    renameSync(join(folder, 'package/dist/data'), kept)
  } catch (error) {
    // Somebody else was first.
    if (!existsSync(kept)) throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Why the schemas are not at hand; null: they are. Where RESCIND_REQUIRE_SCHEMAS=1 says that they
 * must be, it is an error.
 */
export const missing: string | null = (() => {
  try {
    bring()
    return null
  } catch (error) {
    if (process.env['RESCIND_REQUIRE_SCHEMAS'] === '1') throw error
    return `Shopify’s schemas could not be taken from the registry: ${(error as Error).message}`
  }
})()

const read = (version: string): GraphQLSchema => {
  const packed = readFileSync(join(kept, `admin_${version}.json.gz`))
  const told = JSON.parse(gunzipSync(packed).toString()) as {
    readonly data?: IntrospectionQuery
  } & IntrospectionQuery
  return buildClientSchema(told.data ?? told)
}

const schemas = new Map<string, GraphQLSchema>()

/** The schema of a version, as its introspection tells it. */
export const schemaOf = (version: string): GraphQLSchema => {
  const schema = schemas.get(version) ?? read(version)
  schemas.set(version, schema)
  return schema
}
