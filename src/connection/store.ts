/** A store: one merchant account on one platform, ready to be spoken to. */
import type { Capabilities } from '../model/capability.ts'
import { capabilitiesOf, type Repeat, repeatOf } from '../adapter/contract.ts'
import type { AnyAdapter } from '../adapter/platform.ts'
import { type StoreHealth, watchCalls } from './health.ts'
import { type PlatformClient, type ClientOptions, openClient } from './client.ts'
import type { Example } from '../adapter/sandbox.ts'
import { steadyNow } from '../model/time.ts'

export type { StoreHealth } from './health.ts'

export interface Store {
  readonly id: string
  readonly adapter: AnyAdapter
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly client: PlatformClient<any>
  readonly capabilities: Capabilities
  /** What a second cancel of a canceled order does there. */
  readonly repeat: Repeat
  /** The platform's account: locks belong to it, however many stores are configured on it. */
  readonly account: string
  /**
   * Which merchant account the settings lead to: the platform, its address, and what tells
   * merchants apart there.
   */
  readonly identity: string
  /** Identities that this same account had before. */
  readonly movedFrom: readonly string[]
  readonly settleMs: number
  readonly onDoubt: 'ask' | 'resend'
  /** How often it is asked what changed; null: never. */
  readonly sweepMs: number | null
  /** The stage of its orders in a link that names none. */
  readonly stage: number | undefined
  readonly test: boolean
  readonly examples: readonly Example[]
  /** How long the store is left alone, in milliseconds; 0: it may be asked. */
  readonly cooldownMs: () => number
  /** How it is, as far as this process has seen. */
  readonly health: () => StoreHealth
  /** How many calls a second it gets, and how many at once after a rest; null: as they come. */
  readonly pace: Pick<AnyAdapter['pace'], 'perSecond' | 'burst'> | null
}

export interface StoreOptions extends ClientOptions {
  readonly settleMs: number
  readonly onDoubt?: 'ask' | 'resend' | undefined
  readonly sweepMs?: number | null | undefined
  readonly stage?: number | undefined
  readonly test?: boolean | undefined
  readonly movedFrom?: readonly string[] | undefined
  readonly examples?: readonly Example[]
  readonly pace?: Store['pace'] | undefined
}

/** `medusa shop.example.com`, `wix www.wixapis.com site-1`. */
export const identityOf = (adapter: AnyAdapter, settings: unknown): string => {
  const { host, pathname } = new URL(adapter.baseUrl(settings))
  return [adapter.id, host + pathname.replace(/\/$/, ''), adapter.merchant?.(settings) ?? '']
    .filter(Boolean)
    .join(' ')
}

const GUIDS = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi
const folded = (identity: string): string =>
  identity.replaceAll(GUIDS, (guid) => guid.toLowerCase())
/**
 * Whether the settings lead to this merchant account. GUIDs, as of a Wix site, are the same in
 * either case (RFC 9562, 4).
 */
export const leadsTo = ({ identity }: Pick<Store, 'identity'>, account: string): boolean =>
  folded(identity) === folded(account)

/**
 * Opens a store with settings that its adapter has already checked. The settle time may only be
 * raised, but for test stores.
 */
export const openStore = (
  id: string,
  adapter: AnyAdapter,
  settings: unknown,
  options: StoreOptions,
): Store => {
  const watch = watchCalls(steadyNow)
  const cooldownMs = () => options.gate?.cooldownMs() ?? 0
  return {
    id,
    adapter,
    client: openClient(adapter, settings, { ...options, watch }),
    capabilities: capabilitiesOf(adapter, settings),
    repeat: repeatOf(adapter, settings),
    account: new URL(adapter.baseUrl(settings)).host,
    identity: identityOf(adapter, settings),
    movedFrom: options.movedFrom ?? [],
    settleMs: options.test ? options.settleMs : Math.max(options.settleMs, adapter.settleMs),
    onDoubt: options.onDoubt ?? 'ask',
    sweepMs: options.sweepMs ?? null,
    stage: options.stage,
    test: options.test ?? false,
    examples: options.examples ?? [],
    cooldownMs,
    health: () => ({
      ...(options.gate?.state() ?? { breaker: 'closed', waiting: 0 }),
      ...watch.calls(),
      restMs: cooldownMs(),
    }),
    pace: options.pace ?? null,
  }
}
