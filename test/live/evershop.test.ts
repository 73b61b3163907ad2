/** The EverShop adapter on a real EverShop 2.2, through the gateway's HTTP API. */
import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { STATES } from './evershop-states.ts'
import { openGateway } from './gateway.ts'
import { adminEmail, adminPassword, type EvershopLab, startEvershop } from './lab/evershop/index.ts'
import { type OrderState, recipes } from './lab/evershop/orders.ts'
import { type Placed, type Row, stripeSecret } from './lab/evershop/shop.ts'

let lab: EvershopLab
let gateway: Awaited<ReturnType<typeof openGateway>>
let hasty: Awaited<ReturnType<typeof openGateway>>
const table: string[] = []
/** Of each effect of each state: whether the database agrees; null: it was not told. */
const effects: (boolean | null)[] = []
const proved: string[] = []

beforeAll(async () => {
  lab = await startEvershop()
  // Both gateways come from one address, and do not know of each other: its 120 requests a minute
  // are shared out.
  const store = (id: string, more: object = {}, pace = { perSecond: 1.2, burst: 12 }) => ({
    id,
    platform: 'evershop',
    test: true,
    pace,
    settings: { baseUrl: lab.url, email: adminEmail, password: adminPassword, ...more },
  })
  gateway = await openGateway({
    stores: [store('shop'), store('wrong', { password: 'not-the-password' })],
    timing: { settleMs: 3_000 },
  })
  // Gives up long before a slow cancel is done; its settle time covers the landing.
  hasty = await openGateway({
    stores: [store('hasty', {}, { perSecond: 0.4, burst: 10 })],
    timing: { callTimeoutMs: 1_500, settleMs: 8_000 },
  })
})
afterAll(async () => {
  await gateway?.close()
  await hasty?.close()
  await lab?.stop()
  const heading = ['state', 'record', 'order', 'reason', 'restock', 'payment'].map(wide).join('')
  const [right, told] = [
    effects.filter((verdict) => verdict === true).length,
    effects.filter((verdict) => verdict !== null).length,
  ]
  process.stdout.write(
    '\nOn a real EverShop: told / whether it happened, by its database and its Stripe\n' +
      `  ${heading}\n${table.map((line) => `  ${line}\n`).join('')}` +
      `  ${right} of ${told} effects that were told are as the database has them ` +
      `(${Math.round((100 * right) / told)} %); ${effects.length - told} were not told\n\n` +
      `Proved on a real EverShop:\n${proved.map((line) => `  ${line}\n`).join('')}`,
  )
})

afterEach(() => lab.faults({}))

const wide = (cell: string, index: number) => cell.padEnd(index === 0 ? 33 : index === 1 ? 26 : 17)

/** What is kept to the pace waits for it: a minute of EverShop's holds 120 requests. */
const PATIENCE_MS = 120_000

const recordOf = async (answer: { status: number; headers: Headers; body: any }) => {
  if (answer.status === 202) return gateway.until(answer.body.id, PATIENCE_MS)
  return answer.status < 300
    ? answer.body
    : (await gateway.ask('GET', answer.headers.get('location') ?? '')).body
}

