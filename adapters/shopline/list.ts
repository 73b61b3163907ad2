/** SHOPLINE's one way to read orders, "Get orders", for a look, a number and a sweep. */
import type { z } from 'zod'
import { CallFailure, type Connection, path } from '../../src/adapter/index.ts'

/** Demanded on the pages of both calls, charset included. */
export const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' }

/**
 * Asked for 100, the page's most, a list may still be one of 20 (recorded; the page says 50), and
 * what follows is named in a header only.
 */
export const SHORTEST_PAGE = 20

/** Archived orders, `hidden`, are listed apart. */
export const list = async <T>(
  connection: Connection<{ readonly apiVersion: string }>,
  { status = 'any', ...filter }: Readonly<Record<string, string>>,
  hidden: boolean,
  reply: z.ZodType<T>,
): Promise<T> => {
  try {
    return await connection.send({
      method: 'GET',
      path: path`/admin/openapi/${connection.settings.apiVersion}/orders.json`,
      headers: JSON_HEADERS,
      reply,
      query: { ...filter, status, ...(hidden && { hidden_order: 'true' }) },
    })
  } catch (error) {
    if (!(error instanceof CallFailure) || error.failure.code !== 'order-not-found') throw error
    // An order that does not exist is an empty list; it is the list that was not found.
    throw new CallFailure({
      ...error.failure,
      kind: 'doubt',
      code: 'platform-unavailable',
      detail: 'The platform has no such list of orders; check the store’s shop and apiVersion.',
    })
  }
}
