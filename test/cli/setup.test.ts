/**
 * From an empty folder to a canceled order: `init`, `keys`, `stores check`, `doctor` and `serve` as
 * they run, with a sandbox as the platform.
 * Longer than 400 lines because one sandbox serves every step on the way.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fieldsOf } from '../../src/adapter/settings.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { platforms } from '../../src/hosts/platforms.ts'
import { start, type Started } from '../../src/hosts/node/index.ts'
import { BIN, environmentOf, hasScript, jsonLines, KEYS, run, runOnTerminal } from './bin.ts'

const SECRET = 'sk_sandbox'
let sandbox: Started
let baseUrl: string
beforeAll(async () => {
  sandbox = await start(
    { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' },
    { sandbox: true },
  )
  baseUrl = `${sandbox.url}/sandbox/medusa`
})
afterAll(() => sandbox.close())

let cwd: string
const children: ChildProcess[] = []
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rescind-cli-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null) continue
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  rmSync(cwd, { recursive: true })
})

/** How far down it stands in the list that `init` shows. */
const placeOfMedusa = platforms.findIndex(({ adapter }) => adapter.id === 'medusa')

const FILE = 'rescind.config.json'
const config = () => JSON.parse(readFileSync(join(cwd, FILE), 'utf8'))
const init = (
  store: string,
  values: string[] = [],
  env: Record<string, string> = { PARIS_KEY: SECRET },
) =>
  run(
    [
      'init',
      '--platform',
      'medusa',
      '--store',
      store,
      '--set',
      `baseUrl=${baseUrl}`,
      '--env',
      'secretKey=PARIS_KEY',
      ...values,
    ],
    { cwd, env },
  )

/** As `init` leaves it. */
const configure = (...more: object[]) =>
  writeFileSync(
    join(cwd, FILE),
    JSON.stringify({
      stores: [
        { id: 'paris', platform: 'medusa', settings: { baseUrl, secretKey: { env: 'PARIS_KEY' } } },
        ...more,
      ],
      callers: [
        {
          name: 'admin',
          keyHash: `sha256:${'0'.repeat(64)}`,
          scopes: ['read', 'cancel', 'operate'],
          stores: ['*'],
        },
      ],
    }),
    { mode: 0o600 },
  )

/** `rescind serve` in the folder; its address. */
const serve = async (
  env: Record<string, string>,
): Promise<{ url: string; output: () => string; stop: () => Promise<unknown> }> => {
  const child = spawn(process.execPath, [BIN, 'serve'], {
    cwd,
    env: environmentOf({ PORT: '0', ...env }),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  let output = ''
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString()
  })
  await once(child.stdout, 'data')
  return {
    url: JSON.parse(output.split('\n')[0] ?? '').url,
    output: () => output,
    stop: () => {
      child.kill('SIGTERM')
      return once(child, 'exit')
    },
  }
}

