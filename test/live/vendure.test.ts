/**
 * The Vendure adapter on a real Vendure 3.7 with Postgres, through the gateway's HTTP API; what it
 * tells is held against the server's own database.
 */
import { buildClientSchema, getIntrospectionQuery, parse, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as queries from '../../adapters/vendure/queries.ts'
import { openGateway } from './gateway.ts'
import { type OrderState, startVendure, type VendureLab } from './lab/vendure.ts'
import { login, openShopper } from './lab/vendure/api.ts'
import { openBetween } from './lab/vendure/between.ts'
import { readBooks, readStock, stockChange } from './lab/vendure/books.ts'
import { cancelByHand, lead } from './lab/vendure/orders.ts'
import { buyer, clerk } from './lab/vendure/shop.ts'
import { ACCEPTED, type Expected, HEADINGS, row, STATES } from './vendure-states.ts'

type Gateway = Awaited<ReturnType<typeof openGateway>>
let lab: VendureLab
let between: Awaited<ReturnType<typeof openBetween>>
let gateway: Gateway
let hasty: Gateway
const proved: string[] = []
const table: string[] = []

beforeAll(async () => {
  lab = await startVendure()
  between = await openBetween(lab.url)
  const { apiKey, readerKey } = lab.shop
  const store = (id: string, more: object) => ({
    id,
    platform: 'vendure',
    test: true,
    settings: { baseUrl: between.url, ...more },
  })
  gateway = await openGateway({
    stores: [
      store('key', { apiKey, dashboardUrl: `${between.url}/dashboard` }),
      store('login', clerk),
      store('accepts', { ...clerk, fulfilled: 'accept', split: 'accept' }),
      store('reader', { apiKey: readerKey }),
      store('wrong-key', { apiKey: 'no:body' }),
      store('wrong-login', { ...clerk, password: 'not-the-password' }),
    ],
    timing: { settleMs: 3_000 },
  })
  // Gives up long before a stalled cancel is over; its settle time covers the landing.
  hasty = await openGateway({
    stores: [store('hasty', { apiKey })],
    timing: { callTimeoutMs: 3_000, settleMs: 9_000 },
  })
})
afterAll(async () => {
  await gateway?.close()
  await hasty?.close()
  between?.close()
  await lab?.stop()
  process.stdout.write(
    `\nProved on a real Vendure:\n${[HEADINGS, ...table, '', ...proved]
      .map((line) => `  ${line}`.trimEnd())
      .join('\n')}\n`,
  )
})

/** A request, its preview, its record, and what the database says before and after it. */
const cancelOrder = async (store: string, id: string, more: object = {}) => {
  const request = { store, orderId: id, reason: 'Ordered twice', restock: true, ...more }
  const preview = (await gateway.ask('POST', '/v1/cancellations/preview', request)).body
  const [was, stockWas, calls] = [
    await readBooks(lab, id),
    await readStock(lab),
    lab.paymentCalls(),
  ]
  const answer = await gateway.cancel(request)
  const record =
    answer.status < 300
      ? answer.body
      : (await gateway.ask('GET', answer.headers.get('location') ?? '')).body
  const now = await readBooks(lab, id)
  const stock = stockChange(stockWas, await readStock(lab))
  return { preview, answer, record, was, now, stock, calls: lab.paymentCalls() - calls }
}
type Done = Awaited<ReturnType<typeof cancelOrder>>

const shown = (stock: Done['stock']) =>
  Object.entries(stock)
    .map(([sku, [onHand, allocated]]) => `${sku} ${onHand}/${allocated}`)
    .join(' ') || '-'

const isCanceledBy = ({ status, already }: Expected) => status === 'succeeded' && !already

/** What is told, beforehand and afterwards. */
const proveTold = (store: string, expected: Expected, { preview, answer, record }: Done) => {
  const isCanceled = isCanceledBy(expected)
  expect({ status: record.status, cause: record.problem?.cause ?? '' }).toEqual({
    status: expected.status,
    cause: expected.cause ?? '',
  })
  expect(answer.status).toBe(expected.status === 'succeeded' ? 201 : 409)
  expect(record.alreadyCanceled).toBe(expected.already ?? false)
  expect(record.attempts).toHaveLength(isCanceled ? 1 : 0)
  expect(record.effects).toMatchObject({
    order: { outcome: isCanceled ? 'applied' : 'skipped' },
    reason: { outcome: isCanceled ? 'applied' : 'skipped' },
    restock: { outcome: expected.restock },
    payment: { outcome: 'withheld' },
    notify: { outcome: 'withheld' },
  })
  expect(record.effects.payment.amount?.amount).toBe(expected.amount)
  expect(record.order.paymentStatus).toBe(expected.paymentStatus)
  expect([preview.cancelable, preview.alreadyCanceled]).toEqual([
    isCanceled,
    expected.already ?? false,
  ])
  if (preview.problem) expect(preview.problem.cause).toBe(expected.cause)
  if (isCanceled)
    for (const effect of ['payment', 'restock'])
      expect(preview.effects[effect].outcome).toBe(record.effects[effect].outcome)
  expect(record.order.totals.total).toEqual(preview.order.totals.total)
  if (store === 'key')
    expect(record.order.adminUrl).toMatch(
      new RegExp(`/dashboard/orders/(?:draft/)?${record.orderId}$`),
    )
}

/** The database says the same. */
const proveBooks = (expected: Expected, { record, was, now, stock, calls }: Done) => {
  const isCanceled = isCanceledBy(expected)
  expect(stock).toEqual(expected.stock)
  expect(calls).toBe(0)
  expect([now.payments, now.fulfillments, now.others]).toEqual([
    was.payments,
    was.fulfillments,
    was.others,
  ])
  expect(now.privateNotes).toEqual(isCanceled ? ['Ordered twice'] : [])
  expect(now.publicWords).not.toContain('Ordered twice')
  if (isCanceled) expect([now.state, now.pieces]).toEqual(['Cancelled', 0])
  else expect(now).toEqual(was)
  if (now.state === 'Cancelled') expect(record.order.status).toBe('canceled')
  else expect(record.order.native.status).toBe(now.state)
}

const prove = (state: string, store: string, expected: Expected, done: Done) => {
  const { record, was, now, stock } = done
  proveTold(store, expected, done)
  proveBooks(expected, done)
  const told = record.problem?.cause ?? (expected.already ? 'already' : 'canceled')
  const { payment, reason, restock } = record.effects
  table.push(
    row([
      store === 'key' ? state : `${state} (accepted)`,
      `${record.status === 'rejected' ? 'rejected, ' : ''}${told}`,
      `${payment.outcome} ${payment.amount?.amount ?? ''}`,
      restock.outcome,
      reason.outcome,
      `${was.state === now.state ? now.state : `-> ${now.state}`}`,
      shown(stock),
      now.payments.join(', ') || '-',
      String(now.privateNotes.length),
    ]),
  )
}

describe('every state of an order', () => {
  it.each(Object.entries(STATES))('%s', async (state, expected) => {
    const { id } = await lab.order(state as OrderState)
    const done = await cancelOrder('key', id)
    prove(state, 'key', expected, done)
    // The live order reads as the record says.
    const read = (await gateway.ask('GET', `/v1/stores/key/orders/${id}`)).body
    for (const member of ['status', 'paymentStatus', 'fulfillmentStatus', 'native'])
      expect(read[member]).toEqual(done.record.order[member])
  })

  it.each(Object.entries(ACCEPTED))('%s, where that is accepted', async (state, expected) => {
    const { id } = await lab.order(state as OrderState)
    prove(state, 'accepts', expected, await cancelOrder('accepts', id))
  })

  it('all that is asked is in the server’s own schema', async () => {
    const { body } = await lab.byKey(getIntrospectionQuery(), {})
    const schema = buildClientSchema(body.data)
    for (const [name, text] of Object.entries(queries))
      expect(validate(schema, parse(text)).map(String), name).toEqual([])
    proved.push(`${Object.keys(queries).length} operations fit the schema by introspection`)
  })

  it('the reason is private: the buyer reads nothing of it, nor of who canceled', async () => {
    const { id, code } = await lab.order('settled_signed_in')
    await cancelOrder('key', id)
    const token = await login(`${lab.url}/shop-api`, buyer.email, buyer.password)
    const read = await openShopper(lab.url, { token })(
      'query ($code: String!) { orderByCode(code: $code) { state history { items { type data } } } }',
      { code },
    )
    expect(read.state).toBe('Cancelled')
    expect(JSON.stringify(read)).not.toContain('Ordered twice')
    proved.push('the buyer reads that it is canceled, and nothing of the reason')
  })
})

describe('a refusal that did half of it', () => {
  const HALF = { status: 'needs_attention', problem: { acted: 'yes' } }
  it('by the shop’s own process: told, and canceled once the veto is gone', async () => {
    const { id } = await lab.order('settled')
    lab.turn({ refuses: 'The warehouse has packed this order' })
    const { record, now, stock } = await cancelOrder('key', id).finally(() => lab.turn({}))
    expect(record).toMatchObject(HALF)
    expect(record.problem.upstream.message).toBe('The warehouse has packed this order')
    expect(record.effects).toMatchObject({
      order: { outcome: 'failed' },
      restock: { outcome: 'applied' },
      payment: { outcome: 'withheld' },
    })
    expect([now.state, now.pieces, shown(stock)]).toEqual([
      'PaymentSettled',
      0,
      'MUG 0/-2 TEE 0/-1',
    ])
    const address = `/v1/cancellations/${record.id}/resolve`
    await gateway.ask('POST', address, { as: 'retry', note: 'The veto is gone' })
    expect(await gateway.until(record.id, 30_000)).toMatchObject({ status: 'succeeded' })
    expect(await readBooks(lab, id)).toMatchObject({
      state: 'Cancelled',
      putBack: 3,
      privateNotes: ['Ordered twice'],
    })
    proved.push(
      'a veto: lines at 0 and goods back, state as it was: needs_attention; retried: done',
    )
  })

  it('since somebody began to modify it between look and cancel', async () => {
    const { id } = await lab.order('authorized')
    between.comeBetween(async () => void (await lead(lab, id, 'Modifying')))
    const { record, now } = await cancelOrder('key', id).finally(() => between.comeBetween())
    expect(record).toMatchObject(HALF)
    expect(now).toMatchObject({ state: 'Modifying', pieces: 0, payments: ['Authorized 5572'] })
    proved.push('a modification that began in between: lines at 0, Modifying: needs_attention')
  })
})

describe('many at once', () => {
  it('thirty requests for one order, in two stores: one cancel, goods put back once', async () => {
    const { id } = await lab.order('settled')
    const stock = await readStock(lab)
    between.passed()
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        gateway.cancel({ store: index % 3 ? 'key' : 'login', orderId: id, restock: true }),
      ),
    )
    for (const { status } of answers) expect([200, 201]).toContain(status)
    const { names, most } = between.passed()
    expect(names.filter(({ name }) => name === 'Cancel')).toHaveLength(1)
    expect(most).toBe(1)
    expect(stockChange(stock, await readStock(lab))).toEqual({ MUG: [0, -2], TEE: [0, -1] })
    expect(await readBooks(lab, id)).toMatchObject({
      state: 'Cancelled',
      cancellations: 1,
      putBack: 3,
    })
    proved.push('30 requests at once for one order in two stores: 1 cancel, 3 of 3 pieces put back')
  })

  it('two orders that share a product, six times: the stock is right', async () => {
    const stock = await readStock(lab)
    between.passed()
    for (let trial = 0; trial < 6; trial++) {
      const orders = [await lab.order('settled'), await lab.order('authorized')]
      const answers = await Promise.all(
        orders.map(({ id }, index) =>
          gateway.cancel({ store: index ? 'key' : 'login', orderId: id }),
        ),
      )
      for (const { body } of answers)
        expect((await gateway.until(body.id, 60_000)).status).toBe('succeeded')
    }
    expect(between.passed().most).toBe(1)
    expect(stockChange(stock, await readStock(lab))).toEqual({})
    proved.push('two orders that share a product, canceled at once, 6 times: 0 of 36 pieces lost')
  })

  it('a batch of twenty orders, one after the other', async () => {
    const orders = []
    for (let made = 0; made < 20; made++) orders.push(await lab.order('settled'))
    const stock = await readStock(lab)
    between.passed()
    const began = performance.now()
    const items = orders.map(({ id }) => ({ store: 'login', orderId: id, reason: 'Recalled' }))
    const { body } = await gateway.ask('POST', '/v1/batches', { items })
    await expect
      .poll(async () => (await gateway.ask('GET', `/v1/batches/${body.id}`)).body.status, {
        interval: 200,
        timeout: 120_000,
      })
      .toBe('finished')
    const seconds = (performance.now() - began) / 1_000
    for (const { id } of orders)
      expect(await readBooks(lab, id)).toMatchObject({ state: 'Cancelled', putBack: 3 })
    expect(between.passed().most).toBe(1)
    expect(stockChange(stock, await readStock(lab))).toEqual({ MUG: [0, -40], TEE: [0, -20] })
    proved.push(`a batch of 20: one at a time, in ${seconds.toFixed(1)} s, every piece put back`)
  })

  it('control: three direct calls at once for one order, and two orders at once', async () => {
    const [{ CANCEL }, damage] = [queries, [] as string[]]
    const direct = (id: string) => lab.byKey(CANCEL, { input: { orderId: id } })
    const answersOf = (replies: readonly { readonly body: any }[]) =>
      replies
        .map(({ body }) => body.errors?.[0].message ?? body.data.canceled.__typename)
        .sort()
        .join(', ')
    let trial = 0
    for (; trial < 10 && damage.length < 2; trial++) {
      const one = await lab.order('settled')
      const answers = answersOf(await Promise.all([1, 2, 3].map(() => direct(one.id))))
      const { putBack } = await readBooks(lab, one.id)
      if (putBack > 3 && !damage[0])
        damage.unshift(`three calls for one order put ${putBack} pieces back for 3 (${answers})`)
      const pair = [await lab.order('settled'), await lab.order('settled')]
      const stock = await readStock(lab)
      const said = answersOf(await Promise.all(pair.map(({ id }) => direct(id))))
      const change = shown(stockChange(stock, await readStock(lab)))
      if (said === 'Order, Order' && change !== 'MUG 0/-4 TEE 0/-2' && damage.length === 1)
        damage.push(`two orders at once changed ${change} in the place of MUG 0/-4 TEE 0/-2`)
    }
    expect(damage, 'the control shows that the test can see damage').toHaveLength(2)
    proved.push(...damage.map((what) => `control without the gateway: ${what}`))
  })
})

