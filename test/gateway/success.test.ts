/** A cancel that works: what is called, in which order, and what is told of it. */
import { describe, expect, it } from 'vitest'
import { money } from '../../src/model/money.ts'
import { order } from '../model/samples.ts'
import { openFixture, T0 } from './fixture.ts'
import { createPlatform, says, silent, unreachable } from './platform.ts'

describe('the way of one cancellation', () => {
  it('look, intent, one call, look again', async () => {
    const { ask, platform, failpoints, history } = openFixture()
    const { record, how } = await ask({ notify: true, restock: false })
    expect(how).toBe('created')
    expect(platform.calls.map(({ route }) => route)).toEqual(['look', 'cancel', 'look'])
    expect(history.map(({ status }) => status)).toEqual(['accepted', 'sending', 'succeeded'])
    expect(failpoints).toEqual([
      'claimed',
      'leased',
      'looked',
      'intended',
      'performed',
      'confirmed',
      'settled',
    ])
    expect(record).toMatchObject({
      status: 'succeeded',
      via: 'reply',
      alreadyCanceled: false,
      problem: null,
      settledAt: T0,
      wakeAt: null,
      version: 3,
      platform: 'toy',
      caller: 'erp',
      byCustomer: false,
    })
    expect(record.id).toMatch(/^can_[0-9A-Z]{26}$/)
    expect(record.attempts).toEqual([
      {
        at: T0,
        call: 'POST /orders/open/cancel',
        result: '200',
        ms: expect.any(Number),
        unsent: false,
      },
    ])
    expect(record.order).toMatchObject({ status: 'canceled', customer: null })
    expect(record.effects).toEqual({
      order: { asked: true, honored: true, outcome: 'applied', basis: 'confirmed' },
      reason: { asked: null, honored: null, outcome: 'withheld', basis: 'documented' },
      notify: { asked: true, honored: true, outcome: 'applied', basis: 'documented' },
      message: { asked: null, honored: null, outcome: 'withheld', basis: 'documented' },
      restock: { asked: false, honored: true, outcome: 'withheld', basis: 'reported' },
      payment: {
        asked: null,
        honored: null,
        outcome: 'automatic',
        basis: 'confirmed',
        amount: money(100, 'USD'),
        detail: 'Refunded.',
      },
    })
    expect(platform.order()).toMatchObject({ state: 'canceled', mails: 1, refunded: 100 })
  })

  it('its id may end in a mark of its store, and is no longer for it', async () => {
    const { ask } = openFixture({ idSuffix: ({ id }) => id.toUpperCase() })
    expect((await ask()).record.id).toMatch(/^can_[0-9A-Z]{22}SHOP$/)
  })

  it('the adapter is told the order as it was, and what to remember', async () => {
    const { ask, platform, history } = openFixture({
      platform: createPlatform([{ id: 'open', note: 'theirs' }]),
    })
    await ask()
    expect(platform.calls[1]?.body).toEqual({
      notify: false,
      restock: false,
      before: 'unfulfilled',
      memo: { note: 'theirs' },
    })
    expect(history[1]).toMatchObject({
      status: 'sending',
      memo: { note: 'theirs' },
      order: { status: 'open', customer: order().customer },
    })
  })

  it('a reply that proves it saves the second look', async () => {
    const { ask, platform } = openFixture({ toy: { proof: 'order' } })
    expect((await ask()).record).toMatchObject({
      status: 'succeeded',
      via: 'reply',
      order: { status: 'canceled' },
    })
    expect(platform.calls.map(({ route }) => route)).toEqual(['look', 'cancel'])
  })

  it('an empty reply is a reply', async () => {
    const { ask, platform } = openFixture({ toy: { mute: true } })
    platform.plan('cancel', ({ go }) => {
      go()
      return new Response(null, { status: 204 })
    })
    const { record } = await ask({ notify: true })
    expect(record).toMatchObject({
      status: 'succeeded',
      via: 'reply',
      attempts: [{ result: '204' }],
      effects: { notify: { outcome: 'applied' } },
    })
  })

  it('an adapter that adds no facts is taken at its manual', async () => {
    const { ask } = openFixture({
      toy: { facts: false, can: { payment: 'always', notify: 'never', message: 'unknown' } },
    })
    expect(
      (await ask({ notify: true, message: 'Sorry', restock: true })).record.effects,
    ).toMatchObject({
      order: { outcome: 'applied', basis: 'confirmed' },
      notify: { outcome: 'unsupported', honored: false },
      message: { outcome: 'unverified', honored: null },
      restock: { outcome: 'applied' },
      payment: { outcome: 'automatic', basis: 'documented' },
    })
  })
})

