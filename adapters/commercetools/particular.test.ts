/**
 * commercetools beyond the suite: its hosts, its ids, what happens between look and cancel, and
 * what is read of a poor order.
 */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { findOrders } from '../../src/gateway/read.ts'
import { openHarness, openSandboxed } from '../../src/testing/harness.ts'
import platform, { commercetools, Settings } from './index.ts'
import { keepingOf, obstacle, toMoney, toOrder } from './map.ts'
import { notices } from './notices.ts'
import * as wire from './wire.ts'

const CREDENTIALS = { projectKey: 'acme', clientId: 'gateway', clientSecret: 'a-secret' }
const REGION = { ...CREDENTIALS, region: 'europe-west1.gcp' }
const settingsOf = (more: object = {}) => Settings.parse({ ...REGION, ...more })
const isCancel = ({ method, url }: Request) => method === 'POST' && url.includes('/orders/')

describe('settings', () => {
  it.each([
    ['a region', {}, true],
    [
      'an address in the place of a region',
      { region: undefined, baseUrl: 'https://x.example' },
      true,
    ],
    ['neither', { region: undefined }, false],
    ['a region that leads elsewhere', { region: 'evil.example/x' }, false],
    ['a region with a host behind it', { region: 'eu.gcp.evil' }, false],
    ['a client with a colon', { clientId: 'a:b' }, false],
    ['a secret with a space', { clientSecret: 'a b' }, false],
    ['a field and its type', { reasonField: 'cancelReason', reasonType: 'rescind' }, true],
    ['a field without its type', { reasonField: 'cancelReason' }, false],
    ['a type without a field', { reasonType: 'rescind' }, false],
    ['a login over http', { authUrl: 'http://auth.example' }, false],
    ['a login over http on loopback', { authUrl: 'http://127.0.0.1:9' }, true],
    [
      'a login over http where it is allowed',
      { authUrl: 'http://a.example', allowHttp: true },
      true,
    ],
    ['a project that is no segment', { projectKey: '../x' }, false],
  ])('%s', (_, more, isTaken) =>
    expect(Settings.safeParse({ ...REGION, ...more }).success).toBe(isTaken),
  )
})

describe('the hosts', () => {
  const hostsWith = async (more: object) => {
    const asked: string[] = []
    const transport = fetchTransport(async (url) => {
      asked.push(url)
      return url.endsWith('/oauth/token')
        ? Response.json({ access_token: 'token', expires_in: 60 })
        : Response.json(
            { statusCode: 404, message: '', errors: [{ code: 'ResourceNotFound' }] },
            { status: 404 },
          )
    })
    await openHarness(commercetools, { ...REGION, ...more }, transport).cancel({ orderId: 'open' })
    return [...new Set(asked.map((url) => new URL(url).origin))]
  }
  it('are those of the region', async () =>
    expect(await hostsWith({})).toEqual([
      'https://auth.europe-west1.gcp.commercetools.com',
      'https://api.europe-west1.gcp.commercetools.com',
    ]))
  it('are one, where an address is given', async () =>
    expect(await hostsWith({ baseUrl: 'https://ct.example' })).toEqual(['https://ct.example']))
  it('are two, where both addresses are given', async () =>
    expect(
      await hostsWith({
        baseUrl: 'https://api.cn-northwest-1.aws.commercetools.cn',
        authUrl: 'https://auth.cn-northwest-1.aws.commercetools.cn',
      }),
    ).toEqual([
      'https://auth.cn-northwest-1.aws.commercetools.cn',
      'https://api.cn-northwest-1.aws.commercetools.cn',
    ]))
})

describe('ids', () => {
  const ID = '3f6c1d2e-8a47-4b19-9c05-d41e7a2b6f83'
  it.each([
    [ID, ID],
    [ID.toUpperCase(), ID],
    ['open-7', 'open-7'],
    ['order-number=A-1001', null],
    ['A-1001', null],
    ['import', null],
    ['edits', null],
    ['search', null],
    ['3f6c1d2e', null],
  ])('%s is %s', (id, spelled) => expect(commercetools.canonicalId?.(id)).toBe(spelled))
})

