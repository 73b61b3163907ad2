/**
 * Odoo against the suite that every platform passes, once in each of its APIs: the imitation of 18
 * is called by JSON-RPC, that of 19 by JSON-2. A case says by itself on which version it is played.
 */
import { describe } from 'vitest'
import { testAdapter } from '../../src/testing/index.ts'
import { odoo } from './index.ts'
import { createSandboxOf } from './sandbox/index.ts'

describe.each(['18', '19'] as const)('%s', (version) =>
  testAdapter(
    { adapter: odoo, createSandbox: async () => createSandboxOf(version) },
    new URL('.', import.meta.url),
  ),
)
