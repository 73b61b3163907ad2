/** The list of platforms: the one line that a new platform adds. */
import type { AnyAdapter } from '../src/adapter/store.ts'
import type { CreateSandbox } from '../src/adapter/sandbox.ts'
import { medusa } from './medusa/index.ts'
import { createSandbox as medusaSandbox } from './medusa/sandbox.ts'

export interface Platform { readonly adapter: AnyAdapter, readonly createSandbox: CreateSandbox }

export const platforms: readonly Platform[] = [
  { adapter: medusa, createSandbox: medusaSandbox },
]
