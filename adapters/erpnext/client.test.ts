/**
 * Frappe’s own client judges both sides: it works on the imitation, and what it asks for is, to the
 * letter, what the adapter asks for.
 */
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { connect, type FrappeDb, missing } from './client.fixture.ts'
import { erpnext } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

if (missing) process.stdout.write(`erpnext: ${missing}; it judges nothing here\n\n`)

/** What a server is asked for, as it reads it. */
const read = async (request: Request) => {
  const { pathname, searchParams } = new URL(request.url)
  const query = Object.fromEntries(
    // The client has another name for the same, and says what is so anyway.
    [...searchParams].flatMap(([name, value]) =>
      name === 'as_dict' ? [] : [[name === 'limit' ? 'limit_page_length' : name, value]],
    ),
  )
  const text = await request.clone().text()
  const body: unknown = text === '' ? null : JSON.parse(text)
  const { method, headers } = request
  return {
    method,
    path: decodeURI(pathname),
    query,
    body,
    authorization: headers.get('authorization'),
    accept: headers.get('accept'),
  }
}
type Asked = Awaited<ReturnType<typeof read>>

describe.skipIf(missing !== null)('Frappe’s own client', () => {
  const sandbox = createSandbox()
  const { apiKey, apiSecret } = sandbox.settings
  const asked: Asked[] = []
  let server: ReturnType<typeof serve>
  let db: FrappeDb

  beforeAll(async () => {
    const fetch = async (request: Request) => {
      asked.push(await read(request))
      return sandbox.app.fetch(request)
    }
    const port = await new Promise<number>((resolve) => {
      server = serve({ fetch, hostname: '127.0.0.1', port: 0 }, (info) => resolve(info.port))
    })
    db = connect(`http://127.0.0.1:${port}`, `${apiKey}:${apiSecret}`)
  })
  afterAll(() => void server.close())

  it('cancels on the imitation, and is refused there in its own form', async () => {
    const { message } = await db.cancel('Sales Order', 'open-by-client')
    expect(message).toMatchObject({ docstatus: 2, status: 'Cancelled' })
    await expect(db.cancel('Sales Order', 'open-by-client')).rejects.toMatchObject({
      httpStatus: 417,
      exc_type: 'ValidationError',
    })
    await expect(db.cancel('Sales Order', 'delivered')).rejects.toMatchObject({
      exc_type: 'LinkExistsError',
    })
    await expect(db.getDoc('Sales Order', 'nobody')).rejects.toMatchObject({
      httpStatus: 404,
      exception: expect.stringContaining('DoesNotExistError'),
    })
  })

  it('reads a list of the imitation', async () => {
    const rows = await db.getDocList('Sales Order', {
      fields: ['name', 'status'],
      filters: [['docstatus', '=', 0]],
      orderBy: { field: 'name', order: 'asc' },
      limit: 5,
    })
    expect(rows).toEqual([{ name: 'draft', status: 'Draft' }])
  })

  it('asks as the adapter does, call by call', async () => {
    const name = 'open-26/27 Zürich'
    const ours: Asked[] = []
    const other = createSandbox()
    const settings = {
      ...other.settings,
      baseUrl: 'https://erpnext.example',
      timeZone: 'Asia/Kolkata',
    }
    const { cancel } = openHarness(
      erpnext,
      settings,
      sandboxTransport(other, async (request, pass) => {
        ours.push(await read(request))
        return pass()
      }),
    )
    const record = await cancel({ orderId: 'open-26~2F27~20Zürich', reason: 'Ordered twice' })
    expect(record.status).toBe('succeeded')

    asked.length = 0
    const { modified } = await db.getDoc('Sales Order', name)
    const pointing = ['name', 'docstatus', 'status']
    await db.getDocList('Delivery Note', {
      fields: pointing,
      filters: [
        ['Delivery Note Item', 'against_sales_order', '=', name],
        ['docstatus', '=', 1],
      ],
      limit: 100,
    })
    await db.getDocList('Sales Invoice', {
      fields: pointing,
      filters: [
        ['Sales Invoice Item', 'sales_order', '=', name],
        ['docstatus', '<', 2],
      ],
      limit: 100,
    })
    await db.updateDoc('Sales Order', name, { docstatus: 2, modified })
    await db.getDocList('Comment', {
      fields: ['reference_name', 'content'],
      filters: [
        ['reference_doctype', '=', 'Sales Order'],
        ['reference_name', '=', name],
        ['comment_type', '=', 'Comment'],
      ],
      orderBy: { field: 'creation', order: 'desc' },
      limit: 100,
    })
    await db.createDoc('Comment', {
      comment_type: 'Comment',
      reference_doctype: 'Sales Order',
      reference_name: name,
      content: 'Ordered twice',
    })
    const plain = ({ query, ...rest }: Asked) => ({
      ...rest,
      accept: rest.accept?.split(',')[0],
      query: Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')),
    })
    expect(ours.map(plain)).toEqual(asked.map(plain))
    expect(ours).toHaveLength(6)
  })
})
