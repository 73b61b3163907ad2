/** What is claimed of Saleor here was read there: its source, its schema, its documentation. */

/** The ends of three release lines, in which what is cited reads the same (August 2026). */
const VERSIONS = 'Saleor 3.21.69, 3.22.67 and 3.23.28'

export const code = (file: string): string =>
  `${VERSIONS} (github.com/saleor/saleor), in saleor/: ${file}`

const DOCS = 'https://docs.saleor.io'
export const CANCEL = `${DOCS}/api-reference/orders/mutations/order-cancel`
export const STATUSES = `${DOCS}/developer/order/order-status`
export const ERRORS = `${DOCS}/api-usage/error-handling`
export const LIMITS = `${DOCS}/api-usage/usage-limits`
export const SIGNATURE = `${DOCS}/developer/extending/webhooks/payload-signature`
export const WEBHOOKS = `${DOCS}/developer/extending/webhooks/overview`
