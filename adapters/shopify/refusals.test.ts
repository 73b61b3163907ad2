/** What Shopify refuses, and how: an empty bucket, another version, its words, errors under 200. */
import { describe, expect, it } from 'vitest'
import { readError } from './errors.ts'
import { isMutation, type Sent, start } from './shops.fixture.ts'

const refusing = (message: string, code: string | null = 'INVALID', times = 1) => {
  let left = times
  return (sent: Sent, pass: () => Promise<Response>) =>
    isMutation(sent) && left-- > 0
      ? Promise.resolve(
          Response.json({
            data: { orderCancel: { job: null, orderCancelUserErrors: [{ code, message }] } },
          }),
        )
      : pass()
}

describe('the bucket', () => {
  const throttled = (status: number, room: object) => (sent: Sent, pass: () => Promise<Response>) =>
    isMutation(sent)
      ? Promise.resolve(
          Response.json(
            {
              errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
              extensions: { cost: { requestedQueryCost: 752, throttleStatus: room } },
            },
            { status },
          ),
        )
      : pass()

  it.each([
    [200, { currentlyAvailable: 666, restoreRate: 50 }, 1_720],
    [429, { currentlyAvailable: 666, restoreRate: 50 }, 1_720],
    [200, { currentlyAvailable: 2, restoreRate: 1 }, 750_000],
    // A rate of nothing is no rate; nor is the gateway kept away for ever.
    [200, { currentlyAvailable: 0, restoreRate: 0 }, 0],
    [200, { currentlyAvailable: 0, restoreRate: 0.0001 }, 3_600_000],
  ])('that is empty, with %i: sent again when %j has room', async (status, room, waitMs) => {
    const { cancel, sandbox } = start(throttled(status, room))
    const asked = Date.now()
    const record = await cancel({ orderId: 'paid' })
    expect(record).toMatchObject({
      status: 'accepted',
      attempts: [{ unsent: true, result: String(status) }],
      hindrance: { upstream: { code: 'THROTTLED' } },
    })
    expect((record.wakeAt ?? 0) - asked).toBeGreaterThanOrEqual(waitMs)
    expect((record.wakeAt ?? 0) - asked).toBeLessThan(waitMs + 5_000)
    expect(sandbox.taken.size).toBe(0)
  })
  it('that fills again lets the cancel through, once', async () => {
    const { cancel, rest, sandbox } = start()
    const { id } = await cancel({ orderId: 'throttled' })
    expect(await rest(id)).toMatchObject({ status: 'succeeded' })
    expect(sandbox.taken.get('throttled')).toBe(1)
  })
})

describe('a version', () => {
  const answeredBy = (version: string) => async (_: Sent, pass: () => Promise<Response>) => {
    const reply = await pass()
    return new Response(reply.body, { headers: { 'x-shopify-api-version': version } })
  }
  it('that is not known here is not read, and nothing is sent', async () => {
    const { cancel, mutations, previewed } = start(answeredBy('2027-10'))
    expect(await cancel({ orderId: 'paid' })).toMatchObject({
      status: 'accepted',
      hindrance: {
        result: '200 by version 2027-10',
        detail: 'Shopify answered by a version of its API that is not known here: 2027-10.',
      },
    })
    expect(mutations()).toHaveLength(0)
    await expect(previewed({ orderId: 'paid' })).rejects.toMatchObject({
      problem: { code: 'platform-unavailable' },
    })
  })
  it('of a name that nobody would print is told without it', async () => {
    const { cancel } = start(answeredBy(`<b>${'x'.repeat(50)}`))
    expect((await cancel({ orderId: 'paid' })).hindrance?.result).toBe(
      '200 by version of another name',
    )
  })
  it('that Shopify serves in the place of an older one is read', async () => {
    const { cancel } = start(answeredBy('2026-04'), { apiVersion: '2025-10' })
    expect((await cancel({ orderId: 'paid' })).status).toBe('succeeded')
  })
})

describe('words of a refusal', () => {
  it('of the note: it is canceled without the text', async () => {
    const { cancel, rest, mutations } = start(
      refusing('Staff note is too long. Maximum length is 255 characters.'),
    )
    const { id } = await cancel({ orderId: 'paid', reason: 'Why', reasonCode: 'fraud' })
    expect(await rest(id)).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' }, reason: { outcome: 'partial' } },
    })
    const notes = mutations().map(({ variables }) => [variables['reason'], variables['staffNote']])
    expect(notes).toEqual([
      ['FRAUD', 'Why'],
      ['FRAUD', 'Suspected fraud'],
    ])
  })
  it('that a cancel is in progress already: no second yes is made of it', async () => {
    const { cancel, rest, sandbox } = start()
    const { id, status } = await cancel({ orderId: 'somebody-elses', notify: true })
    expect(status).toBe('in_doubt')
    expect(await rest(id)).toMatchObject({
      status: 'succeeded',
      effects: { notify: { outcome: 'unverified' } },
    })
    expect(sandbox.taken.size).toBe(0)
  })
  it.each([
    ['INTERNAL_ERROR', 'in_doubt', undefined],
    ['SOMETHING_NEW', 'in_doubt', undefined],
    ['NO_REFUND_PERMISSION', 'rejected', 'platform-credentials'],
    ['STORE_CREDIT_REFUND_MISSING_CUSTOMER', 'rejected', 'order-not-cancelable'],
  ])('with the code %s end %s', async (code, status, problem) => {
    const { cancel } = start(refusing('Some words', code))
    const record = await cancel({ orderId: 'paid' })
    expect([record.status, record.problem?.code]).toEqual([status, problem])
  })
  it('beside a job are no refusal: it may be at work', () => {
    const job = { id: 'gid://shopify/Job/1', done: false }
    const orderCancelUserErrors = [{ code: 'INVALID', message: 'Odd' }]
    expect(readError({ data: { orderCancel: { job, orderCancelUserErrors } } })).toEqual({
      code: null,
      message: null,
    })
  })
})

describe('an error', () => {
  const denied = (path: unknown[]) => ({
    message: 'Access denied',
    path,
    extensions: { code: 'ACCESS_DENIED' },
  })
  const none = { code: null, message: null }
  it.each([
    ['is none of a reply that has none', { data: { order: null } }, none],
    ['is none of an empty list', { errors: [], data: {} }, none],
    ['is none of nothing', null, none],
    ['is none of a list', [], none],
    [
      'of a part that only describes is none',
      { errors: [denied(['order', 'customer'])], data: { order: { id: 'x' } } },
      none,
    ],
    [
      'of such a part, without an order, is one',
      { errors: [denied(['order', 'customer'])], data: { order: null } },
      { code: 'ACCESS_DENIED', message: 'Access denied' },
    ],
    [
      'of what decides is one, also behind another',
      {
        errors: [denied(['order', 'email']), denied(['order', 'cancelledAt'])],
        data: { order: { id: 'x' } },
      },
      { code: 'ACCESS_DENIED', message: 'Access denied' },
    ],
    ['that says nothing is one', { errors: [{}] }, { code: null, message: '' }],
    [
      'that is a mere text is one',
      { errors: ['Gone'], data: { order: null } },
      { code: null, message: '' },
    ],
    ['in one text', { errors: 'Not Found' }, { code: null, message: 'Not Found' }],
    [
      'of OAuth',
      { error: 'invalid_client', error_description: 'No' },
      { code: 'invalid_client', message: 'No' },
    ],
  ])('%s', (_, body, said) => expect(readError(body)).toEqual(said))
})
