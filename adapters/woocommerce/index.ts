/**
 * WooCommerce: cancels orders over its REST API, `wc/v3` (3.5 and later). From its documentation
 * and its source, with replies of a live 10.7.0 that others published; no live shop was at hand.
 */
import { defineAdapter, path, type Platform, sameText } from '../../src/adapter/index.ts'
import { authorize, Settings } from './access.ts'
import { order } from './cancel.ts'
import { capabilities, repeat } from './capabilities.ts'
import { errors, readError } from './errors.ts'
import { toOrder } from './map.ts'
import { notices } from './notices.ts'
import { UPDATE } from './sources.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

export { Settings }

const ID = /^0*([1-9]\d{0,18})$/
/** The words of the imitation's orders. */
const WORD = /^[a-z]+(?:[-_][a-z\d]+)*$/

/** As many as it gives at once. */
const MOST_FOUND = 100

export const woocommerce = defineAdapter<Settings>({
  id: 'woocommerce',
  name: 'WooCommerce',
  docs: UPDATE,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  // Its routes take digits, and read 0018 as 18.
  canonicalId: (orderId) => (WORD.test(orderId) ? orderId : (ID.exec(orderId)?.[1] ?? null)),
  authorize,
  capabilities,
  repeat,
  errors,
  readError,
  pace: { perSecond: 4, burst: 8, source: 'self-hosted, no limit of its own; our default' },
  // Mails, plugins and payment providers are called before it answers, and PHP may go on when its
  // client has left; three times the 60 s after which servers before it usually give up.
  settleMs: 180_000,
  order,
  notices,
  sweep,
  mayReopen,
  // The older address: where orders have tables of their own, it leads on to their page.
  adminUrl: ({ baseUrl }, { id }) =>
    /^\d+$/.test(id) ? `${baseUrl}/wp-admin/post.php?post=${id}&action=edit` : null,
  /** The number is the id, where no plugin makes it another; a search looks for both. */
  async find(connection, number) {
    const bare = number.replace(/^#/, '')
    const rows = await connection.send({
      method: 'GET',
      path: path`/wp-json/wc/v3/orders`,
      query: { per_page: String(MOST_FOUND), search: bare },
      reply: wire.Orders,
    })
    return {
      orders: rows.map(toOrder).filter((one) => sameText(one.number?.replace(/^#/, ''), bare)),
      complete: rows.length < MOST_FOUND,
    }
  },
})

export default {
  adapter: woocommerce,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
