/** What a person can do with a batch, and how its rows are counted. */
import { describe, expect, it } from 'vitest'
import {
  act,
  type Batch,
  type BatchAction,
  BATCH_STATUSES,
  type BatchStatus,
  countsOf,
  finish,
} from '../../src/model/batch.ts'

const batch = (status: BatchStatus): Batch => ({
  id: 'bat_1',
  version: 3,
  status,
  caller: 'erp',
  total: 2,
  stores: ['shop'],
  createdAt: 1_000,
  startedAt: 2_000,
  finishedAt: null,
})

describe('a batch', () => {
  it.each<[BatchAction, BatchStatus, readonly BatchStatus[]]>([
    ['pause', 'paused', ['running', 'paused']],
    ['resume', 'running', ['paused', 'running']],
    ['stop', 'stopped', ['running', 'paused', 'stopped']],
  ])('can be told to %s, and is then %s', (action, to, from) => {
    for (const status of BATCH_STATUSES) {
      const next = act(batch(status), action, 9_000)
      expect(next?.status ?? null, status).toBe(from.includes(status) ? to : null)
    }
  })

  it('that is told what it is already stays as it is', () => {
    for (const [status, action] of [
      ['running', 'resume'],
      ['paused', 'pause'],
      ['stopped', 'stop'],
    ] as const) {
      const before = batch(status)
      expect(act(before, action, 9_000)).toBe(before)
    }
  })

  it('that goes on is measured from then; paused or stopped, it is not', () => {
    expect(act(batch('paused'), 'resume', 9_000)?.startedAt).toBe(9_000)
    expect(act(batch('running'), 'pause', 9_000)?.startedAt).toBe(2_000)
    expect(act(batch('running'), 'stop', 9_000)?.startedAt).toBe(2_000)
  })

  it('is finished when all its rows are at rest; stopped, it stays called so', () => {
    expect(finish(batch('running'), 9_000)).toMatchObject({ status: 'finished', finishedAt: 9_000 })
    expect(finish(batch('paused'), 9_000).status).toBe('finished')
    expect(finish(batch('stopped'), 9_000).status).toBe('stopped')
  })

  it('counts its rows by what became of them, whatever their store and phase', () => {
    const tally = { store: 'shop', phase: 'rest', count: 1 } as const
    expect(
      countsOf([
        { ...tally, status: 'rejected', count: 2 },
        { ...tally, store: 'other', status: 'rejected', count: 3 },
        { ...tally, phase: 'open', status: 'accepted' },
      ]),
    ).toEqual({
      accepted: 1,
      sending: 0,
      in_doubt: 0,
      succeeded: 0,
      rejected: 5,
      needs_attention: 0,
    })
  })
})
