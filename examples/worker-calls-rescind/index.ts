/**
 * A Worker of yours that has an order canceled by the gateway's Worker, over a service binding: the
 * request stays inside Cloudflare, and the gateway needs no public address for it.
 */
import { createClient, NotKnownYet, RescindError } from 'rescind/client'

interface Bindings {
  /** The gateway's Worker, as wrangler.toml binds it. */
  readonly RESCIND: { readonly fetch: typeof globalThis.fetch }
  /** A caller's key with the scope `cancel`; a secret. */
  readonly RESCIND_KEY: string
}

/** `POST /cancel` with `{ "store", "orderId", "document" }`. */
export default {
  async fetch(request: Request, { RESCIND, RESCIND_KEY }: Bindings): Promise<Response> {
    if (request.method !== 'POST' || new URL(request.url).pathname !== '/cancel')
      return new Response('POST /cancel\n', { status: 404 })
    // Whoever reaches this address may cancel: see who asks before this line, or have no address
    // (`workers_dev = false`) and be called by a binding yourself.
    const client = createClient({
      // Nobody looks this name up: the binding leads to the gateway, whatever it is.
      baseUrl: 'https://rescind.internal',
      key: RESCIND_KEY,
      fetch: RESCIND.fetch.bind(RESCIND),
    })
    const { store, orderId, document } = (await request.json()) as Record<string, string>
    if (!store || !orderId || !document)
      return Response.json({ error: 'store, orderId and document are needed' }, { status: 400 })
    try {
      // Under a key of your own document, so that asked again it is the same cancellation.
      const record = await client.cancel(
        { store, orderId, reference: document },
        { idempotencyKey: document, waitMs: 20_000 },
      )
      return Response.json({ canceled: true, id: record.id, payment: record.effects.payment })
    } catch (error) {
      if (error instanceof RescindError)
        return Response.json({ canceled: false, why: error.code, says: error.problem.detail })
      if (error instanceof NotKnownYet)
        return Response.json({ canceled: null, id: error.record?.id }, { status: 202 })
      throw error
    }
  },
}