it('npx finds it in the clone, without the network and before anything was cached', async ({
  skip,
}) => {
  const npx = spawn('npx', ['--offline', 'rescind', '--version'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: environmentOf({ npm_config_cache: join(cwd, 'cache'), HOME: cwd }),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let said = ''
  npx.stdout.on('data', (text: Buffer) => {
    said += text.toString()
  })
  const [status] = (await once(npx, 'close').catch(() => [null])) as [number | null]
  if (status === null) return skip('no npx here')
  return expect([status, said]).toEqual([0, '0.1.0\n'])
})

describe('init', () => {
  it.skipIf(!hasScript)(
    'asks, tries, writes for this user alone; then the gateway cancels with the key shown',
    async () => {
      const credentials: [string, string][] = [
        ['secretKey', 'KEY'],
        ['email', KEYS.enter],
        ['password', KEYS.enter],
        ['publishableKey', KEYS.enter],
        ['secrets kept', KEYS.enter],
      ]
      const { status, screen } = await runOnTerminal(
        ['init'],
        [
          ['Which platform', `${KEYS.down.repeat(placeOfMedusa)}${KEYS.enter}`],
          ['be called', `paris${KEYS.enter}`],
          ['baseUrl', `${baseUrl}${KEYS.enter}`],
          ...credentials.map(([question, answer]): [string, string] => [
            question,
            answer === 'KEY' ? `sk_wrong-canary${KEYS.enter}` : answer,
          ]),
          ['What now?', KEYS.enter],
          ['baseUrl', KEYS.enter],
          ...credentials.map(([question, answer]): [string, string] => [
            question,
            answer === 'KEY' ? `${SECRET}${KEYS.enter}` : answer,
          ]),
        ],
        { cwd },
      )
      expect(status).toBe(0)
      expect(screen).toContain('The store refuses the credentials')
      expect(screen).toMatch(/takes the credentials\.[\s\S]*PARIS_SECRET_KEY/)
      expect(screen).not.toMatch(/canary|sk_sandbox/)
      expect(statSync(join(cwd, FILE)).mode & 0o777).toBe(0o600)
      expect(config().stores).toEqual([
        {
          id: 'paris',
          platform: 'medusa',
          settings: { baseUrl, secretKey: { env: 'PARIS_SECRET_KEY' } },
        },
      ])
      const key = /\brsk_[\w-]{43}\b/.exec(screen)?.[0] ?? ''
      expect(readFileSync(join(cwd, FILE), 'utf8')).not.toContain(key)

      const gateway = await serve({ PARIS_SECRET_KEY: SECRET })
      const canceled = await run(['cancel', 'paris', 'order_paid-init', '--yes', '--json'], {
        env: { RESCIND_URL: gateway.url, RESCIND_KEY: key },
      })
      expect([canceled.status, JSON.parse(canceled.stdout)]).toEqual([
        0,
        expect.objectContaining({ status: 'succeeded', store: 'paris' }),
      ])
      expect(
        (await run(['show', JSON.parse(canceled.stdout).id], { env: { RESCIND_URL: gateway.url } }))
          .status,
      ).toBe(6)
      expect(await gateway.stop()).toEqual([0, null])
    },
  )

  it('without a terminal takes all by flags, secrets by the names of variables', async () => {
    const { status, stdout, stderr } = await init('paris', ['--json'])
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({
        file: FILE,
        caller: 'admin',
        key: expect.stringMatching(/^rsk_/),
        check: expect.objectContaining({ credentials: 'accepted' }),
      }),
    ])
    expect(stdout + stderr).not.toContain(SECRET)
    expect(config().stores[0].settings).toEqual({ baseUrl, secretKey: { env: 'PARIS_KEY' } })
  })

  it('adds to what is there, to the letter, and only once', async () => {
    const before = `{\n  "stores": [ { "id": "lyon", "platform": "medusa", "settings": { "baseUrl": "https://lyon.example", "secretKey": { "env": "LYON" } } } ],\n  "callers": [ { "name": "erp", "keyHash": "sha256:${'0'.repeat(64)}", "scopes": ["read"], "stores": ["lyon"] } ]\n}\n`
    writeFileSync(join(cwd, FILE), before, { mode: 0o640 })
    expect((await init('lyon')).stderr).toMatch(/A store is called lyon already/)
    expect(readFileSync(join(cwd, FILE), 'utf8')).toBe(before)
    const { status, stdout } = await init('paris')
    expect([status, stdout]).toEqual([0, '']) // there are callers: no further key
    expect(config().stores.map(({ id }: { id: string }) => id)).toEqual(['lyon', 'paris'])
    expect(readFileSync(join(cwd, FILE), 'utf8')).toContain(
      '"callers": [ { "name": "erp", "keyHash"',
    )
    expect([statSync(join(cwd, FILE)).mode & 0o777, readdirSync(cwd)]).toEqual([0o640, [FILE]])
  })

  it.each<[number, string, string[], Record<string, string>, RegExp]>([
    [6, 'a wrong key', [], { PARIS_KEY: 'sk_wrong-canary' }, /refuses the credentials/],
    [2, 'a variable that is not set', [], {}, /PARIS_KEY is not set/],
    [
      2,
      'a secret as a flag',
      ['--set', 'secretKey=sk_canary'],
      { PARIS_KEY: SECRET },
      /secretKey is a secret[\s\S]*--env secretKey=VARIABLE/,
    ],
    [
      2,
      'a setting that is not there',
      ['--set', 'shop=acme'],
      { PARIS_KEY: SECRET },
      /There is no setting shop[\s\S]*--set baseUrl=/,
    ],
    [
      2,
      'http to another machine',
      ['--set', 'baseUrl=http://shop.example'],
      { PARIS_KEY: SECRET },
      /http is for loopback only/,
    ],
    [
      4,
      'a store that is away',
      ['--set', 'baseUrl=http://127.0.0.1:9'],
      { PARIS_KEY: SECRET },
      /cannot be told/,
    ],
  ])('%i and nothing written: %s', async (code, _, values, env, says) => {
    const { status, stdout, stderr } = await init('paris', values, env)
    expect([status, stdout, stderr]).toEqual([code, '', expect.stringMatching(says)])
    expect(stderr).not.toContain('canary')
    expect(readdirSync(cwd)).toEqual([])
  })

  it('knows every platform’s settings, and which of them are secrets', async () => {
    for (const { adapter, createSandbox } of platforms) {
      const fields = fieldsOf(adapter.settings)
      const given = (value: object, path = ''): string[] =>
        Object.entries(value).flatMap(([name, part]) =>
          typeof part === 'object' ? given(part, `${path}${name}.`) : [path + name],
        )
      expect(fields.map(({ name }) => name)).toEqual(
        expect.arrayContaining(given((await createSandbox()).settings)),
      )
      expect(
        fields
          .filter(({ name }) => /(secret|token|password|apikey)/i.test(name))
          .every(({ secret }) => secret),
        adapter.id,
      ).toBe(true)
    }
  })

  it.skipIf(!hasScript).each([
    ['Ctrl-C', KEYS.interrupt],
    ['Ctrl-D', KEYS.end],
  ])('%s ends it with 3, nothing written', async (_, key) => {
    const { status } = await runOnTerminal(['init', '--platform', 'wix'], [['be called', key]], {
      cwd,
    })
    expect([status, readdirSync(cwd)]).toEqual([3, []])
  })
})

