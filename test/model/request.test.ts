/** What a caller may ask for, and when two requests are the same one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CancelRequest,
  fingerprint,
  isOrderId,
  REASON_CODES,
  REASON_LABELS,
  reasonText,
  sameWishes,
} from '../../src/model/request.ts'
import { anyRequest, request } from './samples.ts'

const full = {
  store: 'shop',
  orderId: 'open',
  reason: 'Wrong',
  reasonCode: 'customer',
  notify: true,
  message: 'Sorry',
  restock: false,
  refund: true,
  strict: true,
  reference: 'SO-1',
  target: 'transfer',
}
const paths = (value: unknown) =>
  CancelRequest.safeParse(value).error?.issues.map(({ path, message }) => [path.join('/'), message])

describe('order ids', () => {
  it.each([
    'a',
    '7001d34b-11a6',
    'order_01K',
    'ä',
    '😀',
    '...',
    'a.b',
    '<>"',
    '!',
    'x'.repeat(128),
    '~',
    '\u00a1',
    // In a global id, as one platform or another has them.
    'gid://shopify/Order/123',
    'gid://a-b-9/DraftOrder/x_1',
    `gid://shopify/Order/${'1'.repeat(108)}`,
  ])('%j may be one', (id) => expect(isOrderId(id)).toBe(true))
  it.each([
    '',
    '.',
    '..',
    'a b',
    'a/b',
    'a\\b',
    'a?b',
    'a#b',
    'a%b',
    'a\nb',
    '\u0000',
    '\u0020',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u1680',
    '\u2000',
    '\u200b',
    '\u2028',
    '\u2029',
    '\u202f',
    '\u205f',
    '\u3000',
    '\ufeff',
    '\ud800',
    'a\udc00',
    'x'.repeat(129),
    // Invisible, or turning others around: zero width, joiners, marks and isolates of direction,
    // soft hyphen, variation selectors, fillers, tags, an empty Braille cell, noncharacters.
    '\u200eorder_1',
    'order_1\u200f',
    '\u202aorder_1\u202c',
    'order\u202e_1',
    '\u2066a\u2069',
    'order_1\u2060',
    'order\u00ad_1',
    'order_1\u200c',
    'a\u200db',
    'order_1\ufe0f',
    'a\u{e0100}',
    'a\u{e0041}',
    'a\u061c',
    'a\u034f',
    'a\u115f',
    'a\u3164',
    'a\uffa0',
    'a\u180e',
    'a\u2065',
    'a\u2800',
    '\u2007a',
    '\u202fa',
    'a\ufff9',
    'a\ufdd0',
    'a\uffff',
    'a\u{1fffe}',
    'a\u0600',
    'a\u{1d173}',
    'a\u{1bca0}',
    'gid://shopify/Order/',
    'gid://shopify/Order/..',
    'gid://shopify/Order/1/2',
    'gid://shopify/Order/1?a',
    'gid://shopify/Order/%31',
    'gid://shopify/Order/1 2',
    'gid://shopify/Order/\u200b1',
    'gid://shopify/../1',
    'gid://shopify/Order\\1',
    'gid://shopify//1',
    'gid:///Order/1',
    'gid://Shopify/Order/1',
    'GID://shopify/Order/1',
    'https://shopify/Order/1',
    ' gid://shopify/Order/1',
    'gid://shopify/Order/1\n',
    `gid://shopify/Order/${'1'.repeat(109)}`,
  ])('%j may not', (id) => expect(isOrderId(id)).toBe(false))
})

describe('the body', () => {
  it('takes all, and fills in what is left out; null means left out', () => {
    expect(CancelRequest.parse(full)).toEqual(full)
    const nothing = {
      store: null,
      reason: null,
      reasonCode: null,
      notify: null,
      message: null,
      restock: null,
      refund: null,
      strict: false,
      reference: null,
      target: 'order',
      orderId: 'open',
    }
    expect(CancelRequest.parse({ orderId: 'open' })).toEqual(nothing)
    expect(CancelRequest.parse({ ...nothing, strict: null, target: null })).toEqual(nothing)
  })
  it.each([
    ['orderId', 'a/b'],
    ['orderId', undefined],
    ['orderId', 7],
    ['store', ''],
    ['store', 'x'.repeat(129)],
    ['reason', ''],
    ['reason', 'x'.repeat(501)],
    ['reason', '\ud800'],
    ['reason', 'Wrong size\u0000\u0000'],
    ['reason', 'a\u0007'],
    ['reason', 'a\u001b[2J'],
    ['reason', 'a\u007f'],
    ['reason', 'a\u0085'],
    ['reason', 'a\u000b'],
    ['message', '\u0000'],
    ['message', 'a\u009b'],
    ['reference', 'SO\u0000'],
    ['store', '\u0000'],
    ['reasonCode', 'bored'],
    ['notify', 'true'],
    ['notify', 1],
    ['message', 'x'.repeat(1001)],
    ['message', ''],
    ['restock', 0],
    ['strict', 'no'],
    ['reference', 'x'.repeat(129)],
    ['reference', ''],
    ['target', 'refund'],
  ])('refuses %s: %j', (name, value) => {
    const found = paths({ ...full, [name]: value })
    expect(found?.map(([path]) => path)).toEqual([name])
    expect(found?.[0]?.[1]).not.toBe('')
  })
  it.each(['line\r\nline\ttab', '訂單 😀\ufe0f', 'a\u00ad\u200db', '\u202eא'])(
    'a text for people may be %j',
    (value) => {
      expect(
        CancelRequest.parse({ ...full, reason: value, message: value, reference: value }),
      ).toMatchObject({ reason: value, message: value, reference: value })
    },
  )
  it.each([
    ['reason', 500],
    ['message', 1000],
    ['reference', 128],
    ['store', 128],
  ])('%s may be %i long', (name, length) => {
    expect(paths({ ...full, [name]: 'x'.repeat(length) })).toBeUndefined()
  })
  it('refuses members that it does not know', () =>
    expect(CancelRequest.safeParse({ ...full, notfiy: true }).success).toBe(false))
  it('a message goes only with "notify": true', () => {
    for (const notify of [false, null])
      expect(paths({ ...full, notify })).toEqual([['message', 'only together with "notify": true']])
    expect(paths({ ...full, notify: false, message: null })).toBeUndefined()
  })
  it.each(['all', 'each', 'none'])(
    'links are of orders: a transfer with linked "%s" is none',
    (linked) => {
      expect(paths({ ...full, linked })).toEqual([['linked', 'only with "target": "order"']])
      for (const target of ['order', null, undefined])
        expect(paths({ ...full, target, linked })).toBeUndefined()
      expect(paths({ ...full, linked: null })).toBeUndefined()
    },
  )
})

describe('the same request', () => {
  it('by wishes: notify, message, restock, refund, and nothing else', () => {
    fc.assert(
      fc.property(anyRequest, anyRequest, (a, b) => {
        expect(sameWishes(a, b)).toBe(
          a.notify === b.notify &&
            a.message === b.message &&
            a.restock === b.restock &&
            (a.refund ?? null) === (b.refund ?? null),
        )
      }),
    )
    for (const other of [{ notify: true }, { message: 'm' }, { restock: false }, { refund: false }])
      expect(sameWishes(request(), request(other))).toBe(false)
    expect(sameWishes(request({ refund: null }), request())).toBe(true)
    for (const other of [{ reason: 'x' }, { strict: true }, { reference: 'r' }])
      expect(sameWishes(request(), request(other))).toBe(true)
  })
  it('by fingerprint: every member counts', () => {
    const members = (one: object) => JSON.stringify(Object.entries(one).toSorted())
    fc.assert(
      fc.property(anyRequest, anyRequest, (a, b) => {
        expect(fingerprint(a) === fingerprint(b)).toBe(members(a) === members(b))
      }),
    )
    const others = [
      { store: 'b' },
      { orderId: 'b' },
      { target: 'transfer' as const },
      { reason: 'b' },
      { reasonCode: 'other' as const },
      { notify: true },
      { message: 'b' },
      { restock: true },
      { refund: true },
      { refund: false },
      { linked: 'all' as const },
      { strict: true },
      { reference: 'b' },
    ]
    expect(new Set([{}, ...others].map((over) => fingerprint(request(over)))).size).toBe(14)
  })
  it('is written in one fixed way, as before there was a wish for a refund', () => {
    expect(fingerprint(request({ notify: true }))).toBe(
      '["v1","shop","open","order",null,null,true,null,null,false,null]',
    )
    expect(fingerprint(request({ notify: true, refund: null }))).toBe(
      fingerprint(request({ notify: true })),
    )
  })
})

describe('the text of the reason', () => {
  it('is the caller’s own, else the label of the code', () => {
    expect(reasonText(request({ reason: 'Mine', reasonCode: 'fraud' }))).toBe('Mine')
    expect(reasonText(request())).toBeNull()
    expect(
      Object.fromEntries(
        REASON_CODES.map((reasonCode) => [reasonCode, reasonText(request({ reasonCode }))]),
      ),
    ).toEqual(REASON_LABELS)
    expect(REASON_LABELS).toEqual({
      customer: 'Customer request',
      inventory: 'Out of stock',
      fraud: 'Suspected fraud',
      payment: 'Payment problem',
      address: 'Address problem',
      pricing: 'Pricing error',
      duplicate: 'Duplicate order',
      staff: 'Staff error',
      test: 'Test order',
      other: 'Other',
    })
  })
})
