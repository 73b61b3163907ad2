/**
 * What a preview says is of the order that was looked at: of every platform and every example of
 * its sandbox, by every kind of wish.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient, type Preview } from '../../src/client/index.ts'
import { type Started, start } from '../../src/hosts/node/index.ts'
import { platforms } from '../../src/hosts/platforms.ts'

const WISHES = {
  none: {},
  all: { notify: true, message: 'Sorry.', restock: true, refund: true, reason: 'Recalled' },
  declined: { notify: false, restock: false, refund: false, reasonCode: 'customer' },
} as const

/** Words of a manual, which speaks of any order and any wish. */
const CONDITIONS =
  /\b(?:if|unless|when (?!it cancels)|depending on|where (?:the|an?|it was)|no wish|without a wish)\b/i

const PAID = ['paid', 'partially_paid', 'partially_refunded']

let gateway: Started
beforeAll(async () => {
  gateway = await start(
    { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' },
    { sandbox: true },
  )
})
afterAll(() => gateway.close())

const previewOf = (platform: string, orderId: string, wishes: keyof typeof WISHES) =>
  createClient({ baseUrl: gateway.url }).preview({
    store: `sandbox-${platform}`,
    orderId,
    ...WISHES[wishes],
  })

/** What is said, by what it is about. */
const saidOf = ({ effects }: Preview): (readonly [string, string])[] =>
  Object.entries(effects).flatMap(([name, { detail }]) =>
    detail === undefined ? [] : [[name, detail] as const],
  )

describe.each(platforms.map(({ adapter }) => adapter.id))('%s', (platform) => {
  it.each(Object.keys(WISHES) as (keyof typeof WISHES)[])(
    'wishes, %s: nothing of what is said is for another order',
    async (wishes) => {
      const client = createClient({ baseUrl: gateway.url })
      const { examples = [] } = await client.store(`sandbox-${platform}`)
      let looked = 0
      for (const { id } of examples) {
        const found = await previewOf(platform, id, wishes).catch(() => null)
        if (found === null) continue
        looked++
        const { order, effects, cancelable } = found
        for (const [name, detail] of saidOf(found))
          expect(`${id} ${name}: ${detail}`).not.toMatch(CONDITIONS)
        if (!cancelable) continue
        const { paid, refunded } = order.totals
        if (PAID.includes(order.paymentStatus) && paid && refunded)
          expect(`${id}: ${JSON.stringify(effects.payment)}`).toMatch(
            order.currency === 'JPY' ? /\d+\.\d\d|\d{3,}/ : /\d+\.\d\d/,
          )
        if (order.paymentStatus === 'unpaid') expect(effects.payment.amount, id).toBeUndefined()
        if (wishes === 'none') expect(effects.message.detail, id).toBeUndefined()
      }
      expect(looked).toBeGreaterThan(3)
    },
  )
})

it.each([
  ['tryton', 'open', 'none', 'payment', 'Nothing was captured, so nothing is refunded.'],
  ['tryton', 'open', 'all', 'payment', 'Nothing was captured, so nothing is refunded.'],
  ['shopify', 'open', 'all', 'payment', 'Nothing is paid.'],
  ['shopify', 'paid', 'none', 'payment', '20.00 CAD stay paid.'],
  ['shopify', 'paid', 'none', 'notify', undefined],
  ['shopify', 'paid', 'all', 'notify', 'By notifyCustomer.'],
  ['medusa', 'order_paid', 'none', 'payment', 'Medusa refunds what was captured.'],
  ['medusa', 'order_paid', 'none', 'reason', undefined],
  [
    'shoplazza',
    'paid',
    'none',
    'payment',
    '48.50 USD are paid. Whether Shoplazza gives money back by itself is not documented.',
  ],
  [
    'shoplazza',
    'authorized',
    'none',
    'payment',
    'The payment is held; whether Shoplazza gives it up by itself is not documented.',
  ],
  [
    'shopline-asia',
    'paid',
    'all',
    'payment',
    '1280.00 TWD were paid by taishin_tappay: payments by Taishin TapPay go back, says the platform.',
  ],
  [
    'shopline-asia',
    'paid-transfer',
    'all',
    'payment',
    '1280.00 TWD were paid by bank_transfer: only payments by Taishin TapPay go back, says the ' +
      'platform.',
  ],
  ['wix', 'paid', 'none', 'payment', '49.90 EUR stay paid; Wix refunds nothing when it cancels.'],
  ['wix', 'paid', 'all', 'notify', 'By sendOrderCanceledEmail.'],
  ['vendure', 'open', 'none', 'payment', '55.72 USD stay authorized and can still be captured.'],
] as const)(
  '%s, %s, wishes %s: what is said of %s',
  async (platform, order, wishes, name, says) => {
    const { effects } = await previewOf(platform, order, wishes)
    expect(effects[name].detail).toBe(says)
  },
)
