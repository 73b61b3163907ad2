/** Money as people read it: usual digits, never nothing where it is something, never a false equal. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { amountsBeside, isRounded, sum } from '../../src/messages/amounts.ts'

const of = (text: string) => {
  const [amount = '', currency = ''] = text.split(' ')
  return { amount, currency }
}

describe('an amount', () => {
  it.each([
    ['51.3971 USD', '51.40 USD'],
    ['51.40 USD', '51.40 USD'],
    ['51.4 USD', '51.40 USD'],
    ['51 EUR', '51.00 EUR'],
    ['0.005 EUR', '0.01 EUR'],
    ['-51.3971 USD', '-51.40 USD'],
    ['1200.00 JPY', '1200 JPY'],
    ['1200.5 JPY', '1201 JPY'],
    ['12.3456 KWD', '12.346 KWD'],
    ['0 USD', '0.00 USD'],
    ['0.0000 USD', '0.00 USD'],
    // What a float would get wrong.
    ['1.005 USD', '1.01 USD'],
    ['90071992547409931234567.125 USD', '90071992547409931234567.13 USD'],
    // Nothing is made of something.
    ['0.0049 USD', 'less than 0.01 USD'],
    ['0.4 JPY', 'less than 1 JPY'],
    ['0.0001 KWD', 'less than 0.001 KWD'],
    ['-0.001 USD', '-0.001 USD'],
    // Whose digits nobody knows, and what is no amount, stays as it came.
    ['51.3971 XYZ', '51.3971 XYZ'],
    ['51.3971 usdc', '51.3971 usdc'],
    ['1e999999999 USD', '1e999999999 USD'],
    ['much USD', 'much USD'],
  ])('%s is read as %s', (told, read) => {
    expect(sum(of(told))).toBe(read)
  })

  it('says whether something of it is left out', () => {
    expect(
      ['51.3971 USD', '51.400 USD', '51.4 USD', '1.5 JPY', '1.57 XYZ'].map(of).map(isRounded),
    ).toEqual([true, false, false, true, false])
  })

  it('two that differ beyond the digits are told exactly, and only those', () => {
    const write = amountsBeside(['51.3971 USD', '51.40 USD', '7.001 USD', '51.40 EUR'].map(of))
    expect(['51.3971 USD', '51.40 USD', '7.001 USD', '51.40 EUR'].map(of).map(write)).toEqual([
      '51.3971 USD',
      '51.40 USD',
      '7.00 USD',
      '51.40 EUR',
    ])
    const same = amountsBeside([of('51.3971 USD'), of('51.39710 USD'), null, undefined])
    expect(same(of('51.3971 USD'))).toBe('51.40 USD')
  })

  it('whatever the amounts: zero is read of zero alone, and equal of equal ones alone', () => {
    const amount = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 6 }))
      .map(([units, places]) => {
        const text = String(units).padStart(places + 1, '0')
        return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`
      })
    const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'XYZ')
    fc.assert(
      fc.property(amount, amount, currency, (a, b, code) => {
        const [one, other] = [of(`${a} ${code}`), of(`${b} ${code}`)]
        const scaled = (text: string) => {
          const [whole = '', rest = ''] = text.split('.')
          return BigInt(whole + rest.padEnd(6, '0'))
        }
        const write = amountsBeside([one, other])
        const [read, also] = [write(one), write(other)]
        expect(/^[0.]+ /.test(read)).toBe(scaled(a) === 0n)
        if (read === also && !read.startsWith('less')) expect(scaled(a)).toBe(scaled(b))
      }),
    )
  })
})
