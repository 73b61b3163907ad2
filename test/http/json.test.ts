/**
 * JSON read strictly, and quickly however wrong it is: an answer never grows with the mistakes in
 * what was asked.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonError, parseJson } from '../../src/input/json.ts'

const read = (text: string): unknown => parseJson(new TextEncoder().encode(text))
const mistakes = (text: string): readonly { pointer: string; detail: string }[] => {
  try {
    read(text)
  } catch (error) {
    if (error instanceof JsonError) return error.mistakes
    throw error
  }
  return []
}

/** A value and its text, in which objects may name a member again; and where they do. */
interface Written {
  readonly text: string
  readonly twice: readonly string[]
}
const name = fc.oneof(
  fc.constantFrom('a', 'b', '__proto__', 'x"y', 'c/d~e', '', '\\', ':', ',', '{', ']'),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
)
const escaped = (text: string) =>
  Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')
const spelled = (text: string) => fc.constantFrom(JSON.stringify(text), `"${escaped(text)}"`)
const space = fc.constantFrom('', ' ', '\n\t', '\r\n')
const { value } = fc.letrec<{ value: Written; list: Written; object: Written }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    fc.jsonValue({ maxDepth: 0 }).map((one) => ({ text: JSON.stringify(one), twice: [] })),
    name.chain(spelled).map((text) => ({ text, twice: [] })),
    tie('list'),
    tie('object'),
  ),
  list: fc
    .tuple(fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'value' }), space)
    .map(([items, gap]) => ({
      text: `[${gap}${items.map(({ text }) => text).join(`${gap},${gap}`)}${gap}]`,
      twice: items.flatMap(({ twice }, index) => twice.map((path) => `/${index}${path}`)),
    })),
  object: fc
    .tuple(
      fc.array(
        fc.tuple(
          name.chain((one) => spelled(one).map((text) => [one, text] as const)),
          tie('value'),
        ),
        { maxLength: 4, depthIdentifier: 'value' },
      ),
      space,
    )
    .map(([members, gap]) => {
      const at = (one: string) => `/${one.replaceAll('~', '~0').replaceAll('/', '~1')}`
      return {
        text: `{${gap}${members
          .map(([[, text], inner]) => `${text}${gap}:${gap}${inner.text}`)
          .join(`${gap},`)}${gap}}`,
        twice: members.flatMap(([[one], inner], index) => [
          ...(members.slice(0, index).some(([[other]]) => other === one) ? [at(one)] : []),
          ...inner.twice.map((path) => at(one) + path),
        ]),
      }
    }),
}))

describe('JSON', () => {
  it('every member named again is found, however spelled; else the runtime’s own value', () => {
    fc.assert(
      fc.property(value, ({ text, twice }) => {
        expect(mistakes(text)).toEqual(
          twice.slice(0, 21).map((pointer) => ({ pointer, detail: 'is there twice' })),
        )
        if (twice.length === 0) expect(read(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 500 },
    )
  })

  it('what is no JSON is told by line and column, whatever else is wrong with it', () => {
    fc.assert(
      fc.property(
        value,
        fc.nat(),
        fc.constantFrom('', ',', ':', '"', '\\', '{', ']', '\u0001', 'x'),
        ({ text }, at, more) => {
          const spoiled =
            text.slice(0, at % (text.length + 1)) + more + text.slice((at % (text.length + 1)) + 1)
          let parses = true
          try {
            JSON.parse(spoiled)
          } catch {
            parses = false
          }
          if (!parses)
            expect(mistakes(spoiled)).toEqual([
              {
                pointer: '',
                detail: expect.stringMatching(
                  /^(is not valid JSON(: line \d+, column \d+)?|is nested too deeply)$/,
                ),
              },
            ])
        },
      ),
      { numRuns: 500 },
    )
  })

  const SIZE = 8 * 1024 * 1024
  const many = (part: string, size = SIZE) => part.repeat(Math.floor(size / part.length))
  it.each([
    ['one member a million times', `{${many('"a":1,')}"b":1}`],
    ['in a million objects', `{"items":[${many('{"a":1,"a":1},')}{}]}`],
    ['once more at the very end', `{"items":[${many('{"a":1},')}{"b":1,"b":1}]}`],
    [
      'a million names',
      `{${Array.from(
        { length: SIZE / 12 },
        (_, index) => `"${String(index).padStart(7, '0')}":1`,
      ).join(',')}}`,
    ],
    ['one long name twice', `{"${'x'.repeat(SIZE / 2)}":1,"${'x'.repeat(SIZE / 2)}":1}`],
    ['a fault behind it all', `{"items":[${many('{"a":1},')}}`],
    ['deep', `${many('[', SIZE / 2)}${many(']', SIZE / 2)}`],
  ])('eight megabytes, %s: a few mistakes, in little time', (_, text) => {
    const started = process.cpuUsage()
    const found = mistakes(text)
    // What it computed, however long the machine let it wait.
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1_000).toBeLessThan(4_000)
    expect(found.length).toBeGreaterThan(0)
    expect(JSON.stringify(found).length).toBeLessThan(5_000)
  })
})
