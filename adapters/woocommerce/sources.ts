/** Where it is written what WooCommerce does; nobody has run this adapter against a live shop. */

export const DOCS = 'https://woocommerce.github.io/woocommerce-rest-api-docs/'
export const UPDATE = `${DOCS}#update-an-order`
export const NOTES = `${DOCS}#create-an-order-note`
export const REFUND = `${DOCS}#create-a-refund`
export const ACCESS = `${DOCS}#authentication`

const source = (commit: string, file: string) => `woocommerce/woocommerce@${commit}, ${file}`
export const ORDER = source('00f8aacd', 'includes/class-wc-order.php')
export const CONTROLLER = source('0379e4ee', 'Version3/class-wc-rest-orders-controller.php')
export const CRUD = source('0059466f', 'Version3/class-wc-rest-crud-controller.php')
export const NOTE_CONTROLLER = source('51a62bf2', 'class-wc-rest-order-notes-v1-controller.php')
export const STOCK = source('066c5761', 'includes/wc-stock-functions.php')
export const MAILS = source(
  '0911046b',
  'includes/emails/class-wc-email-customer-cancelled-order.php',
)
export const ACCESS_CLASS = source('170a8939', 'includes/class-wc-rest-authentication.php')
export const WEBHOOK = source('00e1bc4d', 'includes/class-wc-webhook.php')
export const STORED = 'woocommerce/woocommerce, OrdersTableDataStore::persist_updates'
export const DATE_QUERY = 'WordPress/WordPress@000a1202, wp-includes/class-wp-date-query.php'
