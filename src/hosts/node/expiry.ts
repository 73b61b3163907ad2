/** Says in the log which keys come to their end, before somebody learns it from a refusal. */
import type { Logger } from 'pino'
import { EXPIRES_SOON_MS } from '../../config/keys.ts'
import type { Keys } from '../../http/keys.ts'
import { DAY_MS } from '../../model/cancellation.ts'

export interface ExpiryWatch {
  readonly stop: () => void
}

const tell = (keys: Pick<Keys, 'known'>, log: Logger, now: number): void => {
  for (const { caller, expiresAt } of keys.known()) {
    if (expiresAt === null || expiresAt - now > EXPIRES_SOON_MS) continue
    log.warn(
      { caller: caller.name, key: caller.key, expiresAt: new Date(expiresAt).toISOString() },
      expiresAt <= now ? 'this key has expired' : 'this key expires soon',
    )
  }
}

/** Once now, and once a day. By the calendar: it is a day that people wrote down. */
export const watchExpiry = (keys: Pick<Keys, 'known'>, log: Logger): ExpiryWatch => {
  tell(keys, log, Date.now())
  const daily = setInterval(() => tell(keys, log, Date.now()), DAY_MS)
  daily.unref()
  return { stop: () => clearInterval(daily) }
}
