/**
 * What others install: the packed project in an empty folder, and the versions of Node that it must
 * run on.
 */
import { execFileSync, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const npm = (cwd: string, ...values: string[]): string =>
  execFileSync('npm', [...values, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })

export interface Packed {
  /** Where the package is installed, and nothing else. */
  readonly folder: string
  readonly tarball: string
  /** The paths of its files. */
  readonly files: readonly string[]
  readonly bytes: { readonly packed: number; readonly unpacked: number }
}

interface Told {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

/** Builds and packs the project, and installs what came of it into an empty folder. */
export const packAndInstall = (): Packed => {
  const folder = mkdtempSync(join(tmpdir(), 'rescind-packed-'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  const told = npm(root, 'pack', '--json', '--pack-destination', folder)
  const [{ filename, size, unpackedSize, files }] = JSON.parse(told.slice(told.indexOf('['))) as [
    Told,
  ]
  const tarball = join(folder, filename)
  npm(folder, 'install', '--prefer-offline', '--save-exact', tarball)
  return {
    folder,
    tarball,
    files: files.map(({ path }) => path).sort(),
    bytes: { packed: size, unpacked: unpackedSize },
  }
}

/** Puts this project’s own copy of a package beside what is installed, as its user would. */
export const addBeside = ({ folder }: Packed, ...names: string[]): void => {
  for (const name of names) {
    const path = join(folder, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    if (!existsSync(path)) symlinkSync(join(root, 'node_modules', name), path)
  }
}

/** The least that is promised, and one that is too old for all but the client. */
export const NODE_22 = '22.19.0'
export const NODE_20 = '20.20.2'

/**
 * A version of Node, by the registry’s packages of its binaries; null where none can be had. Kept
 * from run to run: it is a hundred megabytes.
 */
export const nodeOf = (version: string): string | null => {
  const name = `node-${process.platform}-${process.arch}`
  const nodes = join(root, 'node_modules/.cache/rescind')
  const kept = join(nodes, `${name}-${version}`)
  const node = join(kept, 'node_modules', name, 'bin/node')
  if (existsSync(node)) return node
  mkdirSync(nodes, { recursive: true })
  const made = mkdtempSync(join(nodes, 'making-'))
  try {
    npm(made, 'install', '--prefer-offline', '--prefix', made, `${name}@${version}`)
    renameSync(made, kept)
    return node
  } catch (error) {
    rmSync(made, { recursive: true, force: true })
    if (process.env['RESCIND_REQUIRE_NODES'] === '1') throw error
    process.stderr.write(`skipped: Node ${version} cannot be had: ${(error as Error).message}\n`)
    return null
  }
}

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, without what this test’s own runner put into the environment. */
export const run = async (
  command: string,
  values: readonly string[],
  { env, ...options }: Pick<SpawnOptions, 'cwd' | 'env'> = {},
): Promise<Ran> => {
  const child = spawn(command, values, {
    ...options,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  })
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { status: status as number | null, stdout, stderr }
}

/** Checks a file of the folder in a program that resolves modules in this way. */
export const check = (
  { folder }: Packed,
  file: string,
  resolution: string,
  options: readonly string[],
): Promise<Ran> =>
  run(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      '--noEmit',
      '--strict',
      '--moduleDetection',
      'force',
      '--module',
      resolution === 'bundler' ? 'esnext' : 'nodenext',
      '--moduleResolution',
      resolution,
      ...options,
      file,
    ],
    { cwd: folder },
  )
