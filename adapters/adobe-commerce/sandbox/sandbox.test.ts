/** The imitation of Adobe Commerce where it is as awkward as the original. */
import { describe, expect, it } from 'vitest'
import { BEARER } from './access.ts'
import { createSandbox } from './index.ts'

const start = () => {
  const sandbox = createSandbox()
  const call = async (method: string, path: string, body?: object) => {
    const reply = await sandbox.app.fetch(
      new Request(`https://adobe.example${path}`, {
        method,
        headers: { authorization: `Bearer ${BEARER}` },
        ...(body && { body: JSON.stringify(body) }),
      }),
    )
    return { status: reply.status, body: (await reply.json()) as any }
  }
  const comment = (id: string, more: object) =>
    call('POST', `/rest/V1/orders/${id}/comments`, {
      statusHistory: {
        comment: 'Hello',
        is_customer_notified: 0,
        is_visible_on_front: 0,
        parent_id: id,
        ...more,
      },
    })
  return { sandbox, call, comment }
}

describe('a cancel', () => {
  it.each([
    ['open', true, 'canceled'],
    ['shipped', true, 'canceled'],
    ['configurable', true, 'canceled'],
    ['partly-invoiced', true, 'processing'],
    ['invoiced', false, 'processing'],
    ['complete', false, 'complete'],
    ['closed', false, 'closed'],
    ['on-hold', false, 'holded'],
    ['payment-review', false, 'payment_review'],
    ['canceled', false, 'canceled'],
    ['flagged', false, 'new'],
  ])('of %s says %s, and its state is %s', async (id, says, state) => {
    const { call } = start()
    const reply = await call('POST', `/rest/V1/orders/${id}/cancel`)
    expect(reply).toEqual({ status: 200, body: says })
    expect((await call('GET', `/rest/V1/orders/${id}`)).body.state).toBe(state)
  })

  it('takes nothing back of what is shipped, and keeps no count of a variant', async () => {
    const { call } = start()
    await call('POST', '/rest/V1/orders/shipped/cancel')
    await call('POST', '/rest/V1/orders/configurable/cancel')
    const canceled = async (id: string) =>
      (await call('GET', `/rest/V1/orders/${id}`)).body.items.map((item: any) => item.qty_canceled)
    expect(await canceled('shipped')).toEqual([0, 0])
    expect(await canceled('configurable')).toEqual([2, 1, 0])
  })

  it('counts a second one, and no other that is refused', async () => {
    const { sandbox, call } = start()
    for (const id of ['open', 'open', 'on-hold', 'flagged'])
      await call('POST', `/rest/V1/orders/${id}/cancel`)
    expect([...sandbox.cancels]).toEqual([['open', 2]])
  })
})

it('takes the status away by a comment without one, and another by one with another', async () => {
  const { comment, sandbox } = start()
  expect((await comment('open', {})).body).toBe(true)
  expect(sandbox.orderOf('open')?.status).toBe(null)
  await comment('open', { status: 'shipped' })
  expect(sandbox.orderOf('open')?.status).toBe('shipped')
  expect(sandbox.mails).toEqual([])
  await comment('open', { status: 'pending', is_customer_notified: 1 })
  expect(sandbox.mails).toEqual(['open'])
})

it('gives the last page for one beyond it, and all orders for an unknown parameter', async () => {
  const { call, sandbox } = start()
  const ids = async (query: string) =>
    (await call('GET', `/rest/V1/orders?${query}`)).body.items.map((one: any) => one.entity_id)
  const sorted =
    'searchCriteria[sortOrders][0][field]=entity_id&searchCriteria[sortOrders][0][direction]=ASC'
  const last = await ids(`${sorted}&searchCriteria[pageSize]=8&searchCriteria[currentPage]=3`)
  expect(last.length).toBeGreaterThan(0)
  expect(await ids(`${sorted}&searchCriteria[pageSize]=8&searchCriteria[currentPage]=9`)).toEqual(
    last,
  )
  const all = sandbox.examples.map(({ id }) => id)
  expect((await ids('search[filter][0][field]=state')).toSorted()).toEqual(all.toSorted())
})

it.each([
  ['/rest/nowhere/V1/orders/open', 404, /store that was requested/],
  ['/rest/V1/orders/nobody', 404, /entity that was requested/],
  ['/rest/V1/order/open', 404, /any route/],
  ['/rest/V1/orders?searchCriteria[sortOrders][0][field]=nothing', 500, /Internal Error/],
])('%s is answered with %s', async (path, status, message) => {
  const reply = await start().call('GET', path)
  expect(reply.status).toBe(status)
  expect(reply.body.message).toMatch(message)
})

it('lets nobody in without a word who it is', async () => {
  const request = new Request('https://adobe.example/rest/german/V1/orders/open')
  const reply = await createSandbox().app.fetch(request)
  expect(reply.status).toBe(401)
  expect(await reply.json()).toMatchObject({ parameters: { resources: 'Magento_Sales::sales' } })
})
