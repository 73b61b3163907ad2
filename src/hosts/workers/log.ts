/** What Workers write into their log: one line of JSON each. */
import { ConfigError } from '../../config/configuration.ts'
import { JsonError } from '../../input/json.ts'

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent']

/** JSON lines, with fields from an allow-list. */
export const logger =
  ({ LOG_LEVEL = 'info' }: { readonly LOG_LEVEL?: string }) =>
  (level: 'info' | 'warn' | 'error', msg: string, fields: object): void => {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(LOG_LEVEL))
      // oxlint-disable-next-line no-console
      console.log(JSON.stringify({ level, time: new Date().toISOString(), ...fields, msg }))
  }

/**
 * Where it went wrong, without a word that a platform or a caller may have written; mistakes in the
 * configuration in full: they repeat no value.
 */
export const faultOf = (error: unknown) =>
  error instanceof ConfigError || error instanceof JsonError
    ? { fault: error.name, says: error.message.split('\n') }
    : {
        fault: (error as Error)?.name ?? 'unknown',
        at: (error as Error)?.stack
          ?.split('\n')
          .slice(1, 4)
          .map((part) => part.trim()),
      }

export type Log = ReturnType<typeof logger>
