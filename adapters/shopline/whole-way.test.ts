/** A whole cancel on SHOPLINE's sandbox that starts over, with an order touched in between. */
import { expect, it } from 'vitest'
import { shopline as adapter } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { startedOver } from '../../test/adapter/replies.ts'

it('goods that a person put back with a refund are not told as the cancel’s doing', async () => {
  const end = await startedOver(
    { adapter, createSandbox },
    /open/,
    (order) => {
      order.refunds = [
        ...(order.refunds ?? []),
        { id: 'by-hand', transactions: [], refund_line_items: [{ restock_type: 'return' }] },
      ]
    },
    (_, pass) => pass(),
  )
  expect(end).toMatchObject({
    status: 'succeeded',
    alreadyCanceled: false,
    effects: { restock: { outcome: 'withheld' } },
  })
})
