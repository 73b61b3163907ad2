/**
 * The configuration as files: which one the environment names, read and checked whole, and whether
 * what stands there is still what was read.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, type Stats, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { readPeople } from '../../config/alerts.ts'
import { ConfigError, type Configuration, readConfig } from '../../config/configuration.ts'
import type { Outside } from '../../config/environment.ts'
import { JsonError, parseJson } from '../../input/json.ts'
import { platforms } from '../platforms.ts'
import type { Platform } from '../../adapter/platform.ts'

export const DEFAULT_CONFIG = 'rescind.config.json'
/** More than any secret has; a file that is larger was named by mistake. */
const MOST_SECRET_BYTES = 65_536

export type Environment = Readonly<Record<string, string | undefined>>

/** Sandbox stores alone, whatever configuration lies about; only “1” says so. */
export const isSandbox = (environment: Environment): boolean =>
  environment['RESCIND_SANDBOX'] === '1'

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown'

type FileOf = NonNullable<Outside['fileOf']>
type Found = ReturnType<FileOf>

/** Why what stands there is not read; null: it is. */
const refusalOf = (found: Stats): string | null => {
  // What has no end, or waits for a writer, must not stop the gateway.
  if (!found.isFile()) return 'is no file'
  return found.size > MOST_SECRET_BYTES ? `has more than ${MOST_SECRET_BYTES} bytes` : null
}
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(bytes)
const failed = (error: unknown): Found => ({
  why: error instanceof TypeError ? 'is not UTF-8' : `cannot be read: ${codeOf(error)}`,
})

/** What stands in a file that a configuration names. */
export const fileOf: FileOf = (name) => {
  try {
    const why = refusalOf(statSync(name))
    return why === null ? { text: textOf(readFileSync(name)) } : { why }
  } catch (error) {
    return failed(error)
  }
}

/** The same for who may not wait: a network's file system can take its time. */
const lookUp = async (name: string): Promise<Found> => {
  try {
    const why = refusalOf(await stat(name))
    return why === null ? { text: textOf(await readFile(name)) } : { why }
  } catch (error) {
    return failed(error)
  }
}

/** The configuration in these bytes. */
const read = (
  file: string,
  source: Uint8Array,
  environment: Environment,
  known: readonly Platform[],
  files: FileOf,
): Configuration => {
  try {
    return readConfig(
      parseJson(source),
      environment,
      known.map(({ adapter }) => adapter),
      { fileOf: files, readPeople },
    )
  } catch (error) {
    throw error instanceof ConfigError || error instanceof JsonError
      ? new ConfigError(`${file} is not valid:\n${error.message}`, { cause: error })
      : error
  }
}

/** What tells whether something is still the same, without being kept. */
const digestOf = (contents: readonly (string | Uint8Array)[]): string => {
  const all = createHash('sha256')
  for (const one of contents) all.update(createHash('sha256').update(one).digest())
  return all.digest('hex')
}
const keyOf = (found: Found): string => ('text' in found ? found.text : `\0${found.why}`)

/** A pipe is read once, and then is what it was. */
const PIPE = '\0pipe'
const bytesOf = async (file: string): Promise<string | Uint8Array> => {
  try {
    return (await stat(file)).isFile() ? await readFile(file) : PIPE
  } catch (error) {
    return `\0${codeOf(error)}`
  }
}

export interface ConfigSource {
  /** As the environment calls it. */
  readonly file: string
  /**
   * The configuration as it stands there now; null: none, so sandbox mode. Throws `ConfigError` for
   * what is wrong in it.
   */
  load(): Configuration | null
  /** Whether there still stands what was loaded last; if not, what by its digest. */
  look(): Promise<{ readonly isLoaded: boolean; readonly digest: string }>
}

/** The configuration that the environment names. */
export const openSource = (
  environment: Environment,
  known: readonly Platform[] = platforms,
): ConfigSource => {
  const named = environment['RESCIND_CONFIG']
  const file = named ?? DEFAULT_CONFIG
  /** The files that the last one took values from, and what all of it was. */
  let files: readonly string[] = []
  let loaded = ''
  const load = (): Configuration | null => {
    if (isSandbox(environment)) return null
    const seen = new Map<string, string>()
    let source: string | Uint8Array = PIPE
    try {
      if (named === undefined && !existsSync(file)) {
        source = `\0ENOENT`
        return null
      }
      const bytes = readFileSync(file)
      if (statSync(file).isFile()) source = bytes
      return read(file, bytes, environment, known, (name) => {
        const found = fileOf(name)
        seen.set(name, keyOf(found))
        return found
      })
    } catch (cause) {
      const { syscall } = cause as NodeJS.ErrnoException
      if (syscall === undefined) throw cause
      source = `\0${codeOf(cause)}`
      throw new ConfigError(`${file} cannot be read: ${codeOf(cause)}`, { cause })
    } finally {
      files = [...seen.keys()]
      loaded = digestOf([source, ...seen.values()])
    }
  }
  return {
    file,
    load,
    async look() {
      const found = await Promise.all(files.map(async (name) => keyOf(await lookUp(name))))
      const digest = digestOf([await bytesOf(file), ...found])
      return { isLoaded: digest === loaded, digest }
    },
  }
}

/** The configuration named by the environment, once; null: none, so sandbox mode. */
export const loadConfig = (
  environment: Environment,
  known: readonly Platform[] = platforms,
): Configuration | null => openSource(environment, known).load()
