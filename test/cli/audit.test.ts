/** The audit log before a terminal, with the real program: a file of it, and whether it is whole. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { type AuditEntry, hashOfEntry } from '../../src/model/audit.ts'
import { type NodeHost, openNode } from '../http/node.ts'
import { scratch } from '../scratch.ts'
import { jsonLines, run } from './bin.ts'

const KEY = 'rsk_canary-of-the-log'
const SHOP = 'rsk_canary-of-a-shop'

let host: NodeHost
let cwd: string
let file: string
beforeAll(async () => {
  host = await openNode({
    stores: ['paris'],
    callers: [
      { name: 'erp', key: KEY, scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
      { name: 'shop', key: SHOP, scopes: ['cancel', 'read', 'operate'], stores: ['paris'] },
    ],
  })
  cwd = mkdtempSync(join(scratch, 'rescind-audit-'))
  file = join(cwd, 'audit.jsonl')
  const client = createClient({ baseUrl: host.url, key: KEY })
  for (const name of ['a', 'b', 'c', 'd'])
    await client.cancel({ store: 'paris', orderId: `order_open-${name}`, reason: 'canary reason' })
  writeFileSync(file, (await rescind(['audit', 'export'])).stdout)
})
afterAll(async () => {
  await host.close()
  rmSync(cwd, { recursive: true })
})

const rescind = async (values: readonly string[], key = KEY, input?: string) => {
  const ran = await run(values, {
    cwd,
    env: { RESCIND_URL: host.url, RESCIND_KEY: key },
    ...(input !== undefined && { input }),
  })
  expect(ran.stdout + ran.stderr).not.toContain('canary')
  return ran
}
const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n')
const entries = () => lines().map((line) => JSON.parse(line) as AuditEntry)
const textOf = (of: readonly (AuditEntry | string)[]) =>
  of.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('')
const verify = (text: string, ...more: string[]) =>
  rescind(['audit', 'verify', '-', ...more], KEY, text)

describe('export', () => {
  it('is a line an entry from the start of the gateway on, itself among them', async () => {
    expect(entries().map(({ action }) => action)).toEqual([
      'configuration.loaded',
      ...Array.from({ length: 4 }, () => 'cancellation.asked'),
      'audit.exported',
    ])
    expect(entries()[0]).toMatchObject({
      by: { caller: null, key: null },
      via: 'gateway',
      subject: { digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
  })

  it('a key that does not reach every store is refused, with the API’s words', async () => {
    const { status, stdout, stderr } = await rescind(['audit', 'export'], SHOP)
    expect([status, stdout]).toEqual([6, ''])
    expect(stderr).toContain('this key does not reach them all')
  })
})

describe('heads', () => {
  it('tells how far it goes, and the hash', async () => {
    const { status, stdout } = await rescind(['audit', 'heads', '--json'])
    const last = entries().at(-1)
    expect([status, jsonLines(stdout)]).toEqual([
      0,
      [{ chain: 'gateway', first: 1, seq: last?.seq, hash: last?.hash }],
    ])
    expect((await rescind(['audit', 'heads'])).stdout).toMatch(
      new RegExp(`^chain +from +to +hash of the last\ngateway +1 +6 +${last?.hash}\n$`),
    )
  })
})

describe('verify', () => {
  it('a whole file is one chain, and its head is told', async () => {
    const { status, stdout } = await rescind(['audit', 'verify', file])
    expect([status, stdout]).toEqual([
      0,
      `✓ gateway: entries 1 to 6 are one chain.\n  head ${entries().at(-1)?.hash}\n`,
    ])
    const json = await rescind(['audit', 'verify', file, '--json'])
    expect(jsonLines(json.stdout)).toEqual([
      {
        ok: true,
        chains: [{ chain: 'gateway', first: 1, seq: 6, hash: entries().at(-1)?.hash }],
      },
    ])
  })

  it('one that was trimmed is said to begin later', async () => {
    const { status, stdout } = await verify(textOf(lines().slice(2)))
    expect([status, stdout]).toEqual([0, expect.stringContaining('What was before 3 is not in')])
  })

  it('order of members and white space are no change', async () => {
    const turned = entries().map((entry) =>
      JSON.stringify(Object.fromEntries(Object.entries(entry).toReversed()), null, 1).replaceAll(
        '\n',
        ' ',
      ),
    )
    expect((await verify(textOf(turned))).status).toBe(0)
  })

  const changed = (index: number, over: Partial<AuditEntry>) =>
    entries().map((entry, at) => (at === index ? { ...entry, ...over } : entry))
  it.each([
    ['an entry that was changed', () => textOf(changed(2, { outcome: 'conflict' })), 3],
    ['one with a member more', () => textOf(changed(3, { more: 1 } as object)), 4],
    ['one that was taken out', () => textOf(entries().toSpliced(3, 1)), 4],
    ['two that changed places', () => textOf(entries().slice(1, 3).toReversed()), 2],
    ['one twice', () => textOf([...lines().slice(0, 2), ...lines().slice(1)]), 3],
    ['a line that is none', () => textOf([...lines().slice(0, 2), '{"a":']), 3],
    ['another thing', () => 'who knows\n', 1],
  ])('%s: 3, and the first bad line is named', async (_, text, line) => {
    const { status, stdout, stderr } = await verify(text())
    expect([status, stdout]).toEqual([3, ''])
    expect(stderr).toContain(`Line ${line}: `)
  })

  it('an entry that was changed together with its hash breaks the next', async () => {
    const other = { ...(entries()[2] as AuditEntry), outcome: 'conflict' }
    const hash = await hashOfEntry(other)
    const { status, stderr } = await verify(textOf(entries().toSpliced(2, 1, { ...other, hash })))
    expect([status, stderr]).toEqual([3, expect.stringContaining('Line 4: ')])
  })

  it('a chain that was cut, or written anew, is found by a head that was noted', async () => {
    const { hash = '' } = entries().at(-1) ?? {}
    expect((await rescind(['audit', 'verify', file, '--head', hash])).status).toBe(0)
    expect((await verify(textOf(lines().slice(0, -1)), '--head', hash)).status).toBe(3)
    // What the head is of may have been trimmed: it is named by the next.
    const after = textOf(lines().slice(2))
    expect((await verify(after, '--head', entries()[1]?.hash ?? '')).status).toBe(0)
    let previous = entries()[0]?.previous ?? ''
    const anew: AuditEntry[] = []
    for (const entry of entries()) {
      const forged = { ...entry, by: { caller: 'nobody', key: null }, previous }
      previous = await hashOfEntry(forged)
      anew.push({ ...forged, hash: previous })
    }
    expect((await verify(textOf(anew))).status).toBe(0)
    const { status, stderr } = await verify(textOf(anew), '--head', hash)
    expect([status, stderr]).toEqual([3, expect.stringContaining('written anew')])
  })

  it.each([
    [['audit', 'verify', 'nowhere.jsonl'], /nowhere\.jsonl cannot be read: ENOENT/],
    [['audit', 'verify', '-', '--head', 'abc'], /--head is no hash/],
  ])('%j is a mistake of usage', async (words, says) => {
    const { status, stderr } = await rescind(words)
    expect([status, stderr]).toEqual([2, expect.stringMatching(says)])
  })

  it('an empty file proves nothing', async () => {
    expect((await verify('')).status).toBe(3)
  })
})
