/**
 * Wix beyond the suite: what its imitation really did, what only a look can tell, logins, and
 * orders found by number.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { wix } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { findOrders, preview } from '../../src/gateway/read.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'

type Between = (request: Request, pass: () => Promise<Response>) => Promise<Response>

const start = (
  between: Between = (_, pass) => pass(),
  sandbox = createSandbox(),
  settings: object = sandbox.settings,
) => {
  const calls: string[] = []
  const opened = openHarness(
    wix,
    settings,
    sandboxTransport(sandbox, (request, pass) => {
      calls.push(`${request.method} ${new URL(request.url).pathname}`)
      return between(request, pass)
    }),
  )
  const read = async (id: string) =>
    (
      (await (
        await sandbox.app.fetch(
          new Request(`https://www.wixapis.com/ecom/v1/orders/${id}`, {
            headers: {
              authorization: sandbox.settings.apiKey,
              'wix-site-id': sandbox.settings.siteId,
            },
          }),
        )
      ).json()) as { order: any }
    ).order
  const comments = async (id: string) =>
    (await read(id)).activities.flatMap((activity: any) => activity.merchantComment?.message ?? [])
  return { sandbox, calls, read, comments, ...opened }
}

const ask = (body: object) => ({ ...CancelRequest.parse(body), store: 'case' })
const isCancel = (request: Request) => request.url.endsWith('/cancel')
const isLogin = (request: Request) => request.url.endsWith('/oauth2/token')

/** The platform does it, and nobody hears of it. */
const deaf: Between = async (request, pass) => {
  const reply = await pass()
  return isCancel(request) ? new Response(null, { status: 504 }) : reply
}

afterEach(() => {
  vi.useRealTimers()
})

describe('wix: claims', () => {
  it('are these', () => {
    expect(Object.entries(wix.capabilities).map(([input, { can }]) => `${input} ${can}`)).toEqual([
      'order choose',
      'reason choose',
      'notify choose',
      'message choose',
      'restock choose',
      'payment never',
      'transfer never',
    ])
    expect(wix.settleMs).toBeGreaterThanOrEqual(60_000)
  })

  it('nobody knows what a second cancel does, so none is sent', async () => {
    const { calls, cancel, rest } = start(async (request, pass) =>
      isCancel(request) ? new Response(null, { status: 504 }) : pass(),
    )
    const record = await rest((await cancel({ orderId: 'paid', notify: true })).id)
    expect(record).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
      effects: { notify: { outcome: 'unverified' } },
    })
    expect(calls.filter((call) => call.endsWith('/cancel'))).toHaveLength(1)
  })
})

