/**
 * The sandbox: one built-in store per platform, each with orders in every interesting state,
 * without any network.
 */
import type { Sandbox } from '../adapter/sandbox.ts'
import { openStore, type Store, type StoreOptions } from '../connection/store.ts'
import type { AnyAdapter, Platform } from '../adapter/platform.ts'
import { fetchTransport } from '../connection/transport.ts'

/**
 * How long a sandbox's doubt lasts: its imitations are never busy for longer than this after a
 * client has left.
 */
export const SANDBOX_SETTLE_MS = 5_000

/** So soon an order that somebody cancels in an imitation is canceled where it is linked. */
export const SANDBOX_SWEEP_MS = 10_000

export interface SandboxStores {
  readonly stores: ReadonlyMap<string, Store>
  /** By platform: what is served under `/sandbox/{platform}/…`. */
  readonly sandboxes: ReadonlyMap<string, Sandbox>
}

type SandboxOptions = Omit<StoreOptions, 'transport' | 'settleMs' | 'sweepMs' | 'test' | 'examples'>

/** One store over each imitation. */
export const openSandboxStores = (
  platforms: readonly { readonly adapter: AnyAdapter; readonly sandbox: Sandbox }[],
  options: SandboxOptions,
): SandboxStores => {
  const opened = platforms.map(({ adapter, sandbox }) => {
    const settings = adapter.settings.parse({
      ...sandbox.settings,
      baseUrl: `http://${adapter.id}.sandbox`,
    })
    return openStore(`sandbox-${adapter.id}`, adapter, settings, {
      ...options,
      transport: fetchTransport(async (url, init) => sandbox.app.fetch(new Request(url, init))),
      settleMs: SANDBOX_SETTLE_MS,
      sweepMs: SANDBOX_SWEEP_MS,
      test: true,
      examples: sandbox.examples,
    })
  })
  return {
    stores: new Map(opened.map((store) => [store.id, store])),
    sandboxes: new Map(platforms.map(({ adapter, sandbox }) => [adapter.id, sandbox])),
  }
}

/** Loads the imitations of these platforms and opens their stores. */
export const openSandbox = async (
  platforms: readonly Platform[],
  options: SandboxOptions,
): Promise<SandboxStores> => {
  const load = async ({ adapter, createSandbox }: Platform) => ({
    adapter,
    sandbox: await createSandbox(),
  })
  return openSandboxStores(await Promise.all(platforms.map(load)), options)
}
