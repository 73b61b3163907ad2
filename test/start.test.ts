/** How it starts, or refuses to: by environment, by file, by key, and on a Node that is too old. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../src/config/configuration.ts'
import { start } from '../src/hosts/node/index.ts'
import { compileCache } from './compile-cache.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const SECRET = 'canary-7f1d9'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rescind-start-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const quiet = { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' }
const write = (name: string, content: string | Uint8Array | object) => {
  const file = join(folder, name)
  writeFileSync(
    file,
    typeof content === 'string' || content instanceof Uint8Array
      ? content
      : JSON.stringify(content),
  )
  return file
}
const store = {
  id: 'paris',
  platform: 'medusa',
  settings: { baseUrl: 'https://shop.example', secretKey: `sk_${SECRET}` },
}
const caller = { name: 'erp', keyHash: `sha256:${'0'.repeat(64)}`, scopes: ['read'], stores: ['*'] }

/** The message it refuses with. */
const refusal = async (environment: Record<string, string>, options = {}): Promise<string> => {
  try {
    await (await start({ ...quiet, ...environment }, options)).close()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as Error).message).not.toContain(SECRET)
    return (error as Error).message
  }
  return 'it started'
}

describe('RESCIND_CONFIG', () => {
  it.each<[string, () => string, RegExp]>([
    [
      'a file that is not there',
      () => join(folder, 'absent.json'),
      /absent\.json cannot be read: ENOENT/,
    ],
    ['nothing', () => '', / cannot be read: ENOENT/],
    ['a folder', () => folder, /cannot be read: EISDIR/],
    [
      'an empty file',
      () => write('empty.json', ''),
      /empty\.json is not valid:\nthe file is not valid JSON/,
    ],
    [
      'half a file',
      () => write('half.json', `{"stores": [{"secretKey": "sk_${SECRET}`),
      /half\.json is not valid:\nthe file is not valid JSON/,
    ],
    [
      'a comma too many',
      () => write('comma.json', `{\n  "stores": [],\n  "callers": [ "sk_${SECRET}", ]\n}`),
      /the file is not valid JSON: line 3, column \d+/,
    ],
    [
      'a secret without its quotes',
      () => write('bare.json', `{ "stores": [],\n "x": sk_${SECRET} }`),
      /the file is not valid JSON: line 2/,
    ],
    [
      'a member twice',
      () => write('twice.json', '{ "stores": [], "callers": [], "stores": [] }'),
      /is not valid:\n\/stores is there twice/,
    ],
    [
      'bytes that are not UTF-8',
      () => write('latin1.json', Uint8Array.from([0x22, 0xe9, 0x22])),
      /is not valid UTF-8/,
    ],
    [
      'a mistake inside',
      () => write('wrong.json', { stores: [{ ...store, onDoubt: 'x' }], callers: [caller] }),
      /wrong\.json is not valid:\nstores\[0\]\.onDoubt: /,
    ],
  ])('%s: refuses to start and says where', async (_, file, message) =>
    expect(await refusal({ RESCIND_CONFIG: file() })).toMatch(message),
  )

  it('a file that begins with a byte order mark is read', async () => {
    const gateway = await start({
      ...quiet,
      RESCIND_CONFIG: write(
        'bom.json',
        `\ufeff${JSON.stringify({ stores: [store], callers: [caller] })}`,
      ),
    })
    expect((await fetch(`${gateway.url}/v1/stores`)).status).toBe(401)
    await gateway.close()
  })
})

