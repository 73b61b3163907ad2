/**
 * Six projects: what runs on Node and in workerd (`npm test`); what is started as a program of its
 * own, the command line, the gateway, and then a browser (`npm run test:programs`); and what is
 * built and handed out (`npm run test:package`), of which what wrangler builds here stands apart.
 */
import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Builds, packs, uploads, and other runners: of interest when something is handed out. */
const PACKAGE = [
  'test/package/**/*.test.ts',
  'test/deploy/**/*.test.ts',
  'test/add-a-platform.test.ts',
]

/** Each has wrangler build into dist/, with the sandbox or without: one after the other. */
const EDGE = ['test/edge/**/*.test.ts', 'test/bundle.test.ts']

/** The test files that take something from one of these modules of the tests. */
const filesWith = (...modules: readonly string[]): string[] => {
  const taken = new RegExp(`from '(?:\\.{1,2}/)+(?:[a-z-]+/)*(?:${modules.join('|')})\\.ts'`)
  return globSync('test/**/*.test.ts', {
    cwd: import.meta.dirname,
    exclude: [...PACKAGE, ...EDGE],
  }).filter((file) => taken.test(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')))
}
/** One after the other: a browser takes both processors, and what it looks at must be in time. */
const BROWSER = filesWith('browser')
/** These start a program of ours, or a PostgreSQL. */
const PROGRAMS = filesWith('bin', 'program', 'reloading', 'agreeing', 'postgres-server').filter(
  (file) => !BROWSER.includes(file),
)

/** The longest come first, or the run ends with one processor waiting for them. */
const LONG = [
  'test/console/chromium',
  'test/worker/host',
  'test/worker/account',
  'test/worker/ledger',
  'test/cli/',
  'test/http/',
  'test/ledger/',
  'test/security/',
]
const rank = ({ moduleId }: TestSpecification): number => {
  const found = LONG.findIndex((name) => moduleId.includes(name))
  return found === -1 ? LONG.length : found
}
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other))
  }
}

/** A limit says that something hangs; it is no measure, and a busy machine must not reach it. */
const testTimeout = 120_000
const expect = { poll: { timeout: 20_000 } }

export default defineConfig({
  test: {
    // Vitest leaves one core for itself, which on two is half; and many files wait for a program.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts', 'adapters/**/*.test.ts'],
          exclude: [
            'test/live/**',
            'test/worker/**',
            'node_modules/**',
            ...PROGRAMS,
            ...BROWSER,
            ...PACKAGE,
            ...EDGE,
          ],
          // A file leaves nothing behind in its process: starting one for each costs a third.
          isolate: false,
          testTimeout,
          expect,
        },
      },
      { test: { name: 'programs', include: PROGRAMS, isolate: false, testTimeout, expect } },
      {
        test: {
          name: 'browser',
          include: BROWSER,
          isolate: false,
          testTimeout,
          expect,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: './test/worker/main.ts',
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { durableObjects: { SHELVES: { className: 'Shelf', useSQLite: true } } },
          }),
        ],
        test: {
          name: 'workers',
          include: ['test/worker/**/*.test.ts'],
          isolate: false,
          testTimeout,
          expect,
        },
      },
      { test: { name: 'package', include: PACKAGE, testTimeout, expect } },
      {
        test: {
          name: 'edge',
          include: EDGE,
          testTimeout,
          expect,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
