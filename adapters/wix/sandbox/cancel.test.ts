/** Proves what a cancel does on the imitated Wix site, and what it never does. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { keys, ORIGIN, start } from './caller.ts'

const restocked = (order: { lineItems: { restockQuantity: number }[] }) =>
  order.lineItems.map((item) => item.restockQuantity)

afterEach(() => {
  vi.useRealTimers()
})

const CANCELABLE = ['open', 'paid', 'fulfilled', 'initialized', 'partially-paid', 'mixed-catalog']
const UNTOUCHED = [
  'number',
  'paymentStatus',
  'fulfillmentStatus',
  'balanceSummary',
  'createdDate',
  'lineItems',
]

describe('cancel', () => {
  test.each(CANCELABLE)('cancels %s and moves no money', async (id) => {
    const { sandbox, get, cancel } = start()
    const before = (await get(id)).body.order
    const reply = await cancel(id)
    const after = (await get(id)).body.order
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({ order: after })
    expect(after.status).toBe('CANCELED')
    expect(after.updatedDate > before.updatedDate).toBe(true)
    expect(after.activities.at(-1)).toMatchObject({
      type: 'ORDER_CANCELED',
      activityType: 'ORDER_CANCELED',
      createdDate: after.updatedDate,
    })
    for (const same of UNTOUCHED) expect(after[same]).toEqual(before[same])
    expect([...sandbox.cancels]).toEqual([[id, 1]])
    expect(sandbox.mails).toEqual([])
  })

  test('restocks what belongs to Wix Stores, and only when asked', async () => {
    const { cancel } = start()
    expect(restocked((await cancel('open-1')).body.order)).toEqual([0, 0])
    expect(restocked((await cancel('open-2', { restockAllItems: false })).body.order)).toEqual([
      0, 0,
    ])
    expect(restocked((await cancel('open-3', { restockAllItems: true })).body.order)).toEqual([
      1, 2,
    ])
    expect(
      restocked((await cancel('mixed-catalog', { restockAllItems: true })).body.order),
    ).toEqual([1, 0])
  })

  test('mails the buyer when asked, with the message if there is one', async () => {
    const { sandbox, cancel } = start()
    await cancel('open-1', { sendOrderCanceledEmail: true, customMessage: 'Sorry!' })
    await cancel('open-2', { sendOrderCanceledEmail: true, customMessage: null })
    await cancel('open-3', { sendOrderCanceledEmail: false, customMessage: 'Nobody reads this.' })
    await cancel('open-4', { customMessage: 'Nor this.' })
    expect(sandbox.mails).toEqual([
      { orderId: 'open-1', message: 'Sorry!' },
      { orderId: 'open-2', message: null },
    ])
  })

  test.each([
    ['authorized', 'ORDER_HAS_AUTHORIZED_TRANSACTION'],
    ['pending', 'ORDER_IS_PENDING'],
    ['rejected', 'ORDER_IS_REJECTED'],
  ])('%s is refused with %s and stays as it is', async (id, expected) => {
    const { sandbox, get, cancel } = start()
    const before = (await get(id)).body
    const reply = await cancel(id, { sendOrderCanceledEmail: true, restockAllItems: true })
    expect(reply.status).toBe(428)
    expect(reply.body).toEqual({
      message: expect.stringMatching(/./),
      details: { applicationError: { code: expected, description: expect.any(String), data: {} } },
    })
    expect((await get(id)).body).toEqual(before)
    expect([sandbox.cancels.size, sandbox.mails.length]).toEqual([0, 0])
  })

  test('a repeat is processed again, and shows', async () => {
    const { sandbox, cancel } = start()
    const wishes = { sendOrderCanceledEmail: true, restockAllItems: true }
    await cancel('open', wishes)
    const again = await cancel('open', wishes)
    expect([again.status, restocked(again.body.order)]).toEqual([200, [2, 4]])
    expect(sandbox.mails).toHaveLength(2)
    expect((await cancel('canceled')).status).toBe(200)
    expect([...sandbox.cancels]).toEqual([
      ['open', 2],
      ['canceled', 1],
    ])
  })

  test.each([
    [{ customMessage: '' }, 'customMessage', 'MIN_LENGTH', 1],
    [{ customMessage: 'x'.repeat(1_001) }, 'customMessage', 'MAX_LENGTH', 1_000],
    [{ customMessage: 7 }, 'customMessage', 'VALIDATION', undefined],
    [{ sendOrderCanceledEmail: 'true' }, 'sendOrderCanceledEmail', 'VALIDATION', undefined],
    [{ restockAllItems: null }, 'restockAllItems', 'VALIDATION', undefined],
  ])('%o is refused as %s %s', async (wishes, field, violatedRule, threshold) => {
    const { sandbox, get, cancel } = start()
    const reply = await cancel('open', wishes)
    const violation = {
      field,
      description: expect.stringMatching(/./),
      violatedRule,
      ...(threshold && { data: { threshold } }),
    }
    expect(reply.status).toBe(400)
    expect(reply.body.message).toContain(field)
    expect(reply.body.details).toEqual({ validationError: { fieldViolations: [violation] } })
    expect((await get('open')).body.order.status).toBe('APPROVED')
    expect(sandbox.cancels.size).toBe(0)
  })

  test.each([['{"restock'], ['not json']])(
    'a body that is not JSON is refused: %s',
    async (body) => {
      const { sandbox, cancel } = start()
      const reply = await cancel('open', body)
      expect(reply.status).toBe(400)
      expect(reply.body).toEqual({ message: expect.stringMatching(/JSON/), details: {} })
      expect(sandbox.cancels.size).toBe(0)
    },
  )

  test.each([
    '',
    '{}',
    '{"id":"open","cancellationReason":"unknown here"}',
    JSON.stringify({ customMessage: 'x'.repeat(1_000) }),
  ])('the body %j is accepted', async (body) =>
    expect((await start().cancel('open', body)).status).toBe(200),
  )
})

describe('slow sites', () => {
  test.each([
    ['slow', 1_500],
    ['late', 4_000],
  ])('%s is busy for %i ms and lands after its client has gone', async (id, milliseconds) => {
    vi.useFakeTimers()
    const { sandbox, get } = start()
    const client = new AbortController()
    const url = `${ORIGIN}/ecom/v1/orders/${id}/cancel`
    void sandbox.app.fetch(
      new Request(url, { method: 'POST', headers: keys(sandbox.settings), signal: client.signal }),
    )
    await vi.advanceTimersByTimeAsync(1_000)
    client.abort()
    await vi.advanceTimersByTimeAsync(milliseconds - 1_001)
    expect((await get(id)).body.order.status).toBe('APPROVED')
    expect(sandbox.cancels.size).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect((await get(id)).body.order.status).toBe('CANCELED')
    expect([...sandbox.cancels]).toEqual([[id, 1]])
  })

  test('two cancels at once on a busy site are two cancels', async () => {
    vi.useFakeTimers()
    const { sandbox, cancel } = start()
    const both = Promise.all([cancel('late'), cancel('late')])
    await vi.advanceTimersByTimeAsync(4_000)
    expect((await both).map((reply) => reply.status)).toEqual([200, 200])
    expect(sandbox.cancels.get('late')).toBe(2)
  })
})
