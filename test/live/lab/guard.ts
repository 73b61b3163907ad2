/**
 * Runs one command that must not outlive its asker: when standard input closes, even because the
 * asker was killed, the command is ended.
 */
import { spawn } from 'node:child_process'

/** What a guard is told, as the one argument of its command line. */
export interface Guarded {
  readonly command: string
  readonly args: readonly string[]
  /** Asks the command to end; after `graceMs` it is killed. */
  readonly signal: NodeJS.Signals
  readonly graceMs: number
  /** Whom the command runs as; left out: whoever runs the guard. */
  readonly user?: { readonly uid: number; readonly gid: number }
}

const { command, args, signal, graceMs, user } = JSON.parse(process.argv[2] ?? '') as Guarded
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...user })

const end = (): void => {
  child.kill(signal)
  setTimeout(() => child.kill('SIGKILL'), graceMs)
}
process.stdin.resume().once('close', end)
for (const sent of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(sent, end)

child.on('error', (error) => {
  console.error(error.message)
  process.exit(127)
})
child.on('exit', (code) => process.exit(code ?? 1))
