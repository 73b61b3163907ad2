/** Links: which orders of which stores are one sale, and how they stand. */
import { type Ask, search, segment } from './ask.ts'
import { eachOf, type Page } from './batches.ts'
import type { Link, LinkRequest } from './types.ts'

export interface LinkFilters {
  readonly store?: string | undefined
  readonly orderId?: string | undefined
  readonly status?: Link['status'] | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export const createLinks = (ask: Ask) => {
  const pathOf = (name: string) => `/v1/links/${segment('name', name)}`
  const list = async (filters: LinkFilters = {}) =>
    (await ask({ method: 'GET', path: `/v1/links${search(filters)}` })) as Page<Link>
  return {
    /** Says which orders are one sale; the same once more changes nothing. */
    put: async (name: string, link: LinkRequest) =>
      (await ask({ method: 'PUT', path: pathOf(name), body: JSON.stringify(link) })) as Link,
    get: async (name: string) => (await ask({ method: 'GET', path: pathOf(name) })) as Link,
    list,
    /** Every link that the filters let through, page after page. */
    each: (filters: LinkFilters = {}) =>
      eachOf((cursor) => list({ ...filters, cursor }), filters.cursor),
    /**
     * Forgets that its orders are one sale; cancels nothing. Not tried again by itself: a second
     * one would not find it.
     */
    delete: async (name: string): Promise<void> => {
      await ask({ method: 'DELETE', path: pathOf(name), once: true })
    },
  }
}
