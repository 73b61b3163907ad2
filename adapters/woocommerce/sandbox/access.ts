/**
 * Who may ask the imitation: keys by Basic over TLS, and signed requests (OAuth 1.0a), each checked
 * as WooCommerce does it.
 */

interface Key {
  readonly consumerKey: string
  readonly consumerSecret: string
  readonly mayWrite: boolean
}

/** `guest`: nobody, who is told of each call that it is not allowed. */
export type Caller = Key | 'guest'

export class AccessRefused extends Error {
  override readonly name = 'AccessRefused'
  readonly code: string
  constructor(message: string, code = 'woocommerce_rest_authentication_error') {
    super(message)
    this.code = code
  }
}

const WINDOW_S = 15 * 60
const NEEDED = ['consumer_key', 'timestamp', 'nonce', 'signature', 'signature_method']
/** Where a site may have its home: its own root, or where the gateway serves the imitation. */
const HOMES = ['', '/sandbox/woocommerce']

const rawurlencode = (text: string) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )

const hashOf = async (method: string, text: string, secret: string): Promise<string> => {
  const hash = method === 'HMAC-SHA256' ? 'SHA-256' : method === 'HMAC-SHA1' ? 'SHA-1' : null
  if (hash === null) throw new AccessRefused('Invalid signature - signature method is invalid.')
  const coder = new TextEncoder()
  const key = await crypto.subtle.importKey(
    'raw',
    coder.encode(`${secret}&`),
    { name: 'HMAC', hash },
    false,
    ['sign'],
  )
  const mac = await crypto.subtle.sign('HMAC', key, coder.encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(mac)))
}

const OAUTH_HEADER = /(oauth_[a-z_-]{1,40})="([^"]{0,500})"/g

/** Of the query and the header together, without the signature. */
const parametersOf = (url: URL, header: string) => {
  const all = new Map(url.searchParams)
  if (header.startsWith('OAuth '))
    for (const [, name, value] of header.matchAll(OAUTH_HEADER))
      all.set(name ?? '', decodeURIComponent(value ?? ''))
  return all
}

const signedTexts = (request: Request, url: URL, parameters: ReadonlyMap<string, string>) => {
  const sorted = [...parameters]
    .filter(([name]) => name !== 'oauth_signature')
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => rawurlencode(`${rawurlencode(name)}=${rawurlencode(value)}`))
    .join('%26')
  return HOMES.map(
    (home) => `${request.method}&${rawurlencode(url.origin + home + url.pathname)}&${sorted}`,
  )
}

export const createAccess = (keys: readonly Key[]) => {
  const nonces = new Set<string>()
  const keyOf = (consumerKey: string | undefined) =>
    keys.find((one) => one.consumerKey === consumerKey)

  const byBasic = (url: URL, header: string): Key | null => {
    const [key, secret] = url.searchParams.has('consumer_key')
      ? [url.searchParams.get('consumer_key'), url.searchParams.get('consumer_secret')]
      : header.startsWith('Basic ')
        ? atob(header.slice('Basic '.length)).split(':')
        : []
    const known = keyOf(key ?? undefined)
    if (!known) return null
    if (known.consumerSecret !== secret) throw new AccessRefused('Consumer secret is invalid.')
    return known
  }

  const bySignature = async (request: Request, url: URL, header: string): Promise<Caller> => {
    const parameters = parametersOf(url, header)
    const missing = NEEDED.map((name) => `oauth_${name}`).filter((name) => !parameters.get(name))
    if (missing.length === NEEDED.length) return 'guest'
    if (missing.length > 0)
      throw new AccessRefused(
        `Missing OAuth parameters ${missing.join(', ')}`,
        'woocommerce_rest_authentication_missing_parameter',
      )
    const of = (name: string) => parameters.get(`oauth_${name}`) ?? ''
    const known = keyOf(of('consumer_key'))
    if (!known) throw new AccessRefused('Consumer key is invalid.')
    const expected = await Promise.all(
      signedTexts(request, url, parameters).map((text) =>
        hashOf(of('signature_method'), text, known.consumerSecret),
      ),
    )
    if (!expected.includes(of('signature').replaceAll(' ', '+')))
      throw new AccessRefused('Invalid signature - provided signature does not match.')
    if (Math.abs(Number(of('timestamp')) - Date.now() / 1_000) > WINDOW_S)
      throw new AccessRefused('Invalid timestamp.')
    if (nonces.has(of('nonce')))
      throw new AccessRefused('Invalid nonce - nonce has already been used.')
    nonces.add(of('nonce'))
    return known
  }

  return async (request: Request): Promise<Caller> => {
    const url = new URL(request.url)
    const header = request.headers.get('authorization') ?? ''
    const known = url.protocol === 'https:' ? byBasic(url, header) : null
    const caller = known ?? (await bySignature(request, url, header))
    if (caller !== 'guest' && request.method !== 'GET' && !caller.mayWrite)
      throw new AccessRefused('The API key provided does not have write permissions.')
    return caller
  }
}
