/** The platforms that are listed, as the roots use them. */
import * as listed from '../../adapters/index.ts'
import type { Platform } from '../adapter/platform.ts'

export const platforms: readonly Platform[] = Object.values(listed)
