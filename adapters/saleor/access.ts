/** Who acts on a Saleor, how a document is sent there, and how its orders are named. */
import { z } from 'zod'
import { type Call, common, type Connection, path, secret } from '../../src/adapter/index.ts'

export const Settings = z.strictObject({
  ...common,
  baseUrl: common.baseUrl
    .unwrap()
    .refine((url) => !url.endsWith('/graphql'), 'must be what stands before /graphql/'),
  /** An app's own token: it does not run out, as a person's does after minutes. */
  appToken: secret(),
  /** Where the merchant has the dashboard: `https://acme.saleor.cloud/dashboard`. */
  dashboardUrl: common.baseUrl,
})
export type Settings = z.infer<typeof Settings>

export const graphql = <T>(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  reply: z.ZodType<T>,
): Call<T> => ({ method: 'POST', path: path`/graphql/`, body: { query, variables }, reply })

export const authorize = async ({
  settings,
}: Connection<Settings>): Promise<Record<string, string>> => ({
  authorization: `Bearer ${settings.appToken}`,
})

/** As Python reads a UUID: in either case, with and without its hyphens. */
const UUID = /^([\da-f]{8})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{12})$/i
/** The imitation's orders. */
const WORD = /^[a-z]+(?:[-_][a-z\d]+)*$/

/**
 * A plain id in its one spelling. A number is none: orders from before Saleor 3.2 are asked for by
 * one too, and answer with their UUID (`use_old_id`, graphql/order/resolvers.py).
 */
const spelled = (id: string): string | null => {
  const groups = UUID.exec(id)?.slice(1)
  if (groups) return groups.join('-').toLowerCase()
  return WORD.test(id) ? id : null
}

const TYPE = 'Order:'

export const globalId = (id: string): string => btoa(TYPE + id)

const decoded = (text: string): string => {
  try {
    return atob(text)
  } catch {
    return ''
  }
}

/** The plain id in a global one; null where it is no order's. */
export const plainId = (id: string): string | null => {
  const text = decoded(id)
  return text.startsWith(TYPE) && btoa(text) === id ? spelled(text.slice(TYPE.length)) : null
}

export const canonicalId = (id: string): string | null => plainId(id) ?? spelled(id)
