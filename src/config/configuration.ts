/** Configuration: read whole, checked whole, and refused with the place of every mistake. */
import { z } from 'zod'
import { repeatOf } from '../adapter/contract.ts'
import type { AnyAdapter } from '../adapter/platform.ts'
import { isSafeBase } from '../adapter/settings.ts'
import type { Alert, Smtp } from '../alerts/alert.ts'
import type { Webhook } from '../gateway/deliveries/webhook.ts'
import { SCOPES } from '../gateway/service.ts'
import { isSeen } from '../model/text.ts'
import { type Outside, place, resolve } from './environment.ts'
import { keyFaults, keyOf, Keys } from './keys.ts'
import { readWebhooks } from './webhooks.ts'

const Ms = z
  .number()
  .int()
  .min(0)
  .max(31 * 86_400_000)

/** Ten years: what is to be kept longer belongs into an archive. */
const Days = z.number().int().min(1).max(3_650)

const CallerShape = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(128)
    .refine(
      (name) => isSeen(name) && name === name.trim(),
      'must be visible characters, with blanks only between them',
    ),
  keyHash: Keys,
  scopes: z.array(z.enum(SCOPES)).min(1),
  stores: z.array(z.string().min(1)).min(1),
  limits: z.strictObject({ perMinute: z.number().int().min(1) }).optional(),
  /** What it asks is sent only once another caller has approved it. */
  approval: z.enum(['required']).optional(),
  /** Read for themselves, once their secrets have come from the environment. */
  webhooks: z.array(z.unknown()).default([]),
})
/** A caller without its webhooks, whose secrets nobody needs who asks who somebody is. */
export type CallerConfig = Omit<z.output<typeof CallerShape>, 'webhooks'>

const Config = z.strictObject({
  stores: z.array(
    z.strictObject({
      id: z
        .string()
        .regex(
          /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
          'letters, digits, “.”, “_” and “-”, at most 128',
        ),
      platform: z.string(),
      settings: z.record(z.string(), z.unknown()),
      onDoubt: z.enum(['ask', 'resend']).optional(),
      test: z.boolean().optional(),
      movedFrom: z.array(z.string().min(1).max(512)).max(16).optional(),
      pace: z
        .strictObject({
          perSecond: z.number().positive().max(1_000),
          burst: z.number().int().min(1).max(1_000),
        })
        .optional(),
      sweep: z.union([z.literal(false), z.strictObject({ everyMs: Ms.min(10_000) })]).optional(),
      stage: z.number().int().min(1).max(10).optional(),
    }),
  ),
  callers: z.array(CallerShape).default([]),
  /** Read for themselves, as webhooks are. */
  alerts: z.array(z.unknown()).max(32).default([]),
  smtp: z.unknown().optional(),
  timing: z
    .strictObject({
      callTimeoutMs: Ms.min(1).optional(),
      waitMs: Ms.max(25_000).optional(),
      settleMs: Ms.optional(),
      deadlineMs: Ms.optional(),
      approvalMs: Ms.min(1).optional(),
      giveUpMs: Ms.optional(),
      sweepMs: Ms.min(10_000).optional(),
    })
    .default({}),
  retention: z
    .strictObject({
      keysDays: Days.optional(),
      recordsDays: Days.optional(),
      auditDays: Days.optional(),
    })
    .refine(
      ({ keysDays = 30, recordsDays = 400 }) => keysDays <= recordsDays,
      'keysDays (30) must not be more than recordsDays (400)',
    )
    .default({}),
})

export interface StoreConfig {
  readonly id: string
  readonly adapter: AnyAdapter
  /** As the adapter's schema gave them back. */
  readonly settings: unknown
  readonly onDoubt: 'ask' | 'resend' | undefined
  readonly test: boolean | undefined
  /** What the start and `doctor` called the same shop before it moved. */
  readonly movedFrom: readonly string[] | undefined
  /** In the place of the adapter's. */
  readonly pace: { readonly perSecond: number; readonly burst: number } | undefined
  /** How often it is asked what changed; false: never. */
  readonly sweep: { readonly everyMs: number } | false | undefined
  /** The stage of its orders in a link that names none. */
  readonly stage: number | undefined
}

