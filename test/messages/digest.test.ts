/** What people are told at one go, word for word. */
import { describe, expect, it } from 'vitest'
import { digestOf, type Found, type Known, oneLine, type Thing } from '../../src/messages/digest.ts'
import { digestHtml, digestText } from '../../src/messages/digest-mail.ts'
import { money } from '../../src/model/money.ts'

let count = 0
const thing = (place: string, over: Partial<Thing> = {}): Thing => ({
  key: `cancellation.needs_attention can_${++count} 1`,
  event: 'cancellation.needs_attention',
  title: 'Not clear what became of the order',
  place,
  what: `Order 1001${count}`,
  path: `/console/cancellations/can_${count}`,
  since: 0,
  says: 'A person must look.',
  total: money('59', 'USD'),
  amount: '59.00 USD',
  todo: 'Look at the order.',
  ...over,
})
const silent: Partial<Thing> = {
  event: 'store.silent',
  title: 'Went silent',
  todo: null,
  amount: null,
}

const subject = (fresh: readonly Thing[], waiting: readonly Known[] = []) =>
  digestOf({ fresh, waiting, solved: [] }).subject

describe('the subject', () => {
  it('says how many of what, and where', () => {
    expect(subject([thing('paris')])).toBe('1 order needs you at paris')
    expect(subject([thing('acme-wix'), thing('paris'), thing('acme-wix')])).toBe(
      '3 orders need you: 2 at acme-wix, 1 at paris',
    )
    expect(subject([thing('a'), thing('b'), thing('c'), thing('d'), thing('e')])).toBe(
      '5 orders need you: 1 at a, 1 at b, 1 at c, 2 elsewhere',
    )
    expect(subject([thing('paris'), thing('paris', silent)])).toBe(
      '1 order needs you at paris; 1 store went silent',
    )
  })
  it('counts what waits with what is new, and tells them apart', () => {
    expect(subject([thing('paris')], [thing('paris'), thing('rome')])).toBe(
      '3 orders need you: 2 at paris, 1 at rome (1 new)',
    )
  })
  it('is one line of a length that is read', () => {
    const long = subject(
      [thing('x'.repeat(500)), thing('y\r\nBcc: z'), thing('z'.repeat(300))],
      [thing('q')],
    )
    expect(long.length).toBeLessThanOrEqual(180)
    expect(long).not.toMatch(/[\r\n]/)
    expect(long).toMatch(/… \(3 new\)$/)
  })
})

const found: Found = {
  fresh: [
    thing('paris', { what: 'Order 10012', path: '/console/cancellations/can_a' }),
    thing('paris', {
      what: 'Order 10013',
      path: '/console/cancellations/can_b',
      total: null,
      amount: null,
    }),
    thing('rome', {
      ...silent,
      what: 'Store rome',
      says: 'It is silent.',
      path: '/console/stores',
    }),
  ].map((one) => (one.event === 'store.silent' ? { ...one, total: undefined as never } : one)),
  waiting: [thing('oslo')],
  solved: [
    {
      ...thing('bern', { what: 'Order 7', path: '/console/cancellations/can_c' }),
      says: 'Canceled.',
    },
  ],
}

describe('a mail', () => {
  it('says it all in plain text', () => {
    expect(digestText(digestOf(found), 'https://rescind.example')).toBe(
      `3 orders need you: 2 at paris, 1 at oslo; 1 store went silent (3 new)

New
---

Not clear what became of the order · paris · 2 orders, 59.00 USD in all, of 1 no total is told
  Order 10012 · 59.00 USD: A person must look.
  https://rescind.example/console/cancellations/can_a
  Order 10013: A person must look.
  https://rescind.example/console/cancellations/can_b
  → Look at the order.

Went silent · rome
  Store rome: It is silent.
  https://rescind.example/console/stores

Still waiting
-------------

Not clear what became of the order · oslo

Solved
------

1 thing
  Order 7 · bern: Canceled.
  https://rescind.example/console/cancellations/can_c

https://rescind.example/console

-- 
Sent by Rescind, once for all that is new: what was told is not told again, and the console shows it all under Needs you.
`,
    )
  })
  it('links nothing where nobody said where the console is', () => {
    const digest = digestOf(found)
    expect(digestText(digest, null) + digestHtml(digest, null)).not.toMatch(/https?:|href/)
  })
  it('is the same as HTML', () => {
    const html = digestHtml(digestOf(found), 'https://rescind.example')
    expect(html).toContain(
      '<li><strong><a href="https://rescind.example/console/cancellations/can_a">Order 10012 · 59.00 USD</a></strong>: A person must look.</li>',
    )
    expect(html).toMatch(/<h2[^>]*>Still waiting<\/h2>/)
  })
})

describe('one line', () => {
  it('has nothing that a reader does not see', () => {
    expect(oneLine('a\r\nb\u202ec\u0000d\ud800e\u2028f\u200bg')).toBe('a b c d\ufffde f g')
    expect(oneLine('Größe 🙂 日本')).toBe('Größe 🙂 日本')
    expect(oneLine('🙂'.repeat(200), 11)).toBe(`${'🙂'.repeat(5)}…`)
  })
})
