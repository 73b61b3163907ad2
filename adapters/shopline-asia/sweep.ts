/** Lists what was canceled in a SHOPLINE Asia shop: by the time of the cancel itself. */
import {
  type Adapter,
  otherThanAsked,
  path,
  type Sweep,
  wholeSeconds,
  within,
} from '../../src/adapter/index.ts'
import { isCanceled } from './map.ts'
import { PAGE, SHORTEST_PAGE } from './search.ts'
import * as wire from './wire.ts'

const PAGES = 'https://open-api.docs.shoplineapp.com'
const SDK =
  'github.com/HsOjo/shopline-sdk-python@a51d5c9, shopline_sdk/apis/orders/search_orders.py'

/** In UTC, without saying so. */
const written = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

export const sweep: Sweep<unknown> = {
  async changed(connection, { since, until, cursor }) {
    const time = wholeSeconds({ since, until })
    const { items } = await connection.send({
      method: 'GET',
      path: path`/v1/orders/search`,
      query: {
        status: 'cancelled',
        cancelled_after: written(time.since),
        cancelled_before: written(time.until),
        per_page: String(PAGE),
        ...(cursor !== null && { previous_id: cursor }),
      },
      reply: wire.ChangesReply,
    })
    if (items.some(({ id }) => id === cursor)) throw otherThanAsked('the same page again')
    const orders = within(
      items.map((item) => ({
        id: item.id,
        canceled: isCanceled(item),
        changedAt: item.updated_at,
      })),
      // The order does not show when it was canceled, and may have changed again since.
      { since: time.since, until: Infinity },
    )
    return {
      orders: orders.map((order) => ({
        ...order,
        changedAt: Math.min(Math.max(order.changedAt, since), until),
      })),
      next: items.length < SHORTEST_PAGE ? null : (items.at(-1)?.id ?? null),
    }
  },
  inOrder: false,
  // How late a search may be is not documented.
  overlapMs: 900_000,
  source:
    `${PAGES}, page Search Orders, as generated in ${SDK}: status, cancelled_after and ` +
    'cancelled_before, both inclusive and in UTC, previous_id; how late a search is, and how ' +
    'these times may be written, nobody has shown',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'unknown',
  source:
    `${PAGES}/docs/update-order-status lets an order be pending or confirmed again and bars ` +
    'completed ones alone; whether it takes a canceled one, nobody has shown',
}
