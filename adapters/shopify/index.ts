/**
 * Shopify: cancels orders over the GraphQL Admin API, 2025-10 to 2026-10. From its schemas, its
 * documentation and recordings that others made; no live store was at hand.
 */
import { defineAdapter, type Platform, sameText } from '../../src/adapter/index.ts'
import { authorize, graphql, Settings } from './access.ts'
import { order, readOne } from './cancel.ts'
import { capabilities, repeat } from './capabilities.ts'
import { FIND } from './documents.ts'
import { errors, readError } from './errors.ts'
import { toOrder } from './map.ts'
import { notices } from './notices.ts'
import { CANCEL, RATE } from './sources.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

export { Settings }

/** Digits, alone or in a global id; and the words of the imitation's orders. */
const ID = /^(?:gid:\/\/shopify\/Order\/)?([1-9]\d{0,18}|[a-z]+(?:[-_][a-z\d]+)*)$/

/** In the text of a search: a quote would end it. */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

export const shopify = defineAdapter<Settings>({
  id: 'shopify',
  name: 'Shopify',
  docs: CANCEL,
  settings: Settings,
  baseUrl: ({ baseUrl, shop }) => baseUrl ?? `https://${shop.toLowerCase()}.myshopify.com`,
  merchant: ({ shop }) => shop.toLowerCase(),
  canonicalId: (orderId) => ID.exec(orderId)?.[1] ?? null,
  authorize,
  capabilities,
  repeat,
  errors,
  readError,
  // An order costs far less than the 100 points a second of the smallest plan, a cancel ten.
  pace: {
    perSecond: 4,
    burst: 20,
    source: `${RATE}: 100 points a second and store at least, which four cancels and looks fit in`,
  },
  // Nobody says how long a job may take; recorded ones took a second. Should one take longer, a
  // second cancel is turned away until it is over (recorded), so that it does no harm.
  settleMs: 180_000,
  order,
  notices,
  sweep,
  mayReopen,
  adminUrl: ({ shop }, { id }) =>
    /^\d+$/.test(id) ? `https://admin.shopify.com/store/${shop.toLowerCase()}/orders/${id}` : null,
  /** By the order's name, which several may share; a search, which may be behind. */
  async find(connection, number) {
    const { data } = await connection.send(
      graphql(connection.settings, FIND, { query: `name:${quoted(number)}` }, wire.FoundReply),
    )
    const { nodes, pageInfo } = data.orders
    const named = nodes.filter(({ name }) => sameText(name, number) || sameText(name, `#${number}`))
    const found = await Promise.all(named.map(({ id }) => readOne(connection, id)))
    return {
      orders: found.map(({ order: one }) => toOrder(one)),
      complete: !pageInfo.hasNextPage && named.length === nodes.length,
    }
  },
})

export default {
  adapter: shopify,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
