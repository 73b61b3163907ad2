/** What `rescind doctor` says of how stores are heard, beside a gateway that runs and without one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { start } from '../../src/hosts/node/index.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { hashOf } from '../http/host.ts'
import { serve } from '../http/node.ts'
import { openPlatform, settings } from '../http/platform.ts'
import { scratch } from '../scratch.ts'
import { jsonLines, run } from './bin.ts'

const SECRET = btoa('a secret of 24 bytes ...')
const OLDER = btoa('an older one of 24 bytes')
const KEY = 'rsk_operator'

/** Three stores: one told and swept, one swept alone, one neither. */
const open = async () => {
  const folder = mkdtempSync(join(scratch, 'rescind-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const shop = await serve(openPlatform())
  onTestFinished(shop.close)
  const storeOf = (id: string, more: object, own: object = {}) => ({
    id,
    platform: 'medusa',
    test: true,
    settings: { ...settings(shop.url), ...own },
    ...more,
  })
  const secrets = { webhookSecret: SECRET, previousWebhookSecret: OLDER }
  const config = {
    stores: [
      storeOf('told', {}, secrets),
      storeOf('swept', {}),
      storeOf('unheard', { sweep: false }),
      storeOf('unswept', { sweep: false }, { webhookSecret: SECRET }),
    ],
    callers: [
      {
        name: 'erp',
        keyHash: [await hashOf(KEY)],
        scopes: ['read'],
        stores: ['*'],
        webhooks: [
          {
            name: 'orders',
            url: 'https://erp.example.com/hooks',
            secret: SECRET,
            previousSecret: OLDER,
            events: ['*'],
          },
          { name: 'other', url: 'https://erp.example.com/', secret: SECRET, events: ['*'] },
        ],
      },
    ],
  }
  const file = join(folder, 'config.json')
  const ledger = join(folder, 'ledger.db')
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
  const env = { RESCIND_CONFIG: file, RESCIND_LEDGER: `sqlite:${ledger}`, LOG_LEVEL: 'silent' }
  const doctor = async (more: Record<string, string>) => {
    const { stdout } = await run(['doctor', '--json'], { cwd: folder, env: { ...env, ...more } })
    const lines = jsonLines(stdout)
    expect(stdout).not.toMatch(new RegExp(`${SECRET}|${OLDER}|rsk_`))
    return (check: string) =>
      lines.filter((line) => line.check === check).map(({ level, says }) => `${level}: ${says}`)
  }
  return { env, ledger, doctor }
}

it('says how each store is heard, and which old secrets are there', async () => {
  const of = await (await open()).doctor({ PORT: '0' })
  expect(of('notices of told')).toEqual([
    'ok: it may send webhooks, and is swept for what they do not tell',
    'warn: its previousWebhookSecret is still taken',
  ])
  expect(of('notices of swept')).toEqual([expect.stringMatching(/^ok: it has no webhook setting/)])
  expect(of('notices of unheard')).toEqual([expect.stringMatching(/^warn: .* is not found$/)])
  expect(of('notices of unswept')).toEqual([expect.stringMatching(/^ok: .*it is not swept/)])
  expect(of('webhook orders of erp')).toEqual(['warn: it is still signed with previousSecret too'])
  expect(of('webhook other of erp')).toEqual([])
  expect(of('notices')).toEqual([])
})

it('asks the running gateway which are silent, refused or not to be swept', async () => {
  const { env, ledger, doctor } = await open()
  const gateway = await start({ ...env, PORT: '0' })
  onTestFinished(() => gateway.close())
  const wrong = await fetch(`${gateway.url}/hooks/told`, { method: 'POST', body: '{}' })
  expect(wrong.status).toBe(401)
  const beside = openSqliteLedger(ledger)
  onTestFinished(() => beside.close())
  await expect
    .poll(async () => {
      const watch = await beside.notices.watch('told')
      const at = Date.UTC(2026, 10, 21)
      return (
        watch && beside.notices.saveWatch('told', { ...watch, silentSince: at, failingSince: at })
      )
    })
    .not.toBeNull()
  const PORT = new URL(gateway.url).port
  const of = await doctor({ PORT, RESCIND_KEY: KEY })
  expect(of('notices of told')).toEqual([
    expect.stringMatching(/^ok/),
    'warn: it is silent since 2026-11-21 00:00:00 UTC: sweeps find what its webhooks do not tell',
    'warn: one webhook was refused since the gateway started',
    'warn: it could not be swept since 2026-11-21 00:00:00 UTC',
    expect.stringMatching(/^warn: its previousWebhookSecret/),
  ])
  expect(of('notices of swept')).toHaveLength(1)
  expect(of('notices')).toEqual([])
  const unasked = await doctor({ PORT })
  expect(unasked('notices')).toEqual([expect.stringContaining('RESCIND_KEY')])
})