describe('a reason that must come first', () => {
  const open = () =>
    openFixture({
      toy: { reason: 'before' },
      platform: createPlatform([{ id: 'open', note: 'theirs' }]),
    })

  it('is written between the intent and the call', async () => {
    const { ask, platform, failpoints } = open()
    const { record } = await ask({ reason: 'Wrong quantity' })
    expect(platform.calls.map(({ route }) => route)).toEqual(['look', 'note', 'cancel', 'look'])
    expect(failpoints).toEqual([
      'claimed',
      'leased',
      'looked',
      'intended',
      'prepared',
      'performed',
      'confirmed',
      'settled',
    ])
    expect(platform.order()).toMatchObject({ note: 'Wrong quantity', state: 'canceled' })
    expect(record.effects.reason).toMatchObject({ asked: true, outcome: 'applied' })
  })
  it('a code alone is written as its label', async () => {
    const { ask, platform } = open()
    await ask({ reasonCode: 'inventory' })
    expect(platform.order().note).toBe('Out of stock')
  })
  it('without a reason nothing is written', async () => {
    const { ask, platform } = open()
    await ask()
    expect([platform.count('note'), platform.order().note]).toEqual([0, 'theirs'])
  })
  it('refused, it does not keep the order from being canceled', async () => {
    const { ask, platform } = open()
    platform.plan('note', says(409, 'shipped'))
    expect((await ask({ reason: 'Wrong' })).record).toMatchObject({
      status: 'succeeded',
      effects: {
        reason: {
          honored: false,
          outcome: 'failed',
          basis: 'reported',
          detail: 'The platform refused the note of the reason.',
        },
      },
    })
  })
  it.each([
    ['unreachable', unreachable],
    ['lost', silent],
    ['turned away', says(429)],
  ])('%s, nothing is sent yet', async (_, step) => {
    const { ask, platform, drive } = openFixture({ toy: { reason: 'before' } })
    platform.plan('note', step)
    const { record } = await ask({ reason: 'Wrong' })
    expect(record).toMatchObject({
      status: 'accepted',
      attempts: [{ result: 'not sent: the reason could not be written', ms: 0, unsent: true }],
    })
    expect(platform.count('cancel')).toBe(0)
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      attempts: [{}, { result: '200' }],
    })
  })
})

describe('a reason that may come last', () => {
  const open = () => openFixture({ toy: { reason: 'after' } })

  it('is written once the order is canceled', async () => {
    const { ask, platform, failpoints } = open()
    const { record } = await ask({ reason: 'Wrong' })
    expect(platform.calls.map(({ route }) => route)).toEqual(['look', 'cancel', 'look', 'activity'])
    expect(failpoints).toEqual([
      'claimed',
      'leased',
      'looked',
      'intended',
      'performed',
      'confirmed',
      'followed',
      'settled',
    ])
    expect(record.effects.reason).toEqual({
      asked: true,
      honored: true,
      outcome: 'applied',
      basis: 'reported',
      detail: 'Kept as an activity.',
    })
  })
  it.each([
    ['refused', says(409, 'shipped'), 'failed', false, '409'],
    ['unreachable', unreachable, 'failed', false, 'not sent: unreachable'],
    ['unanswered', silent, 'unverified', null, 'timeout'],
  ] as const)(
    '%s, the order is canceled all the same',
    async (_, step, outcome, honored, result) => {
      const { ask, platform } = open()
      platform.plan('activity', step)
      expect((await ask({ reason: 'Wrong' })).record).toMatchObject({
        status: 'succeeded',
        via: 'reply',
        effects: {
          order: { outcome: 'applied' },
          reason: {
            outcome,
            honored,
            basis: 'reported',
            detail:
              'The order is canceled, but writing the note of the reason ended with: ' +
              `${result}.`,
          },
        },
      })
    },
  )
})
