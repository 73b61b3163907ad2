/** Where it stands what Shopware does: the pages, schema and source files that claims cite. */

export const DOCS =
  'https://developer.shopware.com/docs/guides/plugins/plugins/checkout/order/using-the-state-machine.html'
/** Published by Shopware, MIT; tests hold every exchange against it. */
export const SCHEMA = '@shopware/api-client 1.6.0, adminApiSchema.json (Shopware 6.7.10.1)'

const SHOPWARE = 'github.com/shopware/shopware, src/'
export const CONTROLLER = `${SHOPWARE}Core/Checkout/Order/Api/OrderActionController.php`
export const REGISTRY = `${SHOPWARE}Core/System/StateMachine/StateMachineRegistry.php`
export const EXCEPTIONS = `${SHOPWARE}Core/System/StateMachine/StateMachineException.php`
export const LOCKER = `${SHOPWARE}Core/System/StateMachine/StateMachineLocker.php`
export const STOCK = `${SHOPWARE}Core/Content/Product/Stock/OrderStockSubscriber.php`
export const ERRORS = `${SHOPWARE}Core/Framework/Api/EventListener/ErrorResponseFactory.php`
const LAYER = `${SHOPWARE}Core/Framework/DataAbstractionLayer`
export const TEXTS = `${LAYER}/FieldSerializer/LongTextFieldSerializer.php`
export const WEBHOOKS = `${SHOPWARE}Core/Framework/Webhook`
/** Every state could be canceled. */
export const FORCED = 'github.com/shopware/shopware/issues/3730'
/** Whoever wants a state names it. */
export const STATES = 'github.com/shopware/shopware/issues/3717'
/** The comment of a change of state. */
export const COMMENT = 'github.com/shopware/shopware/pull/13351'
/** Two changes at once, and the lock that ended it. */
export const RACE = 'github.com/shopware/shopware/issues/16183 and pull 16580'
/** A payment extension that voids or refunds on the order's cancel. */
export const EXTENSION = 'github.com/mollie/Shopware6/issues/756'
