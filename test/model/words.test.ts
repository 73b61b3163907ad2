/** What people read says what the report says, and never more. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STATUSES } from '../../src/model/cancellation.ts'
import {
  BASES,
  type Effect,
  EFFECTS,
  type Effects,
  OUTCOMES,
  skipped,
} from '../../src/model/effect.ts'
import { CAUSES, problem, PROBLEM_CODES } from '../../src/model/problem.ts'
import { advice, commandAdvice } from '../../src/messages/advice.ts'
import { sentence, summary, type Told } from '../../src/messages/sentence.ts'
import { statusWord } from '../../src/messages/words.ts'
import { order, record, request } from './samples.ts'
import { USD, asked, done, told, refused } from './told.ts'

describe('sentence and advice', () => {
  it.each<[string, Told, string, readonly string[]]>([
    [
      'all as asked',
      told(),
      'The order is canceled. The store mails the buyer, says its manual. The goods went back. ' +
        '100.00 USD went back to the buyer.',
      [],
    ],
    [
      'a hold is released, not refunded',
      told({ order: order({ paymentStatus: 'voided' }, { paid: USD('0') }) }),
      'The order is canceled. The store mails the buyer, says its manual. The goods went back. ' +
        '100.00 USD are no longer held.',
      [],
    ],
    [
      'money stays',
      told({ order: order() }, { ...done, payment: { done: 'no', basis: 'confirmed' } }),
      'The order is canceled. The store mails the buyer, says its manual. The goods went back. ' +
        '100.00 USD stay paid.',
      ['Refund 100.00 USD in the store, if the buyer is to have it back.'],
    ],
    [
      'the amount of what failed is what did not go back',
      told(
        { order: order() },
        { ...done, payment: { done: 'partial', basis: 'confirmed', amount: USD('40') } },
      ),
      'The order is canceled. The store mails the buyer, says its manual. The goods went back. ' +
        'Only part of the money went back; 40.00 USD did not.',
      ['Give 40.00 USD back by hand in the store.'],
    ],
    [
      'a hold that could not be released was never the buyer’s to get back',
      told(
        { order: order({ paymentStatus: 'authorized' }, { paid: USD('0') }) },
        { ...done, payment: { done: 'failed', basis: 'confirmed', amount: USD('100') } },
      ),
      'The order is canceled. The store mails the buyer, says its manual. The goods went back. ' +
        'Releasing the payment failed: 100.00 USD are still held.',
      ['Release 100.00 USD by hand in the store.'],
    ],
    [
      'a hold that stays',
      told(
        { order: order({ paymentStatus: 'authorized' }, { paid: USD('0') }) },
        { ...done, payment: { done: 'no', basis: 'confirmed' } },
      ),
      'The order is canceled. The store mails the buyer, says its manual. The goods went back. ' +
        'The payment stays held.',
      ['Release the held payment in the store, if the buyer is to have it back.'],
    ],
    [
      'no way for mail and goods',
      told(
        {},
        {
          ...done,
          notify: { done: 'impossible', basis: 'documented' },
          restock: { done: 'impossible', basis: 'documented' },
        },
      ),
      'The order is canceled. The store cannot be asked to mail the buyer. The store cannot be ' +
        'asked to put the goods back. 100.00 USD went back to the buyer.',
      ['Put 1 × Tea back by hand, if it should be on sale.', 'Write to the buyer yourself.'],
    ],
    [
      'nothing can be told',
      told(
        {},
        {
          ...done,
          notify: { done: 'unknown', basis: 'none' },
          restock: { done: 'unknown', basis: 'none' },
          payment: { done: 'unknown', basis: 'none' },
        },
      ),
      'The order is canceled. Whether the buyer was mailed cannot be told. Whether the goods ' +
        'went back cannot be told. What became of the payment cannot be told.',
      ['Look at the payment in the store.', 'Look at the stock in the store.'],
    ],
    [
      'done although refused',
      told({}, done, request({ notify: false, restock: false })),
      'The order is canceled. The store mails the buyer although you refused it. The goods went ' +
        'back although you refused it. 100.00 USD went back to the buyer.',
      ['Take the goods off the stock again, if they should not be on sale.'],
    ],
    [
      'canceled before',
      told({ alreadyCanceled: true, attempts: [], effects: skipped(asked) }),
      'The order was canceled already, not by this request; nothing was sent.',
      [],
    ],
    [
      'canceled by somebody else in between',
      told({ alreadyCanceled: true, effects: skipped(asked) }),
      'The order was canceled already, not by this request.',
      [],
    ],
    [
      'a person says so, and the money was seen to move',
      told({ via: 'operator' }),
      'A person found that the order is canceled. 100.00 USD went back to the buyer.',
      ['Look at stock and payment in the store, if you have not yet.'],
    ],
    [
      'a person says so',
      told({ via: 'operator' }, { payment: { done: 'unknown', basis: 'none' } }),
      'A person found that the order is canceled. What became of mail, goods and money is not ' +
        'known.',
      ['Look at stock and payment in the store, if you have not yet.'],
    ],
    [
      'a person says no',
      { ...refused('order-not-cancelable', 'x', { cause: 'refused' }), via: 'operator' },
      'A person found that the order is not canceled.',
      [],
    ],
    [
      'a person says no, and the money was seen to move',
      told({ via: 'operator', status: 'rejected' }),
      'A person found that the order is not canceled. 100.00 USD went back to the buyer.',
      [],
    ],
    [
      'nothing was sent at all',
      told(
        {
          status: 'needs_attention',
          via: null,
          problem: problem('needs-attention', 'The store leads elsewhere.', { acted: 'no' }),
        },
        {},
      ),
      'A person must look. The store leads elsewhere.',
      [
        'Mend the store in the configuration and start the gateway again, then have it tried ' +
          'again.',
      ],
    ],
    [
      'a yes that no look shows',
      told(
        {
          status: 'needs_attention',
          via: null,
          problem: problem('needs-attention', 'It said so.', { acted: 'yes' }),
        },
        { order: { done: 'unknown', basis: 'reported' } },
      ),
      'A person must look. It said so.',
      ['Look at the order and its payment in the store, then say what you found.'],
    ],
    [
      'a transfer',
      told({ target: 'transfer' }),
      'The transfer request is canceled; the order itself stays as it is.',
      [],
    ],
    [
      'no transfer',
      {
        ...refused('order-not-cancelable', 'No transfer request is pending for this order.', {
          cause: 'nothing_pending',
        }),
        target: 'transfer',
      },
      'The transfer request is not canceled. No transfer request is pending for this order.',
      [],
    ],
    [
      'withdrawn',
      refused('order-not-cancelable', 'Withdrawn by the caller.', { cause: 'withdrawn' }),
      'The order is not canceled. Taken back before anything was sent. Order, money and stock ' +
        'are as they were.',
      [],
    ],
    [
      'expired',
      refused(
        'order-not-cancelable',
        'It could not be sent before the deadline; no cancel was sent.',
        { cause: 'expired', retryable: true },
      ),
      'The order is not canceled. It could not be sent before the deadline; no cancel was sent. ' +
        'Order, money and stock are as they were.',
      ['Ask again once the store answers, or somebody is there to approve it.'],
    ],
    [
      'shipped',
      refused('order-not-cancelable', 'The order was shipped.', { cause: 'fulfilled' }),
      'The order is not canceled. The order was shipped. Order, money and stock are as they were.',
      ['Cancel the fulfillment in the store and ask again, or have the goods returned.'],
    ],
    [
      'refused',
      refused('order-not-cancelable', 'The platform refused.', { cause: 'refused' }),
      'The order is not canceled. The platform refused. Order, money and stock are as they were.',
      ['Look at the order in the store; it may be canceled there by hand.'],
    ],
    [
      'credentials',
      refused('platform-credentials', 'x'),
      'The order is not canceled. The store refused our credentials. Order, money and stock are ' +
        'as they were.',
      [
        'Mend the store’s credentials in the configuration and restart the gateway, then ask ' +
          'again.',
      ],
    ],
    [
      'money moved, order open',
      told(
        {
          status: 'needs_attention',
          via: null,
          problem: problem('needs-attention', 'x', { acted: 'yes' }),
        },
        { payment: { done: 'yes', basis: 'confirmed', amount: USD('100') } },
      ),
      'A person must look: the order is not canceled, but 100.00 USD went back.',
      ['Look at the order and its payment in the store, then say what you found.'],
    ],
    [
      'nobody knows',
      told(
        {
          status: 'needs_attention',
          via: null,
          problem: problem('needs-attention', 'x', { acted: 'unknown' }),
        },
        {},
      ),
      'A person must look: the store was asked, and what became of it is not clear.',
      ['Look at the order and its payment in the store, then say what you found.'],
    ],
    [
      'in doubt',
      told({ status: 'in_doubt' }, {}),
      'The store was asked and has not told us yet; we keep looking.',
      [],
    ],
  ])('%s', (_, of, said, todo) => expect([sentence(of), advice(of)]).toEqual([said, todo]))

  it('takes a record as it is, and names lines by what people call them', () => {
    expect(sentence(record())).toBe('Written down; the store was not asked yet.')
    const tried = (...attempts: { result: string | null; unsent?: boolean }[]) =>
      sentence({ ...record(), attempts })
    expect([
      tried({ result: '429', unsent: true }),
      tried({ result: 'not sent: unreachable' }),
    ]).toEqual(
      Array(2).fill('Written down; what was sent provably never arrived, and it is tried again.'),
    )
    // A person had it tried again after a timeout: nothing is proven of that.
    for (const open of [
      { result: 'timeout', unsent: false },
      { result: 'timeout' },
      { result: null },
    ])
      expect(tried(open, { result: 'not sent: unreachable', unsent: true })).toBe(
        'Written down, and tried again; what an earlier call did is looked at first.',
      )
    expect(
      sentence(record({ request: request({ target: 'transfer' }), status: 'succeeded' })),
    ).toMatch(/^The transfer request is canceled/)
    const lines = ['BLUE-L', 'RED-M', 'A', 'B', 'C'].map((sku) => ({
      ...order().lines![0]!,
      sku,
      quantity: 2,
    }))
    const lost = told(
      { order: order({ lines }) },
      {
        ...done,
        restock: { done: 'failed', basis: 'reported' },
        payment: { done: 'no', basis: 'none' },
      },
    )
    expect(advice(lost)).toContain(
      'Put 2 × BLUE-L, 2 × RED-M, 2 × A and 2 more lines back by hand, if it should be on sale.',
    )
  })

  it('beside a status word, what that says already is left out', () => {
    expect(summary(told())).toBe(
      'The store mails the buyer, says its manual. The goods went back. 100.00 USD went back to ' +
        'the buyer.',
    )
    expect(
      summary(refused('order-not-cancelable', 'The order was shipped.', { cause: 'fulfilled' })),
    ).toBe('The order was shipped.')
    expect(
      summary(
        told(
          {},
          {
            ...done,
            notify: { done: 'no', basis: 'none' },
            restock: { done: 'no', basis: 'none' },
            payment: { done: 'no', basis: 'none' },
          },
          request(),
        ),
      ),
    ).toBe('The order is canceled.')
    expect([
      statusWord({ status: 'succeeded', alreadyCanceled: true }),
      statusWord({ status: 'rejected', alreadyCanceled: false }),
    ]).toEqual(['Was already canceled', 'Not canceled'])
  })

  const effect: fc.Arbitrary<Effect> = fc.record({
    asked: fc.constantFrom(true, false, null),
    honored: fc.constantFrom(true, false, null),
    outcome: fc.constantFrom(...OUTCOMES),
    basis: fc.constantFrom(...BASES),
  })
  const effects = fc.record(
    Object.fromEntries(EFFECTS.map((name) => [name, effect])),
  ) as fc.Arbitrary<Effects>
  const anything: fc.Arbitrary<Told> = fc.record({
    status: fc.constantFrom(...STATUSES),
    alreadyCanceled: fc.boolean(),
    effects,
    via: fc.constantFrom('reply', 'reconciled', 'operator', null),
    target: fc.constantFrom('order', 'transfer'),
    order: fc.constantFrom(null, order()),
    attempts: fc.constantFrom([], [{ result: '200' }]),
    problem: fc.constantFrom(
      null,
      ...PROBLEM_CODES.map((code) => problem(code, 'Because.')),
      ...CAUSES.map((cause) => problem('order-not-cancelable', 'Because.', { cause })),
    ),
  })
  it('whatever is told: whole sentences, and nothing is called canceled that is not', () => {
    fc.assert(
      fc.property(anything, (of) => {
        for (const text of [sentence(of), summary(of), ...advice(of)])
          expect(text).toMatch(/^[A-Z0-9“].*[^ ]\.$|^[A-Z0-9“][^ ]*\.$/)
        for (const text of [sentence(of), ...advice(of)])
          expect(text).not.toMatch(/ {2}|undefined|null|\.\./)
        if (of.status !== 'succeeded')
          expect(sentence(of)).not.toMatch(/(order|request) (is|was) canceled/)
        // What only a manual promises is never told as seen.
        if (of.effects.notify.basis === 'documented')
          expect(sentence(of)).not.toMatch(/says that it mailed/)
      }),
    )
  })
})

describe('advice before a terminal', () => {
  it('is what a person is told, and the command that helps', () => {
    expect(commandAdvice({ code: 'platform-credentials' })).toEqual({
      says:
        'Mend the store’s credentials in the configuration and restart the gateway, then ask ' +
        'again. This tries them, where the gateway runs:',
      verb: 'stores check',
    })
    expect(commandAdvice({ code: 'order-not-cancelable', cause: 'payment_pending' })).toEqual({
      says: 'Ask again once the payment is through.',
    })
    expect(commandAdvice({ code: 'store-not-found' })).toEqual({
      says: 'The stores that this key reaches:',
      verb: 'stores list',
      reaches: true,
    })
  })
  it('is none where nothing helps, or a newer gateway names what is not known here', () => {
    expect(commandAdvice({ code: 'not-withdrawable' })).toBeNull()
    expect(commandAdvice({ code: 'newer' as never, cause: 'newer' as never })).toBeNull()
  })
})
