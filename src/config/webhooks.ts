/** The webhooks of a configuration's callers: read, checked, and refused with every mistake. */
import { z } from 'zod'
import { type Reach, refusalOf } from '../connection/address.ts'
import { readSecret } from '../connection/signing.ts'
import { type Webhook, webhookId } from '../gateway/deliveries/webhook.ts'
import { EVENT_TYPES, type EventType } from '../model/delivery.ts'
import { type Outside, place, resolve } from './environment.ts'

const ALL = '*'
const Secret = z.string().transform((secret, { addIssue }) => {
  const key = readSecret(secret)
  if (key) return key
  addIssue('must be Base64 of 24 to 64 bytes, with “whsec_” before it or without')
  return z.NEVER
})
const WebhookShape = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, “.”, “_” and “-”, at most 64'),
  url: z.string(),
  secret: Secret,
  /** The one before, while a receiver changes to the new one. */
  previousSecret: Secret.optional(),
  events: z.array(z.enum([ALL, ...EVENT_TYPES])).min(1),
  allowHttp: z.boolean().default(false),
  allowPrivate: z.boolean().default(false),
})

/** A caller as far as its webhooks depend on it; they themselves as they stand in the file. */
interface Owner {
  readonly name: string
  readonly scopes: readonly string[]
  readonly stores: readonly string[]
  readonly webhooks: readonly unknown[]
}

/** Whoever lets an operator's own network be reached lets this machine be too. */
const reachOf = ({ allowHttp, allowPrivate }: z.output<typeof WebhookShape>): Reach => ({
  allowHttp,
  allowPrivate,
  allowLoopback: allowPrivate,
})

const eventsOf = (events: readonly (EventType | typeof ALL)[]): Webhook['events'] =>
  events.includes(ALL) ? null : new Set(events as readonly EventType[])

/** One webhook; null: it cannot be read, and `faults` say why. */
const readWebhook = (
  written: unknown,
  { name: caller, stores }: Owner,
  path: readonly PropertyKey[],
  outside: Outside,
  faults: string[],
): Webhook | null => {
  const unset: string[] = []
  const checked = WebhookShape.safeParse(resolve(written, path, outside, unset))
  faults.push(...unset)
  if (!checked.success) {
    for (const { path: inside, message } of checked.error.issues) {
      const at = `${place([...path, ...inside])}: `
      // What has no value was named already.
      if (!unset.some((fault) => fault.startsWith(at))) faults.push(at + message)
    }
    return null
  }
  const { name, url, secret, previousSecret, events } = checked.data
  const reach = reachOf(checked.data)
  const refusal = refusalOf(url, reach)
  if (refusal !== null) faults.push(`${place([...path, 'url'])}: ${refusal}`)
  return {
    id: webhookId(caller, name),
    caller,
    name,
    url,
    keys: previousSecret ? [secret, previousSecret] : [secret],
    events: eventsOf(events),
    stores: stores.includes('*') ? null : new Set(stores),
    reach,
  }
}

const readOwn = (
  owner: Owner,
  path: readonly PropertyKey[],
  outside: Outside,
  faults: string[],
): readonly Webhook[] => {
  const { webhooks, scopes } = owner
  if (webhooks.length > 0 && !scopes.includes('read'))
    faults.push(`${place(path)}: only a caller with the scope read is told anything`)
  const names = new Set<string>()
  return webhooks.flatMap((written, index) => {
    const inside = [...path, index]
    const webhook = readWebhook(written, owner, inside, outside, faults)
    if (!webhook) return []
    if (names.has(webhook.name))
      faults.push(`${place([...inside, 'name'])}: another webhook of this caller has this name too`)
    names.add(webhook.name)
    return [webhook]
  })
}

/** The webhooks of all callers; what is wrong with them is added to `faults`. */
export const readWebhooks = (
  callers: readonly Owner[],
  outside: Outside,
  faults: string[],
): readonly Webhook[] =>
  callers.flatMap((owner, index) => readOwn(owner, ['callers', index, 'webhooks'], outside, faults))
