/**
 * Mercur against the suite that every platform must pass, once on each of the two versions that
 * were measured.
 */
import { describe } from 'vitest'
import { mercur } from './index.ts'
import { createSandboxV1, createSandboxV2 } from './sandbox/index.ts'
import { testAdapter } from '../../src/testing/index.ts'

const folder = new URL('.', import.meta.url)
/** Each case says by whom and on which version it is played. */
const settings = {
  baseUrl: 'https://mercur.example',
  version: '2',
  admin: { secretKey: 'sk_case' },
}

/** Only an admin lists. */
const sweepSettings = { vendor: null }

describe('1.5.3', () =>
  testAdapter({ adapter: mercur, createSandbox: async () => createSandboxV1() }, folder, {
    settings,
    sweepSettings,
    orders: {
      open: 'order_open',
      paid: 'order_paid',
      canceled: 'order_canceled',
      refused: ['order_fulfilled', 'order_open-change', 'order_shared-b'],
      missing: 'order_nowhere',
    },
  }))

describe('2.1.5', () =>
  testAdapter({ adapter: mercur, createSandbox: async () => createSandboxV2() }, folder, {
    settings,
    sweepSettings,
    orders: {
      open: 'order_open',
      paid: 'order_paid',
      canceled: 'order_canceled',
      missing: 'order_nowhere',
      refused: [
        'order_fulfilled',
        'order_open-change',
        'order_transfer',
        'order_shared-a',
        'order_shared-b',
        'order_shared-authorized-a',
      ],
    },
  }))
