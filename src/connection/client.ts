/** How a store speaks to its platform: `send`, the one way out, with every guard on it. */
import { type Adapter, type Call, canonicalOf, type Connection } from '../adapter/contract.ts'
import { CallFailure, type Failure } from '../adapter/failure.ts'
import { explain } from './classify.ts'
import { type Gate, SICK } from './gate.ts'
import type { CallsWatch } from './health.ts'
import { address } from '../adapter/path.ts'
import { parse, type Unread, unreadBecause, WHY } from './reply.ts'
import { secretsOf } from '../adapter/settings.ts'
import { openTokens } from './tokens.ts'
import { type Incoming, type Transport, TransportError } from './transport.ts'

/** A reply as data, and the status that it came with, for the attempt's record. */
export interface Answer<T> {
  readonly reply: T
  readonly result: string
}

/** What the gateway gets beside it. */
export interface PlatformClient<S> extends Connection<S> {
  /** The destructive call: sent once, never repeated, and not at all when it is late. */
  perform<T>(call: Call<T>, isLate: () => boolean): Promise<Answer<T>>
  withCustomer(token: string): PlatformClient<S>
}

/** An order of 2,000 lines is read: Medusa tells 4.8 KB a line. */
const MAX_REPLY_BYTES = 16_777_216
/** What is shorter in a header that says who we are is no secret (a version, nothing at all). */
const SECRET_LENGTH = 8

type Headers = Readonly<Record<string, string>>

export interface ClientOptions {
  readonly transport: Transport
  readonly callTimeoutMs: number
  /** The store's pace and breaker; left out: every call goes at once. */
  readonly gate?: Gate | undefined
  /** Told how the calls go. */
  readonly watch?: CallsWatch | undefined
  /** Told of every call's end, for logs and metrics: never a header, a body or a query. */
  readonly observe?: (call: {
    readonly platform: string
    readonly method: string
    readonly result: string
    readonly ms: number
  }) => void
}

/** One store, as each of its calls needs it. */
interface Endpoint<S> {
  readonly adapter: Adapter<S>
  readonly base: string
  readonly secrets: readonly string[]
  readonly tokens: ReturnType<typeof openTokens>
  readonly customerToken: string | null
  readonly options: ClientOptions
}

/** A 429 whose rest stands in a header of the platform’s own, with it as `Retry-After`. */
const withRetryAfter = <S>({ resetMsHeader }: Adapter<S>, transport: Transport): Transport => {
  if (resetMsHeader === undefined) return transport
  return async (request) => {
    const incoming = await transport(request)
    const { status, headers } = incoming
    const ms = status === 429 && headers.get('retry-after') === null && headers.get(resetMsHeader)
    if (!ms || !/^\d{1,9}$/.test(ms)) return incoming
    const get = (name: string) =>
      name.toLowerCase() === 'retry-after' ? String(Number(ms) / 1_000) : headers.get(name)
    return { ...incoming, headers: { get } }
  }
}

/** Opens a client of one store. Nothing is sent until it is used. */
export const openClient = <S>(
  adapter: Adapter<S>,
  settings: S,
  options: ClientOptions,
  tokens = openTokens(),
  customerToken: string | null = null,
): PlatformClient<S> => {
  const endpoint: Endpoint<S> = {
    adapter,
    base: adapter.baseUrl(settings),
    secrets: secretsOf(adapter.settings, settings),
    tokens,
    customerToken,
    options: { ...options, transport: withRetryAfter(adapter, options.transport) },
  }
  const client: PlatformClient<S> = {
    settings,
    customerToken,
    token: tokens.get,
    async send(call) {
      const generation = tokens.generation()
      try {
        return (await told(endpoint, call, exchange(endpoint, client, call))).reply
      } catch (error) {
        // A refused login is not renewed by another one.
        if (call.as === 'none' || !isLoginRefused(error) || !tokens.forget(generation)) throw error
        return (await told(endpoint, call, exchange(endpoint, client, call))).reply
      }
    },
    async perform(call, isLate) {
      const generation = tokens.generation()
      try {
        return await told(endpoint, call, exchange(endpoint, client, call, isLate))
      } catch (error) {
        // Never repeated here; but the next look, or the next try, logs in anew.
        if (isLoginRefused(error)) tokens.forget(generation)
        throw error
      }
    },
    withCustomer: (token) => openClient(adapter, settings, options, tokens, token),
  }
  return client
}

const isLoginRefused = (error: unknown): boolean =>
  error instanceof CallFailure && error.failure.code === 'platform-credentials'

