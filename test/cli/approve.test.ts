/** `rescind approve | decline` and what waits for them, against a real gateway. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type Started } from '../../src/hosts/node/index.ts'
import { hashOf } from '../http/host.ts'
import { serve, type Served } from '../http/node.ts'
import { openPlatform, type Platform, settings } from '../http/platform.ts'
import { scratch } from '../scratch.ts'
import { hasScript, jsonLines, run, runOnTerminal } from './bin.ts'

const KEYS = { intern: 'rsk_canary-of-intern', boss: 'rsk_canary-of-boss' }

let gateway: Started
let shop: Served
let platform: Platform
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(scratch, 'rescind-approve-'))
  platform = openPlatform()
  shop = await serve(platform)
  const config = join(folder, 'config.json')
  const caller = { stores: ['*'] }
  writeFileSync(
    config,
    JSON.stringify({
      stores: [
        { id: 'paris', platform: 'medusa', test: true, sweep: false, settings: settings(shop.url) },
      ],
      callers: [
        {
          ...caller,
          name: 'intern',
          keyHash: await hashOf(KEYS.intern),
          scopes: ['read', 'cancel'],
          approval: 'required',
        },
        {
          ...caller,
          name: 'boss',
          keyHash: await hashOf(KEYS.boss),
          scopes: ['read', 'approve'],
        },
      ],
      timing: { callTimeoutMs: 2_000, settleMs: 100, waitMs: 5_000 },
    }),
  )
  gateway = await start({
    PORT: '0',
    LOG_LEVEL: 'silent',
    RESCIND_LEDGER: 'memory:',
    RESCIND_CONFIG: config,
  })
}, 30_000)
afterAll(async () => {
  await gateway.close()
  await shop.close()
  rmSync(folder, { recursive: true, force: true })
})

const as = (key: keyof typeof KEYS) => ({
  env: { RESCIND_URL: gateway.url, RESCIND_KEY: KEYS[key] },
})
const ask = async (order: string): Promise<string> => {
  const { status, stdout } = await run(['cancel', 'paris', order, '--yes', '--json'], as('intern'))
  expect(status).toBe(4)
  const [record] = jsonLines(stdout) as { id: string; approval: { state: string } }[]
  expect(record?.approval.state).toBe('awaited')
  return record?.id ?? ''
}
const canceled = (order: string) => platform.cancels.has(order)

describe('what another key asked', () => {
  it('waits, says so, and is listed', async () => {
    const asked = await run(['cancel', 'paris', 'order_paid-listed', '--yes'], as('intern'))
    expect(asked.status).toBe(4)
    expect(asked.stdout).toContain('Waits for approval.')
    expect(asked.stdout).toContain('It waits for somebody’s approval')
    const listed = await run(['list', '--awaiting-approval'], as('boss'))
    expect(listed.stdout).toMatch(/Waits for approval +\S+ +paris/)
    const none = await run(['list', '--awaiting-approval', '--status', 'succeeded'], as('boss'))
    expect([none.stdout, none.stderr]).toEqual(['', expect.stringContaining('None match.')])
    expect(canceled('order_paid-listed')).toBe(false)
  })

  it('is approved, and canceled then', async () => {
    const id = await ask('order_paid-approved')
    const bare = await run(['approve', id], as('boss'))
    expect([bare.status, canceled('order_paid-approved')]).toEqual([2, false])
    const note = ['--note', 'seen by me']
    const { status, stdout, stderr } = await run(['approve', id, '--yes', ...note], as('boss'))
    expect(status).toBe(0)
    expect(stderr).toContain('Would happen')
    expect(stdout).toContain('Canceled')
    expect(canceled('order_paid-approved')).toBe(true)
    const shown = await run(['show', id], as('intern'))
    expect(shown.stdout).toMatch(/boss approved it: seen by me/)
    const again = await run(['approve', id, '--yes'], as('boss'))
    expect([again.status, again.stderr]).toEqual([
      3,
      expect.stringContaining('It does not wait for approval. Nothing was done.'),
    ])
  })

  it('is declined, with a reason', async () => {
    const id = await ask('order_paid-declined')
    const bare = await run(['decline', id], as('boss'))
    expect([bare.status, bare.stderr]).toEqual([2, expect.stringContaining('--note')])
    const { status, stdout } = await run(['decline', id, '--note', 'a mistake'], as('boss'))
    expect([status, stdout]).toEqual([0, expect.stringContaining('Not canceled')])
    const shown = await run(['show', id], as('intern'))
    expect(shown.status).toBe(3)
    expect(shown.stdout).toMatch(/boss declined it: a mistake/)
    expect(canceled('order_paid-declined')).toBe(false)
  })

  it('is not approved by who asked', async () => {
    const id = await ask('order_paid-own')
    const { status, stderr } = await run(['approve', id, '--yes'], as('intern'))
    expect([status, stderr]).toEqual([6, expect.stringContaining('lacks the scope “approve”')])
    expect(canceled('order_paid-own')).toBe(false)
  })

  it.runIf(hasScript)('is asked about on a terminal: anything but yes is a no', async () => {
    const id = await ask('order_paid-terminal')
    const no = await runOnTerminal(['approve', id], [['[y/N]', '\r']], as('boss'))
    expect([no.status, canceled('order_paid-terminal')]).toEqual([3, false])
    const yes = await runOnTerminal(['approve', id], [['[y/N]', 'y\r']], as('boss'))
    expect([yes.status, canceled('order_paid-terminal')]).toEqual([0, true])
    expect(yes.screen).toMatch(/Approve it: cancel order \S+.*This cannot be taken back/)
  })
})
