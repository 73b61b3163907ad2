/** What people read of a preview says “would”, and never more than the preview knows. */
import { describe, expect, it } from 'vitest'
import { report } from '../../src/model/effect.ts'
import { consequences } from '../../src/messages/sentence.ts'
import { outcomeWord } from '../../src/messages/words.ts'
import { facts, order, request } from './samples.ts'
import { asked, done } from './told.ts'

describe('a preview', () => {
  it('spells what would come with it', () => {
    const paid = order()
    expect(consequences(report(asked, facts(done)), paid)).toEqual([
      'mails the buyer',
      'puts the goods back',
      'refunds 100.00 USD',
    ])
    expect(
      consequences(
        report(
          asked,
          facts({
            ...done,
            notify: { done: 'impossible', basis: 'documented' },
            restock: { done: 'partial', basis: 'documented' },
          }),
        ),
        order({ paymentStatus: 'authorized' }),
      ),
    ).toEqual(['puts part of the goods back', 'releases the hold on 100.00 USD'])
    expect(
      consequences(
        report(
          request(),
          facts({
            notify: { done: 'no', basis: 'none' },
            restock: { done: 'no', basis: 'none' },
            payment: { done: 'no', basis: 'documented' },
          }),
        ),
        paid,
      ),
    ).toEqual(['moves no money'])
    expect(
      consequences(
        report(
          asked,
          facts({
            notify: { done: 'unknown', basis: 'none' },
            restock: { done: 'unknown', basis: 'none' },
            payment: { done: 'unknown', basis: 'none' },
          }),
        ),
        paid,
      ),
    ).toEqual(['may mail the buyer', 'may put the goods back', 'may move money'])
    expect(consequences(report(request({ target: 'transfer' }), facts(done)), paid)).toEqual([])
  })

  it('says “would”', () => {
    const { order: canceled, notify, payment } = report(asked, facts(done))
    expect([
      outcomeWord('order', canceled, true),
      outcomeWord('notify', notify, true),
      outcomeWord('payment', payment, true),
    ]).toEqual(['would be canceled', 'would be done', 'the store would give it back by itself'])
    expect([
      outcomeWord('order', canceled),
      outcomeWord('notify', notify),
      outcomeWord('payment', payment),
    ]).toEqual(['canceled', 'done', 'the store gave it back by itself'])
  })
})
