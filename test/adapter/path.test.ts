/**
 * Paths and addresses: no value of a caller leaves its segment, and nothing goes out to an address
 * that was not meant.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { path } from '../../src/adapter/index.ts'
import { address, UnsafePath } from '../../src/adapter/path.ts'

const BASE = 'https://platform.example/prefix'

test.each([
  '',
  '.',
  '..',
  'a\u0000',
  'a\r\nHost: evil',
  '\t',
  '\u007f',
  'a\u0085',
  '\ud800',
  'x'.repeat(129),
  '\u200eorder_1',
  'a\u202eb',
  'a\u2060',
  'a\ufeff',
  'a\u00a0',
  'a\ufe0f',
  'a\uffff',
])('%j cannot be a segment', (id) => {
  expect(() => path`/orders/${id}/cancel`).toThrow(UnsafePath)
})

test.each([
  '../cancel',
  '..\\x',
  'a/b',
  '//evil.example',
  '?x=1',
  '#x',
  '%2e%2e',
  '%2F',
  'a b',
  '...',
  '.. ',
  ';a=b',
  'a@b:c',
  '訂單',
  '\'"<>`{}|^~!*()',
])('%j stays in its segment', (id) => {
  const { pathname, origin, search, hash } = new URL(address(BASE, path`/orders/${id}/cancel`))
  const segments = pathname.split('/')
  expect([
    origin,
    search,
    hash,
    segments.length,
    decodeURIComponent(segments[3] ?? ''),
    segments[4],
  ]).toEqual(['https://platform.example', '', '', 5, id, 'cancel'])
})

test('any text at all: refused, or one segment', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 140 }), (id) => {
      let url: URL
      try {
        url = new URL(address(BASE, path`/orders/${id}/cancel`))
      } catch (error) {
        return error instanceof UnsafePath
      }
      return (
        url.pathname.split('/').length === 5 &&
        decodeURIComponent(url.pathname.split('/')[3] ?? '') === id &&
        url.origin === 'https://platform.example' &&
        url.search === ''
      )
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['https://a.example', path`.evil.example/x`],
  ['https://a.example', path`@evil.example/x`],
  ['https://a.example', path`:8443/x`],
  [BASE, path`/../x`],
  [BASE, path`/%2e%2e/x`],
  [BASE, path`/x?y`],
  [BASE, path`/x#y`],
  [BASE, path`\\x`],
  [BASE, path`/a b`],
  ['https://user:word@a.example', path`/x`],
  ['https://A.example', path`/x`],
  ['no address', path`/x`],
])('%s and %s do not make an address', (base, to) => {
  expect(() => address(base, to)).toThrow()
})

test('a query’s values cannot leave it', () => {
  expect(address(BASE, path`/orders`, { q: '1&limit=9#x', fields: '+metadata' })).toBe(
    `${BASE}/orders?q=1%26limit%3D9%23x&fields=%2Bmetadata`,
  )
})
