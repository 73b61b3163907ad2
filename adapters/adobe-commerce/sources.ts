/** Where what is claimed of Adobe Commerce is written. No live store was called. */

export const DOCS = 'https://developer.adobe.com/commerce/webapi/rest'

/** Adobe publishes what the REST API takes and answers, by version; here 2.4.9 (August 2026). */
export const SCHEMA =
  'github.com/AdobeDocs/commerce-webapi@e2275b56, src/openapi/admin-schema-2.4.9.yaml'

/** Open source, of which Adobe Commerce is made. */
export const CODE = 'github.com/magento/magento2'

export const SERVICE = `${CODE}@df1517cd, Sales/Model/Service/OrderService.php`
export const ORDER = `${CODE}@be23f158, Sales/Model/Order.php`
export const ISSUES = 'github.com/magento/magento2/issues'