/** What the platform's own database, its Stripe and its mails say of a while. */
const watch = async ({ id, uuid }: Placed) => {
  const before = await lab.row(uuid)
  const stock = await lab.stock()
  const [calls, mails] = [lab.stripe.calls.length, lab.mails().length]
  return async () => {
    const after = await lab.row(uuid)
    const now = await lab.stock()
    const lines = await lab.sql(
      'select product_sku as sku, sum(qty)::int as qty from order_item ' +
        'where order_item_order_id = $1 group by 1',
      [id],
    )
    const changed = Object.keys(now).filter((sku) => now[sku] !== stock[sku])
    const times = new Set(lines.map(({ sku, qty }) => ((now[sku] ?? 0) - (stock[sku] ?? 0)) / qty))
    return {
      before,
      after,
      /** How often all its pieces, and nothing else, were put back; NaN: neither. */
      restocked:
        times.size === 1 && changed.every((sku) => lines.some((line) => line.sku === sku))
          ? [...times][0]
          : NaN,
      cancels: cancelsIn(after) - cancelsIn(before),
      voided: lab.stripe.calls.slice(calls).filter((call) => /^cancel .* 200$/.test(call)).length,
      // Those of what was done before may come late.
      mails: lab
        .mails()
        .slice(mails)
        .filter((subject) => !OF_BEFORE.test(subject)),
    }
  }
}
/** What a new customer gets, and who orders, is sent to, and has it. */
const OF_BEFORE =
  /^(?:Welcome|Your order (?:has been confirmed|#\d+ (?:is on the way|has been delivered)))/

/** Whether what was told of an effect is what the database says; null: nothing was told. */
const agrees = (outcome: string, happened: boolean): boolean | null =>
  outcome === 'unverified'
    ? null
    : ['applied', 'automatic', 'forced'].includes(outcome) === happened

const cancelsIn = ({ activities }: Row) =>
  activities.filter((comment) => comment.startsWith('Order canceled')).length

describe('every order state', () => {
  it.each(Object.entries(STATES))('%s', async (state, expected) => {
    const order = await recipes[state as OrderState](lab)
    const look = await watch(order)
    const request = {
      store: 'shop',
      orderId: order.uuid,
      reason: `live test: ${state}`,
      restock: true,
      notify: false,
    }
    const preview = (await gateway.ask('POST', '/v1/cancellations/preview', request)).body
    const answer = await gateway.cancel(request)
    const record = await recordOf(answer)
    const isCanceled = expected.status === 'succeeded' && !expected.already
    expect({ status: record.status, cause: record.problem?.cause }).toEqual({
      status: expected.status,
      cause: expected.cause,
    })
    expect(answer.status).toBe(expected.status === 'succeeded' ? 201 : 409)
    expect(record.alreadyCanceled).toBe(expected.already ?? false)
    expect(record.attempts).toHaveLength(
      isCanceled || expected.status === 'needs_attention' ? 1 : 0,
    )
    // The preview said so before, and who reads the reason.
    expect(preview.cancelable).toBe(isCanceled || expected.status === 'needs_attention')
    if (preview.problem) expect(preview.problem.cause).toBe(expected.cause)
    if (preview.cancelable) expect(preview.effects.reason.detail).toContain('the buyer can read')

    // What was told, against the platform's own database and its payment provider.
    const { before, after, restocked, cancels, voided, mails } = await look()
    const told = record.effects
    const { status, payment, shipment } = after
    expect(`${status} ${payment} ${shipment}`).toBe(expected.words)
    expect(after.activities.slice(before.activities.length)).toEqual(
      isCanceled ? [`Order canceled (live test: ${state})`] : [],
    )
    expect([cancels, restocked]).toEqual(isCanceled ? [1, 1] : [0, 0])
    expect(voided).toBe(expected.payment === 'automatic' ? 1 : 0)
    expect(mails).toEqual([])
    const wanted = isCanceled
      ? ['applied', 'applied', 'applied', expected.payment ?? 'withheld']
      : expected.status === 'needs_attention'
        ? ['unverified', 'unverified', 'unverified', 'unverified']
        : ['skipped', 'skipped', 'skipped', 'withheld']
    const names = ['order', 'reason', 'restock', 'payment'] as const
    expect(names.map((name) => told[name].outcome)).toEqual(wanted)
    if (expected.payment === 'automatic') expect(told.payment.amount.amount).toBe('51.48')

    // The live order reads as the record says, in the database's words.
    const read = (await gateway.ask('GET', `/v1/stores/shop/orders/${order.uuid}`)).body
    expect(read.native).toEqual({
      status,
      paymentStatus: payment,
      fulfillmentStatus: shipment,
    })
    expect(record.order.native).toEqual(read.native)
    const [real] = await lab.sql('select grand_total from "order" where order_id = $1', [order.id])
    expect(Number(read.totals.total.amount)).toBe(Number(real.grand_total))
    const isNow = status === 'canceled' && before.status !== 'canceled'
    const found = [isNow, cancels === 1, restocked === 1, voided === 1]
    const verdicts = names.map((name, index) => agrees(told[name].outcome, found[index] === true))
    expect(verdicts).not.toContain(false)
    effects.push(...verdicts)
    table.push(
      [
        state,
        [record.status, record.problem?.cause].filter(Boolean).join(' '),
        ...names.map((name, index) => `${told[name].outcome} / ${found[index] ? 'yes' : 'no'}`),
      ]
        .map(wide)
        .join(''),
    )
  })
})

describe('many at once', () => {
  it('thirty requests for one order: one cancel, its goods back once, its hold gone once', async () => {
    const order = await recipes.stripe_authorized(lab)
    const look = await watch(order)
    const spellings = [order.uuid, order.uuid.toUpperCase(), order.uuid.replaceAll('-', '')]
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        gateway.cancel({ store: 'shop', orderId: spellings[index % 3], restock: true }),
      ),
    )
    expect(new Set(answers.map(({ body }) => `${body.id} ${body.status}`)).size).toBe(1)
    for (const { status } of answers) expect([200, 201]).toContain(status)
    const { restocked, cancels, voided } = await look()
    expect({ restocked, cancels, voided }).toEqual({ restocked: 1, cancels: 1, voided: 1 })
    proved.push('30 requests at once in three spellings of one id: 1 cancel, goods back once')
  })

  it('control: three direct calls at once put the goods back three times', async () => {
    const order = await recipes.pending(lab)
    const look = await watch(order)
    const replies = await Promise.all(
      [1, 2, 3].map((one) =>
        lab.ask('POST', `/orders/${order.uuid}/cancel`, { reason: `caller ${one}` }),
      ),
    )
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
    const { restocked, cancels } = await look()
    expect({ restocked, cancels }).toEqual({ restocked: 3, cancels: 3 })
    proved.push('control without the gateway, three calls at once: 200/200/200, goods back 3 times')
  })
})

