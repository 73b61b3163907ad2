/** A store's logins: one for all who ask, renewed early and after a 401, never for a key. */
import { beforeEach, expect, test, vi } from 'vitest'
import { clientWith, failureOf, READ, sent, TOKEN_LIFE_MS } from './acme.ts'

const USER = { ...READ, as: 'user' } as const
let logins = 0
beforeEach(() => {
  logins = 0
  sent.length = 0
})
/** Every login gives another token; `valid` says which open the door. */
const shop = (valid: (token: string) => boolean) =>
  clientWith(async ({ url, headers }) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (url.endsWith('/login')) return { text: JSON.stringify({ token: `token-${++logins}` }) }
    return valid(headers['authorization']?.slice('Bearer '.length) ?? '') ? {} : { status: 401 }
  })

test('one login however many ask', async () => {
  const client = shop(() => true)
  await Promise.all(Array.from({ length: 20 }, () => client.send(USER)))
  await client.withCustomer('customer-token').send(USER)
  expect(logins).toBe(1)
})

test('renewed a tenth of its life early', async () => {
  const client = shop(() => true)
  await client.send(USER)
  const clock = vi.spyOn(performance, 'now')
  const now = performance.now()
  clock.mockReturnValue(now + TOKEN_LIFE_MS * 0.85)
  await client.send(USER)
  expect(logins).toBe(1)
  clock.mockReturnValue(now + TOKEN_LIFE_MS * 0.95)
  await client.send(USER)
  clock.mockRestore()
  expect(logins).toBe(2)
})

test('one renewal for all that met a 401', async () => {
  const client = shop((token) => token !== 'token-1')
  await Promise.all(Array.from({ length: 20 }, () => client.send(USER)))
  expect(logins).toBe(2)
})

test('a 401 that stays is given up after one renewal', async () => {
  expect(await failureOf(shop(() => false).send(USER))).toMatchObject({
    code: 'platform-credentials',
  })
  expect([logins, sent.length]).toEqual([2, 4])
})

test('a key that is refused is not tried again: there is nothing to renew', async () => {
  await failureOf(clientWith({ status: 401 }).send(READ))
  expect(sent.length).toBe(1)
})

test('a login that failed is not kept', async () => {
  const client = clientWith([{ status: 500 }, { text: '{"token":"second-token"}' }, {}])
  await failureOf(client.send(USER))
  expect(await client.send(USER)).toEqual({ id: '1' })
})
