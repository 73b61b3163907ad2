/**
 * Whole cancels on the sandboxes, where a platform's own words change what the gateway does next.
 */
import { describe, expect, it } from 'vitest'
import { TransportError } from '../../src/connection/transport.ts'
import { loaded } from './loaded.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'

type Between = NonNullable<Parameters<typeof sandboxTransport>[1]>

const open = (id: string, between: Between, more: object = {}) => {
  const platform = loaded.find(({ adapter }) => adapter.id === id)
  if (!platform) throw new Error(`no platform ${id}`)
  const sandbox = platform.createSandbox()
  const settings = { ...sandbox.settings, baseUrl: `https://${id}.example`, ...more }
  return { sandbox, ...openHarness(platform.adapter, settings, sandboxTransport(sandbox, between)) }
}
const isCancel = ({ method, url }: Request) =>
  method !== 'GET' && /\/cancel(?:\.json)?$/.test(new URL(url).pathname)

describe('a reason that the platform does not take', () => {
  it.each<[string, number, object, object | null]>([
    ['shoplazza', 422, { errors: { reason: ['is too long (maximum is 255 characters)'] } }, {}],
    ['shopline', 422, { errors: 'cancel_reason is too long' }, null],
    ['shopline-asia', 422, { message: 'cancelled_reason.message is too long' }, null],
  ])('%s: the cancel goes on without its text', async (id, status, refusal, bare) => {
    const bodies: any[] = []
    const opened = open(id, async (request, pass) => {
      if (!isCancel(request)) return pass()
      bodies.push(await request.clone().json())
      return bodies.length === 1 ? Response.json(refusal, { status }) : pass()
    })
    const orderId =
      opened.sandbox.examples.find(({ id: example }) => /paid|open/.test(example))?.id ??
      opened.sandbox.examples[0]!.id
    const { id: record } = await opened.cancel({ orderId, reason: 'x'.repeat(400) })
    const end = await opened.rest(record)
    expect(end).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' }, reason: { outcome: 'failed', honored: false } },
    })
    expect(bodies).toHaveLength(2)
    expect(JSON.stringify(bodies[0])).toContain('xxx')
    expect(JSON.stringify(bodies[1])).not.toContain('xxx')
    if (bare) expect(bodies[1]).toEqual(bare)
    expect(opened.sandbox.cancels.get(orderId)).toBe(1)
  })
})

describe('a text for the buyer that the platform does not take', () => {
  it('wix: is a refusal, and told: a mail without it is not what was asked for', async () => {
    const opened = open('wix', async (request, pass) =>
      isCancel(request)
        ? Response.json(
            {
              message: 'customMessage has size 900, expected 512 or less',
              details: {
                validationError: {
                  fieldViolations: [{ field: 'customMessage', violatedRule: 'MAX_LENGTH' }],
                },
              },
            },
            { status: 400 },
          )
        : pass(),
    )
    const { id } = await opened.cancel({
      orderId: 'paid',
      notify: true,
      message: '👀'.repeat(450),
      reason: 'x',
    })
    expect(await opened.rest(id)).toMatchObject({
      status: 'rejected',
      problem: { acted: 'no', upstream: { code: 'customMessage MAX_LENGTH' } },
      effects: { message: { outcome: 'skipped' }, reason: { outcome: 'skipped' } },
    })
  })
})

describe('a note that was written at an earlier try', () => {
  it('is what the order shows, though it is refused now', async () => {
    let [notes, cancels] = [0, 0]
    const opened = open('medusa', async (request, pass) => {
      if (isCancel(request) && ++cancels === 1) throw new TransportError('unreachable', false)
      if (request.method === 'POST' && !isCancel(request) && ++notes === 2)
        return Response.json({ type: 'not_allowed', message: 'No' }, { status: 403 })
      return pass()
    })
    const { id } = await opened.cancel({ orderId: 'order_open', reason: 'Wrong size' })
    expect(await opened.rest(id)).toMatchObject({
      status: 'succeeded',
      order: { reason: 'Wrong size' },
      effects: { reason: { outcome: 'applied', basis: 'confirmed' } },
    })
    expect([notes, cancels]).toEqual([2, 2])
  })
})

