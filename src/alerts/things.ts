/**
 * What needs a person, as things that people are told of: found in the durable state each time, in
 * the order and with the words of the console.
 */
import { healthOf } from '../gateway/deliveries/sender.ts'
import type { Webhook } from '../gateway/deliveries/webhook.ts'
import type { LinkView } from '../gateway/links/service.ts'
import { canFallSilent, needsOf, type Silent } from '../gateway/needs.ts'
import { type CallerService, type CancellationService } from '../gateway/service.ts'
import { callerService } from '../gateway/caller.ts'
import type { FullLedger } from '../ledger/port.ts'
import { advice } from '../messages/advice.ts'
import { amountsBeside } from '../messages/amounts.ts'
import type { Known, Solved, Thing } from '../messages/digest.ts'
import { groupsOf } from '../messages/groups.ts'
import { amountsOf, sentence } from '../messages/sentence.ts'
import { DISABLED_SENTENCE, linkSentence, listed, silentSentence } from '../messages/standing.ts'
import { LINK_WORDS, statusWord } from '../messages/words.ts'
import { isAsked } from '../model/approval.ts'
import type { Cancellation } from '../model/cancellation.ts'
import type { Health } from '../model/delivery.ts'
import { ProblemError } from '../model/problem.ts'
import type { Alert } from './alert.ts'

/** How many of each are read; of more, the newest are among them. */
const MOST = { records: 1_000, diverged: 100 }

export interface ThingsDeps {
  readonly gateway: CancellationService
  readonly webhooks: readonly Webhook[]
  readonly ledger: Pick<FullLedger, 'deliveries'>
}

/** The service as those have it who read an alert. */
const serviceOf = ({ gateway }: ThingsDeps, { name, stores }: Alert): CallerService =>
  callerService(gateway, { name, scopes: ['read'], stores })

const wants = ({ events }: Alert, { event }: Pick<Known, 'event'>): boolean =>
  events?.has(event) ?? true

const keyOf = (event: string, ...parts: readonly (string | number)[]): string =>
  [event, ...parts].join(' ')

const totalOf = (record: Cancellation) => {
  const total = record.order?.totals.total ?? null
  return { total, amount: total && amountsBeside(amountsOf(record))(total) }
}

const orderOf = (record: Cancellation) => ({
  place: record.request.store,
  what: `Order ${record.order?.number ?? record.request.orderId}`,
  path: `/console/cancellations/${record.id}`,
  says: sentence(record),
  ...totalOf(record),
  todo: advice(record).at(0) ?? null,
})

const needing = (record: Cancellation, title: string): Thing => ({
  key: keyOf('cancellation.needs_attention', record.id, record.revision ?? 0),
  event: 'cancellation.needs_attention',
  title,
  since: record.updatedAt,
  ...orderOf(record),
})

const awaited = (record: Cancellation): Thing => ({
  key: keyOf('cancellation.approval_awaited', record.id, record.revision ?? 0),
  event: 'cancellation.approval_awaited',
  title: 'Waits for approval',
  since: record.approval?.askedAt ?? record.updatedAt,
  ...orderOf(record),
  todo: 'See what it would do, then approve or decline it, with a key that may.',
})

const reopened = (record: Cancellation): Thing => ({
  key: keyOf('cancellation.reopened', record.id, record.revision ?? 0),
  event: 'cancellation.reopened',
  title: 'Open again',
  since: record.reopenedAt ?? record.updatedAt,
  ...orderOf(record),
})

const diverged = ({ link, standings }: LinkView): Thing => ({
  key: keyOf('link.diverged', encodeURIComponent(link.name), link.createdAt, link.revision),
  event: 'link.diverged',
  title: LINK_WORDS.diverged,
  place: listed([...new Set(link.members.map(({ store }) => store))]),
  what: `Link ${link.name}`,
  path: `/console/links/${encodeURIComponent(link.name)}`,
  since: link.updatedAt,
  says: linkSentence(link.status, standings),
  todo: null,
})

const silent = ({ store, since }: Silent): Thing => ({
  key: keyOf('store.silent', store.id, since),
  event: 'store.silent',
  title: 'Went silent',
  place: store.id,
  what: `Store ${store.id}`,
  path: '/console/stores',
  since,
  says: silentSentence(store.adapter.name),
  todo: null,
})

const offSince = ({ failingSince, lastSuccessAt }: Health): number =>
  failingSince ?? lastSuccessAt ?? 0

const disabled = ({ id, name, caller }: Webhook, health: Health): Thing => ({
  key: keyOf('webhook.disabled', encodeURIComponent(id), offSince(health)),
  event: 'webhook.disabled',
  title: 'Webhooks that are switched off',
  place: caller,
  what: `Webhook ${name}`,
  path: '/console/webhooks',
  since: offSince(health),
  says: DISABLED_SENTENCE,
  todo: null,
})

/** Webhooks of which every store is one of the alert's. */
const webhooksOf = ({ webhooks }: ThingsDeps, { stores }: Alert): readonly Webhook[] =>
  webhooks.filter(
    (webhook) =>
      stores === null ||
      (webhook.stores !== null && [...webhook.stores].every((store) => stores.includes(store))),
  )

const disabledOf = async (deps: ThingsDeps, alert: Alert): Promise<Thing[]> => {
  const found = await Promise.all(
    webhooksOf(deps, alert).map(async (webhook) => ({
      webhook,
      health: await healthOf(deps.ledger, webhook),
    })),
  )
  return found.flatMap(({ webhook, health }) => (health.enabled ? [] : [disabled(webhook, health)]))
}

