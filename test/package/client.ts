/**
 * The installed client: plain JavaScript on the oldest Node that it promises and in a browser,
 * types that need no other package, and the ERP example that is run on it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { typesText } from '../../scripts/types.ts'
import { createClient } from '../../src/client/index.ts'
import { start, type Started } from '../../src/hosts/node/index.ts'
import { platforms } from '../../src/hosts/platforms.ts'
import { expectToCancelInBrowser, skipped } from '../client/browser.ts'
import { check, NODE_20, nodeOf, type Packed, root, run } from './installed.ts'

/** All of it together, before anybody compresses or shakes it. */
const MAX_BYTES = 45_000

/** A sandbox to talk to, while these tests run. */
const withGateway = (): (() => Started) => {
  let gateway: Started
  beforeAll(async () => {
    gateway = await start(
      { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' },
      { sandbox: true },
    )
  })
  afterAll(() => gateway?.close())
  return () => gateway
}

const PLAIN = `
import { createClient, RescindError } from 'rescind/client'
const stores = await createClient({ baseUrl: process.env.RESCIND_URL }).stores()
console.log(stores.length, typeof RescindError)
`

const TYPED = `
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
`

export const testClient = (packed: () => Packed) =>
  describe('the client', () => {
    const gateway = withGateway()
    const built = () => join(packed().folder, 'node_modules/rescind/dist/src/client')

    it('has the types that the routes have', () => {
      expect(
        readFileSync(join(root, 'src/client/types.ts'), 'utf8'),
        'stale: npm run openapi',
      ).toBe(typesText())
    })

    const old = nodeOf(NODE_20)
    for (const [version, node] of [
      [NODE_20, old],
      [process.versions.node, process.execPath],
    ] as const)
      it.skipIf(node === null)(`is imported from plain JavaScript on Node ${version}`, async () => {
        writeFileSync(join(packed().folder, 'plain.mjs'), PLAIN)
        expect(
          await run(node as string, ['plain.mjs'], {
            cwd: packed().folder,
            env: { RESCIND_URL: gateway().url },
          }),
        ).toEqual({ status: 0, stdout: `${platforms.length} function\n`, stderr: '' })
      })

    it('imports nothing but itself, and is small', () => {
      const texts = globSync('*.js', { cwd: built() }).map((name) =>
        readFileSync(join(built(), name), 'utf8'),
      )
      const imported = texts.flatMap((text) => [
        ...text.matchAll(/(?:from|import) ?\(?["']([^"']+)/g),
      ])
      expect(
        imported.map(([, name]) => name).filter((name) => !/^\.\/\w+\.js$/.test(name ?? '')),
      ).toEqual([])
      expect(imported.length).toBeGreaterThan(3)
      expect(texts.join('').length).toBeLessThan(MAX_BYTES)
    })

    it.skipIf(skipped !== null)('runs in a browser as it lies there', async () => {
      await expectToCancelInBrowser((pathname) => {
        const [, name] = /^\/client\/(\w+\.js)$/.exec(pathname) ?? []
        return name && readFileSync(join(built(), name), 'utf8')
      })
    })

    it.each(['nodenext', 'bundler'])(
      'is typed for a program that resolves as %s does, without any other package',
      async (resolution) => {
        writeFileSync(join(packed().folder, 'typed.mts'), TYPED)
        expect(
          await check(packed(), 'typed.mts', resolution, [
            '--target',
            'es2022',
            '--lib',
            'es2022,dom',
            '--types',
            '',
          ]),
        ).toEqual({ status: 0, stdout: '', stderr: '' })
      },
    )
  })

export const testErpExample = (packed: () => Packed) =>
  describe('the ERP example', () => {
    const gateway = withGateway()
    const file = (name: string) => join(packed().folder, name)
    const node = (...parts: string[]) =>
      spawn(process.execPath, parts, {
        cwd: packed().folder,
        env: { ...process.env, RESCIND_URL: gateway().url },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 15_000,
      })
    const runs = (...parts: string[]) =>
      run(process.execPath, parts, {
        cwd: packed().folder,
        env: { RESCIND_URL: gateway().url },
      })
    const records = async (reference: string) =>
      (await createClient({ baseUrl: gateway().url }).list({ reference })).data
    beforeAll(() => cpSync(join(root, 'examples'), packed().folder, { recursive: true }))

    it('cancels what is new, tells what became of it, nothing the second time', async () => {
      const first = await runs('erp-sync.ts', 'erp-canceled.json', 'place.json')
      expect(first.stderr).toBe('')
      expect(first.stdout, 'what docs/client.md shows').toBe(
        /```\n(SAL-ORD[\s\S]+?)```/.exec(readFileSync(join(root, 'docs/client.md'), 'utf8'))?.[1],
      )
      expect(first.status).toBe(0)
      expect((await runs('erp-sync.ts', 'erp-canceled.json', 'place.json')).stdout).toBe(
        'Nothing new.\n',
      )
      rmSync(file('place.json'))
      expect(
        (await runs('erp-sync.ts', 'erp-canceled.json', 'place.json')).stdout,
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
      writeFileSync(file('killed.json'), JSON.stringify(rows))
      const child = node('erp-sync.ts', 'killed.json', 'killed-place.json')
      onTestFinished(() => {
        child.kill('SIGKILL')
      })
      await once(child.stdout, 'data')
      await expect.poll(() => records('K-2')).toHaveLength(1)
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect((await records('K-2'))[0]?.final, 'killed in the middle').toBe(false)
      const second = await runs('erp-sync.ts', 'killed.json', 'killed-place.json')
      expect(second.stdout).toMatch(/^K-2 .* canceled\nK-3 .* canceled\n2 asked for, 0 open\.\n$/)
      for (const { document } of rows) {
        const found = await records(document)
        expect(found.map(({ status, attempts }) => [status, attempts.length])).toEqual([
          ['succeeded', 1],
        ])
      }
    })

    it('does nothing with rows that cannot be told apart', async () => {
      writeFileSync(file('bad.json'), '[{ "document": "", "canceledAt": "2026" }]')
      expect((await runs('erp-sync.ts', 'bad.json', 'bad-place.json')).stderr).toContain(
        'no document number',
      )
    })
  })
