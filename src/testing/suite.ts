/**
 * The suite every platform must pass: shape, cases to the byte, hostile replies, its own sandbox.
 */
import { describe, expect, it } from 'vitest'
import { repeatOf } from '../adapter/contract.ts'
import type { Platform } from '../adapter/platform.ts'
import { INPUTS } from '../model/capability.ts'
import { readSuite, type SuiteOptions } from './options.ts'
import { testCases } from './suite-cases.ts'
import { testHostile } from './suite-hostile.ts'
import { testNotices } from './suite-notices.ts'
import { testSandbox } from './suite-sandbox.ts'
import { testSweep } from './suite-sweep.ts'

const testShape = ({ adapter }: Platform, { settings }: SuiteOptions) =>
  describe(`${adapter.id}: shape`, () => {
    it('says where everything it claims is written', () => {
      expect(adapter.docs).toMatch(/^https:\/\//)
      for (const input of INPUTS)
        expect(adapter.capabilities[input].source.length, input).toBeGreaterThan(10)
      for (const rule of adapter.errors)
        expect(rule.source.length, String(rule.status)).toBeGreaterThan(10)
      expect(repeatOf(adapter, adapter.settings.parse(settings)).source.length).toBeGreaterThan(10)
      expect(adapter.pace.source.length).toBeGreaterThan(5)
      if (adapter.mayReopen) expect(adapter.mayReopen.source.length).toBeGreaterThan(10)
    })
    it('knows what it does not know: settings are strict', () => {
      expect(adapter.settings.safeParse({ ...settings, somethingElse: 1 }).success).toBe(false)
    })
    it('declares transfers where it says that there are any', () => {
      expect(adapter.capabilities.transfer.can === 'never').toBe(adapter.transfer === undefined)
    })
  })

/**
 * Registers the suite for one platform, in a test file of its folder. `folder` holds its `cases/`
 * and its `suite.json`, unless `options` are given, and its `notices/` where it has webhooks.
 */
export const testAdapter = (
  platform: Platform,
  folder: URL,
  options: SuiteOptions = readSuite(folder),
): void => {
  testShape(platform, options)
  testCases(platform, folder, options)
  testHostile(platform, options)
  testSandbox(platform, options)
  testSweep(platform, options)
  if (platform.adapter.notices) testNotices(platform.adapter, new URL('notices/', folder), options)
}
