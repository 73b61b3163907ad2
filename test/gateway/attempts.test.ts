/** What an attempt does that the platform, or another process, cuts short. */
import { describe, expect, it } from 'vitest'
import { CallFailure, type Failure } from '../../src/adapter/failure.ts'
import { concludeCanceled } from '../../src/gateway/workflow/conclude.ts'
import type { WorkflowDeps } from '../../src/gateway/workflow/job.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import type { Status } from '../../src/model/cancellation.ts'
import { DAY, type Fixture, HOUR, openFixture, T0 } from './fixture.ts'
import { lost, says, type Step, well } from './platform.ts'
import { lookAt } from '../../src/gateway/workflow/look.ts'

describe('a note that must come first', () => {
  /** A note that eats the time of its cancel. */
  const slowNote = (it: Fixture): Step => {
    const slow: Step = (calling) => {
      it.clock.now += 2 * 20_000 + 1
      return well(calling)
    }
    return slow
  }

  it('and ate the time of its cancel is left out of the next, at once', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', ...Array<Step>(9).fill(slowNote(it)))
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect(record.attempts).toMatchObject([{ result: 'not sent: too late', unsent: true }])
    expect((await it.drive(record.id)).status).toBe('succeeded')
    expect(it.platform.count('note')).toBe(1)
  })

  it('is written again where the cancellation is started over', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', slowNote(it))
    const { record } = await it.ask({ reason: 'Wrong size' }, { key: 'k' })
    it.clock.now += HOUR
    await it.tick()
    expect(await it.get(record.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'expired' },
    })
    const again = await it.ask({ reason: 'Wrong size' }, { key: 'k' })
    expect(again.record).toMatchObject({ id: record.id, status: 'succeeded' })
    expect(it.platform.count('note')).toBe(2)
  })

  it('and failed each time is told with how it ended', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', ...Array<Step>(9).fill(says(500, 'jsonb')))
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect((await it.drive(record.id)).effects.reason).toMatchObject({
      outcome: 'failed',
      detail: 'Writing the note of the reason ended with: 500.',
    })
  })

  it('stays where a job of the platform ended with the cancel', async () => {
    const it = openFixture({ toy: { reason: 'before', jobs: true } })
    it.platform.plan('cancel', ({ thing }) => {
      thing.job = 'running'
      return Response.json(thing)
    })
    const { record } = await it.ask({ reason: 'Wrong size' })
    expect(record.running).toBeDefined()
    it.platform.order().job = undefined
    it.platform.turn('canceled')
    expect((await it.drive(record.id)).status).toBe('succeeded')
    expect([it.platform.order().note, it.platform.count('note')]).toEqual(['Wrong size', 1])
  })

  it('and is taken back where it ended without one', async () => {
    const it = openFixture({ toy: { reason: 'before', jobs: true } })
    it.platform.order().note = 'Call before you ship'
    it.platform.plan('cancel', ({ thing }) => {
      thing.job = 'running'
      return Response.json(thing)
    })
    const { record } = await it.ask({ reason: 'Wrong size' })
    it.platform.order().job = 'failed'
    expect((await it.drive(record.id)).status).toBe('rejected')
    expect(it.platform.order().note).toBe('Call before you ship')
  })
})

