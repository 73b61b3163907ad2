/** The platforms with their imitations loaded, for tests that make one again and again. */
import type { AnyAdapter } from '../../src/adapter/platform.ts'
import type { CreateSandbox } from '../../src/adapter/sandbox.ts'
import { openSandboxStores } from '../../src/config/sandbox.ts'
import { platforms } from '../../src/hosts/platforms.ts'

export interface Loaded {
  readonly adapter: AnyAdapter
  readonly createSandbox: CreateSandbox
}

export const load = async (adapter: AnyAdapter): Promise<Loaded> => {
  const module = (await import(`../../adapters/${adapter.id}/sandbox/index.ts`)) as {
    readonly createSandbox: CreateSandbox
  }
  return { adapter, createSandbox: module.createSandbox }
}

export const loaded: readonly Loaded[] = await Promise.all(
  platforms.map(({ adapter }) => load(adapter)),
)

/** The sandbox of every platform, afresh. */
export const openLoaded = (options: Parameters<typeof openSandboxStores>[1]) =>
  openSandboxStores(
    loaded.map(({ adapter, createSandbox }) => ({ adapter, sandbox: createSandbox() })),
    options,
  )
