/** The gateway as the program that people start: a process of its own, whose log can be read. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Host } from './host.ts'

export interface Program extends Omit<Host, 'platform'> {
  /** Holds the configuration and the ledger, `ledger.db`; gone once it is closed. */
  readonly folder: string
  /** What it logged so far. */
  lines(): Record<string, unknown>[]
  /** Ends it in order. */
  stop(): Promise<void>
}

/** Starts it with this configuration file. */
export const openProgram = async (config: object): Promise<Program> => {
  const folder = mkdtempSync(join(tmpdir(), 'rescind-program-'))
  const file = join(folder, 'config.json')
  writeFileSync(file, JSON.stringify(config))
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../src/start.mjs', import.meta.url))], {
    cwd: folder, env: { PATH: process.env['PATH'] ?? '', PORT: '0', LOG_LEVEL: 'trace', RESCIND_CONFIG: file, RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}` },
  })
  const ended = once(child, 'exit')
  let logs = ''
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => {
      logs += chunk.toString()
      const found = /"url":"([^"]+)"/.exec(logs)?.[1]
      if (found) resolve(found)
    })
    void ended.then(() => reject(new Error(`it did not start: ${logs}`)))
  })
  return {
    folder,
    lines: () => logs.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>),
    fetch: async (request) => fetch(url + request.url.slice(new URL(request.url).origin.length), { method: request.method, headers: request.headers, body: request.body === null ? null : await request.arrayBuffer(), redirect: 'manual' }),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
    async close() {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