describe('doubt', () => {
  it('a client timeout that lands late is reconciled, sent once, and holds up the others', async () => {
    const [late, other] = [await lab.order('settled'), await lab.order('settled')]
    const stock = await readStock(lab)
    between.passed()
    lab.turn({ stallsMs: 6_000 })
    const request = { store: 'hasty', reason: 'Ordered twice' }
    const answer = await hasty.cancel({ ...request, orderId: late.id }, { prefer: 'wait=5' })
    expect(answer.body).toMatchObject({ status: 'in_doubt' })
    const meanwhile = await hasty.cancel({ ...request, orderId: other.id }, { prefer: 'wait=1' })
    expect(meanwhile.body).toMatchObject({ status: 'accepted', attempts: [] })
    expect((await readBooks(lab, late.id)).state).toBe('PaymentSettled')
    lab.turn({})
    const record = await hasty.until(answer.body.id, 60_000)
    expect(record).toMatchObject({ status: 'succeeded', via: 'reconciled', alreadyCanceled: false })
    expect(record.attempts).toMatchObject([{ result: 'timeout' }])
    expect(await hasty.until(meanwhile.body.id, 60_000)).toMatchObject({ status: 'succeeded' })
    const { names, most } = between.passed()
    expect(names.filter(({ name }) => name === 'Cancel')).toHaveLength(2)
    expect(most).toBe(1)
    expect(stockChange(stock, await readStock(lab))).toEqual({ MUG: [0, -4], TEE: [0, -2] })
    expect(await readBooks(lab, late.id)).toMatchObject({
      cancellations: 1,
      putBack: 3,
      privateNotes: ['Ordered twice'],
    })
    proved.push('a cancel that outlived its client: in_doubt, reconciled, one call; others waited')
  })

  it('somebody else cancels in between: told as canceled already', async () => {
    const { id } = await lab.order('settled')
    between.comeBetween(async () => void (await cancelByHand(lab.admin, id)))
    const { record, now } = await cancelOrder('key', id).finally(() => between.comeBetween())
    expect(record).toMatchObject({ status: 'succeeded', alreadyCanceled: true })
    expect(now).toMatchObject({ state: 'Cancelled', cancellations: 1, putBack: 3 })
    proved.push('canceled by somebody else between look and cancel: alreadyCanceled')
  })
})

