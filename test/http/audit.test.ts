/**
 * The audit log of whole gateways: two on one Redis write one chain, a kill leaves no record without
 * its entry, and what the process itself does is noted.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { start } from '../../src/hosts/node/index.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { type AuditEntry, hashOfEntry, NO_HASH } from '../../src/model/audit.ts'
import { describeRedis, startRedis } from '../ledger/redis-server.ts'
import { scratch } from '../scratch.ts'
import { clientOf, configOf } from './host.ts'
import { serve } from './node.ts'
import { openPlatform } from './platform.ts'
import { openProgram } from './program.ts'

const KEY = 'rsk_erp'
const callers = [
  { name: 'erp', key: KEY, scopes: ['read', 'cancel', 'operate'], stores: ['*'] },
] as const

const openConfig = async (more: object = {}) => {
  const shop = await serve(openPlatform())
  onTestFinished(() => shop.close())
  return { ...(await configOf({ callers, stores: ['paris'] }, () => shop.url)), ...more }
}
const everything = async ({ audit }: Pick<FullLedger, 'audit'>) =>
  audit.read({ from: 0, order: 'asc', limit: 100_000 })
const expectChain = async (entries: readonly AuditEntry[]) => {
  let previous = NO_HASH
  for (const [index, entry] of entries.entries()) {
    expect([entry.seq, entry.previous, entry.hash]).toEqual([
      index + 1,
      previous,
      await hashOfEntry(entry),
    ])
    previous = entry.hash
  }
}
const askedFor = (entries: readonly AuditEntry[]) =>
  entries
    .filter(({ action, outcome }) => action === 'cancellation.asked' && outcome === 'done')
    .map(({ subject }) => subject.cancellation)
    .toSorted()

it('a kill in the middle of many: every record has its entry, and no entry is without one', async () => {
  const gateway = await openProgram(await openConfig())
  onTestFinished(() => gateway.close())
  const ask = clientOf(gateway, KEY)
  const asking = Array.from({ length: 200 }, (_, index) =>
    ask('POST', '/v1/cancellations', { orderId: `order_open-${index}` }).catch(() => null),
  )
  await Promise.any(asking.slice(20).filter(Boolean))
  gateway.signal('SIGKILL')
  await gateway.ended
  await Promise.all(asking)
  const ledger = openSqliteLedger(join(gateway.folder, 'ledger.db'))
  onTestFinished(() => ledger.close())
  const records = await ledger.list({ stores: null, order: 'asc', limit: 1_000 })
  expect(records.length).toBeGreaterThan(0)
  const entries = await everything(ledger)
  expect(askedFor(entries)).toEqual(records.map(({ id }) => id).toSorted())
  await expectChain(entries)
})

it('the process notes its configuration, who comes in and leaves, and tells the log how far it goes', async () => {
  const config = await openConfig()
  const gateway = await openProgram(config)
  onTestFinished(() => gateway.close())
  const form = (path: string, body: string, cookie = '') =>
    fetch(gateway.url + path, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: gateway.url,
        ...(cookie && { cookie }),
      },
      body,
    })
  await form('/console/login', 'key=rsk_nobody')
  const entered = await form('/console/login', `key=${KEY}`)
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
  expect(cookie).toContain('rescind_session')
  await fetch(`${gateway.url}/console/check`, { headers: { cookie } })
  await form('/console/logout', '', cookie)
  await gateway.stop()
  const ledger = openSqliteLedger(join(gateway.folder, 'ledger.db'))
  onTestFinished(() => ledger.close())
  const entries = await everything(ledger)
  expect(entries.map(({ action, by, via, outcome }) => [action, by.caller, via, outcome])).toEqual([
    ['configuration.loaded', null, 'gateway', 'done'],
    ['console.entered', 'erp', 'console', 'done'],
    ['console.left', 'erp', 'console', 'done'],
  ])
  const last = entries.at(-1)
  expect(gateway.lines().find(({ msg }) => msg === 'audit head')).toMatchObject({
    chain: 'gateway',
    seq: last?.seq,
    hash: last?.hash,
  })
})

it('the digest of a configuration is the same until it changes, and no secret changes it', async () => {
  const folder = mkdtempSync(join(scratch, 'rescind-digest-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'config.json')
  const ledger = join(folder, 'ledger.db')
  const config = await openConfig()
  const [store] = config.stores
  const secret = { ...store?.settings, secretKey: 'sk_canary' }
  for (const changed of [
    config,
    config,
    { ...config, stores: [{ ...store, settings: secret }] },
    { ...config, timing: { waitMs: 1 } },
  ]) {
    writeFileSync(file, JSON.stringify(changed))
    const environment = { PORT: '0', LOG_LEVEL: 'silent', RESCIND_CONFIG: file }
    await (await start({ ...environment, RESCIND_LEDGER: `sqlite:${ledger}` })).close()
  }
  const opened = openSqliteLedger(ledger)
  onTestFinished(() => opened.close())
  const digests = (await everything(opened)).map(({ subject }) => subject.digest)
  expect(digests).toHaveLength(4)
  expect(new Set(digests.slice(0, 3)).size).toBe(1)
  expect(digests[3]).not.toBe(digests[0])
})

describeRedis('two gateways on one Redis', () => {
  it('write one chain, whatever they do at once', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.remove())
    const config = await openConfig()
    const open = () => openProgram(config, undefined, { env: { RESCIND_LEDGER: redis.url } })
    const gateways = await Promise.all([open(), open()])
    onTestFinished(async () => {
      await Promise.all(gateways.map((gateway) => gateway.close()))
    })
    const [one, other] = gateways.map((gateway) => clientOf(gateway, KEY))
    const ids = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const ask = (index % 2 ? one : other) as NonNullable<typeof one>
        if (index % 7 === 0) await ask('GET', '/v1/audit/heads')
        await ask('GET', '/v1/stores/paris/orders/order_paid')
        return (await ask('POST', '/v1/cancellations', { orderId: `order_open-${index}` })).body.id
      }),
    )
    const { text = '' } = (await one?.('GET', '/v1/audit/export')) ?? {}
    const entries = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntry)
    await expectChain(entries)
    expect(askedFor(entries)).toEqual(ids.toSorted())
    expect(entries.filter(({ action }) => action === 'order.read')).toHaveLength(60)
    expect((await other?.('GET', '/v1/audit/heads'))?.body.data).toEqual([
      { chain: 'gateway', first: 1, seq: entries.length, hash: entries.at(-1)?.hash },
    ])
  })
})
