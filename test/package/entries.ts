/** The entries of the installed package, as docs/embed.md shows them: run, and compiled against. */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startWrangler, WRANGLER } from '../wrangler.ts'
import { addBeside, check, type Packed, root, run } from './installed.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** What docs/embed.md shows under a name. */
const shown = (name: string, language: string): string => {
  const found = new RegExp(`<!-- ${name}: [^\\n]*-->\\n\`\`\`${language}\\n([^]*?)\`\`\``).exec(
    read('docs/embed.md'),
  )
  if (!found?.[1]) throw new Error(`docs/embed.md shows no ${name} in ${language}`)
  return found[1]
}

const write = (path: string, text: string): string => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

/** Asks what parts.mjs shows, without the key and with it (its SHA-256 is in the environment). */
const ASK_PARTS = `
import { close, fetch } from './parts.mjs'
const ask = async (headers) => {
  const answer = await fetch(new Request('http://x.test/v1/stores', { headers }))
  return [answer.status, (await answer.json()).data?.map(({ id }) => id).join()]
}
console.log(...(await ask({})), ...(await ask({ authorization: 'Bearer rsk_embedded' })))
await close()
`
const ERP_KEY_HASH = '7c61e92a047af2073fa903310771347cc99bc1b597f37d5e2173524c7d136959'

/** Lists what each entry that Node can load gives. */
const LIST = `
for (const entry of ['rescind', 'rescind/client', 'rescind/adapter', 'rescind/package.json'])
  console.log(entry, Object.keys(await import(entry, entry.endsWith('json') ? { with: { type: 'json' } } : {})).join())
`

/** On Node 22 its SQLite warns whoever imports it. */
const QUIET = '--disable-warning=ExperimentalWarning'

