/** Laws of a record's life, held against random sequences of events, allowed and not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Cancellation,
  isAtRest,
  isFinal,
  isRetried,
  STATUSES,
} from '../../src/model/cancellation.ts'
import {
  type Event,
  IllegalTransition,
  mayHaveActed,
  transition,
} from '../../src/model/transitions.ts'
import { anyEvents, anyRequest, record } from './samples.ts'

interface Step {
  readonly before: Cancellation
  readonly event: Event
  readonly after: Cancellation
}

const freeze = <T>(value: T): T => {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value))
    Object.values(Object.freeze(value)).forEach(freeze)
  return value
}

/** Runs the events that are allowed; what is not must throw and change nothing. */
const live = (start: Cancellation, events: readonly Event[]): Step[] => {
  const steps: Step[] = []
  let current = freeze(start)
  for (const event of events) {
    let after: Cancellation
    try {
      after = freeze(transition(current, event))
    } catch (error) {
      expect(error).toBeInstanceOf(IllegalTransition)
      continue
    }
    steps.push({ before: current, event, after })
    current = after
  }
  return steps
}

const law = (check: (step: Step, steps: readonly Step[]) => void) => {
  fc.assert(
    fc.property(anyRequest, fc.boolean(), anyEvents, (request, byCustomer, events) => {
      const steps = live(record({ request, byCustomer }), events)
      for (const step of steps) check(step, steps)
    }),
    { numRuns: 300 },
  )
}

describe('whatever happens', () => {
  it('a final state is left only by restarting a retryable rejection', () =>
    law(({ before, event, after }) => {
      if (!isFinal(before.status)) return
      expect(event.type).toBe('restart')
      expect(before.status).toBe('rejected')
      expect(before.problem?.retryable).toBe(true)
      expect(after.status).toBe('accepted')
    }))

  it('needs_attention is left only by a person', () =>
    law(({ before, event }) => {
      if (before.status === 'needs_attention') expect(event.type).toBe('resolve')
      if (event.type === 'resolve') expect(before.status).toBe('needs_attention')
    }))

  it('attempts grow by one with each send; only the last can still be told its end', () =>
    law(({ before, event, after }) => {
      expect(after.attempts.length).toBe(before.attempts.length + (event.type === 'send' ? 1 : 0))
      const settled = event.type === 'send' ? before.attempts : before.attempts.slice(0, -1)
      expect(after.attempts.slice(0, settled.length)).toEqual(settled)
      const [was, is] = [before.attempts.at(-1), after.attempts.at(-1)]
      if (event.type !== 'send' && was) expect(is).toMatchObject({ at: was.at, call: was.call })
    }))

  it('settledAt is set exactly while final, wakeAt is null exactly at rest', () =>
    law(({ after, event }) => {
      expect(after.settledAt).toBe(isFinal(after.status) ? event.at : null)
      expect(after.wakeAt === null).toBe(isAtRest(after.status))
    }))

  it('once settled the customer is gone, and only then', () =>
    law(({ after, event }) => {
      if (isFinal(after.status)) expect(JSON.stringify(after)).not.toContain('ada@example.com')
      if (event.type === 'send' || event.type === 'escalate')
        expect(after.order).toEqual(event.order)
    }))

  it('the memo is the one from before the first send since it was opened or started over', () =>
    law(({ before, event, after }) => {
      const isFirst = before.before === null
      if (event.type === 'send')
        expect(after.memo).toBe(isFirst ? (event.memo ?? before.memo) : (before.memo ?? event.memo))
      else if (event.type === 'restart' && before.request.target === 'transfer')
        expect(after.memo).toBeNull()
      else expect(after.memo).toBe(before.memo)
    }))

  it('what effects are told against is from before the first call that may have acted', () =>
    law(({ before, event, after }) => {
      if (event.type === 'send')
        expect(after.before).toEqual(
          mayHaveActed(before) ? (before.before ?? event.order) : event.order,
        )
      else expect(after.before).toBe(isFinal(after.status) ? null : before.before)
    }))

  it('who asked for what, and when, never changes', () =>
    law(({ before, event, after }) => {
      for (const name of ['id', 'version', 'caller', 'platform', 'request', 'createdAt'] as const)
        expect(after[name]).toBe(before[name])
      expect(after.byCustomer).toBe(event.type === 'restart' ? event.byCustomer : before.byCustomer)
      expect(after.updatedAt).toBe(event.at)
      expect(STATUSES).toContain(after.status)
    }))

  it('the deadline moves only when it starts over', () =>
    law(({ before, event, after }) => {
      const over = event.type === 'restart' || (event.type === 'resolve' && event.as === 'retry')
      expect(after.deadlineAt).toBe(over ? 99 : before.deadlineAt)
      if (!over) return
      expect(after).toMatchObject({
        status: 'accepted',
        problem: null,
        via: null,
        alreadyCanceled: false,
        tries: 0,
        unchangedLooks: 0,
      })
      expect(
        Object.values(after.effects).filter(
          ({ outcome }) => outcome !== 'pending' && outcome !== 'not_applicable',
        ),
      ).toEqual([])
    }))

  it('a problem stands exactly where something was refused, or is for a person', () =>
    law(({ before, event, after }) => {
      if (after.status === 'succeeded' && event.type === 'succeed') expect(after.problem).toBeNull()
      if (event.type === 'reject' || event.type === 'escalate')
        expect(after.problem).toBe(event.problem)
      if (event.type === 'doubt') expect(after.problem).toBe(event.refusal ?? null)
      if (event.type === 'send') expect(after.problem).toBeNull()
      if (event.type === 'wait' || event.type === 'unsent')
        expect(after.problem).toBe(before.problem)
    }))

  it('resolution is what the last person said', () =>
    law(({ before, event, after }) => {
      if (event.type === 'resolve')
        expect(after.resolution).toEqual({
          as: event.as,
          note: event.note,
          by: event.by,
          at: event.at,
        })
      else expect(after.resolution).toBe(before.resolution)
      if (isRetried(after)) expect(after.resolution?.as).toBe('retry')
    }))

  it('in doubt only after a call that may have acted', () =>
    law(({ after }) => {
      if (after.status === 'in_doubt') expect(mayHaveActed(after)).toBe(true)
      expect(mayHaveActed(after)).toBe(
        after.attempts.filter(({ unsent }) => unsent).length < after.attempts.length,
      )
    }))

  it('the frozen past is never written to', () =>
    law(({ before, after }) => expect(after).not.toBe(before)))
})
