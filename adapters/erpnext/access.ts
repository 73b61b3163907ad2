/** Who acts on a site: the store's settings, how a list is asked for, which zone its clock has. */
import { z } from 'zod'
import {
  type Call,
  CallFailure,
  common,
  type Connection,
  otherThanAsked,
  path,
  type Path,
  secret,
} from '../../src/adapter/index.ts'
import { isZone, showSame } from './clock.ts'
import * as wire from './wire.ts'

export const Settings = z.strictObject({
  ...common,
  baseUrl: common.baseUrl.unwrap(),
  apiKey: secret(),
  apiSecret: secret(),
  /** Left out: the site is asked. */
  timeZone: z.string().refine(isZone, 'must be a time zone, as Europe/Berlin').optional(),
})
export type Settings = z.infer<typeof Settings>

export const authorize = async ({
  settings: { apiKey, apiSecret },
}: Connection<Settings>): Promise<Record<string, string>> => ({
  authorization: `token ${apiKey}:${apiSecret}`,
})

/** `[field, operator, value]`, or with the child table before the field. */
type Filter = readonly (string | number)[]

interface Query {
  readonly fields: readonly string[]
  readonly filters: readonly Filter[]
  /** One of these at least, beside all of the others. */
  readonly orFilters?: readonly Filter[]
  readonly orderBy?: string
  /** Left out it would be 20. */
  readonly limit: number
}

export const PATHS = {
  orders: path`/api/resource/Sales%20Order`,
  deliveryNotes: path`/api/resource/Delivery%20Note`,
  invoices: path`/api/resource/Sales%20Invoice`,
  comments: path`/api/resource/Comment`,
}

export const list = <T>(from: Path, query: Query, reply: z.ZodType<T>): Call<T> => ({
  method: 'GET',
  path: from,
  query: {
    fields: JSON.stringify(query.fields),
    filters: JSON.stringify(query.filters),
    ...(query.orFilters && { or_filters: JSON.stringify(query.orFilters) }),
    ...(query.orderBy && { order_by: query.orderBy }),
    limit_page_length: String(query.limit),
  },
  reply,
})

/** So long a change of the site's zone may go unnoticed. */
const ZONE_LIFE_MS = 3_600_000

/** Null: the site tells none that is known here. Any login may ask (client.py, get_time_zone). */
const zoneOfSite = async (connection: Connection<Settings>): Promise<string | null> => {
  // Kept as a login's tokens are, and as JSON, so that no mere name is taken for a secret.
  const kept = await connection.token('time zone', async () => {
    const { message } = await connection.send({
      method: 'GET',
      path: path`/api/method/frappe.client.get_time_zone`,
      reply: wire.ZoneReply,
    })
    return { token: JSON.stringify({ zone: message.time_zone }), expiresInMs: ZONE_LIFE_MS }
  })
  const { zone } = JSON.parse(kept) as { zone?: string | null }
  return zone && isZone(zone) ? zone : null
}

const unlessRefused = async (asked: Promise<string | null>): Promise<string | null> => {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CallFailure && error.failure.kind === 'refused') return null
    throw error
  }
}

/** A time only describes an order: where the site does not say its zone, it is not told. */
export const zoneToDescribe = async (connection: Connection<Settings>): Promise<string | null> =>
  connection.settings.timeZone ?? (await unlessRefused(zoneOfSite(connection)))

/** A wrong zone in the settings would have it ask for times to come, and find nothing for ever. */
export const zoneToSweep = async (connection: Connection<Settings>, at: number) => {
  const { timeZone } = connection.settings
  if (timeZone === undefined) return zoneOfSite(connection)
  const its = await unlessRefused(zoneOfSite(connection))
  if (its !== null && !showSame(timeZone, its, at))
    throw otherThanAsked('another time zone than in the settings')
  return timeZone
}
