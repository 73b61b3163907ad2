/**
 * The page about adding a platform, done to the letter on a copy: the template and the page are
 * enough, and stay so.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

// Compilers and runners of their own: slow where processors are few.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const root = fileURLToPath(new URL('..', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'rescind-acme-'))

/** The page's commands: a folder is copied, a line is added, the suite is run. */
const page = readFileSync(join(root, 'docs/add-a-platform.md'), 'utf8')
const [add = '', list = '', test = '', ...others] =
  /^```sh\n([\s\S]*?)\n```$/m.exec(page)?.[1]?.split('\n') ?? []

/** Runs a command in the copy, without what this test's own runner has put into the environment. */
const run = (command: string) => {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|NODE_ENV|NODE_OPTIONS|TEST$|npm_)/.test(name),
    ),
  )
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...env, PATH: `${join(copy, 'node_modules/.bin')}:${env['PATH']}`, NO_COLOR: '1' },
  })
  return { status, output: stdout + stderr }
}

const adapter = join(copy, 'adapters/acme/index.ts')

beforeAll(() => {
  for (const name of [
    'adapters',
    'docs',
    'scripts',
    'src',
    'templates',
    'test/architecture.test.ts',
    'README.md',
    'package.json',
    'vitest.config.ts',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  expect(others).toEqual([])
  for (const command of [add, list])
    expect(run(command), command).toEqual({ status: 0, output: '' })
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

// They are formatted, linted and type-checked where they are: the paths in them are the same there.
it('its files keep the rules of the tree', () => {
  const { status, output } = run(
    'vitest run --project node test/architecture.test.ts -t adapters/acme',
  )
  expect(status, output).toBe(0)
  // Of three files and an imitation: who imports whom, and how small it is.
  expect(output).toMatch(/Tests +9 passed/)
})

it('the suite finds the platform in the list, and passes it', () => {
  const { status, output } = run(test)
  expect(status, output).toBe(0)
  expect(output).toMatch(/acme: 30 hostile replies/)
  expect(output).toMatch(/Tests +(4[5-9]|[5-9]\d) passed/)
})

it.each([
  ['a flag that is left out', 'mail: request.notify ?? false,', '', 'cases > canceled'],
  [
    'a yes that is none',
    'reply: wire.Order,\n      about: about(request.orderId),\n    }) satisfies Call<wire.Order>',
    'reply: z.unknown(),\n    }) satisfies Call<unknown>',
    'hostile replies > empty 200, not processed (ask)',
  ],
])('the suite notices what a beginner forgets: %s', (_, right, wrong, where) => {
  const text = readFileSync(adapter, 'utf8')
  expect(text).toContain(right)
  writeFileSync(adapter, text.replace(right, wrong))
  const { status, output } = run(
    `vitest run --project node adapters/acme -t 'acme: ${where.split(' ')[0]}'`,
  )
  writeFileSync(adapter, text)
  expect(status).toBe(1)
  expect(output).toContain(`adapters/acme/acme.test.ts > acme: ${where}`)
})

it('its page is made, its row printed, and the demo cancels its order', () => {
  expect(run('node scripts/docs.ts')).toEqual({ status: 0, output: '' })
  expect(readFileSync(join(copy, 'adapters/acme/README.md'), 'utf8')).toContain(
    '| restock | choose | By `restock`. |',
  )
  expect(readFileSync(join(copy, 'README.md'), 'utf8')).toContain('[Acme](adapters/acme/README.md)')
  expect(run('node scripts/demo.ts').output).toMatch(/^acme +paid +201 +succeeded/m)
})