describe('wix: cancel', () => {
  it('three calls: the order, the cancel, the comment', async () => {
    const { calls, cancel, comments, sandbox } = start()
    const record = await cancel({
      orderId: 'paid',
      reason: 'Wrong color',
      notify: true,
      message: 'Sorry for that.',
    })
    expect(record.status).toBe('succeeded')
    expect(calls).toEqual([
      'GET /ecom/v1/orders/paid',
      'POST /ecom/v1/orders/paid/cancel',
      'POST /ecom/v1/orders/paid/activities/add',
    ])
    expect(sandbox.mails).toEqual([{ orderId: 'paid', message: 'Sorry for that.' }])
    expect(await comments('paid')).toEqual(['Wrong color'])
  })

  it('two calls where there is no reason', async () => {
    const { calls, cancel } = start()
    await cancel({ orderId: 'paid' })
    expect(calls).toHaveLength(2)
  })

  it('says how it knows', async () => {
    const { cancel } = start()
    const { effects } = await cancel({
      orderId: 'mixed-catalog',
      reason: 'x',
      notify: true,
      restock: true,
    })
    expect(effects).toMatchObject({
      order: { basis: 'confirmed' },
      reason: { basis: 'reported', detail: expect.stringContaining('second call') },
      notify: { basis: 'documented' },
      restock: {
        outcome: 'partial',
        basis: 'reported',
        detail: '1 of 2 lines were put back in full: Wix restocks products of Wix Stores only.',
      },
      payment: {
        outcome: 'withheld',
        basis: 'confirmed',
        detail: '49.90 EUR stay paid; Wix refunds nothing when it cancels.',
      },
    })
  })

  it('no reply: a look tells of goods and money, not of the mail; the reason follows', async () => {
    const { cancel, rest, comments, sandbox } = start(deaf)
    const doubtful = await cancel({
      orderId: 'mixed-catalog',
      reason: 'Wrong color',
      notify: true,
      message: 'Sorry.',
      restock: true,
    })
    const record = doubtful.status === 'in_doubt' ? await rest(doubtful.id) : doubtful
    expect(record).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      effects: {
        order: { outcome: 'applied' },
        reason: { outcome: 'applied', basis: 'reported' },
        notify: { outcome: 'unverified', basis: 'none' },
        message: { outcome: 'unverified' },
        restock: { outcome: 'partial', basis: 'confirmed' },
        payment: { outcome: 'withheld', basis: 'confirmed' },
      },
    })
    expect(await comments('mixed-catalog')).toEqual(['Wrong color'])
    expect(sandbox.cancels.get('mixed-catalog')).toBe(1)
  })

  it('what somebody else canceled gets no comment of ours', async () => {
    const { cancel, comments } = start()
    expect(await cancel({ orderId: 'canceled', reason: 'Wrong color' })).toMatchObject({
      alreadyCanceled: true,
      effects: { reason: { outcome: 'skipped' } },
    })
    expect(await comments('canceled')).toEqual([])
  })

  it('writes the comment once; the same words before the cancel are not it', async () => {
    const { cancel, comments, store, sandbox } = start()
    const add = (message: string) =>
      sandbox.app.fetch(
        new Request('https://www.wixapis.com/ecom/v1/orders/paid/activities/add', {
          method: 'POST',
          headers: {
            authorization: sandbox.settings.apiKey,
            'wix-site-id': sandbox.settings.siteId,
          },
          body: JSON.stringify({
            orderActivities: [{ activityType: 'MERCHANT_COMMENT', merchantComment: { message } }],
          }),
        }),
      )
    await add('Wrong color')
    await new Promise((resolve) => setTimeout(resolve, 5))
    const record = await cancel({ orderId: 'paid', reason: 'Wrong color' })
    expect(await comments('paid')).toEqual(['Wrong color', 'Wrong color'])
    const look = await store.adapter.order.look(store.client, 'paid', {
      request: record.request,
      sent: true,
      byCustomer: false,
      memo: null,
    })
    const facts = await store.adapter.order.after?.(store.client, {
      settings: sandbox.settings,
      request: record.request,
      byCustomer: false,
      before: look.order,
      memo: null,
      reply: null,
      look,
    })
    expect(facts).toMatchObject({ reason: { done: 'yes', basis: 'confirmed' } })
    expect(await comments('paid')).toHaveLength(2)
    expect(look.order.reason).toBe(null)
  })

  it('a key that may only read cancels nothing', async () => {
    const sandbox = createSandbox()
    const { cancel, store } = start(undefined, sandbox, sandbox.readOnly)
    expect((await cancel({ orderId: 'paid' })).status).not.toBe('succeeded')
    expect(sandbox.cancels.size).toBe(0)
    const call = store.adapter.order.cancel({
      settings: sandbox.readOnly,
      request: ask({ orderId: 'paid' }),
      byCustomer: false,
      before: null as never,
      memo: null,
    })
    await expect(store.client.perform(call, () => false)).rejects.toMatchObject({
      failure: { kind: 'doubt', code: 'platform-credentials' },
    })
  })

  it('has no order transfers', async () => {
    await expect(start().cancel({ orderId: 'paid', target: 'transfer' })).rejects.toMatchObject({
      problem: { code: 'unsupported' },
    })
  })
})

