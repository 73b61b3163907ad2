/**
 * Webhooks whose name is gone from the configuration: kept for a while, since a name that comes
 * back is owed what it was, and then forgotten.
 */
import type { FullLedger } from '../../ledger/port.ts'
import { newHealth } from '../../model/delivery.ts'
import type { Webhook } from './webhook.ts'

/** For how long what is owed to a name outlives it. */
export const GONE_LIFE_MS = 30 * 86_400_000

export interface GoneDeps {
  readonly deliveries: FullLedger['deliveries']
  readonly webhooks: readonly Pick<Webhook, 'id'>[]
  readonly now: () => number
}

/**
 * Writes down since when a name is gone, or that it is back, and forgets what is gone long enough.
 * Only a process that looked can know since when: the time begins with the first look. Where
 * another process wrote meanwhile, the next look does it.
 */
export const forgetGone = async ({ deliveries, webhooks, now }: GoneDeps): Promise<void> => {
  const configured = new Set(webhooks.map(({ id }) => id))
  for (const id of await deliveries.webhooks()) {
    const health = await deliveries.health(id)
    const goneSince = health?.goneSince ?? null
    if (configured.has(id)) {
      if (health && goneSince !== null)
        await deliveries.saveHealth(id, { ...health, goneSince: null })
    } else if (goneSince === null)
      await deliveries.saveHealth(id, { ...(health ?? newHealth('')), goneSince: now() })
    else if (now() - goneSince >= GONE_LIFE_MS) await deliveries.forget(id)
  }
}
