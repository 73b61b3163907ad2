/**
 * What a host offers to the HTTP suite, and the client that holds every answer against contract and
 * document.
 */
import type { Scope } from '../../src/gateway/service.ts'
import { expectLawful } from './conformance.ts'
import { type Platform, settings } from './platform.ts'

export interface CallerOptions {
  readonly name: string
  readonly key: string
  /** A second key of the same caller. */
  readonly rotated?: string
  /** What the first is called, and the second. */
  readonly keyNames?: readonly [string, string?]
  /** A key of the name `old` that has ended. */
  readonly expired?: string
  readonly scopes: readonly Scope[]
  readonly stores: readonly string[]
  readonly perMinute?: number
  readonly approval?: 'required'
}

export interface HostOptions {
  readonly callers: readonly CallerOptions[]
  /** Ids of stores, each a Medusa of its own. */
  readonly stores: readonly string[]
  readonly timing?: Readonly<Record<string, number>>
  /** Of every store, beside where it is and with what key. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface Host {
  fetch(request: Request): Promise<Response>
  /** The Medusa behind a configured store. */
  platform(store: string): Platform
  close(): Promise<void>
}

/** Opens a gateway with this configuration; without any, in sandbox mode. */
export type Open = (options?: HostOptions) => Promise<Host>

export const hashOf = async (key: string): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key))
  const bytes = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0'))
  return `sha256:${bytes.join('')}`
}

const keyHashOf = async ({
  key,
  rotated,
  keyNames = [''],
  expired,
}: Pick<CallerOptions, 'key' | 'rotated' | 'keyNames' | 'expired'>) => [
  ...(await Promise.all(
    [key, ...(rotated ? [rotated] : [])].map(async (one, index) => {
      const [name, hash] = [keyNames[index], await hashOf(one)]
      return name ? { name, hash } : hash
    }),
  )),
  ...(expired ? [{ name: 'old', hash: await hashOf(expired), expires: '2001-01-31' }] : []),
]

/** The configuration file of these options. */
export const configOf = async (
  { callers, stores, timing, settings: more }: HostOptions,
  baseUrl: (store: string) => string,
) => ({
  stores: stores.map((id) => ({
    id,
    platform: 'medusa',
    test: true,
    // What reaches a platform is counted by tests.
    sweep: false,
    settings: { ...settings(baseUrl(id)), ...more },
  })),
  callers: await Promise.all(
    callers.map(async ({ name, scopes, stores: reach, perMinute, approval, ...keys }) => ({
      name,
      keyHash: await keyHashOf(keys),
      scopes,
      stores: reach,
      ...(perMinute && { limits: { perMinute } }),
      ...(approval && { approval }),
    })),
  ),
  timing: { callTimeoutMs: 2_000, settleMs: 100, waitMs: 5_000, ...timing },
})

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Parsed where it is JSON. */
  readonly body: any
  readonly text: string
}

export type Body = string | Uint8Array<ArrayBuffer> | object
export type Client = (
  method: string,
  path: string,
  body?: Body,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>

export const ORIGIN = 'http://gateway.test'

const toRequest = (
  method: string,
  path: string,
  body: Body | undefined,
  headers: Readonly<Record<string, string>>,
): Request => {
  const bytes =
    body === undefined || typeof body === 'string' || body instanceof Uint8Array
      ? body
      : JSON.stringify(body)
  return new Request(ORIGIN + path, {
    method,
    redirect: 'manual',
    headers: { ...(bytes !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(bytes !== undefined && { body: bytes }),
  })
}

/**
 * A client with this key, or none, whose every answer is checked. An empty header value leaves the
 * header out.
 */
export const clientOf =
  (host: Pick<Host, 'fetch'>, key?: string): Client =>
  async (method, path, body, headers = {}) => {
    const all = Object.entries({
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...headers,
    })
    const response = await host.fetch(toRequest(method, path, body, Object.fromEntries(all)))
    const text = await response.text()
    expectLawful(method, path, response, text)
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    }
  }

/** Asks again until `done`; the last answer. */
export const until = async <T = Answer>(
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  ms = 5_000,
): Promise<T> => {
  const end = Date.now() + ms
  for (;;) {
    const answer = await ask()
    if (done(answer) || Date.now() > end) return answer
    await new Promise((resolve) => {
      setTimeout(resolve, 25)
    })
  }
}
