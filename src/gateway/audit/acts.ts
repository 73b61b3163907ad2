/**
 * Notes what callers do: an act before it is done and how it ended, a look before its answer goes
 * out. So nothing is done without an entry, whatever dies in between.
 */
import { LedgerUnavailable } from '../../ledger/port.ts'
import { askedBy, type Asker, type AuditSubject, type Noted } from '../../model/audit.ts'
import { ProblemError } from '../../model/problem.ts'
import { steadyNow } from '../../model/time.ts'
import type { Audit } from './log.ts'

export type Act = Pick<Noted, 'action' | 'store' | 'subject'>

export interface Acts {
  /** Handed on to who writes the entry together with what it tells of. */
  readonly asker: Asker | undefined
  /** `found`: what is known of its subject once it is done. */
  act<T>(act: Act, work: () => Promise<T>, found?: (value: T) => AuditSubject): Promise<T>
  /**
   * What changes nothing has one entry. It names what was seen: what was asked for, where there is
   * none, is whatever somebody typed.
   */
  look<T>(
    act: Omit<Act, 'subject'>,
    work: () => Promise<T>,
    found?: (value: T) => AuditSubject,
  ): Promise<T>
}

const codeOf = (error: unknown): string | null =>
  error instanceof ProblemError ? error.problem.code : null

/** Notes how it ended: what it came to, or the problem that was refused with. */
export const noteEnd = async <T>(
  { note }: Pick<Audit, 'note'>,
  noted: Noted,
  work: () => Promise<T>,
  end: (value: T) => Partial<Noted> | null = () => ({ outcome: 'done' }),
): Promise<T> => {
  let value: T
  try {
    value = await work()
  } catch (error) {
    const outcome = codeOf(error)
    if (outcome !== null) await note({ ...noted, outcome })
    throw error
  }
  const more = end(value)
  if (more) await note({ ...noted, ...more })
  return value
}

/** What was done is there, though its entry is not: nobody is told that nothing was written. */
const unsure = (error: unknown): unknown =>
  error instanceof LedgerUnavailable
    ? new LedgerUnavailable(error.message, { cause: error.cause, written: null })
    : error

/** Without who asks, or a log, nothing is noted. */
export const actsOf = (audit: Audit | undefined, asker: Asker | undefined): Acts => {
  if (!audit || !asker)
    return { asker: undefined, act: (_, work) => work(), look: (_, work) => work() }
  return {
    asker,
    async act(act, work, found = () => ({})) {
      const noted = askedBy(asker, steadyNow(), act)
      await audit.note(noted)
      let isDone = false
      const done = async () => {
        const value = await work()
        isDone = true
        return value
      }
      const note: Audit['note'] = (entry) =>
        audit.note(entry).catch((error: unknown) => {
          throw isDone ? unsure(error) : error
        })
      return noteEnd({ note }, noted, done, (value) => ({
        outcome: 'done',
        subject: { ...act.subject, ...found(value) },
      }))
    },
    look: (act, work, found = () => ({})) =>
      noteEnd(audit, askedBy(asker, steadyNow(), { ...act, subject: {} }), work, (value) => ({
        outcome: 'done',
        subject: found(value),
      })),
  }
}
