/** Webhooks as the front has them: each object tells of its own records, and is asked for them. */
import { NO_WEBHOOKS, type Webhooks, type WebhookView } from '../../gateway/deliveries/service.ts'
import type { Directory } from './directory.ts'
import { type Ask, LINKS } from './links.ts'

/** The object that keeps batches: an account by a name that no host has. */
export const BATCHES = 'all batches'

export interface WebhooksParts {
  readonly ask: Ask
  readonly directory: Directory
  /** Whether a caller has webhooks at all; most have none, and then nobody is asked. */
  readonly hasWebhooks: (caller: string) => boolean
  /** The object that has a record, by its id. */
  readonly objectOf: (id: string) => Promise<string>
}

/** The earliest that is known of. */
export const first = (times: readonly (number | null)[]): number | null => {
  const known = times.filter((at) => at !== null)
  return known.length === 0 ? null : Math.min(...known)
}

/** One webhook of which several objects keep deliveries: on where it is on in all of them. */
const mergeViews = (views: readonly WebhookView[]): WebhookView => {
  const [one] = views as readonly [WebhookView, ...WebhookView[]]
  const latest = views.toSorted((a, b) => (b.lastSuccessAt ?? 0) - (a.lastSuccessAt ?? 0))[0] ?? one
  const failing = views.find(({ failingSince }) => failingSince !== null)
  return {
    ...one,
    enabled: views.every(({ enabled }) => enabled),
    pending: views.reduce((sum, { pending }) => sum + pending, 0),
    oldestPendingAt: first(views.map(({ oldestPendingAt }) => oldestPendingAt)),
    lastSuccessAt: latest.lastSuccessAt,
    failingSince: first(views.map(({ failingSince }) => failingSince)),
    lastResult: (failing ?? latest).lastResult,
  }
}

export const webhooksOf = ({ ask, directory, hasWebhooks, objectOf }: WebhooksParts): Webhooks => {
  const objects = async () => [...(await directory()).objects, BATCHES, LINKS]
  const all: Webhooks = {
    async list(caller) {
      const found = await Promise.all(
        (await objects()).map((object) => ask(object, 'webhooks.list', caller)),
      )
      const names = [...new Set(found.flat().map(({ name }) => name))]
      return names.map((name) => mergeViews(found.flat().filter((one) => one.name === name)))
    },
    test: (caller, name) => ask(BATCHES, 'webhooks.test', caller, name),
    async enable(caller, name) {
      const asked = (await objects()).map((object) => ask(object, 'webhooks.enable', caller, name))
      return mergeViews(await Promise.all(asked))
    },
    async replay(...asked) {
      const owed = (await objects()).map((object) => ask(object, 'webhooks.replay', ...asked))
      return (await Promise.all(owed)).reduce((sum, count) => sum + count, 0)
    },
    of: async (caller, subject) => ask(await objectOf(subject), 'webhooks.of', caller, subject),
  }
  const meant = (caller: string): Webhooks => (hasWebhooks(caller) ? all : NO_WEBHOOKS)
  return {
    list: (caller) => meant(caller).list(caller),
    test: (caller, name) => meant(caller).test(caller, name),
    enable: (caller, name) => meant(caller).enable(caller, name),
    replay: (caller, ...asked) => meant(caller).replay(caller, ...asked),
    of: (caller, subject) => meant(caller).of(caller, subject),
  }
}
