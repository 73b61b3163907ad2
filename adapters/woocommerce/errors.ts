/** What WooCommerce's errors mean. Their messages are translated, so that codes alone decide. */
import type { ErrorRule, Said } from '../../src/adapter/index.ts'
import { ACCESS_CLASS, CRUD, DOCS, NOTE_CONTROLLER } from './sources.ts'
import * as wire from './wire.ts'

/** Of somebody who is not known it is 401, of a user without the right 403. */
const noRight = (code: string): readonly ErrorRule[] =>
  [401, 403].map((status) => ({
    status,
    code,
    means: 'credentials' as const,
    source: `${CRUD}: rest_authorization_required_code, 401 or 403; also where the key is unknown`,
  }))

/** A read answers 404 and a write 400, for the same. */
const missing = (code: string, source: string): readonly ErrorRule[] =>
  [400, 404].map((status) => ({ status, code, means: 'order_not_found' as const, source }))

export const errors: readonly ErrorRule[] = [
  {
    status: 401,
    code: 'woocommerce_rest_authentication_error',
    means: 'credentials',
    source: `${ACCESS_CLASS}: a wrong key, secret, signature or clock, or a key that may not write`,
  },
  {
    status: 401,
    code: 'woocommerce_rest_authentication_missing_parameter',
    means: 'credentials',
    source: `${ACCESS_CLASS}: get_oauth_parameters`,
  },
  ...noRight('woocommerce_rest_cannot_view'),
  ...noRight('woocommerce_rest_cannot_edit'),
  ...missing('woocommerce_rest_shop_order_invalid_id', `${CRUD}: get_item and update_item`),
  ...missing('woocommerce_rest_order_invalid_id', `${NOTE_CONTROLLER}: create_item`),
  {
    status: 404,
    code: 'rest_no_route',
    means: 'credentials',
    source: `${DOCS}#errors: no such route; the address has no WooCommerce, or plain permalinks`,
  },
]

export const readError = (body: unknown): Said => {
  const { code = null, message = null } = wire.ErrorReply.safeParse(body).data ?? {}
  return { code, message }
}
