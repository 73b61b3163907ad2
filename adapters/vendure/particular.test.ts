/**
 * Vendure beyond the suite: one cancel at a time, refusals that did half of it, sessions and
 * channels, where the money is and how much that is.
 */
import { describe, expect, it } from 'vitest'
import { findOrders } from '../../src/gateway/read.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { Settings } from './access.ts'
import { vendure } from './index.ts'
import recorded from './sandbox/order.json' with { type: 'json' }
import { createSandbox } from './sandbox/index.ts'

interface Call {
  readonly name: string
  readonly variables: any
  readonly headers: Headers
}
type Between = (call: Call, pass: () => Promise<Response>) => Promise<Response>

const start = (between: Between = (_, pass) => pass(), more: object = {}) => {
  const sandbox = createSandbox()
  const calls: Call[] = []
  const settings = { ...sandbox.settings, baseUrl: 'https://vendure.example', ...more }
  const opened = openHarness(
    vendure,
    Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null)),
    sandboxTransport(sandbox, async (request, pass) => {
      const { query, variables } = (await request.clone().json()) as Record<string, any>
      const name = /^\w+ (\w+)/.exec(query)?.[1] ?? ''
      const call = { name, variables, headers: request.headers }
      calls.push(call)
      return between(call, pass)
    }),
    { callTimeoutMs: 5_000 },
  )
  const named = (name: string) => calls.filter((call) => call.name === name)
  const view = { request: null, sent: false, byCustomer: false, memo: null }
  const look = (id: string) => vendure.order.look(opened.store.client, id, view)
  return { ...opened, sandbox, calls, named, look }
}

const answer = (data: object) => async () => Response.json({ data })
const thrown = (message: string, path: unknown[], code?: string) => async () =>
  Response.json({ errors: [{ message, path, extensions: { code } }], data: null })

describe('ids', () => {
  it.each([
    ['7', '7'],
    ['007', '7'],
    ['2147483647', '2147483647'],
    ['2147483648', null],
    ['0', null],
    ['-7', null],
    ['7.0', null],
    ['0x7', null],
    ['1e1', null],
    ['5C60B4A4-2F0E-4C4E-9C1B-0E6A2C7D4B11', '5c60b4a4-2f0e-4c4e-9c1b-0e6a2c7d4b11'],
    ['T_7', 'T_7'],
    ['DPKQSH4HBJSMYLSN', 'DPKQSH4HBJSMYLSN'],
  ])('%s is %s', (id, spelled) => expect(vendure.canonicalId?.(id)).toBe(spelled))
})

describe('one at a time', () => {
  it('cancels of different orders never overlap, whatever the number of requests', async () => {
    let [under, most] = [0, 0]
    const { cancel, rest, named } = start(async ({ name }, pass) => {
      if (name !== 'Cancel') return pass()
      under += 1
      most = Math.max(most, under)
      const reply = await pass()
      under -= 1
      return reply
    })
    const ids = ['slow', 'slow-2', 'open', 'open-2', 'paid', 'paid-2']
    const records = await Promise.all(ids.map((orderId) => cancel({ orderId })))
    for (const { id } of records) expect((await rest(id)).status).toBe('succeeded')
    expect([most, named('Cancel').length]).toEqual([1, ids.length])
  })

  it('of all orders of a server, whatever channel their store sees', async () => {
    const keys = ['a', 'b'].map((channel) => {
      const { store } = start(undefined, { channel })
      return Promise.all([store.account, vendure.lockKey?.(store.client, channel)])
    })
    const [one, other] = await Promise.all(keys)
    expect(one).toEqual(other)
  })

  it('what was not processed for a deadlock is sent again', async () => {
    const { cancel, rest, sandbox } = start()
    const record = await rest((await cancel({ orderId: 'deadlocked' })).id)
    expect(record).toMatchObject({
      status: 'succeeded',
      attempts: [{ result: '200', unsent: true }, { result: '200' }],
    })
    expect(sandbox.cancels.get('deadlocked')).toBe(1)
  })
})

