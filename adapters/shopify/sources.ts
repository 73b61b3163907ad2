/** Where it stands what Shopify does: the pages and recordings that claims about it cite. */

export const CANCEL = 'https://shopify.dev/docs/api/admin-graphql/latest/mutations/orderCancel'
export const JOB_RESULT =
  'https://shopify.dev/docs/api/admin-graphql/2026-10/objects/OrderCancelJobResult'
export const ORDER = 'https://shopify.dev/docs/api/admin-graphql/latest/objects/Order'
export const ORDERS = 'https://shopify.dev/docs/api/admin-graphql/latest/queries/orders'
export const STATUS = 'https://shopify.dev/docs/api/usage/response-codes'
export const ERRORS = 'https://shopify.dev/docs/api/admin-graphql/latest#status-and-error-codes'
export const RATE = 'https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits'
export const LOGIN =
  'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant'
export const VERSIONING = 'https://shopify.dev/docs/api/usage/versioning'
export const WEBHOOKS = 'https://shopify.dev/docs/apps/build/webhooks/verify-deliveries'
/** The introspection of every version, 2025-10 to 2026-10. */
export const SCHEMA = 'the schemas in @shopify/dev-mcp 1.16.0'
/** Replies of a live development store, which a third party recorded and published. */
export const RECORDED =
  'recorded on a development store, 2026-05 to 2026-07 ' +
  '(github.com/airhorns/shopify-draft-proxy@1fba7c18, fixtures/conformance)'
