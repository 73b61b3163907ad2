/** Which stores on a Mercur are swept, and that it is the admin who lists. */
import { describe, expect, it } from 'vitest'
import { sweepOf } from '../../src/adapter/contract.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { mercur } from './index.ts'
import { open, sandboxes } from './stores.fixture.ts'

const admin = { email: 'admin@sandbox.test', password: 'sandbox-admin' }
const secretKey = { secretKey: 'sk_sandbox_not_a_real_key' }
const vendor = { email: 'a@sandbox.test', password: 'x', sellerId: 'sel_1' }

describe('a store is swept', () => {
  it.each([
    ['by the admin of 1.x', { version: '1', admin }, true],
    ['by the admin of 2.x', { version: '2', admin }, true],
    [
      'by the admin of 2.x beside a vendor, who cancels nothing',
      { version: '2', admin, vendor },
      true,
    ],
    ['by an admin whose version is probed', { admin }, true],
    ['not where a vendor of 1.x cancels its own', { version: '1', admin, vendor }, false],
    ['not where that may turn out to be so', { admin, vendor }, false],
    ['not by a vendor alone', { version: '2', vendor }, false],
    [
      'not where a key has no role beside a vendor',
      { version: '2', admin: secretKey, vendor },
      false,
    ],
  ])('%s', (_, settings, is) => {
    const parsed = mercur.settings.parse({ baseUrl: 'https://mercur.example', ...settings })
    expect(sweepOf(mercur, parsed) !== null).toBe(is)
  })
})

describe.each(['1', '2'] as const)('on %s.x', (version) => {
  it('the admin lists what was canceled, page by page, through equal times', async () => {
    const sandbox = sandboxes[version]()
    const calls = new Set<string>()
    const opened = open(
      sandbox,
      { shop: { version, admin } },
      {
        between: (request, pass) => {
          calls.add(new URL(request.url).pathname)
          return pass()
        },
      },
    )
    // Later than the sandbox's own orders, if only by the smallest step of the clock.
    const since = Date.now() + 1
    while (Date.now() < since);
    const ids = Array.from({ length: 60 }, (_, index) => `order_open-${index}`)
    for (const id of ids) await opened.cancel('shop', id)
    calls.clear()
    const swept = await sweepAll(opened.store('shop'), { since, until: Date.now() })
    expect([...swept.canceled].sort()).toEqual(ids.toSorted())
    expect(swept.pages).toHaveLength(2)
    expect([...calls]).toEqual(['/admin/orders'])
  })

  it('a key that has no role fails aloud, and is no empty list', async () => {
    const opened = open(sandboxes[version](), { shop: { version, admin: secretKey } })
    const swept = sweepAll(opened.store('shop'), { since: 0, until: Date.now() })
    if (version === '1') expect((await swept).canceled.length).toBeGreaterThan(0)
    else await expect(swept).rejects.toMatchObject({ failure: { code: 'platform-credentials' } })
  })
})

it('a store that may not list is asked for nothing, and says so', async () => {
  const sandbox = sandboxes['1']()
  let calls = 0
  const { gateway, store } = openHarness(
    mercur,
    { ...sandbox.settings, baseUrl: 'https://mercur.example' },
    sandboxTransport(sandbox, (_, pass) => {
      calls += 1
      return pass()
    }),
    { sweepMs: 1 },
  )
  for (let turn = 0; turn < 3; turn++) await gateway.tick()
  expect(calls).toBe(0)
  expect(await gateway.noticesOf(store.id)).toMatchObject({
    lastSweepAt: null,
    sweepFailingSince: null,
  })
  await expect(gateway.sweepSince(store.id, 0)).rejects.toMatchObject({
    problem: { code: 'unsupported' },
  })
})
