/** Where what is said of commercetools stands, by the names that the other files use. */

export const ORDERS = 'https://docs.commercetools.com/api/projects/orders'
export const ERRORS = 'https://docs.commercetools.com/api/errors'
export const AUTHORIZATION = 'https://docs.commercetools.com/api/authorization'
export const CONCEPTS = 'https://docs.commercetools.com/api/general-concepts'
export const SUBSCRIPTIONS = 'https://docs.commercetools.com/api/projects/subscriptions'
/** The published types, and the notes on them. */
export const TYPES = '@commercetools/platform-sdk 9.5.0, types'
/** An imitation that is not ours, and not commercetools; `recordings/` holds what it answered. */
export const MOCK = 'recorded on @labdigital/commercetools-mock 4.4.0 (an imitation), 2026-11-29'