describe('a refusal that canceled the lines', () => {
  const half = {
    status: 'needs_attention',
    problem: { acted: 'yes', detail: expect.stringMatching(/every line .* not the order itself/) },
    effects: { order: { outcome: 'failed' }, restock: { outcome: 'automatic' } },
  }
  it('is told with the shop’s own words, and a retry leads on what is left', async () => {
    const { cancel, gateway, named, sandbox, look } = start()
    const record = await cancel({ orderId: 'vetoed', reason: 'Ordered twice' })
    expect(record).toMatchObject(half)
    expect(record.problem?.upstream?.message).toBe('The warehouse has packed this order')
    const retried = await gateway.resolve(record.id, 'retry', 'the veto is gone', 'ann')
    await gateway.idle(retried.id)
    expect(await gateway.get(record.id)).toMatchObject({
      status: 'succeeded',
      order: { totals: { total: { amount: '55.72' } } },
      effects: { restock: { outcome: 'automatic' }, reason: { outcome: 'applied' } },
    })
    expect([named('Cancel').length, named('Transition').length]).toEqual([1, 1])
    expect(sandbox.cancels.get('vetoed')).toBe(2)
    expect((await look('vetoed')).done).toBe(true)
  })

  it('where somebody began to modify the order, and the reply got lost', async () => {
    const { cancel, rest, named } = start(async ({ name }, pass) => {
      const reply = await pass()
      if (name === 'Cancel') throw new TypeError('reset')
      return reply
    })
    const { id, status } = await cancel({ orderId: 'modified-meanwhile' })
    expect(status).toBe('in_doubt')
    expect(await rest(id)).toMatchObject(half)
    expect(named('Cancel')).toHaveLength(1)
  })

  it('is none where the lines were gone before: refused, and nothing changed', async () => {
    const { cancel } = start(async ({ name }, pass) =>
      name === 'Transition'
        ? answer({
            canceled: {
              __typename: 'OrderStateTransitionError',
              errorCode: 'ORDER_STATE_TRANSITION_ERROR',
              message: 'no',
              transitionError: 'Not today',
            },
          })()
        : pass(),
    )
    expect(await cancel({ orderId: 'empty-draft' })).toMatchObject({
      status: 'rejected',
      problem: { cause: 'refused', acted: 'no', upstream: { message: 'Not today' } },
    })
  })
})

describe('errors in a 200', () => {
  it.each([
    ['at the operation, known', 'no', ['canceled'], 'FORBIDDEN', 'rejected'],
    ['at the operation, unknown', 'no', ['canceled'], 'INTERNAL_SERVER_ERROR', 'in_doubt'],
    ['in a part of the reply', 'no', ['canceled', 'customer'], 'FORBIDDEN', 'in_doubt'],
    ['of a deadlock', 'deadlock detected', ['canceled'], undefined, 'accepted'],
    ['of one in a part', 'deadlock detected', ['canceled', 'lines'], undefined, 'in_doubt'],
  ])('%s', async (_, message, path, code, status) => {
    const { cancel } = start(({ name }, pass) =>
      name === 'Cancel' ? thrown(message, path, code)() : pass(),
    )
    expect((await cancel({ orderId: 'open' })).status).toBe(status)
  })

  it('beside data are errors all the same', async () => {
    const { look } = start(async (_, pass) => {
      const { data } = (await (await pass()).json()) as { data: object }
      return Response.json({ data, errors: [{ message: 'no', path: ['order', 'customer'] }] })
    })
    await expect(look('open')).rejects.toMatchObject({ failure: { kind: 'doubt' } })
  })
})

