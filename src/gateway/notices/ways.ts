/** In which ways a store is heard of, by its settings and its platform. */
import { sweepOf } from '../../adapter/contract.ts'
import type { WebhookSettings } from '../../adapter/settings.ts'
import type { Store } from '../../connection/store.ts'

export interface Ways {
  /** It takes webhooks that its platform signs. */
  readonly isSigned: boolean
  /** It takes those at the address with the token, which is a secret. */
  readonly hasToken: boolean
  /** It can be asked what changed. */
  readonly canSweep: boolean
  /** Null: it is not asked, because it cannot be or is not to be. */
  readonly sweepMs: number | null
}

export const waysOf = ({ adapter, client, sweepMs }: Store): Ways => {
  const { webhookSecret, webhookToken } = client.settings as WebhookSettings
  const canSweep = sweepOf(adapter, client.settings) !== null
  return {
    isSigned: webhookSecret !== undefined,
    hasToken: webhookToken !== undefined,
    canSweep,
    sweepMs: canSweep ? sweepMs : null,
  }
}

/** Whether it has an address for its platform's webhooks. */
export const hasHook = (store: Store): boolean => {
  const { isSigned, hasToken } = waysOf(store)
  return isSigned || hasToken
}