describe('HOST, PORT and the rest', () => {
  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'shop.example',
    '127.0.0.1.shop.example',
    '127.evil',
    '128.0.0.1',
  ])('without callers %s is refused: sandbox, and stores without callers', async (HOST) => {
    expect(await refusal({ HOST }, { sandbox: true })).toMatch(
      /^HOST is .*: without callers in the configuration only loopback is served; RESCIND_SANDBOX=1 serves the sandbox there, to everybody$/,
    )
    for (const callers of [[], undefined])
      expect(
        await refusal({ HOST, RESCIND_CONFIG: write('open.json', { stores: [store], callers }) }),
      ).toMatch(/^HOST is /)
  })

  it.each(['localhost', '127.0.0.1', '127.0.0.2', '::1', ''])(
    'without callers HOST=%s is served, without keys',
    async (HOST) => {
      const gateway = await start({ ...quiet, HOST }, { sandbox: true }).catch((error: Error) =>
        /EADDRNOTAVAIL|EAFNOSUPPORT/.test(error.message) ? null : Promise.reject(error),
      )
      if (!gateway) return console.warn(`not tried: this machine has no ${HOST}`)
      expect((await fetch(`${gateway.url}/v1/stores`)).status).toBe(200)
      return gateway.close()
    },
  )

  it('without callers a name that only leads here is refused: no page elsewhere cancels', async () => {
    const gateway = await start(
      { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' },
      { sandbox: true },
    )
    try {
      const { port } = new URL(gateway.url)
      const ask = (host: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          request({ port, path: '/v1/stores', headers: { host } }, (answer) => {
            answer.resume()
            resolve(answer.statusCode)
          })
            .once('error', reject)
            .end()
        })
      expect(
        await Promise.all([`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`].map(ask)),
      ).toEqual([200, 200, 200])
      expect(
        await Promise.all(
          ['shop.example', `rebound.example:${port}`, '127.0.0.1.example'].map(ask),
        ),
      ).toEqual([403, 403, 403])
    } finally {
      await gateway.close()
    }
  })
  it('RESCIND_SANDBOX=1 serves imitations alone on any HOST, and opens no ledger', async () => {
    const ledger = join(folder, 'real.db')
    const gateway = await start({
      ...quiet,
      HOST: '0.0.0.0',
      RESCIND_SANDBOX: '1',
      RESCIND_LEDGER: `sqlite:${ledger}`,
      RESCIND_CONFIG: write('real.json', { stores: [store], callers: [caller] }),
    })
    try {
      const { port } = new URL(gateway.url)
      const stores = await new Promise<string>((resolve, reject) => {
        request({ port, path: '/v1/stores', headers: { host: `rescind:${port}` } }, (answer) => {
          resolve(text(answer))
        })
          .once('error', reject)
          .end()
      })
      const ids = (JSON.parse(stores) as { data: { id: string }[] }).data.map(({ id }) => id)
      expect(ids).toContain('sandbox-medusa')
      expect(ids.filter((id) => !id.startsWith('sandbox-'))).toEqual([])
      const answer = await fetch(`http://127.0.0.1:${port}/v1/cancellations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{ "store": "sandbox-wix", "orderId": "paid" }',
      })
      expect(answer.status).toBe(201)
      expect(existsSync(ledger)).toBe(false)
    } finally {
      await gateway.close()
    }
  })

  it.each(['0', 'true', 'yes', ''])(
    'RESCIND_SANDBOX=%s is no word for it: what is configured is served',
    async (RESCIND_SANDBOX) => {
      const real = {
        RESCIND_SANDBOX,
        RESCIND_CONFIG: write('closed-too.json', { stores: [store], callers: [caller] }),
      }
      const gateway = await start({ ...quiet, ...real })
      expect((await fetch(`${gateway.url}/v1/stores`)).status).toBe(401)
      await gateway.close()
      expect(await refusal({ HOST: '0.0.0.0', RESCIND_SANDBOX }, { sandbox: true })).toMatch(
        /^HOST is /,
      )
    },
  )

  it('with callers any HOST is served, and asks for keys', async () => {
    const gateway = await start({
      ...quiet,
      HOST: '0.0.0.0',
      RESCIND_CONFIG: write('closed.json', { stores: [store], callers: [caller] }),
    })
    expect((await fetch(`${gateway.url}/v1/stores`)).status).toBe(401)
    expect((await fetch(`${gateway.url}/sandbox/medusa/health`)).status).toBe(404)
    await gateway.close()
  })

  it.each([
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', 'http'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['PORT', ' '],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'pretty'],
    ['RESCIND_URL', 'rescind.example'],
    ['RESCIND_URL', 'ftp://rescind.example'],
    ['RESCIND_LEDGER', 'mongodb://x'],
    ['RESCIND_LEDGER', 'rescind.db'],
    ['RESCIND_LEDGER', 'sqlite:/dev/null/x.db'],
  ])('%s=%s is refused by its name', async (name, value) => {
    expect(await refusal({ [name]: value }, { sandbox: true })).toMatch(new RegExp(`^${name}`))
  })

  it('a port in use is said in a sentence', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve)
    })
    expect(
      await refusal({ PORT: String((other.address() as AddressInfo).port) }, { sandbox: true }),
    ).toMatch(/^HOST 127\.0\.0\.1, PORT \d+: something listens there already$/)
    other.close()
  })
  it('RESCIND_REUSE_PORT: only with a ledger that several processes can share', async () => {
    expect(await refusal({ RESCIND_REUSE_PORT: '1' }, { sandbox: true })).toMatch(
      /^RESCIND_REUSE_PORT: several processes on one port need a ledger that they share: RESCIND_LEDGER=redis/,
    )
  })
})

const program = join(root, 'src/hosts/node/start.mjs')
const environmentOf = (environment: Record<string, string>) => ({
  PATH: process.env['PATH'] ?? '',
  ...compileCache,
  ...quiet,
  ...environment,
})

/** Runs the program to its end, in a folder of its own. */
const run = (cwd: string, environment: Record<string, string>, node = process.execPath) => {
  const { status, stdout, stderr } = spawnSync(node, [program], {
    cwd,
    encoding: 'utf8',
    timeout: 45_000,
    env: environmentOf(environment),
  })
  return { status, stdout, stderr }
}

describe('the program', () => {
  it('starts the sandbox where no file is, says so, and stops when it is told to', async () => {
    const cwd = join(folder, 'empty')
    mkdirSync(cwd)
    const child = spawn(process.execPath, [program], {
      cwd,
      env: environmentOf({ LOG_LEVEL: 'info' }),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    expect(JSON.parse(line.toString().split('\n')[0] ?? '')).toMatchObject({
      level: 'info',
      mode: 'sandbox',
      callers: 0,
      msg: expect.stringContaining('sandbox'),
    })
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('reads rescind.config.json where it stands; a sentence and 1 where it is wrong', () => {
    const cwd = join(folder, 'default')
    mkdirSync(cwd)
    writeFileSync(
      join(cwd, 'rescind.config.json'),
      JSON.stringify({ stores: [store], callers: [{ ...caller, keyHash: `rsk_${SECRET}` }] }),
    )
    const { status, stdout, stderr } = run(cwd, { LOG_LEVEL: 'info' })
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^rescind\.config\.json is not valid:\ncallers\[0\]\.keyHash\[0\]: must be "sha256:" and the SHA-256 of the whole key in hex\n$/,
    )
  })

  it('on a Node that is too old says which one it needs, and stops', ({ skip }) => {
    const nodes = (process.env['PATH'] ?? '')
      .split(delimiter)
      .filter((path) => !path.includes('node_modules'))
      .map((path) => join(path, 'node'))
      .filter((path) => existsSync(path))
    const old = nodes.find((node) => {
      const [major = 0, minor = 0] = execFileSync(node, ['-p', 'process.versions.node'], {
        encoding: 'utf8',
      })
        .split('.')
        .map(Number)
      return major < 22 || (major === 22 && minor < 19)
    })
    if (!old) return skip('no Node below 22.19 in PATH')
    const { status, stdout, stderr } = run(folder, {}, old)
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^Rescind needs Node 22\.19 or newer; this is \d+\.\d+\.\d+\. “npm start” brings its own\.\n$/,
    )
    return expect(readdirSync(folder).filter((name) => name === 'data')).toEqual([])
  })
})

describe('npm run key -- erp', () => {
  const mint = (...names: string[]) =>
    spawnSync(process.execPath, [join(root, 'src/cli/key.ts'), ...names], {
      encoding: 'utf8',
      env: { ...process.env, ...compileCache },
    })

  it('prints a key and the entry that knows only its hash; both work as they are', async () => {
    const { status, stdout } = mint('erp')
    const key = /\brsk_[\w-]{43}\b/.exec(stdout)?.[0] ?? ''
    const entry = JSON.parse(/\{.*\}/.exec(stdout)?.[0] ?? '')
    expect([status, entry.name, JSON.stringify(entry).includes(key)]).toEqual([0, 'erp', false])
    const gateway = await start({
      ...quiet,
      RESCIND_CONFIG: write('minted.json', { stores: [store], callers: [entry] }),
    })
    const ask = async (authorization: string) =>
      (await fetch(`${gateway.url}/v1/stores`, { headers: { authorization } })).status
    expect([await ask(`Bearer ${key}`), await ask(`Bearer ${key.slice(0, -1)}`)]).toEqual([
      200, 401,
    ])
    await gateway.close()
  })

  it('never the same twice, and asks for a name', () => {
    expect(mint('erp').stdout).not.toBe(mint('erp').stdout)
    const { status, stdout, stderr } = mint()
    expect([status, stdout, stderr]).toEqual([1, '', 'Say whose key it is: npm run key -- erp\n'])
  })
})
