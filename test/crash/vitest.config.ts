/** `npm run test:crash`: the crash tests alone, ten times as long as within `npm test`, or as RESCIND_CRASH_ROUNDS says. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/crash/*.test.ts'],
    fileParallelism: false,
    env: { RESCIND_CRASH_ROUNDS: process.env['RESCIND_CRASH_ROUNDS'] ?? '10' },
  },
})