export const testEntries = (packed: () => Packed, called: string, node: string | null) =>
  describe.skipIf(node === null)(`what docs/embed.md shows, on Node ${called}`, () => {
    const runs = (name: string, env: NodeJS.ProcessEnv = {}) =>
      run(node as string, [QUIET, name], { cwd: join(packed().folder, `on-${called}`), env })
    const says = (stdout: string) => ({ status: 0, stdout, stderr: '' })
    beforeAll(() => {
      for (const name of ['whole.mjs', 'parts.mjs', 'calls.mjs'])
        write(join(packed().folder, `on-${called}`, name), shown(name, 'js'))
      write(join(packed().folder, `on-${called}`, 'ask.mjs'), ASK_PARTS)
      write(join(packed().folder, `on-${called}`, 'list.mjs'), LIST)
    })

    it('each entry gives what the pages name', async () => {
      const { stdout, stderr } = await runs('list.mjs')
      expect(stderr).toBe('')
      const [main = '', client = '', adapter = '', manifest = ''] = stdout.split('\n')
      for (const [, name = ''] of shown('parts.mjs', 'js').matchAll(/\b(create\w+|open\w+)\(/g))
        expect(main.split(/[ ,]/)).toContain(name)
      expect(client).toMatch(/createClient/)
      expect(adapter).toMatch(/defineAdapter/)
      expect(manifest).toMatch(/default/)
    })

    it('the whole program, started from another', async () => {
      expect(await runs('whole.mjs')).toEqual(says('201 succeeded\n'))
    })

    it('the parts, in a server of one’s own', async () => {
      expect(await runs('ask.mjs', { PARIS_KEY: 'sk_1', ERP_KEY_HASH })).toEqual(
        says('401 undefined 200 paris\n'),
      )
    })

    it('the gateway without HTTP', async () => {
      expect(await runs('calls.mjs')).toEqual(says('succeeded withheld\nstore-not-found\n'))
    })
  })

const TYPED = `
import { type Cancellation, createApp, createGateway, type Ledger, openLedger, openSandbox, platforms, start, type Started, timing } from 'rescind'
import { createClient } from 'rescind/client'
import { createOrderBook, path, type Platform, secret } from 'rescind/adapter'
import { testAdapter } from 'rescind/testing'
import worker, { Account } from 'rescind/worker'
import console, { type Account as ConsoleAccount } from 'rescind/worker-console'

const platform: Platform = platforms[0]!
const started: Started = await start({ PORT: '0' }, { sandbox: true, platforms: [platform] })
const ledger: Ledger = await openLedger('memory:')
const times = timing({ waitMs: 1 })
const { stores } = await openSandbox(platforms, times)
const gateway = createGateway({ ledger, stores, timing: times })
const record: Cancellation = await gateway.get('can_1')
const app = createApp({ gateway, ready: ledger.ready, callers: null, adapters: [platform.adapter] })
const answer: Response = await app.fetch(new Request(started.url))
const shown: 'confirmed' | 'reported' | 'documented' | 'none' = record.effects.restock.basis
// @ts-expect-error no such status
record.status === 'canceled'
// @ts-expect-error no such part
createGateway({ ledger, stores, timing: times, sandbox: true })
const object: Account & ConsoleAccount = new Account({} as never, {} as never)
const replies: Response[] = [await worker.fetch(new Request('http://x.test'), { ACCOUNTS: {} }), await console.fetch(new Request('http://x.test'), { ACCOUNTS: {}, RESCIND_SESSION_SECRET: '' }), await object.fetch(new Request('http://x.test')), answer]
testAdapter(platform, new URL('.', import.meta.url))
// @ts-expect-error a path is made by its tag, so that every value in it is encoded
const plain: ReturnType<typeof path> = '/orders/1'
export const all = [createClient, createOrderBook, secret, shown, replies, plain]
`

export const testTypes = (packed: () => Packed) =>
  describe('the types', () => {
    it.each(['nodenext', 'bundler'])('of every entry, resolved as %s does', async (resolution) => {
      addBeside(packed(), '@types/node', 'undici-types', 'vitest')
      write(join(packed().folder, 'every.mts'), TYPED)
      const told = await check(packed(), 'every.mts', resolution, [
        // What others declare is theirs; ours is looked into by contents.ts.
        '--skipLibCheck',
        '--exactOptionalPropertyTypes',
        '--noUncheckedIndexedAccess',
        '--target',
        'es2024',
        '--lib',
        'esnext,dom,dom.iterable',
        '--types',
        'node',
      ])
      expect(told).toEqual({ status: 0, stdout: '', stderr: '' })
    })
  })

const TEMPLATE = join(root, 'templates/platform')

/** The template's files by their paths, importing the package instead of this project. */
const acme = (): [path: string, text: string][] =>
  globSync('**/*.*', { cwd: TEMPLATE }).map((path) => [
    join('acme', path),
    readFileSync(join(TEMPLATE, path), 'utf8')
      .replace(/'(\.\.\/)+src\/adapter\/(index|sandbox|sandbox-kit)\.ts'/g, "'rescind/adapter'")
      .replace(/'(\.\.\/)+src\/testing\/index\.ts'/g, "'rescind/testing'"),
  ])

const START_ACME = `
import { platforms, start } from 'rescind'
import acme from './acme/index.ts'

const gateway = await start({ PORT: '0', RESCIND_LEDGER: 'memory:', LOG_LEVEL: 'warn' }, { sandbox: true, platforms: [...platforms, acme] })
const answer = await fetch(gateway.url + '/v1/cancellations', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ store: 'sandbox-acme', orderId: 'paid' }),
})
console.log(answer.status, (await answer.json()).platform)
await gateway.close()
`

export const testOwnPlatform = (packed: () => Packed) =>
  describe('a platform of one’s own', () => {
    beforeAll(() => {
      addBeside(packed(), 'vitest')
      for (const [path, text] of acme()) write(join(packed().folder, path), text)
    })

    it('passes the suite of rescind/testing', async () => {
      const vitest = join(root, 'node_modules/vitest/vitest.mjs')
      const { status, stdout, stderr } = await run(process.execPath, [vitest, 'run', 'acme'], {
        cwd: packed().folder,
      })
      expect(status, stdout + stderr).toBe(0)
      expect(stdout).toMatch(/Tests +(4[5-9]|[5-9]\d) passed/)
    })

    it('stands beside the others', async () => {
      write(join(packed().folder, 'start-acme.mjs'), START_ACME)
      expect(
        await run(process.execPath, [QUIET, 'start-acme.mjs'], { cwd: packed().folder }),
      ).toEqual({ status: 0, stdout: '201 acme\n', stderr: '' })
    })
  })

export const testWorker = (packed: () => Packed) =>
  it('rescind/worker in a wrangler project cancels, by a Durable Object', async () => {
    const project = join(packed().folder, 'worker')
    write(join(project, 'src/index.ts'), shown('worker', 'ts'))
    write(join(project, 'wrangler.toml'), shown('worker', 'toml'))
    const dev = await startWrangler(join(project, 'state'), {}, project)
    onTestFinished(() => dev.close())
    const answer = await fetch(`${dev.url}/v1/cancellations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ store: 'sandbox-medusa', orderId: 'order_paid' }),
    })
    expect([answer.status, ((await answer.json()) as { status: string }).status]).toEqual([
      201,
      'succeeded',
    ])
    expect(dev.output()).not.toMatch(/\[(warning|error)\]/i)
  })

/** What `init --workers` of the installed program writes, bundled and run by wrangler itself. */
export const testInitWorkers = (packed: () => Packed) =>
  describe('a project that init --workers wrote', () => {
    const project = () => join(packed().folder, 'edge')
    const rescind = (...words: string[]) =>
      run(process.execPath, [QUIET, join(packed().folder, 'node_modules/.bin/rescind'), ...words], {
        cwd: project(),
      })
    beforeAll(async () => {
      mkdirSync(project(), { recursive: true })
      expect((await rescind('init', '--workers')).stderr).toContain('npx wrangler deploy')
    })

    it('is bundled without a complaint', async () => {
      const wrangler = join(root, WRANGLER)
      const out = join(project(), 'out')
      const { status, stdout, stderr } = await run(
        process.execPath,
        [wrangler, 'deploy', '--dry-run', '--outdir', out],
        { cwd: project(), env: { WRANGLER_SEND_METRICS: 'false', CI: '1' } },
      )
      expect([status, stderr]).toEqual([0, ''])
      expect(stdout).toContain('env.ACCOUNTS (Account)')
    })

    it('runs: the sandbox cancels, and the console is open to it', async () => {
      const dev = await startWrangler(join(project(), 'state'), {}, project())
      onTestFinished(() => dev.close())
      const answer = await fetch(`${dev.url}/v1/cancellations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ store: 'sandbox-medusa', orderId: 'order_paid' }),
      })
      expect(answer.status).toBe(201)
      const home = await fetch(`${dev.url}/console`)
      expect([home.status, await home.text()]).toEqual([
        200,
        expect.stringContaining('sandbox-medusa'),
      ])
    })
  })
