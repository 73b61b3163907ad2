/**
 * Who may use the imitation: a bearer token, or a signature, checked as Magento checks one
 * (Framework/Oauth) and with nothing of the adapter's.
 */

export const KEYS = {
  consumerKey: 'sandboxconsumerkey00000000000000',
  consumerSecret: 'sandboxconsumersecret00000000000',
  accessToken: 'sandboxaccesstoken00000000000000',
  accessTokenSecret: 'sandboxaccesstokensecret00000000',
}
/** For other clients: a served imitation is not at the address that they would sign. */
export const BEARER = 'magento-sandbox-token'

export interface Refusal {
  readonly status: 400 | 401
  readonly message: string
}
const refusal = (status: Refusal['status'], message: string): Refusal => ({ status, message })

/** So far ahead a client's clock may be. */
const TIME_DEVIATION = 600

const rawurlencode = (text: string): string =>
  [...new TextEncoder().encode(text)]
    .map((byte) => {
      const letter = String.fromCharCode(byte)
      return /[\w.~-]/.test(letter)
        ? letter
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')

/** `oauth_…="…"` of the header, whatever else stands there. */
const protocolOf = (header: string): Map<string, string> => {
  const pairs = header
    .replace(/^OAuth /i, '')
    .split(',')
    .map((part) => /^(oauth_[a-z_-]+)="?([^"]*)"?$/.exec(part.trim()))
  return new Map(
    pairs.flatMap((pair) =>
      pair ? [[pair[1] ?? '', decodeURIComponent(pair[2] ?? '')] as const] : [],
    ),
  )
}

/** A plus stays a plus here. */
const queryOf = (url: URL): [string, string][] =>
  url.search
    .slice(1)
    .split('&')
    .map((pair) => pair.split('='))
    .filter((pair) => pair.length === 2)
    .map(([name = '', value = '']) => [decodeURIComponent(name), decodeURIComponent(value)])

/** Natural order, as PHP's strnatcmp: a run of digits is a number. */
const strnatcmp = (a: string, b: string): number => {
  const [ours, theirs] = [a, b].map((text) => text.match(/\d+|\D/g) ?? [])
  for (const [index, one] of (ours ?? []).entries()) {
    const other = theirs?.[index]
    if (other === undefined) return 1
    const both = /^\d/.test(one) && /^\d/.test(other)
    if (both && Number(one) !== Number(other)) return Number(one) - Number(other)
    if (one !== other) return one < other ? -1 : 1
  }
  return (ours?.length ?? 0) - (theirs?.length ?? 0)
}

const sign = async (method: string, url: URL, parameters: ReadonlyMap<string, string>) => {
  const query = [...parameters]
    .map(([name, value]) => [rawurlencode(name), rawurlencode(value)] as const)
    .toSorted(([one], [other]) => strnatcmp(one, other))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  const base = [method.toUpperCase(), `${url.protocol}//${url.host}${url.pathname}`, query]
  const key = `${rawurlencode(KEYS.consumerSecret)}&${rawurlencode(KEYS.accessTokenSecret)}`
  const bytes = new TextEncoder()
  const hmac = await crypto.subtle.importKey(
    'raw',
    bytes.encode(key),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const text = bytes.encode(base.map(rawurlencode).join('&'))
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', hmac, text))))
}

const REQUIRED = ['consumer_key', 'signature', 'signature_method', 'nonce', 'timestamp', 'token']

/** What is wrong with what a header says, before its signature is looked at. */
const faultOf = (told: ReadonlyMap<string, string>, nonces: Set<string>): Refusal | null => {
  const missing = REQUIRED.find((name) => !told.has(`oauth_${name}`))
  if (missing) return refusal(400, `"oauth_${missing}" is required. Enter and try again.`)
  if (told.get('oauth_token')?.length !== 32)
    return refusal(400, 'The token length is invalid. Check the length and try again.')
  const method = told.get('oauth_signature_method') ?? ''
  if (method !== 'HMAC-SHA256') return refusal(400, `Signature method ${method} is not supported`)
  if (told.get('oauth_consumer_key') !== KEYS.consumerKey)
    return refusal(401, 'A consumer having the specified key does not exist')
  if (told.get('oauth_token') !== KEYS.accessToken)
    return refusal(401, 'Specified token does not exist')
  const timestamp = Number(told.get('oauth_timestamp'))
  const nonce = told.get('oauth_nonce') ?? ''
  if (!(timestamp > 0 && timestamp <= Date.now() / 1_000 + TIME_DEVIATION) || nonces.has(nonce))
    return refusal(401, 'An error occurred validating the nonce.')
  nonces.add(nonce)
  return null
}

/** Says why a request is turned away; null: it is let in. */
export const createAccess = () => {
  const nonces = new Set<string>()
  return async (request: Request): Promise<Refusal | null> => {
    const header = request.headers.get('authorization') ?? ''
    if (header === `Bearer ${BEARER}`) return null
    if (!/^OAuth /i.test(header))
      return refusal(401, "The consumer isn't authorized to access %resources.")
    const told = protocolOf(header)
    const fault = faultOf(told, nonces)
    if (fault) return fault
    const { oauth_signature: signature = '', ...protocol } = Object.fromEntries(told)
    const url = new URL(request.url)
    const parameters = new Map([...Object.entries(protocol), ...queryOf(url)])
    return (await sign(request.method, url, parameters)) === signature
      ? null
      : refusal(401, 'The signature is invalid. Verify and try again.')
  }
}
