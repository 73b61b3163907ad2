/**
 * EverShop beyond the suite: nothing is ever sent twice, what a cancel leaves by half goes to a
 * person, and what the activities tell outweighs what a 200 says.
 */
import { describe, expect, it } from 'vitest'
import { preview } from '../../src/gateway/read.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { evershop } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

interface Came {
  readonly path: string
  readonly body: any
  readonly nth: number
}
type Between = (came: Came, pass: () => Promise<Response>) => Promise<Response>

const start = (between: Between = (_, pass) => pass(), options = {}) => {
  const sandbox = createSandbox()
  const calls: Came[] = []
  const opened = openHarness(
    evershop,
    { ...sandbox.settings, baseUrl: 'https://shop.example' },
    sandboxTransport(sandbox, async (request, pass) => {
      const path = new URL(request.url).pathname
      const nth = calls.filter((one) => one.path === path).length + 1
      const came = { path, body: await request.clone().json(), nth }
      calls.push(came)
      return between(came, pass)
    }),
    options,
  )
  const cancels = () => calls.filter(({ path }) => path.endsWith('/cancel'))
  const rest = async (body: object) => opened.rest((await opened.cancel(body)).id)
  return { ...opened, sandbox, calls, cancels, end: rest }
}

const isCancel = ({ path }: Came) => path.endsWith('/cancel')
const isRead = ({ path }: Came) => path.endsWith('/graphql')
const reset = (): never => {
  throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })
}

/** Changes the order in each answer to a read. */
const bent =
  (change: (order: any, came: Came) => void): Between =>
  async (came, pass) => {
    const reply = await pass()
    if (!isRead(came)) return reply
    const body: any = await reply.json()
    for (const order of body.data.orders?.items ?? [body.data.order]) if (order) change(order, came)
    return Response.json(body)
  }

describe('ids', () => {
  const UUID = 'b60e31d0-ec7c-4ae2-acb9-9b1ee65da831'
  it.each([
    [UUID, UUID],
    [UUID.toUpperCase(), UUID],
    [UUID.replaceAll('-', ''), UUID],
    [`{${UUID}}`, null],
    [UUID.slice(1), null],
    ['10029', null],
    ['open-7', 'open-7'],
  ])('%s is %s', (id, spelled) => expect(evershop.canonicalId?.(id)).toBe(spelled))

  it('lead to the order in the shop’s admin', async () => {
    const { store } = start()
    const { order } = await evershop.order.look(store.client, 'open', {
      request: null,
      sent: false,
      byCustomer: false,
      memo: null,
    })
    expect(evershop.adminUrl?.(store.client.settings, order)).toBe(
      'https://shop.example/admin/order/edit/open',
    )
  })
})

describe('is never sent twice', () => {
  it('whatever the store says of doubt', async () => {
    const lost: Between = async (came, pass) => (isCancel(came) ? reset() : pass())
    const { end, cancels, sandbox } = start(lost, { onDoubt: 'resend' })
    expect(await end({ orderId: 'open' })).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
    expect([cancels().length, sandbox.cancels.size]).toEqual([1, 0])
  })

  it('after an answer that got lost: found by a look, with its reason', async () => {
    const { end, cancels, sandbox } = start(async (came, pass) => {
      const reply = await pass()
      return isCancel(came) ? reset() : reply
    })
    expect(await end({ orderId: 'paid', reason: 'Ordered twice' })).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      effects: {
        reason: { outcome: 'applied', basis: 'confirmed' },
        restock: { outcome: 'automatic', basis: 'reported' },
        payment: { outcome: 'automatic', amount: { amount: '51.48' } },
      },
    })
    expect(cancels()).toHaveLength(1)
    expect(sandbox.behind('paid')).toEqual({ restocked: 1, voided: true })
  })
})

describe('goes to a person', () => {
  it.each(['provider-refuses', 'fails-late'])('%s: the hold may be gone', async (orderId) => {
    const { end, cancels, sandbox } = start()
    const record = await end({ orderId })
    expect(record).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
      order: { status: 'open', paymentStatus: 'authorized' },
    })
    expect(cancels()).toHaveLength(1)
    expect(sandbox.behind(orderId)).toEqual({ restocked: 0, voided: orderId === 'fails-late' })
  })

  it('a hold that may be gone, also where the order was delivered meanwhile', async () => {
    const { end } = start(
      bent((order, { nth }) => {
        if (nth > 1) order.shipmentStatus.code = 'delivered'
      }),
    )
    expect(await end({ orderId: 'fails-late' })).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
  })

  it('what a capture at the same moment left canceled by half, in spite of a 200', async () => {
    const { end, sandbox } = start()
    expect(await end({ orderId: 'captured-meanwhile' })).toMatchObject({
      status: 'needs_attention',
      // Its goods are back; that is no word about its money.
      problem: { acted: 'yes', detail: expect.stringMatching(/puts its goods back/) },
      effects: {
        order: { outcome: 'failed' },
        restock: { outcome: 'automatic', basis: 'reported' },
      },
      attempts: [{ result: '200' }],
    })
    expect(sandbox.behind('captured-meanwhile').restocked).toBe(1)
  })

  it.each([
    ['canceled', 'paid'],
    ['processing', 'canceled'],
  ])('%s and %s: nothing is sent', async (status, payment) => {
    const { cancel, cancels } = start(
      bent((order) => {
        order.status.code = status
        order.paymentStatus.code = payment
      }),
    )
    expect((await cancel({ orderId: 'open' })).problem).toMatchObject({ cause: 'refused' })
    expect(cancels()).toEqual([])
  })
})

