/** Every vector that there is, with the adapter it is for and the settings of that one's suite. */
import { existsSync, readdirSync } from 'node:fs'
import * as adapters from '../../adapters/index.ts'
import type { AnyAdapter } from '../../src/adapter/platform.ts'
import { readFile } from '../../src/testing/cases.ts'
import { NoticeFile } from '../../src/testing/notices.ts'
import { readSuite } from '../../src/testing/options.ts'

export interface Vectors {
  readonly adapter: AnyAdapter
  readonly settings: Readonly<Record<string, unknown>>
  readonly file: NoticeFile
}

/** What those are played with whose suite runs twice. */
const TWICE: Readonly<Record<string, Vectors['settings']>> = {
  mercur: { baseUrl: 'https://mercur.example', admin: { secretKey: 'sk_case' } },
  shopware: {
    baseUrl: 'https://shop.example',
    accessKeyId: 'SWIACASE',
    secretAccessKey: 'case-secret-access-key',
  },
}

const readFolder = (folder: URL, adapter: AnyAdapter, settings: Vectors['settings']): Vectors[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ adapter, settings, file: readFile(NoticeFile, new URL(name, folder)) }))

export const vectors: readonly Vectors[] = Object.values(adapters).flatMap(({ adapter }) => {
  const folder = new URL(`../../adapters/${adapter.id}/`, import.meta.url)
  const hasSuite = existsSync(new URL('suite.json', folder))
  const settings = hasSuite ? readSuite(folder).settings : (TWICE[adapter.id] ?? {})
  return readFolder(new URL('notices/', folder), adapter, settings)
})
