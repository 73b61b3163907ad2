/** Keys that end, and callers that are replaced: at the entrance of the API and of the console. */
import { Hono } from 'hono'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { CallerConfig } from '../../src/config/configuration.ts'
import type { KeyConfig } from '../../src/config/keys.ts'
import { createSessions } from '../../src/console/session.ts'
import { createAccess, type Env } from '../../src/http/auth.ts'
import { openKeys } from '../../src/http/keys.ts'
import type { ProblemError } from '../../src/model/problem.ts'
import { hashOf } from './host.ts'

const END = Date.parse('2027-02-01T00:00:00Z')
const EXPIRED =
  'This key, “laptop-2026”, expired at 2027-02-01T00:00:00.000Z. Ask whoever runs this gateway ' +
  'for a new one.'

const callerWith = (...keyHash: KeyConfig[]): CallerConfig => ({
  name: 'erp',
  keyHash,
  scopes: ['read'],
  stores: ['*'],
  limits: undefined,
})
const laptop = async () => ({
  name: 'laptop-2026',
  hash: await hashOf('rsk_laptop'),
  expires: '2027-01-31',
})

const entrance = (callers: readonly CallerConfig[], clock: { wall: number }) => {
  const keys = openKeys(callers)
  const app = new Hono<Env>()
    .get('/', createAccess(keys, undefined, { wall: () => clock.wall })('read'), (c) =>
      c.text(`in as ${c.get('caller').name}, ${c.get('caller').key}`),
    )
    .onError((error, c) => {
      const { problem, headers } = error as ProblemError
      return c.text(problem.detail, problem.status as 401, headers)
    })
  const ask = async (key: string) => {
    const answer = await app.request('/', { headers: { authorization: `Bearer ${key}` } })
    return [answer.status, await answer.text()]
  }
  return { keys, ask, app }
}

it('a key that has ended is refused by its name, also where it was right a moment ago', async () => {
  const clock = { wall: END - 1 }
  const { ask } = entrance([callerWith(await laptop())], clock)
  expect(await ask('rsk_laptop')).toEqual([200, 'in as erp, laptop-2026'])
  clock.wall = END
  expect(await ask('rsk_laptop')).toEqual([401, EXPIRED])
  // Nobody else learns of it.
  expect(await ask('rsk_other')).toEqual([401, 'This key is not known.'])
  clock.wall = END - 1
  expect(await ask('rsk_laptop')).toEqual([200, 'in as erp, laptop-2026'])
})

it('every hash is compared, whole, whatever has ended', async () => {
  const clock = { wall: END + 1 }
  const { ask } = entrance([callerWith(await laptop(), await hashOf('rsk_plain'))], clock)
  const reduce = vi.spyOn(Uint8Array.prototype, 'reduce')
  onTestFinished(() => reduce.mockRestore())
  for (const key of ['rsk_laptop', 'rsk_plain', 'rsk_other']) {
    reduce.mockClear()
    await ask(key)
    expect(reduce.mock.contexts.map((hash) => (hash as Uint8Array).length)).toEqual([32, 32])
  }
})

it('who is replaced is out at once, and who comes in his place is in', async () => {
  const clock = { wall: END - 1 }
  const { keys, ask } = entrance([callerWith(await laptop())], clock)
  expect((await ask('rsk_laptop'))[0]).toBe(200)
  keys.replace([callerWith({ name: 'next', hash: await hashOf('rsk_next') })])
  expect(await ask('rsk_laptop')).toEqual([401, 'This key is not known.'])
  expect(await ask('rsk_next')).toEqual([200, 'in as erp, next'])
})

it('a session of the console ends with its key, and none begins after it', async () => {
  const clock = { wall: END - 1 }
  const keys = openKeys([callerWith(await laptop())])
  const sessions = createSessions(keys, 's'.repeat(32), undefined, Date.now, () => clock.wall)
  const app = new Hono<Env>()
    .post('/enter', async (c) => c.json(await sessions.enter(c, 'rsk_laptop')))
    .get('/', async (c) => c.json(await sessions.caller(c)))
  const entered = await app.request('/enter', { method: 'POST' })
  expect(await entered.json()).toBeNull()
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
  const who = async () => (await app.request('/', { headers: { cookie } })).json()
  expect(await who()).toMatchObject({ name: 'erp', key: 'laptop-2026' })
  clock.wall = END
  expect(await who()).toBeNull()
  expect(await (await app.request('/enter', { method: 'POST' })).json()).toEqual({
    status: 401,
    why: EXPIRED,
  })
  clock.wall = END - 1
  keys.replace([callerWith(await hashOf('rsk_next'))])
  expect(await who()).toBeNull()
  keys.replace([callerWith(await laptop())])
  expect(await who()).toMatchObject({ name: 'erp' })
  // The same key that may only preview by now could not come in either.
  keys.replace([{ ...callerWith(await laptop()), scopes: ['preview'] }])
  expect(await who()).toBeNull()
})
