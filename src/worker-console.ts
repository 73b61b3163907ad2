/**
 * `rescind/worker-console`: the gateway for a wrangler project of your own, with the console under
 * `/console`. It is `rescind/worker` and the pages for people.
 */
import worker, { Account as AccountObject } from './hosts/workers/console.ts'
import type { Account as AccountType, WorkerEnvironment } from './worker.ts'

/** What wrangler.toml gives it (docs/deploy-to-workers.md). */
export interface ConsoleEnvironment extends WorkerEnvironment {
  /** Signs the console’s sessions; a secret of at least 32 characters. */
  readonly RESCIND_SESSION_SECRET?: string
}

/** The class to bind as `ACCOUNTS`, with SQLite: the same as that of `rescind/worker`. */
export type Account = AccountType
export const Account = AccountObject as unknown as new (state: never, env: never) => Account

export default worker as unknown as {
  fetch(request: Request, env: ConsoleEnvironment): Promise<Response>
}
