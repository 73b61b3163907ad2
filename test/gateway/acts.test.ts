/** What is told of an act whose entry of the audit log could not be written. */
import { describe, expect, it } from 'vitest'
import { type Acts, actsOf } from '../../src/gateway/audit/acts.ts'
import { auditOf } from '../../src/gateway/audit/log.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { LedgerUnavailable } from '../../src/ledger/port.ts'
import { ProblemError, problem } from '../../src/model/problem.ts'

const asker = { caller: 'erp', key: null, via: 'api', requestId: null } as const
const act = { action: 'batch.created', store: null, subject: {} } as const

/** A log whose disk is full from this entry on. */
const fullFrom = (entry: number): Acts => {
  const { audit } = openMemoryLedger()
  let written = 0
  const append: typeof audit.append = async (noted) => {
    written += 1
    if (written >= entry) throw new LedgerUnavailable('the disk is full')
    await audit.append(noted)
  }
  return actsOf(auditOf({ ...audit, append }), asker)
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it went well',
    (error: unknown) => error,
  )

describe('an entry that cannot be written', () => {
  it('before the act: it is not done, and nothing was written', async () => {
    let isDone = false
    const work = async () => {
      isDone = true
    }
    expect(await failure(fullFrom(1).act(act, work))).toMatchObject({ written: false })
    expect(isDone).toBe(false)
  })

  it('after the act: what was done is there, so nobody is told that nothing is', async () => {
    const error = await failure(fullFrom(2).act(act, async () => 'a batch'))
    expect(error).toBeInstanceOf(LedgerUnavailable)
    expect(error).toMatchObject({ written: null })
  })

  it('after a refusal: nothing was written', async () => {
    const refused = async () => {
      throw new ProblemError(problem('invalid-items', 'No.'))
    }
    expect(await failure(fullFrom(2).act(act, refused))).toMatchObject({ written: false })
  })
})
