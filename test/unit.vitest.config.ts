/**
 * The tests of the model and the gateway: pure, they leave nothing behind in their process, so the
 * files of a worker share it.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export const UNIT = ['test/model/**/*.test.ts', 'test/gateway/**/*.test.ts']
/** Vitest leaves one core for itself, which on two is half; and many files wait for a program. */
export const WORKERS = availableParallelism() + 1

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    name: 'unit',
    include: UNIT,
    isolate: false,
    maxWorkers: WORKERS,
    testTimeout: 20_000,
  },
})
