/** What is told, to whom, and that no text of a buyer or a merchant is in it. */
import { expect, test } from 'vitest'
import {
  disabledBy,
  owedOf,
  testBody,
  type Webhook,
} from '../../../src/gateway/deliveries/webhook.ts'
import type { Cancellation } from '../../../src/model/cancellation.ts'
import type { EventType } from '../../../src/model/delivery.ts'
import { deliveryId } from '../../../src/model/event.ts'
import { become, draft } from '../../ledger/records.ts'
import { START, webhookTo } from './receiver.ts'

const URL = 'https://erp.example.com/hooks'
const wanting = (...types: EventType[]): Partial<Webhook> => ({ events: new Set(types) })
const record = (over: Partial<Cancellation> = {}): Cancellation => ({
  ...become(draft({ id: 'can_1', orderId: 'order_1', reference: 'SO-4711' }), 'succeeded', START),
  revision: 7,
  ...over,
})
const before = draft({ id: 'can_1', orderId: 'order_1' })
const told = (webhooks: readonly Webhook[], next = record()) => owedOf(webhooks, before, next)

test('the body of a cancellation is the one of the contract', () => {
  const [owed] = told([webhookTo(URL)])
  expect(owed).toMatchObject({ subject: 'can_1', revision: 7, type: 'cancellation.succeeded' })
  expect(JSON.parse(owed?.body as string)).toEqual({
    type: 'cancellation.succeeded',
    timestamp: '2026-01-01T00:00:00.000Z',
    data: {
      id: 'can_1',
      revision: 7,
      status: 'succeeded',
      origin: 'caller',
      store: 'paris',
      platform: 'medusa',
      orderId: 'order_1',
      reference: 'SO-4711',
      link: null,
      batchId: null,
      alreadyCanceled: false,
      effects: Object.fromEntries(
        ['order', 'reason', 'notify', 'message', 'restock', 'payment'].map((name) => [
          name,
          record().effects[name as 'order'].outcome,
        ]),
      ),
      problem: null,
      url: '/v1/cancellations/can_1',
    },
  })
})

test('no text of a buyer, a merchant or a platform is in it, and no amount', () => {
  const secret = 'Jane Doe jane@example.com 4711.23'
  const { effects, request } = record()
  const full = record({
    status: 'needs_attention',
    request: { ...request, reason: secret, message: secret as never },
    memo: { note: secret },
    order: { id: 'order_1', number: secret } as never,
    before: { id: 'order_1', number: secret } as never,
    hindrance: { result: secret, detail: secret, upstream: null },
    resolution: { as: 'canceled', note: secret, by: secret, at: START },
    effects: {
      ...effects,
      payment: { ...effects.payment, detail: secret, amount: { amount: secret } as never },
    },
    problem: {
      code: 'order-not-cancelable',
      cause: 'fulfilled',
      acted: 'no',
      detail: secret,
      upstream: { status: 400, code: secret, message: secret },
    } as never,
  })
  const body = told([webhookTo(URL)], full)[0]?.body as string
  expect(JSON.parse(body).data.problem).toEqual({
    code: 'order-not-cancelable',
    cause: 'fulfilled',
    acted: 'no',
  })
  expect(body).not.toMatch(/Jane|example\.com|4711\.23/)
})

test('each webhook is owed what it wants, of what its caller may see', () => {
  const owed = told([
    webhookTo(URL, { id: 'all' }),
    webhookTo(URL, { id: 'wants', ...wanting('cancellation.succeeded') }),
    webhookTo(URL, { id: 'other', ...wanting('cancellation.rejected') }),
    webhookTo(URL, { id: 'sees', stores: new Set(['paris']) }),
    webhookTo(URL, { id: 'blind', stores: new Set(['acme']) }),
  ])
  expect(owed.map(({ webhook, body }) => [webhook, body !== null])).toEqual([
    ['all', true],
    ['wants', true],
    // What it is still owed of the subject is out of date.
    ['other', false],
    ['sees', true],
  ])
})

test('what is no event is owed to nobody', () => {
  expect(owedOf([webhookTo(URL)], record(), record())).toEqual([])
  expect(owedOf([], before, record())).toEqual([])
})

test('that one is off is told to the other webhooks of its caller, if they want it', () => {
  const off = webhookTo(URL, { name: 'orders' })
  const owed = disabledBy(
    [
      off,
      webhookTo(URL, { name: 'alarm' }),
      webhookTo(URL, { name: 'quiet', ...wanting('batch.finished') }),
      webhookTo(URL, { name: 'alarm', caller: 'shop' }),
    ],
    off,
    3,
    START,
  )
  expect(owed.map(({ webhook }) => webhook)).toEqual(['["erp","alarm"]'])
  expect(deliveryId(owed[0]!)).toBe('evt_webhook_orders_3')
  expect(JSON.parse(owed[0]?.body as string)).toEqual({
    type: 'webhook.disabled',
    timestamp: '2026-01-01T00:00:00.000Z',
    data: { id: 'orders', revision: 3, url: '/v1/webhooks' },
  })
})

test('a test says that it is one', () => {
  expect(JSON.parse(testBody(webhookTo(URL), START))).toMatchObject({ type: 'webhook.test' })
})
