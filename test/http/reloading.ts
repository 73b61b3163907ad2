/** The program with a configuration that is changed while it runs. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type CallerOptions, type Client, clientOf, configOf } from './host.ts'
import { serve } from './node.ts'
import { openPlatform, type Platform } from './platform.ts'
import { openProgram, type Program } from './program.ts'

export const APPLIED = 'the configuration was changed'
export const REFUSED = 'the configuration was changed and is refused: what ran before runs on'

export const ERP: CallerOptions = {
  name: 'erp',
  key: 'rsk_erp',
  scopes: ['read', 'cancel', 'operate'],
  stores: ['*'],
}

/** A shop with a URL, which notes with what credentials it is asked. */
export interface Shop {
  readonly url: string
  readonly platform: Platform
  readonly credentials: readonly (string | null)[]
}

export const openShop = async (): Promise<Shop> => {
  const platform = openPlatform()
  const credentials: (string | null)[] = []
  const { url, close } = await serve({
    fetch(request) {
      credentials.push(request.headers.get('authorization'))
      return platform.fetch(request)
    },
  })
  onTestFinished(close)
  return { url, platform, credentials }
}

/** A configuration with one store, `paris`; null: without it. */
export const configured = async (
  url: string | null,
  callers: readonly CallerOptions[] = [ERP],
  timing: Readonly<Record<string, number>> = {},
) => configOf({ callers, stores: url === null ? [] : ['paris'], timing }, () => url ?? '')

export interface Reloading {
  readonly program: Program
  readonly file: string
  readonly as: (key?: string) => Client
  /** Writes another configuration, and tells nobody. */
  readonly write: (config: object | string) => void
  /** Writes another one and has it read at once; resolves when it is taken or refused. */
  readonly change: (config: object | string) => Promise<void>
  readonly said: (message: string) => readonly Record<string, unknown>[]
}

export const openReloading = async (
  config: object,
  env: Readonly<Record<string, string>> = {},
): Promise<Reloading> => {
  const program = await openProgram(config, undefined, { env })
  onTestFinished(program.close)
  const file = env['RESCIND_CONFIG'] ?? join(program.folder, 'config.json')
  const said = (message: string) => program.lines().filter(({ msg }) => msg === message)
  // Each changes something, or is refused; what only looked again says that it is the same.
  const reloads = () => [APPLIED, REFUSED].flatMap(said).length
  const write = (next: object | string) =>
    writeFileSync(file, typeof next === 'string' ? next : JSON.stringify(next))
  return {
    program,
    file,
    as: (key = ERP.key) => clientOf(program, key),
    write,
    async change(next) {
      const before = reloads()
      write(next)
      program.signal('SIGHUP')
      await expect.poll(reloads, { timeout: 10_000 }).toBeGreaterThan(before)
    },
    said,
  }
}
