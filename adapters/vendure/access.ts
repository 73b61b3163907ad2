/** Who acts on a Vendure: the store's settings, its login, and how an operation is sent. */
import { z } from 'zod'
import {
  type Call,
  common,
  type Connection,
  path,
  secret,
  standardWebhookSecrets,
} from '../../src/adapter/index.ts'
import * as queries from './queries.ts'
import * as wire from './wire.ts'

export const Settings = z
  .strictObject({
    ...common,
    ...standardWebhookSecrets,
    baseUrl: common.baseUrl.unwrap(),
    /** Where the server has its Admin API (its `apiOptions.adminApiPath`). */
    adminApiPath: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .default('admin-api'),
    apiKey: secret().optional(),
    username: z.string().min(1).max(255).optional(),
    password: secret().optional(),
    /** The token of a channel; left out: the default channel, which sees every order. */
    channel: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/)
      .optional(),
    /** Where the merchant has the dashboard: `https://shop.example.com/dashboard`. */
    dashboardUrl: common.baseUrl,
    /** Whether the buyer owes no shipping any more: Vendure's own default leaves it charged. */
    cancelShipping: z.boolean().default(true),
    /** Orders with a fulfillment: Vendure counts goods as on hand that may have left. */
    fulfilled: z.enum(['refuse', 'accept']).default('refuse'),
    /** Orders split among sellers: the other part stays as it is. */
    split: z.enum(['refuse', 'accept']).default('refuse'),
    /** The places of an amount: the server's one precision, or those of each currency. */
    amounts: z.enum(['precision', 'currency']).default('precision'),
  })
  .refine(
    ({ apiKey, username, password }) => apiKey || (username && password),
    'needs apiKey, or username and password',
  )
export type Settings = z.infer<typeof Settings>

export const operation = <T>(
  { adminApiPath }: Settings,
  query: string,
  variables: object,
  reply: z.ZodType<T>,
): Call<T> => ({ method: 'POST', path: path`/${adminApiPath}`, body: { query, variables }, reply })

/** A year is a server's default (`authOptions.sessionDuration`); a shorter one is found out. */
const SESSION_LIFE_MS = 86_400_000

const login = (connection: Connection<Settings>) =>
  connection.token('session', async () => {
    const { settings } = connection
    const { username, password } = settings
    const token = await connection.send({
      ...operation(settings, queries.LOGIN, { username, password }, wire.LoginReply),
      replyHeader: wire.TOKEN_HEADER,
      as: 'none',
    })
    return { token, expiresInMs: SESSION_LIFE_MS }
  })

export const authorize = async (
  connection: Connection<Settings>,
): Promise<Record<string, string>> => {
  const { apiKey, channel } = connection.settings
  return {
    ...(apiKey
      ? { 'vendure-api-key': apiKey }
      : { authorization: `Bearer ${await login(connection)}` }),
    ...(channel && { 'vendure-token': channel }),
  }
}
