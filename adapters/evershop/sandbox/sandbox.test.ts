/** The imitation of EverShop against what a real server answered, wherever it says anything. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSandbox } from './index.ts'

interface Recording {
  readonly exchanges: readonly {
    readonly request: { readonly path: string; readonly body: any }
    readonly response: { readonly status: number; readonly body: any }
  }[]
  readonly database?: { readonly after: any; readonly stock: any; readonly stripe: string[] }
}
const recorded = (name: string): Recording =>
  JSON.parse(readFileSync(new URL(`../recordings/${name}.json`, import.meta.url), 'utf8'))
const repliesIn = (name: string, path: RegExp) =>
  recorded(name)
    .exchanges.filter(({ request }) => path.test(request.path))
    .map(({ response: { status, body } }) => ({ status, body }))
const CANCEL = /cancel$/

const start = async () => {
  const sandbox = createSandbox()
  const send = async (path: string, body: unknown, authorization?: string) => {
    const reply = await sandbox.app.fetch(
      new Request(`https://shop.example${path}`, {
        method: 'POST',
        headers: { ...(authorization !== undefined && { authorization }) },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )
    const text = await reply.text()
    return { status: reply.status, body: text.startsWith('{') ? JSON.parse(text) : text }
  }
  const { body } = await send('/api/user/tokens', sandbox.settings)
  const token = `Bearer ${body.data.accessToken}`
  const post = (path: string, sent: unknown) => send(path, sent, token)
  const cancel = (id: string, reason = 'first') => post(`/api/orders/${id}/cancel`, { reason })
  const read = async (id: string) =>
    (
      await post('/api/admin/graphql', {
        query:
          'query ($uuid: String!) { order(uuid: $uuid) { status { code } paymentStatus { code } ' +
          'shipmentStatus { code } activities { comment } } }',
        variables: { uuid: id },
      })
    ).body.data.order
  return { sandbox, send, post, cancel, read }
}

describe('a cancel', () => {
  it.each([
    ['cancel-pending', 'open'],
    ['cancel-stripe-authorized', 'paid'],
    ['cancel-stripe-authorized-refusing', 'provider-refuses'],
    ['fails-late-after-void', 'fails-late'],
    ['cancel-stripe-captured', 'captured'],
    ['cancel-shipped', 'shipped'],
    ['cancel-delivered', 'delivered'],
    ['cancel-completed', 'completed'],
    ['cancel-digital', 'digital'],
    ['cancel-shipment-partially-canceled', 'shipment-canceled'],
    ['cancel-canceled', 'canceled'],
    ['race-with-capture', 'captured-meanwhile'],
  ])('is answered, and leaves the order, as in %s', async (name, id) => {
    const { cancel, read, sandbox } = await start()
    const [real] = repliesIn(name, CANCEL)
    const reply = await cancel(id)
    expect(reply.status).toBe(real?.status)
    if (reply.status === 200) expect(reply).toEqual(real)
    const { after, stock, stripe } = recorded(name).database ?? {}
    const { status, paymentStatus, shipmentStatus } = await read(id)
    expect([status.code, paymentStatus.code, shipmentStatus.code]).toEqual([
      after.status,
      after.payment,
      after.shipment,
    ])
    expect(sandbox.behind(id)).toEqual({
      restocked: Object.keys(stock).length === 0 ? 0 : 1,
      voided: stripe?.some((call) => /^cancel .* 200$/.test(call)),
    })
  })

  it('puts the goods back each time, as in repeat-pending', async () => {
    const { cancel, read, sandbox } = await start()
    const replies = []
    for (const reason of ['first', 'second', 'third']) replies.push(await cancel('open', reason))
    expect(replies).toEqual(repliesIn('repeat-pending', CANCEL))
    const told = (await read('open')).activities.map(({ comment }: any) => comment)
    expect(told.toReversed()).toEqual(recorded('repeat-pending').database?.after.activities)
    expect([sandbox.cancels.get('open'), sandbox.behind('open').restocked]).toEqual([3, 3])
  })

  it.each(['reason-html', 'reason-empty'])('keeps its reason as in %s', async (name) => {
    const { cancel, read } = await start()
    await cancel('open', recorded(name).exchanges[0]?.request.body.reason)
    expect((await read('open')).activities[0].comment).toBe(
      recorded(name).database?.after.activities.at(-1),
    )
  })

  it('is refused for its body as in reasons-refused, and does nothing', async () => {
    const { sandbox, post } = await start()
    const path = '/api/orders/open/cancel'
    const bodies = recorded('reasons-refused').exchanges.map(({ request }) => request.body)
    const replies = []
    for (const body of bodies) replies.push(await post(path, body))
    expect(replies).toEqual(repliesIn('reasons-refused', CANCEL))
    expect(sandbox.cancels.size).toBe(0)
  })
})

it('finds and reads as in ids and search', async () => {
  const { post, cancel } = await start()
  const graphql = (query: string, variables = {}) =>
    post('/api/admin/graphql', { query, variables })
  const [none] = repliesIn('ids', /graphql/)
  expect(await graphql('query ($uuid: String!) { order(uuid: $uuid) { uuid } }')).toEqual(none)
  expect(await cancel('nobody')).toEqual(repliesIn('ids', CANCEL)[0])
  const [found, nothing, all, unknown, half] = repliesIn('search', /graphql/)
  const find = (key: string, value: string) =>
    graphql(recorded('search').exchanges[0]?.request.body.query, {
      filters: [{ key, operation: 'eq', value }],
    })
  const totalOf = ({ body }: any) => body.data.orders.total
  expect(totalOf(await find('number', '10001'))).toBe(totalOf(found))
  expect(await find('number', '99999')).toEqual(nothing)
  const everything = await find('uuid', 'open')
  expect(totalOf(everything)).toBeGreaterThan(10)
  expect(totalOf(all)).toBeGreaterThan(10)
  const asked = '{ order(uuid: $uuid) { uuid nonsense status } }'
  expect((await graphql(asked, { uuid: 'open' })).body.data.order).toEqual({
    ...unknown?.body.data.order,
    uuid: 'open',
  })
  expect(await graphql('{ order(')).toEqual(half)
})

it('lets in, and turns away, as in auth', async () => {
  const { sandbox, send } = await start()
  const [, wrong, none, garbage, , unknown, read] = repliesIn('auth', /./)
  const path = '/api/orders/open/cancel'
  const login = { ...sandbox.settings, password: 'wrong-password' }
  expect(await send('/api/user/tokens', login)).toEqual(wrong)
  expect(await send(path, { reason: 'x' })).toEqual(none)
  expect(await send(path, { reason: 'x' }, 'Bearer aaa.bbb.ccc')).toEqual(garbage)
  expect(await send('/api/orders/nobody/cancel', { reason: 'x' })).toEqual(unknown)
  expect(await send('/api/admin/graphql', { query: '{ order { uuid } }' })).toEqual(read)
  expect(sandbox.cancels.size).toBe(0)
})