describe('a look that the platform turns away for who we are', () => {
  const turnedAway = (over: Partial<Failure>): CallFailure =>
    new CallFailure({
      kind: 'doubt',
      code: 'platform-credentials',
      cause: null,
      detail: 'The platform turned the call away without a word.',
      result: '403',
      upstream: null,
      retryAfterMs: null,
      ...over,
    })
  /** How a record stands after each of these looks. */
  const after_ = async (...failures: readonly CallFailure[]): Promise<Status[]> => {
    const it = openFixture()
    const left = [...failures]
    const { look } = it.stores.get('shop')?.adapter.order ?? {}
    Object.assign(it.stores.get('shop')?.adapter.order ?? {}, {
      look: (...words: Parameters<NonNullable<typeof look>>) => {
        const failure = left.shift()
        return failure ? Promise.reject(failure) : look?.(...words)
      },
    })
    const statuses = [(await it.ask()).record.status]
    const [id] = [...it.records.keys()]
    for (let turn = 1; turn < failures.length; turn++) {
      const { wakeAt } = await it.get(id as string)
      await it.tick((wakeAt ?? 0) - it.clock.now)
      statuses.push((await it.get(id as string)).status)
    }
    return statuses
  }

  it('ends it where that is for good, or comes again as it was', async () => {
    expect(await after_(turnedAway({ kind: 'refused', result: '401' }))).toEqual(['rejected'])
    expect(await after_(turnedAway({}), turnedAway({}))).toEqual(['accepted', 'rejected'])
  })

  it('does not where it came otherwise, or the login was not even answered', async () => {
    expect(await after_(turnedAway({}), turnedAway({ result: '403 other' }))).toEqual([
      'accepted',
      'accepted',
    ])
    const login = turnedAway({ kind: 'unsent', result: 'not sent: the login ended with 403' })
    expect(await after_(login, login, login)).toEqual(['accepted', 'accepted', 'accepted'])
  })
})

it('what somebody else has moved on is left alone, also after its time', async () => {
  let isStale = false
  const it = openFixture({
    toy: { reason: 'after' },
    wrap: (ledger): FullLedger => ({
      ...ledger,
      lease: async (...words) => (isStale ? 'stale' : ledger.lease(...words)),
    }),
  })
  it.platform.plan('cancel', lost)
  const { record } = await it.ask({ reason: 'Wrong size' })
  it.platform.turn('canceled')
  const calls = it.platform.calls.length
  isStale = true
  await it.tick(2 * DAY)
  expect(it.platform.calls).toHaveLength(calls)
  expect((await it.get(record.id)).status).toBe('in_doubt')
})

describe('a look that somebody else took', () => {
  const doubtful = async () => {
    const it = openFixture()
    it.platform.plan('cancel', lost)
    const { record } = await it.ask()
    const [store] = it.stores.values()
    if (!store) throw new Error('no shop')
    const deps = {
      ledger: it.ledger,
      records: it.gateway.records,
      timing: timing(),
      now: () => it.clock.now,
      saved: () => {},
      failpoint: () => {},
    } as unknown as WorkflowDeps
    const conclude = async () =>
      concludeCanceled(
        deps,
        store,
        record,
        await lookAt(store, store.client, store.adapter.order, 'open', {
          request: record.request,
          sent: true,
          byCustomer: false,
          memo: record.memo,
        }),
      )
    return { ...it, record, conclude }
  }

  it('ends a doubt where it shows the order canceled', async () => {
    const { conclude, get, record, platform } = await doubtful()
    platform.turn('canceled')
    expect(await conclude()).toBe(true)
    expect((await get(record.id)).status).toBe('succeeded')
  })

  it('concludes nothing else: open, shipped or with money moved, it stays as it was', async () => {
    const { conclude, get, record, platform, clock } = await doubtful()
    clock.now = T0 + HOUR
    expect(await conclude()).toBe(false)
    platform.order().shipped = true
    expect(await conclude()).toBe(false)
    platform.order().refunded = 100
    expect(await conclude()).toBe(false)
    expect(await get(record.id)).toEqual(record)
  })
})

it('whoever writes records for this gateway has it tell of them', async () => {
  const it = openFixture()
  it.platform.plan('cancel', lost)
  const { record } = await it.ask()
  const told = it.history.length
  const saved = await it.gateway.records.save(record, { ...record, updatedAt: T0 + 1 })
  expect(it.history.slice(told)).toEqual([saved])
  expect(await it.gateway.records.save(record, { ...record, updatedAt: T0 + 2 })).toBeNull()
  expect(it.history).toHaveLength(told + 1)
  const draft = {
    ...record,
    id: 'can_other',
    status: 'accepted',
    attempts: [],
    wakeAt: T0,
  } as const
  const other = { ...draft, request: { ...record.request, orderId: 'other' } }
  const { outcome } = await it.gateway.records.claim(other, null)
  expect([outcome, it.history.at(-1)?.id, it.history.length]).toEqual([
    'created',
    'can_other',
    told + 2,
  ])
  await it.gateway.records.claim({ ...other, id: 'can_third' }, null)
  expect(it.history).toHaveLength(told + 2)
})
