/**
 * `rescind init --workers`: a wrangler project out of nothing, secrets for its owner alone, and
 * nothing that was there is touched.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { jsonLines, run } from './bin.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rescind-workers-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

const FILES = [
  '.dev.vars',
  '.dev.vars.example',
  '.gitignore',
  'package.json',
  'src/index.js',
  'wrangler.toml',
]
const init = (...flags: string[]) => run(['init', '--workers', ...flags], { cwd })
const read = (path: string) => readFileSync(join(cwd, path), 'utf8')
const found = () =>
  readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter((path) => path !== 'src')

it('writes a project, a secret of its own, and says what comes next', async () => {
  const { status, stdout, stderr } = await init()
  expect([status, found().sort(), stdout.trim().split('\n').sort()]).toEqual([0, FILES, FILES])
  expect(statSync(join(cwd, '.dev.vars')).mode & 0o777).toBe(0o600)
  const values = parseEnv(read('.dev.vars'))
  expect(Object.keys(values), 'no configuration: the sandbox').toEqual(['RESCIND_SESSION_SECRET'])
  expect(values['RESCIND_SESSION_SECRET']?.length).toBeGreaterThanOrEqual(32)
  expect(stdout + stderr, 'nobody is told').not.toContain(values['RESCIND_SESSION_SECRET'])
  expect(read('src/index.js')).toContain("from 'rescind/worker-console'")
  expect(read('.gitignore').split('\n')).toContain('.dev.vars*')
  expect(stderr).toMatch(
    /Next: npm install\n +npx wrangler dev\n +.*rescind init\n +npx wrangler secret put RESCIND_CONFIG < rescind\.config\.json\n +openssl .*RESCIND_SESSION_SECRET\n +npx wrangler deploy\n$/,
  )
  await init()
  const again = join(cwd, 'again')
  mkdirSync(again)
  await run(['init', '--workers'], { cwd: again })
  expect(read('again/.dev.vars'), 'every one has its own').not.toBe(read('.dev.vars'))
})

it('deploy/cloudflare, which the button deploys, is what it writes', async () => {
  await init()
  const folder = new URL('../../deploy/cloudflare/', import.meta.url)
  for (const path of FILES.filter((name) => name !== '.dev.vars'))
    expect(
      readFileSync(new URL(path, folder), 'utf8'),
      `${path} is stale: copy what init --workers writes into an empty folder`,
    ).toBe(read(path))
})

it('without the console it is the API, which needs no such secret', async () => {
  const { stderr } = await init('--no-console')
  expect(read('src/index.js')).toContain("from 'rescind/worker'\n")
  for (const path of ['.dev.vars', '.dev.vars.example', 'package.json'])
    expect(read(path)).not.toContain('SESSION')
  expect(stderr).not.toContain('SESSION')
})

it('names what the configuration wants of the environment, and no value of it', async () => {
  writeFileSync(
    join(cwd, 'rescind.config.json'),
    JSON.stringify({
      stores: [
        {
          id: 'paris',
          platform: 'medusa',
          settings: { baseUrl: 'https://paris.example', secretKey: { env: 'PARIS_KEY' } },
        },
      ],
      callers: [],
    }),
  )
  const { status, stderr, stdout } = await run(['init', '--workers'], {
    cwd,
    env: { PARIS_KEY: 'sk_canary' },
  })
  expect(status).toBe(0)
  expect(stderr).toMatch(/secret put PARIS_KEY\n +npx wrangler secret put RESCIND_CONFIG </)
  expect(stderr).not.toMatch(/rescind init$/m)
  for (const text of [stdout, stderr, ...FILES.map(read)]) expect(text).not.toContain('canary')
})

it.each(['wrangler.toml', 'wrangler.jsonc', 'src/index.js'])(
  'where there is a %s nothing is written',
  async (path) => {
    mkdirSync(join(cwd, 'src'))
    writeFileSync(join(cwd, path), 'mine')
    const { status, stderr } = await init()
    expect([status, found(), read(path)]).toEqual([2, [path], 'mine'])
    expect(stderr).toMatch(/is in this folder already[^]*Nothing was written/)
  },
)

it('what else is there stays as it is, and is said to', async () => {
  for (const path of ['.dev.vars', '.gitignore', 'package.json'])
    writeFileSync(join(cwd, path), 'mine')
  const { status, stdout, stderr } = await init('--json')
  expect(status).toBe(0)
  expect(jsonLines(stdout)[0]).toEqual({
    written: ['wrangler.toml', 'src/index.js', '.dev.vars.example'],
    kept: ['package.json', '.gitignore', '.dev.vars'],
  })
  for (const path of ['.dev.vars', '.gitignore', 'package.json']) expect(read(path)).toBe('mine')
  expect(stderr).toContain('put it into .gitignore')
  expect(stderr).toContain('npm install rescind\n')
})
