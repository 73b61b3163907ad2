/**
 * What platforms and networks do to a cancel: every variation, before and after it was processed.
 */

/**
 * Comes between a cancel and its sandbox: `process` does what was asked; the result is what the
 * gateway gets to see.
 */
export type Variation = (process: () => Promise<Response>, signal: AbortSignal) => Promise<Response>

export interface Hostile {
  readonly name: string
  /** What comes back, whether the platform did what was asked or not. */
  readonly reply: string
  /** Whether the platform did what was asked. */
  readonly processed: boolean
  readonly play: Variation
}

const JSON_TYPE = { 'content-type': 'application/json' }
const html = (status: number) =>
  new Response('<html><body>Bad gateway</body></html>', {
    status,
    headers: { 'content-type': 'text/html' },
  })
const reset = (): never => {
  throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })
}
const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const end = () => reject(signal.reason as Error)
    // On a busy machine the time is up before the platform has done its part.
    if (signal.aborted) end()
    signal.addEventListener('abort', end)
  })

/** Made once: what it costs must not slow the replies that wait beside it. */
const PADDING = new Uint8Array(17 * 1024 * 1024).fill('x'.charCodeAt(0))
/** A JSON object that is longer than what the gateway reads of a reply. */
const tooLong = () => {
  const bytes = new TextEncoder()
  return new ReadableStream({
    start(controller) {
      for (const piece of [bytes.encode('{"padding":"'), PADDING, bytes.encode('"}')])
        controller.enqueue(piece)
      controller.close()
    },
  })
}

const REPLIES: Record<
  string,
  (reply: Response | null, signal: AbortSignal) => Response | Promise<Response>
> = {
  '500': () => Response.json({ message: 'Internal error' }, { status: 500 }),
  '500 html': () => html(500),
  '502 html': () => html(502),
  '503 with Retry-After': () =>
    new Response('{}', { status: 503, headers: { 'retry-after': '0', ...JSON_TYPE } }),
  '504 empty': () => new Response(null, { status: 504 }),
  '408': () => Response.json({ message: 'Timeout' }, { status: 408 }),
  'connection reset': () => reset(),
  silence: (_, signal) => never(signal),
  'html 200': () => html(200),
  'half a JSON 200': () => new Response('{"order":{"id":"o', { headers: JSON_TYPE }),
  'empty 200': () => new Response(null, { status: 200 }),
  'JSON of another shape 200': () => Response.json([]),
  'redirect to another host': () =>
    new Response(null, { status: 307, headers: { location: 'https://elsewhere.example/cancel' } }),
  '17 MiB body': () => new Response(tooLong(), { headers: JSON_TYPE }),
  'html 403 of a firewall': () => html(403),
}

/** Every reply above, once where the platform had done it and once where it had not. */
export const HOSTILE: readonly Hostile[] = Object.entries(REPLIES).flatMap(([name, reply]) => [
  {
    name: `${name}, not processed`,
    reply: name,
    processed: false,
    play: async (_, signal) => reply(null, signal),
  },
  {
    name: `${name}, processed`,
    reply: name,
    processed: true,
    play: async (process, signal) => reply(await process(), signal),
  },
])

/** Replies that are odd but true: the cancel must simply succeed. */
export const HARMLESS: readonly {
  readonly name: string
  readonly bend: (body: unknown) => unknown
}[] = [
  {
    name: 'extra fields everywhere',
    bend: (body) =>
      deep(body, (value) => ({ ...value, somethingNew: { nested: [1, 'two', null] } })),
  },
  {
    name: 'members in another order',
    bend: (body) => deep(body, (value) => Object.fromEntries(Object.entries(value).toReversed())),
  },
]

export const deep = (
  value: unknown,
  change: (value: Record<string, unknown>) => Record<string, unknown>,
): unknown => {
  if (Array.isArray(value)) return value.map((item) => deep(item, change))
  if (value === null || typeof value !== 'object') return value
  return change(
    Object.fromEntries(Object.entries(value).map(([name, part]) => [name, deep(part, change)])),
  )
}
