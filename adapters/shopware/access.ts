/** Who acts on a Shopware shop, as an integration, and which version of it answers. */
import { z } from 'zod'
import { common, type Connection, path, secret } from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

export const Settings = z.strictObject({
  ...common,
  baseUrl: common.baseUrl.unwrap(),
  accessKeyId: z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be the access key’s id'),
  secretAccessKey: secret(),
  /** What a second cancel does depends on it. Left out: what does harm is held to be possible. */
  version: z.enum(['6.5', '6.6', '6.7']).optional(),
  /** An app’s webhooks name their shop by it. */
  shopId: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'must be the id by which webhooks name the shop')
    .optional(),
})
export type Settings = z.infer<typeof Settings>

/** `shopware.api.access_token_ttl` is ten minutes unless a shop says otherwise. */
const TOKEN_LIFE_S = 600

const login = (connection: Connection<Settings>): Promise<string> =>
  connection.token('integration', async () => {
    const { accessKeyId, secretAccessKey } = connection.settings
    const { access_token: token, expires_in: seconds } = await connection.send({
      method: 'POST',
      path: path`/api/oauth/token`,
      as: 'none',
      body: {
        grant_type: 'client_credentials',
        client_id: accessKeyId,
        client_secret: secretAccessKey,
      },
      reply: wire.TokenReply,
    })
    return { token, expiresInMs: (seconds && seconds > 0 ? seconds : TOKEN_LIFE_S) * 1_000 }
  })

export const authorize = async (
  connection: Connection<Settings>,
): Promise<Record<string, string>> => ({ authorization: `Bearer ${await login(connection)}` })

/** So long an update of the shop may go unnoticed. */
const VERSION_LIFE_MS = 600_000

/** What the shop says of itself, `6.7.10.1`; null: nothing that can be read. */
export const versionOf = async (connection: Connection<Settings>): Promise<string | null> => {
  // Kept as a login's tokens are, and as JSON, so that no mere number is taken for a secret.
  const kept = await connection.token('version', async () => {
    const { version } = await connection.send({
      method: 'GET',
      path: path`/api/_info/version`,
      reply: wire.VersionReply,
    })
    return { token: JSON.stringify({ version }), expiresInMs: VERSION_LIFE_MS }
  })
  return (JSON.parse(kept) as { version?: string | null }).version ?? null
}

/** Whether a version is this one or a later one; null: it cannot be told. */
export const isFrom = (version: string | null, ...than: readonly number[]): boolean | null => {
  if (version === null || !/^v?\d{1,9}(?:\.\d{1,9}){1,3}/.test(version)) return null
  const parts = version.replace('v', '').split('.').map(Number.parseFloat)
  const at = than.findIndex((part, index) => part !== (parts[index] ?? 0))
  return at < 0 || (parts[at] ?? 0) > (than[at] as number)
}
