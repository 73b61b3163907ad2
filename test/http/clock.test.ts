/**
 * A gateway whose wall clock is set while it runs: what waits neither expires by it nor waits for
 * the clock to come back.
 */
import { expect, it, onTestFinished, vi } from 'vitest'
import { clientOf } from './host.ts'
import { openNode } from './node.ts'

const HOUR_MS = 3_600_000

it.each([
  ['ahead', 2 * HOUR_MS],
  ['back', -2 * HOUR_MS],
])(
  'set %s by two hours, an order that waits for its platform is canceled when that is back',
  async (_, jumpMs) => {
    const real = Date.now
    let set = 0
    const wall = vi.spyOn(Date, 'now').mockImplementation(() => real() + set)
    onTestFinished(() => wall.mockRestore())
    const host = await openNode({
      stores: ['paris'],
      callers: [{ name: 'erp', key: 'erp', scopes: ['read', 'cancel'], stores: ['*'] }],
    })
    onTestFinished(() => host.close())
    const client = clientOf(host, 'erp')
    host.platform('paris').mood = 'away'
    const { status, body } = await client(
      'POST',
      '/v1/cancellations',
      { orderId: 'order_open' },
      { prefer: 'respond-async' },
    )
    expect([status, body.status]).toEqual([202, 'accepted'])
    // The look has failed, and the next one is written down.
    await vi.waitUntil(
      async () =>
        (await client('GET', `/v1/cancellations/${body.id}`)).body.updatedAt !== body.createdAt,
    )

    set = jumpMs
    host.platform('paris').mood = 'well'
    const asked = await client('GET', `/v1/cancellations/${body.id}`, undefined, {
      prefer: 'wait=10',
    })
    expect([asked.body.status, asked.body.problem]).toEqual(['succeeded', null])
  },
)
