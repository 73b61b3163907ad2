/** Texts: what reads the same is the same, and nothing is not the same as blanks. */
import { describe, expect, it } from 'vitest'
import { fitted, sameText } from '../../src/model/text.ts'

describe('a text that a field holds in part', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc'],
    ['ab\u{1f600}', 3, 'ab'],
    ['a\u{1f600}b', 3, 'a\u{1f600}'],
    ['', 3, ''],
    // What fits is left as it is, whatever it is.
    ['ab\ud83d', 3, 'ab\ud83d'],
  ])('%j in %i', (text, length, kept) => expect(fitted(text, length)).toBe(kept))
})

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
