/** The imitation of Shopify against what a development store answered to the same requests. */
import { describe, expect, it } from 'vitest'
import { createSandbox } from './index.ts'

/** What a cancel, and a job, were asked for in the recordings. */
const CANCEL = `mutation (
  $orderId: ID!, $restock: Boolean!, $reason: OrderCancelReason!, $refund: Boolean,
  $refundMethod: OrderCancelRefundMethodInput, $staffNote: String
) {
  orderCancel(
    orderId: $orderId, restock: $restock, reason: $reason, refund: $refund,
    refundMethod: $refundMethod, staffNote: $staffNote
  ) {
    job { id done } orderCancelUserErrors { field message code } userErrors { field message }
  }
}`

/**
 * What a development store answered (github.com/airhorns/shopify-draft-proxy@1fba7c18,
 * fixtures/conformance: orders/orderCancel-error-messages, 2026-06-29;
 * orders/orderCustomerSet-and-Remove-error-paths-cleanup, 2026-07-03, without the code;
 * admin-platform/fulfillment-return-node-read-after-write, 2026-07-11;
 * orders/fulfillment-multi-tracking-info, 2026-07-11).
 */
const REFUSALS: readonly [string, string, object, string[] | null, string][] = [
  [
    'already canceled',
    'canceled',
    {},
    ['orderId'],
    'Cannot cancel an order that has already been canceled',
  ],
  ['in progress', 'busy', {}, null, 'Cancellation is already in progress'],
  ['returned', 'returned', {}, ['orderId'], 'Cannot cancel an order that has returns'],
  [
    'fulfilled',
    'fulfilled',
    {},
    ['orderId'],
    'Cannot cancel an order that has outstanding fulfillments',
  ],
  [
    'refunded in two ways',
    'paid',
    { refund: false, refundMethod: { originalPaymentMethodsRefund: true } },
    ['refund'],
    'Only one of the arguments `refund` or `refund_method` is allowed.',
  ],
  [
    'noted at too great a length',
    'paid',
    { staffNote: 'x'.repeat(300) },
    ['staffNote'],
    'Staff note is too long. Maximum length is 255 characters.',
  ],
]

const start = () => {
  const sandbox = createSandbox()
  const send = async (path: string, body: object, token = sandbox.settings.accessToken) => {
    const reply = await sandbox.app.fetch(
      new Request(`https://shopify.example${path}`, {
        method: 'POST',
        headers: { 'x-shopify-access-token': token },
        body: JSON.stringify(body),
      }),
    )
    const { headers, status } = reply
    return { status, headers, body: (await reply.json()) as any }
  }
  const cancel = (key: string, more: object = {}) =>
    send('/admin/api/2026-04/graphql.json', {
      query: CANCEL,
      variables: { orderId: sandbox.globalId(key), restock: false, reason: 'OTHER', ...more },
    })
  return { sandbox, send, cancel }
}

describe('a cancel', () => {
  it('is taken as a job that is not done, and is canceled all the same', async () => {
    const { cancel, sandbox } = start()
    const { status, body } = await cancel('open')
    expect([status, body]).toEqual([
      200,
      {
        data: {
          orderCancel: {
            job: { id: expect.stringMatching(/^gid:\/\/shopify\/Job\/[\da-f-]{36}$/), done: false },
            orderCancelUserErrors: [],
            userErrors: [],
          },
        },
        extensions: {
          cost: {
            requestedQueryCost: 10,
            actualQueryCost: 10,
            throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 1990, restoreRate: 100 },
          },
        },
      },
    ])
    expect(sandbox.cancels.get('open')).toBe(1)
  })
  it.each(REFUSALS)('of an order that is %s is refused', async (_, key, more, field, message) => {
    const { cancel, sandbox } = start()
    sandbox.planFor('paid-busy', { waits: true })
    const order = key === 'busy' ? 'paid-busy' : key
    if (key === 'busy') await cancel(order)
    const { status, body } = await cancel(order, more)
    expect([status, body.data]).toEqual([
      200,
      {
        orderCancel: {
          job: null,
          orderCancelUserErrors: [{ field, message, code: 'INVALID' }],
          userErrors: [{ field, message }],
        },
      },
    ])
    expect(sandbox.cancels.size).toBe(0)
  })
})

// Recorded too: admin-platform/admin-platform-utility-roots, 2026-06-30.
it('a job that never was is done', async () => {
  const { body } = await start().send('/admin/api/2026-04/graphql.json', {
    query: 'query ($jobId: ID!) { job(id: $jobId) { id done } }',
    variables: { jobId: 'gid://shopify/Job/0' },
  })
  expect(body.data).toEqual({ job: { id: 'gid://shopify/Job/0', done: true } })
})

describe('a document', () => {
  const ask = async (query: string, variables: object = {}, version = '2026-10') =>
    (await start().send(`/admin/api/${version}/graphql.json`, { query, variables })).body
  const id = 'gid://shopify/Order/open'

  it.each([
    ['in one line', '{ order(id: "gid://shopify/Order/open") { id } }'],
    ['with a comment', '# why\nquery Q($id: ID!) { order(id: $id) { id } }'],
    [
      'with a fragment behind it',
      'query Q($id: ID!) { order(id: $id) { ...F } } fragment F on Order { id }',
    ],
    ['with a fragment in it', 'query Q($id: ID!) { order(id: $id) { ... on Order { id } } }'],
  ])('%s is answered with what it asks for', async (_, query) =>
    expect((await ask(query, { id })).data).toEqual({ order: { id } }),
  )
  it.each([
    ['a field that is not there', '{ order(id: "gid://shopify/Order/open") { nothing } }'],
    ['an id that is none', '{ order(id: "7") { id } }'],
    ['an argument that is not there', '{ order(id: "gid://shopify/Order/open", at: 1) { id } }'],
    ['a search that is not imitated', '{ orders(first: 1, query: "tag:x") { nodes { id } } }'],
    ['a fragment that is missing', '{ order(id: "gid://shopify/Order/open") { ...F } }'],
    ['an end that is missing', '{ order(id: "gid://shopify/Order/open") { id }'],
    ['a subscription', 'subscription { orders { id } }'],
    ['nothing', ''],
  ])('with %s is an error, and no data', async (_, query) => {
    const { data, errors } = await ask(query)
    expect([data, errors.length]).toEqual([undefined, 1])
  })
  it('is answered by the version that is asked for, or the oldest that is served', async () => {
    const answered = async (version: string) => {
      const { headers } = await start().send(`/admin/api/${version}/graphql.json`, {
        query: '{ a }',
      })
      return headers.get('x-shopify-api-version')
    }
    expect(await answered('2026-07')).toBe('2026-07')
    expect(await answered('2025-01')).toBe('2025-10')
  })
})

describe('a login', () => {
  const login = (type: string, body: string) =>
    createSandbox().app.fetch(
      new Request('https://shopify.example/admin/oauth/access_token', {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      }),
    )
  const { clientId, clientSecret } = createSandbox().appSettings
  const asked = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  }
  it.each([
    ['as JSON', 'application/json', JSON.stringify(asked)],
    ['as a form', 'application/x-www-form-urlencoded', String(new URLSearchParams(asked))],
  ])('%s gives a token of a day', async (_, type, body) =>
    expect(await (await login(type, body)).json()).toMatchObject({
      access_token: expect.stringMatching(/^shpat_/),
      expires_in: 86_399,
    }),
  )
  it('with another secret gives none', async () =>
    expect(
      (await login('application/json', JSON.stringify({ ...asked, client_secret: 'x' }))).status,
    ).toBe(401))
})
