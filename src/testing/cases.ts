/** Cases: exchanges with a platform, byte for byte, and what the gateway must make of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { http, HttpResponse, type JsonBodyType } from 'msw'
import type { SetupServer } from 'msw/node'
import { z } from 'zod'
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

/**
 * What the suite needs to know of a platform beside its adapter and its imitation:
 * `adapters/<id>/suite.json`.
 */
export const Suite = z.strictObject({
  /** Settings that the cases are played with, beside their own. */
  settings: z.record(z.string(), z.unknown()),
  /** Sandbox orders by what they are; `open` and `paid` can be canceled. */
  orders: z.strictObject({
    open: z.string(),
    paid: z.string(),
    canceled: z.string(),
    refused: z.array(z.string()).min(1),
    missing: z.string(),
  }),
})
export type SuiteOptions = z.output<typeof Suite>

const readFile = <T extends z.ZodType>(shape: T, file: URL): z.output<T> => {
  try {
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new Error(`${file.pathname}: ${(error as Error).message}`, { cause: error })
  }
}

export const readSuite = (folder: URL): SuiteOptions =>
  readFile(Suite, new URL('suite.json', folder))

/** The cases of a platform's folder, by their files' names. */
export const readCases = (folder: URL): Case[] =>
  readdirSync(new URL('cases', folder))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => readFile(Case, new URL(`cases/${file}`, folder)))

/**
 * Lets msw play the exchanges once, in order; `done` throws for what came wrong, too much or too
 * little.
 */
export const play = (server: SetupServer, base: string, { exchanges }: Case): { done(): void } => {
  const faults: string[] = []
  let next = 0
  const origin = new URL(base).origin
  const prefix = new URL(base).pathname.replace(/\/$/, '')
  server.use(
    http.all(`${origin}/*`, async ({ request }) => {
      const exchange = exchanges[next++]
      const url = new URL(request.url)
      const came = {
        method: request.method,
        path: url.pathname.slice(prefix.length) + url.search,
        body: await request.text(),
      }
      if (!exchange) {
        faults.push(`unexpected: ${came.method} ${came.path} ${came.body}`)
        return HttpResponse.error()
      }
      const { method, path, headers, body } = exchange.request
      const meant = {
        method,
        path,
        body: body === undefined || body === null ? '' : JSON.stringify(body),
      }
      if (JSON.stringify(came) !== JSON.stringify(meant))
        faults.push(
          `request ${next}:\n  sent  ${JSON.stringify(came)}\n  meant ${JSON.stringify(meant)}`,
        )
      for (const [name, value] of Object.entries(headers)) {
        if (request.headers.get(name) !== value)
          faults.push(`request ${next}: ${name} is ${request.headers.get(name)}, meant ${value}`)
      }
      const { response } = exchange
      return typeof response.body === 'string'
        ? new HttpResponse(response.body, {
            status: response.status,
            headers: { 'content-type': 'text/html', ...response.headers },
          })
        : HttpResponse.json(response.body as JsonBodyType, {
            status: response.status,
            headers: response.headers,
          })
    }),
  )
  return {
    done() {
      if (next < exchanges.length)
        faults.push(`only ${next} of ${exchanges.length} requests were made`)
      if (faults.length > 0) throw new Error(faults.join('\n'))
    },
  }
}
