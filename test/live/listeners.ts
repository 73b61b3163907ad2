/** Who is sent something in the live tests, and what came: hooks, a receiver, a storefront. */
import { Webhook } from 'standardwebhooks'
import { createSandbox } from '../../adapters/shopline/sandbox/index.ts'
import { serve } from '../http/node.ts'

/** What a shop or the gateway sent, as it came. */
export interface Delivery {
  readonly at: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly status: number
}
interface Event {
  readonly type: string
  readonly data: any
}

/** Stands before the gateway's `/hooks`, since the shop must know an address before there is one. */
export const openHooks = async () => {
  const deliveries: Delivery[] = []
  const state = {
    gateway: '',
    /** Comes between; a response of its own is not the gateway's. */
    between: async (): Promise<Response | null> => null,
  }
  const { url, close } = await serve({
    async fetch(request) {
      const at = performance.now()
      const body = await request.text()
      const headers = Object.fromEntries(request.headers)
      const { pathname } = new URL(request.url)
      const own = await state.between()
      const { status } =
        own ?? (await fetch(state.gateway + pathname, { method: 'POST', headers, body }))
      deliveries.push({ at, headers, body, status })
      return new Response(null, { status })
    },
  })
  return { url, state, deliveries, close }
}

/** Whoever is told of everything, with when it was. */
export const openReceiver = async (secret: string) => {
  const events: (Event & { readonly at: number })[] = []
  const { url, close } = await serve({
    async fetch(request) {
      const body = await request.text()
      const event = new Webhook(secret).verify(body, Object.fromEntries(request.headers))
      events.push({ ...(event as Event), at: performance.now() })
      return new Response(null, { status: 204 })
    },
  })
  return { url, events, close }
}

/** A storefront of another platform, and what it was asked beside reads. */
export const openStorefront = async () => {
  const sandbox = createSandbox()
  const writes: string[] = []
  const { url, close } = await serve({
    async fetch(request) {
      if (request.method !== 'GET') writes.push(new URL(request.url).pathname)
      return sandbox.app.fetch(request)
    },
  })
  return { url, settings: sandbox.settings, cancels: sandbox.cancels, writes, close }
}
