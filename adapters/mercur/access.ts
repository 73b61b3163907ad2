/**
 * Who acts on a Mercur, and on which version: the store's settings, the logins, and the probe where
 * no version is given.
 */
import { z } from 'zod'
import {
  CallFailure,
  common,
  type Connection,
  failureOf,
  path,
  type Path,
  secret,
  standardWebhookSecrets,
} from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

const visible = z.string().regex(/^[\x21-\x7e]+$/, 'must be visible ASCII')
const isSecond = (version: string | undefined) => version === '2' || version === '2.3'

export const Settings = z
  .strictObject({
    ...common,
    ...standardWebhookSecrets,
    baseUrl: common.baseUrl.unwrap(),
    /**
     * `2` is 2.0 to 2.2; from `2.3` on orders are no longer linked to their payment. Probed if
     * absent, which cannot tell 2.3 from 2 and takes the more careful.
     */
    version: z.enum(['1', '2', '2.3']).optional(),
    admin: z
      .strictObject({
        secretKey: secret().optional(),
        email: z.string().min(1).optional(),
        password: secret().optional(),
      })
      .refine(
        ({ secretKey, email, password }) =>
          (email === undefined) === (password === undefined) && Boolean(secretKey ?? email),
        'needs secretKey, or email and password',
      )
      .optional(),
    vendor: z
      .strictObject({ email: z.string().min(1), password: secret(), sellerId: visible.optional() })
      .optional(),
    publishableKey: visible.optional(),
    /** Cancel even where that refunds or voids the payment of other sellers' orders too. */
    sharedPayment: z.literal('accept').optional(),
    /**
     * The metadata key that keeps the reason; its code lies beside it under the same name with
     * `_code`.
     */
    reasonKey: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .default('cancel_reason'),
  })
  .refine(({ admin, vendor }) => admin ?? vendor, 'needs admin, vendor, or both')
  .refine(({ admin, version }) => admin ?? version, {
    path: ['version'],
    error: 'is needed where there is no admin login: only an admin can probe it',
  })
  .refine(({ vendor, version }) => !vendor || vendor.sellerId || !isSecond(version), {
    path: ['vendor', 'sellerId'],
    error: 'is needed on 2.x: its vendor routes demand it',
  })
export type Settings = z.infer<typeof Settings>
export type Version = NonNullable<Settings['version']>

export interface Access {
  readonly version: Version
  /** Who cancels. */
  readonly actor: 'admin' | 'vendor'
  /**
   * Who reads. Only an admin sees the purchase and, on 1.x, payments; only an admin writes
   * metadata.
   */
  readonly reader: 'admin' | 'vendor'
}

/**
 * The vendor cancels on 1.x, where its route alone refunds no more than the order's part
 * (v1-vendor-cancel-success); the admin on 2.x.
 */
export const accessOf = ({ admin, vendor }: Settings, version: Version): Access => {
  // 2.x gives a secret key no role, so orders are closed to it (v2-admin-cancel-secret-key-rbac);
  // without a vendor it is tried all the same.
  const reader =
    admin && (version === '1' || admin.email !== undefined || !vendor) ? 'admin' : 'vendor'
  return { version, reader, actor: version === '1' && vendor ? 'vendor' : reader }
}

/**
 * Express's own page, which no order that is missing gets: that is a 404 in JSON
 * (v1-admin-set-cancel-route, v2-admin-set-get-unknown).
 */
export const isNoRoute = (error: unknown): error is CallFailure =>
  error instanceof CallFailure &&
  error.failure.kind === 'doubt' &&
  error.failure.upstream?.status === 404

/** By settings: one store's are one object, for as long as it is open. */
const probes = new WeakMap<Settings, Promise<Version>>()

const probe = async (connection: Connection<Settings>): Promise<Version> => {
  const list = (at: Path) =>
    connection.send({
      method: 'GET',
      path: at,
      query: { limit: '1' },
      as: 'admin',
      reply: wire.AnyReply,
    })
  const unlessMissing = (error: unknown) => {
    if (!isNoRoute(error)) throw error
  }
  if (await list(path`/admin/order-groups`).catch(unlessMissing)) return '2'
  if (await list(path`/admin/order-sets`).catch(unlessMissing)) return '1'
  throw failureOf('doubt', 'neither order groups nor order sets')
}

const versionOf = (connection: Connection<Settings>): Promise<Version> => {
  const { settings } = connection
  if (settings.version) return Promise.resolve(settings.version)
  let known = probes.get(settings)
  if (!known) {
    known = probe(connection)
    known.catch(() => probes.delete(settings))
    probes.set(settings, known)
  }
  return known
}

export const openAccess = async (connection: Connection<Settings>): Promise<Access> =>
  accessOf(connection.settings, await versionOf(connection))

/** Mercur's tokens last a day (Medusa's default `jwtExpiresIn`). */
const TOKEN_LIFE_MS = 86_400_000

const login = (
  connection: Connection<Settings>,
  actor: 'user' | 'seller' | 'member',
  { email, password }: { email?: string | undefined; password?: string | undefined },
) =>
  connection.token(actor, async () => {
    const { token } = await connection.send({
      method: 'POST',
      path: path`/auth/${actor}/emailpass`,
      body: { email, password },
      as: 'none',
      reply: wire.TokenReply,
    })
    return { token, expiresInMs: TOKEN_LIFE_MS }
  })

export const authorize = async (
  connection: Connection<Settings>,
  as: string | undefined,
): Promise<Record<string, string>> => {
  const { admin, vendor, publishableKey } = connection.settings
  if (as === 'customer')
    return {
      authorization: `Bearer ${connection.customerToken ?? ''}`,
      'x-publishable-api-key': publishableKey ?? '',
    }
  if (as === 'vendor' && vendor) {
    // A login as the wrong kind of actor answers 200 with a token that nothing accepts, so the kind
    // must be right.
    const first = (await versionOf(connection)) === '1'
    return {
      authorization: `Bearer ${await login(connection, first ? 'seller' : 'member', vendor)}`,
      ...(!first && vendor.sellerId && { 'x-seller-id': vendor.sellerId }),
    }
  }
  if (admin?.email) return { authorization: `Bearer ${await login(connection, 'user', admin)}` }
  return { authorization: `Basic ${btoa(`${admin?.secretKey ?? ''}:`)}` }
}