describe('a blank 403 of Wix', () => {
  const blank = () => Response.json({ message: '', details: {} }, { status: 403 })
  const when =
    (which: (request: Request) => boolean, times: number): Between =>
    async (request, pass) =>
      which(request) && times-- > 0 ? blank() : pass()
  const isLook = ({ method }: Request) => method === 'GET'

  it('on a look, once: looked at again', async () => {
    const opened = open('wix', when(isLook, 1))
    expect((await opened.rest((await opened.cancel({ orderId: 'paid' })).id)).status).toBe(
      'succeeded',
    )
  })
  it('on a look, again: the store’s credentials', async () => {
    const opened = open('wix', when(isLook, 2))
    expect(await opened.rest((await opened.cancel({ orderId: 'paid' })).id)).toMatchObject({
      status: 'rejected',
      problem: { code: 'platform-credentials', retryable: true },
    })
  })
  it('on the cancel: doubt, looked at, and never sent again by itself', async () => {
    const opened = open('wix', when(isCancel, 1))
    const record = await opened.cancel({ orderId: 'paid' })
    expect(record).toMatchObject({ status: 'in_doubt', attempts: [{ result: '403' }] })
    expect(await opened.rest(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
    expect(opened.sandbox.cancels.get('paid') ?? 0).toBe(0)
  })
})

describe('“already canceled” in a platform’s own words, while reads lag behind', () => {
  it.each(['medusa', 'mercur'])('%s: no refusal, and no second cancel', async (id) => {
    let cancels = 0
    const opened = open(id, async (request, pass) => {
      if (!isCancel(request)) return pass()
      cancels += 1
      return Response.json(
        { type: 'invalid_data', message: 'Order with id x has been canceled.' },
        { status: 400 },
      )
    })
    const orderId = opened.sandbox.examples.find(({ id: example }) => /paid/.test(example))!.id
    const record = await opened.cancel({ orderId })
    expect(record).toMatchObject({ status: 'in_doubt', word: 'canceled_already' })
    for (let turn = 0; turn < 5; turn++) await opened.gateway.tick()
    expect([(await opened.gateway.get(record.id)).status, cancels]).toEqual(['in_doubt', 1])
  })
})

describe('a rejected request that starts over, and an order that was touched in between', () => {
  /**
   * The first cancel is refused for its credentials, and the order is touched then; the second is
   * answered by `second`.
   */
  const startedOver = async (
    id: string,
    find: RegExp,
    touch: (order: any) => void,
    second: Between,
    more: object = {},
  ) => {
    let cancels = 0
    let isTouched = false
    const opened = open(
      id,
      async (request, pass) => {
        if (isCancel(request))
          return ++cancels === 1
            ? Response.json(
                { type: 'unauthorized', message: 'No such key', errors: 'No such key' },
                { status: 401 },
              )
            : second(request, pass)
        const reply = await pass()
        if (!isTouched || request.method !== 'GET') return reply
        const body = (await reply.json()) as any
        for (const order of body.orders ?? [body.order]) if (order) touch(order)
        return Response.json(body, { status: reply.status })
      },
      more,
    )
    const request = {
      ...CancelRequest.parse({
        orderId: opened.sandbox.examples.find(({ id: example }) => find.test(example))!.id,
      }),
      store: 'case',
    }
    const ask = async () =>
      opened.rest((await opened.gateway.cancel(request, 'test', 'key', null)).record.id)
    expect(await ask()).toMatchObject({
      status: 'rejected',
      problem: { code: 'platform-credentials' },
    })
    isTouched = true
    return ask()
  }

  it('shopline: goods that a person put back with a refund are not told as the cancel’s doing', async () => {
    const end = await startedOver(
      'shopline',
      /open/,
      (order) => {
        order.refunds = [
          ...(order.refunds ?? []),
          { id: 'by-hand', transactions: [], refund_line_items: [{ restock_type: 'return' }] },
        ]
      },
      (_, pass) => pass(),
    )
    expect(end).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      effects: { restock: { outcome: 'withheld' } },
    })
  })
  it('mercur: money that went back before the second call did not move with it', async () => {
    const end = await startedOver(
      'mercur',
      /paid/,
      (order) => {
        for (const payment of order.payment_collections?.flatMap(
          ({ payments }: any) => payments ?? [],
        ) ?? [])
          payment.refunds = [{ amount: 1 }]
      },
      async () =>
        Response.json(
          {
            type: 'not_allowed',
            message: 'All fulfillments must be canceled before canceling an order',
          },
          { status: 400 },
        ),
      { vendor: undefined },
    )
    expect(end).toMatchObject({ status: 'rejected', problem: { cause: 'fulfilled', acted: 'no' } })
  })
})
