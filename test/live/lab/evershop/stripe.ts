/**
 * The calls that an EverShop makes to Stripe when an order is canceled, answered on loopback. Not
 * Stripe: a payment intent is a word here.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StripeStandIn {
  readonly port: number
  /** What was asked, oldest first: `cancel pi_1 200`. */
  readonly calls: readonly string[]
  /** Makes an intent in this state; one that is `broken` refuses everything. */
  intent(status: 'requires_capture' | 'succeeded' | 'broken'): string
  statusOf(id: string): string | undefined
  close(): void
}

const refusal = (message: string) => ({
  error: { type: 'invalid_request_error', code: 'payment_intent_unexpected_state', message },
})

export const openStripe = async (): Promise<StripeStandIn> => {
  const intents = new Map<string, string>()
  const calls: string[] = []

  const answer = (method: string, id: string, verb: string | undefined): [number, object] => {
    const status = intents.get(id)
    if (!status) return [404, refusal('No such payment_intent')]
    if (status === 'broken') return [402, refusal('The stand-in refuses this payment intent.')]
    if (method === 'POST' && verb === 'cancel') {
      if (status !== 'requires_capture')
        return [
          400,
          refusal(`You cannot cancel this PaymentIntent because it has a status of ${status}.`),
        ]
      intents.set(id, 'canceled')
    }
    return [200, { id, object: 'payment_intent', status: intents.get(id) }]
  }

  const server = createServer((request, response) => {
    const [, , , id = '', verb] = new URL(request.url ?? '', 'http://stripe').pathname.split('/')
    request.resume().once('end', () => {
      const [status, body] = answer(request.method ?? '', id, verb)
      calls.push(`${verb ?? 'read'} ${id} ${status}`)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    calls,
    intent(status) {
      const id = `pi_${intents.size + 1}`
      intents.set(id, status)
      return id
    },
    statusOf: (id) => intents.get(id),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
