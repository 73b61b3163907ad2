/** What is told to webhooks, put together: what changes owe, who sends it, what callers may do. */
import type { Transport } from '../../connection/transport.ts'
import type { Owed } from '../../model/delivery.ts'
import type { Link } from '../../model/link.ts'
import type { Store } from '../../connection/store.ts'
import type { BatchesOptions } from '../batches/service.ts'
import type { Standing } from '../links/standing.ts'
import type { Owes } from '../workflow/records.ts'
import { attemptOf } from './attempt.ts'
import { forgetGone } from './gone.ts'
import { createSender, type SenderDeps } from './sender.ts'
import { createWebhooks, type Webhooks } from './service.ts'
import { mayKnow, owedOf, owedOfBatch, owedOfLink, owedOfStore, type Webhook } from './webhook.ts'

export interface Deliveries {
  /** All that the configuration has. */
  readonly configured: readonly Webhook[]
  readonly owes: Owes
  /** What a link owes that came to be canceled, or diverged. */
  readonly owesOfLink: (link: Link, standings: readonly Standing[]) => readonly Owed[]
  /** What a store owes that fell silent, or is heard again. */
  readonly owesOf: (
    store: Store,
    type: 'store.silent' | 'store.back',
    revision: number,
    at: number,
  ) => readonly Owed[]
  /** What a batch owes that came to its end. */
  readonly owesOfBatch: NonNullable<BatchesOptions['owes']>
  readonly onOwed: (owed: readonly Owed[]) => void
  /** Whether some webhook is told of what happens in a store. */
  readonly isListening: (store: string) => boolean
  /** Says that these webhooks are owed something, or that time has passed. */
  readonly wake: (webhooks: Iterable<string>) => void
  /** Forgets what is owed to names that are gone for long. */
  readonly sweep: () => Promise<void>
  /** What callers may do with them. */
  readonly webhooks: Webhooks
  readonly close: () => Promise<void>
}

export interface DeliveriesDeps extends SenderDeps {
  readonly webhooks: readonly Webhook[]
  readonly transportFor: (webhook: Webhook) => Transport
  /** What else keeps rows beside those of webhooks: alerts. */
  readonly others?: readonly Pick<Webhook, 'id'>[]
}

export const openDeliveries = (deps: DeliveriesDeps): Deliveries => {
  const { ledger, webhooks, transportFor, others = [], now } = deps
  const sender = createSender(deps)
  return {
    configured: webhooks,
    owes: (before, next, link) => owedOf(webhooks, before, next, link),
    owesOfLink: (link, standings) =>
      owedOfLink(
        webhooks,
        link,
        standings.map(({ member: { store, orderId }, state }) => ({ store, orderId, state })),
      ),
    owesOf: ({ id, adapter }, ...event) =>
      owedOfStore(webhooks, { store: id, platform: adapter.id }, ...event),
    owesOfBatch: (batch) => owedOfBatch(webhooks, batch),
    onOwed: (owed) => sender.wake(new Set(owed.map(({ webhook }) => webhook))),
    isListening: (store) => webhooks.some((webhook) => mayKnow(webhook, store)),
    wake: sender.wake,
    sweep: () =>
      forgetGone({ deliveries: ledger.deliveries, webhooks: [...webhooks, ...others], now }),
    webhooks: createWebhooks({
      deliveries: ledger.deliveries,
      webhooks,
      send: (webhook, id, body) => attemptOf(transportFor(webhook), webhook, id, body, now()),
      wake: sender.wake,
      now,
    }),
    close: sender.close,
  }
}
