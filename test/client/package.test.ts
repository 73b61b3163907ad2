/**
 * What others install: the packed project in an empty folder, imported from plain JavaScript,
 * compiled against, and the ERP example run on it.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { start, type Started } from '../../src/hosts/node/index.ts'
import { typesText } from '../../scripts/types.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder: string
let gateway: Started

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rescind-packed-'))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  mkdirSync(join(folder, 'node_modules'))
  execFileSync(
    'tar',
    ['-xzf', `rescind-${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}.tgz`],
    { cwd: folder },
  )
  cpSync(join(folder, 'package'), join(folder, 'node_modules/rescind'), { recursive: true })
  gateway = await start(
    { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}` },
    { sandbox: true },
  )
}, 60_000)
afterAll(async () => {
  await gateway?.close()
  rmSync(folder, { recursive: true, force: true })
})

const node = (...parts: string[]) =>
  spawn(process.execPath, parts, {
    cwd: folder,
    env: { ...process.env, RESCIND_URL: gateway.url },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 15_000,
  })
const run = async (...parts: string[]) => {
  const child = node(...parts)
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { status: status as number | null, stdout, stderr }
}

describe('the packed client', () => {
  it('has the types that the routes have', () => {
    expect(readFileSync(join(root, 'src/client/types.ts'), 'utf8'), 'stale: npm run openapi').toBe(
      typesText(),
    )
  })

  it('is imported from plain JavaScript, and is small', async () => {
    writeFileSync(
      join(folder, 'plain.mjs'),
      `
      import { createClient, RescindError } from 'rescind/client'
      const stores = await createClient({ baseUrl: process.env.RESCIND_URL }).stores()
      console.log(stores.length, typeof RescindError)`,
    )
    // Its own folder is no place for TypeScript: nothing may be stripped there.
    expect(await run('--no-strip-types', 'plain.mjs')).toEqual({
      status: 0,
      stdout: '6 function\n',
      stderr: '',
    })
    const built = readFileSync(join(folder, 'node_modules/rescind/dist/client/index.js'), 'utf8')
    expect(built).not.toMatch(/^import /m)
    expect(built.length).toBeLessThan(20_000)
  })

  it.each(['nodenext', 'bundler'])(
    'is typed for a program that resolves as %s does, without any other package',
    async (resolution) => {
      writeFileSync(
        join(folder, 'typed.mts'),
        `
      import { type Cancellation, createClient, NotKnownYet, RescindError } from 'rescind/client'
      const client = createClient({ baseUrl: 'https://x.example' })
      const record: Cancellation = await client.cancel({ orderId: '1', reasonCode: 'customer' }, { idempotencyKey: 'a' })
      const basis: 'confirmed' | 'reported' | 'documented' | 'none' = record.effects.restock.basis
      for await (const { reason } of client.each({ status: 'rejected' })) if (reason) break
      // @ts-expect-error no such reason
      await client.cancel({ orderId: '1', reasonCode: 'whim' })
      // @ts-expect-error no such wish
      await client.cancel({ orderId: '1', restok: true })
      const told = (error: unknown) => (error instanceof RescindError ? error.cause : error instanceof NotKnownYet ? error.record?.status : basis)
      // @ts-expect-error not a cause
      told(null) === 'whim'
    `,
      )
      expect(
        await run(
          join(root, 'node_modules/typescript/bin/tsc'),
          '--noEmit',
          '--strict',
          '--target',
          'es2022',
          '--lib',
          'es2022,dom',
          '--types',
          '',
          '--module',
          resolution === 'bundler' ? 'esnext' : 'nodenext',
          '--moduleResolution',
          resolution,
          '--moduleDetection',
          'force',
          'typed.mts',
        ),
      ).toEqual({ status: 0, stdout: '', stderr: '' })
    },
  )
})

describe('the ERP example', () => {
  const records = async (reference: string) =>
    (await createClient({ baseUrl: gateway.url }).list({ reference })).data
  beforeAll(() => cpSync(join(root, 'examples'), folder, { recursive: true }))

  it('cancels what is new, tells what became of each, and does nothing the second time', async () => {
    const first = await run('erp-sync.ts', 'erp-canceled.json', 'place.json')
    expect(first.stderr).toBe('')
    expect(first.stdout, 'what docs/client.md shows').toBe(
      /```\n(SAL-ORD[\s\S]+?)```/.exec(readFileSync(join(root, 'docs/client.md'), 'utf8'))?.[1],
    )
    expect(first.status).toBe(0)
    expect((await run('erp-sync.ts', 'erp-canceled.json', 'place.json')).stdout).toBe(
      'Nothing new.\n',
    )
    rmSync(join(folder, 'place.json'))
    expect(
      (await run('erp-sync.ts', 'erp-canceled.json', 'place.json')).stdout,
      'even when it forgot its place',
    ).toBe(first.stdout)
    expect(await records('SAL-ORD-0041')).toHaveLength(1)
  })

  it('killed in the middle, it goes on where it was', async () => {
    const rows = ['1', '2', '3'].map((number) => ({
      document: `K-${number}`,
      canceledAt: '2026-11-21T08:12:00Z',
      store: 'sandbox-medusa',
      orderId: `order_slow-k${number}`,
    }))
    writeFileSync(join(folder, 'killed.json'), JSON.stringify(rows))
    const child = node('erp-sync.ts', 'killed.json', 'killed-place.json')
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
    await once(child.stdout, 'data')
    await expect.poll(() => records('K-2')).toHaveLength(1)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect((await records('K-2'))[0]?.final, 'killed in the middle').toBe(false)
    const second = await run('erp-sync.ts', 'killed.json', 'killed-place.json')
    expect(second.stdout).toMatch(/^K-2 .* canceled\nK-3 .* canceled\n2 asked for, 0 open\.\n$/)
    for (const { document } of rows) {
      const found = await records(document)
      expect(found.map(({ status, attempts }) => [status, attempts.length])).toEqual([
        ['succeeded', 1],
      ])
    }
  })

  it('does nothing with rows that cannot be told apart', async () => {
    writeFileSync(join(folder, 'bad.json'), '[{ "document": "", "canceledAt": "2026" }]')
    expect((await run('erp-sync.ts', 'bad.json', 'bad-place.json')).stderr).toContain(
      'no document number',
    )
  })
})
