/** What an entry of the audit log says of who asked, and the bytes that its hash is made of. */
import { describe, expect, it } from 'vitest'
import { askedBy, canonicalJson, hashOfEntry, NO_HASH, sha256Hex } from '../../src/model/audit.ts'

it('an entry says who asked, with which key, by which way, and what', () => {
  const asker = { caller: 'erp', key: 'night', via: 'console', requestId: 'req_1' } as const
  const what = { action: 'order.read', store: 'shop', subject: { order: 'open' } } as const
  expect(askedBy(asker, 5_000, what)).toEqual({
    at: 5_000,
    by: { caller: 'erp', key: 'night' },
    via: 'console',
    requestId: 'req_1',
    outcome: 'asked',
    ...what,
  })
})

describe('a hash', () => {
  it('is SHA-256, in hex', async () => {
    // FIPS 180-2, appendix B.1.
    expect(await sha256Hex('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  it('is of all members but itself, in the order of their names', async () => {
    const noted = askedBy({ caller: null, key: null, via: 'gateway', requestId: null }, 0, {
      action: 'store.moved',
      store: 'shop',
      subject: {},
    })
    const entry = { ...noted, at: '2026-01-01T00:00:00Z', chain: '', seq: 1, previous: NO_HASH }
    const text =
      '{"action":"store.moved","at":"2026-01-01T00:00:00Z","by":{"caller":null,"key":null},' +
      `"chain":"","outcome":"asked","previous":"${NO_HASH}","requestId":null,"seq":1,` +
      '"store":"shop","subject":{},"via":"gateway"}'
    expect(canonicalJson(entry)).toBe(text)
    expect(await hashOfEntry({ ...entry, hash: 'whatever' })).toBe(await sha256Hex(text))
  })

  it('is of the same bytes, in whatever order members were written', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe(
      '{"b":[1,{"c":"x","d":null}]}',
    )
  })
})
