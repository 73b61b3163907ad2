/** Keys with names and ends on the command line: made, listed, and told of before they end. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { DAY_MS } from '../../src/model/cancellation.ts'
import { clientOf } from '../http/host.ts'
import { openNode } from '../http/node.ts'
import { compileCache } from '../compile-cache.ts'
import { scratch } from '../scratch.ts'
import { jsonLines, run } from './bin.ts'

const HASH = `sha256:${'0123456789abcdef'.repeat(4)}`
const KEY_PROGRAM = fileURLToPath(new URL('../../src/cli/key.ts', import.meta.url))
const dayIn = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)

let cwd: string
const config = () => JSON.parse(readFileSync(join(cwd, 'rescind.config.json'), 'utf8'))
const configure = (keyHash: unknown) =>
  writeFileSync(
    join(cwd, 'rescind.config.json'),
    JSON.stringify({
      stores: [],
      callers: [{ name: 'erp', keyHash, scopes: ['read'], stores: ['*'] }],
    }),
    { mode: 0o600 },
  )
beforeEach(() => {
  const folder = mkdtempSync(join(scratch, 'rescind-keys-'))
  cwd = folder
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

describe('rescind keys create --name', () => {
  it.each<[string, unknown]>([
    ['one hash', HASH],
    ['a list', [HASH]],
  ])('gives a caller with %s a further key, and takes none away', async (_, keyHash) => {
    configure(keyHash)
    const { status, stdout, stderr } = await run(
      ['keys', 'create', 'erp', '--name', 'laptop-2026', '--expires', '2099-01-31'],
      { cwd },
    )
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^rsk_[\w-]{43}\n$/)])
    expect(stderr).toContain('It is called laptop-2026, and ends with 2099-01-31.')
    expect(config().callers).toMatchObject([
      {
        name: 'erp',
        scopes: ['read'],
        keyHash: [
          HASH,
          { name: 'laptop-2026', hash: expect.stringMatching(/^sha256:/), expires: '2099-01-31' },
        ],
      },
    ])
    const list = await run(['keys', 'list'], { cwd })
    expect(list.stdout).toMatch(
      /laptop-2026 \(sha256:[\da-f]{12}…\), until 2099-02-01T00:00:00\.000Z/,
    )
  })

  it('gives a new caller its first key by name', async () => {
    configure(HASH)
    expect((await run(['keys', 'create', 'shop', '--name', 'till 1'], { cwd })).status).toBe(0)
    expect(config().callers[1]).toMatchObject({
      name: 'shop',
      keyHash: [{ name: 'till 1', hash: expect.stringMatching(/^sha256:/) }],
    })
  })

  it.each<[string, string[], RegExp]>([
    ['a name that is taken', ['--name', 'a'], /another key of this caller has this name too/],
    [
      'a day that there is not',
      ['--name', 'b', '--expires', '2027-02-30'],
      /--expires takes a day/,
    ],
    ['an end without a name', ['--expires', '2099-01-01'], /--expires needs a --name/],
    ['a name that nobody sees', ['--name', '\u200b'], /--name takes 1 to 64 visible/],
  ])('%s: 2, and nothing is changed', async (_, values, says) => {
    configure([{ name: 'a', hash: HASH }])
    const before = config()
    const { status, stdout, stderr } = await run(['keys', 'create', 'erp', ...values], { cwd })
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(says)])
    expect(config()).toEqual(before)
  })
})

describe('npm run key', () => {
  const mint = (...values: string[]) =>
    spawnSync(process.execPath, [KEY_PROGRAM, ...values], {
      encoding: 'utf8',
      env: { ...process.env, ...compileCache },
    })

  it('prints the entry of a key with a name and an end, for a caller that is new or there', () => {
    const { status, stdout } = mint('erp', '--name', 'laptop-2026', '--expires', '2099-01-31')
    const [entry, key] = [...stdout.matchAll(/^ {2}(\{.*\})$/gm)].map(([, text]) =>
      JSON.parse(text ?? ''),
    )
    const hash = `sha256:${createHash('sha256')
      .update(/\brsk_[\w-]{43}\b/.exec(stdout)?.[0] ?? '')
      .digest('hex')}`
    expect([status, key]).toEqual([0, { name: 'laptop-2026', hash, expires: '2099-01-31' }])
    expect(entry).toMatchObject({ name: 'erp', keyHash: [key] })
  })

  it('says what is wrong, and makes none', () => {
    for (const [values, says] of [
      [['erp', '--expires', '2099-01-31'], '--expires needs a --name'],
      [['erp', '--name', 'a', '--expires', 'soon'], '--expires takes a day'],
      [['erp', '--nmae', 'a'], '--nmae'],
    ] as const) {
      const { status, stdout, stderr } = mint(...values)
      expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining(says)])
    }
  })
})

describe('rescind show', () => {
  it('says who asked, with which key, and who resolved it', async () => {
    const host = await openNode({
      callers: [
        {
          name: 'erp',
          key: 'rsk_first',
          rotated: 'rsk_second',
          keyNames: ['laptop-2026', 'laptop-2027'],
          scopes: ['read', 'cancel', 'operate'],
          stores: ['*'],
        },
      ],
      stores: ['paris'],
    })
    onTestFinished(() => host.close())
    const orderId = 'order_400-after-refund-1'
    const asked = await clientOf(host, 'rsk_first')('POST', '/v1/cancellations', {
      store: 'paris',
      orderId,
    })
    const id = String(asked.body.cancellation).split('/').at(-1) ?? ''
    await clientOf(host, 'rsk_second')('POST', `/v1/cancellations/${id}/resolve`, {
      as: 'canceled',
      note: 'seen',
    })
    const env = { RESCIND_URL: host.url, RESCIND_KEY: 'rsk_second' }
    const { stdout } = await run(['show', id], { cwd, env })
    expect(stdout).toContain('written down, asked by erp (key laptop-2026)')
    expect(stdout).toContain('erp (key laptop-2027) says: seen')
  })
})

describe('rescind doctor', () => {
  it('tells of keys that end within two weeks, and of those that have', async () => {
    const key = (name: string, expires: string, digit: string) => ({
      name,
      hash: HASH.replace('0', digit),
      expires,
    })
    configure([
      key('later', dayIn(15), '1'),
      key('soon', dayIn(12), '2'),
      key('over', '2001-01-01', '3'),
    ])
    const { stdout } = await run(['doctor', '--json'], { cwd, env: { PORT: '0' } })
    const told = jsonLines(stdout).filter(({ check }) => check === 'keys')
    expect(told.map(({ level, says }) => [level, says])).toEqual([
      ['warn', expect.stringContaining('the key soon of erp expires at ')],
      ['bad', 'the key over of erp expired at 2001-01-02T00:00:00.000Z'],
    ])
  })
})
