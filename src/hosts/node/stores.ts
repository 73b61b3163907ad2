/** The stores on Node: over the network, or without a configuration each over its imitation. */
import { isDeepStrictEqual } from 'node:util'
import type { Platform } from '../../adapter/platform.ts'
import type { Configuration, StoreConfig } from '../../config/configuration.ts'
import { openSandbox, type SandboxStores } from '../../config/sandbox.ts'
import { openStores, type StoresOptions } from '../../config/stores.ts'
import type { Store } from '../../connection/store.ts'
import type { NodeTransport } from '../../connection/transport-undici.ts'

export interface ConnectedStores extends SandboxStores {
  /**
   * Puts these stores in the place of those that there are, all at once: who holds the map sees
   * either. One that is configured as it was stays as it is, with its pace, its breaker and its
   * logins.
   */
  readonly replace: (config: Configuration) => void
  /** Closes their connections. */
  readonly close: () => Promise<void>
}

const originOf = ({ adapter, settings }: StoreConfig): string =>
  new URL(adapter.baseUrl(settings)).origin

/** Stores over the network, in a map that stays the same when they are replaced. */
const openReplaceable = (
  first: Configuration,
  options: StoresOptions,
  { keepOnly }: Pick<NodeTransport, 'keepOnly'>,
): Pick<ConnectedStores, 'stores' | 'replace'> => {
  const stores = new Map<string, Store>()
  let configured: readonly StoreConfig[] = []
  const replace = (config: Configuration) => {
    const known = new Map(configured.map((one) => [one.id, one]))
    const isKnown = (one: StoreConfig) => isDeepStrictEqual(known.get(one.id), one)
    const changed = config.stores.filter((one) => !isKnown(one))
    // How long things take is read at the start alone.
    const opened = openStores({ ...config, timing: first.timing, stores: changed }, options)
    const next = config.stores.map(({ id }) => opened.get(id) ?? (stores.get(id) as Store))
    // From here on nothing fails, and nobody else has his turn before its end.
    stores.clear()
    for (const store of next) stores.set(store.id, store)
    if (configured.length > 0) keepOnly(new Set(config.stores.map(originOf)))
    configured = config.stores
  }
  replace(first)
  return { stores, replace }
}

export const connectStores = async (
  config: Configuration | null,
  platforms: readonly Platform[],
  options: Omit<StoresOptions, 'transport'>,
): Promise<ConnectedStores> => {
  if (!config) {
    const { timing, observe } = options
    const sandbox = await openSandbox(platforms, {
      callTimeoutMs: timing.callTimeoutMs,
      ...(observe && { observe }),
    })
    return { ...sandbox, replace: () => {}, close: async () => {} }
  }
  // Who has no store of his own sends nothing, and waits less for his start.
  const { openTransport } = await import('../../connection/transport-undici.ts')
  const { transport, keepOnly, close } = openTransport()
  const replaceable = openReplaceable(config, { ...options, transport }, { keepOnly })
  return { ...replaceable, sandboxes: new Map(), close }
}
