/** What each effect comes to by a platform's manual alone. */
import { describe, expect, it } from 'vitest'
import {
  Capabilities,
  type Capability,
  INPUTS,
  inputOf,
  predict,
} from '../../src/model/capability.ts'
import type { Fact } from '../../src/model/effect.ts'
import { request } from './samples.ts'

const all = (can: Capability['can'], note?: string): Capabilities =>
  Object.fromEntries(
    INPUTS.map((name) => [name, { can, source: 'manual', ...(note !== undefined && { note }) }]),
  ) as Capabilities

type Row = [can: Capability['can'], wish: boolean | null, done: Fact['done'], basis: Fact['basis']]

describe('prediction', () => {
  it.each<Row>([
    ['choose', true, 'yes', 'documented'],
    ['choose', false, 'no', 'documented'],
    ['choose', null, 'no', 'documented'],
    ['always', true, 'yes', 'documented'],
    ['always', false, 'yes', 'documented'],
    ['always', null, 'yes', 'documented'],
    ['never', true, 'impossible', 'documented'],
    ['never', false, 'impossible', 'documented'],
    ['never', null, 'impossible', 'documented'],
    ['unknown', true, 'unknown', 'none'],
    ['unknown', false, 'unknown', 'none'],
    ['unknown', null, 'unknown', 'none'],
  ])('%s, wish %s: %s (%s)', (can, wish, done, basis) => {
    expect(predict(all(can), request({ restock: wish })).restock).toStrictEqual({ done, basis })
    // How a thing is done is nothing to say of one that is not.
    const isTold = can !== 'choose' || wish === true
    expect(predict(all(can, 'so it is'), request({ restock: wish })).restock).toStrictEqual({
      done,
      basis,
      ...(isTold && { detail: 'so it is' }),
    })
  })
  it('why a reason or a message has no way is told to whoever asked for it', () => {
    const never = all('never', 'there is no field')
    const { reason, message, notify } = predict(never, request())
    expect([reason.detail, message.detail, notify.detail]).toEqual([
      undefined,
      undefined,
      'there is no field',
    ])
    const asked = predict(never, request({ reason: 'x', notify: true, message: 'y' }))
    expect([asked.reason.detail, asked.message.detail]).toEqual([
      'there is no field',
      'there is no field',
    ])
  })
  it('which orders can be canceled is not said of one that was looked at; that none can is', () => {
    const detailOf = (can: Capability['can']) =>
      predict(all(can, 'so it is'), request()).order.detail
    expect(detailOf('choose')).toBeUndefined()
    expect(detailOf('never')).toBe('so it is')
    expect(detailOf('unknown')).toBe('so it is')
  })
  it('where nobody answered our call, a choice may not be why', () => {
    expect(
      predict(all('choose', 'so it is'), request({ restock: true }), false).restock,
    ).toStrictEqual({ done: 'unknown', basis: 'none', detail: 'so it is' })
    expect(predict(all('choose'), request(), false).restock).toStrictEqual({
      done: 'unknown',
      basis: 'none',
    })
    expect(predict(all('always'), request(), false).restock).toStrictEqual({
      done: 'yes',
      basis: 'documented',
    })
  })
  it('a reason that its field does not hold is kept in part, and what is kept is said', () => {
    const short = { ...all('choose'), reason: { ...all('choose').reason, maxLength: 5 } }
    const reasonOf = (reason: string) => predict(short, request({ reason })).reason
    expect(reasonOf('12345')).toStrictEqual({ done: 'yes', basis: 'documented' })
    expect(reasonOf('123456')).toStrictEqual({
      done: 'partial',
      basis: 'documented',
      detail: 'Its first 5 characters are kept: “12345”',
    })
    expect(reasonOf('1234\u{1f600}').detail).toContain('“1234”')
    expect(predict(short, request({ reason: '123456' }), false).reason.done).toBe('unknown')
  })
  it('takes each effect from its own capability', () => {
    const mixed = {
      ...all('choose'),
      restock: all('never').restock,
      payment: all('always').payment,
    }
    expect(predict(mixed, request({ reason: 'x' }))).toMatchObject({
      order: { done: 'yes' },
      reason: { done: 'yes' },
      notify: { done: 'no' },
      message: { done: 'no' },
      restock: { done: 'impossible' },
      payment: { done: 'yes' },
    })
  })
  it('a matrix lacks nothing', () => {
    expect(Capabilities.safeParse(all('choose')).success).toBe(true)
    const { transfer: _, ...rest } = all('choose')
    expect(Capabilities.safeParse(rest).success).toBe(false)
    expect(Object.keys(Capabilities.shape)).toEqual([...INPUTS])
  })
})

describe('a member of a request', () => {
  it('is asked by the capability of its name, a refund by that of the payment', () => {
    expect(inputOf('refund')).toBe('payment')
    expect([inputOf('restock'), inputOf('notify')]).toEqual(['restock', 'notify'])
  })
  it('that was not given is not cut, nor is a reason where nothing says how long it may be', () => {
    const short = { ...all('choose'), reason: { ...all('choose').reason, maxLength: 5 } }
    expect(predict(short, request()).reason).toStrictEqual({ done: 'no', basis: 'documented' })
    expect(predict(all('choose'), request({ reason: 'x'.repeat(500) })).reason).toStrictEqual({
      done: 'yes',
      basis: 'documented',
    })
  })
})
