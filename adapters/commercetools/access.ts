/** Who acts on a commercetools project: the store's settings, its hosts, its login. */
import { z } from 'zod'
import {
  common,
  type Connection,
  isSafeBase,
  path,
  secret,
  standardWebhookSecrets,
} from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

const isSafe = (base: string | undefined, allowHttp: boolean): boolean =>
  base === undefined || isSafeBase(base, allowHttp)

export const Settings = z
  .strictObject({
    ...common,
    ...standardWebhookSecrets,
    /** As it stands in the hosts' names: `europe-west1.gcp`. */
    region: z
      .string()
      .regex(/^[a-z\d]+(?:-[a-z\d]+)*\.[a-z]+$/, 'must be as in the host, as europe-west1.gcp')
      .max(63)
      .optional(),
    /** Where tokens are had, if neither the region's host nor `baseUrl`. */
    authUrl: common.baseUrl,
    projectKey: z.string().regex(/^[a-z\d_-]{2,36}$/, 'must be the key of the project'),
    clientId: z.string().regex(/^[\x21-\x39\x3b-\x7e]{1,128}$/, 'must be visible ASCII, no colon'),
    clientSecret: secret(),
    /** The custom field of orders that the reason is kept in, and the key of its type. */
    reasonField: z
      .string()
      .regex(/^[\w-]{2,36}$/, 'must be the name of a custom field')
      .optional(),
    reasonType: z
      .string()
      .regex(/^[\w-]{2,256}$/, 'must be the key of a type')
      .optional(),
    /** The key of the state that means canceled, where the project has states of its own. */
    cancelState: z
      .string()
      .regex(/^[\w-]{2,256}$/, 'must be the key of a state')
      .optional(),
    /** Orders whose goods may have left, or that are complete: nothing there stops a cancel. */
    fulfilled: z.enum(['refuse', 'accept']).default('refuse'),
  })
  .refine(({ region, baseUrl }) => region ?? baseUrl, 'needs region, or baseUrl')
  .refine(
    ({ reasonField, reasonType }) => (reasonField === undefined) === (reasonType === undefined),
    { path: ['reasonField'], error: 'needs reasonType too, or neither' },
  )
  .refine(({ authUrl, allowHttp }) => isSafe(authUrl, allowHttp), {
    path: ['authUrl'],
    error: 'http is for loopback only; use https, or "allowHttp": true on a private network',
  })
export type Settings = z.infer<typeof Settings>

export const apiBase = ({ baseUrl, region }: Settings): string =>
  baseUrl ?? `https://api.${region ?? ''}.commercetools.com`

const authBase = ({ authUrl, baseUrl, region }: Settings): string =>
  authUrl ?? baseUrl ?? `https://auth.${region ?? ''}.commercetools.com`

/** Both are ASCII, as the settings demand. */
const basic = ({ clientId, clientSecret }: Settings): string =>
  `Basic ${btoa(`${clientId}:${clientSecret}`)}`

const login = (connection: Connection<Settings>) =>
  connection.token('client', async () => {
    const { settings } = connection
    const { access_token: token, expires_in: seconds } = await connection.send({
      method: 'POST',
      base: authBase(settings),
      path: path`/oauth/token`,
      as: 'none',
      headers: { authorization: basic(settings) },
      // Without a scope the token has every scope of the API client, and so what its owner gave it.
      form: { grant_type: 'client_credentials' },
      reply: wire.TokenReply,
    })
    return { token, expiresInMs: seconds * 1_000 }
  })

export const authorize = async (
  connection: Connection<Settings>,
): Promise<Record<string, string>> => ({ authorization: `Bearer ${await login(connection)}` })

/**
 * References whose objects come along: the payments, and where the settings need them the type of
 * the custom fields and the state. What the API client may not see comes as a mere reference.
 */
export const expand = ({ reasonField, cancelState }: Settings): readonly string[] => [
  'paymentInfo.payments[*]',
  ...(reasonField === undefined ? [] : ['custom.type']),
  ...(cancelState === undefined ? [] : ['state']),
]
