/** The gateway as the program that people start: a process of its own, whose log can be read. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileCache } from '../compile-cache.ts'
import type { Host } from './host.ts'

export interface Program extends Omit<Host, 'platform'> {
  /** Holds the configuration and the ledger, `ledger.db`; gone once it is closed. */
  readonly folder: string
  readonly url: string
  /** How it ended: its exit code, or the signal. */
  readonly ended: Promise<number | string | null>
  /** Sends a signal to the process that was started, or to all that it started too. */
  signal(name: NodeJS.Signals, all?: boolean): void
  /** What it said so far, npm too. */
  output(): string
  /** What it logged so far. */
  lines(): Record<string, unknown>[]
  /** Ends it in order. */
  stop(): Promise<void>
}

/** How it is started unless a test says otherwise. */
const START = [
  process.execPath,
  fileURLToPath(new URL('../../src/hosts/node/start.mjs', import.meta.url)),
] as const

/** All that a process says, and the address that it names once it listens. */
const follow = ({ stdout, stderr }: ChildProcessWithoutNullStreams, ended: Promise<unknown>) => {
  let said = ''
  const url = new Promise<string>((resolve, reject) => {
    for (const stream of [stdout, stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const found = /"url":"([^"]+)"/.exec(said)?.[1]
        if (found) resolve(found)
      })
    void ended.then(() => reject(new Error(`it did not start: ${said}`)))
  })
  return { output: () => said, url }
}

/** Kills a process and all that it started. */
const killGroup = (leader: number) => {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    // All of it ended before.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const fetchFrom =
  (url: string) =>
  async (request: Request): Promise<Response> =>
    fetch(url + request.url.slice(new URL(request.url).origin.length), {
      method: request.method,
      headers: request.headers,
      body: request.body === null ? null : await request.arrayBuffer(),
      redirect: 'manual',
    })

/** Starts it with this configuration file, or without any in sandbox mode. */
export const openProgram = async (
  config: object | null,
  [command, ...args]: readonly [string, ...string[]] = START,
  more: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Program> => {
  const folder = mkdtempSync(join(tmpdir(), 'rescind-program-'))
  const file = join(folder, 'config.json')
  if (config) writeFileSync(file, JSON.stringify(config))
  // A group of its own, as a terminal gives it: a signal may be meant for one process or for all.
  const child = spawn(command, args, {
    cwd: more.cwd ?? folder,
    detached: true,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      PORT: '0',
      LOG_LEVEL: 'trace',
      ...compileCache,
      ...(config && { RESCIND_CONFIG: file }),
      RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}`,
      ...more.env,
    },
  })
  const pid = child.pid as number
  const ended = once(child, 'exit').then(
    ([code, signal]: (number | string | null)[]) => code ?? signal ?? null,
  )
  const said = follow(child, ended)
  const url = await said.url
  return {
    folder,
    url,
    ended,
    signal: (name, all = false) => process.kill(all ? -pid : pid, name),
    output: said.output,
    lines: () =>
      said
        .output()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    fetch: fetchFrom(url),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
    async close() {
      killGroup(pid)
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