describe('doubt', () => {
  it('a client timeout that lands late is reconciled, and sent once', async () => {
    const order = await recipes.pending(lab)
    const look = await watch(order)
    lab.faults({ slowMs: 4_000 })
    const answer = await hasty.cancel(
      { store: 'hasty', orderId: order.uuid, reason: 'lands late' },
      { prefer: 'wait=2' },
    )
    expect([answer.status, answer.body.status]).toEqual([202, 'in_doubt'])
    const record = await hasty.until(answer.body.id, 60_000)
    expect(record).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      effects: {
        order: { outcome: 'applied', basis: 'confirmed' },
        reason: { outcome: 'applied', basis: 'confirmed' },
        restock: { outcome: 'automatic' },
      },
    })
    expect(record.attempts.map(({ result }: any) => result)).toEqual(['timeout'])
    const { restocked, cancels } = await look()
    expect({ restocked, cancels }).toEqual({ restocked: 1, cancels: 1 })
    proved.push('a cancel that outlived its client: in_doubt, then succeeded by a look; one call')
  })

  it('a failure after Stripe was told: nothing is sent again, a person looks', async () => {
    const order = await recipes.stripe_authorized(lab)
    const look = await watch(order)
    lab.faults({ failure: 'the database went away' })
    const record = await recordOf(await gateway.cancel({ store: 'shop', orderId: order.uuid }))
    expect(record).toMatchObject({ status: 'needs_attention', problem: { acted: 'unknown' } })
    expect(record.attempts).toHaveLength(1)
    const { after, voided, restocked } = await look()
    expect([after.payment, voided, restocked]).toEqual(['stripe_authorized', 1, 0])
    proved.push('failed after the hold was gone: order open, hold gone; needs attention, sent once')
  })

  it('Stripe’s webhook cancels what had failed: told, and that no goods came back', async () => {
    const order = await recipes.stripe_authorized(lab)
    const look = await watch(order)
    lab.faults({ failure: 'the database went away' })
    const request = { store: 'hasty', orderId: order.uuid, reason: 'webhook', restock: true }
    const { body } = await hasty.cancel(request, { prefer: 'wait=1' })
    expect(body.status).toBe('in_doubt')
    await tellOfCanceledIntent(order)
    const record = await hasty.until(body.id, 60_000)
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: {
        order: { outcome: 'applied' },
        reason: { outcome: 'failed' },
        restock: { outcome: 'failed' },
        payment: { outcome: 'automatic' },
      },
    })
    const { after, restocked, cancels, voided } = await look()
    expect(after).toMatchObject({ status: 'canceled', payment: 'canceled' })
    expect({ restocked, cancels, voided }).toEqual({ restocked: 0, cancels: 0, voided: 1 })
    proved.push(
      'failed, then canceled by Stripe’s webhook: succeeded, told that no goods came back',
    )
  })

  it('cash that is taken in the middle of a cancel: half canceled, a person', async () => {
    const order = await recipes.pending(lab)
    const look = await watch(order)
    lab.faults({ slowMs: 2_000 })
    const asked = gateway.cancel({ store: 'shop', orderId: order.uuid })
    await inTheMiddle(order)
    await lab.ask('POST', '/cod/captures', { order_id: order.uuid })
    const record = await recordOf(await asked)
    const { after, restocked, cancels } = await look()
    expect([after.status, after.payment]).not.toEqual(['canceled', 'canceled'])
    expect(record).toMatchObject({ status: 'needs_attention', problem: { acted: 'yes' } })
    expect({ restocked, cancels }).toEqual({ restocked: 1, cancels: 1 })
    proved.push(
      `cash taken in the middle of a cancel: 200, ${after.status} and ${after.payment} at once; ` +
        'needs attention',
    )
  })
})

