/** How an order's id is spelled, and which names have none. */
import { describe, expect, it } from 'vitest'
import { canonicalId, idOf, nameOf } from './name.ts'

describe('an id', () => {
  it.each([
    ['SAL-ORD-2026-00042', 'SAL-ORD-2026-00042'],
    ['SO/26-27/0042', 'SO~2F26-27~2F0042'],
    ['Auftrag 7 (Zürich)', 'Auftrag~207~20(Zürich)'],
    ['50% # 1? ~ \\ 7', '50~25~20~23~201~3F~20~7E~20~5C~207'],
    ['SO/.7/..8', 'SO~2F.7~2F..8'],
  ])('of the order %s is %s, and back', (name, id) => {
    expect(idOf(name)).toBe(id)
    expect(nameOf(id)).toBe(name)
    expect(canonicalId(id)).toBe(id)
  })

  it.each([
    ['gid://shopify/Order/7', null],
    ['SO/7', null],
    ['~53O-7', 'SO-7'],
    ['SO~2f7', 'SO~2F7'],
    ['SO~7', null],
    ['SO~', null],
    ['SO~zz', null],
    // What a proxy, or Frappe's own router, would fold into the address of another document.
    ['~2E', null],
    ['~2E~2E', null],
    ['SO~2F..~2F..~2FSales~20Invoice~2FSI-1', null],
    ['SO~2F.~2F7', null],
    ['SO~5C..~5C7', null],
    ['SO~2F~2F7', null],
    ['~2FSO-7', null],
    ['SO-7~2F', null],
  ])('%s is spelled %s', (id, spelled) => expect(canonicalId(id)).toBe(spelled))
})
