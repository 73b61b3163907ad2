/** The gateway as a program of its own: a process that starts it, and ends by signals. */
import { ConfigError } from '../../config/configuration.ts'
import { start } from './index.ts'
import { within } from './server.ts'
import { GRACE_MS } from './stop.ts'

/**
 * Under npm one signal may come twice: from the terminal or the service manager, and handed on by
 * npm.
 */
const TWICE_MS = 500
const PARENT_LOOK_MS = 500

/**
 * `npx` hands a signal to a shell, which dies of it and tells nobody: whoever loses its parent
 * under npm was meant.
 */
const watchParent = (stop: () => void): void => {
  const parent = process.ppid
  const looking = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(looking)
    stop()
  }, PARENT_LOOK_MS)
  looking.unref()
}

/**
 * The program: starts by the process's environment, ends on SIGTERM or SIGINT, exits 1 with a
 * sentence where it cannot start.
 */
export const run = async (): Promise<void> => {
  const starting = start(process.env)
  const isUnderNpm = process.env['npm_command'] !== undefined
  let stoppedAt: number | null = null
  // From the first moment: who reads “listening” may stop it at once. Whoever says it again will
  // not wait.
  const stop = () => {
    if (stoppedAt !== null)
      return isUnderNpm && performance.now() - stoppedAt < TWICE_MS ? undefined : process.exit(1)
    stoppedAt = performance.now()
    void within(GRACE_MS, starting)
      .then((started) => (started ? started.close() : process.exit(1)))
      .then(
        () => process.exit(0),
        () => process.exit(1),
      )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // At a terminal it says that the terminal is gone, as ever; elsewhere there is none to hang up.
  const isAtTerminal = process.stdin.isTTY || process.stdout.isTTY
  process.on('SIGHUP', () =>
    isAtTerminal
      ? stop()
      : void starting.then(
          (started) => started.reload(),
          () => {},
        ),
  )
  if (isUnderNpm) watchParent(stop)
  try {
    await starting
  } catch (error) {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : (error as Error).stack}\n`,
    )
    process.exit(1)
  }
}
