/** Where it stands what Wix does: the pages that claims about it cite. */

export const CANCEL =
  'https://dev.wix.com/docs/rest/api-reference/wix-e-commerce/orders/cancel-order'
/** The same method with its example: a canceled order, restocked, with its payment untouched. */
export const EXAMPLE =
  'https://dev.wix.com/docs/rest/business-solutions/e-commerce/orders/cancel-order'
export const GET = 'https://dev.wix.com/docs/sdk/backend-modules/ecom/orders/get-order'
export const ACTIVITIES =
  'https://dev.wix.com/docs/api-reference/business-solutions/e-commerce/orders/orders/add-activities'
export const ERRORS = 'https://dev.wix.com/docs/rest/articles/getting-started/errors'
export const DASHBOARD =
  'https://support.wix.com/en/article/wix-stores-canceling-and-refunding-orders'
export const TYPES = 'types of @wix/ecom 1.0.2509'
export const WEBHOOKS =
  'https://dev.wix.com/docs/build-apps/develop-your-app/api-integrations/events-and-webhooks/about-webhooks'
export const SEARCH =
  'https://dev.wix.com/docs/rest/business-solutions/e-commerce/orders/supported-filters-and-sorting'
export const CONSISTENCY =
  'https://dev.wix.com/docs/rest/articles/get-started/search-query-and-list-methods'
export const FINAL =
  'https://support.wix.com/en/article/canceling-and-refunding-wix-stores-orders-in-the-wix-mobile-app'
