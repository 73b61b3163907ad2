/**
 * Every platform in the list against the suite, from what its own folder says: nothing is to be
 * added here.
 */
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { platforms } from '../../src/platforms.ts'
import { readSuite } from './cases.ts'
import { testAdapter } from './suite.ts'

for (const platform of platforms) {
  const { id } = platform.adapter
  const options = readSuite(id)
  if (options) testAdapter(platform, options)
  describe(`${id}: suite`, () => {
    it('is asked for, by adapters/<id>/suite.json or by a test file of its own', () => {
      expect(
        options !== null || existsSync(new URL(`${id}.test.ts`, import.meta.url)),
        `adapters/${id}/suite.json is missing`,
      ).toBe(true)
    })
  })
}