describe('wix: preview', () => {
  it.each(['fulfilled', 'initialized'])(
    'nobody has shown what comes of canceling %s, and says so',
    async (orderId) => {
      const seen = await preview(start().store, ask({ orderId }), false)
      expect(seen).toMatchObject({
        cancelable: true,
        problem: null,
        effects: { order: { outcome: 'unverified', basis: 'none' } },
      })
    },
  )

  it('says what will stay paid and what cannot be put back', async () => {
    const seen = await preview(
      start().store,
      ask({ orderId: 'mixed-catalog', restock: true, notify: true, reasonCode: 'other' }),
      false,
    )
    expect(seen.effects).toMatchObject({
      order: { outcome: 'applied' },
      reason: { outcome: 'applied' },
      notify: { outcome: 'applied' },
      restock: {
        outcome: 'partial',
        basis: 'documented',
        detail: expect.stringContaining('1 of 2 lines'),
      },
      payment: {
        outcome: 'withheld',
        basis: 'documented',
        detail: expect.stringContaining('49.90 EUR stay paid'),
      },
    })
  })

  it('what is not to be put back can stay, in any catalog', async () => {
    const seen = await preview(
      start().store,
      ask({ orderId: 'mixed-catalog', restock: false }),
      false,
    )
    expect(seen.effects.restock).toMatchObject({ outcome: 'withheld', honored: true })
  })

  it('names the money that is held', async () => {
    const seen = await preview(start().store, ask({ orderId: 'authorized' }), false)
    expect(seen).toMatchObject({
      cancelable: false,
      problem: { cause: 'payment_authorized', detail: expect.stringContaining('49.90 EUR') },
    })
  })

  it('keeps the platform’s own reply to the last field', async () => {
    const { store, read } = start()
    const { raw } = await store.adapter.order.look(store.client, 'paid', {
      request: null,
      sent: false,
      byCustomer: false,
      memo: null,
    })
    expect(raw).toEqual({ order: await read('paid') })
  })
})

describe('wix: login', () => {
  const app = (between?: Between) => {
    const sandbox = createSandbox()
    return start(between, sandbox, sandbox.oauth)
  }
  const look = ({ store }: ReturnType<typeof start>) =>
    store.adapter.order.look(store.client, 'paid', {
      request: null,
      sent: false,
      byCustomer: false,
      memo: null,
    })

  it('is made once for many at a time, and again when it was taken away', async () => {
    const opened = app()
    await Promise.all(Array.from({ length: 20 }, () => look(opened)))
    expect(opened.sandbox.tokens).toBe(1)
    opened.sandbox.expireTokens()
    expect((await look(opened)).order.id).toBe('paid')
    expect(opened.sandbox.tokens).toBe(2)
  })

  it('is renewed before its four hours are over', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const opened = app()
    await look(opened)
    vi.advanceTimersByTime(3.5 * 3_600_000)
    await look(opened)
    expect(opened.sandbox.tokens).toBe(1)
    vi.advanceTimersByTime(0.2 * 3_600_000)
    await look(opened)
    expect(opened.sandbox.tokens).toBe(2)
  })

  it('one that fails on the way to the cancel leaves no doubt: nothing was sent', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    let logins = 0
    const opened = app(async (request, pass) => {
      if (isLogin(request) && ++logins === 2)
        return Response.json({ message: '', details: {} }, { status: 500 })
      const reply = await pass()
      if (request.method === 'GET' && logins === 1) vi.advanceTimersByTime(4 * 3_600_000)
      return reply
    })
    const record = await opened.cancel({ orderId: 'paid' })
    expect(record).toMatchObject({
      status: 'accepted',
      attempts: [{ result: 'not sent: the login ended with 500', unsent: true }],
    })
    expect((await opened.rest(record.id)).status).toBe('succeeded')
    expect(opened.sandbox.cancels.get('paid')).toBe(1)
  })
})

describe('wix: find', () => {
  it('finds an order by the number people see', async () => {
    const { store, read } = start()
    const { number } = await read('fulfilled')
    expect((await findOrders(store, number)).map(({ id }) => id)).toEqual(['fulfilled'])
    expect(await findOrders(store, '1')).toEqual([])
  })

  it('asks for two, so that nobody takes one of two for the only one', async () => {
    const { store, read } = start(async (request, pass) => {
      if (!request.url.endsWith('/search')) return pass()
      expect(await request.json()).toEqual({
        search: { filter: { number: { $eq: '10102' } }, cursorPaging: { limit: 2 } },
      })
      const [one, other] = [await read('paid'), await read('open')]
      return Response.json({
        orders: [one, { ...other, number: one.number }, { ...other, number: '9' }],
      })
    })
    expect((await findOrders(store, '10102')).map(({ id }) => id)).toEqual(['paid', 'open'])
  })
})
