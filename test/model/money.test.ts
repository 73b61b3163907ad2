/** Money: the platform's precision, never rounded, padded to the currency's digits at least. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isExact,
  isNothing,
  isPositive,
  isSameMoney,
  minus,
  type Money,
  money,
  sum,
} from '../../src/model/money.ts'

describe('canonical money', () => {
  it.each([
    [10, 'USD', '10.00'],
    ['10', 'USD', '10.00'],
    ['10.0', 'USD', '10.00'],
    ['10.00', 'USD', '10.00'],
    ['10.000', 'USD', '10.00'],
    ['51.3971', 'USD', '51.3971'],
    ['45', 'EUR', '45.00'],
    ['0', 'USD', '0.00'],
    ['-0', 'USD', '0.00'],
    ['-3.5', 'USD', '-3.50'],
    ['1200', 'JPY', '1200'],
    ['1200.00', 'JPY', '1200'],
    ['1200.5', 'JPY', '1200.5'],
    ['1.5', 'KWD', '1.500'],
    ['1.2345', 'KWD', '1.2345'],
    ['1e3', 'USD', '1000.00'],
    ['1E-7', 'USD', '0.0000001'],
    [1e21, 'USD', '1000000000000000000000.00'],
    [0.1, 'USD', '0.10'],
    ['0.30000000000000004', 'USD', '0.30000000000000004'],
    ['9007199254740993.01', 'USD', '9007199254740993.01'],
    ['1', 'XXQ', '1.00'],
    ['1', 'not a currency', '1.00'],
    ['1e40', 'JPY', `1${'0'.repeat(40)}`],
    ['1e-40', 'JPY', `0.${'0'.repeat(39)}1`],
  ])('%j %s is %s', (amount, currency, expected) => {
    expect(money(amount, currency)).toStrictEqual({
      amount: expected,
      currency: currency.toUpperCase(),
    })
  })
  it.each([
    ['', 'USD'],
    [' 10', 'USD'],
    ['10,00', 'USD'],
    ['+1', 'USD'],
    ['0x10', 'USD'],
    ['ten', 'USD'],
    ['1.2.3', 'USD'],
    ['NaN', 'USD'],
    [NaN, 'USD'],
    [Infinity, 'USD'],
    [null, 'USD'],
    [undefined, 'USD'],
    ['10', null],
    ['10', undefined],
    ['10', ''],
    ['1e41', 'USD'],
    ['1e-41', 'USD'],
    ['1e999999999', 'USD'],
  ])('%j %j is no money', (amount, currency) => {
    expect(money(amount, currency)).toBeNull()
  })
  it('writes the currency in capitals', () =>
    expect(money('5', 'usd')).toStrictEqual({ amount: '5.00', currency: 'USD' }))
  it('and without the blanks around it', () => {
    expect([money('5', 'usd '), money('1200', ' jpy'), money('5', ' ')]).toEqual([
      { amount: '5.00', currency: 'USD' },
      { amount: '1200', currency: 'JPY' },
      null,
    ])
  })

  // ISO 4217, list one, "CcyMnrUnts"; the runtime's table (CLDR) has none for most of these.
  it.each([
    [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
    [3, 'BHD IQD JOD KWD LYD OMR TND'],
    [4, 'CLF UYW'],
    [
      2,
      'USD EUR GBP HUF COP IDR PKR TWD AFN ALL AMD CRC IRR KPW LAK LBP MGA MMK MRU NOK RSD SEK ' +
        'SLE SOS STN SYP TZS UZS YER ZMW CHF INR CNY HKD SGD THB MYR PHP BRL MXN',
    ],
  ])('%i digits: %s', (places, codes) => {
    for (const code of codes.split(' '))
      expect(money('12990', code)?.amount, code).toBe(
        places === 0 ? '12990' : `12990.${'0'.repeat(places)}`,
      )
  })
  it('asks no table of the runtime', () => {
    const { NumberFormat } = Intl
    Intl.NumberFormat = (() => {
      throw new Error('asked')
    }) as never
    try {
      expect(money('1', 'XTS')?.amount).toBe('1.00')
    } finally {
      Intl.NumberFormat = NumberFormat
    }
  })

  it('never rounds, never adds a digit that was not there but zeros', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.nat(8),
        fc.constantFrom('USD', 'JPY', 'KWD'),
        (units, places, currency) => {
          const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
          const whole = digits.slice(0, digits.length - places)
          const cents = places ? `.${digits.slice(-places)}` : ''
          const text = `${units < 0n ? '-' : ''}${whole}${cents}`
          const known = money(text, currency)
          const [before = '', fraction = ''] = (known?.amount ?? '').split('.')
          expect(fraction.length).toBeGreaterThanOrEqual({ USD: 2, JPY: 0, KWD: 3 }[currency] ?? 2)
          expect(BigInt(before + fraction.padEnd(9, '0'))).toBe(units * 10n ** BigInt(9 - places))
          expect(money(known?.amount, currency)).toEqual(known)
        },
      ),
    )
  })
})

describe('sums', () => {
  it('are exact', () => {
    expect(sum(['0.1', '0.2', 0.3], 'USD')).toEqual({ amount: '0.60', currency: 'USD' })
    expect(sum([], 'USD')).toEqual({ amount: '0.00', currency: 'USD' })
    expect(sum(['10', '-2.5'], 'jpy')).toEqual({ amount: '7.5', currency: 'JPY' })
  })
  it('are null where an amount or the currency is missing', () => {
    for (const amounts of [
      ['1', null],
      ['1', undefined],
      ['1', 'x'],
      ['1', '1e999999999'],
    ])
      expect(sum(amounts, 'USD')).toBeNull()
    expect(sum(['1'], null)).toBeNull()
  })
  it('minus', () => {
    const ten = money('10', 'USD')
    expect(minus(ten, money('3.333', 'USD'))).toEqual({ amount: '6.667', currency: 'USD' })
    expect(minus(null, ten)).toBeNull()
    expect(minus(ten, null)).toBeNull()
  })
  it('positive', () => {
    expect(
      [money('0.0001', 'USD'), money('0', 'USD'), money('-1', 'USD'), null].map(isPositive),
    ).toEqual([true, false, false, false])
  })
})

describe('compared', () => {
  const of = (amount: string, currency = 'USD'): Money => ({ amount, currency })
  it.each([
    ['30.0', '30.00'],
    ['30', '30.000'],
    ['0', '-0.00'],
    ['1e2', '100'],
  ])('%s is %s', (a, b) =>
    expect([isSameMoney(of(a), of(b)), isSameMoney(of(b), of(a))]).toEqual([true, true]),
  )
  it.each([
    ['30.00', '30.01'],
    ['30', '-30'],
    ['0.30000000000000004', '0.3'],
    ['9007199254740993', '9007199254740992'],
  ])('%s is not %s', (a, b) => expect(isSameMoney(of(a), of(b))).toBe(false))
  it('not across currencies, even at nothing', () =>
    expect([isSameMoney(of('1'), of('1', 'EUR')), isSameMoney(of('0'), of('0', 'EUR'))]).toEqual([
      false,
      false,
    ]))
  it('nothing is what is not told, and zero', () =>
    expect([null, of('0'), of('0.00'), of('-0'), of('0.01'), of('-1')].map(isNothing)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]))
})

describe('a number that was read', () => {
  it.each([
    [1, '1'],
    [100, '100.00000000000000000000'],
    [0.1, '0.1'],
    [9_007_199_254_740_992, '9007199254740992'],
    [1e20, '100000000000000000000'],
    [-0.5, '-5e-1'],
  ])('%s has every digit of %s', (value, source) => expect(isExact(value, source)).toBe(true))
  it.each([
    '9007199254740993',
    '0.1234567890123456789',
    '1000000000000000000000',
    '16057160842684460123',
    '1e400',
    '9'.repeat(100),
    '1e-400',
  ])('%s lost some', (source) => expect(isExact(Number(source), source)).toBe(false))
})
