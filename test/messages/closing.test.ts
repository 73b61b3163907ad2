/** What closing a record brings with it is said before, and is what then happens. */
import { describe, expect, it } from 'vitest'
import { closings } from '../../src/messages/closing.ts'
import { sentence } from '../../src/messages/sentence.ts'
import { problem } from '../../src/model/problem.ts'
import { facts, order } from '../model/samples.ts'
import { told, USD } from '../model/told.ts'

const unknown = { done: 'unknown', basis: 'none' } as const
const needing = (found: Parameters<typeof facts>[0] = {}, over: Parameters<typeof told>[0] = {}) =>
  told(
    {
      status: 'needs_attention',
      problem: problem('needs-attention', 'See.', { acted: 'yes' }),
      order: order(),
      ...over,
    },
    {
      order: { done: 'failed', basis: 'confirmed' },
      reason: unknown,
      notify: unknown,
      message: unknown,
      restock: unknown,
      payment: unknown,
      ...found,
    },
  )

describe('closing what needs a person', () => {
  it('a refund that was seen stays on record, in each way', () => {
    const record = needing({
      payment: { done: 'yes', basis: 'confirmed', amount: USD('51.3971') },
    })
    expect(closings(record)).toEqual({
      canceled: 'Close as canceled: the refund of 51.40 USD stays on record',
      not_canceled:
        'Close as not canceled: the refund of 51.40 USD stays on record; the order can be asked ' +
        'for again',
      retry:
        'Try again: the order is read first, and asked for once more only if it is still open; ' +
        'the refund of 51.40 USD stays on record',
    })
    expect(sentence({ ...record, status: 'rejected', via: 'operator' })).toBe(
      'A person found that the order is not canceled. 51.40 USD went back to the buyer.',
    )
  })

  it('where nothing is known, nothing is promised', () => {
    expect(Object.values(closings(needing())).join(' ')).not.toContain('on record')
    expect(closings(needing()).canceled).toContain('stays unknown')
  })

  it.each([
    [
      'what only a reply told is looked for anew by another try',
      { restock: { done: 'yes', basis: 'reported' } },
      'that the goods went back: this stays on record',
      false,
    ],
    [
      'what the manual promises is not known',
      { notify: { done: 'yes', basis: 'documented' } },
      null,
      false,
    ],
    [
      'a refund of a part',
      { payment: { done: 'partial', basis: 'confirmed', amount: USD('20') } },
      'the refund, all but 20.00 USD, stays on record',
      true,
    ],
    [
      'a refund under way',
      { payment: { done: 'pending', basis: 'reported', amount: USD('20') } },
      'the refund of 20.00 USD that is under way stays on record',
      false,
    ],
    [
      'money and goods',
      {
        payment: { done: 'yes', basis: 'confirmed' },
        restock: { done: 'partial', basis: 'confirmed' },
      },
      'the refund and that some of the goods went back: this stays on record',
      true,
    ],
  ] as const)('%s', (_, found, says, alsoByRetry) => {
    const { not_canceled, retry } = closings(needing(found))
    if (says === null) expect(not_canceled).not.toContain('on record')
    else expect(not_canceled).toContain(`: ${says};`)
    expect(says !== null && retry.endsWith(says)).toBe(alsoByRetry)
  })

  it('a hold is released, not refunded; a transfer is none of an order', () => {
    expect(
      closings(
        needing(
          { payment: { done: 'yes', basis: 'confirmed', amount: USD('5') } },
          { order: order({ paymentStatus: 'voided' }) },
        ),
      ).canceled,
    ).toBe('Close as canceled: the release of 5.00 USD stays on record')
    expect(closings({ ...needing(), target: 'transfer' }).retry).toContain('the transfer is read')
  })
})
