/**
 * How a delivery is signed: Standard Webhooks 1.0, HMAC-SHA256 over id, time and body
 * (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
 */

const PREFIX = 'whsec_'
/** As the standard asks: too short can be guessed, too long is a mistake. */
const KEY_BYTES = { least: 24, most: 64 }
/** Strict: a secret that other libraries would read as other bytes is refused at the start. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))

/**
 * Reads a secret: base64 of 24 to 64 bytes, with `whsec_` before it or without. Null: it is none.
 */
export const readSecret = (secret: string): Uint8Array<ArrayBuffer> | null => {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret
  if (!BASE64.test(text)) return null
  const key = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
  // Bits that are left over are zero, or strict libraries read no secret at all.
  if (base64(key) !== text) return null
  return key.length >= KEY_BYTES.least && key.length <= KEY_BYTES.most ? key : null
}

const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' }
/** Importing a key costs as much as signing with it. */
const imported = new WeakMap<Uint8Array, Promise<CryptoKey>>()
const importKey = (raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> => {
  const known = imported.get(raw)
  if (known) return known
  const key = crypto.subtle.importKey('raw', raw, ALGORITHM, false, ['sign'])
  imported.set(raw, key)
  return key
}

/**
 * The value of `webhook-signature`: one signature for each key, so that a receiver takes either
 * while a secret is changed. `seconds` is the time of this try.
 */
export const signatureOf = async (
  keys: readonly Uint8Array<ArrayBuffer>[],
  id: string,
  seconds: number,
  body: string,
): Promise<string> => {
  const bytes = new TextEncoder().encode(`${id}.${seconds}.${body}`)
  const signed = keys.map(async (raw) => {
    const signature = await crypto.subtle.sign('HMAC', await importKey(raw), bytes)
    return `v1,${base64(new Uint8Array(signature))}`
  })
  return (await Promise.all(signed)).join(' ')
}

/** The headers of one try, signed; `id` is the same on every try, `now` is the time of this one. */
export const signedHeaders = async (
  keys: readonly Uint8Array<ArrayBuffer>[],
  id: string,
  body: string,
  now: number,
): Promise<Readonly<Record<string, string>>> => {
  const seconds = Math.floor(now / 1_000)
  return {
    'content-type': 'application/json',
    'user-agent': 'rescind',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': await signatureOf(keys, id, seconds, body),
  }
}
