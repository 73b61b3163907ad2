/** Who acts on a WooCommerce: the store's settings, and how each request says so. */
import { z } from 'zod'
import { common, type Connection, type RequestLine, secret } from '../../src/adapter/index.ts'
import { NEVER_CANCELED } from './map.ts'
import { oauthHeader } from './oauth.ts'

export const Settings = z.strictObject({
  ...common,
  /** The site's own address, as WordPress has it: signatures are over that. */
  baseUrl: common.baseUrl.unwrap(),
  consumerKey: secret(),
  consumerSecret: secret(),
  /** The statuses that this store cancels; WooCommerce itself would take every one. */
  cancelable: z
    .array(
      z
        .string()
        .regex(/^[a-z\d][a-z\d_-]{0,63}$/, 'must be a status as the API has it, without “wc-”')
        .refine((word) => !NEVER_CANCELED.has(word), 'is not to be canceled'),
    )
    .default(['pending', 'processing', 'on-hold', 'failed']),
})
export type Settings = z.infer<typeof Settings>

/**
 * Basic is taken over TLS alone, and what is signed without (class-wc-rest-authentication.php).
 */
export const authorize = async (
  { settings }: Connection<Settings>,
  _: string | undefined,
  request: RequestLine,
): Promise<Record<string, string>> => ({
  authorization: request.url.startsWith('https:')
    ? `Basic ${btoa(`${settings.consumerKey}:${settings.consumerSecret}`)}`
    : await oauthHeader(request, settings, {
        nonce: crypto.randomUUID().replaceAll('-', ''),
        timestamp: Math.floor(Date.now() / 1_000),
      }),
})
