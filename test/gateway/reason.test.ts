/**
 * The reason is for the record only: it never holds up the cancel, and the same failure has a
 * bound.
 */
import { describe, expect, it } from 'vitest'
import { openFixture, HOUR, SETTLE, T0 } from './fixture.ts'
import { after, lost, says, silent, unreachable, well, type Step } from './platform.ts'

const always = (step: Step) => Array<Step>(500).fill(step)

describe('a note that must come first', () => {
  it.each<[string, Step]>([
    ['an error', says(500, 'jsonb')],
    ['silence', silent],
    ['a lost connection', lost],
  ])('and that ends in %s each time: the order is canceled without it', async (_, step) => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', ...always(step))
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect(record.status).toBe('accepted')
    const end = await it.drive(record.id)
    expect(end).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' }, reason: { outcome: 'failed', honored: false } },
    })
    expect(it.clock.now).toBeLessThan(T0 + 10_000)
    expect([it.platform.count('note'), it.platform.count('cancel')]).toEqual([3, 1])
  })
  it('and that fails once is tried again: a reason is not given up for one error', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', says(500))
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      effects: { reason: { outcome: 'applied' } },
    })
    expect(it.platform.order().note).toBe('Wrong size')
  })
})

describe('a note and its time', () => {
  it('a rest that is asked for on a note puts off no cancel to its deadline', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', ...always(says(503, 'away', { 'retry-after': '7200' })))
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      effects: { reason: { outcome: 'failed' } },
    })
    expect(it.clock.now).toBeLessThan(T0 + 10_000)
  })
  it.each<[string, Step]>([
    ['that is written', well],
    ['that fails', says(500)],
  ])('a note %s and eats the time of the cancel is not tried again', async (_, step) => {
    const it = openFixture({ toy: { reason: 'before' } })
    const slow: Step = (calling) => {
      it.clock.now += 2 * 20_000 + 1
      return step(calling)
    }
    it.platform.plan('note', ...always(slow))
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' } },
    })
    expect(it.platform.count('cancel')).toBe(1)
    expect(it.clock.now).toBeLessThan(T0 + HOUR / 10)
  })
})

describe('a note of which only a part is known', () => {
  it.each([
    ['choose', 'The note of the reason may have been written to the order.'],
    ['never', undefined],
  ] as const)('that the store’s logins can write: %s', async (can, detail) => {
    const it = openFixture({ toy: { reason: 'before', can: { reason: can } } })
    it.platform.plan('cancel', unreachable)
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect((await it.gateway.withdraw(record.id)).effects.reason.detail).toBe(detail)
  })
  const shippedMeanwhile: Step = after((thing) => {
    thing.shipped = true
  })
  it('that was never written does not stay with the order', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', ...always(says(403, 'x')))
    it.platform.plan('cancel', shippedMeanwhile)
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect(record).toMatchObject({
      status: 'rejected',
      effects: {
        reason: {
          detail: 'The note of the reason may be with the order: taking it back ended with: 403.',
        },
      },
    })
    expect(it.platform.order().note).toBeNull()
  })
  it('that was written and cannot be taken back does', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', well, says(403, 'x'))
    it.platform.plan('cancel', shippedMeanwhile)
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect(record).toMatchObject({
      status: 'rejected',
      effects: {
        reason: {
          detail: 'The note of the reason could not be taken back and stays with the order.',
        },
      },
    })
    expect(it.platform.order().note).toBe('Wrong size')
  })
})

describe('a cancel that carries the reason', () => {
  const carrying = (step: Step) => {
    const it = openFixture({ toy: { carries: true } })
    it.platform.plan('cancel', ...always((calling) => step(calling)))
    return it
  }
  const whileReason = (bad: Step): Step => {
    const step: Step = (calling) => (bodies.at(-1) === null ? calling.go() : bad(calling))
    return step
  }
  let bodies: (string | null)[] = []
  const watched = (bad: Step) => {
    bodies = []
    const it = carrying(whileReason(bad))
    const { fetch } = it.platform
    it.platform.fetch = async (request, line) => {
      if (new URL(request.url).pathname.endsWith('/cancel'))
        bodies.push(((await request.clone().json()) as { reason: string | null }).reason)
      return fetch(request, line)
    }
    return it
  }

  it('whose text is refused goes at once without it', async () => {
    const it = watched(says(422, 'reason'))
    const { record } = await it.ask({ reason: 'x'.repeat(500) })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      effects: { reason: { outcome: 'failed' }, order: { outcome: 'applied' } },
      attempts: [{ result: '422' }, { result: '200' }],
    })
    expect(bodies).toEqual(['x'.repeat(500), null])
  })
  it('with a code keeps the code', async () => {
    const it = watched(says(422, 'reason'))
    const { record } = await it.ask({ reason: 'x', reasonCode: 'customer' })
    await it.tick(1_000)
    // The code goes as a text of ours there: refused too, it goes as well.
    await it.tick(1_000)
    expect(bodies).toEqual(['x', 'Customer request', null])
    expect(await it.get(record.id)).toMatchObject({
      status: 'succeeded',
      effects: { reason: { outcome: 'failed', honored: false } },
    })
  })
  it('that is a code’s label alone goes without it', async () => {
    const it = watched(says(422, 'reason'))
    const { record } = await it.ask({ reasonCode: 'fraud' })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      effects: { reason: { outcome: 'failed' } },
    })
    expect(bodies).toEqual(['Suspected fraud', null])
  })
  it('and that is refused with nothing of a reason in it is a refusal like any other', async () => {
    const it = carrying(says(422, 'reason'))
    const { record } = await it.ask({ reason: 'x', reasonCode: 'customer' })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'rejected',
      attempts: [{ result: '422' }, { result: '422' }, { result: '422' }],
    })
  })
  it('and that fails the same way twice goes without it, and no faster', async () => {
    const it = watched(says(500, 'boom'))
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      effects: { reason: { outcome: 'failed' } },
    })
    expect(bodies).toEqual(['Wrong size', 'Wrong size', null])
    expect(it.clock.now).toBeGreaterThanOrEqual(T0 + 2 * SETTLE)
  })
})

describe('the same failure again and again', () => {
  it('is tried ever less often, and then a person looks', async () => {
    const it = openFixture()
    it.platform.plan('cancel', ...always(says(500, 'boom')))
    const { record } = await it.ask()
    const end = await it.drive(record.id, 100)
    expect(end).toMatchObject({ status: 'needs_attention', problem: { acted: 'unknown' } })
    const at = end.attempts.map(({ at }) => (at - T0) / SETTLE)
    expect(at).toEqual([0, 1, 3, 7, 15, 31])
    expect(it.clock.now).toBeLessThan(T0 + 2 * HOUR)
  })
  it('another failure in between begins anew', async () => {
    const it = openFixture()
    it.platform.plan('cancel', says(500), says(500), lost, says(500), well)
    const { record } = await it.ask()
    const end = await it.drive(record.id, 100)
    expect(end).toMatchObject({ status: 'succeeded' })
    expect(end.attempts.map(({ at }) => (at - T0) / SETTLE)).toEqual([0, 1, 3, 4, 5])
  })
})