/**
 * Has the store's watch know whether its credentials were taken: by an answer to a call that had
 * them. A customer's token is none of them, and neither is a login: what follows it tells more.
 */
const told = async <S, T, R>(
  { customerToken, options: { watch } }: Endpoint<S>,
  { as }: Call<T>,
  exchanged: Promise<R>,
): Promise<R> => {
  const isOurs = as !== 'none' && customerToken === null
  try {
    const answer = await exchanged
    if (isOurs) watch?.letIn(true)
    return answer
  } catch (error) {
    if (isOurs && isLoginRefused(error)) watch?.letIn(false)
    throw error
  }
}

/** What is too large to be read is an answer all the same. */
const isTooLarge = (error: unknown): boolean =>
  error instanceof TransportError && error.reason === 'too_large'

const credentialsFor = async <S>(
  adapter: Adapter<S>,
  connection: Connection<S>,
  { method, as }: Pick<Call<unknown>, 'method' | 'as'>,
  url: string,
): Promise<Headers> =>
  as === 'none' ? {} : adapter.authorize(connection, as, { method, url }).catch(notYet)

/** What is sent, and as what; null: nothing. */
const written = <T>({ body, form }: Call<T>) => {
  if (form)
    return {
      body: new URLSearchParams(form).toString(),
      type: 'application/x-www-form-urlencoded',
    }
  return body === undefined ? null : { body: JSON.stringify(body), type: 'application/json' }
}

/** Who we are as the call said it; a login does in a header of its own. */
const carried = <T>({ headers }: Call<T>, credentials: Headers): Headers => ({
  ...credentials,
  ...(headers?.authorization && { authorization: headers.authorization }),
})

const exchange = async <S, T>(
  endpoint: Endpoint<S>,
  connection: Connection<S>,
  call: Call<T>,
  isLate: (() => boolean) | null = null,
): Promise<Answer<T>> => {
  const { adapter, options } = endpoint
  const { gate } = options
  const url = address(call.base ?? endpoint.base, call.path, call.query)
  const credentials = await credentialsFor(adapter, connection, call, url)
  const sent = written(call)
  const headers = {
    accept: 'application/json',
    'user-agent': 'rescind',
    // What a cache kept of an order proves nothing about it now.
    ...(call.method === 'GET' && { 'cache-control': 'no-cache' }),
    ...(sent && { 'content-type': sent.type }),
    ...credentials,
    ...call.headers,
  }
  await gate?.enter(isLate !== null)
  if (isLate?.()) throw new CallFailure(unsent('not sent: too late'))
  const started = performance.now()
  const end = (result: string) =>
    options.observe?.({
      platform: adapter.id,
      method: call.method,
      result,
      ms: Math.round(performance.now() - started),
    })
  // Not AbortSignal.timeout: its timer would outlive the call by the rest of the timeout.
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), options.callTimeoutMs)
  let incoming: Incoming
  try {
    const send = () =>
      options.transport({
        url,
        method: call.method,
        headers,
        body: sent?.body ?? null,
        signal: deadline.signal,
        maxBytes: MAX_REPLY_BYTES,
      })
    incoming = await (gate ? gate.pass(send) : send())
  } catch (error) {
    options.watch?.[isTooLarge(error) ? 'answered' : 'failed']()
    const failure = broken(error)
    end(failure.result)
    throw new CallFailure(failure, { cause: error })
  } finally {
    clearTimeout(timer)
  }
  const result = String(incoming.status)
  options.watch?.[SICK.has(incoming.status) ? 'failed' : 'answered']()
  end(result)
  const reply = read(endpoint, incoming, call, carried(call, credentials))
  if (call.about && isAnother(adapter, call.about.orderId, call.about.ids(reply)))
    throw new CallFailure(unreadable(incoming.status, 'another order'))
  return { reply, result }
}

/**
 * A cache with a poor key, a filter that was ignored: an answer about another order is none about
 * ours.
 */
const isAnother = <S>(adapter: Adapter<S>, orderId: string, told: readonly unknown[]): boolean =>
  told.some(
    (id) =>
      id !== null &&
      id !== undefined &&
      canonicalOf(adapter, String(id)) !== canonicalOf(adapter, orderId),
  )

/** Whether its errors may come under 2xx, as GraphQL's do. */
const refusesWithSuccess = <S>({ errors }: Adapter<S>): boolean =>
  errors.some(({ status }) => status >= 200 && status <= 299)

