/**
 * What a store shares with whoever sends it webhooks: the forms that such a secret has, and the key
 * in it. Strict, so that a secret which proves nothing is found at the start and not by silence.
 */

/** The bytes of standard Base64 with its padding, spelled in the one way there is; else null. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> | null => {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return null
  const binary = atob(text)
  // Bits that no byte is made of, and that a decoder drops, would be a second spelling.
  return btoa(binary) === text ? Uint8Array.from(binary, (one) => one.charCodeAt(0)) : null
}

/** Base64url without padding, as JSON Web Tokens have it (RFC 7515, 2). */
export const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> | null =>
  /[+/=]/.test(text)
    ? null
    : fromBase64(
        text
          .replaceAll('-', '+')
          .replaceAll('_', '/')
          .padEnd(Math.ceil(text.length / 4) * 4, '='),
      )

/**
 * The key of a Standard Webhook's secret: 24 to 64 bytes in Base64, `whsec_` before it or not
 * (Standard Webhooks 1.0, "Symmetric"); null where it is none.
 */
export const standardKey = (secret: string): Uint8Array<ArrayBuffer> | null => {
  const key = fromBase64(secret.replace(/^whsec_/, ''))
  return key && key.length >= 24 && key.length <= 64 ? key : null
}

/** How an RSA key begins as SPKI: rsaEncryption without parameters (RFC 8017, A.1). */
const RSA = '300d06092a864886f70d0101010500'

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * The public RSA key, as SPKI: a PEM, or the Base64 of a PEM in one line;
 * null where it is neither (PKCS#1, a bare key, line ends written as `\n`).
 */
export const publicKey = (secret: string): Uint8Array<ArrayBuffer> | null => {
  const inner = fromBase64(secret.trim())
  const pem = inner ? new TextDecoder().decode(inner) : secret
  const body = /^-----BEGIN PUBLIC KEY-----([\w+/=\s]+)-----END PUBLIC KEY-----$/.exec(pem.trim())
  const key = fromBase64(body?.[1]?.replaceAll(/\s/g, '') ?? '')
  if (!key || hex(key.subarray(4, 19)) !== RSA) return null
  // The length before it takes four bytes from 2048 bits on, which RFC 7518, 3.3 demands, and three
  // in a key of 1024; a key that was cut off is shorter than it says.
  return new DataView(key.buffer).getUint16(2) === key.length - 4 ? key : null
}
