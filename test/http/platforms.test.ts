/** What the answer about a platform says of sweeps and reopening is what its adapter says. */
import { describe, expect, it } from 'vitest'
import { PlatformAnswer, toPlatform } from '../../src/http/store-answers.ts'
import { platforms } from '../../src/hosts/platforms.ts'

const adapters = platforms.map(({ adapter }) => adapter)

describe('the answer about a platform', () => {
  it.each(adapters.map((adapter) => [adapter.id, adapter] as const))(
    '%s: says whether it can be swept, how late, and where that is written',
    (_, adapter) => {
      const answer = PlatformAnswer.parse(toPlatform(adapter))
      const { sweep, mayReopen } = adapter
      expect(answer.sweep).toMatchObject(
        sweep ? { can: 'yes', overlapMs: sweep.overlapMs, source: sweep.source } : { can: 'never' },
      )
      expect(answer.mayReopen).toMatchObject(mayReopen ?? { can: 'unknown' })
    },
  )
  it('says never and unknown where its adapter is silent', () => {
    const { sweep: _, mayReopen: __, ...silent } = adapters[0] as (typeof adapters)[number]
    const answer = PlatformAnswer.parse(toPlatform(silent))
    expect(answer.sweep).toEqual({ can: 'never', source: expect.stringMatching(/.{10}/) })
    expect(answer.mayReopen).toEqual({ can: 'unknown', source: expect.stringMatching(/.{10}/) })
  })
})
