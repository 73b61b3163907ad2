/** Many cancellations in one call: created at once, worked by the gateway, read page by page. */
import { type Ask, search, segment, visible } from './ask.ts'
import type { Batch, BatchItem, BatchRequest, Cancellation, CancelRequest } from './types.ts'

export interface Page<T> {
  data: T[]
  nextCursor: string | null
}

/** With `partial`: what was wrong with the items that were not taken. */
export interface TakenBatch extends Batch {
  refused?:
    | {
        row: number
        /** In a table: the line as a spreadsheet shows it. */
        line?: number | undefined
        column?: string | undefined
        pointer: string
        detail: string
      }[]
    | undefined
}

export interface CreateBatchOptions {
  /** For every item that does not say otherwise; not with CSV. */
  readonly defaults?: BatchRequest['defaults'] | undefined
  /** Take the good items although others are bad. */
  readonly partial?: boolean | undefined
  readonly idempotencyKey?: string | undefined
}

export interface ItemFilters {
  readonly status?: Cancellation['status'] | undefined
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

/** Every item of every page, read as they are wanted. */
export const eachOf = async function* <T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
  first?: string,
): AsyncGenerator<T, void, undefined> {
  for (let cursor = first; ;) {
    const { data, nextCursor } = await read(cursor)
    yield* data
    // Another server’s page has none at all.
    if (!nextCursor) return
    cursor = nextCursor
  }
}

export const createBatches = (ask: Ask) => {
  const pathOf = (id: string, rest = '') => `/v1/batches/${segment('id', id)}${rest}`
  const act = (name: string) => async (id: string) =>
    (await ask({ method: 'POST', path: pathOf(id, `/${name}`) })) as Batch
  const items = async (id: string, filters: ItemFilters = {}) =>
    (await ask({ method: 'GET', path: pathOf(id, `/items${search(filters)}`) })) as Page<BatchItem>

  return {
    /**
     * Items, or CSV whose first row names their fields. Resolves when everything is written down.
     */
    create: async (
      content: readonly CancelRequest[] | string,
      { defaults, partial = false, idempotencyKey = crypto.randomUUID() }: CreateBatchOptions = {},
    ): Promise<TakenBatch> => {
      if (typeof content === 'string' && defaults)
        throw new TypeError('defaults go with items, not with CSV')
      const headers = { 'idempotency-key': visible('idempotencyKey', idempotencyKey) }
      return (await ask(
        typeof content === 'string'
          ? {
              method: 'POST',
              path: `/v1/batches${search({ partial: partial || undefined })}`,
              headers: { ...headers, 'content-type': 'text/csv' },
              body: content,
            }
          : {
              method: 'POST',
              path: '/v1/batches',
              headers,
              body: JSON.stringify({ ...(defaults && { defaults }), items: content, partial }),
            },
      )) as TakenBatch
    },
    get: async (id: string) => (await ask({ method: 'GET', path: pathOf(id) })) as Batch,
    list: async (
      filters: { readonly cursor?: string | undefined; readonly limit?: number | undefined } = {},
    ) => (await ask({ method: 'GET', path: `/v1/batches${search(filters)}` })) as Page<Batch>,
    items,
    eachItem: (id: string, filters: ItemFilters = {}) =>
      eachOf((cursor) => items(id, { ...filters, cursor }), filters.cursor),
    /** The items as CSV, for people and spreadsheets. */
    csv: async (id: string, filters: ItemFilters = {}) =>
      (await ask({
        method: 'GET',
        path: pathOf(id, `/items${search(filters)}`),
        headers: { accept: 'text/csv' },
      })) as string,
    pause: act('pause'),
    resume: act('resume'),
    /** Withdraws what was not sent. */
    stop: act('stop'),
  }
}
