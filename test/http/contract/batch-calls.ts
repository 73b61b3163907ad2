/** Who sends batches in the contract, and how they are sent, awaited and read. */
import { type Client, until } from '../host.ts'

export const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
  { name: 'shop', key: 'rsk_shop', scopes: ['cancel', 'read'], stores: ['rome'] },
  { name: 'eyes', key: 'rsk_eyes', scopes: ['read'], stores: ['paris'] },
] as const
export const csv = { 'content-type': 'text/csv' }
export const orders = (name: string, count: number, store?: string) =>
  Array.from({ length: count }, (_, index) => ({
    ...(store && { store }),
    orderId: `order_paid-${name}${index}`,
  }))

export const send = (
  ask: Client,
  body: object | string,
  headers?: Record<string, string>,
  query = '',
) => ask('POST', `/v1/batches${query}`, body, headers)
export const done = (ask: Client, id: string) =>
  until(
    () => ask('GET', `/v1/batches/${id}`),
    ({ body }) => body.finishedAt !== null,
    15_000,
  )
export const items = async (ask: Client, id: string, query = '') =>
  (await ask('GET', `/v1/batches/${id}/items?limit=100${query}`)).body.data
export const everything = async (erp: Client) =>
  (await erp('GET', '/v1/batches?limit=100')).body.data.length
