/** Whatever goes wrong in a ledger, its callers meet one error. */
import { describe, expect, it } from 'vitest'
import { type FullLedger, type Ledger, LedgerUnavailable } from '../../src/ledger/port.ts'
import { guarded, unsure } from '../../src/ledger/rules.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { temporaryFile } from './files.ts'
import { draft, key, query } from './records.ts'

const NAMES = [
  'claim',
  'get',
  'save',
  'lease',
  'hold',
  'release',
  'due',
  'strays',
  'bind',
  'bindings',
  'reserve',
  'list',
  'figures',
  'countsByDay',
  'sweep',
  'digestKeys',
  'scrub',
  'ready',
  'close',
] as const

describe('guarded', () => {
  it('covers every method of a ledger', () => {
    expect(Object.keys(guarded(openMemoryLedger())).sort()).toEqual(
      [...NAMES, 'batches', 'deliveries', 'notices', 'links', 'audit'].sort(),
    )
  })

  it.each(NAMES)(
    '%s: a rejection and a throw become LedgerUnavailable, with the cause',
    async (name) => {
      const cause = new Error('the disk is gone')
      for (const method of [
        async () => {
          throw cause
        },
        () => {
          throw cause
        },
      ]) {
        const ledger = guarded({ ...openMemoryLedger(), [name]: method } as Ledger)
        const error = await (ledger[name] as () => Promise<unknown>)().catch(
          (failure: unknown) => failure,
        )
        expect(error).toBeInstanceOf(LedgerUnavailable)
        expect(error).toMatchObject({
          name: 'LedgerUnavailable',
          message: `the ledger failed to ${name}`,
          cause,
        })
      }
    },
  )

  it('covers its batches, too', async () => {
    const ledger = openMemoryLedger()
    const { batches } = guarded({
      ...ledger,
      batches: {
        ...ledger.batches,
        take: async (_id: string, _store: string, _limit: number) => {
          throw new Error('the disk is gone')
        },
      },
    })
    await expect(batches.take('x', 'y', 1)).rejects.toMatchObject({
      name: 'LedgerUnavailable',
      message: 'the ledger failed to take',
    })
    expect(await batches.get('x')).toBeNull()
  })

  it('covers its deliveries, whose reads tell nothing of what was written before', async () => {
    const fail = () => Promise.reject(new Error('the disk is gone'))
    const ledger = openMemoryLedger()
    const { deliveries } = guarded<FullLedger>({
      ...ledger,
      deliveries: { ...ledger.deliveries, owe: fail, next: fail, of: fail },
    })
    await expect(deliveries.owe([])).rejects.toMatchObject({
      name: 'LedgerUnavailable',
      written: false,
    })
    for (const reading of [deliveries.next('erp', 1), deliveries.of('can_1')])
      await expect(reading).rejects.toMatchObject({ name: 'LedgerUnavailable', written: null })
    expect(await deliveries.webhooks()).toEqual([])
  })

  it('says that nothing was written, unless nobody knows or it was a read', async () => {
    const failing = (error: Error) =>
      guarded<Ledger>({
        ...openMemoryLedger(),
        claim: () => Promise.reject(error),
        get: () => Promise.reject(error),
      })
    await expect(failing(new Error('full')).claim(draft(), null)).rejects.toMatchObject({
      written: false,
    })
    await expect(failing(unsure(new Error('lost'))).claim(draft(), null)).rejects.toMatchObject({
      written: null,
    })
    await expect(failing(new Error('full')).get('x')).rejects.toMatchObject({ written: null })
  })

  it('gives everything else through', async () => {
    const ledger = guarded(openMemoryLedger())
    const record = draft()
    expect(await ledger.claim(record, key('k'))).toEqual({ outcome: 'created', record })
    expect(await ledger.claim(draft(), key('k'))).toEqual({ outcome: 'replayed', record })
    expect(await ledger.list(query())).toEqual([record])
    expect(await ledger.get('none')).toBeNull()
    expect(await ledger.lease(record, 'lock', 5)).toMatchObject({ key: 'lock' })
  })

  it('a real ledger that is closed is unavailable', async () => {
    const ledger = guarded(openSqliteLedger(temporaryFile()))
    await ledger.ready()
    await ledger.close()
    const late = await Promise.allSettled([
      ledger.ready(),
      ledger.claim(draft(), null),
      ledger.due(['paris'], 1),
      ledger.get('x'),
      ledger.list(query()),
    ])
    for (const outcome of late)
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(LedgerUnavailable) })
  })
})
