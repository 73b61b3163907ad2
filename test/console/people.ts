/** Who asks the console in its tests, and a record that waits for them. */
import { expect } from 'vitest'
import { openFixture } from './fixture.ts'

/** A record that needs a person. */
export const troubled = async (
  { cancel, ask }: ReturnType<typeof openFixture>,
  cookie?: string,
) => {
  const { press } = await cancel({ orderId: 'order_400-after-refund' }, cookie)
  const { location } = await press()
  expect((await ask(location ?? '', { cookie })).text).toContain('Needs you')
  return location ?? ''
}
