/** Whose order a notice is of: one name of it, and one shop's records. */
import { describe, expect, it } from 'vitest'
import { openFixture } from './fixture.ts'
import { createPlatform } from './platform.ts'

/** Every record of the order, the newest first. */
const recordsOf = ({ gateway }: ReturnType<typeof openFixture>, orderId = 'open') =>
  gateway.list({ stores: ['shop'], orderId, order: 'desc', limit: 100 })

describe('a notice of an order whose id the platform writes in another case', () => {
  it('is written down under its one name, so that the next is an echo', async () => {
    const fixture = openFixture({ toy: { folds: true } })
    fixture.platform.turn('canceled')
    const fetch = fixture.platform.fetch.bind(fixture.platform)
    fixture.platform.fetch = async (...asked) => {
      const reply = await fetch(...asked)
      return Response.json({ ...((await reply.json()) as object), id: 'OpeN' })
    }
    await fixture.hear()
    await fixture.tick()
    expect((await recordsOf(fixture)).map(({ request }) => request.orderId)).toEqual(['open'])
    await fixture.hear()
    await fixture.tick()
    expect(fixture.outcomes).toEqual(['canceled', 'echo'])
    expect(fixture.platform.count('look')).toBe(1)
  })
})

describe('a record that was made while the store led elsewhere', () => {
  it('is of another shop’s order: nothing that is seen here concludes it', async () => {
    const platform = createPlatform([{ id: 'open' }, { id: 'doubtful' }])
    const fixture = openFixture({ platform })
    fixture.platform.plan('cancel', ({ line }) => line.hangUp())
    const { record } = await fixture.ask({ orderId: 'doubtful' })
    const other = {
      ...record,
      id: 'can_other',
      account: 'toy elsewhere.test',
      request: { ...record.request, orderId: 'open' },
    }
    expect((await fixture.ledger.claim(other, null)).outcome).toBe('created')
    fixture.platform.turn('canceled')
    await fixture.hear()
    await fixture.tick()
    expect(await fixture.ledger.get(other.id)).toMatchObject({ status: 'in_doubt', via: null })
    expect(fixture.outcomes).toEqual(['canceled'])
  })
})
