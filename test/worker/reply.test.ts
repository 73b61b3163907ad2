/** A reply, an id and a patience are read on Workers' own engine as on Node's. */
import { expect, it } from 'vitest'
import { retryAfter, scrub } from '../../src/connection/classify.ts'
import { parse } from '../../src/connection/reply.ts'
import { isOrderId } from '../../src/model/request.ts'

it('every digit of a number, and no byte order mark', () => {
  expect(parse('\ufeff{"id":16057160842684460123,"price":0.12345678901234567890,"n":7}')).toEqual({
    id: '16057160842684460123',
    price: '0.12345678901234567890',
    n: 7,
  })
})

it('what cannot be seen is in no id', () => {
  expect(
    ['order_1', '訂單', '\u200eorder_1', 'a\u2060', 'a\ufe0f', 'a\uffff', 'a\u2800'].map(isOrderId),
  ).toEqual([true, true, false, false, false, false, false])
})

it('a patience as machines write it, and words without an address', () => {
  expect([
    retryAfter(new Headers({ 'retry-after': '5.0' }), 0),
    scrub('to ada@example.com', []),
  ]).toEqual([5_000, 'to [email]'])
})
