/** A caller's keys as the configuration has them: by hash, some with a name, some with an end. */
import { z } from 'zod'
import { DAY_MS } from '../model/cancellation.ts'
import { isSeen } from '../model/text.ts'

const HASH_RULE = 'must be "sha256:" and the SHA-256 of the whole key in hex'
const KeyHash = z
  .string(HASH_RULE)
  .regex(/^sha256:[0-9a-f]{64}$/i, HASH_RULE)
  .toLowerCase()

const NAME_RULE = 'must be 1 to 64 visible characters, with blanks only between them'
export const isKeyName = (name: string): boolean =>
  name.length >= 1 && name.length <= 64 && isSeen(name) && name === name.trim()

const EXPIRES_RULE =
  'must be a day (2027-01-31: to its end, in UTC) or a time (2027-01-31T12:00:00Z)'
const DAY = z.iso.date()
const TIME = z.iso.datetime()
export const isEnd = (expires: string): boolean =>
  DAY.safeParse(expires).success || TIME.safeParse(expires).success

/** From when on a key is no longer taken: a day counts to its end, in UTC. */
export const endOf = (expires: string): number =>
  DAY.safeParse(expires).success ? Date.parse(expires) + DAY_MS : Date.parse(expires)

const NamedKey = z.strictObject({
  name: z.string(NAME_RULE).refine(isKeyName, NAME_RULE),
  hash: KeyHash,
  expires: z.string(EXPIRES_RULE).refine(isEnd, EXPIRES_RULE).optional(),
})

/** A key's hash alone, or with its name and its end. */
export type KeyConfig = string | z.output<typeof NamedKey>

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Read as what it is meant to be, so that a mistake is named by its own place. */
const Key = z.unknown().transform((value, { addIssue }): KeyConfig => {
  const checked = (isObject(value) ? NamedKey : KeyHash).safeParse(value)
  if (checked.success) return checked.data
  for (const { path, message } of checked.error.issues)
    addIssue({ code: 'custom', path: [...path], message })
  return z.NEVER
})

/** One key or several: several allow rotation. */
export const Keys = z.preprocess(
  (keys) => (typeof keys === 'string' || isObject(keys) ? [keys] : keys),
  z.array(Key, `${HASH_RULE}, or several of them`).min(1),
)

/** A key without its secret. */
export interface ConfiguredKey {
  /** Null: it has none. */
  readonly name: string | null
  readonly hash: string
  /** From when on it is no longer taken; null: it has no end. */
  readonly expiresAt: number | null
}

export const keyOf = (key: KeyConfig): ConfiguredKey =>
  typeof key === 'string'
    ? { name: null, hash: key, expiresAt: null }
    : {
        name: key.name,
        hash: key.hash,
        expiresAt: key.expires === undefined ? null : endOf(key.expires),
      }

/** What cannot be among the keys of one caller; `at`: where they stand. */
export const keyFaults = (keys: readonly KeyConfig[], at: string): string[] => {
  const read = keys.map(keyOf)
  return read.flatMap(({ name, hash }, index) => {
    const before = read.slice(0, index)
    const twin = before.find((other) => other.hash === hash)
    return [
      ...(name !== null && before.some((other) => other.name === name)
        ? [`${at}[${index}].name: another key of this caller has this name too`]
        : []),
      // As two plain hashes it was never a mistake, and means the same twice.
      ...(twin && (name !== null || twin.name !== null)
        ? [`${at}[${index}].hash: this key stands here twice`]
        : []),
    ]
  })
}

/** How long before its end people are told of a key. */
export const EXPIRES_SOON_MS = 14 * DAY_MS
