/** A console that has no secret for its sessions lets nobody in, and says what to do. */
import { expect, it } from 'vitest'
import { callerOf, openFixture, SECRET } from './fixture.ts'

const KEY = 'rsk_anna'
const callers = async () => [await callerOf('anna', KEY, ['read', 'cancel', 'operate'])]

it.each(['/console', '/console/login', '/console/cancellations', '/console/batches/check'])(
  '%s: says so, and no key is asked for',
  async (path) => {
    const { ask, enter } = openFixture({ callers: await callers(), secret: null })
    expect(await enter(KEY)).toBe('')
    const { status, text } = await ask(path)
    expect(status).toBe(503)
    expect(text).toContain('The console is not set up yet')
    expect(text).toContain('RESCIND_SESSION_SECRET')
    expect(text).not.toContain('name="key"')
  },
)

it('where nobody logs in, none is needed', async () => {
  const { ask } = openFixture({ callers: null, secret: null })
  expect((await ask('/console')).status).toBe(200)
})

it('with one it is as ever', async () => {
  const { enter } = openFixture({ callers: await callers(), secret: SECRET })
  expect(await enter(KEY)).toContain('rescind_session=')
})
