/** How the commands reach a running gateway, and what its refusals come to here. */
import {
  type Client,
  createClient,
  NoAnswer,
  NotKnownYet,
  type Problem,
  RescindError,
} from '../client/index.ts'
import { commandAdvice } from '../messages/advice.ts'
import { here, next, type Next, there } from './paste.ts'
import { clean, EXIT, Halt, readInput, type Terminal } from './terminal.ts'

export interface ReachOptions {
  readonly url?: string
  readonly keyStdin?: boolean
}

const DEFAULT_URL = 'http://127.0.0.1:8787'
const KNOCK_MS = 5_000
/** How long a call keeps trying; a person sits before it. */
const TIMEOUT_MS = 30_000
/** A slow store takes most of it. */
const READ_MS = 45_000

/** Longer than any key. */
const MAX_KEY_BYTES = 4_096

const START = next(
  'Is it running? --url or RESCIND_URL names another; this starts one here:',
  here('serve'),
)

/** What to do about a problem before a terminal, with the command that helps. */
export const nextOf = (problem: Pick<Problem, 'code' | 'cause'>): Next | null => {
  const help = commandAdvice(problem)
  if (help === null) return null
  const { says, verb, reaches } = help
  return verb === undefined ? next(says) : next(says, reaches ? there(verb) : here(verb))
}
const NO_KEY = nextOf({ code: 'unauthenticated' })

const keyOf = async ({ keyStdin }: ReachOptions): Promise<string | undefined> => {
  const key = (
    keyStdin ? new TextDecoder().decode(await readInput(MAX_KEY_BYTES)) : process.env['RESCIND_KEY']
  )?.trim()
  if (keyStdin && key === '')
    throw new Halt(EXIT.usage, '--key-stdin: standard input is empty.', NO_KEY)
  return key === '' ? undefined : key
}

export interface Reached {
  /** Keeps trying for a while, under one idempotency key: for what must not be lost. */
  readonly client: Client
  /** Asks once and takes its time: for what a person waits for, and can ask again. */
  readonly reader: Client
  /** The bytes of an answer as they come, however many they are. */
  readonly download: (path: string) => AsyncIterable<Uint8Array>
}

const downloading = (baseUrl: string, key: string | undefined) =>
  async function* (path: string): AsyncGenerator<Uint8Array> {
    const response = await fetch(baseUrl + path, {
      redirect: 'manual',
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    }).catch((cause: unknown) => {
      throw new NoAnswer(null, cause)
    })
    if (!response.ok || !response.body) {
      const said = (await response.json().catch(() => null)) as Problem | null
      throw said?.code
        ? new RescindError(said, response.headers.get('request-id'))
        : new NoAnswer(response.status)
    }
    try {
      yield* response.body
    } catch (cause) {
      throw new Halt(EXIT.fault, 'The answer broke off before its end: it is not whole.', null, {
        detail: (cause as Error).name,
      })
    }
  }

/** Clients of the gateway that is meant, once that one has answered. */
export const reach = async (terminal: Terminal, options: ReachOptions): Promise<Reached> => {
  const baseUrl = (options.url ?? (process.env['RESCIND_URL'] || DEFAULT_URL))
    .trim()
    .replace(/(?<!\/)\/+$/, '')
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol))
    throw new Halt(
      EXIT.usage,
      `${clean(baseUrl)} is no address of a gateway.`,
      `It looks like ${DEFAULT_URL}.`,
    )
  const key = await keyOf(options)
  const { protocol, hostname } = new URL(baseUrl)
  if (
    key !== undefined &&
    protocol === 'http:' &&
    !/^(?:localhost|\[::1\]|127(?:\.\d+){3})$/.test(hostname)
  )
    terminal.warn(`Warning: the key goes to ${hostname} over http, where others can read it.`)
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new Halt(
      EXIT.usage,
      'The key is not one: it must be visible ASCII without white space.',
      NO_KEY,
    )
  // A gateway that is not there is said at once, not after every try.
  const health = await fetch(`${baseUrl}/healthz`, {
    signal: AbortSignal.timeout(KNOCK_MS),
    redirect: 'manual',
  }).then(
    (response) => response.status,
    () => null,
  )
  if (health === null) throw new Halt(EXIT.fault, `No gateway answers at ${clean(baseUrl)}.`, START)
  if (health !== 200)
    throw new Halt(
      EXIT.fault,
      `What answers at ${clean(baseUrl)} is not a gateway (${health}).`,
      START,
    )
  return {
    client: createClient({ baseUrl, key, timeoutMs: TIMEOUT_MS }),
    reader: createClient({
      baseUrl,
      key,
      timeoutMs: 0,
      fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(READ_MS) }),
    }),
    download: downloading(baseUrl, key),
  }
}

/** What a refusal is to a script: whose turn it is now. */
export const exitOfProblem = ({ code, acted }: Problem): number => {
  switch (code) {
    case 'unauthenticated':
    case 'forbidden':
    case 'platform-credentials':
      return EXIT.refused
    case 'needs-attention':
    case 'linked-diverged':
      return EXIT.needsYou
    case 'order-not-found':
    case 'order-not-cancelable':
    case 'cancellation-conflict':
    case 'not-withdrawable':
    case 'unsupported':
      return EXIT.notCanceled
    case 'platform-unavailable':
    case 'platform-throttled':
      return EXIT.unknown
    case 'internal':
    case 'ledger-unavailable':
    case 'rate-limited':
      return acted === 'unknown' ? EXIT.unknown : EXIT.fault
    default:
      return EXIT.usage
  }
}

/** What it is about, why, the places, and what the platform said. */
export const tellProblem = ({ title, detail, errors = [], upstream }: Problem): string =>
  [
    detail === `${title}.` ? clean(detail) : `${clean(title)}: ${clean(detail)}`,
    ...errors.map((error) => `  ${clean(error.pointer)}: ${clean(error.detail)}`),
    ...(upstream?.message ? [`  The platform: ${clean(upstream.message)}`] : []),
  ].join('\n')

/** What the client throws, as the end of a command. */
export const halted = (error: unknown): unknown => {
  if (error instanceof RescindError) {
    const id = error.record?.id ?? error.cancellation
    return new Halt(
      exitOfProblem(error.problem),
      tellProblem(error.problem),
      id === null ? nextOf(error.problem) : next('What became of it:', there('show', id)),
      error.problem,
    )
  }
  if (error instanceof NotKnownYet)
    return new Halt(
      EXIT.unknown,
      error.message,
      'Ask again with the same command: one order is canceled once.',
      error.record,
    )
  return error instanceof NoAnswer ? new Halt(EXIT.fault, error.message, START) : error
}
