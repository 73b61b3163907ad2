/**
 * The processes of the lab: run one to its end, or keep one running until it is stopped or we are
 * gone.
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Guarded } from './guard.ts'

/** The lab cannot be brought up here; the message says why and shows the end of the log. */
export class LabFailure extends Error {
  override readonly name = 'LabFailure'
}

export interface Command extends Partial<Guarded> {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Where its output goes; appended to. */
  readonly log: string
  /** On top of our own environment. */
  readonly env?: Readonly<Record<string, string>>
}

export interface Running {
  /**
   * Waits for `ready` to hold; fails with the end of the log when the process ends first or the
   * time is up.
   */
  until(ready: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void>
  /** Ends the process and returns once it is gone. */
  stop(): Promise<void>
  /** Resolves with the exit code once the process is gone. */
  readonly ended: Promise<number>
}

const graceMs = 5_000
const pollMs = 100

// A test runner's settings are meant for its own workers: Medusa would take NODE_ENV=test for
// itself.
const inherited = (): NodeJS.ProcessEnv => {
  const { NODE_OPTIONS: _options, NODE_ENV: _mode, ...rest } = process.env
  return { ...rest, NODE_ENV: 'development', MEDUSA_DISABLE_TELEMETRY: 'true' }
}

const failure = (what: string, log: string): LabFailure => {
  const last = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20)
  return new LabFailure([`${what}; the end of ${log}:`, ...last].join('\n  '))
}

/** Starts a process that ends with us, however we end. */
export const start = ({ cwd, log, env, ...command }: Command): Running => {
  const name = path.basename(command.command)
  const guarded: Guarded = { signal: 'SIGTERM', graceMs, ...command }
  const output = openSync(log, 'a')
  const guard = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'guard.ts'), JSON.stringify(guarded)],
    {
      cwd,
      env: { ...inherited(), ...env },
      stdio: ['pipe', output, output],
      detached: true, // a Ctrl-C in the terminal is for us alone: we stop, and the guard sees it
    },
  )
  closeSync(output)
  let gone = false
  const ended = new Promise<number>((resolve, reject) => {
    guard.once('error', reject)
    guard.once('exit', (code) => {
      gone = true
      resolve(code ?? 1)
    })
  })
  ended.catch(() => {}) // reported by whoever waits
  return {
    ended,
    async until(ready, timeoutMs) {
      const deadline = Date.now() + timeoutMs
      while (!(await ready())) {
        if (gone) throw failure(`${name} ended with code ${await ended}`, log)
        if (Date.now() > deadline)
          throw failure(`${name} was not ready after ${timeoutMs / 1000} s`, log)
        await sleep(pollMs)
      }
      guard.unref() // a script that is done may end; its end stops the process
    },
    async stop() {
      guard.ref()
      guard.stdin?.destroy()
      await ended
    },
  }
}

/** Runs a process to its end; anything but exit code 0 is a failure. */
export const run = async (command: Command): Promise<void> => {
  const code = await start(command).ended
  if (code !== 0)
    throw failure(
      `${[path.basename(command.command), ...command.args].join(' ')} ended with code ${code}`,
      command.log,
    )
}

/** A port on loopback that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(0, '127.0.0.1', resolve),
  )
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string')
    throw new LabFailure('no free port on loopback')
  return address.port
}
