/** Texts: what reads the same is the same, and nothing is not the same as blanks. */
import { describe, expect, it } from 'vitest'
import { sameText } from '../../src/model/text.ts'

describe('the same text', () => {
  it.each([
    ['Größe', 'Gro\u0308ße'.normalize('NFD')],
    ['a\r\nb', 'a\nb'],
    ['x ', 'x'],
    ['  ', ' '],
    ['', ''],
    [null, null],
  ])('%j %j', (a, b) => expect(sameText(a, b)).toBe(true))
  it.each([
    ['a', 'b'],
    [null, 'a'],
    [undefined, null],
    ['', '  '],
    [null, ' '],
  ])('not %j %j', (a, b) => expect(sameText(a, b)).toBe(false))
})
