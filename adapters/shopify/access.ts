/** Who acts on a Shopify shop, on which version of its API, and how a document is sent there. */
import { z } from 'zod'
import {
  type Call,
  CallFailure,
  common,
  type Connection,
  failureOf,
  path,
  secret,
} from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

/** Every document of ours is valid in the schema of each of them, which a test shows. */
export const VERSIONS = ['2025-10', '2026-01', '2026-04', '2026-07', '2026-10'] as const
type Version = (typeof VERSIONS)[number]

/** A token that does not run out, or an app's own credentials, which get one for a day. */
export const Settings = z
  .strictObject({
    ...common,
    /** What stands before `.myshopify.com`. */
    shop: z
      .string()
      .regex(/^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i, 'must be what stands before .myshopify.com'),
    apiVersion: z.enum(VERSIONS),
    accessToken: secret().optional(),
    clientId: z.string().min(1).max(128).optional(),
    clientSecret: secret().optional(),
  })
  .refine(({ accessToken, clientId, clientSecret }) => {
    const app = [clientId, clientSecret]
    return accessToken ? !app.some(Boolean) : app.every(Boolean)
  }, 'needs accessToken, or clientId and clientSecret, and not both')
export type Settings = z.infer<typeof Settings>

/** From this version on a job tells how it ended (Shopify's changelog for 2026-10). */
export const hasJobResult = ({ apiVersion }: { readonly apiVersion: Version }): boolean =>
  apiVersion >= '2026-10'

const VERSION_HEADER = 'x-shopify-api-version'

/** Fails for a reply by a version that is not known here; one that names none is not told apart. */
const assertKnown = (version: string | null): void => {
  if (version === null || VERSIONS.some((one) => one === version)) return
  const name = /^[\w-]{1,20}$/.test(version) ? version : 'of another name'
  const { failure } = failureOf('doubt', `200 by version ${name}`)
  throw new CallFailure({
    ...failure,
    detail: `Shopify answered by a version of its API that is not known here: ${name}.`,
  })
}

/**
 * A reply of this shape, by a version that is known. What Shopify no longer serves it answers by
 * another version, without a word but this header (page "About Shopify API versioning"); each of
 * ours will do, for our documents mean the same in all.
 */
const versioned = <T>(shape: z.ZodType<T>): z.ZodType<T> =>
  z
    .object({ header: z.string().nullable(), body: z.unknown() })
    .transform(({ header, body }) => {
      assertKnown(header)
      return body
    })
    .pipe(shape)

export const graphql = <T>(
  { apiVersion }: Settings,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  reply: z.ZodType<T>,
): Call<T> => ({
  method: 'POST',
  path: path`/admin/api/${apiVersion}/graphql.json`,
  body: { query, variables },
  reply: versioned(reply),
  replyHeader: VERSION_HEADER,
})

/** A day, less the second that is gone (page "Using the client credentials grant": 86399). */
const TOKEN_LIFE_S = 86_399

const login = (connection: Connection<Settings>): Promise<string> =>
  connection.token('app', async () => {
    const { clientId, clientSecret } = connection.settings
    const { access_token: token, expires_in: seconds } = await connection.send({
      method: 'POST',
      path: path`/admin/oauth/access_token`,
      as: 'none',
      // As JSON, which Shopify's own library sends (@shopify/shopify-api 12.2.0); its page shows a
      // form.
      body: {
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'client_credentials',
      },
      reply: wire.TokenReply,
    })
    return { token, expiresInMs: (seconds && seconds > 0 ? seconds : TOKEN_LIFE_S) * 1_000 }
  })

export const authorize = async (
  connection: Connection<Settings>,
): Promise<Record<string, string>> => ({
  'x-shopify-access-token': connection.settings.accessToken ?? (await login(connection)),
})
