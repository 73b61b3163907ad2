/** Shopify's official client is at home on our imitation. */
import { createAdminApiClient } from '@shopify/admin-api-client'
import { describe, expect, it } from 'vitest'
import { CANCEL_WITH_RESULT, readOrder } from './documents.ts'
import { createSandbox } from './sandbox/index.ts'

describe('the official client', () => {
  const open = (apiVersion = '2026-10') => {
    const sandbox = createSandbox()
    const client = createAdminApiClient({
      storeDomain: 'sandbox.myshopify.com',
      apiVersion,
      accessToken: sandbox.settings.accessToken,
      customFetchApi: async (url, init) => sandbox.app.fetch(new Request(url, init)),
    })
    return { sandbox, client }
  }

  it.each(['2026-01', '2026-10'])('reads, cancels and reads again, on %s', async (version) => {
    const { client, sandbox } = open(version)
    const id = 'gid://shopify/Order/paid'
    const before = await client.request(readOrder(null), { variables: { id } })
    expect([before.errors, before.data?.order.cancelledAt]).toEqual([undefined, null])
    const mutation = `mutation ($id: ID!) {
      orderCancel(
        orderId: $id, reason: CUSTOMER, restock: true,
        refundMethod: { originalPaymentMethodsRefund: true }
      ) {
        job { id done } orderCancelUserErrors { field message code } userErrors { field message }
      }
    }`
    const canceled = await client.request(mutation, { variables: { id } })
    const { job, orderCancelUserErrors } = canceled.data?.orderCancel ?? {}
    expect([job.done, orderCancelUserErrors]).toEqual([false, []])
    const after = await client.request(
      `query ($id: ID!, $job: ID!) {
        it: order(id: $id) { cancelledAt cancelReason displayFinancialStatus }
        job(id: $job) { done }
      }`,
      { variables: { id, job: job.id } },
    )
    expect(after.data).toMatchObject({
      it: { cancelReason: 'CUSTOMER', displayFinancialStatus: 'REFUNDED' },
      job: { done: true },
    })
    expect(after.headers?.get('x-shopify-api-version')).toBe(version)
    const again = await client.request(mutation, { variables: { id } })
    expect(again.data?.orderCancel).toMatchObject({
      job: null,
      orderCancelUserErrors: [
        { code: 'INVALID', message: 'Cannot cancel an order that has already been canceled' },
      ],
    })
    expect(sandbox.cancels.get('paid')).toBe(1)
  })
  it('is told what a version does not have, and who is nobody', async () => {
    const { client, sandbox } = open('2026-07')
    const id = 'gid://shopify/Order/paid'
    const { errors } = await client.request(CANCEL_WITH_RESULT, {
      variables: { orderId: id, reason: 'OTHER', restock: false, notifyCustomer: false },
    })
    expect(errors?.graphQLErrors?.[0]).toMatchObject({
      message: "Field 'jobResult' doesn't exist on type 'OrderCancelPayload'",
    })
    expect(sandbox.taken.size).toBe(0)
    sandbox.endTokens()
    const refused = await client.request(readOrder(null), { variables: { id } })
    expect(refused.errors?.networkStatusCode).toBe(401)
  })
})
