/** Who acts on a Tryton: the store's settings, its session, and how a method is called. */
import { z } from 'zod'
import {
  type Call,
  common,
  type Connection,
  path,
  secret,
  standardWebhookSecrets,
} from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

export const Settings = z.strictObject({
  ...common,
  ...standardWebhookSecrets,
  baseUrl: common.baseUrl.unwrap(),
  database: z.string().regex(/^[\w.-]{1,63}$/, 'must be the name of the database'),
  /** A session is told as `login:user:session`. */
  username: z.string().regex(/^[^:\p{Cc}]{1,128}$/u, 'must have no colon'),
  password: secret(),
  /** Left out: the login's current company. The command line knows texts only. */
  company: z
    .union([
      z.int().positive(),
      z
        .string()
        .regex(/^[1-9]\d{0,8}$/)
        .transform(Number),
    ])
    .optional(),
})
export type Settings = z.infer<typeof Settings>

/** What every call of a client carries as its last parameter. */
export interface RpcContext {
  readonly company?: number
  readonly company_filter: 'one'
  readonly language: 'en'
}

/** A call of one method (JSON-RPC): these three members, and no others, make it one. */
export const rpc = <T>(
  { database }: Settings,
  method: string,
  params: readonly unknown[],
  reply: z.ZodType<T>,
): Call<T> => ({
  method: 'POST',
  path: path`/${database}/`,
  body: { id: 1, method, params },
  reply,
})

/** 30 days, `session.max_age` of the server; one that is over earlier answers 401. */
const SESSION_LIFE_MS = 2_592_000_000

const base64 = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))

const login = (connection: Connection<Settings>) =>
  connection.token('session', async () => {
    const { settings } = connection
    const { username, password } = settings
    const [user, session] = await connection.send({
      ...rpc(settings, 'common.db.login', [username, { password }, 'en'], wire.LoginReply),
      as: 'none',
    })
    return { token: base64(`${username}:${user}:${session}`), expiresInMs: SESSION_LIFE_MS }
  })

export const authorize = async (
  connection: Connection<Settings>,
): Promise<Record<string, string>> => ({ authorization: `Session ${await login(connection)}` })

/** So long a change of the login's current company may go unnoticed. */
const PREFERENCES_LIFE_MS = 3_600_000

const currentCompany = async (connection: Connection<Settings>): Promise<number | null> => {
  // Kept as a login's tokens are, and as JSON, so that no mere digit is taken for a secret.
  const kept = await connection.token('preferences', async () => {
    const { company } = await connection.send(
      rpc(connection.settings, 'model.res.user.get_preferences', [true, {}], wire.PreferencesReply),
    )
    return { token: JSON.stringify({ company }), expiresInMs: PREFERENCES_LIFE_MS }
  })
  return (JSON.parse(kept) as { company?: number | null }).company ?? null
}

export const contextOf = async (connection: Connection<Settings>): Promise<RpcContext> => {
  const company = connection.settings.company ?? (await currentCompany(connection))
  return { ...(company !== null && { company }), company_filter: 'one', language: 'en' }
}
