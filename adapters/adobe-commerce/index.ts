/**
 * Adobe Commerce and Magento Open Source, 2.3 and 2.4: cancels orders over the REST API. From its
 * published schema and its source; no live store was called.
 */
import { defineAdapter, path, type Platform, sameText } from '../../src/adapter/index.ts'
import { authorize, inStore, Settings } from './access.ts'
import { order } from './cancel.ts'
import { capabilities, repeat } from './capabilities.ts'
import { errors, readError } from './errors.ts'
import { toOrder } from './map.ts'
import { notices } from './notices.ts'
import { criteria } from './search.ts'
import { DOCS } from './sources.ts'
import { sweep } from './sweep.ts'
import * as wire from './wire.ts'

export { Settings }

/** The largest id: an unsigned integer of MySQL. */
const LARGEST = 4_294_967_295
/** Those of the imitation's orders. */
const WORD = /^[a-z]+(?:[-_][a-z\d]+)*$/

/** What begins with 0 is a number that people see: `000000089` is not the order 89. */
const canonicalId = (orderId: string): string | null => {
  if (WORD.test(orderId)) return orderId
  return /^[1-9]\d{0,9}$/.test(orderId) && Number(orderId) <= LARGEST ? orderId : null
}

/** A number is unique in a store view; more than these are not looked through. */
const MOST_FOUND = 20

export const adobeCommerce = defineAdapter<Settings>({
  id: 'adobe-commerce',
  name: 'Adobe Commerce, Magento',
  docs: `${DOCS}/quick-reference`,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  canonicalId,
  authorize,
  capabilities,
  repeat,
  errors,
  readError,
  pace: {
    perSecond: 10,
    burst: 20,
    source:
      'https://developer.adobe.com/commerce/webapi/get-started/rate-limiting: none for orders; ' +
      'our default',
  },
  // PHP goes on after its client has left, and the payment provider is asked within the call; no
  // page bounds it. Three times the 60 s after which gateways usually give up.
  settleMs: 180_000,
  order,
  notices,
  sweep,
  async find(connection, number) {
    const page = await connection.send({
      method: 'GET',
      path: inStore(connection.settings, path`/V1/orders`),
      query: criteria([[{ field: 'increment_id', value: number, condition: 'eq' }]], MOST_FOUND),
      reply: wire.FoundReply,
    })
    const found = page.items.filter((one) => sameText(one.increment_id, number))
    return {
      orders: found.slice(0, MOST_FOUND).map(toOrder),
      complete: page.total_count === found.length,
    }
  },
})

export default {
  adapter: adobeCommerce,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
