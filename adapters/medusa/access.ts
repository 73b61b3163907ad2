/** Who acts on a Medusa: the store's settings, the login, and what is read with them. */
import { z } from 'zod'
import {
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
    secretKey: secret().optional(),
    email: z.string().min(1).optional(),
    password: secret().optional(),
    publishableKey: z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    /**
     * The metadata key that keeps the reason; its code lies beside it under the same name with
     * `_code`.
     */
    reasonKey: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .default('cancel_reason'),
  })
  .refine(
    ({ secretKey, email, password }) => secretKey || (email && password),
    'needs secretKey, or email and password',
  )
export type Settings = z.infer<typeof Settings>

/** Medusa's tokens last a day (its default `jwtExpiresIn`). */
const TOKEN_LIFE_MS = 86_400_000

const login = (connection: Connection<Settings>) =>
  connection.token('user', async () => {
    const { email, password } = connection.settings
    const { token } = await connection.send({
      method: 'POST',
      path: path`/auth/user/emailpass`,
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
  const { secretKey, publishableKey } = connection.settings
  if (as === 'customer')
    return {
      authorization: `Bearer ${connection.customerToken ?? ''}`,
      'x-publishable-api-key': publishableKey ?? '',
    }
  if (as === 'user' || !secretKey) return { authorization: `Bearer ${await login(connection)}` }
  return { authorization: `Basic ${btoa(`${secretKey}:`)}` }
}

export const readOrder = async (connection: Connection<Settings>, orderId: string) =>
  (
    await connection.send({
      method: 'GET',
      path: path`/admin/orders/${orderId}`,
      query: { fields: wire.ORDER_FIELDS },
      reply: wire.OrderReply,
      about: { orderId, ids: wire.idOf },
    })
  ).order

export const readChanges = async (connection: Connection<Settings>, orderId: string) =>
  (
    await connection.send({
      method: 'GET',
      path: path`/admin/orders/${orderId}/changes`,
      reply: wire.ChangesReply,
      about: { orderId, ids: wire.idsOf },
    })
  ).order_changes

export const isOpen = ({ status }: wire.Change) => status === 'pending' || status === 'requested'
