/**
 * Shopware 6: cancels orders over its Admin API, by the transition `cancel` of the order's state
 * and of nothing else. From its published schema and its source; no shop was at hand.
 */
import { defineAdapter, path, type Platform, sameText } from '../../src/adapter/index.ts'
import { authorize, Settings } from './access.ts'
import { ASSOCIATIONS, order } from './cancel.ts'
import { capabilities, narrow, repeat } from './capabilities.ts'
import { errors, readError } from './errors.ts'
import { toOrder } from './map.ts'
import { notices } from './notices.ts'
import { DOCS } from './sources.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

export { Settings }

const HEX = /^[\da-f]{32}$/
const DASHED = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
/** The imitation's orders have words for ids. */
const WORD = /^[a-z]{1,20}(?:[-_][a-z\d]{1,20}){0,5}$/

/** More orders of one number than these are not looked through. */
const MOST_FOUND = 2

export const shopware = defineAdapter<Settings>({
  id: 'shopware',
  name: 'Shopware',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  // A UUID without dashes in lower case, which is all that Shopware takes (Framework/Uuid).
  canonicalId(orderId) {
    const lower = orderId.toLowerCase()
    if (HEX.test(lower)) return lower
    if (DASHED.test(lower)) return lower.replaceAll('-', '')
    return WORD.test(orderId) ? orderId : null
  },
  authorize,
  capabilities,
  narrow,
  repeat,
  errors,
  readError,
  pace: {
    perSecond: 2,
    burst: 10,
    source:
      'these routes have no limit of their own; many changes of state at once fail each other ' +
      '(github.com/shopware/shopware/issues/19708), so this is our own',
  },
  // A proxy may give up long before PHP does. Shopware's own nginx lets a request take so long
  // (https://developer.shopware.com/docs/resources/references/config-reference/server/nginx.html).
  settleMs: 300_000,
  order,
  notices,
  sweep,
  mayReopen,
  adminUrl: ({ baseUrl }, { id }) => `${baseUrl}/admin#/sw/order/detail/${encodeURIComponent(id)}`,
  /** A number range gives each number once, and nothing in the database says so. */
  async find(connection, number) {
    const { data } = await connection.send({
      method: 'POST',
      path: path`/api/search/order`,
      body: {
        limit: MOST_FOUND + 1,
        filter: [{ type: 'equals', field: 'orderNumber', value: number }],
        associations: ASSOCIATIONS,
      },
      reply: wire.OrdersReply,
    })
    const found = data.filter(({ orderNumber }) => sameText(orderNumber, number))
    return {
      orders: found.slice(0, MOST_FOUND).map((one) => toOrder(one, null)),
      complete: data.length <= MOST_FOUND && found.length === data.length,
    }
  },
})

export default {
  adapter: shopware,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
