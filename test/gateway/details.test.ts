/** What a report says of a reason in words, and when a record is looked at again, to the moment. */
import { describe, expect, it } from 'vitest'
import type { Facts } from '../../src/model/effect.ts'
import { openFixture, T0 } from './fixture.ts'
import { after, lost, lostAfter, says, type Step, well } from './platform.ts'
import type { Toy } from './toy.ts'

const always = (step: Step) => Array<Step>(100).fill(step)

describe('a reason whose text is not taken', () => {
  it('goes by its code, and the report says so', async () => {
    const it = openFixture({ toy: { carries: true } })
    it.platform.plan('cancel', says(422, 'reason'), well)
    const { record } = await it.ask({ reason: 'Wrong size', reasonCode: 'customer' })
    expect((await it.drive(record.id)).effects.reason).toMatchObject({
      outcome: 'partial',
      basis: 'reported',
      detail: 'The platform does not take the text of the reason; only its code was sent.',
    })
  })

  it.each([
    ['and nothing else was given', { reason: 'Wrong size' }],
    ['nor its code', { reason: 'Wrong size', reasonCode: 'customer' as const }],
    ['and only a code was given', { reasonCode: 'customer' as const }],
  ])('%s: the order is canceled without it', async (_, asked) => {
    const it = openFixture({ toy: { carries: true } })
    const refusals = Object.keys(asked).length
    it.platform.plan('cancel', ...Array<Step>(refusals).fill(says(422, 'reason')), well)
    const { record } = await it.ask(asked)
    expect((await it.drive(record.id)).effects.reason).toMatchObject({
      outcome: 'failed',
      basis: 'reported',
      detail:
        'The platform does not take the text of the reason; the order was canceled without it.',
    })
  })
})

describe('a note that was refused at the last try', () => {
  it('and that an earlier one wrote is told as the order shows it', async () => {
    const it = openFixture({ toy: { reason: 'before', showsReason: true } })
    it.platform.plan('note', lostAfter, ...always(says(403, 'x')))
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect((await it.drive(record.id)).effects.reason).toMatchObject({
      outcome: 'applied',
      basis: 'confirmed',
    })
    expect(it.platform.order().note).toBe('Wrong size')
  })

  it('and never written is told with how that ended', async () => {
    const it = openFixture({ toy: { reason: 'before', showsReason: true } })
    it.platform.plan('note', ...always(says(403, 'x')))
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect((await it.drive(record.id)).effects.reason).toMatchObject({
      outcome: 'failed',
      basis: 'reported',
      detail: 'The platform refused the note of the reason.',
    })
  })

  it('is taken back where somebody has emptied it since: theirs of before comes back', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.order().note = 'Call before you ship'
    it.platform.plan(
      'cancel',
      after((thing) => {
        thing.note = null
        thing.shipped = true
      }),
    )
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect((await it.drive(record.id)).status).toBe('rejected')
    expect(it.platform.order().note).toBe('Call before you ship')
  })
})

describe('a look that fails', () => {
  it.each([
    [
      'was turned away unread: when the platform says, be it sooner',
      says(429, null, { 'retry-after': '1' }),
      1_000,
    ],
    [
      'was turned away unread: when the platform says, be it later',
      says(429, null, { 'retry-after': '90' }),
      90_000,
    ],
    ['was turned away unread, without a time: by our own', says(503, 'busy'), 1_000],
    [
      'is in doubt: when the platform says, where that is later',
      says(500, 'x', { 'retry-after': '90' }),
      90_000,
    ],
    ['is in doubt, without a time: by our own', says(500, 'x'), 1_000],
  ])('%s', async (_, step, ms) => {
    const it = openFixture()
    it.platform.plan('look', ...always(step))
    const { record } = await it.ask()
    expect([record.status, (record.wakeAt ?? 0) - T0]).toEqual(['accepted', ms])
  })
})

it.each([
  ['turned away is taken again when the platform says, be it sooner than our own', 429, 2_000],
  ['in doubt is not taken again sooner than our own, whatever the platform says', 500, 16_000],
])('a look after many that is %s', async (_, status, ms) => {
  const it = openFixture()
  it.platform.plan('look', ...Array<Step>(4).fill(says(500, 'x')))
  it.platform.plan('look', says(status, 'y', { 'retry-after': '2' }))
  const { record } = await it.ask()
  for (let look = 1; look < 5; look++) {
    const { wakeAt } = await it.get(record.id)
    await it.tick((wakeAt ?? 0) - it.clock.now)
  }
  const { tries, wakeAt, ...left } = await it.get(record.id)
  expect([left.status, tries, (wakeAt ?? 0) - it.clock.now]).toEqual(['accepted', 5, ms])
})

it.each([
  ['says so where money moved meanwhile', 100, 'yes', 'Money moved at the platform'],
  ['leaves that to a person where none did', 0, 'unknown', 'for a person to say'],
])('a refusal after a person had it tried again %s', async (_, refunded, acted, detail) => {
  const it = openFixture({ toy: { repeat: 'harmful' } })
  it.platform.plan('cancel', lost)
  const { record } = await it.ask()
  expect((await it.drive(record.id)).status).toBe('needs_attention')
  Object.assign(it.platform.order(), { refunded, shipped: true })
  await it.resolve(record.id, 'retry', 'mended', 'ops')
  const { status, problem } = await it.drive(record.id)
  expect([status, problem?.acted]).toEqual(['needs_attention', acted])
  expect(problem?.detail).toContain(detail)
})

describe('what an adapter reads of an order', () => {
  /** A shop whose adapter reads these facts of every order. */
  const reading = (facts: Partial<Facts>, toy: Toy = {}) => {
    const it = openFixture({ toy })
    Object.assign(it.stores.get('shop')?.adapter.order ?? {}, { facts: () => facts })
    return it
  }

  it('a note that the order does not show is told with how its writing ended', async () => {
    const it = reading({ reason: { done: 'no', basis: 'confirmed' } }, { reason: 'before' })
    it.platform.plan('note', ...always(says(403, 'x')))
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect((await it.drive(record.id)).effects.reason).toMatchObject({
      outcome: 'failed',
      detail: 'The platform refused the note of the reason.',
    })
  })

  it.each([
    ['says nothing of goods where only money moved', undefined, 'unverified'],
    ['tells of the goods where it says what changed', 'The goods went back.', 'applied'],
  ])('of an order that is open it %s', async (_, changed, outcome) => {
    const restock = { done: 'yes', basis: 'confirmed' } as const
    const it = reading({ restock }, changed === undefined ? {} : { changed })
    it.platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.refunded = 100
        },
        says(409, 'unpaid'),
      ),
    )
    const { record } = await it.ask({ restock: true })
    const end = await it.drive(record.id)
    expect([end.status, end.problem?.acted]).toEqual(['needs_attention', 'yes'])
    expect(end.effects.restock.outcome).toBe(outcome)
  })
})

it('a job is looked at ever less often', async () => {
  const it = openFixture({ toy: { jobs: true } })
  it.platform.plan('cancel', ({ thing }) => {
    thing.job = 'running'
    return Response.json(thing)
  })
  const { record } = await it.ask()
  const pauses: number[] = []
  for (let look = 0; look < 7; look++) {
    const { wakeAt } = await it.get(record.id)
    const pause = (wakeAt ?? 0) - it.clock.now
    pauses.push(pause)
    await it.tick(pause)
  }
  expect(pauses).toEqual([2_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000])
})
