/** What the audit log says of a request and of a person's change: one entry each, and the whole. */
import { describe, expect, it } from 'vitest'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { request } from '../model/samples.ts'
import { type Fixture, openFixture, T0 } from './fixture.ts'
import { createPlatform, lost, type Platform, says, unauthorized, unreachable } from './platform.ts'

const asker = { caller: 'erp', key: 'night', via: 'api', requestId: 'req_1' } as const

const log = ({ ledger }: Fixture) => ledger.audit.read({ from: 0, order: 'asc', limit: 100 })
const outcomes = async (fixture: Fixture) => (await log(fixture)).map(({ outcome }) => outcome)

/** Asks as somebody who is noted; the record as it is answered with. */
const ask = async (
  { gateway, idle }: Fixture,
  over: Parameters<typeof request>[0] = {},
  key: string | null = null,
  batchId: string | null = null,
) => {
  const admitted = await gateway.cancel(request(over), 'erp', key, null, batchId, { asker })
  await idle()
  return admitted
}

describe('a request', () => {
  it('that is written down has one entry: who, how, and what it was about', async () => {
    const fixture = openFixture()
    const { record } = await ask(fixture)
    expect(await log(fixture)).toMatchObject([
      {
        by: { caller: 'erp', key: 'night' },
        via: 'api',
        requestId: 'req_1',
        action: 'cancellation.asked',
        outcome: 'done',
        store: 'shop',
        subject: { order: 'open', cancellation: record.id },
      },
    ])
    const [entry] = await log(fixture)
    expect(Object.keys(entry?.subject ?? {}).sort()).toEqual(['cancellation', 'order'])
  })

  it('about a transfer says so, and of a batch which', async () => {
    const fixture = openFixture({ platform: createPlatform([{ id: 'open', transfer: 'tr_1' }]) })
    await ask(fixture, { target: 'transfer' })
    await ask(fixture, {}, null, 'bat_1')
    const subjects = (await log(fixture)).map(({ subject }) => [subject.target, subject.batch])
    expect(subjects).toEqual([
      ['transfer', undefined],
      [undefined, 'bat_1'],
    ])
  })

  it('that joins an earlier one, or comes again, is noted beside it', async () => {
    const fixture = openFixture()
    const { record } = await ask(fixture, {}, 'k')
    await ask(fixture)
    await ask(fixture, {}, 'k')
    expect(
      (await log(fixture)).map(({ outcome, subject }) => [outcome, subject.cancellation]),
    ).toEqual([
      ['done', record.id],
      ['deduplicated', record.id],
      ['replayed', record.id],
    ])
  })

  it('that is refused is noted with why', async () => {
    const fixture = openFixture()
    await ask(fixture, {}, 'k')
    await expect(ask(fixture, { restock: true }, 'k')).rejects.toThrow()
    expect(await outcomes(fixture)).toEqual(['done', 'idempotency-key-reused'])
  })

  it('of nobody who is noted leaves no entry', async () => {
    const fixture = openFixture()
    await fixture.ask()
    expect(await log(fixture)).toEqual([])
  })
})

describe('a retryable rejection, asked for again by its key', () => {
  it('is noted once, as asked again', async () => {
    const fixture = openFixture()
    fixture.platform.plan('look', unauthorized)
    await ask(fixture, {}, 'k')
    await ask(fixture, {}, 'k')
    expect(await outcomes(fixture)).toEqual(['done', 'replayed'])
  })

  it('once, too, where another one took its place; and its answer is what stands now', async () => {
    const fixture = openFixture()
    fixture.platform.plan('look', unauthorized)
    const { record } = await ask(fixture, { notify: true }, 'k')
    await fixture.ask({ restock: true })
    const again = await ask(fixture, { notify: true }, 'k')
    expect(again).toMatchObject({
      how: 'replayed',
      record: { id: record.id, status: 'succeeded', alreadyCanceled: true },
    })
    expect(await outcomes(fixture)).toEqual(['done', 'replayed'])
  })

  it('is noted as a new one where an earlier version kept it under another id', async () => {
    const clock = { now: T0 }
    const ledger = openMemoryLedger(() => clock.now)
    const platform: Platform = createPlatform([{ id: 'ABC' }, { id: 'abc' }])
    platform.plan('cancel', says(401, 'who'))
    await openFixture({ ledger, clock, platform }).ask({ orderId: 'ABC' }, { key: 'k' })
    const next = openFixture({ ledger, clock, platform, toy: { folds: true } })
    const { record } = await ask(next, { orderId: 'ABC' }, 'k')
    expect(await log(next)).toMatchObject([
      { outcome: 'done', subject: { order: 'abc', cancellation: record.id } },
    ])
  })
})

describe('what a person changes', () => {
  const noted = async (fixture: Fixture) =>
    (await log(fixture)).map(({ action, outcome, subject, store }) => [
      action,
      outcome,
      subject,
      store,
    ])

  it('is noted with the order that it was about', async () => {
    const fixture = openFixture()
    fixture.platform.plan('cancel', unreachable)
    const { record } = await fixture.ask()
    await fixture.gateway.withdraw(record.id, asker)
    expect(await noted(fixture)).toEqual([
      ['cancellation.withdrawn', 'done', { cancellation: record.id, order: 'open' }, 'shop'],
    ])
  })

  it('and a word about it with what was said', async () => {
    const fixture = openFixture({ toy: { repeat: 'harmful' } })
    fixture.platform.plan('cancel', lost)
    const { record } = await fixture.ask()
    await fixture.drive(record.id)
    await fixture.gateway.resolve(record.id, 'canceled', 'seen', 'ops', null, asker)
    expect(await noted(fixture)).toEqual([
      [
        'cancellation.resolved',
        'done',
        { as: 'canceled', cancellation: record.id, order: 'open' },
        'shop',
      ],
    ])
  })

  it('and a refusal of it with why', async () => {
    const fixture = openFixture()
    const { record } = await fixture.ask()
    await expect(fixture.gateway.withdraw(record.id, asker)).rejects.toThrow()
    expect((await noted(fixture))[0]?.slice(0, 2)).toEqual([
      'cancellation.withdrawn',
      'not-withdrawable',
    ])
  })

  it('nothing is noted where nobody is to be', async () => {
    const fixture = openFixture()
    fixture.platform.plan('cancel', unreachable)
    const { record } = await fixture.ask()
    await fixture.gateway.withdraw(record.id)
    expect(await log(fixture)).toEqual([])
  })
})
