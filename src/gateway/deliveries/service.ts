/**
 * What a caller may do with its own webhooks: see how they are, have one tried, told again, or
 * switched on.
 */
import { ulid } from 'ulid'
import type { DeliveryLedger } from '../../ledger/port.ts'
import { type Delivery, EVENT_TYPES, type EventType, newHealth } from '../../model/delivery.ts'
import { refuse } from '../../model/problem.ts'
import { beforehand, type CallerService } from '../service.ts'
import type { Outcome } from './attempt.ts'
import { healthOf } from './sender.ts'
import { testBody, type Webhook } from './webhook.ts'

/** How a webhook is. */
export interface WebhookView {
  readonly name: string
  readonly url: string
  /** Null: all. */
  readonly events: readonly EventType[] | null
  readonly enabled: boolean
  readonly pending: number
  readonly oldestPendingAt: number | null
  readonly lastSuccessAt: number | null
  readonly failingSince: number | null
  /** An HTTP status or a word. */
  readonly lastResult: string | null
}

/** What came back of a test. */
export interface Tested {
  readonly delivered: boolean
  /** An HTTP status or a word. */
  readonly result: string
}

/** What one webhook is owed, or was told, of a subject. */
export interface DeliveryView extends Pick<
  Delivery,
  'type' | 'revision' | 'state' | 'at' | 'deliveredAt' | 'lastResult'
> {
  /** The webhook's. */
  readonly name: string
}

/** Webhooks by their callers' names; one that is not the caller's own does not exist. */
export interface Webhooks {
  list(caller: string): Promise<readonly WebhookView[]>
  test(caller: string, name: string): Promise<Tested>
  enable(caller: string, name: string): Promise<WebhookView>
  /** How many subjects are owed again. */
  replay(caller: string, name: string, since: number, until: number): Promise<number>
  /** Null: the caller has no webhook that could be told. */
  of(caller: string, subject: string): Promise<readonly DeliveryView[] | null>
}

export interface WebhooksDeps {
  readonly deliveries: DeliveryLedger
  readonly webhooks: readonly Webhook[]
  /** Sends a body once. */
  readonly send: (webhook: Webhook, id: string, body: string) => Promise<Outcome>
  /** Tells the sender that these webhooks have something to be sent. */
  readonly wake: (ids: Iterable<string>) => void
  readonly now: () => number
}

const viewOf = async (deliveries: DeliveryLedger, webhook: Webhook): Promise<WebhookView> => {
  const [health, pending] = await Promise.all([
    healthOf({ deliveries }, webhook),
    deliveries.owedOf(webhook.id),
  ])
  const { name, url, events } = webhook
  const { enabled, lastSuccessAt, failingSince, lastResult } = health
  return {
    name,
    url,
    events: events && EVENT_TYPES.filter((type) => events.has(type)),
    enabled,
    ...pending,
    lastSuccessAt,
    failingSince,
    lastResult,
  }
}

/** Switches a webhook on; what it failed with before no longer counts against it. */
const enable = async (deliveries: DeliveryLedger, webhook: Webhook): Promise<void> => {
  for (;;) {
    const { version, lastSuccessAt, lastResult } = await healthOf({ deliveries }, webhook)
    const next = { ...newHealth(webhook.url), version, lastSuccessAt, lastResult }
    // Null: the sender wrote in between how a try ended.
    if (await deliveries.saveHealth(webhook.id, next)) return
  }
}

export const createWebhooks = ({
  deliveries,
  webhooks,
  send,
  wake,
  now,
}: WebhooksDeps): Webhooks => {
  const ownOf = (caller: string) => webhooks.filter((webhook) => webhook.caller === caller)
  const find = (caller: string, name: string): Webhook =>
    ownOf(caller).find((webhook) => webhook.name === name) ??
    refuse('webhook-not-found', 'No webhook of this key has this name.')
  return {
    list: (caller) => Promise.all(ownOf(caller).map((webhook) => viewOf(deliveries, webhook))),
    async test(caller, name) {
      const webhook = find(caller, name)
      const at = now()
      const { kind, result } = await send(webhook, `evt_test_${ulid(at)}`, testBody(webhook, at))
      return { delivered: kind === 'delivered', result }
    },
    async enable(caller, name) {
      const webhook = find(caller, name)
      await enable(deliveries, webhook)
      wake([webhook.id])
      return viewOf(deliveries, webhook)
    },
    async replay(caller, name, since, until) {
      const { id } = find(caller, name)
      const owed = await deliveries.replay(id, since, until)
      wake([id])
      return owed
    },
    async of(caller, subject) {
      const names = new Map(ownOf(caller).map(({ id, name }) => [id, name]))
      // As most have none, nothing more is read then.
      if (names.size === 0) return null
      return (await deliveries.of(subject)).flatMap((row) => {
        const name = names.get(row.webhook)
        const { type, revision, state, at, deliveredAt, lastResult } = row
        return name === undefined
          ? []
          : [{ name, type, revision, state, at, deliveredAt, lastResult }]
      })
    },
  }
}

/** The webhooks as one caller has them: its own. */
export interface CallerWebhooks {
  list(): Promise<readonly WebhookView[]>
  test(name: string): Promise<Tested>
  enable(name: string): Promise<WebhookView>
  replay(name: string, since: number, until: number): Promise<number>
  /**
   * What they are owed, or were told, of a record that the caller reaches. Null: there are none.
   */
  of(record: string): Promise<readonly DeliveryView[] | null>
}

export const callerWebhooks = (
  webhooks: Webhooks,
  { caller, must, acts }: Pick<CallerService, 'caller' | 'must' | 'acts'>,
): CallerWebhooks => {
  const { name: owner } = caller
  /** A name that is no webhook's is not noted: it is refused, and may be anything. */
  const noted = async <T>(
    action: 'webhook.tested' | 'webhook.enabled' | 'webhook.replayed',
    webhook: string,
    work: () => Promise<T>,
  ): Promise<T> => {
    const isThere = (await webhooks.list(owner)).some(({ name }) => name === webhook)
    return isThere ? acts.act({ action, store: null, subject: { webhook } }, work) : work()
  }
  return {
    async list() {
      must('read')
      return beforehand(webhooks.list(owner))
    },
    async test(name) {
      must('read')
      return noted('webhook.tested', name, () => webhooks.test(owner, name))
    },
    async enable(name) {
      must('read')
      return noted('webhook.enabled', name, () => webhooks.enable(owner, name))
    },
    async replay(name, since, until) {
      must('read')
      return noted('webhook.replayed', name, () => webhooks.replay(owner, name, since, until))
    },
    async of(record) {
      must('read')
      return beforehand(webhooks.of(owner, record))
    },
  }
}

const none = async () => refuse('webhook-not-found', 'This gateway has no webhooks.')
/** Where nobody is told of anything. */
export const NO_WEBHOOKS: Webhooks = {
  list: async () => [],
  test: none,
  enable: none,
  replay: none,
  of: async () => null,
}
