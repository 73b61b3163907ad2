/**
 * Where a webhook may lead: out into the internet, and never back into the network that the gateway
 * stands in (SSRF). The name is judged before a call, the address again at its connection's own
 * look-up, for a name can lead elsewhere each time it is asked.
 */
import ipaddr from 'ipaddr.js'

/** What an operator allows beyond the internet. */
export interface Reach {
  /** http, and not https alone. */
  readonly allowHttp: boolean
  /** Addresses of private networks. */
  readonly allowPrivate: boolean
  /** This machine: for the sandbox and for tests. */
  readonly allowLoopback: boolean
}

/** The part of IPv6 that is given out to the internet (RFC 4291 2.4); `::127.0.0.1` is outside. */
const GIVEN_OUT: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]
const PRIVATE: ReadonlySet<string> = new Set(['private', 'uniqueLocal', 'carrierGradeNat'])

/** Whether this address, as an IPv4 or IPv6 literal, may be connected to. */
export const isReachable = (address: string, { allowPrivate, allowLoopback }: Reach): boolean => {
  if (!ipaddr.isValid(address)) return false
  // An IPv4 address in the clothes of IPv6 is what it is underneath.
  const parsed = ipaddr.process(address)
  const range = parsed.range()
  return (
    (range === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(GIVEN_OUT))) ||
    (allowPrivate && PRIVATE.has(range)) ||
    (allowLoopback && range === 'loopback')
  )
}

/** An origin without the dot that may end a name: the same host, written otherwise. */
const hostOf = (url: string): string => {
  const { protocol, hostname, port } = new URL(url)
  return `${protocol}//${hostname.replace(/\.$/, '')}:${port}`
}

const isLocalName = (host: string): boolean => /(?:^|\.)localhost\.?$/i.test(host)

/**
 * Why nothing may be sent to this URL, as a sentence; null: it may, as far as its text tells. Names
 * are judged by their addresses at the connection. `own` are the origins of this gateway.
 */
export const refusalOf = (
  text: string,
  reach: Reach,
  own: readonly string[] = [],
): string | null => {
  if (!URL.canParse(text)) return 'is not a URL'
  // Parsed first: `2130706433` and `0x7f.1` are 127.0.0.1 to every client.
  const { protocol, hostname, username, password, href } = new URL(text)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isLoopback =
    isLocalName(host) || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback')
  if (protocol !== 'https:' && protocol !== 'http:') return 'must be https'
  if (username || password) return 'must carry no user name or password'
  // An empty one too, of which `hash` does not tell.
  if (href.includes('#')) return 'must have no fragment'
  if (own.some((one) => hostOf(one) === hostOf(text))) return 'is this gateway itself'
  if (isLoopback)
    return reach.allowLoopback ? null : 'leads to this machine: only the sandbox may send there'
  if (protocol === 'http:' && !reach.allowHttp)
    return 'must be https; or, on a network that nobody else listens in, with "allowHttp": true'
  if (ipaddr.isValid(host) && !isReachable(host, reach))
    return 'is no address in the internet; a private one needs "allowPrivate": true'
  return null
}
