/**
 * Tryton beyond the suite: the precondition, what is silently passed over, sessions, notes, and
 * sales that share a reference.
 */
import { describe, expect, it } from 'vitest'
import { findOrders } from '../../src/gateway/read.ts'
import { createLockKeys } from '../../src/gateway/workflow/lock-keys.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { tryton } from './index.ts'
import { toOrder } from './map.ts'
import { createSandbox } from './sandbox/index.ts'
import * as wire from './wire.ts'

interface Call {
  readonly method: string
  readonly params: any[]
}
type Between = (call: Call, pass: () => Promise<Response>) => Promise<Response>

const start = (between: Between = (_, pass) => pass(), more: object = {}) => {
  const sandbox = createSandbox()
  const calls: Call[] = []
  const settings = { ...sandbox.settings, baseUrl: 'https://tryton.example', ...more }
  const opened = openHarness(
    tryton,
    settings,
    sandboxTransport(sandbox, async (request, pass) => {
      const call = (await request.clone().json()) as Call
      calls.push(call)
      return between(call, pass)
    }),
  )
  const named = (name: string) => calls.filter(({ method }) => method.endsWith(name))
  const view = { request: null, sent: false, byCustomer: false, memo: null }
  return {
    ...opened,
    sandbox,
    calls,
    named,
    look: (id: string) => tryton.order.look(opened.store.client, id, view),
  }
}

const answers = (error: unknown[]) => async () => Response.json({ id: 1, error })

describe('ids', () => {
  it.each([
    ['7', '7'],
    ['007', '7'],
    ['2147483647', '2147483647'],
    ['2147483648', null],
    ['0', null],
    ['-7', null],
    ['7.0', null],
    ['٧', null],
    ['WEB-1004', null],
    ['open-7', 'open-7'],
  ])('%s is %s', (id, spelled) => expect(tryton.canonicalId?.(id)).toBe(spelled))

  it('go out as the numbers that they are', async () => {
    const { cancel, named } = start()
    expect((await cancel({ orderId: '0042' })).problem?.code).toBe('order-not-found')
    expect(named('search_read')[0]?.params[0]).toEqual([['id', '=', 42]])
  })
})

describe('sales of one number', () => {
  it('of two databases do not wait for one another', async () => {
    const lockKey = createLockKeys()
    const lockOf = (database: string) => {
      const { store } = start(undefined, { database })
      return lockKey(store, store.client, '7')
    }
    expect(await lockOf('acme')).not.toBe(await lockOf('other'))
    expect(await lockOf('acme')).toBe(await lockOf('acme'))
  })
})

describe('the precondition', () => {
  const timestamps = (calls: readonly Call[]) =>
    calls.map(({ params }) => Object.entries(params[1]._timestamp))

  it('is the time of change of the look right before, also where the sale changed', async () => {
    const { cancel, rest, named, sandbox } = start()
    const { id } = await cancel({ orderId: 'edited-meanwhile', reason: 'Ordered twice' })
    const record = await rest(id)
    expect(record).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      attempts: [
        { result: '200 ConcurrencyException', unsent: true },
        { result: '200', unsent: false },
      ],
    })
    const [[first], [second]] = timestamps(named('sale.cancel')) as any
    expect(first[0]).toBe('sale.sale,edited-meanwhile')
    expect(Number(second[1])).toBeGreaterThan(Number(first[1]))
    expect(sandbox.cancels.get('edited-meanwhile')).toBe(1)
    expect(sandbox.notes).toHaveLength(1)
  })

  it('is not in any other call', async () => {
    const { cancel, calls } = start()
    await cancel({ orderId: 'open', reason: 'Ordered twice' })
    const others = calls.filter(({ method }) => !method.endsWith('sale.cancel'))
    expect(others).toHaveLength(5)
    expect(JSON.stringify(others)).not.toMatch(/_timestamp":\{/)
  })
})

