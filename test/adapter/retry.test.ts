/**
 * A refund of ours is told however late, and by whatever way, the order is canceled: Medusa
 * refunds, refuses, and a person has it tried again.
 */
import { expect, it } from 'vitest'
import medusa from '../../adapters/medusa/index.ts'
import { isAtRest } from '../../src/model/cancellation.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'

const REFUNDED = {
  outcome: 'automatic',
  basis: 'confirmed',
  amount: { amount: '51.3971', currency: 'USD' },
}

/** An edit opens in the middle of the cancel: the money goes back, and then the answer is 400. */
const refundedAndRefused = async () => {
  const sandbox = await medusa.createSandbox()
  const opened = openHarness(
    medusa.adapter,
    { ...sandbox.settings, baseUrl: 'https://medusa.example' },
    sandboxTransport(sandbox),
  )
  const record = await opened.cancel({ orderId: 'order_400-after-refund' })
  expect(record).toMatchObject({
    status: 'needs_attention',
    problem: { acted: 'yes' },
    effects: { order: { outcome: 'failed' }, payment: REFUNDED },
  })
  const key = { authorization: `Basic ${btoa(`${String(sandbox.settings['secretKey'])}:`)}` }
  return {
    closeEdit: () =>
      sandbox.app.fetch(
        new Request('https://medusa.example/admin/order-edits/order_400-after-refund', {
          method: 'DELETE',
          headers: key,
        }),
      ),
    retry: async () => {
      await opened.gateway.resolve(record.id, 'retry', 'tried again', 'ops')
      await opened.gateway.idle(record.id)
      const again = await opened.gateway.get(record.id)
      return isAtRest(again.status) ? again : opened.rest(record.id)
    },
  }
}

it('canceled at the second try: the refund of the first is told', async () => {
  const { closeEdit, retry } = await refundedAndRefused()
  expect((await closeEdit()).status).toBe(200)
  expect(await retry()).toMatchObject({
    status: 'succeeded',
    alreadyCanceled: false,
    effects: { order: { outcome: 'applied' }, payment: REFUNDED },
    before: null,
  })
})

it('refused again: the refund is not forgotten', async () => {
  const { retry } = await refundedAndRefused()
  expect(await retry()).toMatchObject({
    status: 'needs_attention',
    problem: { acted: 'yes' },
    effects: { payment: REFUNDED },
  })
})