/** Waits until a cancel of ours holds the order's row. */
const inTheMiddle = async ({ id }: Placed): Promise<void> => {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(50)) {
    const rows = await lab.sql('select 1 from "order" where order_id = $1 for update skip locked', [
      id,
    ])
    if (rows.length === 0) return
  }
  throw new Error('no cancel came')
}

/** What Stripe sends to the shop once an intent is canceled. */
const tellOfCanceledIntent = async ({ id, uuid }: Placed): Promise<void> => {
  const [paid] = await lab.sql(
    'select transaction_id from payment_transaction where payment_transaction_order_id = $1',
    [id],
  )
  const intent = { id: paid.transaction_id, object: 'payment_intent', metadata: { order_id: uuid } }
  const type = 'payment_intent.canceled'
  const body = JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object: intent } })
  const at = Math.floor(Date.now() / 1_000)
  const signature = createHmac('sha256', stripeSecret).update(`${at}.${body}`).digest('hex')
  const reply = await fetch(`${lab.url}/api/stripe/webhook`, {
    method: 'POST',
    headers: { 'stripe-signature': `t=${at},v1=${signature}`, 'x-forwarded-for': '10.1.0.1' },
    body,
  })
  expect(reply.status).toBe(200)
}

describe('credentials, numbers, pace', () => {
  it('a wrong password is told as such, and nothing is done', async () => {
    const order = await recipes.pending(lab)
    const look = await watch(order)
    const answer = await gateway.cancel({ store: 'wrong', orderId: order.uuid })
    expect(answer.status).toBe(502)
    expect(answer.body).toMatchObject({
      code: 'platform-credentials',
      retryable: true,
      acted: 'no',
    })
    expect(await look()).toMatchObject({ restocked: 0, cancels: 0, after: { status: 'new' } })
    proved.push('a wrong password: 502 platform-credentials, order untouched')
  })

  it('finds an order by the number people see, and no other', async () => {
    const { uuid, number } = await recipes.pending(lab)
    const found = await gateway.ask('GET', `/v1/stores/shop/orders?number=${number}`)
    expect(found.body.data.map(({ id }: any) => id)).toEqual([uuid])
    const none = await gateway.ask('GET', '/v1/stores/shop/orders?number=99999')
    expect(none.body.data).toEqual([])
    const unknown = { store: 'shop', orderId: '00000000-0000-4000-8000-000000000000' }
    expect((await gateway.cancel(unknown)).body.code).toBe('order-not-found')
  })

  it('an address that asked too often is turned away unread, and served a minute later', async () => {
    const order = await recipes.pending(lab)
    const look = await watch(order)
    // A look and a login are let through; the minute’s last request is somebody else’s.
    await gateway.ask('GET', `/v1/stores/shop/orders/${order.uuid}`)
    const ask = () => fetch(`${lab.url}/api/graphql`, { method: 'POST' })
    for (let left = 121; left > 0 && (await ask()).status !== 429;) left -= 1
    const answer = await gateway.cancel(
      { store: 'shop', orderId: order.uuid },
      { prefer: 'wait=2' },
    )
    expect([answer.status, answer.body.status]).toEqual([202, 'accepted'])
    expect(await look()).toMatchObject({ restocked: 0, cancels: 0 })
    expect(await gateway.until(answer.body.id, 150_000)).toMatchObject({ status: 'succeeded' })
    expect(await look()).toMatchObject({ restocked: 1, cancels: 1 })
    proved.push('a 429: nothing done, then canceled once, a minute later')
  })
})
