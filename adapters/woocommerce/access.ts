/** Who acts on a WooCommerce: the store's settings, and how each request says so. */
import { z } from 'zod'
import {
  common,
  type Connection,
  oauthHeader,
  once,
  type RequestLine,
  secret,
} from '../../src/adapter/index.ts'
import { NEVER_CANCELED } from './map.ts'

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

/** Every parameter, as PHP reads them; a body is not signed, nor does WooCommerce ask. */
export const signed = ({ method, url }: RequestLine) => ({
  method,
  url,
  parameters: [...new URL(url).searchParams],
})

/** The key as it signs; WooCommerce's page asks to leave the version out. */
export const signer = (key: { readonly consumerKey: string; readonly consumerSecret: string }) => ({
  ...key,
  saysVersion: false,
})

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
    : await oauthHeader(signed(request), signer(settings), once()),
})
