/** Who acts on an Odoo: the store's settings, and how a method is called in either of its APIs. */
import { z } from 'zod'
import {
  type Call,
  common,
  type Connection,
  path,
  secret,
  standardWebhookSecrets,
} from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

export const Settings = z
  .strictObject({
    ...common,
    ...standardWebhookSecrets,
    baseUrl: common.baseUrl.unwrap(),
    database: z.string().regex(/^[\w.-]{1,63}$/, 'must be the name of the database'),
    /** 16 to 18 are called by JSON-RPC, 19 by JSON-2. */
    version: z.enum(['16', '17', '18', '19']),
    /** The login that the key belongs to; JSON-2 needs none. */
    username: z
      .string()
      .regex(/^\P{Cc}{1,128}$/u, 'must have no control characters')
      .optional(),
    apiKey: secret(),
    /** Left out: every company of the login. The command line knows texts only. */
    company: z
      .union([
        z.int().positive(),
        z
          .string()
          .regex(/^[1-9]\d{0,8}$/)
          .transform(Number),
      ])
      .optional(),
  })
  .refine(({ version, username }) => version === '19' || username !== undefined, {
    path: ['username'],
    message: 'is needed by Odoo 16 to 18',
  })
export type Settings = z.infer<typeof Settings>

/** `uid`: the login's number in JSON-RPC; null: JSON-2, which goes by the key alone. */
export interface Access {
  readonly settings: Settings
  readonly uid: number | null
}

const rpc = <T extends z.ZodType>(
  service: 'common' | 'object',
  method: string,
  args: readonly unknown[],
  result: T,
): Call<z.output<T>> => ({
  method: 'POST',
  path: path`/jsonrpc`,
  body: { jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } },
  reply: wire.inResult(result),
})

/** What a method is called on. */
type Subject = { readonly ids: readonly unknown[] } | { readonly domain: readonly unknown[] } | {}

/** A call of one method of a model: the subject by its place in JSON-RPC, by its name in JSON-2. */
export const callOf = <T extends z.ZodType>(
  { settings: { database, apiKey }, uid }: Access,
  model: string,
  method: string,
  subject: Subject,
  named: Readonly<Record<string, unknown>>,
  result: T,
): Call<z.output<T>> =>
  uid === null
    ? {
        method: 'POST',
        path: path`/json/2/${model}/${method}`,
        body: { ...subject, ...named },
        reply: result as z.ZodType<z.output<T>>,
      }
    : rpc(
        'object',
        'execute_kw',
        [database, uid, apiKey, model, method, Object.values(subject), named],
        result,
      )

export const authorize = async ({
  settings: { version, apiKey, database },
}: Connection<Settings>): Promise<Record<string, string>> =>
  // In JSON-RPC the key stands in the body.
  version === '19' ? { authorization: `bearer ${apiKey}`, 'x-odoo-database': database } : {}

/** A login's number never changes; a key that is withdrawn is refused by every call. */
const UID_LIFE_MS = 86_400_000
/** So long a module that was installed, or taken away, may go unnoticed. */
const FIELDS_LIFE_MS = 3_600_000

const uidOf = async (connection: Connection<Settings>): Promise<number> => {
  const { database, username, apiKey } = connection.settings
  // Kept as JSON, so that no mere digit is taken for a secret.
  const kept = await connection.token('uid', async () => {
    const args = [database, username, apiKey, {}]
    const uid = await connection.send({
      ...rpc('common', 'authenticate', args, wire.Uid),
      as: 'none',
    })
    return { token: JSON.stringify({ uid }), expiresInMs: UID_LIFE_MS }
  })
  return (JSON.parse(kept) as { uid: number }).uid
}

export const accessOf = async (connection: Connection<Settings>): Promise<Access> => {
  const { settings } = connection
  return { settings, uid: settings.version === '19' ? null : await uidOf(connection) }
}

/** Those that a version or a module brings; asking for one that is not there is an error. */
const OPTIONAL = ['locked', 'picking_ids', 'delivery_status']

/** The fields of this server's orders that are read. */
export const fieldsOf = async (
  connection: Connection<Settings>,
  access: Access,
): Promise<readonly string[]> => {
  const kept = await connection.token('fields', async () => {
    const named = { allfields: OPTIONAL, attributes: ['type'] }
    const there = await connection.send(
      callOf(access, 'sale.order', 'fields_get', {}, named, wire.FieldsReply),
    )
    const fields = OPTIONAL.filter((name) => Object.hasOwn(there, name))
    return { token: JSON.stringify({ fields }), expiresInMs: FIELDS_LIFE_MS }
  })
  return [...wire.FIELDS, ...(JSON.parse(kept) as { fields: string[] }).fields]
}

export const ofCompany = ({ company }: Settings): readonly unknown[] =>
  company === undefined ? [] : [['company_id', '=', company]]
