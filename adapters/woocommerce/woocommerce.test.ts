/** WooCommerce against the suite that every platform passes. */
import { testAdapter } from '../../src/testing/index.ts'
import platform from './index.ts'

testAdapter(platform, new URL('.', import.meta.url))