describe('keys', () => {
  it('a key is on stdout alone and once; the list has none', async () => {
    const first = (await init('paris')).stdout.trim()
    const { status, stdout } = await run(
      ['keys', 'create', 'erp', '--scopes', 'read', '--stores', 'paris'],
      { cwd },
    )
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^rsk_[\w-]{43}\n$/)])
    expect(config().callers[1]).toMatchObject({ name: 'erp', scopes: ['read'], stores: ['paris'] })
    const list = await run(['keys', 'list', '--json'], { cwd })
    expect(jsonLines(list.stdout).map(({ name, scopes }) => [name, scopes])).toEqual([
      ['admin', ['read', 'cancel', 'operate']],
      ['erp', ['read']],
    ])
    expect(list.stdout).not.toMatch(new RegExp(`rsk_|${config().callers[1].keyHash[0]}`))
    const gateway = await serve({ PARIS_KEY: SECRET })
    for (const key of [first, stdout.trim()])
      expect(
        (await fetch(`${gateway.url}/v1/stores`, { headers: { authorization: `Bearer ${key}` } }))
          .status,
      ).toBe(200)
  })

  it.each<[string, string[], RegExp]>([
    ['a name twice', ['admin'], /called admin already/],
    ['a store that is not there', ['erp', '--stores', 'rome'], /there is no store rome/],
    ['a scope that is not there', ['erp', '--scopes', 'root'], /root is no scope/],
  ])('2, nothing changed, no key shown: %s', async (_, values, says) => {
    configure()
    const before = readFileSync(join(cwd, FILE), 'utf8')
    const { status, stdout, stderr } = await run(['keys', 'create', ...values], { cwd })
    expect([status, stdout, stderr, readFileSync(join(cwd, FILE), 'utf8')]).toEqual([
      2,
      '',
      expect.stringMatching(says),
      before,
    ])
  })

  it('without a configuration says what to do', async () => {
    expect(await run(['keys', 'create', 'erp'], { cwd })).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('rescind init'),
    })
  })
})

describe('stores check', () => {
  it('tells every store apart: 0, 4 where one is away, 6 where one refuses us', async () => {
    configure()
    const check = async (env: Record<string, string>, ...values: string[]) =>
      run(['stores', 'check', ...values], { cwd, env })
    expect((await check({ PARIS_KEY: SECRET })).stdout).toMatch(
      /^store +platform +reachable +credentials +answered in +pace[^\n]*\nparis +medusa +yes +accepted +\d+ m?s +10\/s, burst 20\n$/,
    )
    configure({
      id: 'dark',
      platform: 'medusa',
      settings: { baseUrl: 'http://127.0.0.1:9', secretKey: 'sk_sandbox' },
    })
    const both = await check({ PARIS_KEY: SECRET }, '--json')
    expect([
      both.status,
      jsonLines(both.stdout).map(({ store, reachable, credentials }) => [
        store,
        reachable,
        credentials,
      ]),
    ]).toEqual([
      4,
      [
        ['paris', true, 'accepted'],
        ['dark', false, 'unknown'],
      ],
    ])
    const refused = await check({ PARIS_KEY: 'sk_canary-wrong' })
    expect([refused.status, refused.stdout]).toEqual([
      6,
      expect.stringMatching(/paris +medusa +yes +refused/),
    ])
    expect(refused.stdout + refused.stderr).not.toContain('canary')
    expect((await check({ PARIS_KEY: SECRET }, 'rome')).status).toBe(2)
  })
})