it('a cancel that was passed over is looked at, and is none', async () => {
  const { cancel, rest, sandbox, named } = start()
  const { id } = await cancel({ orderId: 'confirmed-meanwhile', reason: 'Ordered twice' })
  expect(await rest(id)).toMatchObject({
    status: 'rejected',
    via: 'reconciled',
    problem: { code: 'order-not-cancelable', cause: 'refused', acted: 'no' },
    order: { status: 'open', native: { status: 'processing' } },
  })
  expect(named('sale.cancel')).toHaveLength(1)
  expect([sandbox.cancels.size, sandbox.notes.length]).toEqual([0, 0])
})

describe('errors in a 200', () => {
  const PATH = '/var/lib/tryton/lab.sqlite'
  it.each([
    [
      'without a name',
      ["Database '" + PATH + "' doesn't exist!", 'File "' + PATH + '"'],
      'in_doubt',
    ],
    ['with a translated text', ['UserError', ['Nicht erlaubt: ' + PATH, '', null]], 'rejected'],
    ['that ask to confirm', ['UserWarning', ['sale_7', 'Sure? ' + PATH, '']], 'rejected'],
    ['in no form', { of: PATH } as unknown as unknown[], 'in_doubt'],
  ])('%s: nothing of their text is told', async (_, error, status) => {
    const { cancel } = start((call, pass) =>
      call.method.endsWith('sale.cancel') ? answers(error)() : pass(),
    )
    const record = await cancel({ orderId: 'open' })
    expect(record.status).toBe(status)
    expect(JSON.stringify(record)).not.toContain('/var/lib')
  })

  it('of a login that wants more than a password are of the credentials', async () => {
    const { cancel } = start((call, pass) =>
      call.method === 'common.db.login'
        ? answers(['LoginException', ['sms_code', 'Code', 'char']])()
        : pass(),
    )
    expect((await cancel({ orderId: 'open' })).problem?.code).toBe('platform-credentials')
  })
})

describe('a session', () => {
  it('is opened once, and again where it is over', async () => {
    const { look, sandbox, named } = start()
    await Promise.all([look('open'), look('paid')])
    expect(named('common.db.login')).toHaveLength(1)
    sandbox.endSessions()
    expect((await look('open')).order.id).toBe('open')
    expect(named('common.db.login')).toHaveLength(2)
  })

  it('tells its user in UTF-8', async () => {
    const connection = {
      settings: { username: 'jürgen', password: 'x', database: 'lab' },
      customerToken: null,
      send: async () => [7, 'f00'],
      token: (_: string, login: () => Promise<{ readonly token: string }>) =>
        login().then(({ token }) => token),
    }
    const request = { method: 'POST', url: 'https://tryton.example/lab/' } as const
    const { authorization } = await tryton.authorize(connection as never, undefined, request)
    expect(authorization).toBe(`Session ${Buffer.from('jürgen:7:f00').toString('base64')}`)
  })

  it('asks for the login’s company once, unless the settings name one', async () => {
    const asks = start(undefined, { company: undefined })
    await Promise.all([asks.look('open'), asks.look('paid')])
    expect(asks.named('get_preferences')).toHaveLength(1)
    expect(asks.named('sale.search_read')[0]?.params.at(-1)).toEqual({
      company: 1,
      company_filter: 'one',
      language: 'en',
    })
    const told = start(undefined, { company: '3' })
    await told.look('open')
    expect(told.named('get_preferences')).toHaveLength(0)
    expect(told.named('sale.search_read')[0]?.params.at(-1).company).toBe(3)
  })
})

