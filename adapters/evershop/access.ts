/** Who acts on an EverShop: the store's settings, and an administrator's token. */
import { z } from 'zod'
import {
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
  email: z
    .string()
    .regex(/^[^\s@]{1,64}@[^\s@]{1,190}$/, 'must be an administrator’s mail address'),
  password: secret(),
})
export type Settings = z.infer<typeof Settings>

/** 15 minutes (2.2.1, modules/auth); one that a shop made shorter answers 401, and is renewed. */
const TOKEN_LIFE_MS = 900_000

export const authorize = async (
  connection: Connection<Settings>,
): Promise<Record<string, string>> => {
  const token = await connection.token('administrator', async () => {
    const { email, password } = connection.settings
    const { data } = await connection.send({
      method: 'POST',
      path: path`/api/user/tokens`,
      body: { email, password },
      reply: wire.TokenReply,
      as: 'none',
    })
    return { token: data.accessToken, expiresInMs: TOKEN_LIFE_MS }
  })
  return { authorization: `Bearer ${token}` }
}
