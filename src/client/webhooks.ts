/** The key's own webhooks: how they are, a test, on again, and told again. */
import { type Ask, segment } from './ask.ts'
import type { Page } from './batches.ts'
import type { ReplayRequest, Webhook, WebhookReplay, WebhookTest } from './types.ts'

/** How long the gateway waits for a receiver. */
const TEST_MS = 15_000

export interface ReplayOptions {
  readonly since: Date | string
  /** Left out: now. */
  readonly until?: Date | string | undefined
}

const instant = (time: Date | string): string => (time instanceof Date ? time.toISOString() : time)

export const createWebhooks = (ask: Ask) => {
  const pathOf = (name: string, action: string) => `/v1/webhooks/${segment('name', name)}/${action}`
  return {
    list: async () => ((await ask({ method: 'GET', path: '/v1/webhooks' })) as Page<Webhook>).data,
    /** Has `webhook.test` sent, once. Not tried again by itself: each sends another one. */
    test: async (name: string) =>
      (await ask({
        method: 'POST',
        path: pathOf(name, 'test'),
        holdMs: () => TEST_MS,
        once: true,
      })) as WebhookTest,
    /** On again: what is owed goes out. */
    enable: async (name: string) =>
      (await ask({ method: 'POST', path: pathOf(name, 'enable') })) as Webhook,
    /** Tells the newest state of what changed in a time again; how many that are. */
    replay: async (name: string, { since, until }: ReplayOptions) => {
      const body: ReplayRequest = {
        since: instant(since),
        until: until === undefined ? undefined : instant(until),
      }
      const { owed } = (await ask({
        method: 'POST',
        path: pathOf(name, 'replay'),
        body: JSON.stringify(body),
      })) as WebhookReplay
      return owed
    },
  }
}