describe('who asks', () => {
  const LOGIN = { apiKey: null, username: 'superadmin', password: 'vendure-sandbox' }
  it('logs in once, and again where the session is over', async () => {
    const { look, sandbox, named } = start(undefined, LOGIN)
    await Promise.all([look('open'), look('paid')])
    expect(named('Login')).toHaveLength(1)
    sandbox.endSessions()
    expect((await look('open')).order.id).toBe('open')
    expect(named('Login')).toHaveLength(2)
    expect(named('Order').at(-1)?.headers.get('authorization')).toMatch(/^Bearer [\da-f]{64}$/)
  })

  it('sends a key and a channel where the settings have them, and no login', async () => {
    const { look, calls } = start(undefined, { channel: 'sandbox-channel' })
    await look('open')
    expect(calls.map(({ name }) => name)).toEqual(['Order'])
    expect(calls[0]?.headers.get('vendure-token')).toBe('sandbox-channel')
    const lost = start(undefined, { channel: 'no-such' })
    await expect(lost.look('open')).rejects.toMatchObject({
      failure: { code: 'platform-credentials', upstream: { code: 'CHANNEL_NOT_FOUND' } },
    })
  })

  it('needs a key, or a name and a password', () => {
    const base = { baseUrl: 'https://vendure.example' }
    for (const [more, takes] of [
      [{}, false],
      [{ apiKey: 'k' }, true],
      [{ username: 'u' }, false],
      [{ username: 'u', password: 'p' }, true],
    ] as const)
      expect(Settings.safeParse({ ...base, ...more }).success).toBe(takes)
  })
})

describe('the reason', () => {
  it('is a private note, and no part of the cancel, whose reason the buyer reads', async () => {
    const { cancel, named } = start()
    const { effects } = await cancel({ orderId: 'open', reason: 'Größe\nfalsch' })
    expect(effects.reason).toMatchObject({ outcome: 'applied', basis: 'reported' })
    expect(named('Cancel')[0]?.variables).toEqual({
      input: { orderId: 'open', cancelShipping: true },
    })
    expect(named('Note').map(({ variables }) => variables.input)).toEqual([
      { id: 'open', note: 'Größe\nfalsch', isPublic: false },
    ])
  })

  it('that is lost on the way is unverified, and the order canceled', async () => {
    const { cancel } = start(({ name }, pass) =>
      name === 'Note' ? Promise.reject(new TypeError('reset')) : pass(),
    )
    expect(await cancel({ orderId: 'open', reason: 'Ordered twice' })).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' }, reason: { outcome: 'unverified' } },
    })
  })
})

describe('orders that are split', () => {
  const obstacleOf = async (change: object, more: object = {}) => {
    const order = { ...recorded.data.order, id: 'open', ...change }
    const { look } = start(answer({ ...recorded.data, order }), more)
    return (await look('open')).obstacle?.detail ?? null
  }
  const open = { code: 'A', state: 'PaymentSettled' }
  const closed = { code: 'B', state: 'Cancelled' }
  it.each([
    ['Aggregate', { sellerOrders: [closed, open] }, /sellers’ own orders/],
    ['Aggregate', { sellerOrders: [closed] }, null],
    ['Aggregate', { sellerOrders: null }, /sellers’ own orders/],
    ['Seller', { aggregateOrder: open }, /the order that it is a part of/],
    ['Seller', { aggregateOrder: closed }, null],
    ['Seller', { aggregateOrder: null }, /the order that it is a part of/],
    ['Regular', {}, null],
  ])('%s with %j', async (type, change, says) => {
    const detail = await obstacleOf({ type, ...change })
    if (says) expect(detail).toMatch(says)
    else expect(detail).toBe(null)
    expect(await obstacleOf({ type, ...change }, { split: 'accept' })).toBe(null)
  })
})

it('finds by the code, and drops what a filter let through', async () => {
  const { store, look } = start()
  const { number } = (await look('paid')).order
  expect((await findOrders(store, number ?? '')).map(({ id }) => id)).toEqual(['paid'])
  const items = [{ ...recorded.data.order, code: 'OTHER' }]
  const ignored = start(
    answer({ orders: { totalItems: 1, items }, globalSettings: recorded.data.globalSettings }),
  )
  const found = await vendure.find?.(ignored.store.client, 'MINE')
  expect(found).toEqual({ orders: [], complete: false })
})

it('money that is not told is not called none', async () => {
  const { cancel } = start(async (_, pass) =>
    Response.json(
      JSON.parse(
        (await (await pass()).text()).replace(/"payments":\[.*?\]\}\]/g, '"payments":null'),
      ),
    ),
  )
  expect((await cancel({ orderId: 'paid' })).effects.payment).toMatchObject({
    outcome: 'withheld',
    basis: 'documented',
    detail: expect.stringContaining('does not tell'),
  })
})
