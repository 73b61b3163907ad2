/**
 * The page about adding a platform, done to the letter on a copy: what it says is enough, and stays
 * so.
 */
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

// Compilers and runners of their own: slow where processors are few.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const root = fileURLToPath(new URL('..', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'rescind-acme-'))
const page = readFileSync(join(root, 'docs/acme.md'), 'utf8')

/** Runs a program of the copy, without what this test's own runner has put into the environment. */
const run = (...command: string[]) => {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|NODE_ENV|NODE_OPTIONS|TEST$)/.test(name),
    ),
  )
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1' },
  })
  return { status, output: stdout + stderr }
}

beforeAll(() => {
  for (const name of [
    'adapters',
    'src',
    'scripts',
    'test/adapter',
    'docs',
    'README.md',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
    '.oxlintrc.json',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const [, path = '', text = ''] of page.matchAll(
    /^\*\*`(adapters\/acme\/[^`]+)`\*\*\n```\w+\n([\s\S]*?)^```$/gm,
  )) {
    mkdirSync(join(copy, dirname(path)), { recursive: true })
    writeFileSync(join(copy, path), text)
  }
  const [, line = ''] =
    /^```ts\n([\s\S]*?)^```$/m.exec(
      page.slice(page.indexOf('Then one line in `adapters/index.ts`')),
    ) ?? []
  expect(line.trim().split('\n')).toHaveLength(1)
  appendFileSync(join(copy, 'adapters/index.ts'), line)
  writeFileSync(
    join(copy, 'tsconfig.acme.json'),
    JSON.stringify({ extends: './tsconfig.json', include: ['adapters/acme', 'adapters/index.ts'] }),
  )
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

it('its files are right as they stand there', () => {
  expect(run('node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.acme.json')).toEqual({
    status: 0,
    output: '',
  })
  expect(run('node_modules/oxlint/bin/oxlint', 'adapters/acme')).toMatchObject({ status: 0 })
})

it('the suite finds the platform in the list, and passes it', () => {
  const { status, output } = run(
    'node_modules/vitest/vitest.mjs',
    'run',
    'adapters/acme',
    '-t',
    'acme',
  )
  expect(status, output).toBe(0)
  expect(output).toMatch(/acme: 30 hostile replies/)
  expect(output).toMatch(/Tests +(4[5-9]|[5-9]\d) passed/)
})

it('the suite notices what a beginner forgets', () => {
  const adapter = join(copy, 'adapters/acme/index.ts')
  const right = readFileSync(adapter, 'utf8')
  writeFileSync(adapter, right.replace('mail: request.notify ?? false, ', ''))
  const { status, output } = run(
    'node_modules/vitest/vitest.mjs',
    'run',
    'adapters/acme',
    '-t',
    'acme: cases',
  )
  writeFileSync(adapter, right)
  expect(status).toBe(1)
  expect(output).toMatch(/FAIL .*adapters\/acme\/acme\.test\.ts > acme: cases > canceled/)
})

it('its page is made, and its row printed', () => {
  expect(run('scripts/docs.ts')).toEqual({ status: 0, output: '' })
  expect(existsSync(join(copy, 'adapters/acme/README.md'))).toBe(true)
  expect(readFileSync(join(copy, 'README.md'), 'utf8')).toContain('[Acme](adapters/acme/README.md)')
})
