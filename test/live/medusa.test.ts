/** The Medusa adapter on a real Medusa 2.21, through the gateway's HTTP API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openGateway } from './gateway.ts'
import { type Lab, type OrderState, startLab } from './lab/medusa.ts'
import { STATES, TOTAL } from './states.ts'

let lab: Lab
let gateway: Awaited<ReturnType<typeof openGateway>>
let hasty: Awaited<ReturnType<typeof openGateway>>
const proved: string[] = []

beforeAll(async () => {
  lab = await startLab()
  const base = { baseUrl: lab.url, publishableKey: lab.publishableKey }
  const login = { email: lab.adminEmail, password: lab.adminPassword }
  gateway = await openGateway({
    stores: [
      {
        id: 'key',
        platform: 'medusa',
        test: true,
        settings: { ...base, secretKey: lab.secretKey },
      },
      { id: 'login', platform: 'medusa', test: true, settings: { ...base, ...login } },
      {
        id: 'wrong-key',
        platform: 'medusa',
        test: true,
        settings: { ...base, secretKey: 'sk_0000000000000000' },
      },
      {
        id: 'wrong-login',
        platform: 'medusa',
        test: true,
        settings: { ...base, ...login, password: 'not-the-password' },
      },
    ],
    timing: { settleMs: 3_000 },
  })
  // Gives up long before a slow payment provider is done; its settle time covers the landing.
  hasty = await openGateway({
    stores: [
      {
        id: 'hasty',
        platform: 'medusa',
        test: true,
        settings: { ...base, secretKey: lab.secretKey },
      },
    ],
    timing: { callTimeoutMs: 2_500, settleMs: 8_000 },
  })
})
afterAll(async () => {
  await gateway?.close()
  await hasty?.close()
  await lab?.stop()
  process.stdout.write(
    `\nProved on a real Medusa:\n${proved.map((line) => `  ${line}\n`).join('')}`,
  )
})

interface Native {
  readonly status: string
  readonly total: number
  readonly credit_line_total: number
  readonly metadata: Record<string, unknown> | null
  readonly items: readonly { readonly id: string }[]
  readonly payment_status: string
  readonly fulfillment_status: string
}
const native = async (id: string) =>
  (
    await lab.admin<{ order: Native }>(
      'GET',
      `/admin/orders/${id}?fields=%2Bmetadata,%2Bcredit_line_total`,
    )
  ).order

/** Events come shortly after the reply. */
const canceledEvents = async (id: string, atLeast: number): Promise<number> => {
  for (const end = Date.now() + 5_000; ;) {
    const count = (await lab.eventLog(id)).filter(({ name }) => name === 'order.canceled').length
    if (count >= atLeast || Date.now() > end) return count
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
  }
}

describe('every order state', () => {
  it.each(Object.entries(STATES))('%s', async (state, expected) => {
    const { id } = await lab.order(state as OrderState)
    const was = await native(id)
    const request = {
      store: 'key',
      orderId: id,
      reason: `live test: ${state}`,
      restock: true,
      notify: false,
    }
    const preview = (await gateway.ask('POST', '/v1/cancellations/preview', request)).body
    const answer = await gateway.cancel(request)
    const record =
      answer.status < 300
        ? answer.body
        : (await gateway.ask('GET', answer.headers.get('location') ?? '')).body
    expect({ status: record.status, cause: record.problem?.cause }).toEqual({
      status: expected.status,
      cause: expected.cause,
    })
    expect(answer.status).toBe(expected.status === 'succeeded' ? 201 : 409)
    expect(record.alreadyCanceled).toBe(expected.already ?? false)
    expect(record.effects.payment.outcome).toBe(expected.payment)
    expect(record.effects.payment.amount?.amount).toBe(expected.amount)
    expect(record.order.paymentStatus).toBe(expected.paymentStatus)
    expect(record.order.status).toBe(expected.order ?? 'canceled')
    const canceled = expected.status === 'succeeded' && !expected.already
    expect(record.effects.reason.outcome).toBe(canceled ? 'applied' : 'skipped')
    expect(record.effects.restock.outcome).toBe(canceled ? 'applied' : 'skipped')
    expect(record.effects.notify.outcome).toBe('withheld')
    // What was ordered does not change by canceling it.
    expect(Number(record.order.totals.total.amount)).toBeCloseTo(
      was.total + (was.credit_line_total ?? 0),
      6,
    )
    // The preview said so before.
    expect(preview.cancelable).toBe(canceled)
    expect(preview.alreadyCanceled).toBe(expected.already ?? false)
    if (preview.problem) expect(preview.problem.cause).toBe(expected.cause)
    if (canceled && expected.payment !== 'failed')
      expect(preview.effects.payment.outcome).toBe(record.effects.payment.outcome)
    // The server itself agrees.
    const now = await native(id)
    expect(now.status === 'canceled').toBe(record.order.status === 'canceled')
    expect(now.metadata?.['cancel_reason']).toBe(canceled ? `live test: ${state}` : undefined)
    expect(now.items.length).toBe(was.items.length)
    if (canceled) expect(await canceledEvents(id, 1)).toBe(1)
    // The live order reads as the record says.
    const read = (await gateway.ask('GET', `/v1/stores/key/orders/${id}`)).body
    expect({ status: read.status, paymentStatus: read.paymentStatus }).toEqual({
      status: record.order.status,
      paymentStatus: record.order.paymentStatus,
    })
    // By name we ask for less than Medusa tells by default, and it computes the same from it.
    expect(read.native).toEqual({
      status: now.status,
      paymentStatus: now.payment_status,
      fulfillmentStatus: now.fulfillment_status,
    })
    proved.push(
      `${state.padEnd(28)} ${record.status.padEnd(10)} ` +
        `${(record.problem?.cause ?? record.effects.payment.outcome).padEnd(12)} ` +
        `${record.order.paymentStatus}`,
    )
  })
})

