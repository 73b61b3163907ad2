/**
 * `rescind listen`: for developers whose receiver has no public address. Asks the gateway what
 * changed, and tells a local one as a webhook would, signed as the real thing.
 */
import { type Cancellation, type Client, NoAnswer, RescindError } from '../client/index.ts'
import { readSecret, signedHeaders } from '../connection/signing.ts'
import type { EventType } from '../model/delivery.ts'
import { cancellationData, deliveryId, eventBody } from '../model/event.ts'
import { sleep } from '../model/time.ts'
import { next } from './paste.ts'
import { reach, type ReachOptions } from './reach.ts'
import { clean, duration, EXIT, Halt, moment, type Terminal } from './terminal.ts'

export interface ListenOptions extends ReachOptions {
  readonly forwardTo: string
  readonly since?: string
}

export const SECRET = 'RESCIND_WEBHOOK_SECRET'
const SECRET_BYTES = 32
/** A developer looks on. */
const LOOK_MS = 1_000
/** As long as the gateway waits for a receiver. */
const TRY_MS = 15_000
/** How long a gateway is left alone that does not answer. */
const AWAY_MS = 2_000

const targetOf = (url: string): string => {
  const target = URL.canParse(url) ? new URL(url) : null
  if (!target || !/^https?:$/.test(target.protocol) || target.username || target.hash)
    throw new Halt(
      EXIT.usage,
      `${clean(url)} is no address that can be told.`,
      'It looks like http://127.0.0.1:3000/hooks/rescind.',
    )
  return target.href
}

const sinceOf = (since: string | undefined): Date => {
  const time = since === undefined ? new Date() : new Date(since)
  if (Number.isNaN(time.getTime()))
    throw new Halt(EXIT.usage, '--since is no time.', 'It looks like 2026-11-21T14:00:00Z.')
  return time
}

/** The key from the environment, or a new one that is shown this once. */
const keyOf = (terminal: Terminal): Uint8Array<ArrayBuffer> => {
  const given = process.env[SECRET]
  if (given === undefined || given === '') {
    const key = crypto.getRandomValues(new Uint8Array(SECRET_BYTES))
    terminal.warn(`Signed with whsec_${Buffer.from(key).toString('base64')}`)
    terminal.warn(`(made for this run; ${SECRET} keeps one)`)
    return key
  }
  const key = readSecret(given)
  if (key) return key
  throw new Halt(
    EXIT.usage,
    `${SECRET} must be Base64 of 24 to 64 bytes, with “whsec_” before it or without.`,
    next('This makes one:', 'openssl rand -base64 32'),
  )
}

/** What a webhook is told of a record as it is; null: nothing yet. */
const eventOf = (record: Cancellation): EventType | null => {
  const { status, reopenedAt, revision, waitingFor } = record
  if (revision === 0) return null
  if (waitingFor === 'approval') return 'cancellation.approval_awaited'
  if (status === 'accepted' || status === 'sending') return null
  return reopenedAt === null ? `cancellation.${status}` : 'cancellation.reopened'
}

/** One try: an HTTP status, or why there is none. */
const post = async (url: string, headers: Readonly<Record<string, string>>, body: string) => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body,
      signal: AbortSignal.timeout(TRY_MS),
    })
    await response.body?.cancel()
    return String(response.status)
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') return 'timeout'
    const { code } = ((error as Error).cause ?? {}) as { code?: unknown }
    return typeof code === 'string' ? code : 'no answer'
  }
}

/** Tells one change, and prints how that went. */
const tell = async (
  terminal: Terminal,
  url: string,
  key: Uint8Array<ArrayBuffer>,
  record: Cancellation,
  type: EventType,
): Promise<void> => {
  const { id: subject, revision, store, orderId, updatedAt } = record
  const id = deliveryId({ subject, revision })
  const body = eventBody(type, Date.parse(updatedAt), cancellationData(record))
  const started = performance.now()
  const result = await post(url, await signedHeaders([key], id, body, Date.now()), body)
  const ms = Math.round(performance.now() - started)
  const isTaken = /^2\d\d$/.test(result)
  terminal.result({ id, type, cancellation: subject, store, orderId, result, ms }, () => {
    const words = [moment(new Date().toISOString()), result, type, store, orderId, id]
    const line = `${words.map(clean).join('  ')}  ${duration(ms)}`
    return terminal.style(isTaken ? 'green' : 'red', line)
  })
}

interface Listening {
  readonly terminal: Terminal
  readonly client: Client
  readonly url: string
  readonly key: Uint8Array<ArrayBuffer>
  readonly signal: AbortSignal
  /** By id: the revision that was told. */
  readonly told: Map<string, number>
  after: string | Date
}

/** Tells what changes until it is stopped, or the gateway does not answer. */
const follow = async (listening: Listening): Promise<void> => {
  const { terminal, client, url, key, signal, told } = listening
  const changes = client.changes({ after: listening.after, wait: LOOK_MS, signal })
  for await (const { cancellation, checkpoint } of changes) {
    const { id, revision } = cancellation
    const type = eventOf(cancellation)
    if (type !== null && revision > (told.get(id) ?? 0)) {
      await tell(terminal, url, key, cancellation, type)
      told.set(id, revision)
    }
    listening.after = checkpoint
  }
}

const mayComeBack = (error: unknown): boolean =>
  error instanceof NoAnswer ||
  (error instanceof RescindError && (error.status >= 500 || error.status === 429))

/** Goes on from where it was whenever the gateway is there again. */
const keepFollowing = async (listening: Listening): Promise<void> => {
  for (;;) {
    try {
      await follow(listening)
      return
    } catch (error) {
      if (!mayComeBack(error)) throw error
      listening.terminal.warn(`${clean((error as Error).message)} Trying again …`)
      await sleep(AWAY_MS)(listening.signal)
      if (listening.signal.aborted) return
    }
  }
}

export const listen = async (terminal: Terminal, options: ListenOptions): Promise<number> => {
  const url = targetOf(options.forwardTo)
  const after = sinceOf(options.since)
  const { client } = await reach(terminal, options)
  const key = keyOf(terminal)
  const stop = new AbortController()
  const end = () => stop.abort()
  process.once('SIGINT', end).once('SIGTERM', end)
  terminal.say(`Telling ${clean(url)} what changes (Ctrl-C ends it).`)
  const told = new Map<string, number>()
  await keepFollowing({ terminal, client, url, key, signal: stop.signal, told, after })
  return EXIT.canceled
}
