/** Acme: a platform that does not exist, to show what an adapter is. */
import { z } from 'zod'
import {
  type Call,
  type CancelOperation,
  common,
  defineAdapter,
  type Look,
  type Obstacle,
  path,
  type Platform,
  reasonText,
  sameText,
  secret,
  tolerant,
} from '../../src/adapter/index.ts'
import { isCanceled, toOrder } from './map.ts'
import * as wire from './wire.ts'

const DOCS = 'https://acme.example/docs/void-order'

const Settings = z.strictObject({ ...common, apiKey: secret() })
type Settings = z.infer<typeof Settings>

/** What would be refused is known before anything is sent. */
const OBSTACLES = tolerant.words<Obstacle>({
  shipped: {
    cause: 'fulfilled',
    detail: 'The order was shipped; Acme voids only what is still in the warehouse.',
  },
  delivered: { cause: 'completed', detail: 'The order was delivered.' },
})

const lookAt = (found: wire.Order): Look => ({
  order: toOrder(found),
  done: isCanceled(found),
  obstacle: OBSTACLES.get(found.state) ?? null,
  raw: found,
})

/** An answer about another order is none about this one. */
const about = (orderId: string) => ({ orderId, ids: (reply: wire.Order) => [reply.id] })

const order: CancelOperation<Settings> = {
  async look(connection, orderId) {
    const found = await connection.send({
      method: 'GET',
      path: path`/orders/${orderId}`,
      reply: wire.Order,
      about: about(orderId),
    })
    return lookAt(found)
  },
  cancel: ({ request }) =>
    ({
      method: 'POST',
      path: path`/orders/${request.orderId}/void`,
      // Left out, `mail` and `restock` would be true: no wish is the quiet side.
      body: {
        note: reasonText(request) ?? '',
        mail: request.notify ?? false,
        restock: request.restock ?? false,
      },
      reply: wire.Order,
      about: about(request.orderId),
    }) satisfies Call<wire.Order> as Call<unknown>,
  // The reply is the order as it is now: proof, if it says void.
  read(_, reply) {
    const look = lookAt(reply as wire.Order)
    return look.done ? look : null
  },
  facts({ request, look }) {
    const text = reasonText(request)
    if (text === null) return {}
    return {
      reason: sameText(look.order.reason, text)
        ? { done: 'yes', basis: 'confirmed', detail: 'Kept as the order’s note.' }
        : { done: 'failed', basis: 'confirmed', detail: 'The order does not show it.' },
    }
  },
}

export const acme = defineAdapter<Settings>({
  id: 'acme',
  name: 'Acme',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl ?? 'https://api.acme.example',
  authorize: async ({ settings }) => ({ 'x-api-key': settings.apiKey }),
  capabilities: {
    order: { can: 'choose', source: DOCS },
    reason: { can: 'choose', buyerVisible: 'no', note: 'Kept as the order’s note.', source: DOCS },
    notify: { can: 'choose', note: 'By `mail`.', source: DOCS },
    message: { can: 'never', note: 'The mail’s text is fixed.', source: DOCS },
    restock: { can: 'choose', note: 'By `restock`.', source: DOCS },
    payment: { can: 'never', note: 'Voiding refunds nothing.', source: DOCS },
    transfer: { can: 'never', source: 'https://acme.example/docs: no such thing' },
  },
  repeat: { effect: 'refused', source: `${DOCS}#errors: already_void` },
  errors: [
    { status: 401, means: 'credentials', source: `${DOCS}#errors` },
    { status: 404, code: 'unknown_order', means: 'order_not_found', source: `${DOCS}#errors` },
    { status: 409, code: 'already_void', means: 'already_canceled', source: `${DOCS}#errors` },
    { status: 409, code: 'shipped', means: 'fulfilled', source: `${DOCS}#errors` },
  ],
  readError: (body) => ({
    code: wire.ErrorReply.safeParse(body).data?.error ?? null,
    message: null,
  }),
  pace: { perSecond: 10, burst: 10, source: 'https://acme.example/docs/limits' },
  settleMs: 60_000,
  order,
  // Its API lists no changes: no `sweep`, and nobody has shown whether an order `mayReopen`.
})

export default {
  adapter: acme,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