describe('doctor', () => {
  const doctor = async (env: Record<string, string>) => {
    const { status, stdout } = await run(['doctor', '--json'], { cwd, env })
    return {
      status,
      of: (check: string) => jsonLines(stdout).find((line) => line.check === check) ?? {},
    }
  }

  it('an empty folder is a sandbox without keys: two warnings, nothing left behind', async () => {
    const { status, of } = await doctor({ PORT: '0' })
    expect([
      status,
      of('configuration').level,
      of('callers').level,
      of('ledger').level,
      readdirSync(cwd),
    ]).toEqual([0, 'warn', 'warn', 'ok', []])
  })

  it('says that RESCIND_SANDBOX is why nothing configured is served, and to whom', async () => {
    configure()
    const { status, of } = await doctor({ PORT: '0', HOST: '0.0.0.0', RESCIND_SANDBOX: '1' })
    expect([status, of('configuration').level, of('callers').level]).toEqual([0, 'warn', 'warn'])
    expect(of('configuration').says).toMatch(/^RESCIND_SANDBOX is 1: /)
    expect(of('callers').says).toMatch(/^whoever reaches 0\.0\.0\.0 needs no key/)
    expect(of('store paris')).toEqual({})
  })

  it('finds the running gateway with its ledger, and a store that refuses us', async () => {
    configure()
    const gateway = await serve({ PARIS_KEY: SECRET })
    const PORT = new URL(gateway.url).port
    const well = await doctor({ PORT, PARIS_KEY: SECRET })
    expect([
      well.status,
      well.of('port').says,
      well.of('ledger').says,
      well.of('store paris').level,
      well.of('clock').level,
    ]).toEqual([
      0,
      expect.stringContaining('a gateway answers'),
      expect.stringContaining('the running gateway has it open'),
      'ok',
      'ok',
    ])
    const elsewhere = await doctor({ PORT: '0', PARIS_KEY: 'sk_canary-wrong' })
    expect([
      elsewhere.status,
      elsewhere.of('ledger').level,
      elsewhere.of('store paris').level,
    ]).toEqual([6, 'warn', 'bad'])
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
  })

  it('a store that leads to another shop is told, by the start too, until it is said to have moved', async () => {
    configure()
    const gateway = await serve({ PARIS_KEY: SECRET })
    await gateway.stop()
    const was = `medusa ${new URL(baseUrl).host}/sandbox/medusa`
    const change = (more: object) => {
      const changed = config()
      Object.assign(changed.stores[0], more)
      changed.stores[0].settings.baseUrl = baseUrl.replace('127.0.0.1', 'localhost')
      writeFileSync(join(cwd, FILE), JSON.stringify(changed), { mode: 0o600 })
    }
    change({})
    const moved = await doctor({ PORT: '0', PARIS_KEY: SECRET })
    expect([moved.status, moved.of('store paris').level]).toEqual([1, 'bad'])
    expect(moved.of('store paris').todo).toContain(`"movedFrom": ["${was}"]`)
    const again = await serve({ PARIS_KEY: SECRET })
    await expect.poll(again.output).toContain('first opened for another merchant account')
    await again.stop()
    change({ movedFrom: [was] })
    const mended = await doctor({ PORT: '0', PARIS_KEY: SECRET })
    expect([mended.status, mended.of('store paris').level]).toEqual([0, 'ok'])
  })

  it('says that others can read the ledger, where they can', async () => {
    mkdirSync(join(cwd, 'data'))
    openSqliteLedger(join(cwd, 'data', 'rescind.db')).close()
    const told = async () =>
      jsonLines((await run(['doctor', '--json'], { cwd, env: { PORT: '0' } })).stdout)
        .filter(({ says }) => /other users/.test(says))
        .map(({ level, todo }) => [level, todo])
    expect(await told()).toEqual([])
    chmodSync(join(cwd, 'data', 'rescind.db'), 0o640)
    expect(await told()).toEqual([['warn', 'chmod 600 data/rescind.db']])
  })

  it('says what stops a start: 1', async () => {
    configure()
    chmodSync(join(cwd, FILE), 0o644)
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    writeFileSync(join(cwd, 'file'), '')
    const { status, of } = await doctor({
      PORT: String((other.address() as AddressInfo).port),
      RESCIND_LEDGER: 'sqlite:file/x.db',
      PARIS_KEY: SECRET,
    })
    other.close()
    expect([status, of('port').level, of('ledger').level]).toEqual([1, 'bad', 'bad'])
    const { stdout, stderr } = await run(['doctor'], { cwd, env: { PORT: '0' } })
    // One thing is missing, and what follows from it is no further one.
    expect(stdout).not.toContain('callers')
    expect(stderr).toMatch(/the configuration comes first\.\n1 to mend, 0 to think about\.\n$/)
    expect(stdout).toMatch(
      /✕ bad {3}configuration: rescind\.config\.json, line 1: stores\[0\]\.settings\.secretKey: the environment variable PARIS_KEY is not set\n +→ set PARIS_KEY /,
    )
  })
})
