/** Files of one test, gone when it is finished. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { scratch } from '../scratch.ts'

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(scratch, 'rescind-ledger-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const temporaryFile = (): string => join(temporaryFolder(), 'ledger.db')
