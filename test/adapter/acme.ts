/**
 * A platform that does not exist, with one of everything, and a client of it whose transport
 * answers what a test says.
 */
import { z } from 'zod'
import { type ClientOptions, openClient } from '../../src/connection/client.ts'
import type { Connection } from '../../src/adapter/contract.ts'
import { CallFailure, type Failure } from '../../src/adapter/failure.ts'
import {
  type Call,
  type Capabilities,
  defineAdapter,
  type ErrorRule,
  path,
  secret,
} from '../../src/adapter/index.ts'
import { type Incoming, type Outgoing, TransportError } from '../../src/connection/transport.ts'

export const BASE = 'https://platform.example/prefix'
const RULES: readonly ErrorRule[] = [
  { status: 400, code: 'gone', means: 'already_canceled', source: '' },
  { status: 400, message: /shipped/, means: 'fulfilled', source: '' },
  { status: 400, means: 'refused', source: '' },
  { status: 429, means: 'not_processed', source: '' },
  { status: 503, code: 'paused', means: 'not_processed', source: '' },
]

const Settings = z.strictObject({ key: secret(), password: secret().optional() })
type Settings = z.infer<typeof Settings>

const adapter = defineAdapter<Settings>({
  id: 'acme',
  name: 'Acme',
  docs: BASE,
  settings: Settings,
  baseUrl: () => BASE,
  async authorize(connection, as, { method, url }) {
    if (as === 'signer') return { 'x-signed': `${method} ${url}` }
    if (as === 'user')
      return { authorization: `Bearer ${await connection.token('user', () => login(connection))}` }
    if (as === 'customer') return { authorization: `Bearer ${connection.customerToken ?? ''}` }
    return { authorization: `Basic ${btoa(`${connection.settings.key}:`)}`, 'x-version': '' }
  },
  capabilities: {} as Capabilities,
  repeat: { effect: 'refused', source: '' },
  errors: RULES,
  readError: (body) => ({
    code: (body as { code?: string }).code ?? null,
    message: (body as { message?: string }).message ?? null,
    retryAfterMs: (body as { waitMs?: number }).waitMs ?? null,
  }),
  pace: { perSecond: 1, burst: 1, source: '' },
  settleMs: 0,
  order: {
    look: () => {
      throw new Error('unused')
    },
    cancel: () => CANCEL,
  },
})

export const TOKEN_LIFE_MS = 1_000
const login = async (connection: Connection<Settings>) => ({
  token: (
    await connection.send({
      method: 'POST',
      path: path`/login`,
      as: 'none',
      body: { password: 'p4ssw0rd-p4ssw0rd' },
      reply: z.object({ token: z.string() }),
    })
  ).token,
  expiresInMs: TOKEN_LIFE_MS,
})

export const READ = {
  method: 'GET',
  path: path`/orders/${'1'}`,
  reply: z.object({ id: z.string() }),
} as const
export const CANCEL: Call<unknown> = {
  method: 'POST',
  path: path`/orders/${'1'}/cancel`,
  reply: z.object({ id: z.string() }),
}
export const OK = '{"id":"1"}'

export type Answer =
  | { status?: number; text?: string; headers?: Record<string, string>; unread?: 'unknown coding' }
  | TransportError

/** What went out since a test emptied it. */
export const sent: Outgoing[] = []

/** A client over a transport that answers from a list, then goes on with its last answer. */
export const clientWith = (
  answers: Answer | Answer[] | ((request: Outgoing) => Answer | Promise<Answer>),
  more: Partial<ClientOptions> = {},
  settings: Settings = { key: 'sk_live_0123456789' },
) => {
  const list = Array.isArray(answers) ? [...answers] : [answers]
  return openClient(adapter, settings, {
    callTimeoutMs: 1_000,
    async transport(request): Promise<Incoming> {
      sent.push(request)
      const next = list.length > 1 ? list.shift() : list[0]
      const answer = await (typeof next === 'function' ? next(request) : (next as Answer))
      if (answer instanceof TransportError) throw answer
      const { status = 200, text = OK, headers = {}, unread } = answer
      return {
        status,
        text,
        ...(unread && { unread }),
        headers: { get: (name) => headers[name] ?? null },
      }
    },
    ...more,
  })
}

export const failureOf = async (work: Promise<unknown>): Promise<Failure> => {
  const error = await work.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )
  if (!(error instanceof CallFailure)) throw error
  return error.failure
}

export const failing = (answer: Answer) =>
  failureOf(clientWith(answer).perform(CANCEL, () => false))
