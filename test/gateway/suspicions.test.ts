/** What a second look must confirm, while more and more is heard of the order. */
import { describe, expect, it } from 'vitest'
import { type Fixture, openFixture, SETTLE } from './fixture.ts'

/** Canceled by us, at rest for long, and open again at its platform. */
const openAgain = async () => {
  const fixture = openFixture()
  const { record } = await fixture.ask()
  await fixture.tick(2 * SETTLE)
  fixture.platform.turn('open')
  return { fixture, id: record.id }
}

/** Each read makes the platform tell of the order once more, before its reply is here. */
const echoReads = (fixture: Fixture) => {
  const { platform } = fixture
  const fetch = platform.fetch.bind(platform)
  platform.fetch = async (...values) => {
    const reply = await fetch(...values)
    await fixture.hear('open', null)
    return reply
  }
}

describe('an order that is open again', () => {
  it('is announced though notices of it never stop', async () => {
    const { fixture, id } = await openAgain()
    for (let turn = 0; turn < 8; turn++) {
      await fixture.hear()
      await fixture.hear('open', null)
      await fixture.tick(SETTLE / 4)
    }
    expect(await fixture.get(id)).toMatchObject({ revision: 2 })
    expect((await fixture.get(id)).reopenedAt).toBeDefined()
  })

  it('is announced though each read of it is followed by a notice', async () => {
    const { fixture, id } = await openAgain()
    echoReads(fixture)
    await fixture.hear('open', null)
    for (let turn = 0; turn < 4; turn++) await fixture.tick(SETTLE)
    expect((await fixture.get(id)).reopenedAt).toBeDefined()
    expect(fixture.platform.count('look')).toBeLessThan(10)
  })
})

describe('an order that cannot be found', () => {
  it('is not gone before the settle time, however often it is told of', async () => {
    const fixture = openFixture()
    for (let turn = 0; turn < 3; turn++) {
      await fixture.hear('new')
      await fixture.tick(SETTLE / 4)
    }
    expect(fixture.outcomes).toEqual([])
    await fixture.tick(SETTLE)
    expect(fixture.outcomes).toEqual(['gone'])
  })
})

describe('what is heard while an order is looked at', () => {
  it('is looked at once more where it names a cancellation', async () => {
    const fixture = openFixture()
    fixture.platform.plan('look', async ({ go }) => {
      const reply = go()
      // It was read open, and is canceled before that is written down.
      fixture.platform.turn('canceled')
      await fixture.hear()
      return reply
    })
    await fixture.hear()
    await fixture.tick()
    await fixture.tick()
    expect(fixture.outcomes).toEqual(['unchanged', 'canceled'])
  })

  it('concludes nothing over a record that was written meanwhile', async () => {
    const fixture = openFixture()
    fixture.platform.turn('canceled')
    const { ledger } = fixture
    const claim = ledger.claim.bind(ledger)
    let claims = 0
    Object.assign(ledger, {
      claim: async (...asked: Parameters<typeof claim>) => {
        claims += 1
        // Another process writes down the same, under an id of its own.
        const { id } = asked[0]
        const other = { ...asked[0], id: `${id.slice(0, -1)}${id.endsWith('0') ? 1 : 0}` }
        if (claims === 1) await claim(other, asked[1])
        return claim(...asked)
      },
    })
    await fixture.hear()
    await fixture.tick()
    await fixture.tick(1_000)
    expect(fixture.outcomes).toEqual(['echo'])
    expect(fixture.platform.count('look')).toBe(1)
  })

  it('is a change that waits, where our own cancel has just set it off', async () => {
    const fixture = openFixture()
    const { record } = await fixture.ask()
    const looks = fixture.platform.count('look')
    await fixture.hear('open', null)
    await fixture.tick(SETTLE / 2)
    expect(fixture.platform.count('look')).toBe(looks)
    await fixture.tick(SETTLE)
    expect(fixture.platform.count('look')).toBe(looks + 1)
    expect(await fixture.get(record.id)).toEqual(record)
  })
})
