/** Webhooks on Node: over which connections they are told, and what the log is told of that. */
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Alert } from '../../alerts/alert.ts'
import { ConfigError } from '../../config/configuration.ts'
import { isReachable, type Reach } from '../../connection/address.ts'
import type { Transport } from '../../connection/transport.ts'
import { type NodeTransport, openTransport } from '../../connection/transport-undici.ts'
import { type Deliveries, openDeliveries } from '../../gateway/deliveries/deliveries.ts'
import type { Webhook } from '../../gateway/deliveries/webhook.ts'
import type { FullLedger } from '../../ledger/port.ts'
import { steadyNow } from '../../model/time.ts'
import type { OnFault } from './log.ts'

export interface DeliveriesParts {
  readonly ledger: FullLedger
  readonly webhooks: readonly Webhook[]
  readonly alerts: readonly Alert[]
  readonly log: Logger
  readonly onFault: OnFault
}

/** One transport for all that may reach as far. */
export const openTransports = () => {
  const opened = new Map<string, NodeTransport>()
  return {
    transportFor({ reach }: { readonly reach: Reach }): Transport {
      const key = JSON.stringify(reach)
      const known = opened.get(key) ?? openTransport((address) => isReachable(address, reach))
      opened.set(key, known)
      return known.transport
    },
    close: () => Promise.all([...opened.values()].map(({ close }) => close())),
  }
}

/** Throws `ConfigError` where a webhook leads to this gateway itself. */
export const refuseOwn = (
  webhooks: readonly Webhook[],
  { host, port }: { readonly host: string; readonly port: number },
): void => {
  const own = [host, '127.0.0.1', 'localhost', '[::1]'].map((name) => `http://${name}:${port}`)
  for (const { url, caller, name } of webhooks)
    if (own.includes(new URL(url).origin))
      throw new ConfigError(`the webhook ${name} of ${caller} leads to this gateway itself`)
}

/** Those of one configuration. */
const openOnce = ({ ledger, webhooks, alerts, log, onFault }: DeliveriesParts): Deliveries => {
  const { transportFor, close } = openTransports()
  const about = ({ caller, name }: Webhook) => ({ caller, webhook: name })
  const deliveries = openDeliveries({
    ledger,
    webhooks,
    others: alerts,
    transportFor,
    now: steadyNow,
    random: Math.random,
    onTried(webhook, { subject, type, tries }, { kind, result }) {
      const fields = { ...about(webhook), subject, type, tries: tries + 1, result }
      if (kind === 'delivered') log.debug(fields, 'told')
      else log.warn(fields, kind === 'failed' ? 'not told yet' : 'not told: given up')
    },
    onDisabled: (webhook, { failingSince }) =>
      log.error(
        { ...about(webhook), failingSince },
        'this webhook is switched off: mend its receiver, then enable it',
      ),
    onFault: (error) => onFault(error),
  })
  return {
    ...deliveries,
    async close() {
      await deliveries.close()
      await close()
    },
  }
}

export interface NodeDeliveries extends Deliveries {
  /**
   * Tells these webhooks from now on. What is under way to the others ends as it began: one sender
   * follows the other by the webhook's lease.
   */
  readonly replace: (webhooks: readonly Webhook[]) => void
}

export const openNodeDeliveries = (parts: DeliveriesParts): NodeDeliveries => {
  let current = openOnce(parts)
  const leaving = new Set<Promise<void>>()
  const { onFault } = parts
  return {
    get configured() {
      return current.configured
    },
    owes: (...asked) => current.owes(...asked),
    owesOfLink: (...asked) => current.owesOfLink(...asked),
    owesOf: (...asked) => current.owesOf(...asked),
    owesOfBatch: (...asked) => current.owesOfBatch(...asked),
    onOwed: (owed) => current.onOwed(owed),
    isListening: (store) => current.isListening(store),
    wake: (webhooks) => current.wake(webhooks),
    sweep: () => current.sweep(),
    webhooks: {
      list: (caller) => current.webhooks.list(caller),
      test: (...asked) => current.webhooks.test(...asked),
      enable: (...asked) => current.webhooks.enable(...asked),
      replay: (...asked) => current.webhooks.replay(...asked),
      of: (...asked) => current.webhooks.of(...asked),
    },
    replace(webhooks) {
      if (isDeepStrictEqual(webhooks, current.configured)) return
      const before = current
      current = openOnce({ ...parts, webhooks })
      const left = before.close().catch(onFault)
      leaving.add(left)
      void left.finally(() => leaving.delete(left))
      // Since when names are gone, and which are back.
      current.sweep().catch(onFault)
    },
    async close() {
      await Promise.all([current.close(), ...leaving])
    },
  }
}
