/**
 * Three projects in one run: what needs a process of its own on Node, what shares one, and what
 * runs in workerd.
 */
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import unit, { UNIT, WORKERS } from './test/unit.vitest.config.ts'

export default defineConfig({
  test: {
    maxWorkers: WORKERS,
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts', 'adapters/**/*.test.ts'],
          exclude: ['test/live/**', 'test/worker/**', 'node_modules/**', ...UNIT],
          testTimeout: 20_000,
        },
      },
      unit,
      {
        plugins: [
          cloudflareTest({
            main: './test/worker/main.ts',
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { durableObjects: { SHELVES: { className: 'Shelf', useSQLite: true } } },
          }),
        ],
        test: { name: 'workers', include: ['test/worker/**/*.test.ts'], testTimeout: 20_000 },
      },
    ],
  },
})