describe('transfers', () => {
  it('the customer’s token cancels, another’s not; twice is nothing pending', async () => {
    const { id } = await lab.order('transfer_requested')
    const transfer = { store: 'key', orderId: id, target: 'transfer' }
    const other = await gateway.cancel(transfer, {
      'rescind-customer-token': await lab.customerToken(lab.customer2),
    })
    expect({ status: other.status, cause: other.body.cause }).toEqual({
      status: 409,
      cause: 'refused',
    })
    const own = await gateway.cancel(transfer, {
      'rescind-customer-token': await lab.customerToken(lab.customer),
    })
    expect(own.status).toBe(201)
    expect(own.body.effects).toMatchObject({
      order: { outcome: 'applied', basis: 'confirmed' },
      payment: { outcome: 'not_applicable' },
    })
    const again = await gateway.cancel(transfer, {
      'rescind-customer-token': await lab.customerToken(lab.customer),
    })
    expect({ status: again.status, cause: again.body.cause }).toEqual({
      status: 409,
      cause: 'nothing_pending',
    })
    expect((await gateway.cancel({ store: 'key', orderId: id })).status).toBe(201)
    proved.push(
      'transfer by customer token: canceled once; another customer refused; nothing left; then ' +
        'the order canceled',
    )
  })
  it('an admin user’s login cancels it, a secret key cannot and nothing is sent', async () => {
    const { id } = await lab.order('transfer_requested')
    const byKey = await gateway.cancel({ store: 'key', orderId: id, target: 'transfer' })
    expect({ status: byKey.status, cause: byKey.body.cause, acted: byKey.body.acted }).toEqual({
      status: 409,
      cause: 'refused',
      acted: 'no',
    })
    const byLogin = await gateway.cancel({ store: 'login', orderId: id, target: 'transfer' })
    expect(byLogin.status).toBe(201)
    proved.push('transfer by admin login: canceled; by secret key: refused beforehand')
  })
})

describe('many at once', () => {
  it('thirty requests each for ten orders: one cancel, same totals, no reservation', async () => {
    const orders = []
    for (let made = 0; made < 10; made++)
      orders.push((await lab.order(made % 2 ? 'lab_captured' : 'lab_authorized')).id)
    const before = await lab.inventory()
    const answers = await Promise.all(
      orders.flatMap((id) =>
        Array.from({ length: 30 }, (_, index) =>
          gateway.cancel({ store: index % 3 ? 'key' : 'login', orderId: id, restock: true }),
        ),
      ),
    )
    for (const answer of answers) expect([200, 201]).toContain(answer.status)
    let refunds = 0
    for (const id of orders) {
      expect(await canceledEvents(id, 1)).toBe(1)
      const now = await native(id)
      expect(now.items.length).toBe(1)
      expect(now.total + now.credit_line_total).toBeCloseTo(Number(TOTAL), 6)
      const calls = (await lab.providerLog(id)).filter(
        ({ call }) => call === 'refund' || call === 'cancel',
      )
      expect(calls.length).toBe(1)
      refunds += calls.length
    }
    const after = await lab.inventory()
    expect(before.reserved - after.reserved).toBe(2 * orders.length)
    proved.push(
      `300 simultaneous requests for 10 orders: 10 cancels, ${refunds} payment calls, totals ` +
        `unchanged, ${2 * orders.length} of ${2 * orders.length} pieces released`,
    )
  })

  it('control: three direct calls at once do the damage', async () => {
    const damage: string[] = []
    for (let trial = 0; trial < 6 && damage.length === 0; trial++) {
      const { id } = await lab.order('authorized')
      const before = await lab.inventory()
      const replies = await Promise.all(
        [1, 2, 3].map(() =>
          fetch(`${lab.url}/admin/orders/${id}/cancel`, {
            method: 'POST',
            headers: { authorization: `Basic ${btoa(`${lab.secretKey}:`)}` },
          }),
        ),
      )
      const now = await native(id)
      const after = await lab.inventory()
      if (now.items.length > 1) damage.push(`line items ${now.items.length}`)
      if (Math.abs(now.total + now.credit_line_total - Number(TOTAL)) > 0.001)
        damage.push(`total ${now.total + now.credit_line_total} of ${TOTAL}`)
      if (before.reserved - after.reserved !== 2)
        damage.push(`reservation left over: ${2 - (before.reserved - after.reserved)} pieces`)
      if (damage.length > 0) damage.push(`answers ${replies.map(({ status }) => status).join('/')}`)
    }
    expect(damage.length, 'the control shows that the test can see damage').toBeGreaterThan(0)
    proved.push(`control without the gateway, three calls at once: ${damage.join(', ')}`)
  })
})

