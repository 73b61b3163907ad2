/** What a report says of a reason in words, and when a record is looked at again, to the moment. */
import { describe, expect, it } from 'vitest'
import { openFixture, T0 } from './fixture.ts'
import { after, lostAfter, says, type Step, well } from './platform.ts'

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