const read = <S, T>(
  endpoint: Endpoint<S>,
  incoming: Incoming,
  { reply: shape, replyHeader, replyStatus }: Call<T>,
  credentials: Headers,
): T => {
  const { adapter } = endpoint
  const body = incoming.unread ? undefined : parse(incoming.text)
  const isSuccess = incoming.status >= 200 && incoming.status <= 299
  if (!isSuccess || (body !== undefined && refusesWithSuccess(adapter))) {
    const said = body === undefined ? { code: null, message: null } : adapter.readError(body)
    if (!isSuccess || said.code !== null || said.message !== null)
      throw new CallFailure(
        explain(incoming, said, adapter.errors, hidden(endpoint, credentials), Date.now()),
      )
  }
  const beside = {
    ...(replyStatus && { status: incoming.status }),
    ...(replyHeader !== undefined && { header: incoming.headers.get(replyHeader) }),
  }
  const told = replyStatus || replyHeader !== undefined ? { ...beside, body } : body
  const read = shape.safeParse(told)
  // An adapter may expect nothing at all; a page in its place is still no answer.
  const isPage =
    body === undefined && (incoming.unread !== undefined || incoming.text.trim() !== '')
  if (!read.success || isPage)
    throw new CallFailure(unreadable(incoming.status, unreadBecause(incoming, body)))
  return read.data
}

/** A secret as it is, and as a form, an address or JSON writes it. */
const asWritten = (secret: string): readonly string[] => [
  secret,
  new URLSearchParams([['', secret]]).toString().slice(1),
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
]

/**
 * What platforms may not repeat to anybody: secrets, tokens, and the form in which a call carried
 * them.
 */
const hidden = <S>({ secrets, tokens, customerToken }: Endpoint<S>, credentials: Headers) => [
  ...Object.values(credentials)
    .flatMap((value) => [value, value.replace(/^\w+ /, '')])
    .filter(({ length }) => length >= SECRET_LENGTH),
  ...secrets.flatMap(asWritten),
  ...tokens.values(),
  ...(customerToken === null ? [] : [customerToken]),
]

const unsent = (result: string, detail = 'The platform could not be reached.'): Failure => ({
  kind: 'unsent',
  code: 'platform-unavailable',
  cause: null,
  detail,
  result,
  upstream: null,
  retryAfterMs: null,
})

/**
 * A login that failed leaves no doubt about the call that it was for: that one never left. And its
 * refusal says nothing of an order.
 */
const notYet = (error: unknown): never => {
  if (!(error instanceof CallFailure)) throw error
  const { failure } = error
  throw new CallFailure(
    failure.kind === 'refused'
      ? {
          ...failure,
          code: 'platform-credentials',
          cause: null,
          detail: 'The platform refused the store’s login.',
        }
      : {
          ...failure,
          kind: 'unsent',
          result:
            failure.kind === 'unsent'
              ? failure.result
              : `not sent: the login ended with ${failure.result}`,
        },
    { cause: error },
  )
}

const unreadable = (status: number, why: Unread): Failure => ({
  kind: 'doubt',
  code: 'platform-unavailable',
  cause: null,
  detail: WHY[why],
  result: why === 'another order' ? `${status} ${why}` : `${status} unreadable (${why})`,
  upstream: { status, code: null, message: null },
  retryAfterMs: null,
})

/** How a call that got no answer ended: the word for its record, and a sentence for people. */
const BROKEN = {
  timeout: ['timeout', 'The platform did not answer in time.'],
  too_large: ['reply too large', 'The platform’s reply was too large to be read.'],
  unreachable: ['unreachable', 'The platform could not be reached.'],
  connection_lost: [
    'connection lost',
    'The connection to the platform broke before its answer was complete.',
  ],
} as const

/** The same with the runtime's word for what was in the way. */
const unreachable = (word: string): string =>
  /CERT|ISSUER|HOSTNAME|SIGNATURE|INVALID_(?:CA|PURPOSE)/.test(word)
    ? `The certificate of the platform’s host was not accepted (${word}).`
    : /^(?:ENOTFOUND|EAI_AGAIN)$/.test(word)
      ? `The name of the platform’s host was not found (${word}).`
      : `The platform could not be reached (${word}).`

const broken = (error: unknown): Failure => {
  if (!(error instanceof TransportError)) throw error
  const [result, detail] = BROKEN[error.reason]
  if (error.sent !== false)
    return {
      kind: 'doubt',
      code: 'platform-unavailable',
      cause: null,
      detail,
      result,
      upstream: null,
      retryAfterMs: null,
    }
  return error.word === null
    ? unsent(`not sent: ${result}`, detail)
    : unsent(`not sent: ${result} (${error.word})`, unreachable(error.word))
}
