/**
 * The real program as a child process: with pipes, and on a terminal (util-linux’s `script` makes
 * one).
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { compileCache } from '../compile-cache.ts'
import { scratch } from '../scratch.ts'
import { expectPasteable } from './pasted.ts'

/** Where npm would put it for this machine: a link on the PATH. */
const folder = mkdtempSync(join(scratch, 'rescind-bin-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
export const BIN = join(folder, 'rescind')
symlinkSync(fileURLToPath(new URL('../../src/cli/rescind.mjs', import.meta.url)), BIN)

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Standard input; left out: closed at once. */
  readonly input?: string
}

/** Nothing of this process’s own, so that what it has set changes no result. */
export const environmentOf = (env: RunOptions['env'] = {}) => ({
  PATH: [folder, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
  TERM: 'xterm-256color',
  COLUMNS: '120',
  ...compileCache,
  ...env,
})

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const spawned = (
  program: string,
  values: readonly string[],
  { env, cwd, input = '' }: RunOptions,
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, values, {
      cwd,
      env: environmentOf(env),
      stdio: 'pipe',
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    // It may end without having read it.
    child.stdin.on('error', () => {}).end(input)
    child.once('error', reject).once('close', (status) => resolve({ status, stdout, stderr }))
  })

/** What it advises is held to work when it is pasted. */
export const run = async (values: readonly string[], options: RunOptions = {}): Promise<Ran> => {
  const ran = await spawned(process.execPath, [BIN, ...values], options)
  expectPasteable(ran.stderr)
  return ran
}

/** A line as it is pasted into bash. */
export const paste = (line: string, options: RunOptions = {}): Promise<Ran> =>
  spawned('bash', ['-c', line], options)

export const hasScript = spawnSync('script', ['--version']).status === 0

/**
 * Types each answer when its question has appeared, made only then where it is a function; resolves
 * with everything that was on the screen.
 */
export const runOnTerminal = (
  values: readonly string[],
  steps: readonly (readonly [question: string, answer: string | (() => string)])[],
  { env, cwd }: RunOptions = {},
): Promise<{ status: number | null; screen: string }> =>
  new Promise((resolve, reject) => {
    const command = [process.execPath, BIN, ...values]
      .map((value) => `'${value.replaceAll("'", "'\\''")}'`)
      .join(' ')
    // A shell between them would end by Ctrl-C itself, whatever the program makes of it.
    const child = spawn('script', ['-qec', `exec ${command}`, '/dev/null'], {
      cwd,
      env: environmentOf(env),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const patience = setTimeout(() => child.kill('SIGKILL'), 50_000)
    const waiting = [...steps]
    let screen = ''
    let seen = 0
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text
      const [next] = waiting
      if (!next || !screen.includes(next[0], seen)) return
      seen = screen.length
      waiting.shift()
      child.stdin.write(typeof next[1] === 'string' ? next[1] : next[1]())
    })
    child.once('error', reject).once('close', (status) => {
      clearTimeout(patience)
      child.stdin.destroy()
      if (waiting.length > 0) reject(new Error(`it never asked “${waiting[0]?.[0]}”:\n${screen}`))
      else {
        expectPasteable(stripVTControlCharacters(screen))
        resolve({ status, screen })
      }
    })
  })

export const KEYS = { enter: '\r', down: '\u001b[B', interrupt: '\u0003', end: '\u0004' } as const

/** One JSON value a line. */
export const jsonLines = (text: string): any[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

/** What a terminal would obey. */
// oxlint-disable-next-line no-control-regex
export const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
