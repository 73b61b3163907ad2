/** A sweep to its end, page by page, as the suite and platforms' own tests read it. */
import type { Changed, Changes, Sweep } from '../adapter/contract.ts'
import type { Store } from '../connection/store.ts'

/** More pages than any test's sandbox fills: beyond, one leads back to another. */
const MOST_PAGES = 50

export interface Swept {
  readonly pages: readonly Changes[]
  /** Of all pages, in their order. */
  readonly orders: readonly Changed[]
  /** The orders that may be canceled, by their ids. */
  readonly canceled: readonly string[]
}

export const sweepAll = async (
  { adapter, client }: Pick<Store, 'adapter' | 'client'>,
  time: { readonly since: number; readonly until: number },
): Promise<Swept> => {
  const { changed } = adapter.sweep as Sweep<unknown>
  const pages: Changes[] = []
  let cursor: string | null = null
  do {
    if (pages.length === MOST_PAGES) throw new Error('a sweep without an end')
    const page: Changes = await changed(client, { ...time, cursor })
    pages.push(page)
    cursor = page.next
  } while (cursor !== null)
  const orders = pages.flatMap((page) => page.orders)
  const canceled = orders.filter((order) => order.canceled !== false).map(({ id }) => id)
  return { pages, orders, canceled }
}
