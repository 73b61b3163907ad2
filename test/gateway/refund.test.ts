/** The wish for a refund, against what the platform's cancel can do about money. */
import { describe, expect, it } from 'vitest'
import { sentence } from '../../src/messages/sentence.ts'
import { openFixture } from './fixture.ts'
import type { Toy } from './toy.ts'

type Row = [can: 'always' | 'never' | 'unknown', wish: boolean | null, outcome: string]

const ended = async (toy: Toy, refund: boolean | null, strict = false) => {
  const fixture = openFixture({ toy: { facts: false, ...toy } })
  return { ...fixture, ...(await fixture.ask({ refund, strict })) }
}

describe('a refund', () => {
  it.each<Row>([
    ['always', null, 'automatic'],
    ['always', true, 'applied'],
    ['always', false, 'forced'],
    ['never', null, 'withheld'],
    ['never', true, 'unsupported'],
    ['never', false, 'withheld'],
    ['unknown', true, 'unverified'],
  ])('%s, wish %s: %s', async (can, wish, outcome) => {
    const { record } = await ended({ can: { payment: can } }, wish)
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: { payment: { asked: wish, outcome } },
    })
  })

  it.each([
    ['always', false],
    ['never', true],
    ['unknown', true],
  ] as const)('strict refuses it beforehand: %s, wish %s', async (can, wish) => {
    const { record, platform } = await ended({ can: { payment: can } }, wish, true)
    expect(record).toMatchObject({
      status: 'rejected',
      problem: { code: 'unsupported', errors: [{ pointer: '/refund' }] },
    })
    expect(platform.count('cancel')).toBe(0)
  })

  it('of what nobody paid is not applicable, and strict does not mind', async () => {
    const expectation = { payment: { done: 'impossible', basis: 'documented' } } as const
    const { ask, platform } = openFixture({
      toy: { facts: false, can: { payment: 'never' }, expect: expectation },
    })
    platform.order().refunded = 100
    const { record } = await ask({ refund: true, strict: true })
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: { payment: { asked: true, honored: null, outcome: 'not_applicable' } },
    })
  })

  it('of what was paid in between is told, though nobody had paid before', async () => {
    const { ask, platform } = openFixture({ toy: { facts: false, can: { payment: 'never' } } })
    platform.order().refunded = 100
    platform.plan('cancel', (calling) => {
      Object.assign(calling.thing, { paid: 200, state: 'canceled' })
      return Response.json(calling.thing)
    })
    expect((await ask({ refund: true })).record.effects.payment.outcome).toBe('unsupported')
  })

  it('that no cancel can give did not fail, where the order shows that none was given', async () => {
    const { ask, platform } = openFixture({ toy: { can: { payment: 'never' } } })
    platform.plan('cancel', ({ thing }) => {
      thing.state = 'canceled'
      return Response.json(thing)
    })
    expect((await ask({ refund: true })).record.effects.payment).toMatchObject({
      outcome: 'unsupported',
      basis: 'confirmed',
    })
  })

  it.each([
    [
      40,
      {
        outcome: 'partial',
        honored: false,
        detail: expect.stringMatching(/60\.00 USD stay paid\.$/),
      },
    ],
    [100, { outcome: 'applied', honored: true }],
  ])('of %i of 100 is told as that', async (refunded, told) => {
    const { ask, platform } = openFixture()
    platform.plan('cancel', ({ thing }) => {
      Object.assign(thing, { refunded, state: 'canceled' })
      return Response.json(thing)
    })
    const { payment } = (await ask({ refund: true })).record.effects
    expect(payment).toMatchObject({ ...told, basis: 'confirmed' })
  })

  it('that no cancel can give is said to people, with what stays paid', async () => {
    const { record } = await ended({ can: { payment: 'never' } }, true)
    expect(sentence(record)).toMatch(
      /cannot be asked to give the money back by a cancel(?:: \S+ USD stay paid)?\.$/,
    )
  })

  it('is a wish: another one for the same order is a conflict, the same is not', async () => {
    const { ask, platform } = openFixture()
    platform.plan('look', () => Response.json({}, { status: 503 }))
    const { record } = await ask({ refund: true })
    expect(record.status).toBe('accepted')
    await expect(ask({ refund: false })).rejects.toMatchObject({
      problem: { code: 'cancellation-conflict' },
    })
    expect(await ask({ refund: true })).toMatchObject({ record: { id: record.id } })
  })
})
