/** The imitation of ERPNext against what its sources say, wherever the suite does not ask. */
import { describe, expect, it } from 'vitest'
import { createSandbox } from './index.ts'

const start = (refusal: 417 | 409 = 417) => {
  const sandbox = createSandbox(refusal)
  const { apiKey, apiSecret } = sandbox.settings
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    authorization = `token ${apiKey}:${apiSecret}`,
  ) => {
    const reply = await sandbox.app.fetch(
      new Request(`https://erpnext.example${path}`, {
        method,
        headers: { authorization },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
    return { status: reply.status, body: (await reply.json()) as any }
  }
  const at = (name: string) => `/api/resource/Sales%20Order/${encodeURIComponent(name)}`
  const see = async (name: string) => (await send('GET', at(name))).body.data
  const cancel = async (name: string, modified?: string) =>
    send('PUT', at(name), { docstatus: 2, modified: modified ?? (await see(name)).modified })
  const list = async (doctype: string, query: Record<string, unknown>) =>
    send(
      'GET',
      `/api/resource/${encodeURIComponent(doctype)}?${new URLSearchParams(
        Object.entries(query).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      )}`,
    )
  return { sandbox, send, see, cancel, list }
}

describe('a cancel', () => {
  it('is done once, and refused from then on', async () => {
    const { sandbox, see, cancel } = start()
    const before = await see('open')
    const { status, body } = await cancel('open')
    expect([status, body.data.docstatus, body.data.status]).toEqual([200, 2, 'Cancelled'])
    expect(body.data.modified > before.modified).toBe(true)
    const again = await cancel('open')
    expect([again.status, again.body.exc_type]).toEqual([417, 'ValidationError'])
    expect(sandbox.cancels.get('open')).toBe(2)
  })

  it.each([
    ['draft', 'DocstatusTransitionError'],
    ['closed', 'ValidationError'],
    ['invoice-draft', 'ValidationError'],
    ['delivered', 'LinkExistsError'],
    ['invoiced', 'LinkExistsError'],
    ['invoice-paid', 'LinkExistsError'],
    ['completed', 'LinkExistsError'],
    ['work-order', 'LinkExistsError'],
    ['advance', 'LinkExistsError'],
    ['queued', 'DocumentLockedError'],
    ['edited-meanwhile', 'TimestampMismatchError'],
  ])('of %s is refused as %s, and changes nothing', async (name, type) => {
    for (const refusal of [417, 409] as const) {
      const { sandbox, see, cancel } = start(refusal)
      const { status, body } = await cancel(name)
      expect([status, body.exc_type]).toEqual([refusal, type])
      expect(JSON.parse(JSON.parse(body._server_messages)[0])).toHaveProperty('message')
      expect((await see(name)).docstatus).not.toBe(2)
      expect(sandbox.cancels.size).toBe(0)
    }
  })

  it('of what a supplier delivered is done: nothing points to the order', async () => {
    expect((await start().cancel('drop-shipped')).status).toBe(200)
  })

  it('bound to another time is refused before all else', async () => {
    const { cancel } = start()
    for (const name of ['open', 'draft', 'canceled'])
      expect((await cancel(name, '2026-01-01 00:00:00')).body.exc_type).toBe(
        'TimestampMismatchError',
      )
  })

  it('takes no other change along', async () => {
    const { send, see } = start()
    const { modified } = await see('open')
    const body = { docstatus: 2, modified, status: 'Closed' }
    expect((await send('PUT', '/api/resource/Sales%20Order/open', body)).status).toBe(417)
  })
})

it('tells a wrong pair, an order that is not there, and a type that nobody may read', async () => {
  const { send, list } = start()
  const order = '/api/resource/Sales%20Order/open'
  const wrong = await send('GET', order, undefined, 'token a:b')
  expect([wrong.status, wrong.body.exc_type]).toEqual([401, 'AuthenticationError'])
  const missing = await send('GET', '/api/resource/Sales%20Order/nobody')
  expect([missing.status, missing.body.exc_type]).toEqual([404, 'DoesNotExistError'])
  expect((await list('User', {})).status).toBe(403)
})

it('reads a name with slashes, spaces and letters of any script', async () => {
  const { see } = start()
  expect((await see('open-26/27 Zürich')).name).toBe('open-26/27 Zürich')
})

describe('a list', () => {
  it('is of twenty, and of names alone, unless it is asked otherwise', async () => {
    const { list } = start()
    const { data } = (await list('Sales Order', {})).body
    expect(data).toHaveLength(20)
    expect(Object.keys(data[0])).toEqual(['name'])
    expect((await list('Sales Order', { limit_page_length: '3' })).body.data).toHaveLength(3)
  })

  it('knows what points to an order', async () => {
    const { list } = start()
    const notes = await list('Delivery Note', {
      fields: ['name', 'docstatus'],
      filters: [
        ['Delivery Note Item', 'against_sales_order', '=', 'delivered'],
        ['docstatus', '=', 1],
      ],
    })
    expect(notes.body.data).toMatchObject([{ docstatus: 1 }])
  })

  it('joins filters by and, and the others by or', async () => {
    const { list } = start()
    const { data } = (
      await list('Sales Order', {
        filters: [['docstatus', '=', 1]],
        or_filters: [
          ['name', '=', 'open'],
          ['name', '=', 'draft'],
        ],
      })
    ).body
    expect(data).toEqual([{ name: 'open' }])
  })

  it('refuses what it does not know rather than ignoring it', async () => {
    const { list } = start()
    expect((await list('Sales Order', { filters: [['name', 'like', '%']] })).status).toBe(417)
    expect((await list('Sales Order', { filters: '[[' })).status).toBe(417)
    expect((await list('Sales Order', { order_by: 'name; drop' })).status).toBe(417)
    expect((await list('Sales Order', { fields: ['nosuch'] })).status).toBe(500)
  })
})

it('keeps comments of orders that are there', async () => {
  const { send, list } = start()
  const comment = {
    comment_type: 'Comment',
    reference_doctype: 'Sales Order',
    reference_name: 'open',
    content: 'Customer request',
  }
  expect((await send('POST', '/api/resource/Comment', comment)).status).toBe(200)
  const other = { ...comment, reference_name: 'nobody' }
  expect((await send('POST', '/api/resource/Comment', other)).status).toBe(404)
  const kept = await list('Comment', {
    fields: ['content'],
    filters: [['reference_name', '=', 'open']],
  })
  expect(kept.body.data).toEqual([{ content: 'Customer request' }])
})
