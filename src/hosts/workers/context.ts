/**
 * What a Worker's front and each of its objects opens from the bindings: the stores of the
 * configuration, or the sandbox.
 */
import type { DurableObjectNamespace } from 'cloudflare:workers'
import type { Sandbox } from '../../adapter/sandbox.ts'
import type { Store } from '../../connection/store.ts'
import { atMost, fetchTransport } from '../../connection/transport.ts'
import { type Configuration, readConfig } from '../../config/configuration.ts'
import { type Directory, openDirectory, sandboxDirectory } from './directory.ts'
import type { AccountStub } from './account.ts'
import { timing, type Timing } from '../../gateway/workflow/timing.ts'
import { parseJson } from '../../input/json.ts'
import type { Ledger } from '../../ledger/port.ts'
import { platforms } from '../platforms.ts'
import { openSandbox } from '../../config/sandbox.ts'
import { openStores } from '../../config/stores.ts'

export interface Bindings {
  readonly ACCOUNTS: DurableObjectNamespace<AccountStub>
  /** The configuration as JSON; a secret. Left out: sandbox mode. */
  readonly RESCIND_CONFIG?: string
  readonly LOG_LEVEL?: string
  /** Secrets that the configuration names as `{ "env": "NAME" }`. */
  readonly [name: string]: unknown
}

/**
 * An object has no more connections than this; what asks for a further one would wait where nobody
 * could tell that it was not sent.
 */
const CALLS_AT_ONCE = 6

/** A secret holds 5 KB: what is longer goes on in RESCIND_CONFIG_2 and so on. */
const configText = (bindings: Bindings): string | undefined => {
  const parts: string[] = []
  for (
    let name = 'RESCIND_CONFIG', next = 2;
    bindings[name] !== undefined;
    name = `RESCIND_CONFIG_${next++}`
  ) {
    const part = bindings[name]
    parts.push(typeof part === 'string' ? part : JSON.stringify(part))
  }
  return parts.length === 0 ? undefined : parts.join('\n')
}

export interface Context {
  readonly config: Configuration | null
  readonly stores: ReadonlyMap<string, Store>
  readonly sandboxes: ReadonlyMap<string, Sandbox>
  readonly timing: Timing
  readonly directory: Directory
}

/**
 * The stores of the configuration, or the sandbox. Throws for a mistake in it. A front never asks a
 * store itself, so it spends nothing.
 */
export const openContext = async (
  bindings: Bindings,
  spend: Ledger['reserve'] = async () => 0,
): Promise<Context> => {
  const text = configText(bindings)
  const strings = Object.fromEntries(
    Object.entries(bindings).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
  const config =
    text === undefined
      ? null
      : readConfig(
          parseJson(new TextEncoder().encode(text)),
          strings,
          platforms.map(({ adapter }) => adapter),
        )
  const settled = timing(config?.timing)
  if (!config) {
    const sandbox = await openSandbox(platforms, { callTimeoutMs: settled.callTimeoutMs })
    return { config, timing: settled, directory: sandboxDirectory(sandbox.stores), ...sandbox }
  }
  // Looked up at each call: tests replace it. What is looked at must be as it is now, whatever a
  // cache on the way would say.
  const direct = fetchTransport((url, init) =>
    globalThis.fetch(url, { ...init, cache: 'no-store' }),
  )
  // Who gets a turn has half of the time left for the call itself.
  const transport = atMost(CALLS_AT_ONCE, settled.callTimeoutMs / 2, direct)
  const stores = openStores(config, { transport, timing: settled, reserve: spend })
  return {
    config,
    timing: settled,
    directory: openDirectory(stores, bindings.ACCOUNTS),
    stores,
    sandboxes: new Map(),
  }
}
