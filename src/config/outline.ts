/** What of a configuration may be told: everything but its secrets, for a digest of it. */
import { canonicalJson, sha256Hex } from '../model/audit.ts'
import type { Configuration } from './configuration.ts'

/** Of settings their names alone: which of them are secret only their platform knows. */
const outlineOf = ({
  stores,
  callers,
  webhooks,
  alerts,
  smtp,
  ...more
}: Configuration): object => ({
  stores: stores.map(({ adapter, settings, ...store }) => ({
    ...store,
    platform: adapter.id,
    host: new URL(adapter.baseUrl(settings as never)).host,
    settings: Object.keys(settings as object).toSorted(),
  })),
  callers,
  webhooks: webhooks.map(({ id }) => id),
  alerts: alerts.map(({ name, channel, stores }) => ({ name, kind: channel.kind, stores })),
  smtp: smtp?.host ?? null,
  ...more,
})

/** A digest of the configuration without its secrets: the same while nothing of it changes. */
export const digestOf = (config: Configuration): Promise<string> =>
  sha256Hex(canonicalJson(JSON.parse(JSON.stringify(outlineOf(config)))))
