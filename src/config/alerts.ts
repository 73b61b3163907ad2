/** A configuration's alerts and the server of their mails: refused with every mistake. */
import { z } from 'zod'
import { type Alert, alertId, QUIET_MS, type Smtp } from '../alerts/alert.ts'
import { refusalOf } from '../connection/address.ts'
import { ALERT_EVENTS, type AlertEvent } from '../model/delivery.ts'
import type { ReadPeople } from './configuration.ts'
import { type Outside, place, resolve } from './environment.ts'

const ALL = '*'
const MOST_ADDRESSES = 50
const HOUR_MS = 3_600_000

/** What every mail server takes, and no header can be broken with. */
const ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/
const Address = z.string().max(254).regex(ADDRESS, 'must be an address such as ops@example.com')
const NAMED = /^([^<>"\p{Cc}]{1,64}?) *<([^<>]+)>$/u

const From = z.string().transform((text, { addIssue }) => {
  const [, name = 'Rescind', address = text] = NAMED.exec(text) ?? []
  if (Address.safeParse(address).success) return { name, address }
  addIssue('must be an address, or “Name <address>”')
  return z.NEVER
})

const Hook = z.strictObject({
  url: z.string(),
  allowHttp: z.boolean().default(false),
  allowPrivate: z.boolean().default(false),
})

const AlertShape = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, “.”, “_” and “-”, at most 64'),
    mail: z.strictObject({ to: z.array(Address).min(1).max(MOST_ADDRESSES) }).optional(),
    slack: Hook.optional(),
    teams: Hook.optional(),
    stores: z.array(z.string().min(1)).min(1).default([ALL]),
    events: z
      .array(z.enum([ALL, ...ALERT_EVENTS]))
      .min(1)
      .default([ALL]),
    quietMs: z
      .number()
      .int()
      .min(60_000)
      .max(24 * HOUR_MS)
      .default(QUIET_MS),
  })
  .refine(
    ({ mail, slack, teams }) => [mail, slack, teams].filter(Boolean).length === 1,
    'must have one of “mail”, “slack” and “teams”',
  )

const SmtpShape = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'must be the name of a host, or its address'),
    port: z.number().int().min(1).max(65_535).optional(),
    secure: z.boolean().optional(),
    allowPlain: z.boolean().default(false),
    user: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    from: From,
  })
  .refine(
    ({ user, password }) => (user === undefined) === (password === undefined),
    'takes “user” and “password” together, or neither',
  )

/** The value as its shape reads it; null: it cannot be, and `faults` say why. */
const checked = <Shape extends z.ZodType>(
  shape: Shape,
  written: unknown,
  path: readonly PropertyKey[],
  outside: Outside,
  faults: string[],
): z.output<Shape> | null => {
  const unset: string[] = []
  const parsed = shape.safeParse(resolve(written, path, outside, unset))
  faults.push(...unset)
  if (parsed.success) return parsed.data
  for (const { path: inside, message } of parsed.error.issues) {
    const at = `${place([...path, ...inside])}: `
    // What has no value was named already.
    if (!unset.some((fault) => fault.startsWith(at))) faults.push(at + message)
  }
  return null
}

const PORTS = { secure: 465, submission: 587 }

const readSmtp = (written: unknown, outside: Outside, faults: string[]): Smtp | null => {
  if (written === undefined) return null
  const found = checked(SmtpShape, written, ['smtp'], outside, faults)
  if (!found) return null
  const { host, user, password, from, allowPlain } = found
  const secure = found.secure ?? found.port === PORTS.secure
  return {
    host,
    port: found.port ?? (secure ? PORTS.secure : PORTS.submission),
    secure,
    allowPlain,
    login: user === undefined || password === undefined ? null : { user, password },
    from,
  }
}

const channelOf = ({ mail, slack, teams }: z.output<typeof AlertShape>): Alert['channel'] => {
  if (mail) return { kind: 'mail', to: mail.to }
  const { url, allowHttp, allowPrivate } = (slack ?? teams) as z.output<typeof Hook>
  const reach = { allowHttp, allowPrivate, allowLoopback: allowPrivate }
  return { kind: slack ? 'slack' : 'teams', url, reach }
}

const readAlert = (
  found: z.output<typeof AlertShape>,
  path: readonly PropertyKey[],
  hasSmtp: boolean,
  stores: readonly string[],
  faults: string[],
): Alert => {
  const { name, quietMs } = found
  const channel = channelOf(found)
  if (channel.kind === 'mail' && !hasSmtp)
    faults.push(`${place([...path, 'mail'])}: needs “smtp” beside “alerts”, the server of mails`)
  if ('url' in channel) {
    const refusal = refusalOf(channel.url, channel.reach)
    if (refusal !== null) faults.push(`${place([...path, channel.kind, 'url'])}: ${refusal}`)
  }
  for (const store of found.stores)
    if (store !== ALL && !stores.includes(store))
      faults.push(`${place([...path, 'stores'])}: there is no store ${store}`)
  return {
    id: alertId(name),
    name,
    channel,
    stores: found.stores.includes(ALL) ? null : found.stores,
    events: found.events.includes(ALL) ? null : new Set(found.events as AlertEvent[]),
    quietMs,
  }
}

/** Reads both for those who can tell people. */
export const readPeople: ReadPeople = ({ alerts, smtp }, stores, outside, faults) => {
  const server = readSmtp(smtp, outside, faults)
  const names = new Set<string>()
  const read = alerts.flatMap((one, index) => {
    const path = ['alerts', index]
    const found = checked(AlertShape, one, path, outside, faults)
    if (!found) return []
    if (names.has(found.name))
      faults.push(`${place([...path, 'name'])}: another alert has this name too`)
    names.add(found.name)
    return [readAlert(found, path, smtp !== undefined, stores, faults)]
  })
  return { alerts: read, smtp: server }
}
