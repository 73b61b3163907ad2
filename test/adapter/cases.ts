/** Cases: exchanges with a platform, byte for byte, and what the gateway must make of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { http, HttpResponse, type JsonBodyType } from 'msw'
import type { SetupServerApi } from 'msw/node'
import { z } from 'zod'
import { CAUSES, PROBLEM_CODES } from '../../src/model/problem.ts'
import { EFFECTS, OUTCOMES } from '../../src/model/effect.ts'
import { STATUSES } from '../../src/model/cancellation.ts'

export const SHOWS = [
  'success', 'reason', 'wishes', 'already_canceled', 'refused', 'not_found', 'credentials', 'doubt', 'throttled',
  'money_moved', 'payment_failed', 'partial', 'transfer', 'login', 'lying_reply',
] as const

export const Case = z.strictObject({
  name: z.string(),
  /** The recordings, or the documentation page, that the exchanges come from. */
  source: z.string().min(10),
  shows: z.array(z.enum(SHOWS)).min(1),
  /** Added to the settings that the suite opens a store with. */
  settings: z.record(z.string(), z.unknown()).default({}),
  customerToken: z.string().optional(),
  request: z.record(z.string(), z.unknown()),
  /** In the order in which they happen; each request is compared to the byte. */
  exchanges: z.array(z.strictObject({
    request: z.strictObject({ method: z.string(), path: z.string(), headers: z.record(z.string(), z.string()).default({}), body: z.unknown().optional() }),
    response: z.strictObject({ status: z.number(), headers: z.record(z.string(), z.string()).default({}), body: z.unknown() }),
  })),
  expect: z.strictObject({
    status: z.enum(STATUSES),
    code: z.enum(PROBLEM_CODES).optional(),
    cause: z.enum(CAUSES).optional(),
    acted: z.enum(['yes', 'no', 'unknown']).optional(),
    retryable: z.boolean().optional(),
    via: z.string().optional(),
    alreadyCanceled: z.boolean().default(false),
    effects: z.partialRecord(z.enum(EFFECTS), z.enum(OUTCOMES)).default({}),
    /** The amount of the payment effect. */
    amount: z.string().optional(),
    /** Members of the canonical order. */
    order: z.record(z.string(), z.unknown()).default({}),
  }),
})
export type Case = z.output<typeof Case>

export const readCases = (platform: string): Case[] => {
  const folder = fileURLToPath(new URL(`../../adapters/${platform}/cases/`, import.meta.url))
  return readdirSync(folder).filter((file) => file.endsWith('.json')).sort().map((file) => {
    const parsed = Case.safeParse(JSON.parse(readFileSync(folder + file, 'utf8')))
    if (!parsed.success) throw new Error(`${platform}/cases/${file}: ${parsed.error.message}`)
    return parsed.data
  })
}

/** Lets msw play the exchanges once, in order; `done` throws for what came wrong, too much or too little. */
export const play = (server: SetupServerApi, base: string, { exchanges }: Case): { done(): void } => {
  const faults: string[] = []
  let next = 0
  const origin = new URL(base).origin
  const prefix = new URL(base).pathname.replace(/\/$/, '')
  server.use(http.all(`${origin}/*`, async ({ request }) => {
    const exchange = exchanges[next++]
    const url = new URL(request.url)
    const came = { method: request.method, path: url.pathname.slice(prefix.length) + url.search, body: await request.text() }
    if (!exchange) {
      faults.push(`unexpected: ${came.method} ${came.path} ${came.body}`)
      return HttpResponse.error()
    }
    const { method, path, headers, body } = exchange.request
    const meant = { method, path, body: body === undefined || body === null ? '' : JSON.stringify(body) }
    if (JSON.stringify(came) !== JSON.stringify(meant)) faults.push(`request ${next}:\n  sent  ${JSON.stringify(came)}\n  meant ${JSON.stringify(meant)}`)
    for (const [name, value] of Object.entries(headers)) {
      if (request.headers.get(name) !== value) faults.push(`request ${next}: ${name} is ${request.headers.get(name)}, meant ${value}`)
    }
    const { response } = exchange
    return typeof response.body === 'string'
      ? new HttpResponse(response.body, { status: response.status, headers: { 'content-type': 'text/html', ...response.headers } })
      : HttpResponse.json(response.body as JsonBodyType, { status: response.status, headers: response.headers })
  }))
  return {
    done() {
      if (next < exchanges.length) faults.push(`only ${next} of ${exchanges.length} requests were made`)
      if (faults.length > 0) throw new Error(faults.join('\n'))
    },
  }
}
