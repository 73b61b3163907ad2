/**
 * Whole cancels on the sandboxes, where a platform's own words change what the gateway does next.
 */
import { describe, expect, it } from 'vitest'
import { TransportError } from '../../src/connection/transport.ts'
import { type Loaded, loaded } from './loaded.ts'
import { isCancel, open, startedOver } from './replies.ts'

const named = (id: string): Loaded => loaded.find(({ adapter }) => adapter.id === id) as Loaded

describe('a reason that the platform does not take', () => {
  it.each<[string, number, object, object | null]>([
    ['shoplazza', 422, { errors: { reason: ['is too long (maximum is 255 characters)'] } }, {}],
    ['shopline', 422, { errors: 'cancel_reason is too long' }, null],
    ['shopline-asia', 422, { message: 'cancelled_reason.message is too long' }, null],
  ])('%s: the cancel goes on without its text', async (id, status, refusal, bare) => {
    const bodies: any[] = []
    const opened = open(named(id), async (request, pass) => {
      if (!isCancel(request)) return pass()
      bodies.push(await request.clone().json())
      return bodies.length === 1 ? Response.json(refusal, { status }) : pass()
    })
    const orderId =
      opened.sandbox.examples.find(({ id: example }) => /paid|open/.test(example))?.id ??
      opened.sandbox.examples[0]!.id
    const { id: record } = await opened.cancel({ orderId, reason: 'x'.repeat(400) })
    const end = await opened.rest(record)
    expect(end).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' }, reason: { outcome: 'failed', honored: false } },
    })
    expect(bodies).toHaveLength(2)
    expect(JSON.stringify(bodies[0])).toContain('xxx')
    expect(JSON.stringify(bodies[1])).not.toContain('xxx')
    if (bare) expect(bodies[1]).toEqual(bare)
    expect(opened.sandbox.cancels.get(orderId)).toBe(1)
  })
})

describe('a note that was written at an earlier try', () => {
  it('is what the order shows, though it is refused now', async () => {
    let [notes, cancels] = [0, 0]
    const opened = open(named('medusa'), async (request, pass) => {
      if (isCancel(request) && ++cancels === 1) throw new TransportError('unreachable', false)
      if (request.method === 'POST' && !isCancel(request) && ++notes === 2)
        return Response.json({ type: 'not_allowed', message: 'No' }, { status: 403 })
      return pass()
    })
    const { id } = await opened.cancel({ orderId: 'order_open', reason: 'Wrong size' })
    expect(await opened.rest(id)).toMatchObject({
      status: 'succeeded',
      order: { reason: 'Wrong size' },
      effects: { reason: { outcome: 'applied', basis: 'confirmed' } },
    })
    expect([notes, cancels]).toEqual([2, 2])
  })
})

describe('“already canceled” in a platform’s own words, while reads lag behind', () => {
  it.each(['medusa', 'mercur'])('%s: no refusal, and no second cancel', async (id) => {
    let cancels = 0
    const opened = open(named(id), async (request, pass) => {
      if (!isCancel(request)) return pass()
      cancels += 1
      return Response.json(
        { type: 'invalid_data', message: 'Order with id x has been canceled.' },
        { status: 400 },
      )
    })
    const orderId = opened.sandbox.examples.find(({ id: example }) => /paid/.test(example))!.id
    const record = await opened.cancel({ orderId })
    expect(record).toMatchObject({ status: 'in_doubt', word: 'canceled_already' })
    for (let turn = 0; turn < 5; turn++) await opened.gateway.tick()
    expect([(await opened.gateway.get(record.id)).status, cancels]).toEqual(['in_doubt', 1])
  })
})

describe('a rejected request that starts over, and an order that was touched in between', () => {
  it('mercur: money that went back before the second call did not move with it', async () => {
    const end = await startedOver(
      named('mercur'),
      /paid/,
      (order) => {
        for (const payment of order.payment_collections?.flatMap(
          ({ payments }: any) => payments ?? [],
        ) ?? [])
          payment.refunds = [{ amount: 1 }]
      },
      async () =>
        Response.json(
          {
            type: 'not_allowed',
            message: 'All fulfillments must be canceled before canceling an order',
          },
          { status: 400 },
        ),
      { vendor: undefined },
    )
    expect(end).toMatchObject({ status: 'rejected', problem: { cause: 'fulfilled', acted: 'no' } })
  })
})
