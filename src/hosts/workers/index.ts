/**
 * The gateway on Cloudflare Workers: a front that knows who asks, and Durable Objects, each with
 * the ledger of a platform account’s stores, that do the work. The API alone; console.ts has pages.
 */
import { createWorker } from './worker.ts'

export type { Bindings } from './context.ts'
export { Account } from './object.ts'

export default createWorker(() => undefined)
