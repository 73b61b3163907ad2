/**
 * Doubt: it may or may not have happened. Wait until the platform can no longer be busy with it,
 * look, and only then decide.
 */
import { describe, expect, it } from 'vitest'
import { money } from '../../src/model/money.ts'
import { openFixture, SETTLE, T0 } from './fixture.ts'
import {
  after,
  html,
  htmlAfter,
  landsLate,
  lost,
  lostAfter,
  says,
  saysAfter,
  silent,
  silentAfter,
  type Step,
  unauthorized,
  unreachable,
  well,
} from './platform.ts'
import { doubt } from './doubt.ts'

const UNDONE: [string, Step, string][] = [
  ['no answer in time', silent, 'timeout'],
  ['reset', lost, 'connection lost'],
  ['500', says(500, 'oops'), '500'],
  ['503 that promises nothing', says(503), '503'],
  ['408', says(408), '408'],
  ['HTML as 200', html(), '200 unreadable (text/html)'],
  ['HTML as 403 of a firewall', html(403), '403'],
  ['404 without a word', says(404), '404'],
]

const DONE: [string, Step, string][] = [
  ['no answer in time', silentAfter, 'timeout'],
  ['reset', lostAfter, 'connection lost'],
  ['500', saysAfter(500, 'oops'), '500'],
  ['HTML as 200', htmlAfter, '200 unreadable (text/html)'],
  ['502', saysAfter(502), '502'],
]

describe('202: accepted, and perhaps never acted upon', () => {
  const accepted: Step = () => new Response('{}', { status: 202 })
  it('is no word that it is canceled: what nobody did is asked for again', async () => {
    const { record, drive, platform } = await doubt(accepted, { toy: { mute: true } })
    expect(record).toMatchObject({
      status: 'in_doubt',
      word: undefined,
      attempts: [{ result: '202' }],
    })
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      attempts: [{ result: '202' }, { result: '200' }],
    })
    expect(platform.count('cancel')).toBe(2)
  })
  it('and done: the look says so', async () => {
    const { record } = await doubt(
      (calling) => {
        calling.go()
        return accepted(calling)
      },
      { toy: { mute: true } },
    )
    expect(record).toMatchObject({ status: 'succeeded', attempts: [{ result: '202' }] })
  })
})

describe('after a call without a clear answer', () => {
  it.each(DONE)('%s, done: found out by a look after the settle time', async (_, step, result) => {
    const { record, tick, get, platform } = await doubt(step, {}, { notify: true, restock: true })
    expect(record).toMatchObject({
      status: 'in_doubt',
      wakeAt: T0 + SETTLE,
      problem: null,
      via: null,
      attempts: [{ result, unsent: false }],
      effects: { order: { outcome: 'pending' } },
    })
    expect(await tick(SETTLE - 1)).toBe(0)
    await tick(1)
    expect(await get(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      settledAt: T0 + SETTLE,
      effects: {
        order: { outcome: 'applied', basis: 'confirmed' },
        notify: { outcome: 'unverified', basis: 'none' },
        restock: { outcome: 'unverified' },
        payment: { outcome: 'automatic', amount: money(100, 'USD') },
      },
    })
    expect(platform.calls.map(({ route }) => route)).toEqual(['look', 'cancel', 'look'])
  })
  it.each(UNDONE)(
    '%s, not done: sent again where a second cancel is refused',
    async (_, step, result) => {
      const { record, drive, platform } = await doubt(step)
      expect(record).toMatchObject({ status: 'in_doubt', attempts: [{ result }] })
      expect(await drive(record.id)).toMatchObject({
        status: 'succeeded',
        via: 'reply',
        alreadyCanceled: false,
        attempts: [{ result }, { result: '200', at: T0 + SETTLE }],
      })
      expect(platform.count('cancel')).toBe(2)
    },
  )
  it('what lands late is met by the look, not by a second call', async () => {
    const { record, drive, platform } = await doubt(landsLate(SETTLE - 1))
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      attempts: [{}],
    })
    expect([platform.count('cancel'), platform.order().refunded]).toEqual([1, 100])
  })
  it('sent again, and refused because the first one did it', async () => {
    const { record, drive, platform } = await doubt(lost)
    platform.plan(
      'cancel',
      after((thing) => {
        thing.state = 'canceled'
        thing.refunded = 100
      }),
    )
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      attempts: [{ result: 'connection lost' }, { result: '409' }],
    })
  })
  it('sent again, and never arrived: what arrived before is no longer doubted', async () => {
    const { record, tick, get, drive, platform } = await doubt(lost)
    platform.plan('cancel', unreachable)
    await tick(SETTLE)
    expect(await get(record.id)).toMatchObject({
      status: 'accepted',
      tries: 1,
      wakeAt: T0 + SETTLE + 500,
    })
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded' })
  })
  it('keeps the note that must be put back from before the first call', async () => {
    const { record, drive, platform } = await doubt(
      lost,
      { toy: { reason: 'before' } },
      { reason: 'Wrong' },
    )
    platform.plan('cancel', says(400, 'nope'))
    expect(await drive(record.id)).toMatchObject({
      status: 'rejected',
      attempts: [{}, { result: '400' }],
    })
    expect(platform.order().note).toBeNull()
  })
})

