/** A gateway on the imitation of Shopify, with a chance to come between request and reply. */
import { preview } from '../../src/gateway/read.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { type Between, openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { shopify } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

export interface Sent {
  readonly query: string
  readonly variables: Record<string, any>
}

export const start = (
  between: (sent: Sent, pass: () => Promise<Response>) => Promise<Response> = (_, pass) => pass(),
  more: object = {},
) => {
  const sandbox = createSandbox()
  const sent: Sent[] = []
  const through: Between = async (request, pass) => {
    const body = (await request.clone().json()) as Sent
    sent.push(body)
    return between(body, pass)
  }
  const settings = { ...sandbox.settings, baseUrl: 'https://shopify.example', ...more }
  const opened = openHarness(shopify, settings, sandboxTransport(sandbox, through))
  return {
    ...opened,
    sandbox,
    mutations: () => sent.filter(({ query }) => query.startsWith('mutation')),
    look: (id: string) =>
      shopify.order.look(opened.store.client, id, {
        request: null,
        sent: false,
        byCustomer: false,
        memo: null,
      }),
    previewed: (body: object) =>
      preview(opened.store, { ...CancelRequest.parse(body), store: 'case' }, false),
  }
}

export const isMutation = ({ query }: Sent): boolean => query.startsWith('mutation')