export interface Configuration {
  readonly stores: readonly StoreConfig[]
  readonly callers: readonly CallerConfig[]
  /** Of all callers. */
  readonly webhooks: readonly Webhook[]
  /** Which people are told what needs them. */
  readonly alerts: readonly Alert[]
  /** Null: nobody is told by mail. */
  readonly smtp: Smtp | null
  readonly timing: z.output<typeof Config>['timing']
  /** How long things are kept; what is left out as long as ever. */
  readonly retention: z.output<typeof Config>['retention']
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

type Parsed = z.output<typeof Config>

/** The store as its adapter reads it; null: it cannot be read, and `faults` say why. */
const readStore = (
  {
    id,
    platform,
    settings,
    onDoubt,
    test,
    movedFrom,
    pace,
    sweep,
    stage,
  }: Parsed['stores'][number],
  path: readonly PropertyKey[],
  outside: Outside,
  adapters: readonly AnyAdapter[],
  faults: string[],
): StoreConfig | null => {
  const adapter = adapters.find((adapter) => adapter.id === platform)
  if (!adapter) {
    faults.push(
      `${place([...path, 'platform'])}: there is no such platform; known: ` +
        `${adapters.map((adapter) => adapter.id).join(', ')}`,
    )
    return null
  }
  const inside = [...path, 'settings']
  const unset: string[] = []
  const checked = adapter.settings.safeParse(resolve(settings, inside, outside, unset))
  faults.push(...unset)
  // What has no value was named already, and is not judged by what stands in its place.
  const isUnset = (at: string) => unset.some((fault) => fault.startsWith(at))
  for (const { path, message } of checked.error?.issues ?? []) {
    const at = `${place([...inside, ...path])}: `
    if (!isUnset(at)) faults.push(at + message)
  }
  if (!checked.success) return null
  const { allowHttp = false } = checked.data as { allowHttp?: boolean }
  if (
    !isUnset(`${place([...inside, 'baseUrl'])}: `) &&
    !isSafeBase(adapter.baseUrl(checked.data), allowHttp)
  )
    faults.push(
      `${place([...inside, 'baseUrl'])}: http is for loopback only; use https, or ` +
        '"allowHttp": true on a private network',
    )
  if (onDoubt === 'resend' && repeatOf(adapter, checked.data).effect === 'harmful')
    faults.push(
      `${place([...path, 'onDoubt'])}: a second cancel does harm at ${adapter.name}, so nothing ` +
        'is ever sent again there; leave it out',
    )
  return { id, adapter, settings: checked.data, onDoubt, test, movedFrom, pace, sweep, stage }
}

const reaches = ({ stores }: Parsed['callers'][number], store: string): boolean =>
  stores.includes('*') || stores.includes(store)

/** Where what callers ask could never be sent, since nobody else may approve it. */
const approvalFaults = ({ stores, callers }: Parsed): string[] =>
  callers.flatMap((caller, index) => {
    if (!caller.approval) return []
    const approvers = callers.filter((one) => one !== caller && one.scopes.includes('approve'))
    const orphans = stores.filter(
      ({ id }) => reaches(caller, id) && !approvers.some((one) => reaches(one, id)),
    )
    return orphans.map(
      ({ id }) =>
        `callers[${index}].approval: no other caller with the scope approve reaches the store ` +
        `${id}, so nothing that is asked there could ever be sent: give one that scope, or leave ` +
        'approval out',
    )
  })

/** What a caller's entry says that cannot be, beside those before it. */
const callerFaults = ({ stores, callers }: Parsed): string[] =>
  callers.flatMap((caller, index) => {
    const before = callers.slice(0, index)
    const hashes = (keys: typeof caller.keyHash) => keys.map((key) => keyOf(key).hash)
    const known = new Set(before.flatMap(({ keyHash }) => hashes(keyHash)))
    return [
      ...caller.stores
        .filter((store) => store !== '*' && !stores.some(({ id }) => id === store))
        .map((store) => `callers[${index}].stores: there is no store ${store}`),
      ...(hashes(caller.keyHash).some((hash) => known.has(hash))
        ? [`callers[${index}].keyHash: another caller has this key too`]
        : []),
      ...keyFaults(caller.keyHash, `callers[${index}].keyHash`),
      ...(before.some(({ name }) => name === caller.name)
        ? [`callers[${index}].name: another caller is called ${caller.name} too`]
        : []),
    ]
  })

/** Which people are told, as it stands in the file; what is wrong with it is added to `faults`. */
export type ReadPeople = (
  written: { readonly alerts: readonly unknown[]; readonly smtp?: unknown },
  stores: readonly string[],
  outside: Outside,
  faults: string[],
) => Pick<Configuration, 'alerts' | 'smtp'>

/** Where nobody can be told, and nobody is to believe that he is. */
const refusePeople: ReadPeople = ({ alerts, smtp }, _, __, faults) => {
  if (alerts.length > 0 || smtp !== undefined)
    faults.push(
      `${alerts.length > 0 ? 'alerts' : 'smtp'}: people are told by the gateway on Node alone; ` +
        'take it out here, and tell a webhook of a caller (docs/alerts.md)',
    )
  return { alerts: [], smtp: null }
}

/** What only some hosts can. */
export interface HostReads {
  /** Reads a file that the configuration names. Left out: there are none here. */
  readonly fileOf?: Outside['fileOf']
  /** Left out: people cannot be told here. */
  readonly readPeople?: ReadPeople
}

/** Checks a configuration; throws `ConfigError` that names every mistake and repeats no value. */
export const readConfig = (
  value: unknown,
  environment: Outside['environment'],
  adapters: readonly AnyAdapter[],
  { fileOf, readPeople = refusePeople }: HostReads = {},
): Configuration => {
  const outside: Outside = { environment, fileOf }
  const parsed = Config.safeParse(value)
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => `${place(path)}: ${message}`).join('\n'),
    )
  const { stores, callers, timing, retention } = parsed.data
  const faults: string[] = []
  const opened = stores.flatMap((store, index) => {
    if (stores.findIndex(({ id }) => id === store.id) !== index)
      faults.push(`stores[${index}].id: another store is called ${store.id} too`)
    return readStore(store, ['stores', index], outside, adapters, faults) ?? []
  })
  faults.push(...callerFaults(parsed.data), ...approvalFaults(parsed.data))
  const told = readWebhooks(callers, outside, faults)
  const people = readPeople(
    parsed.data,
    stores.map(({ id }) => id),
    outside,
    faults,
  )
  if (faults.length > 0) throw new ConfigError(faults.join('\n'))
  return {
    stores: opened,
    callers: callers.map(({ name, keyHash, scopes, stores, limits, approval }) => ({
      name,
      keyHash,
      scopes,
      stores,
      limits,
      approval,
    })),
    webhooks: told,
    ...people,
    timing,
    retention,
  }
}