describe('between look and cancel', () => {
  it.each([
    ['changed-meanwhile', { status: 'succeeded', alreadyCanceled: false }, 2],
    ['canceled-meanwhile', { status: 'succeeded', alreadyCanceled: true }, 1],
    ['shipped-meanwhile', { status: 'rejected', problem: { cause: 'fulfilled', acted: 'no' } }, 1],
  ])('%s', async (id, end, sent) => {
    const calls: Request[] = []
    const { cancel, rest } = await openSandboxed(platform, async (request, pass) => {
      calls.push(request.clone())
      return pass()
    })
    const record = await rest((await cancel({ orderId: id, reason: 'Zu groß' })).id)
    expect(record).toMatchObject(end)
    expect(record.attempts[0]).toMatchObject({ result: '409', unsent: true })
    const bodies = await Promise.all(calls.filter(isCancel).map((call) => call.json()))
    expect(bodies.map(({ version }) => version)).toEqual([1, 2].slice(0, sent))
  })
})

it('an extension that does not answer is doubt: looked at, then sent again', async () => {
  const { cancel, rest, canceledTimes } = await openSandboxed(platform)
  const { id } = await cancel({ orderId: 'extension-silent' })
  const record = await rest(id)
  expect(record).toMatchObject({ status: 'succeeded', alreadyCanceled: false })
  expect(record.attempts.map(({ result }) => result)).toEqual(['504', '200'])
  expect(canceledTimes('extension-silent')).toBe(1)
})

it('a reply that shows the order as it was is no yes: looked at, then sent again', async () => {
  let isFirst = true
  const opened = await openSandboxed(platform, async (request, pass) => {
    if (!isCancel(request) || !isFirst) return pass()
    isFirst = false
    return Response.json((await opened.look('open')).raw)
  })
  const record = await opened.rest((await opened.cancel({ orderId: 'open' })).id)
  expect(record).toMatchObject({ status: 'succeeded', alreadyCanceled: false })
  expect(record.attempts.map(({ result }) => result)).toEqual(['200', '200'])
  expect(opened.canceledTimes('open')).toBe(1)
})

it('a token that is over is had anew, once for many', async () => {
  const logins: string[] = []
  const { cancel, look, sandbox } = await openSandboxed(platform, async (request, pass) => {
    if (request.url.endsWith('/oauth/token')) logins.push(await request.clone().text())
    return pass()
  })
  await Promise.all([look('open'), look('paid')])
  expect(logins).toEqual(['grant_type=client_credentials'])
  ;(sandbox as unknown as { endTokens(): void }).endTokens()
  expect((await cancel({ orderId: 'paid' })).status).toBe('succeeded')
  expect(logins).toHaveLength(2)
})

describe('the reason', () => {
  it('stands beside the other fields of its type', async () => {
    const { cancel, look } = await openSandboxed(platform)
    await cancel({ orderId: 'typed', reason: 'Zu groß' })
    const { raw } = await look('typed')
    expect((raw as wire.Order).custom?.fields).toEqual({
      channelNote: 'Marketplace',
      cancelReason: 'Zu groß',
    })
  })

  it('wipes no field of another type', async () => {
    const { cancel, look } = await openSandboxed(platform)
    const { effects } = await cancel({ orderId: 'gift', reason: 'Zu groß' })
    expect(effects.reason.outcome).toBe('unsupported')
    expect(((await look('gift')).raw as wire.Order).custom?.fields).toEqual({ wrapping: 'blue' })
  })

  const settings = settingsOf({ reasonField: 'cancelReason', reasonType: 'rescind' })
  const type = (obj?: object) => ({ typeId: 'type', id: 't', obj })
  const text = { name: 'cancelReason', type: { name: 'String' } }
  it.each([
    ['no type', null, 'type'],
    ['the field there', { type: type(), fields: { cancelReason: 'x' } }, 'field'],
    ['an empty field there', { type: type(), fields: { cancelReason: '' } }, 'field'],
    ['the field of another kind there', { type: type(), fields: { cancelReason: 7 } }, null],
    [
      'the type with the field',
      { type: type({ key: 'other', fieldDefinitions: [text] }), fields: {} },
      'field',
    ],
    [
      'the type without it',
      { type: type({ key: 'rescind', fieldDefinitions: [] }), fields: {} },
      null,
    ],
    ['the type’s key alone', { type: type({ key: 'rescind' }), fields: {} }, 'field'],
    ['another type’s key alone', { type: type({ key: 'other' }), fields: {} }, null],
    ['a type that is not told', { type: type(), fields: {} }, null],
  ])('with %s', (_, custom, keeping) =>
    expect(keepingOf({ custom: custom as never }, settings)).toBe(keeping),
  )
})

