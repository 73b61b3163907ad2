/**
 * The sandbox: one built-in store per platform, each with orders in every interesting state,
 * without any network.
 */
import type { Sandbox } from './adapter/sandbox.ts'
import { openStore, type Platform, type Store, type StoreOptions } from './adapter/store.ts'
import { fetchTransport } from './adapter/transport.ts'

/**
 * How long a sandbox's doubt lasts: its imitations are never busy for longer than this after a
 * client has left.
 */
export const SANDBOX_SETTLE_MS = 5_000

export interface SandboxStores {
  readonly stores: ReadonlyMap<string, Store>
  /** By platform: what is served under `/sandbox/{platform}/…`. */
  readonly sandboxes: ReadonlyMap<string, Sandbox>
}

export const openSandbox = (
  platforms: readonly Platform[],
  options: Omit<StoreOptions, 'transport' | 'settleMs' | 'test' | 'examples'>,
): SandboxStores => {
  const opened = platforms.map(({ adapter, createSandbox }) => {
    const sandbox = createSandbox()
    const settings = adapter.settings.parse({
      ...sandbox.settings,
      baseUrl: `http://${adapter.id}.sandbox`,
    })
    const store = openStore(`sandbox-${adapter.id}`, adapter, settings, {
      ...options,
      transport: fetchTransport(async (url, init) => sandbox.app.fetch(new Request(url, init))),
      settleMs: SANDBOX_SETTLE_MS,
      test: true,
      examples: sandbox.examples,
    })
    return { adapter, sandbox, store }
  })
  return {
    stores: new Map(opened.map(({ store }) => [store.id, store])),
    sandboxes: new Map(opened.map(({ adapter, sandbox }) => [adapter.id, sandbox])),
  }
}
