/** Two projects in one run: what runs on Node, and what runs in workerd. */
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts', 'adapters/**/*.test.ts'],
          exclude: ['test/live/**', 'test/worker/**', 'node_modules/**'],
          testTimeout: 20_000,
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
        test: { name: 'workers', include: ['test/worker/**/*.test.ts'], testTimeout: 20_000 },
      },
    ],
  },
})
