/**
 * Shopware against the suite that every platform passes: as 6.7, where a second cancel is harmless,
 * and as 6.6, where it does harm.
 */
import { describe } from 'vitest'
import { testAdapter } from '../../src/testing/index.ts'
import { shopware } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

const folder = new URL('.', import.meta.url)
/** Each case that is about another version says so. */
const settings = {
  baseUrl: 'https://shop.example.com',
  accessKeyId: 'SWIACASE',
  secretAccessKey: 'case-secret',
  version: '6.7',
}
const orders = { open: 'open', paid: 'paid', canceled: 'canceled', missing: 'nobody' }
const statusFields = ['technicalName']

describe('6.7', () =>
  testAdapter({ adapter: shopware, createSandbox: async () => createSandbox() }, folder, {
    settings,
    orders: { ...orders, refused: ['completed', 'own-state', 'forbidden'] },
    statusFields,
  }))

describe('6.6', () =>
  testAdapter({ adapter: shopware, createSandbox: async () => createSandbox('6.6.10.4') }, folder, {
    settings,
    orders: { ...orders, refused: ['forbidden'] },
    statusFields,
  }))
