/**
 * Everything goes wrong at random, in any order: what is told in the end is true, and nothing is
 * done twice.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openFixture, HOUR, SETTLE } from './fixture.ts'
import {
  after,
  createPlatform,
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

/**
 * Where the platform itself moves the money and then refuses: true of Medusa, and never to be told
 * as "nothing happened".
 */
const refund: Step = after(
  (thing) => {
    thing.refunded += thing.paid
  },
  says(400, 'nope'),
)
const CANCEL: readonly Step[] = [
  well,
  unreachable,
  lost,
  lostAfter,
  silent,
  silentAfter,
  landsLate(SETTLE / 2),
  landsLate(SETTLE - 1),
  says(400, 'nope'),
  says(500),
  saysAfter(500),
  html(),
  htmlAfter,
  says(429),
  unauthorized,
  refund,
]
const LOOK: readonly Step[] = [
  well,
  well,
  well,
  lost,
  silent,
  unreachable,
  says(500),
  html(),
  says(429, 'slow', { 'retry-after': '20' }),
]
const NOTE: readonly Step[] = [well, well, lost, lostAfter, says(409, 'shipped')]

const steps = (of: readonly Step[], maxLength: number) =>
  fc.array(
    fc.nat(of.length - 1).map((index) => of[index] as Step),
    { maxLength },
  )

describe('whatever goes wrong', () => {
  it('ends in the truth', async () => {
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(
        steps(CANCEL, 4),
        steps(LOOK, 8),
        steps(NOTE, 3),
        fc.constantFrom('refused', 'harmless', 'unknown'),
        fc.constantFrom('ask', 'resend'),
        fc.constantFrom('before', 'after', undefined),
        fc.boolean(),
        fc.boolean(),
        async (cancel, look, note, repeat, onDoubt, reason, purchases, wished) => {
          const platform = createPlatform([{ id: 'open', note: 'theirs' }], {
            repeat: repeat === 'harmless' ? 'harmless' : 'refused',
          })
          platform.plan('cancel', ...cancel)
          platform.plan('look', ...look)
          platform.plan('note', ...note)
          const { ask, drive, history, resolve } = openFixture({
            platform,
            toy: { repeat, reason, purchases },
            store: { onDoubt },
          })
          const {
            record: { id },
          } = await ask({ reason: wished ? 'Wrong' : null, restock: wished })
          const end = await drive(id, 400)
          seen.set(end.status, (seen.get(end.status) ?? 0) + 1)
          const { state, refunded, note: left } = platform.order()
          // A platform that refunds and then refuses may do so twice when it is asked twice; our
          // part is to say so.
          const refunds = refunded / 100
          if (end.status === 'succeeded') expect(state).toBe('canceled')
          if (end.status === 'rejected') {
            expect([state, refunds]).toEqual(['open', 0])
            expect(end.problem?.acted).toBe('no')
            if (left !== 'theirs') expect(end.effects.reason.detail).toContain('note of the reason')
          }
          if (!cancel.includes(refund)) expect(refunds).toBeLessThanOrEqual(1)
          expect(end.updatedAt - end.createdAt).toBeLessThanOrEqual(2 * HOUR)
          if (end.status === 'needs_attention') {
            expect(end.problem?.acted).toBe(
              end.effects.order.outcome === 'failed' ? 'yes' : 'unknown',
            )
            await resolve(id, 'retry', 'once more', 'ops')
            const again = await drive(id, 400)
            expect(again.status).toBe(
              platform.order().state === 'canceled' ? 'succeeded' : 'needs_attention',
            )
          }
          for (let index = 1; index < history.length; index++)
            expect(history[index]?.version).toBe((history[index - 1]?.version ?? 0) + 1)
        },
      ),
      { numRuns: 200 },
    )
    expect([...seen.keys()].toSorted()).toEqual(['needs_attention', 'rejected', 'succeeded'])
  })
})
