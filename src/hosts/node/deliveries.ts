/** Webhooks on Node: what a record owes them, who sends it, and what the log is told of that. */
import type { Logger } from 'pino'
import { ConfigError } from '../../config/configuration.ts'
import { isReachable } from '../../connection/address.ts'
import type { Transport } from '../../connection/transport.ts'
import { type NodeTransport, openTransport } from '../../connection/transport-undici.ts'
import type { BatchesOptions } from '../../gateway/batches/service.ts'
import { attemptOf } from '../../gateway/deliveries/attempt.ts'
import { forgetGone } from '../../gateway/deliveries/gone.ts'
import { createSender } from '../../gateway/deliveries/sender.ts'
import { createWebhooks, type Webhooks } from '../../gateway/deliveries/service.ts'
import {
  mayKnow,
  owedOf,
  owedOfBatch,
  owedOfLink,
  owedOfStore,
  type Webhook,
} from '../../gateway/deliveries/webhook.ts'
import type { GatewayOptions } from '../../gateway/gateway.ts'
import type { NoticesOptions } from '../../gateway/notices/service.ts'
import type { Owes } from '../../gateway/workflow/records.ts'
import type { FullLedger } from '../../ledger/port.ts'
import type { Owed } from '../../model/delivery.ts'
import { steadyNow } from '../../model/time.ts'
import type { OnFault } from './log.ts'

export interface Deliveries {
  /** All that the configuration has. */
  readonly configured: readonly Webhook[]
  readonly owes: Owes
  readonly onOwed: (owed: readonly Owed[]) => void
  /** Whether some webhook is told of what happens in a store. */
  readonly isListening: NoticesOptions['isListening']
  /** What a store owes that fell silent, or is heard again. */
  readonly owesOf: NoticesOptions['owesOf']
  /** What a link owes that came to be canceled, or diverged. */
  readonly owesOfLink: NonNullable<GatewayOptions['owesOfLink']>
  /** What a batch owes that came to its end. */
  readonly owesOfBatch: NonNullable<BatchesOptions['owes']>
  /** Says that these webhooks are owed something, or that time has passed. */
  readonly wake: (webhooks: Iterable<string>) => void
  /** Forgets what is owed to names that are gone for long. */
  readonly sweep: () => Promise<void>
  /** What callers may do with them. */
  readonly webhooks: Webhooks
  readonly close: () => Promise<void>
}

export interface DeliveriesParts {
  readonly ledger: FullLedger
  readonly webhooks: readonly Webhook[]
  readonly log: Logger
  readonly onFault: OnFault
}

/** One transport for all webhooks that may reach as far. */
const openTransports = () => {
  const opened = new Map<string, NodeTransport>()
  return {
    transportFor({ reach }: Webhook): Transport {
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

export const openDeliveries = ({ ledger, webhooks, log, onFault }: DeliveriesParts): Deliveries => {
  const { transportFor, close } = openTransports()
  const about = ({ caller, name }: Webhook) => ({ caller, webhook: name })
  const sender = createSender({
    ledger,
    webhooks,
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
    configured: webhooks,
    owes: (before, next, link) => owedOf(webhooks, before, next, link),
    owesOfLink: (link, standings) =>
      owedOfLink(
        webhooks,
        link,
        standings.map(({ member: { store, orderId }, state }) => ({ store, orderId, state })),
      ),
    owesOfBatch: (batch) => owedOfBatch(webhooks, batch),
    onOwed: (owed) => sender.wake(new Set(owed.map(({ webhook }) => webhook))),
    isListening: (store) => webhooks.some((webhook) => mayKnow(webhook, store)),
    owesOf: ({ id, adapter }, ...event) =>
      owedOfStore(webhooks, { store: id, platform: adapter.id }, ...event),
    wake: sender.wake,
    sweep: () => forgetGone({ deliveries: ledger.deliveries, webhooks, now: steadyNow }),
    webhooks: createWebhooks({
      deliveries: ledger.deliveries,
      webhooks,
      send: (webhook, id, body) => attemptOf(transportFor(webhook), webhook, id, body, steadyNow()),
      wake: sender.wake,
      now: steadyNow,
    }),
    async close() {
      await sender.close()
      await close()
    },
  }
}
