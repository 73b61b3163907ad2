/** The imitation by itself, as curl would use it: what it takes, refuses and remembers. */
import { describe, expect, it } from 'vitest'
import { createSandbox } from './index.ts'

const open = () => {
  const sandbox = createSandbox()
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    token: string = sandbox.settings['accessToken'] as string,
  ) => {
    const response = await sandbox.app.fetch(
      new Request(`https://bigcommerce.example${path}`, {
        method,
        headers: { 'x-auth-token': token },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
    const text = await response.text()
    const isData = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      body: isData ? JSON.parse(text) : text,
    }
  }
  return { ...sandbox, call }
}
const ORDER = '/stores/sandbox/v2/orders/'

describe('a change of status', () => {
  it('is refused in no status, and answers with the whole order', async () => {
    const { call, cancels } = open()
    for (const id of ['open', 'shipped', 'completed', 'refunded', 'canceled', 'archived']) {
      const { status, body } = await call('PUT', ORDER + id, { status_id: 5 })
      expect([status, body.status_id, body.status], id).toEqual([200, 5, 'Cancelled'])
      expect(cancels.get(id)).toBe(1)
    }
  })

  it('leaves what is not in it, and replaces the notes that are', async () => {
    const { call, notes } = open()
    const before = notes('noted')
    await call('PUT', `${ORDER}noted`, { status_id: 9 })
    expect(notes('noted')).toBe(before)
    await call('PUT', `${ORDER}noted`, { staff_notes: 'New' })
    expect((await call('GET', `${ORDER}noted`)).body).toMatchObject({
      status: 'Awaiting Shipment',
      staff_notes: 'New',
    })
  })

  it('mails where it is one, and the store’s settings say so', async () => {
    const { call, mails, switches } = open()
    await call('PUT', `${ORDER}open`, { status_id: 5 })
    await call('PUT', `${ORDER}open`, { status_id: 5 })
    switches.mails = false
    await call('PUT', `${ORDER}paid`, { status_id: 5 })
    expect(mails).toEqual(['open'])
  })

  it.each([
    [{ status_id: 15 }, 'status_id'],
    [{ status_id: '5' }, 'status_id'],
    [{ staff_notes: 'x'.repeat(65_536) }, 'staff_notes'],
  ])('is refused of what is not taken, %#', async (body, field) => {
    const { call, cancels } = open()
    const told = await call('PUT', `${ORDER}open`, body)
    expect(told.status).toBe(400)
    expect(told.body[0].message).toContain(field)
    expect(cancels.size).toBe(0)
  })
})

it('shows lines where it is asked for them, and a link else', async () => {
  const { call } = open()
  const asked = await call(
    'GET',
    `${ORDER}open?include=consignments.line_items&consignment_structure=object`,
  )
  expect(asked.body.consignments.shipping[0].line_items).toHaveLength(2)
  expect((await call('GET', `${ORDER}open`)).body.consignments.resource).toBe(
    '/orders/open/consignments',
  )
})

it('lists by time, status, id and page, 50 by default, and nothing with 204', async () => {
  const { call } = open()
  for (let one = 0; one < 60; one += 1) await call('GET', `${ORDER}open-${one}`)
  const list = async (query: string) => {
    const { status, body } = await call('GET', `/stores/sandbox/v2/orders?${query}`)
    return status === 200 ? body.map(({ id }: { id: string }) => id) : status
  }
  expect(await list('')).toHaveLength(50)
  expect(await list('limit=70')).toHaveLength(70)
  expect(await list('limit=2&page=2')).toHaveLength(2)
  expect(await list('status_id=5')).toEqual(['canceled'])
  expect(await list('min_id=open-57&sort=id:asc')).toEqual(['open-57', 'open-58', 'open-59'])
  expect(await list('min_date_modified=2026-12-24T00:00:00.000%2B00:00')).toBe(204)
  expect(await list('max_date_modified=2020-12-24T00:00:00.000%2B00:00')).toBe(204)
  expect(await list('sort=total')).toBe(400)
})

it('tells its quota with every reply, turns away once, and knows who it speaks to', async () => {
  const { call } = open()
  const first = await call('PUT', `${ORDER}throttled`, { status_id: 5 })
  expect([first.status, first.headers.get('x-rate-limit-time-reset-ms')]).toEqual([429, '1500'])
  const second = await call('PUT', `${ORDER}throttled`, { status_id: 5 })
  expect([second.status, second.headers.get('x-rate-limit-requests-quota')]).toEqual([200, '150'])
  expect((await call('GET', `${ORDER}open`, undefined, 'another')).status).toBe(401)
  expect((await call('GET', '/stores/other/v2/orders/open')).status).toBe(404)
  expect((await call('GET', `${ORDER}nobody`)).body).toEqual([
    { status: 404, message: 'The requested resource was not found.' },
  ])
  expect((await call('GET', '/stores/sandbox/v2/order_statuses')).body).toHaveLength(15)
})
