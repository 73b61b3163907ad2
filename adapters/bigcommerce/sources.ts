/** Where it stands what BigCommerce does: the pages and recordings that claims about it cite. */

const DOCS = 'https://developer.bigcommerce.com/docs'

/** About a change of status, what is calculated anew, and tax documents. */
export const ORDERS = `${DOCS}/store-operations/orders`
/** GET, PUT and the list, with every parameter. */
export const REFERENCE = `${DOCS}/rest-management/orders`
export const STATUSES = `${DOCS}/rest-management/orders/order-status`
export const PAYMENTS = `${DOCS}/rest-management/transactions/payment-actions`
export const INVENTORY = `${DOCS}/rest-management/settings/inventory`
export const ERRORS = `${DOCS}/start/about/status-codes`
export const HEADERS = `${DOCS}/start/about#response-headers`
export const RATE = `${DOCS}/api-docs/getting-started/api-rate-limits`
export const SCOPES = `${DOCS}/start/authentication/api-accounts`
export const WEBHOOKS = `${DOCS}/integrations/webhooks/https-webhook-overview`
export const EVENTS = `${DOCS}/integrations/webhooks/events#orders`
export const MAILS = 'https://support.bigcommerce.com/s/article/Customer-Order-Notifications'
/** The pages above and the OpenAPI documents, as published. */
export const OPENAPI = 'github.com/bigcommerce/docs@24f580ca, reference/orders.v2.oas2.yml'
/** A PUT of `staff_notes` on a live store, which a third party recorded and published. */
export const RECORDED =
  'recorded on a live store, 2026-06-18 (github.com/NangoHQ/integration-templates@4df475df, ' +
  'integrations/bigcommerce/tests/update-order.test.json)'