describe('the note of the reason', () => {
  it('is not written twice', async () => {
    const { cancel, store, sandbox } = start()
    const record = await cancel({ orderId: 'open', reason: 'Größe\r\nfalsch' })
    expect(record.effects.reason).toMatchObject({ outcome: 'applied', basis: 'reported' })
    const found = (await tryton.order.look(store.client, 'open', {
      request: null,
      sent: true,
      byCustomer: false,
      memo: null,
    })) as never
    const again = await tryton.order.after?.(store.client, {
      request: record.request,
      look: found,
    } as never)
    expect(again?.reason).toMatchObject({ done: 'yes', basis: 'confirmed' })
    expect(sandbox.notes).toEqual([
      { id: 1, resource: 'sale.sale,open', message: 'Größe\r\nfalsch' },
    ])
  })

  it('that is lost on the way is unverified, and the sale canceled', async () => {
    const { cancel } = start((call, pass) =>
      call.method.endsWith('note.create') ? Promise.reject(new TypeError('reset')) : pass(),
    )
    expect(await cancel({ orderId: 'open', reason: 'Ordered twice' })).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' }, reason: { outcome: 'unverified' } },
    })
  })
})

describe('a search', () => {
  const sale = (id: number, reference: string, number: string | null = null) => ({
    id,
    state: 'draft',
    _timestamp: '1',
    number,
    reference,
  })
  const searching = (sales: object[]) =>
    start((call, pass) =>
      call.method.endsWith('sale.search_read')
        ? Promise.resolve(Response.json({ id: 1, result: sales }))
        : pass(),
    )

  it('finds all that share a reference, and drops what a filter let through', async () => {
    const { store, named } = searching([sale(7, 'WEB-1'), sale(2, 'WEB-1'), sale(3, 'WEB-10')])
    const found = await tryton.find?.(store.client, 'WEB-1')
    expect(found?.orders.map(({ id }) => id)).toEqual(['7', '2'])
    expect(found?.complete).toBe(false)
    expect(named('search_read')[0]?.params[0]).toEqual([
      'OR',
      ['number', '=', 'WEB-1'],
      ['reference', '=', 'WEB-1'],
    ])
  })

  it('says so where there are more than it looks through', async () => {
    const { store } = searching(Array.from({ length: 21 }, (_, id) => sale(id + 1, 'WEB-1')))
    const found = await tryton.find?.(store.client, 'WEB-1')
    expect([found?.orders.length, found?.complete]).toEqual([20, false])
  })

  it('finds the imitation’s by number and by reference', async () => {
    const { store, look } = start()
    for (const [id, number] of [
      ['open', 'WEB-1001'],
      ['paid', '2'],
      ['paid', 'WEB-1002'],
    ] as const)
      expect((await findOrders(store, number)).map((found) => found.id)).toEqual([id])
    expect((await look('paid')).order.number).toBe('2')
  })
})

it('reads a poor sale: what only describes it may be missing or odd', () => {
  const { data } = wire.SalesReply.safeParse({
    id: 1,
    result: [
      {
        id: 7,
        state: 'draft',
        _timestamp: '1795927119.5',
        'party.': [],
        'currency.': { code: 'EUR' },
        total_amount: { decimal: 'NaN' },
        untaxed_amount: { decimal: '12.5000' },
        create_date: { year: 2026, month: 13 },
        write_date: 'yesterday',
        'lines.': [{ type: 'comment' }, 'odd', { type: 'line', quantity: '2' }],
      },
    ],
  })
  expect(data?.map(toOrder)).toMatchObject([
    {
      id: '7',
      number: null,
      status: 'draft',
      paymentStatus: 'unknown',
      fulfillmentStatus: 'unknown',
      currency: 'EUR',
      totals: { subtotal: { amount: '12.50' }, total: null },
      customer: null,
      lines: [{ id: null, quantity: 2, unitPrice: null }],
      createdAt: null,
      updatedAt: null,
    },
  ])
  for (const missing of ['id', 'state', '_timestamp'])
    expect(
      wire.SalesReply.safeParse({
        result: [{ id: 7, state: 'draft', _timestamp: '1', [missing]: undefined }],
      }).success,
      missing,
    ).toBe(false)
})
