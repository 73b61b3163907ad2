/** The keys that let callers in, as the configuration has them now: replaced as a whole. */
import { keyOf } from '../config/keys.ts'
import type { CallerConfig } from '../config/configuration.ts'
import type { Caller } from '../gateway/service.ts'

const sha256 = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** The same time whatever differs, and where. */
const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.reduce(
    (difference, byte, index) => difference | (byte ^ (b[index] ?? 0)),
    a.length ^ b.length,
  ) === 0

export interface Known {
  readonly caller: Caller
  readonly hash: Uint8Array
  /** From when on it is no longer taken; null: it has no end. */
  readonly expiresAt: number | null
  /** How often a minute its caller may ask; null: as often as it likes. */
  readonly perMinute: number | null
}

/** Every key of these callers, as its hash. */
const keysOf = (callers: readonly CallerConfig[] | null): readonly Known[] =>
  (callers ?? []).flatMap(({ name, scopes, stores, keyHash, limits, approval }) =>
    keyHash.map(keyOf).map(({ name: key, hash, expiresAt }) => ({
      hash: fromHex(hash.slice('sha256:'.length)),
      expiresAt,
      perMinute: limits?.perMinute ?? null,
      caller: { name, key, scopes, stores: stores.includes('*') ? null : stores, approval },
    })),
  )

/** Why a key is not taken that its bearer does have, so telling him is no leak; null: it is. */
export const expiryOf = ({ caller, expiresAt }: Known, now: number): string | null =>
  expiresAt === null || now < expiresAt
    ? null
    : `This key, “${caller.key}”, expired at ${new Date(expiresAt).toISOString()}. Ask whoever ` +
      'runs this gateway for a new one.'

export interface Keys {
  /** As they are configured now; null: no keys are asked for. */
  callers(): readonly CallerConfig[] | null
  known(): readonly Known[]
  /** Whose key it is. Every hash is compared, so that the time tells nothing about which. */
  whose(key: string): Promise<Known | null>
  /** The same of an `Authorization` header that may have been right before. */
  bearer(header: string): Promise<Known | null>
  /** From now on these callers are let in, and no others. */
  replace(callers: readonly CallerConfig[] | null): void
}

/** The token of an `Authorization` header. */
export const tokenOf = (header: string): string | undefined =>
  /^Bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1]

const stateOf = (callers: readonly CallerConfig[] | null) => ({
  callers,
  known: keysOf(callers),
  /**
   * By header, once it was right: a digest costs more than the rest of a read. Never more than the
   * keys there are, and never longer than they are configured.
   */
  proved: new Map<string, Known>(),
})

export const openKeys = (callers: readonly CallerConfig[] | null): Keys => {
  let current = stateOf(callers)
  const whoseOf = async ({ known }: typeof current, key: string): Promise<Known | null> => {
    const hash = await sha256(key)
    const [match] = known.filter((entry) => equal(entry.hash, hash))
    return match ?? null
  }
  return {
    callers: () => current.callers,
    known: () => current.known,
    whose: (key) => whoseOf(current, key),
    async bearer(header) {
      const { proved, known } = current
      const before = proved.get(header)
      if (before) return before
      const token = tokenOf(header)
      const match = token === undefined ? null : await whoseOf(current, token)
      if (match && proved.size < known.length) proved.set(header, match)
      return match
    },
    replace(next) {
      current = stateOf(next)
    },
  }
}
