/** Speaks to an imitated Wix site with plain requests, for the tests of that imitation. */
import { createSandbox, type WixSandbox } from './index.ts'

export const ORIGIN = 'https://wix.example'

export const keys = ({ apiKey, siteId }: { apiKey: string; siteId: string }) => ({
  authorization: apiKey,
  'wix-site-id': siteId,
})

export function caller(
  sandbox: WixSandbox,
  headers: Record<string, string> = keys(sandbox.settings),
) {
  const call = async (method: string, path: string, body?: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const request = new Request(ORIGIN + path, {
      method,
      headers,
      ...(text !== undefined && { body: text }),
    })
    const response = await sandbox.app.fetch(request)
    return {
      status: response.status,
      headers: response.headers,
      body: JSON.parse(await response.text()),
    }
  }
  return {
    call,
    get: (id: string) => call('GET', `/ecom/v1/orders/${id}`),
    cancel: (id: string, wishes: unknown = {}) =>
      call('POST', `/ecom/v1/orders/${id}/cancel`, wishes),
    comment: (id: string, ...messages: string[]) =>
      call('POST', `/ecom/v1/orders/${id}/activities/add`, {
        orderActivities: messages.map((message) => ({
          activityType: 'MERCHANT_COMMENT',
          merchantComment: { message },
        })),
      }),
    search: (search: unknown) => call('POST', '/ecom/v1/orders/search', { search }),
  }
}

/** A fresh site and the calls of somebody who may do everything there. */
export const start = () => {
  const sandbox = createSandbox()
  return { sandbox, ...caller(sandbox) }
}

export const errorCode = (reply: { body: { details: { applicationError?: { code: string } } } }) =>
  reply.body.details.applicationError?.code
