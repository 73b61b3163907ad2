/**
 * A Containerfile without a container engine: its instructions, and its steps run in a folder that
 * stands for the image.
 */
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, matchesGlob, relative } from 'node:path'

export interface Instruction {
  readonly name: string
  readonly flags: Readonly<Record<string, string>>
  readonly value: string
}

/** Its instructions in order; comments, and the ends of lines within one, are gone. */
export const readContainerfile = (text: string): Instruction[] =>
  text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
      const [flagged = ''] = /^(?:--\S+\s+)*/.exec(rest) ?? []
      const flags = [...flagged.matchAll(/--([a-z-]+)=(\S+)/g)].map(([, key, value]) => [
        key,
        value,
      ])
      return { name, flags: Object.fromEntries(flags), value: rest.slice(flagged.length) }
    })

/** What a build may not see, as `.dockerignore` says it in names and patterns at its root. */
export const readIgnored = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

export interface Stage {
  readonly name: string
  readonly instructions: readonly Instruction[]
}

/** The stages of a file; what stands before the first belongs to none. */
export const stagesOf = (instructions: readonly Instruction[]): Stage[] => {
  const stages: { name: string; instructions: Instruction[] }[] = []
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') {
      const [, name = 'image'] = / AS (\S+)$/.exec(instruction.value) ?? []
      stages.push({ name, instructions: [] })
    } else stages.at(-1)?.instructions.push(instruction)
  }
  return stages
}

/** What the last stage says of the container that is made from it. */
export const settingsOf = ({ instructions }: Stage) => {
  const last = (name: string) => instructions.findLast((one) => one.name === name)?.value ?? ''
  const list = (name: string) => JSON.parse(last(name) || '[]') as string[]
  return {
    user: last('USER'),
    folder: last('WORKDIR'),
    volume: last('VOLUME'),
    command: [...list('ENTRYPOINT'), ...list('CMD')],
    health: JSON.parse(last('HEALTHCHECK').replace(/^CMD /, '') || '[]') as string[],
    environment: Object.fromEntries(
      last('ENV')
        .split(' ')
        .map((pair) => pair.split(/=(.*)/).slice(0, 2) as [string, string]),
    ),
  }
}

/** Where a stage's root is. */
const rootOf = (folder: string, stage: string) => join(folder, stage)

/** The same text with the image's own folders where they are here. */
export const placed = (text: string, root: string, folders: readonly string[]): string =>
  folders.reduce(
    (placed, path) =>
      placed.replaceAll(new RegExp(`(?<=^|[\\s:='"])${path}(?![\\w.-])`, 'g'), join(root, path)),
    text,
  )

/** Copies what a build may see of a checkout. */
const copyContext = (from: string, to: string, ignored: readonly string[]) =>
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !ignored.some((pattern) => matchesGlob(relative(from, path), pattern)),
  })

export interface BuildOptions {
  readonly context: string
  /** Steps that are not run here, each with what stands for it. */
  readonly instead: ReadonlyMap<string, (folder: string) => void>
  readonly environment?: Readonly<Record<string, string>>
}

export interface Built {
  /** Holds a root for each stage; the caller removes it. */
  readonly folder: string
  /** The finished image's root. */
  readonly root: string
  /** Where the image's programs are. */
  readonly path: string
  /** The steps that were run as they stand. */
  readonly ran: readonly string[]
}

const copy = (
  { flags, value }: Instruction,
  at: string,
  folder: string,
  { context, ignored }: { context: string; ignored: readonly string[] },
) => {
  const names = value.split(/\s+/)
  const to = join(at, names.pop() ?? '')
  const from = flags['from'] === undefined ? context : rootOf(folder, flags['from'])
  for (const name of names) {
    if (name === '.') copyContext(from, to, ignored)
    else {
      const isFile = basename(name).includes('.') && flags['from'] === undefined
      cpSync(join(from, name), isFile ? join(to, basename(name)) : to, {
        recursive: true,
        verbatimSymlinks: true,
      })
    }
  }
}

/** Runs every step of a Containerfile; throws with a step's own words where one fails. */
export const build = (file: string, options: BuildOptions): Built => {
  const { context, instead, environment } = options
  const folder = mkdtempSync(join(tmpdir(), 'rescind-image-'))
  // The image's user must be able to come here.
  chmodSync(folder, 0o755)
  const programs = join(folder, 'programs')
  mkdirSync(programs)
  copyFileSync(process.execPath, join(programs, 'node'))
  const path = `${programs}:${process.env['PATH'] ?? ''}`
  const instructions = readContainerfile(readFileSync(join(context, file), 'utf8'))
  const ignored = readIgnored(readFileSync(join(context, '.dockerignore'), 'utf8'))
  const stages = stagesOf(instructions)
  const ran: string[] = []
  for (const stage of stages) {
    const root = rootOf(folder, stage.name)
    let at = root
    const folders = stage.instructions.flatMap(({ name, value }) =>
      name === 'WORKDIR' || name === 'VOLUME' ? [value] : [],
    )
    const run: ExecFileSyncOptions = {
      env: { ...process.env, ...environment, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
    }
    for (const step of stage.instructions) {
      if (step.name === 'WORKDIR') mkdirSync((at = join(root, step.value)), { recursive: true })
      if (step.name === 'COPY') copy(step, at, folder, { context, ignored })
      if (step.name !== 'RUN') continue
      const other = instead.get(step.value)
      if (other) other(at)
      else {
        execFileSync('sh', ['-ec', placed(step.value, root, folders)], { ...run, cwd: at })
        ran.push(step.value)
      }
    }
  }
  return { folder, root: rootOf(folder, stages.at(-1)?.name ?? ''), path, ran }
}

/** What `npm ci` makes of the lock file, where it was made already. */
export const linkModules = (from: string) => (folder: string) =>
  symlinkSync(join(from, 'node_modules'), join(folder, 'node_modules'), 'dir')