describe('what the activities tell', () => {
  it('a cancel by somebody else just before ours: the goods are back twice', async () => {
    const { cancel, sandbox } = start()
    const { effects } = await cancel({ orderId: 'canceled-meanwhile', restock: true })
    expect(effects.restock).toMatchObject({ outcome: 'applied', basis: 'reported' })
    expect(effects.restock.detail).toContain('2 cancels')
    expect(sandbox.behind('canceled-meanwhile').restocked).toBe(2)
  })

  it('none, where its payment provider canceled it after our call had failed', async () => {
    const { end, cancels } = start(
      bent((order, { nth }) => {
        if (nth < 2) return
        order.status.code = 'canceled'
        order.paymentStatus.code = 'canceled'
      }),
    )
    const record = await end({ orderId: 'fails-late', reason: 'Ordered twice', restock: true })
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: { restock: { outcome: 'failed' }, reason: { outcome: 'failed' } },
    })
    expect(record.effects.restock.detail).toContain('puts nothing back')
    expect(cancels()).toHaveLength(1)
  })

  it('is not made up where they are not told', async () => {
    const { cancel } = start(bent((order) => delete order.activities))
    const { effects } = await cancel({ orderId: 'open', reason: 'Ordered twice' })
    expect([effects.reason.basis, effects.restock.basis]).toEqual(['documented', 'documented'])
  })
})

describe('the reason', () => {
  it.each([
    [{}, 'No reason given', 'automatic'],
    [{ reasonCode: 'fraud' }, 'Suspected fraud', 'applied'],
    [{ reason: 'Größe <b>falsch</b>', reasonCode: 'other' }, 'Größe <b>falsch</b>', 'applied'],
  ])('%j is sent as “%s”, and the preview says who reads it', async (given, sent, outcome) => {
    const { store, cancel, cancels } = start()
    const request = { ...CancelRequest.parse({ orderId: 'open', ...given }), store: 'case' }
    const { effects } = await preview(store, request, false)
    expect(effects.reason.outcome).toBe(outcome)
    expect(effects.reason.detail).toContain('the buyer can read')
    const record = await cancel({ orderId: 'open', ...given })
    expect(record.effects.reason).toMatchObject({ outcome, basis: 'confirmed' })
    expect(cancels().map(({ body }) => body)).toEqual([{ reason: sent }])
    expect(record.order?.reason).toBe(sent)
  })
})

describe('the shop’s own rules of payment', () => {
  const paying = (code: string, isCancelable?: boolean | null) =>
    start(bent((order) => Object.assign(order.paymentStatus, { code, isCancelable })))

  it.each([
    ['paid', false, 'payment_captured'],
    ['paid', null, 'payment_captured'],
    ['paypal_captured', null, 'payment_captured'],
    ['stripe_partial_refunded', undefined, 'payment_captured'],
    ['klarna_pending', false, 'refused'],
  ])('%s, cancelable %s: %s, nothing is sent', async (code, flag, cause) => {
    const { cancel, cancels } = paying(code, flag)
    expect((await cancel({ orderId: 'open' })).problem?.cause).toBe(cause)
    expect(cancels()).toEqual([])
  })

  it.each([
    ['paid', true, 'no'],
    ['klarna_held', true, 'unknown'],
    ['klarna_held', null, 'unknown'],
    ['stripe_failed', true, 'unknown'],
  ])('%s, cancelable %s: sent, money moved: %s', async (code, flag, done) => {
    const { store, cancel, cancels } = paying(code, flag)
    const look = await evershop.order.look(store.client, 'open', {
      request: null,
      sent: false,
      byCustomer: false,
      memo: null,
    })
    expect([look.obstacle, look.expect?.payment?.done]).toEqual([null, done])
    await cancel({ orderId: 'open' })
    expect(cancels()).toHaveLength(1)
  })
})

describe('a search', () => {
  it('drops what a filter let through, and says that there is more', async () => {
    const { store } = start(bent((order) => Object.assign(order, { total: 1 })))
    const found = await evershop.find?.(store.client, '10002')
    expect([found?.orders.map(({ id }) => id), found?.complete]).toEqual([['paid'], true])
    const ignored = start(async (came, pass) => {
      const reply = await pass()
      if (!isRead(came)) return reply
      const orders = { total: 30, items: [{}, {}] }
      const { data }: any = await reply.json()
      orders.items = [data.orders.items[0], { ...data.orders.items[0], orderNumber: '10099' }]
      return Response.json({ data: { orders } })
    })
    const more = await evershop.find?.(ignored.store.client, '10002')
    expect([more?.orders.map(({ id }) => id), more?.complete]).toEqual([['paid'], false])
  })
})

describe('a login', () => {
  it('is made once, and anew where its token is over', async () => {
    const { store, sandbox, calls } = start()
    const look = (id: string) =>
      evershop.order.look(store.client, id, {
        request: null,
        sent: false,
        byCustomer: false,
        memo: null,
      })
    const logins = () => calls.filter(({ path }) => path === '/api/user/tokens').length
    await Promise.all([look('open'), look('paid')])
    expect(logins()).toBe(1)
    sandbox.endSessions()
    expect((await look('open')).order.id).toBe('open')
    expect(logins()).toBe(2)
  })

  it('needs an address and a password', () => {
    const whole = { baseUrl: 'https://shop.example', email: 'a@shop.example', password: 'secret' }
    const takes = (more: object) => evershop.settings.safeParse({ ...whole, ...more }).success
    expect(takes({})).toBe(true)
    for (const wrong of [{ baseUrl: undefined }, { email: 'admin' }, { password: '' }])
      expect(takes(wrong), JSON.stringify(wrong)).toBe(false)
  })
})

it('keeps within 120 requests a minute', () =>
  expect(evershop.pace.burst + 60 * evershop.pace.perSecond).toBeLessThanOrEqual(120))
