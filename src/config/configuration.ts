/** Configuration: read whole, checked whole, and refused with the place of every mistake. */
import { z } from 'zod'
import { repeatOf } from '../adapter/contract.ts'
import type { AnyAdapter } from '../adapter/platform.ts'
import { isSafeBase } from '../adapter/settings.ts'
import type { Webhook } from '../gateway/deliveries/webhook.ts'
import { SCOPES } from '../gateway/service.ts'
import { isSeen } from '../model/text.ts'
import { type Environment, place, resolve } from './environment.ts'
import { readWebhooks } from './webhooks.ts'

const HASH_RULE = 'must be "sha256:" and the SHA-256 of the whole key in hex'
const KeyHash = z
  .string(HASH_RULE)
  .regex(/^sha256:[0-9a-f]{64}$/i, HASH_RULE)
  .toLowerCase()
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
  keyHash: z.preprocess(
    (hash) => (typeof hash === 'string' ? [hash] : hash),
    z.array(KeyHash, `${HASH_RULE}, or several of them`).min(1),
  ),
  scopes: z.array(z.enum(SCOPES)).min(1),
  stores: z.array(z.string().min(1)).min(1),
  limits: z.strictObject({ perMinute: z.number().int().min(1) }).optional(),
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
  timing: z
    .strictObject({
      callTimeoutMs: Ms.min(1).optional(),
      waitMs: Ms.max(25_000).optional(),
      settleMs: Ms.optional(),
      deadlineMs: Ms.optional(),
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
  environment: Environment,
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
  const checked = adapter.settings.safeParse(resolve(settings, inside, environment, unset))
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

/** What a caller's entry says that cannot be, beside those before it. */
const callerFaults = ({ stores, callers }: Parsed): string[] =>
  callers.flatMap((caller, index) => {
    const before = callers.slice(0, index)
    const keys = new Set(before.flatMap(({ keyHash }) => keyHash))
    return [
      ...caller.stores
        .filter((store) => store !== '*' && !stores.some(({ id }) => id === store))
        .map((store) => `callers[${index}].stores: there is no store ${store}`),
      ...(caller.keyHash.some((hash) => keys.has(hash))
        ? [`callers[${index}].keyHash: another caller has this key too`]
        : []),
      ...(before.some(({ name }) => name === caller.name)
        ? [`callers[${index}].name: another caller is called ${caller.name} too`]
        : []),
    ]
  })

/** Checks a configuration; throws `ConfigError` that names every mistake and repeats no value. */
export const readConfig = (
  value: unknown,
  environment: Environment,
  adapters: readonly AnyAdapter[],
): Configuration => {
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
    return readStore(store, ['stores', index], environment, adapters, faults) ?? []
  })
  faults.push(...callerFaults(parsed.data))
  const told = readWebhooks(callers, environment, faults)
  if (faults.length > 0) throw new ConfigError(faults.join('\n'))
  return {
    stores: opened,
    callers: callers.map(({ name, keyHash, scopes, stores, limits }) => ({
      name,
      keyHash,
      scopes,
      stores,
      limits,
    })),
    webhooks: told,
    timing,
    retention,
  }
}
