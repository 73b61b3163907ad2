/** Who acts on an Adobe Commerce: the store's settings, how a request is signed, its addresses. */
import { z } from 'zod'
import {
  common,
  type Connection,
  oauthHeader,
  once,
  path,
  type Path,
  type RequestLine,
  secret,
  standardWebhookSecrets,
} from '../../src/adapter/index.ts'

/** A token that is sent as it is, or the four secrets of an integration, which sign. */
export const Settings = z
  .strictObject({
    ...common,
    ...standardWebhookSecrets,
    baseUrl: common.baseUrl.unwrap(),
    /** The store view that a call is made in; left out: the default one. */
    storeCode: z
      .string()
      .regex(/^[a-z]\w{0,31}$/i, 'must be the code of a store view')
      .optional(),
    token: secret().optional(),
    consumerKey: secret().optional(),
    consumerSecret: secret().optional(),
    accessToken: secret().optional(),
    accessTokenSecret: secret().optional(),
    /** Magento cancels what was shipped and not invoiced, whose goods stay out. */
    shipped: z.enum(['refuse', 'cancel']).default('refuse'),
  })
  .refine(({ token, consumerKey, consumerSecret, accessToken, accessTokenSecret }) => {
    const signing = [consumerKey, consumerSecret, accessToken, accessTokenSecret]
    return token ? !signing.some(Boolean) : signing.every(Boolean)
  }, 'needs token, or consumerKey, consumerSecret, accessToken and accessTokenSecret, and not both')
export type Settings = z.infer<typeof Settings>

/**
 * The query as Magento reads it to check a signature: a `+` stays one, though the same query means
 * a space to the search (Framework/Oauth/Helper/Request.php: rawurldecode).
 */
const parametersOf = (url: string): [string, string][] =>
  new URL(url).search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair.split('=').map(decodeURIComponent)
      return [name, value]
    })

export const authorize = async (
  { settings }: Connection<Settings>,
  _: string | undefined,
  { method, url }: RequestLine,
): Promise<Record<string, string>> => {
  const { token, consumerKey, consumerSecret, accessToken, accessTokenSecret } = settings
  if (token !== undefined) return { authorization: `Bearer ${token}` }
  const credentials = {
    consumerKey: consumerKey ?? '',
    consumerSecret: consumerSecret ?? '',
    token: accessToken,
    tokenSecret: accessTokenSecret,
    saysVersion: true,
  }
  const request = { method, url, parameters: parametersOf(url) }
  return { authorization: await oauthHeader(request, credentials, once()) }
}

/** `/rest/V1/orders…`, or in a store view `/rest/{code}/V1/orders…`. */
export const inStore = ({ storeCode }: Settings, rest: Path): Path =>
  (storeCode === undefined ? `/rest${rest}` : `${path`/rest/${storeCode}`}${rest}`) as Path