describe('credentials and reads', () => {
  it.each(['wrong-key', 'wrong-login', 'reader'])('%s: rejected, nothing done', async (store) => {
    const { id } = await lab.order('authorized')
    const was = await readBooks(lab, id)
    const answer = await gateway.cancel({ store, orderId: id, reason: 'Ordered twice' })
    expect(answer.status).toBe(502)
    expect(answer.body).toMatchObject({ code: 'platform-credentials', acted: 'no' })
    expect(await readBooks(lab, id)).toEqual(was)
    proved.push(`${store}: 502 platform-credentials, the order as it was`)
  })

  it('finds orders by their code, and no order by an id that is none', async () => {
    const { id, code } = await lab.order('authorized')
    const find = async (number: string) =>
      (await gateway.ask('GET', `/v1/stores/login/orders?number=${number}`)).body.data
    expect((await find(code)).map((found: any) => found.id)).toEqual([id])
    expect(await find(code.toLowerCase())).toEqual([])
    for (const [orderId, is] of [
      ['999999', 'order-not-found'],
      [code, 'order-not-found'],
      ['0x7', 'invalid-request'],
    ])
      expect((await gateway.cancel({ store: 'key', orderId })).body.code).toBe(is)
    const zeros = await gateway.cancel({ store: 'key', orderId: `00${id}` })
    expect(zeros.body).toMatchObject({ status: 'succeeded', orderId: id })
  })
})
