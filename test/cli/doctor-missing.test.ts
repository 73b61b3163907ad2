/** What `rescind doctor` says where a variable, a file or a folder is missing: the very thing. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/cli/doctor-config.ts'
import { checkLedger } from '../../src/cli/doctor-ledger.ts'
import type { Line } from '../../src/cli/doctor-line.ts'
import { openTerminal } from '../../src/cli/terminal.ts'
import { scratch } from '../scratch.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(scratch, 'rescind-missing-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const terminal = openTerminal({})
/** Level, what it says, and what to do. */
const told = (lines: readonly Line[]) =>
  lines.map(({ level, says, todo }) => [level, says, todo === null ? null : terminal.advice(todo)])

/** A configuration of one store, whose settings stand in lines of their own from the fifth on. */
const configOf = (settings: object, more: object = {}): string => {
  const file = join(folder, 'config.json')
  const config = { stores: [{ id: 'paris', platform: 'medusa', settings }], ...more }
  writeFileSync(file, JSON.stringify(config, null, 1), { mode: 0o600 })
  return file
}
const config = (environment: Record<string, string>) => told(checkConfig(environment)[1])

describe('the configuration', () => {
  it('each variable that has no value, by its line, and nothing that follows from it', () => {
    const RESCIND_CONFIG = configOf({
      baseUrl: { env: 'PARIS_URL' },
      secretKey: { env: 'PARIS_KEY' },
    })
    expect(config({ RESCIND_CONFIG, PARIS_KEY: '' })).toEqual([
      [
        'bad',
        `${RESCIND_CONFIG}, line 7: stores[0].settings.baseUrl: the environment variable ` +
          'PARIS_URL is not set',
        expect.stringMatching(/^set PARIS_URL where the gateway is started/),
      ],
      [
        'bad',
        `${RESCIND_CONFIG}, line 10: stores[0].settings.secretKey: the environment variable ` +
          'PARIS_KEY is empty',
        expect.stringMatching(/^set PARIS_KEY where the gateway is started/),
      ],
    ])
  })

  it('the file that is not there', () => {
    const RESCIND_CONFIG = configOf({
      baseUrl: 'http://127.0.0.1:9',
      secretKey: { file: '/run/secrets/sk_canary' },
    })
    expect(config({ RESCIND_CONFIG })).toEqual([
      [
        'bad',
        `${RESCIND_CONFIG}, line 8: stores[0].settings.secretKey: the file named here cannot be ` +
          'read: ENOENT',
        'mend that file: it is read by whoever runs the gateway, and holds the value alone',
      ],
    ])
  })

  it('the variable whose value is wrong, and what else is', () => {
    const RESCIND_CONFIG = configOf({
      baseUrl: { env: 'PARIS_URL' },
      secretKey: { path: '/run/secrets/key' },
    })
    expect(config({ RESCIND_CONFIG, PARIS_URL: 'no address' })).toEqual([
      [
        'bad',
        expect.stringContaining(', line 7: stores[0].settings.baseUrl: '),
        'mend the value of PARIS_URL, which it comes from',
      ],
      [
        'bad',
        expect.stringContaining(', line 10: stores[0].settings.secretKey: '),
        'it takes a text, {"env": "NAME"} for a variable, or {"file": "PATH"} for a file',
      ],
    ])
  })

  it('a secret where the name of a variable belongs, without repeating it', () => {
    const lines = config({
      RESCIND_CONFIG: configOf({
        baseUrl: 'http://127.0.0.1:9',
        secretKey: { env: 'sk_canary' },
      }),
    })
    expect(lines).toEqual([
      [
        'bad',
        expect.stringContaining('the environment variable named here is not set'),
        expect.stringMatching(/^"env" takes the name of a variable/),
      ],
    ])
    expect(JSON.stringify(lines)).not.toContain('canary')
  })

  it('a member that is missing, by what it should stand in', () => {
    const RESCIND_CONFIG = configOf({ secretKey: 'sk' })
    expect(config({ RESCIND_CONFIG })).toEqual([
      [
        'bad',
        expect.stringContaining(', line 6: stores[0].settings.baseUrl: '),
        expect.any(String),
      ],
    ])
  })

  it('a file that is not there, in a folder that is not there', () => {
    const RESCIND_CONFIG = join(folder, 'a b', 'config.json')
    expect(config({ RESCIND_CONFIG })).toEqual([
      [
        'bad',
        `RESCIND_CONFIG names ${RESCIND_CONFIG}, which does not exist`,
        expect.stringMatching(/\n {2}mkdir -p '\S+a b'\n {2}\S.* init$/),
      ],
    ])
  })

  it('a folder in the place of the file, and a file in the place of its folder', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(config({ RESCIND_CONFIG: folder })[0]?.[1]).toMatch(/, which is a folder$/)
    expect(config({ RESCIND_CONFIG: join(folder, 'file', 'x') })[0]?.[1]).toMatch(
      /, which does not exist: a part of its path is a file$/,
    )
  })
})

describe('the ledger', () => {
  const ledger = async (path: string) => told(await checkLedger(`sqlite:${path}`, false, {}))

  it('a folder that is not there is made with it', async () => {
    expect(await ledger(join(folder, 'new', 'x.db'))).toEqual([
      ['ok', expect.stringContaining(`with the folder ${join(folder, 'new')}, which is not`), null],
    ])
  })

  it('a file that is not there although a gateway runs', async () => {
    const path = join(folder, 'x.db')
    expect(told(await checkLedger(`sqlite:${path}`, true, {}))).toEqual([
      [
        'warn',
        expect.stringContaining(`${path} is not there, and a gateway runs`),
        expect.any(String),
      ],
    ])
  })

  it('what is no place for a file', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, 'not a database, and long enough to be read as one: '.repeat(20))
    expect(await ledger(join(file, 'x.db'))).toEqual([
      ['bad', `${file}/x.db cannot be made: ${file} is a file`, expect.any(String)],
    ])
    expect(await ledger(folder)).toEqual([
      [
        'bad',
        `${folder} is a folder`,
        `name a file in it: RESCIND_LEDGER=sqlite:${folder}/rescind.db`,
      ],
    ])
    expect(await ledger('')).toEqual([['bad', 'RESCIND_LEDGER names no file', expect.any(String)]])
    expect(await ledger(file)).toEqual([
      ['bad', `${file}: file is not a database`, expect.any(String)],
    ])
  })

  it.skipIf(process.getuid?.() === 0)(
    'what this user may not touch (root may touch everything, so it is skipped for root)',
    async () => {
      const shut = join(folder, 'shut')
      mkdirSync(shut)
      chmodSync(shut, 0o500)
      expect(await ledger(join(shut, 'x.db'))).toEqual([
        ['bad', expect.stringContaining(`may not write into ${shut}`), expect.any(String)],
      ])
      expect(await ledger(join(shut, 'in', 'x.db'))).toEqual([
        [
          'bad',
          expect.stringMatching(/^the folder \S+in does not exist, and the user \S+ may not make/),
          expect.stringMatching(/\n {2}sudo install -d -m 700 -o \S+ \S+in$/),
        ],
      ])
      const RESCIND_CONFIG = configOf({ baseUrl: 'http://127.0.0.1:9', secretKey: 'sk' })
      chmodSync(RESCIND_CONFIG, 0)
      expect(config({ RESCIND_CONFIG })[0]?.[1]).toMatch(/, which this user may not read$/)
    },
  )
})
