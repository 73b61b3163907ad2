/** What mutation testing runs: the tests of the model and the gateway, and no other. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/model/*.test.ts', 'test/gateway/**/*.test.ts'],
    // It starts another program for each signature.
    exclude: ['test/gateway/deliveries/python.test.ts'],
    testTimeout: 20_000,
  },
})
