/**
 * The suite every platform must pass: shape, cases to the byte, hostile replies, its own sandbox.
 */
import { readFileSync } from 'node:fs'
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

/** What a copy of the template still says of Acme, in a folder that is called otherwise. */
const testNames = ({ id, name }: Platform['adapter'], folder: URL) => {
  const [, called] = /\/adapters\/([^/]+)\/$/.exec(folder.pathname) ?? []
  if (called === undefined) return
  it('has the name of its folder, and a page of that name', () => {
    expect(id, 'the id in index.ts is the name of the folder').toBe(called)
    const page = readFileSync(new URL('README.md', folder), 'utf8')
    expect(page.split('\n')[0], 'the first line of README.md').toBe(`# ${name}`)
  })
}

const testShape = ({ adapter }: Platform, folder: URL, { settings }: SuiteOptions) =>
  describe(`${adapter.id}: shape`, () => {
    testNames(adapter, folder)
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
  testShape(platform, folder, options)
  testCases(platform, folder, options)
  testHostile(platform, options)
  testSandbox(platform, options)
  testSweep(platform, options)
  if (platform.adapter.notices) testNotices(platform.adapter, new URL('notices/', folder), options)
}