describe('doubt', () => {
  it('a client timeout that lands late is reconciled, and sent once', async () => {
    const { id } = await lab.order('lab_captured_stalls')
    const answer = await hasty.cancel(
      { store: 'hasty', orderId: id, reason: 'stalls' },
      { prefer: 'wait=5' },
    )
    expect(answer.status).toBe(202)
    expect(answer.body.status).toBe('in_doubt')
    const record = await hasty.until(answer.body.id, 60_000)
    expect(record).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      effects: {
        order: { outcome: 'applied', basis: 'confirmed' },
        payment: { outcome: 'automatic', amount: { amount: TOTAL } },
      },
    })
    expect(record.attempts).toHaveLength(1)
    expect(record.attempts[0].result).toBe('timeout')
    expect((await lab.providerLog(id)).filter(({ call }) => call === 'refund')).toHaveLength(1)
    expect(await canceledEvents(id, 1)).toBe(1)
    proved.push(
      'a cancel that outlived its client: in_doubt, then succeeded by a look; one call, one refund',
    )
  })
  it('a provider that is slow but in time', async () => {
    const { id } = await lab.order('lab_captured_slow')
    expect((await gateway.cancel({ store: 'key', orderId: id })).body).toMatchObject({
      status: 'succeeded',
      via: 'reply',
    })
  })
})

describe('credentials and reads', () => {
  it.each(['wrong-key', 'wrong-login'])('%s: rejected, retryable, nothing done', async (store) => {
    const { id } = await lab.order('authorized')
    const answer = await gateway.cancel({ store, orderId: id })
    expect(answer.status).toBe(502)
    expect(answer.body).toMatchObject({
      code: 'platform-credentials',
      retryable: true,
      acted: 'no',
    })
    expect((await native(id)).status).toBe('pending')
    proved.push(`${store}: 502 platform-credentials, order untouched`)
  })
  it('an order nobody knows', async () => {
    const answer = await gateway.cancel({
      store: 'key',
      orderId: 'order_01M7ZRFYQXVFCFMNFRJWP6XB51',
    })
    expect({ status: answer.status, code: answer.body.code }).toEqual({
      status: 404,
      code: 'order-not-found',
    })
  })
  it('finds an order by the number people see', async () => {
    const { id } = await lab.order('authorized')
    const order = (await gateway.ask('GET', `/v1/stores/key/orders/${id}`)).body
    for (const number of [order.number, `%23${order.number}`, '1']) {
      const found = await gateway.ask('GET', `/v1/stores/key/orders?number=${number}`)
      expect(found.body.data.map((hit: { number: string }) => hit.number)).toEqual([
        number.replace('%23', ''),
      ])
      if (number !== '1') expect(found.body.data[0].id).toBe(id)
    }
  })
  it('a part that is fulfilled is called so, although lines are told in short', async () => {
    const { id } = await lab.order('lab_captured')
    const [line] = (await native(id)).items
    await lab.admin('POST', `/admin/orders/${id}/fulfillments`, {
      items: [{ id: line?.id, quantity: 1 }],
    })
    const read = (await gateway.ask('GET', `/v1/stores/key/orders/${id}?raw=true`)).body
    expect({
      fulfillmentStatus: read.fulfillmentStatus,
      native: read.native.fulfillmentStatus,
    }).toEqual({
      fulfillmentStatus: 'partially_fulfilled',
      native: (await native(id)).fulfillment_status,
    })
    expect(read.lines).toMatchObject([
      {
        title: 'Lab mug',
        sku: 'LAB-MUG-M',
        quantity: 2,
        unitPrice: { amount: '19.99' },
        total: { amount: '43.27835' },
      },
    ])
    expect((await gateway.cancel({ store: 'key', orderId: id })).body).toMatchObject({
      cause: 'fulfilled',
      acted: 'no',
    })
    proved.push('an order fulfilled in part: read as that with the fields by name')
  })
  it('keeps what else is in the metadata', async () => {
    const { id } = await lab.order('authorized')
    await lab.admin('POST', `/admin/orders/${id}`, { metadata: { channel: 'web' } })
    await gateway.cancel({ store: 'login', orderId: id, reasonCode: 'inventory' })
    expect((await native(id)).metadata).toEqual({
      channel: 'web',
      cancel_reason: 'Out of stock',
      cancel_reason_code: 'inventory',
    })
  })
})
