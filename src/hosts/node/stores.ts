/** The stores on Node: over the network, or without a configuration each over its imitation. */
import type { Platform } from '../../adapter/platform.ts'
import type { Configuration } from '../../config/configuration.ts'
import { openSandbox, type SandboxStores } from '../../config/sandbox.ts'
import { openStores, type StoresOptions } from '../../config/stores.ts'

export interface ConnectedStores extends SandboxStores {
  /** Closes their connections. */
  readonly close: () => Promise<void>
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
    return { ...sandbox, close: async () => {} }
  }
  // Who has no store of his own sends nothing, and waits less for his start.
  const { openTransport } = await import('../../connection/transport-undici.ts')
  const { transport, close } = openTransport()
  return { stores: openStores(config, { ...options, transport }), sandboxes: new Map(), close }
}
