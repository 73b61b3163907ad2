/** Cases: exchanges with a platform, byte for byte, and what the gateway must make of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { fetchTransport, type Transport } from '../connection/transport.ts'
import { CAUSES, PROBLEM_CODES } from '../model/problem.ts'
import { EFFECTS, OUTCOMES } from '../model/effect.ts'
import { STATUSES } from '../model/cancellation.ts'

export const SHOWS = [
  'success',
  'reason',
  'wishes',
  'already_canceled',
  'refused',
  'not_found',
  'credentials',
  'doubt',
  'throttled',
  'money_moved',
  'payment_failed',
  'partial',
  'transfer',
  'login',
  'lying_reply',
] as const

export const Case = z.strictObject({
  name: z.string(),
  /** The recordings, or the documentation page, that the exchanges come from. */
  source: z.string().min(10),
  shows: z.array(z.enum(SHOWS)).min(1),
  /** Added to the settings that the suite opens a store with; null takes one away. */
  settings: z.record(z.string(), z.unknown()).default({}),
  customerToken: z.string().optional(),
  request: z.record(z.string(), z.unknown()),
  /** In the order in which they happen; each request is compared to the byte. */
  exchanges: z.array(
    z.strictObject({
      request: z.strictObject({
        method: z.string(),
        path: z.string(),
        headers: z.record(z.string(), z.string()).default({}),
        body: z.unknown().optional(),
      }),
      response: z.strictObject({
        status: z.number(),
        headers: z.record(z.string(), z.string()).default({}),
        body: z.unknown(),
      }),
    }),
  ),
  expect: z.strictObject({
    status: z.enum(STATUSES),
    code: z.enum(PROBLEM_CODES).optional(),
    cause: z.enum(CAUSES).optional(),
    acted: z.enum(['yes', 'no', 'unknown']).optional(),
    retryable: z.boolean().optional(),
    via: z.string().optional(),
    alreadyCanceled: z.boolean().default(false),
    effects: z.partialRecord(z.enum(EFFECTS), z.enum(OUTCOMES)).default({}),
    /** Words that an effect's detail must hold. */
    details: z.partialRecord(z.enum(EFFECTS), z.string()).default({}),
    /** The amount of the payment effect. */
    amount: z.string().optional(),
    /** Members of the canonical order. */
    order: z.record(z.string(), z.unknown()).default({}),
  }),
})
export type Case = z.output<typeof Case>

/** A JSON file in its shape; says which file is wrong. */
export const readFile = <T extends z.ZodType>(shape: T, file: URL): z.output<T> => {
  try {
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new Error(`${file.pathname}: ${(error as Error).message}`, { cause: error })
  }
}

/** The cases of a platform's folder, by their files' names. */
export const readCases = (folder: URL): Case[] =>
  readdirSync(new URL('cases', folder))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => readFile(Case, new URL(`cases/${file}`, folder)))

interface Played {
  readonly transport: Transport
  /** Throws for what came wrong, too much or too little. */
  done(): void
}

/** A transport that answers with the exchanges, once and in order. */
export const play = (base: string, { exchanges }: Case): Played => {
  const faults: string[] = []
  let next = 0
  const answer = async (url: string, init: RequestInit): Promise<Response> => {
    const request = new Request(url, init)
    const came = await comparable(request, base)
    const exchange = exchanges[next++]
    if (!exchange) {
      faults.push(`unexpected: ${came.method} ${came.path} ${came.body}`)
      throw new TypeError('fetch failed')
    }
    const { method, path, headers, body } = exchange.request
    const meant = { method, path, body: textOf(body ?? null) }
    if (JSON.stringify(came) !== JSON.stringify(meant))
      faults.push(
        `request ${next}:\n  sent  ${JSON.stringify(came)}\n  meant ${JSON.stringify(meant)}`,
      )
    for (const [name, value] of Object.entries(headers)) {
      if (request.headers.get(name) !== value)
        faults.push(`request ${next}: ${name} is ${request.headers.get(name)}, meant ${value}`)
    }
    return responseOf(exchange.response)
  }
  return {
    transport: fetchTransport(answer),
    done() {
      if (next < exchanges.length)
        faults.push(`only ${next} of ${exchanges.length} requests were made`)
      if (faults.length > 0) throw new Error(faults.join('\n'))
    },
  }
}

/** A text is sent as it is (a form), everything else as JSON. */
const textOf = (body: unknown): string =>
  body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body)

/** What is compared of a request to the byte. */
const comparable = async (request: Request, base: string) => {
  const url = new URL(request.url)
  const prefix = new URL(base).pathname.replace(/\/$/, '')
  const isThere = url.origin === new URL(base).origin && url.pathname.startsWith(prefix)
  return {
    method: request.method,
    path: (isThere ? url.pathname.slice(prefix.length) : request.url) + url.search,
    body: await request.text(),
  }
}

/** A text is a page, everything else JSON. */
const responseOf = ({ status, headers, body }: Case['exchanges'][number]['response']): Response =>
  typeof body === 'string'
    ? new Response(body, { status, headers: { 'content-type': 'text/html', ...headers } })
    : Response.json(body, { status, headers })