/** What came last, where more waits than is read. */
const newest = async (
  service: CallerService,
  records: readonly Cancellation[],
): Promise<Cancellation[]> => {
  if (records.length < MOST.records) return []
  const ids = new Set(records.map(({ id }) => id))
  const last = await service.list({
    status: 'needs_attention',
    updatedAfter: 0,
    order: 'desc',
    limit: MOST.records,
  })
  return last.filter(({ id }) => !ids.has(id))
}

/** Whoever asked: an alert is read by several, and goes by no caller's name. */
const awaitedOf = async (service: CallerService): Promise<Thing[]> => {
  const found = await service.list({ approval: 'awaited', order: 'asc', limit: MOST.records })
  return found.filter(isAsked).map(awaited)
}

/** Everything that those who read an alert are to be told of, as it stands now. */
export const thingsOf = async (deps: ThingsDeps, alert: Alert): Promise<readonly Thing[]> => {
  const service = serviceOf(deps, alert)
  const [needs, asked, off] = await Promise.all([
    needsOf(service, MOST),
    awaitedOf(service),
    disabledOf(deps, alert),
  ])
  const records = [...needs.records, ...(await newest(service, needs.records))]
  const things = [
    ...asked,
    ...needs.diverged.map(diverged),
    ...needs.reopened.map(reopened),
    ...needs.silent.map(silent),
    ...off,
    ...groupsOf(records).flatMap(({ title, members }) =>
      members.map((record) => needing(record, title)),
    ),
  ]
  return things.filter((thing) => wants(alert, thing))
}

/** What became of one thing that is not among the others any more. */
export type Became = 'waiting' | 'gone' | { readonly says: string }

const ofRecord = async (service: CallerService, key: string, id: string): Promise<Became> => {
  const record = await service.get(id)
  if (record.status !== 'needs_attention') return { says: `${statusWord(record)}.` }
  // Needs somebody anew: that is another thing, and told as one.
  return key === needing(record, '').key ? 'waiting' : 'gone'
}

const ofAwaited = async (service: CallerService, key: string, id: string): Promise<Became> => {
  const record = await service.get(id)
  if (!isAsked(record)) return { says: `${statusWord(record)}.` }
  return key === awaited(record).key ? 'waiting' : 'gone'
}

const ofReopened = async (service: CallerService, id: string): Promise<Became> => {
  const record = await service.get(id)
  const { store, orderId } = record.request
  const [last = record] = await service.list({ store, orderId, order: 'desc', limit: 1 })
  return last.id === id && last.reopenedAt !== undefined
    ? 'waiting'
    : { says: `${statusWord(last)}.` }
}

const ofLink = async (service: CallerService, key: string, name: string): Promise<Became> => {
  const view = await service.links.get(name)
  if (view.link.status !== 'diverged') return { says: `${LINK_WORDS[view.link.status]}.` }
  return key === diverged(view).key ? 'waiting' : 'gone'
}

const ofStore = async (service: CallerService, key: string, id: string): Promise<Became> => {
  const store = service.store(id)
  if (!canFallSilent(store)) return 'gone'
  const { silentSince } = await service.noticesOf(id)
  if (silentSince === null) return { says: 'Its webhooks are heard again.' }
  return key === silent({ store, since: silentSince }).key ? 'waiting' : 'gone'
}

const ofWebhook = async (deps: ThingsDeps, alert: Alert, key: string, id: string) => {
  const webhook = webhooksOf(deps, alert).find((one) => one.id === id)
  if (!webhook) return 'gone'
  const health = await healthOf(deps.ledger, webhook)
  if (health.enabled) return { says: 'It is on again.' }
  return key === disabled(webhook, health).key ? 'waiting' : 'gone'
}

/** What became of a thing; what an alert is no longer about is gone, and nobody says solved. */
const becameOf = async (deps: ThingsDeps, alert: Alert, known: Known): Promise<Became> => {
  if (!wants(alert, known)) return 'gone'
  const service = serviceOf(deps, alert)
  const { key, event } = known
  const id = decodeURIComponent(key.split(' ')[1] ?? '')
  try {
    switch (event) {
      case 'cancellation.needs_attention':
        return await ofRecord(service, key, id)
      case 'cancellation.approval_awaited':
        return await ofAwaited(service, key, id)
      case 'cancellation.reopened':
        return await ofReopened(service, id)
      case 'link.diverged':
        return await ofLink(service, key, id)
      case 'store.silent':
        return await ofStore(service, key, id)
      case 'webhook.disabled':
        return await ofWebhook(deps, alert, key, id)
    }
  } catch (error) {
    if (error instanceof ProblemError) return 'gone'
    throw error
  }
}

/** What of this is solved, and why, and what waits all the same: more waits than was read. */
export const afterOf = async (
  deps: ThingsDeps,
  alert: Alert,
  absent: readonly Known[],
): Promise<{ readonly solved: readonly Solved[]; readonly waiting: readonly Known[] }> => {
  const solved: Solved[] = []
  const waiting: Known[] = []
  for (const known of absent) {
    const became = await becameOf(deps, alert, known)
    if (became === 'waiting') waiting.push(known)
    else if (became !== 'gone') solved.push({ ...known, says: became.says })
  }
  return { solved, waiting }
}
