/**
 * `rescind/worker`: the gateway for a wrangler project of your own. Its types name none of the
 * runtime’s, so they fit whichever version of those the project has.
 */
import worker, { Account as AccountObject } from './hosts/workers/index.ts'

/** What wrangler.toml gives it (docs/deploy-to-workers.md). */
export interface WorkerEnvironment {
  /** The Durable Objects of the class `Account`. */
  readonly ACCOUNTS: unknown
  /** The configuration as JSON; a secret. Left out: sandbox mode. */
  readonly RESCIND_CONFIG?: unknown
  readonly LOG_LEVEL?: string
}

/**
 * The class to bind as `ACCOUNTS`, with SQLite. What else it can do is between it and the front.
 */
export interface Account {
  fetch(request: Request): Promise<Response>
  alarm(): Promise<void>
  /** What the runtime’s `DurableObjectNamespace<Account>` knows its classes by. */
  readonly __DURABLE_OBJECT_BRAND: never
}
export const Account = AccountObject as unknown as new (state: never, env: never) => Account

export default worker as unknown as {
  fetch(request: Request, env: WorkerEnvironment): Promise<Response>
}
