/** A cancel whose only call ended in this way, for the tests of doubt. */
import { openFixture, type FixtureOptions } from './fixture.ts'
import { type Step } from './platform.ts'

export const doubt = async (step: Step, options: FixtureOptions = {}, over = {}) => {
  const it = openFixture(options)
  it.platform.plan('cancel', step)
  const { record } = await it.ask(over)
  return { ...it, record }
}