describe('a look after the settle time', () => {
  it('finds money moved: a person must look', async () => {
    const { record, drive } = await doubt(
      after((thing) => {
        thing.refunded = 40
      }, lost),
    )
    expect(await drive(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
      effects: {
        order: { outcome: 'failed' },
        payment: { outcome: 'automatic', amount: money(40, 'USD') },
      },
      order: { paymentStatus: 'partially_refunded' },
    })
  })
  it('finds an obstacle: refused, the note taken back', async () => {
    const { record, drive, platform } = await doubt(
      lost,
      { toy: { reason: 'before' } },
      { reason: 'Wrong' },
    )
    platform.order().shipped = true
    expect(await drive(record.id)).toMatchObject({
      status: 'rejected',
      via: 'reconciled',
      problem: { cause: 'fulfilled', acted: 'no' },
      effects: { order: { outcome: 'skipped' } },
    })
    expect([platform.order().note, platform.count('cancel')]).toEqual([null, 1])
  })
  it('finds an obstacle, and the note cannot be taken back', async () => {
    const { record, drive, platform } = await doubt(
      lost,
      { toy: { reason: 'before' } },
      { reason: 'Wrong' },
    )
    platform.order().shipped = true
    platform.plan('note', lost)
    expect((await drive(record.id)).effects.reason).toMatchObject({
      outcome: 'skipped',
      detail: 'The note of the reason could not be taken back and stays with the order.',
    })
  })
  it('finds it canceled, and leaves the note', async () => {
    const { record, drive, platform } = await doubt(
      lostAfter,
      { toy: { reason: 'before' } },
      { reason: 'Wrong' },
    )
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded' })
    expect([platform.order().note, platform.count('note')]).toEqual(['Wrong', 1])
  })
  it('finds something else changed: a person must look', async () => {
    const { record, drive, platform } = await doubt(lost)
    platform.plan('look', ({ thing }) => Response.json({ ...thing, state: 'archived' }))
    expect(await drive(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { code: 'needs-attention', acted: 'unknown' },
      effects: { order: { outcome: 'unverified', honored: null } },
    })
    expect(platform.count('cancel')).toBe(1)
  })
  it.each([
    ['refused', 'succeeded'],
    ['harmless', 'succeeded'],
    ['unknown', 'needs_attention'],
    ['harmful', 'needs_attention'],
  ] as const)('finds it unchanged; a second cancel is %s there: %s', async (repeat, status) => {
    const { record, drive, platform } = await doubt(lost, { toy: { repeat } })
    expect(await drive(record.id)).toMatchObject({ status })
    expect(platform.count('cancel')).toBe(status === 'succeeded' ? 2 : 1)
  })
  it('where a second cancel does harm, not even with "onDoubt": "resend"', async () => {
    const { record, drive, platform } = await doubt(lost, {
      toy: { repeat: 'harmful' },
      store: { onDoubt: 'resend' },
    })
    expect(await drive(record.id)).toMatchObject({ status: 'needs_attention' })
    expect(platform.count('cancel')).toBe(1)
  })
  it('"onDoubt": "resend" sends again after two unchanged looks', async () => {
    const { record, tick, get, platform } = await doubt(lost, {
      toy: { repeat: 'unknown' },
      store: { onDoubt: 'resend' },
    })
    await tick(SETTLE)
    expect(await get(record.id)).toMatchObject({
      status: 'in_doubt',
      unchangedLooks: 1,
      wakeAt: T0 + 2 * SETTLE,
    })
    await tick(SETTLE)
    expect(await get(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reply',
      attempts: [{}, { at: T0 + 2 * SETTLE }],
    })
    expect(platform.calls.map(({ route }) => route)).toEqual([
      'look',
      'cancel',
      'look',
      'look',
      'cancel',
      'look',
    ])
  })
  it('counts two unchanged looks anew for each call', async () => {
    const { record, drive, platform } = await doubt(lost, {
      toy: { repeat: 'unknown' },
      store: { onDoubt: 'resend' },
    })
    platform.plan('cancel', lost)
    expect((await drive(record.id)).attempts.map(({ at }) => at)).toEqual([
      T0,
      T0 + 2 * SETTLE,
      T0 + 4 * SETTLE,
    ])
  })
  it('that fails is taken again soon, and nothing is sent meanwhile', async () => {
    const { record, tick, get, platform, drive, clock } = await doubt(lostAfter)
    platform.plan(
      'look',
      lost,
      unauthorized,
      says(404, 'not_found'),
      says(429, 'slow', { 'retry-after': '30' }),
    )
    const pauses: number[] = []
    for (let at = record.wakeAt ?? 0; pauses.length < 4; at = (await get(record.id)).wakeAt ?? 0) {
      await tick(at - clock.now)
      pauses.push(((await get(record.id)).wakeAt ?? 0) - clock.now)
      expect(await get(record.id)).toMatchObject({
        status: 'in_doubt',
        unchangedLooks: 0,
        tries: pauses.length,
      })
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 30_000])
    expect((await drive(record.id)).status).toBe('succeeded')
  })
})

