/** The configuration as a file: which one the environment names, read and checked whole. */
import { existsSync, readFileSync } from 'node:fs'
import { readPeople } from '../../config/alerts.ts'
import { ConfigError, type Configuration, readConfig } from '../../config/configuration.ts'
import { JsonError, parseJson } from '../../input/json.ts'
import { platforms } from '../platforms.ts'
import type { Platform } from '../../adapter/platform.ts'

export const DEFAULT_CONFIG = 'rescind.config.json'

export type Environment = Readonly<Record<string, string | undefined>>

/** Sandbox stores alone, whatever configuration lies about; only “1” says so. */
export const isSandbox = (environment: Environment): boolean =>
  environment['RESCIND_SANDBOX'] === '1'

/**
 * The configuration named by the environment; null: none, so sandbox mode. Throws `ConfigError` for
 * what is wrong in it.
 */
export const loadConfig = (
  environment: Environment,
  known: readonly Platform[] = platforms,
): Configuration | null => {
  if (isSandbox(environment)) return null
  const named = environment['RESCIND_CONFIG']
  const file = named ?? DEFAULT_CONFIG
  if (named === undefined && !existsSync(file)) return null
  let source: Uint8Array
  try {
    source = readFileSync(file)
  } catch (cause) {
    throw new ConfigError(`${file} cannot be read: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    })
  }
  try {
    return readConfig(
      parseJson(source),
      environment,
      known.map(({ adapter }) => adapter),
      readPeople,
    )
  } catch (error) {
    throw error instanceof ConfigError || error instanceof JsonError
      ? new ConfigError(`${file} is not valid:\n${error.message}`, { cause: error })
      : error
  }
}
