/** Every mutant of the torture still breaks something, and names tests that there are. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { misfit } from './fit.ts'
import { MUTATIONS } from './mutations.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

it.each(MUTATIONS)('without $without: it fits, and its tests are there', (mutation) => {
  expect(misfit(root, mutation)).toBe(null)
  if (typeof mutation.tests === 'string') return
  for (const path of mutation.tests)
    expect([path, existsSync(join(root, path))]).toEqual([path, true])
})