describe('a yes that the order does not show', () => {
  it('is doubt, with the settle time', async () => {
    const { record, drive, platform } = await doubt(({ thing }) => Response.json(thing), {
      toy: { repeat: 'unknown' },
    })
    expect(record).toMatchObject({
      status: 'in_doubt',
      wakeAt: T0 + SETTLE,
      attempts: [{ result: '200' }],
    })
    expect(await drive(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
    expect(platform.count('cancel')).toBe(1)
  })
  it('also where the reply itself says so', async () => {
    const { record, platform } = await doubt(well, { toy: { proof: 'nothing done' } })
    expect(record).toMatchObject({ status: 'in_doubt', wakeAt: T0 + SETTLE })
    expect(platform.calls.map(({ route }) => route)).toEqual(['look', 'cancel'])
  })
  it('whose look fails is looked at again soon', async () => {
    const it = openFixture()
    it.platform.plan('look', well, lost)
    const { record } = await it.ask({ notify: true })
    expect(record).toMatchObject({
      status: 'in_doubt',
      wakeAt: T0 + 1_000,
      problem: null,
      attempts: [{ result: '200' }],
    })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      settledAt: T0 + 1_000,
    })
    expect(it.platform.count('cancel')).toBe(1)
  })
  it('whose look fails, the order then open, is sent again after the settle time', async () => {
    const it = openFixture()
    it.platform.plan('cancel', ({ thing }) => {
      it.clock.now += 412
      return Response.json(thing)
    })
    it.platform.plan('look', well, lost)
    const { record } = await it.ask()
    await it.tick(1_000)
    expect(await it.get(record.id)).toMatchObject({
      status: 'in_doubt',
      unchangedLooks: 0,
      wakeAt: T0 + 412 + SETTLE,
      attempts: [{ at: T0, ms: 412 }],
    })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      attempts: [{}, { at: T0 + 412 + SETTLE }],
    })
  })
})