describe('money', () => {
  const of = (more: object) =>
    toMoney({ centAmount: 0, currencyCode: 'EUR', fractionDigits: 2, ...more } as wire.Money)
      ?.amount
  it.each([
    [{ centAmount: 12_990 }, '129.90'],
    [{ centAmount: 5 }, '0.05'],
    [{ centAmount: -5 }, '-0.05'],
    [{ centAmount: 0 }, '0.00'],
    [{ centAmount: '900719925474099312' }, '9007199254740993.12'],
    [{ centAmount: 4_900, currencyCode: 'JPY', fractionDigits: 0 }, '4900'],
    [{ centAmount: 1_500, currencyCode: 'KWD', fractionDigits: 3 }, '1.500'],
    [{ centAmount: 1, preciseAmount: 1_234, fractionDigits: 5 }, '0.01234'],
    [{ centAmount: 1.5 }, undefined],
    [{ centAmount: null }, undefined],
    [{ fractionDigits: null }, undefined],
    [{ fractionDigits: -1 }, undefined],
    [{ currencyCode: null }, undefined],
  ])('%j is %s', (amount, meant) => expect(of(amount)).toBe(meant))
})

describe('a poor order', () => {
  const POOR = { id: '7', version: 1, orderState: 'Open' }
  it('is read: what only describes it may be missing or odd', () => {
    const order = wire.Order.parse({
      ...POOR,
      lineItems: 'none',
      paymentInfo: { payments: [{ obj: { transactions: [{ type: 'Charge' }] } }] },
      totalPrice: [],
      taxedPrice: 7,
      createdAt: 'yesterday',
      customerEmail: '',
    })
    expect(toOrder(order, settingsOf())).toMatchObject({
      id: '7',
      number: null,
      status: 'open',
      paymentStatus: 'unknown',
      fulfillmentStatus: 'unfulfilled',
      currency: null,
      totals: { total: null, paid: null, refunded: null },
      customer: null,
      lines: null,
      createdAt: null,
    })
    expect(obstacle(order, settingsOf())).toBe(null)
  })
  it.each([
    ['an id', { id: undefined }],
    ['a version', { version: '1' }],
    ['a state', { orderState: null }],
    ['a word for the shipment', { shipmentState: 7 }],
    ['a list of deliveries', { shippingInfo: { deliveries: {} } }],
    ['custom fields', { custom: { type: { id: 't' } } }],
    ['a list of returns', { returnInfo: 'none' }],
  ])('is not read without %s that can be read', (_, change) =>
    expect(wire.Order.safeParse({ ...POOR, ...change }).success).toBe(false),
  )
  it('of nothing but what the merchant wrote by hand has lines all the same', () => {
    const euros = (centAmount: number) => ({ centAmount, currencyCode: 'EUR', fractionDigits: 2 })
    const engraving = {
      id: 'c-1',
      name: { en: 'Engraving' },
      slug: 'engraving',
      quantity: 2,
      money: euros(450),
      totalPrice: euros(900),
    }
    const order = wire.Order.parse({ ...POOR, lineItems: [], customLineItems: [engraving] })
    expect(toOrder(order, settingsOf()).lines).toEqual([
      {
        id: 'c-1',
        title: 'Engraving',
        sku: null,
        productId: null,
        variantId: null,
        quantity: 2,
        unitPrice: { amount: '4.50', currency: 'EUR' },
        total: { amount: '9.00', currency: 'EUR' },
      },
    ])
  })
  it('with a payment of another currency tells of no payment', () => {
    const transaction = (currencyCode: string) => ({
      type: 'Charge',
      state: 'Success',
      amount: { centAmount: 100, currencyCode, fractionDigits: 2 },
    })
    const order = wire.Order.parse({
      ...POOR,
      totalPrice: { centAmount: 200, currencyCode: 'EUR', fractionDigits: 2 },
      paymentInfo: {
        payments: [{ obj: { transactions: [transaction('EUR'), transaction('USD')] } }],
      },
    })
    expect(toOrder(order, settingsOf()).totals.paid).toBe(null)
  })
})

it('finds nothing where another order answers', async () => {
  const { store } = await openSandboxed(platform, async (request, pass) =>
    request.url.includes('order-number=')
      ? Response.json({ id: 'x', version: 1, orderState: 'Open', orderNumber: 'B-2' })
      : pass(),
  )
  await expect(findOrders(store, 'A-1')).rejects.toThrow()
})

it('a message of a function of the merchant tells a cancellation from another change', () => {
  const topic = (body: object) => notices.topic(body, new Headers())
  const said = { type: 'OrderStateChanged' }
  expect(notices.topics[String(topic({ ...said, orderState: 'Cancelled' }))]).toBe('cancellation')
  expect(notices.topics[String(topic({ ...said, orderState: 'Open' }))]).toBe('change')
})
